"""The chart of what is reached against the length of the source, drawn by Vega."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.kit import palette
from rnnviz.charts.plots import lengths
from rnnviz.charts.plots.lengths import Own, Reached
from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import SVG, texts

OF = (4, 8, 12)
TOP, BOTTOM = 0.0, float(lengths.HEIGHT)


def chart(
    shares: tuple[float, ...] = (0.25, 0.5, 1.0), right: dict[str, bool] | None = None, language: str = "en"
) -> Any:
    reached = [Reached(attention, length, shares) for attention in MECHANISMS for length in OF]
    own = Own(10, {} if right is None else right)
    guess = [(length, 0.125) for length in OF]
    return lengths.chart(reached, guess, (4, 8), own, "right", catalogue(language))


def drawn(of: Any, *, dark: bool = False) -> ET.Element:
    return ET.fromstring(vl_convert.vegalite_to_svg(of.themed(dark) | {"width": 600}))


def symbols(picture: ET.Element) -> list[tuple[str, float, float]]:
    """Of all points of the plot: colour of the fill, x and y."""
    found = []
    for group in picture.iter(f"{SVG}g"):
        if "mark-symbol" in group.get("class", "").split() and "role-mark" in group.get("class", ""):
            for path in group.iter(f"{SVG}path"):
                x, y = map(float, re.findall(r"-?[\d.]+", path.get("transform", ""))[:2])
                found.append((path.get("fill", "").lower(), x, y))
    return found


@given(shares=st.lists(st.floats(0, 1), min_size=1, max_size=3).map(tuple))
def test_a_row_has_the_mean_and_the_ends_of_its_seeds(shares: tuple[float, ...]) -> None:
    rows = chart(shares).datasets["rows"]
    assert [(row["name"], row["x"]) for row in rows] == [
        (catalogue("en")[f"attention.attention_{attention}"], length) for attention in MECHANISMS for length in OF
    ]
    for row in rows:
        assert row["mean"] == pytest.approx(sum(shares) / len(shares))
        assert (row["least"], row["most"]) == (min(shares), max(shares))


@pytest.mark.parametrize("dark", [False, True])
def test_each_point_is_as_high_as_its_share_and_has_the_colour_of_its_attention(dark: bool) -> None:
    found = symbols(drawn(chart((0.25, 0.5, 1.0)), dark=dark))
    for attention in MECHANISMS:
        own = [(x, y) for fill, x, y in found if fill == palette.ATTENTIONS[attention][dark]]
        assert len(own) == len(OF)
        assert [y for _, y in own] == pytest.approx([BOTTOM * (1 - 1.75 / 3)] * 3, abs=0.1)
        (a, b, c) = sorted(x for x, _ in own)
        assert b - a == pytest.approx(c - b, abs=0.1), "as far apart as their lengths"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_is_named(language: str) -> None:
    labels = catalogue(language)
    said = texts(drawn(chart(right={"none": False}, language=language)))
    parts = ("guess", "trained", "own", "axis_length")
    assert {labels[f"attention.bottleneck_{part}"] for part in parts} <= set(said)
    assert {labels[f"attention.attention_{attention}"] for attention in MECHANISMS} <= set(said)


def test_the_readers_own_source_is_marked_at_its_length_at_the_top_where_it_is_right_and_at_the_bottom_where_not() -> (
    None
):
    right = {"none": False, "additive": True, "multiplicative": True}
    before = symbols(drawn(chart()))
    found = [one for one in symbols(drawn(chart(right=right))) if one not in before]
    assert len(found) == len(right)
    heights = {attention: TOP if ok else BOTTOM for attention, ok in right.items()}
    for attention, height in heights.items():
        ((_, x, y),) = [one for one in found if one[0] == palette.ATTENTIONS[attention].light]
        assert y == pytest.approx(height, abs=0.1)
        scale = sorted({round(x, 2) for _, x, _ in before})
        here = scale[0] + (10 - OF[0]) / (OF[-1] - OF[0]) * (scale[-1] - scale[0])
        assert x - lengths.BESIDE[attention] == pytest.approx(here, abs=0.1)


def test_the_specification_is_the_same_for_all_numbers() -> None:
    def constant(of: Any) -> dict[str, Any]:
        return {name: part for name, part in of.to_dict().items() if name != "datasets"}

    other = lengths.chart([], [], (1, 2), Own(3, {}), "right", catalogue("en"))
    assert constant(chart()) == constant(other)
