"""What a network is to forecast: in one line and back, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks.series.setup import HORIZONS, WINDOWS, Setup

SHAPES, SCALED, RELATIVE = ("direct", "step", "point"), ("past", "all"), ("level", "change")


@st.composite
def setups(draw: st.DrawFn, series: str = "elnino") -> Setup:
    shape = draw(st.sampled_from(SHAPES))
    window = 1 if shape == "point" else draw(st.integers(*WINDOWS))
    horizon = draw(st.integers(2 if shape == "point" else 1, HORIZONS[1]))
    return Setup(series, window, horizon, shape, draw(st.sampled_from(SCALED)), draw(st.sampled_from(RELATIVE)))


@given(setups())
def test_a_setup_reads_back_from_its_line(setup: Setup) -> None:
    assert Setup.from_text(setup.to_text()) == setup


@given(st.text(max_size=60))
def test_any_other_text_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="accepted"):
        Setup.from_text(text)


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 1},
        {"window": 65},
        {"horizon": 0},
        {"horizon": 37},
        {"shape": "point", "window": 2},
        {"shape": "point", "window": 1, "horizon": 1},
        {"shape": "other"},
        {"scaled": "none"},
        {"relative": "ratio"},
    ],
)
def test_what_is_outside_its_bounds_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="accepted"):
        Setup("elnino", **wrong)
