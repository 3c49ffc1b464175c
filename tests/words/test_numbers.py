"""Numbers in writing."""

from __future__ import annotations

from functools import partial
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.words.numbers import count, fixed, latex, percent, power, size, spread
from tests.written import number

DIGITS = {1: 0.51, 2: 0.051, 3: 0.0051, 5: 0.000051}


@pytest.mark.parametrize("digits", DIGITS)
@given(st.floats(-1e300, 1e300))
def test_a_size_is_read_as_itself(digits: int, value: float) -> None:
    assert number(size(value, digits)) == pytest.approx(value, rel=DIGITS[digits], abs=5e-322)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((12.345, "12.3"), (-0.02, "−0.02"), (0.5, "0.5"), (1450, "1,450"), (12345, "12,345"), (99.96, "100")),
        *((3.811e11, "3.81·10¹¹"), (1e-10, "10⁻¹⁰"), (-1e-9, "−10⁻⁹"), (-3e-9, "−3·10⁻⁹"), (99960, "10⁵")),
        *((0, "0"), (-0.0, "0"), (nan, "NaN"), (inf, "∞"), (-inf, "−∞"), (5e-324, "4.94·10⁻³²⁴")),
    ],
)
def test_a_size_is_written_as_a_book_does(value: float, text: str) -> None:
    assert size(value) == text


@given(st.floats(-1e15, 1e15), st.integers(0, 4))
def test_a_fixed_number_has_its_decimals_and_nothing_is_minus_zero(value: float, decimals: int) -> None:
    text = fixed(value, decimals)
    assert number(text) == pytest.approx(value, abs=0.5001 * 10.0**-decimals, rel=1e-12)
    assert len(text.partition(".")[2]) == decimals
    assert text.startswith("−") == (number(text) < 0)


@given(st.floats(0, 1), st.integers(0, 2))
def test_a_share_is_nothing_or_all_only_where_it_is_exactly_that(share: float, decimals: int) -> None:
    text = percent(share, decimals)
    assert (float(text.strip("<>%")) == 0) == (share == 0)
    assert (float(text.strip("<>%")) == 100) == (share == 1)
    bound, least = float(text.strip("<>%")), 10.0**-decimals
    if text[0] in "<>":
        assert 100 * share < bound if text[0] == "<" else 100 * share > bound
    assert abs(100 * share - bound) <= (least if text[0] in "<>" else least / 2) * 1.000001


def test_shares_read_so() -> None:
    assert [percent(share) for share in (0, 0.003, 0.5, 0.995, 0.997, 1)] == [
        "0%",
        "<1%",
        "50%",
        ">99%",
        ">99%",
        "100%",
    ]
    assert [percent(share, 1) for share in (0.0003, 0.997, 0.9997)] == ["<0.1%", "99.7%", ">99.9%"]


@pytest.mark.parametrize(("exponent", "text"), [(0, "1"), (-30, "10⁻³⁰"), (5, "10⁵")])
def test_a_power_of_ten(exponent: int, text: str) -> None:
    assert power(exponent) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [("−3.2·10⁻⁹", r"-3.2\cdot 10^{-9}"), ("10¹²", "10^{12}"), ("1,450", "1{,}450"), ("∞", r"\infty"), ("0.5", "0.5")],
)
def test_the_same_number_in_latex(text: str, written: str) -> None:
    assert latex(text) == written


@given(st.integers(0, 10**15))
def test_a_count_is_written_by_threes(value: int) -> None:
    assert count(value) == f"{value:,}"


def test_measurements_are_written_as_their_mean_and_their_ends_where_those_are_written_otherwise() -> None:
    assert spread((0.25, 0.75, 0.5), partial(fixed, decimals=1)) == "0.5 (0.3–0.8)"
    assert spread((0.95, 0.98, 0.98), percent) == "97% (95–98)"
    assert spread((0.951, 0.954), percent) == "95%"
    assert spread((0.5,), percent) == "50%"
