"""The one scale of gradient norms, and what the lab computes from matrices: against closed forms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnviz.charts.kit import palette, scale
from rnnviz.charts.lab.matrix_places import DISTANCES
from rnnviz.core.gradients.lab import Recipe, every_sum, run_recipe, sample
from rnnviz.core.gradients.paths import arrivals, decay, kept
from rnnviz.core.gradients.truncation import truncations
from rnnviz.core.trace import Array
from rnnviz.facts.lab import of_matrix
from tests.charts.png import colours, pixels

THEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
NORMS = st.floats(min_value=1e-300, max_value=1e300)


def test_four_colours_a_decade_from_end_to_end() -> None:
    found = scale.index(10.0 ** np.arange(scale.LOW, scale.HIGH + 1))
    assert found.tolist() == list(range(0, scale.STEPS, 4))


@given(NORMS, NORMS, st.lists(NORMS, max_size=4), st.booleans())
def test_a_larger_norm_never_has_a_lower_place(one: float, other: float, more: list[float], fixed: bool) -> None:
    span = scale.span(np.array([one, other, *more]), fixed=fixed)
    low, high = scale.index(np.array(sorted((one, other))), span=span)
    assert low <= high < scale.STEPS


@given(st.lists(NORMS, min_size=1, max_size=6), st.lists(NORMS, max_size=6), st.sampled_from([1, 5]))
@example([1.0], [1.7e-119], 5)  # drawn out to the lowest end, though nothing lies beyond it
def test_a_fitted_span_holds_all_that_is_compared_and_hardly_more(
    some: list[float], others: list[float], whole: int
) -> None:
    """Down to the lowest at which it may end, which it then says."""
    found = scale.span(np.array(some), np.array([others, others]), np.array([0.0, np.inf, np.nan]), whole=whole)
    logs = np.log10([*some, *others])
    assert found.high >= min(logs.max(), 300)
    assert found.low <= max(logs.min(), scale.LOWEST)
    assert found.high - found.low >= scale.LEAST
    if logs.min() > scale.LOWEST:
        assert found.high - found.low <= max(np.ptp(logs) + 2 * whole, scale.LEAST + whole)
    else:
        assert found.low == scale.LOWEST
    assert ("≤" in str(found.row(fitted=True)["flowFrom"])) == (found.low == scale.LOWEST)


@given(st.integers(-60, 0), st.integers(4, 60), st.integers(-60, 0), st.integers(4, 60))
def test_the_span_of_two_holds_both_and_nothing_more(low: int, wide: int, other_low: int, other_wide: int) -> None:
    one, other = scale.Span(low, low + wide), scale.Span(other_low, other_low + other_wide)
    both = one.with_(other)
    assert {both.low, both.high} <= {one.low, one.high, other.low, other.high}
    assert all(both.low <= part.low < part.high <= both.high for part in (one, other))


@given(st.integers(-100, 0), st.integers(4, 60))
def test_the_limit_of_float32_stands_where_float32_rounds_to_zero(low: int, wide: int) -> None:
    span = scale.Span(low, low + wide)
    log = low + wide * float(span.row(fitted=True)["flowLimit"])
    assert np.float32(10.0 ** (log - 0.35)) == 0 or log < -300
    assert np.float32(10.0 ** (log + 0.05)) > 0


def test_two_networks_that_the_fixed_span_shows_alike_differ_on_the_fitted_one() -> None:
    """Three decades apart: 1e-14 and 1e-11."""
    norms = np.array([1e-14, 1e-11, 1.0])
    apart = {
        fixed: np.diff(scale.index(norms, span=scale.span(norms, fixed=fixed)).astype(int))[0]
        for fixed in (True, False)
    }
    assert apart[False] > 2 * apart[True]


@THEMES
def test_what_is_no_size_has_a_colour_that_the_scale_does_not_hold(dark: bool) -> None:
    colours = scale.colours(dark)
    special = scale.index(np.array([0.0, np.inf, np.nan]))
    assert len({colours[n] for n in special}) == 3
    assert not {colours[n] for n in special} & set(colours[: scale.STEPS])
    no_path = scale.index(np.ones((1, 1)), np.zeros((1, 1), bool))[0, 0]
    assert colours[no_path].endswith("00"), "transparent"
    for n in special:
        channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in [colours[n], *colours[: scale.STEPS]]])
        assert np.abs(channels[1:] - channels[0]).max(1).min() > 40


def test_the_scale_grows_steadily_lighter_and_a_size_has_one_colour_on_light_and_on_dark() -> None:
    def luminance(colour: str) -> float:
        c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        return float(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722])

    ramp = palette.flow(scale.STEPS)
    assert (np.diff([luminance(colour) for colour in ramp]) > -1e-4).all()
    assert scale.colours(False)[: scale.STEPS] == scale.colours(True)[: scale.STEPS] == ramp


@THEMES
def test_a_picture_has_one_pixel_of_the_scales_colour_per_norm(dark: bool) -> None:
    norms = np.array([[1e-30, 0.0, np.inf], [1.0, 1e10, np.nan]])
    lower = np.array([[True, True, True], [True, True, False]])
    url = scale.picture(norms, lower, dark=dark)
    written = colours(url)
    ramp = palette.flow(scale.STEPS)
    assert written[0] == [ramp[0], palette.ZERO[dark], palette.INFINITE[dark]]
    assert written[1][:2] == [ramp[-40 - 1], ramp[-1]]
    assert pixels(url)[..., 3].tolist() == [[255, 255, 255], [255, 255, 0]]


@given(st.lists(NORMS, min_size=1, max_size=9))
def test_what_is_written_gives_three_digits_of_the_norm(norms: list[float]) -> None:
    logs = [float(log) for log in scale.written(np.array(norms)).split(",")]
    np.testing.assert_allclose(logs, np.log10(norms), atol=0.0000501)


def test_letters_stand_for_what_has_no_logarithm() -> None:
    lower = np.array([True, True, True, False, True])
    assert scale.written(np.array([0, np.inf, np.nan, 1, 1]), lower) == "z,i,n,p,0.0000"


def geometric(steps: int, factor: float) -> Array:
    distance = np.subtract.outer(np.arange(steps), np.arange(steps))
    return np.where(distance >= 0, 3 * factor ** np.maximum(distance, 0.0), 0)


@given(st.floats(0.05, 3.0), st.integers(2, 40))
def test_the_decay_of_a_geometric_matrix_is_its_factor(factor: float, steps: int) -> None:
    assert decay(geometric(steps, factor)) == pytest.approx(np.log10(factor), abs=1e-9)


def test_a_network_that_grows_and_one_that_shrinks_are_told_apart_and_zeros_counted() -> None:
    shrinks = geometric(5, 0.5)
    shrinks[4, 0] = 0
    matrices = {"a": shrinks, "b": geometric(5, 2.0)}
    matrices["b"][4, 1] = np.inf
    facts = {(fact.kind, fact.values["network"]): fact.values for fact in of_matrix(matrices, {"a": "A", "b": "B"})}
    assert set(facts) == {("lab_shrinks", "A"), ("lab_grows", "B"), ("lab_zero", "A"), ("lab_lost", "B")}
    assert facts["lab_shrinks", "A"]["factor"] == pytest.approx(0.5)
    assert facts["lab_zero", "A"]["count"] == facts["lab_lost", "B"]["count"] == 1
    assert facts["lab_zero", "A"]["cells"] == 15


@given(st.floats(0.05, 1.0), st.integers(2, 60))
def test_what_arrives_is_shared_out_by_distance(factor: float, steps: int) -> None:
    """At the first step a geometric matrix gives each distance d the weight factor**d."""
    shares = arrivals(geometric(steps, factor), DISTANCES)
    np.testing.assert_allclose(shares.sum(1), 1)
    weights = factor ** np.arange(steps)
    bins = [*DISTANCES, steps]
    expected = [weights[low : max(low, high)].sum() for low, high in pairwise(bins)]
    np.testing.assert_allclose(shares[0], np.array(expected) / weights.sum(), atol=1e-12)


def test_nothing_arrives_where_every_gradient_is_zero_and_infinity_breaks_nothing() -> None:
    assert not arrivals(np.zeros((4, 4)), DISTANCES).any()
    assert np.isfinite(arrivals(np.where(np.tri(4) > 0, np.inf, 0), DISTANCES)).all()


@pytest.mark.parametrize("overlapping", [False, True])
@pytest.mark.parametrize("window", [1, 2, 5, 7, 9])
def test_the_windows_that_are_drawn_are_those_that_training_keeps(window: int, overlapping: bool) -> None:
    trace = run_recipe(Recipe("rnn", hidden_size=3, input_size=2), sample(7, 2, 0))
    (cut,) = truncations(trace, every_sum, [window], overlapping=overlapping)
    np.testing.assert_array_equal(kept(7, window, overlapping=overlapping), cut.kept)
