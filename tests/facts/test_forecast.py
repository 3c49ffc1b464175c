"""What is said of forecasts, counted again from the plain arrays, over walks of all kinds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.forecast import Walk, linear, linear_forecast, naive, origins
from rnnviz.core.trace import Array
from rnnviz.facts.forecast import below, growth, outcomes
from rnnviz.facts.questions.forecast import (
    SHAPES,
    copies,
    farthest_ahead,
    leaks,
    leaves_range,
    nearest,
    too_short,
    untrained,
)
from rnnviz.tasks.series.catalogue import series_of, split_of

SIZES = (0.0, 0.05, 0.3, 1.0, 4.0)  # of a network's error, deviations of the series


def walk(seed: int, size: float = 1.0, shift: float = 0.0, horizon: int = 6, period: int = 12) -> Walk:
    """A season with noise, and a network that is off by `size` times a normal number and `shift`."""
    rng = np.random.default_rng(seed)
    t = np.arange(160)
    values = 3 + np.sin(2 * np.pi * t / 12) + 0.3 * rng.normal(size=len(t)).cumsum() * rng.random()
    places = origins(len(values), 120, horizon, 30)
    plain = naive(values, places, horizon, 12, period)
    best = linear_forecast(values, places, linear(values, 120, 12, horizon))
    truth = Walk(values, 120, 12, period, places, plain).truth
    network = truth + size * rng.normal(size=truth.shape) + shift
    return Walk(values, 120, 12, period, places, {"network": network, **plain, "linear": best})


walks = st.builds(
    walk,
    st.integers(0, 999),
    st.sampled_from(SIZES),
    st.sampled_from((0.0, 0.5, -2.0)),
    period=st.sampled_from((1, 12)),
)


def off(shown: Walk, name: str, ahead: int) -> float:
    """The mean absolute error, counted by hand."""
    errors = [
        abs(shown.forecasts[name][n, k] - shown.values[origin + k])
        for n, origin in enumerate(shown.origins)
        for k in range(ahead)
    ]
    return float(np.mean(errors))


@given(walks, st.integers(1, 6))
def test_what_is_said_of_a_network_beside_free_forecasts_is_counted_again(shown: Walk, ahead: int) -> None:
    notices = {one.kind: one.values for one in outcomes(shown, "network", ahead, "°C")}
    (first,) = [kind for kind in notices if kind in ("forecast_better", "forecast_alike", "forecast_worse")]
    error, last = off(shown, "network", ahead), off(shown, "last", ahead)
    said = notices[first]
    assert (said["error"], said["other"]) == (pytest.approx(error), pytest.approx(last))
    assert said["skill"] == pytest.approx(1 - error / last)
    assert said["count"] == len(shown.origins)
    if first == "forecast_better":
        assert error <= 0.9 * last + 1e-9
    elif first == "forecast_worse":
        assert error >= 1.1 * last - 1e-9
    else:
        assert 0.9 * last - 1e-9 <= error <= 1.1 * last + 1e-9
    assert any(kind.startswith("forecast_season") for kind in notices) == ("season" in shown.forecasts)
    for name in ("season", "linear"):
        for kind, values in notices.items():
            if not kind.startswith(f"forecast_{name}"):
                continue
            other = off(shown, name, ahead)
            assert (values["error"], values["other"]) == (pytest.approx(error), pytest.approx(other))
            claims = {"less": other > error, "more": other < error, "alike": abs(error / other - 1) < 0.0500001}
            assert claims[kind.rpartition("_")[2]]


@given(walks)
def test_how_an_error_grows_is_that_of_its_first_and_last_step(shown: Walk) -> None:
    (said,) = growth(shown, {"network": "it"}, "")
    errors = np.abs(shown.forecasts["network"] - shown.truth)
    assert said.values["first"] == pytest.approx(errors[:, 0].mean())
    assert said.values["last"] == pytest.approx(errors[:, -1].mean())
    assert said.values["ahead"] == shown.horizon


@given(walks, st.integers(1, 6))
def test_the_nearest_forecast_is_found_again(shown: Walk, ahead: int) -> None:
    question = nearest(shown, ahead, "")
    errors = {name: off(shown, name, ahead) for name in question.options}
    assert errors[question.answer] == min(errors.values())
    for name, (reason, values) in question.reasons.items():
        assert reason == ("best" if name == question.answer else "more")
        assert values["error"] == pytest.approx(errors[name])
        assert values["best"] == pytest.approx(min(errors.values()))


def test_which_forecast_is_nearest_is_not_always_the_same() -> None:
    asked = [nearest(walk(seed, size), 6, "") for seed in range(60) for size in SIZES]
    assert {question.answer for question in asked} == {"network", "last", "season"}
    line = np.arange(160.0)
    places = origins(160, 120, 6, 30)
    rising = {"network": np.zeros((len(places), 6)), **naive(line, places, 6, 12, 1)}
    assert nearest(Walk(line, 120, 12, 1, places, rising), 6, "").answer == "trend"


@given(st.lists(st.sampled_from(SIZES[1:]), min_size=3, max_size=3), st.integers(0, 99))
def test_the_shape_that_is_nearest_at_the_last_step_is_found_again(sizes: list[float], seed: int) -> None:
    shown = {shape: walk(seed + n, size) for n, (shape, size) in enumerate(zip(SHAPES, sizes, strict=True))}
    question = farthest_ahead(shown, "")
    ends = {shape: np.abs(one.error("network"))[:, -1].mean() for shape, one in shown.items()}
    assert ends[question.answer] == min(ends.values())
    for shape, (reason, values) in question.reasons.items():
        assert reason == ("best" if shape == question.answer else "more")
        assert values["last"] == pytest.approx(ends[shape])
        assert values["first"] == pytest.approx(np.abs(shown[shape].error("network"))[:, 0].mean())


def test_which_shape_is_nearest_is_not_always_the_same() -> None:
    found = set()
    for n in range(3):
        sizes = [0.1 if n == place else 2.0 for place in range(3)]
        shown = {shape: walk(place, size) for place, (shape, size) in enumerate(zip(SHAPES, sizes, strict=True))}
        found.add(farthest_ahead(shown, "").answer)
    assert found == set(SHAPES)


@given(st.integers(0, 99), st.sampled_from(SIZES))
def test_whether_a_network_only_repeats_is_its_skill_at_one_step(seed: int, size: float) -> None:
    shown = walk(seed, size)
    question = copies(shown, "")
    error, last = off(shown, "network", 1), off(shown, "last", 1)
    assert question.answer == ("knows" if 1 - error / last >= 0.1 else "repeats")
    apart = np.mean([abs(a - b) for a, b in zip(*(shown.forecasts[n][:, 0] for n in ("network", "last")), strict=True)])
    for name, (reason, values) in question.reasons.items():
        assert reason == ("right" if name == question.answer else f"not_{name}")
        assert (values["error"], values["last"]) == (pytest.approx(error), pytest.approx(last))
        assert values["apart"] == pytest.approx(apart)


def test_whether_a_network_only_repeats_is_not_always_the_same() -> None:
    assert {copies(walk(seed, size), "").answer for seed in range(9) for size in SIZES} == {"knows", "repeats"}


@given(st.lists(st.floats(0.01, 10), min_size=4, max_size=4))
def test_what_helps_a_short_window_is_what_has_the_least_error(errors: list[float]) -> None:
    named = dict(zip(("base", "units", "training", "window"), errors, strict=True))
    question = too_short(named, 4, 32, 64, 1200)
    assert named[question.answer] == min(errors[1:])
    for name, (reason, values) in question.reasons.items():
        assert reason == ("best" if name == question.answer else "other")
        assert (values["error"], values["base"]) == (named[name], named["base"])


def test_what_helps_a_short_window_is_not_always_the_same() -> None:
    cures = ("units", "training", "window")
    found = {too_short({"base": 2.0, **dict.fromkeys(cures, 1.0), one: 0.5}, 4, 32, 64, 9).answer for one in cures}
    assert found == set(cures)


@given(walks, st.integers(1, 6))
def test_the_side_of_forecasts_is_that_of_most_of_them(shown: Walk, ahead: int) -> None:
    question = leaves_range(shown, ahead, 1.0, 2.0, "")
    errors = np.array(
        [
            shown.forecasts["network"][n, k] - shown.values[origin + k]
            for n, origin in enumerate(shown.origins)
            for k in range(ahead)
        ]
    )
    share = (errors < 0).sum() / errors.size
    assert below(shown, "network", ahead) == pytest.approx(share)
    assert question.answer == ("below" if share >= 0.75 else "above" if share <= 0.25 else "follows")
    for name, (reason, values) in question.reasons.items():
        assert reason == ("right" if name == question.answer else f"is_{question.answer}")
        assert values["share"] == pytest.approx(share)
        assert values["error"] == pytest.approx(np.abs(errors).mean())
        assert values["last"] == pytest.approx(off(shown, "last", ahead))


def test_of_a_series_that_stands_still_no_skill_is_told() -> None:
    values = np.concatenate([np.sin(np.arange(120.0)), np.full(40, 2.0)])
    places = origins(160, 130, 6, 20)
    forecasts = {"network": np.full((len(places), 6), 2.5), **naive(values, places, 6, 12, 1)}
    (said,) = outcomes(Walk(values, 130, 12, 1, places, forecasts), "network", 6, "")
    assert (said.kind, said.values["error"]) == ("forecast_still", pytest.approx(0.5))


def test_on_which_side_forecasts_lie_is_not_always_the_same() -> None:
    shifts = {shift: leaves_range(walk(3, 0.3, shift), 6, 1, 2, "").answer for shift in (-2.0, 0.0, 2.0)}
    assert shifts == {-2.0: "below", 0.0: "follows", 2.0: "above"}


@given(st.integers(0, 99), st.sampled_from(SIZES[1:]), st.sampled_from(SIZES[1:]))
def test_what_a_leak_hides_is_the_error_without_it(seed: int, knowing: float, honest: float) -> None:
    one, other = walk(seed, knowing), walk(seed, honest)
    question = leaks(one, other, 4, "")
    found, without = off(one, "network", 4), off(other, "network", 4)
    answer = "larger" if without > 1.05 * found else "smaller" if without < 0.95 * found else "same"
    assert question.answer == answer
    known, largest = one.values[: one.split], one.values.max()
    for name, (reason, values) in question.reasons.items():
        assert reason == ("right" if name == answer else f"is_{answer}")
        assert (values["error"], values["without"]) == (pytest.approx(found), pytest.approx(without))
        assert values["near"] == pytest.approx((largest - one.values.mean()) / one.values.std())
        assert values["far"] == pytest.approx((largest - known.mean()) / known.std())


def test_what_a_leak_hides_is_not_always_the_same() -> None:
    sizes = {(0.3, 1.0): "larger", (1.0, 0.3): "smaller", (0.3, 0.3): "same"}
    assert {pair: leaks(walk(1, pair[0]), walk(1, pair[1]), 4, "").answer for pair in sizes} == sizes


def test_that_the_future_is_further_by_what_was_known_holds_for_the_series_it_is_said_of() -> None:
    series = series_of("co2")
    known, largest = series.values[: split_of(series)], series.values.max()
    assert (largest - known.mean()) / known.std() > (largest - series.values.mean()) / series.values.std() + 0.5


@given(st.integers(0, 99), st.sampled_from(SIZES[1:]), st.sampled_from(SIZES[1:]))
def test_which_of_two_trainings_is_nearer_is_found_again_at_both_ends(seed: int, one: float, other: float) -> None:
    step, direct = walk(seed, one), walk(seed + 1, other)
    question = untrained(step, direct, "")
    ends: list[Array] = [np.abs(shown.error("network")).mean(0)[[0, -1]] for shown in (step, direct)]
    first, last = ends[0] <= ends[1]
    answer = {(True, True): "always", (True, False): "first", (False, True): "later", (False, False): "never"}
    assert question.answer == answer[bool(first), bool(last)]
    for name, (reason, values) in question.reasons.items():
        assert reason == ("right" if name == question.answer else "wrong")
        told = [values[f"{of}_{place}"] for of in ("step", "direct") for place in ("first", "last")]
        assert told == pytest.approx(np.concatenate(ends).tolist())


def test_which_of_two_trainings_is_nearer_is_not_always_the_same() -> None:
    found = {untrained(walk(seed, 1.0), walk(seed + 1, 1.0), "").answer for seed in range(40)}
    assert found == {"always", "first", "later", "never"}


def test_six_values_in_a_row_decide_how_three_sines_go_on_and_four_do_not() -> None:
    series = series_of("sines")
    split = split_of(series)
    places = origins(len(series.values), split, 12, 60)
    errors = {}
    for window in (4, 6, 32):
        best = linear_forecast(series.values, places, linear(series.values, split, window, 12))
        errors[window] = Walk(series.values, split, window, 1, places, {"linear": best}).mae("linear", 12)
    assert errors[6] < 1e-6
    assert errors[32] < 1e-6
    assert errors[4] > 0.1
