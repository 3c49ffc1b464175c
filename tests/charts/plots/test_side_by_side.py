"""The charts that compare cells, drawn by Vega."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
import vl_convert

from rnnviz.charts.kit import export, palette
from rnnviz.charts.kit.export import WIDTH
from rnnviz.charts.kit.raster import picture
from rnnviz.charts.plots import side_by_side
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.home_pass import taste

SVG = "{http://www.w3.org/2000/svg}"


def drawn(svg: str) -> tuple[list[str], list[ET.Element]]:
    """The texts and the pictures of an SVG."""
    root = ET.fromstring(svg)
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")], list(root.iter(f"{SVG}image"))


@pytest.mark.parametrize("dark", [False, True])
def test_each_cell_has_a_picture_as_wide_as_the_chart_under_its_tokens(dark: bool) -> None:
    trace = taste("en").trace
    texts, pictures = drawn(export.to_svg(side_by_side.states([trace, trace, trace], catalogue("en")), dark=dark))
    assert sorted(texts) == sorted([*["LSTM"] * 3, *trace.tokens])
    assert len(pictures) == 3
    assert {float(image.attrib["width"]) for image in pictures} == {WIDTH}
    urls = {value for image in pictures for key, value in image.attrib.items() if key.endswith("href")}
    assert urls == {picture(trace["h"][trace.top].T, dark=dark)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_probe_has_a_line_for_each_cell_and_one_for_guessing(language: str) -> None:
    labels = catalogue(language)
    lines = [
        side_by_side.Line("rnn", "gates.from_h", (0, 12), (1.0, 0.25)),
        side_by_side.Line("lstm", "gates.from_h", (0, 12), (1.0, 0.6)),
        side_by_side.Line("lstm", "gates.from_all", (0, 12), (1.0, 0.9)),
    ]
    chart = side_by_side.first_word(lines, 0.25, labels, reach=28)
    texts, _ = drawn(vl_convert.vegalite_to_svg(chart.themed(dark=False)))
    h, both = labels["gates.from_h"], labels["gates.from_all"]
    assert {"RNN", "LSTM", labels["gates.chance"], labels["gates.axis_distance"], h, both} <= set(texts)
    assert [(row["name"], row["read"], row["x"], row["y"]) for row in chart.to_dict()["datasets"]["rows"]] == [
        ("RNN", h, 0, 1.0),
        ("RNN", h, 12, 0.25),
        ("LSTM", h, 0, 1.0),
        ("LSTM", h, 12, 0.6),
        ("LSTM", both, 0, 1.0),
        ("LSTM", both, 12, 0.9),
    ]


@pytest.mark.parametrize("dark", [False, True])
def test_the_legend_shows_the_dashes_and_the_colours_of_the_lines(dark: bool) -> None:
    lines = [
        side_by_side.Line("lstm", "gates.from_h", (0, 12), (1.0, 0.6)),
        side_by_side.Line("lstm", "gates.from_all", (0, 12), (1.0, 0.9)),
    ]
    chart = side_by_side.first_word(lines, 0.25, catalogue("en"), reach=28)
    root = ET.fromstring(vl_convert.vegalite_to_svg(chart.themed(dark=dark)))
    groups = [g for g in root.iter(f"{SVG}g") if "role-legend-symbol" in g.attrib.get("class", "")]
    symbols = [path.attrib for group in groups for path in group.iter(f"{SVG}path")]
    drawn_lines = [path.attrib for g in root.iter(f"{SVG}g") if "mark-line" in g.attrib.get("class", "") for path in g]
    stroked = [a for a in symbols if a.get("stroke-dasharray")]
    assert {a["stroke-dasharray"] for a in stroked} == {a["stroke-dasharray"] for a in drawn_lines} == {"1,0", "6,4"}
    assert {a["stroke"].lower() for a in stroked} == {(palette.INK.dark if dark else palette.INK.light).lower()}
    filled = {a["fill"].lower() for a in symbols if a.get("fill") not in (None, "none", "transparent")}
    assert {a["stroke"].lower() for a in drawn_lines} <= filled
