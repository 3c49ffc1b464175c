"""Scores of forecasts against plain loops; naive forecasts and the linear one where they are exact."""

from __future__ import annotations

from itertools import pairwise
from math import inf, isnan, nan

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rnnviz.core.forecast import (
    Array,
    Walk,
    last,
    linear,
    linear_forecast,
    naive,
    origins,
    season,
    trend,
    windows,
)

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
seeds = st.integers(0, 2**32 - 1)


def walk_of(seed: int, *, holes: float = 0.3) -> Walk:
    """Random forecasts with holes, from origins of which some have less than a horizon of truth after them."""
    rng = np.random.default_rng(seed)
    N, H, window = int(rng.integers(20, 50)), int(rng.integers(1, 8)), int(rng.integers(2, 6))
    values = rng.normal(3, 10, N)
    starts = np.unique(rng.integers(window, N + 1, 9))
    forecasts = {name: rng.normal(3, 10, (len(starts), H)) for name in ("network", "last")}
    for forecast in forecasts.values():
        forecast[rng.random(forecast.shape) < holes] = nan
    return Walk(values, 12, window, 1, starts, forecasts)


def errors(walk: Walk, name: str, steps: range) -> dict[tuple[int, int], float]:
    """By origin and step (from 0), forecast minus truth where both are numbers: the plain loop."""
    found = {}
    for i, origin in enumerate(walk.origins.tolist()):
        for step in steps:
            if origin + step < len(walk.values) and not isnan(forecast := float(walk.forecasts[name][i, step])):
                found[i, step] = forecast - float(walk.values[origin + step])
    return found


def mean(found: list[float]) -> float:
    return sum(found) / len(found) if found else nan


@given(seeds, st.sampled_from([0.0, 0.3, 0.95]))
def test_scores_are_what_plain_loops_give(seed: int, holes: float) -> None:
    walk = walk_of(seed, holes=holes)
    for ahead in range(1, walk.horizon + 1):
        own, other = (errors(walk, name, range(ahead)) for name in ("network", "last"))
        mae = mean([abs(e) for e in own.values()])
        assert walk.mae("network", ahead) == pytest.approx(mae, nan_ok=True)
        both = own.keys() & other.keys()
        expected = 1 - mean([abs(own[p]) for p in both]) / mean([abs(other[p]) for p in both])
        assert walk.skill("network", ahead) == pytest.approx(expected, nan_ok=True)
        if own.keys() == other.keys():
            plain = 1 - walk.mae("network", ahead) / walk.mae("last", ahead)
            assert walk.skill("network", ahead) == pytest.approx(plain, nan_ok=True)
    by_step = [mean([abs(e) for e in errors(walk, "network", range(h, h + 1)).values()]) for h in range(walk.horizon)]
    assert walk.by_step("network").tolist() == pytest.approx(by_step, nan_ok=True)
    told = errors(walk, "network", range(walk.horizon))
    for place, error in np.ndenumerate(walk.error("network")):
        assert error == told.get(place) if place in told else isnan(error)


@given(seeds)
def test_what_forecasts_as_the_last_value_does_has_no_skill_and_what_is_right_has_all(seed: int) -> None:
    walk = walk_of(seed, holes=0)
    assume(len(walk.values) > walk.origins[0])
    exact = Walk(walk.values, 12, walk.window, 1, walk.origins, {**walk.forecasts, "oracle": walk.truth})
    for ahead in range(1, walk.horizon + 1):
        assert exact.skill("last", ahead) == 0
        assert exact.skill("oracle", ahead) == 1
        assert exact.mae("oracle", ahead) == 0
        assert isnan(exact.skill("last", ahead, against="oracle"))


def test_one_step_is_held_against_one_step_alone() -> None:
    values, starts = np.arange(10.0), np.array([5])
    alone = np.array([[4.5, nan, nan]])
    walk = Walk(values, 5, 2, 1, starts, {"network": alone, "last": last(values, starts, 3)})
    assert walk.skill("network", 3) == walk.skill("network", 1) == 0.5  # of errors 1, 2, 3 the first counts


@pytest.mark.filterwarnings("error")
def test_a_forecast_that_runs_away_is_infinitely_wrong_and_warns_of_nothing() -> None:
    values, starts = np.arange(10.0), np.array([5, 6])
    away = np.array([[1e200, -inf], [nan, nan]])
    walk = Walk(values, 5, 2, 1, starts, {"network": away, "last": last(values, starts, 2)})
    assert walk.mae("network", 1) == pytest.approx(1e200)
    assert walk.mae("network", 2) == inf
    assert walk.skill("network", 2) == -inf
    both = Walk(values, 5, 2, 1, starts, {"network": away, "last": away})
    assert isnan(both.skill("network", 2))


@pytest.mark.parametrize("ahead", [0, -1, 4])
def test_scores_are_of_steps_that_are_forecast(ahead: int) -> None:
    values, starts = np.arange(10.0), np.array([5])
    walk = Walk(values, 5, 2, 1, starts, {"last": last(values, starts, 3)})
    for score in (walk.mae, walk.skill):
        with pytest.raises(ValueError, match=f"ahead is {ahead}; accepted: 1 to 3"):
            score("last", ahead)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 60), st.integers(2, 80))
def test_origins_are_spread_evenly_from_the_split_to_the_last_whole_horizon(
    length: int, split: int, horizon: int, most: int
) -> None:
    if split + horizon > length:
        with pytest.raises(ValueError, match=f"split is {split}; accepted: at most {length - horizon}"):
            origins(length, split, horizon, most)
        return
    found = origins(length, split, horizon, most).tolist()
    assert found[0] == split
    assert found[-1] == length - horizon
    assert len(found) == min(most, length - horizon - split + 1)
    gaps = {after - before for before, after in pairwise(found)}
    assert not gaps or (min(gaps) >= 1 and max(gaps) - min(gaps) <= 1)


def starts_of(values: Array, window: int, horizon: int) -> np.ndarray:
    return np.arange(window, len(values) - horizon + 1)


@given(numbers, numbers, st.integers(2, 20), st.integers(1, 15))
def test_the_trend_of_a_line_and_the_last_of_a_constant_are_exact(
    level: float, slope: float, window: int, horizon: int
) -> None:
    line = level + slope * np.arange(60)
    starts = starts_of(line, window, horizon)
    walk = Walk(line, window, window, 1, starts, {"trend": trend(line, starts, horizon, window)})
    assert np.abs(walk.error("trend")).max() <= 1e-12 * (1 + np.abs(line).max()) * (window + horizon)
    constant = np.full(60, level)
    assert (last(constant, starts, horizon) == level).all()


@given(seeds, st.integers(2, 20), st.integers(1, 15))
def test_the_trend_is_the_line_that_polyfit_gives_through_each_window(seed: int, window: int, horizon: int) -> None:
    values = np.random.default_rng(seed).normal(0, 5, 40)
    starts = starts_of(values, window, 0)  # up to the first place after the series
    for origin, forecast in zip(starts.tolist(), trend(values, starts, horizon, window), strict=True):
        line = np.polyfit(np.arange(window), values[origin - window : origin], 1)
        assert np.allclose(forecast, np.polyval(line, np.arange(window, window + horizon)))


@given(seeds, st.integers(1, 20), st.integers(1, 50))
def test_the_last_season_of_a_periodic_series_is_exact(seed: int, period: int, horizon: int) -> None:
    values = np.resize(np.random.default_rng(seed).normal(0, 5, period), 120)
    starts = starts_of(values, period, horizon)
    walk = Walk(values, period, period, period, starts, {"season": season(values, starts, horizon, period)})
    assert (walk.error("season") == 0).all()


@given(seeds, st.integers(1, 20), st.integers(1, 50))
def test_last_and_season_read_the_places_that_they_name(seed: int, period: int, horizon: int) -> None:
    values = np.random.default_rng(seed).normal(0, 5, 60)
    starts = starts_of(values, period, 0)
    for i, origin in enumerate(starts.tolist()):
        for h in range(horizon):
            place = origin + h
            while place >= origin:
                place -= period
            assert season(values, starts, horizon, period)[i, h] == values[place]
            assert last(values, starts, horizon)[i, h] == values[origin - 1]
        break  # the first origin by loops
    assert (season(values, starts, horizon, 1) == last(values, starts, horizon)).all()


@pytest.mark.parametrize(
    ("period", "names"),
    [
        (1, ["last", "trend"]),
        (12, ["last", "season", "trend"]),
        (30, ["last", "season", "trend"]),
        (31, ["last", "trend"]),
    ],
)
def test_no_season_where_there_is_none_or_none_has_passed(period: int, names: list[str]) -> None:
    values, starts = np.random.default_rng(0).normal(0, 5, 60), np.array([30, 40, 50])
    found = naive(values, starts, 6, window=8, period=period)
    assert list(found) == names
    assert (found["last"] == last(values, starts, 6)).all()
    assert (found["trend"] == trend(values, starts, 6, 8)).all()
    if "season" in found:
        assert (found["season"] == season(values, starts, 6, period)).all()


def test_a_window_is_what_came_before_and_must_be_there() -> None:
    values = np.arange(10.0)
    assert windows(values, np.array([3, 10]), 3).tolist() == [[0, 1, 2], [7, 8, 9]]
    assert windows(values, np.array([], dtype=int), 3).shape == (0, 3)
    for wrong in ([2, 5], [5, 11]):
        with pytest.raises(ValueError, match=f"origins are {wrong[0]} to {wrong[1]}; accepted: 3 to 10"):
            windows(values, np.array(wrong), 3)


@given(seeds, st.integers(1, 4), st.integers(0, 12), st.integers(1, 24), st.sampled_from([0.0, 1.0, 400.0]))
def test_the_linear_predictor_is_exact_for_sums_of_sines(
    seed: int, count: int, more: int, horizon: int, level: float
) -> None:
    """From windows of 2 k + 1 values on, far beyond what it was fitted to."""
    rng = np.random.default_rng(seed)
    frequencies = 0.25 + 0.7 * np.arange(count) + rng.uniform(0, 0.4, count)  # apart, or they cannot be told apart
    amplitudes, phases = rng.uniform(0.5, 3, (count, 1)), rng.uniform(0, 6.28, (count, 1))
    values = level + (amplitudes * np.sin(frequencies[:, None] * np.arange(400) + phases)).sum(0)
    window, split = 2 * count + 1 + more, 200
    coefficients = linear(values, split, window, horizon)
    assert coefficients.shape == (window + 1, horizon)
    starts = origins(len(values), split, horizon, 200)
    walk = Walk(values, split, window, 1, starts, {"linear": linear_forecast(values, starts, coefficients)})
    assert np.abs(walk.error("linear")).max() < 1e-8


@given(seeds, st.integers(1, 8), st.integers(1, 6))
def test_no_other_line_is_better_on_what_the_linear_predictor_was_fitted_to(
    seed: int, window: int, horizon: int
) -> None:
    """The normal equations: what it leaves is orthogonal to every value read and to the constant; and nothing from the
    split on is looked at."""
    rng = np.random.default_rng(seed)
    values = rng.normal(50, 5, 90).cumsum() / 10
    coefficients = linear(values, 60, window, horizon)
    starts = np.arange(window, 60 - horizon + 1)
    left = linear_forecast(values, starts, coefficients) - np.stack([values[o : o + horizon] for o in starts])
    read = np.column_stack([windows(values, starts, window), np.ones(len(starts))])
    assert np.abs(read.T @ left).max() < 1e-7 * np.abs(read).max() * len(starts)
    values[60:] += 1000
    assert (linear(values, 60, window, horizon) == coefficients).all()


def test_the_linear_predictor_needs_a_window_and_its_horizon_before_the_split() -> None:
    values = np.sin(np.arange(50.0))
    assert linear(values, 15, 10, 5).shape == (11, 5)
    with pytest.raises(ValueError, match="split is 14; accepted: 15 or more"):
        linear(values, 14, 10, 5)
