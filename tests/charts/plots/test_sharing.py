"""The charts of shared weights: bars that add up, the present length marked, and a specification that stays."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt
import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.plots import sharing
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import SVG, boxes, texts

NUMBERS = st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=12)
EN = catalogue("en")


def rows(chart: alt.LayerChart) -> list[dict[str, Any]]:
    return chart.to_dict()["datasets"]["rows"]


def constant(chart: alt.LayerChart) -> dict[str, Any]:
    return {name: part for name, part in chart.to_dict().items() if name != "datasets"}


def drawn(chart: alt.LayerChart) -> ET.Element:
    return ET.fromstring(vl_convert.vegalite_to_svg(chart.to_dict() | {"width": 500}))


def tokens(count: int) -> list[str]:
    return ["the"] * count


def waterfall(parts: list[float], total: float = 0.5, language: str = "en") -> alt.LayerChart:
    return sharing.terms(np.array(parts, np.float32), total, tokens(len(parts)), catalogue(language))


def some_counts(present: int = 3, language: str = "en", most: int = 5) -> alt.LayerChart:
    return sharing.counts(range(1, most + 1), 70, [10 * n for n in range(1, most + 1)], present, catalogue(language))


def some_times(language: str = "en", slow: float = 2.0) -> alt.LayerChart:
    return sharing.times([10, 20, 40], [slow, 2 * slow, 4 * slow], [0.25, 0.5, 0.5], catalogue(language))


class TestTerms:
    @given(NUMBERS)
    def test_each_bar_begins_where_the_one_before_ended_and_is_as_long_as_its_term(self, parts: list[float]) -> None:
        bars = rows(waterfall(parts))[:-1]
        near = pytest.approx
        size = 1e-12 * math.fsum(map(abs, parts)) + 1e-300
        for k, (bar, part) in enumerate(zip(bars, parts, strict=True)):
            assert bar["from"] == near(math.fsum(parts[:k]), abs=size, rel=1e-9)
            assert bar["to"] == near(math.fsum(parts[: k + 1]), abs=size, rel=1e-9)
            assert bar["term"] == part
            assert bar["kind"] == ("up" if part >= 0 else "down")

    @given(NUMBERS, st.floats(-1e3, 1e3))
    def test_the_last_bar_is_autograds_total_from_zero(self, parts: list[float], total: float) -> None:
        last = rows(waterfall(parts, total))[-1]
        assert (last["from"], last["to"], last["term"], last["kind"]) == (0, total, total, "total")
        assert last["x"] == EN["rolled.total"]

    def test_steps_of_one_token_are_bars_of_their_own_in_the_order_of_the_text(self) -> None:
        parts = [0.5] * 11
        labels = [text for text in texts(drawn(waterfall(parts))) if re.fullmatch(r"\d+ the", text)]
        assert labels == [f"{t} the" for t in range(1, 12)]

    @pytest.mark.parametrize("parts", [[1.0, -0.25, 0.5, -2.0], [-0.5, -0.5, 1.5, 0.0]])
    def test_the_drawn_bars_hang_together_and_end_at_the_height_of_the_total(self, parts: list[float]) -> None:
        found = boxes(drawn(waterfall(parts, sum(parts))), "layer_0")
        assert len(found) == len(parts) + 1
        scale = abs((found[0][3] - found[0][1]) / parts[0])
        zero = found[0][3] if parts[0] > 0 else found[0][1]
        ends = np.cumsum([0.0, *parts])
        spans = [*pairwise(ends), (0.0, ends[-1])]
        for (_, top, _, bottom), span in zip(found, spans, strict=True):
            assert top == pytest.approx(zero - scale * max(span), abs=0.05)
            assert bottom == pytest.approx(zero - scale * min(span), abs=0.05)
        lefts = [left for left, _, _, _ in found]
        assert lefts == sorted(set(lefts))

    def test_a_term_for_each_token_or_none(self) -> None:
        with pytest.raises(ValueError, match=r"shorter|longer"):
            sharing.terms(np.zeros(3), 0.0, tokens(2), EN)


class TestCounts:
    @given(st.integers(2, 12), st.data())
    def test_each_length_has_both_networks_and_the_present_one_is_marked(self, most: int, data: st.DataObject) -> None:
        present = data.draw(st.integers(1, most))
        found = rows(some_counts(present, most=most))
        assert {(r["kind"], r["x"]): r["y"] for r in found} == {
            **{("recurrent", n): 70 for n in range(1, most + 1)},
            **{("other", n): 10 * n for n in range(1, most + 1)},
        }
        assert [(r["kind"], r["x"]) for r in found if r["present"]] == [("recurrent", present), ("other", present)]
        assert [r["x"] for r in found if r["last"]] == [most] * 2

    def test_the_mark_is_drawn_once_on_each_line_and_each_line_is_named(self) -> None:
        picture = drawn(some_counts(3))
        groups = [g for g in picture.iter(f"{SVG}g") if "mark-symbol" in g.get("class", "").split()]
        (marked,) = [[*g.iter(f"{SVG}path")] for g in groups]
        places = [re.findall(r"-?[\d.]+", path.get("transform", ""))[:2] for path in marked]
        assert len(places) == 2
        assert len({x for x, _ in places}) == 1
        assert len({y for _, y in places}) == 2
        assert {EN["rolled.series_recurrent"], EN["rolled.series_other"]} <= set(texts(picture))


def test_seconds_are_shown_as_milliseconds_for_each_length() -> None:
    found = {(row["kind"], row["x"]): row["y"] for row in rows(some_times())}
    loop = {("recurrent", 10): 2000, ("recurrent", 20): 4000, ("recurrent", 40): 8000}
    assert found == {**loop, ("other", 10): 250, ("other", 20): 500, ("other", 40): 500}
    assert {row["name"] for row in rows(some_times())} == {EN["rolled.series_recurrent"], EN["rolled.series_product"]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda lang: waterfall([1.0, -2.0], language=lang), lambda lang: waterfall([0.0] * 9, -3e-7, lang)),
        (lambda lang: some_counts(1, lang), lambda lang: some_counts(8, lang, most=9)),
        (some_times, lambda lang: some_times(lang, 1e-4)),
    ],
)
def test_other_data_of_a_language_change_the_table_only(one: Any, other: Any, language: str) -> None:
    assert constant(one(language)) == constant(other(language))
    assert rows(one(language)) != rows(other(language))
    (elsewhere,) = set(LANGUAGES) - {language}
    assert constant(one(language)) != constant(one(elsewhere))


@pytest.mark.parametrize("language", LANGUAGES)
def test_axes_and_series_are_named_in_the_language(language: str) -> None:
    say = catalogue(language)
    for chart, names in [
        (waterfall([1.0, -2.0], language=language), ("axis_step", "axis_sum", "total")),
        (some_counts(language=language), ("axis_length", "axis_count", "series_recurrent", "series_other")),
        (some_times(language), ("axis_length", "axis_time", "series_recurrent", "series_product")),
    ]:
        assert {say[f"rolled.{name}"] for name in names} <= set(texts(drawn(chart)))
