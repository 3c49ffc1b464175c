"""The chart of errors against the horizon, drawn by Vega."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.charts.kit import palette
from rnnviz.charts.plots import horizon
from rnnviz.core.forecast import Walk
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.forecast.walks import CALLED, walk
from tests.charts.networks import SVG, texts

PAIRS = {"before": "as it was", "after": "as it is", "told": "told the truth"}


def chart(of: Walk, language: str = "en", *, unit: str = "°C", trained: int = 0) -> Any:
    return horizon.chart(of, CALLED[language] | PAIRS, catalogue(language), unit=unit, trained=trained)


def drawn(of: Any, *, dark: bool = False, width: int = 600) -> ET.Element:
    return ET.fromstring(vl_convert.vegalite_to_svg(of.themed(dark) | {"width": width}))


def lines(picture: ET.Element) -> dict[str, tuple[str, float]]:
    """Of all lines, by colour and whether it has dashes: its path and its width."""
    return {
        f"{path.get('stroke', '').lower()} {path.get('stroke-dasharray') or '1,0'}": (
            path.get("d", ""),
            float(path.get("stroke-width", 0)),
        )
        for group in picture.iter(f"{SVG}g")
        if "mark-line" in group.get("class", "").split()
        for path in group.iter(f"{SVG}path")
    }


def points(path: str) -> np.ndarray:
    return np.array([tuple(map(float, pair.split(","))) for pair in re.findall(r"-?[\d.]+,-?[\d.]+", path)])


@settings(max_examples=20)
@given(ahead=st.integers(1, 24), origins=st.integers(1, 9), shapes=st.booleans(), trained=st.integers(0, 24))
def test_each_row_is_the_mean_error_of_its_step(ahead: int, origins: int, shapes: bool, trained: int) -> None:
    of = walk(horizon=ahead, origins=origins, shapes=shapes)
    made = chart(of, trained=trained)
    rows = made.datasets["rows"]
    for name, forecast in of.forecasts.items():
        own = {row["x"]: row["y"] for row in rows if row["kind"] == name}
        for k in range(of.horizon):
            apart = [abs(forecast[i, k] - of.values[at + k]) for i, at in enumerate(of.origins)]
            assert own.get(k + 1, np.nan) == pytest.approx(float(np.mean(apart)), nan_ok=True)
    band = made.datasets["trained"]
    assert [(row["from"], row["to"]) for row in band] == (
        [(trained + 0.5, of.horizon + 0.5)] if 0 < trained < of.horizon else []
    )


@pytest.mark.parametrize("dark", [False, True])
def test_each_line_has_its_forecasters_colour_and_goes_through_its_errors(dark: bool) -> None:
    of = walk()
    found = lines(drawn(chart(of), dark=dark))
    top = max(float(of.by_step(name).max()) for name in of.forecasts)
    for name in of.forecasts:
        path, _ = found[f"{palette.FORECASTERS[name][dark]} 1,0"]
        places = points(path)
        assert len(places) == of.horizon
        np.testing.assert_allclose(1 - places[:, 1] / horizon.HEIGHT, of.by_step(name) / top, atol=0.003)
        assert np.ptp(np.diff(places[:, 0])) < 0.01
    widths = {name: found[f"{palette.FORECASTERS[name][dark]} 1,0"][1] for name in of.forecasts}
    assert all(widths["network"] > width for name, width in widths.items() if name != "network")


@pytest.mark.parametrize(("one", "other"), [("after", "before"), ("network", "told")])
def test_a_pair_has_the_networks_colour_and_one_of_it_is_dashed(one: str, other: str) -> None:
    of = walk()
    network = of.forecasts["network"]
    pair = {one: network, other: network + 1, "last": of.forecasts["last"]}
    found = drawn(chart(replace(of, forecasts=pair)))
    colour = palette.SYMBOLS["y"].light
    assert {key for key in lines(found) if key.startswith(colour)} == {f"{colour} 1,0", f"{colour} 6,4"}
    dashed, _ = lines(found)[f"{colour} 6,4"]
    top = max(float(np.abs(forecast - of.truth).mean(0).max()) for forecast in pair.values())
    expected = np.abs(pair[other] - of.truth).mean(0)
    np.testing.assert_allclose(1 - points(dashed)[:, 1] / horizon.HEIGHT, expected / top, atol=0.003)
    assert {(CALLED["en"] | PAIRS)[name] for name in pair} <= set(texts(found))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [300, 600, 1100])
def test_names_stand_beside_their_lines_and_none_over_another(language: str, width: int) -> None:
    of = walk(shapes=True)
    found = drawn(chart(of, language, trained=6), width=width)
    said = named(found, {CALLED[language][name] for name in of.forecasts})
    assert said.keys() == {CALLED[language][name] for name in of.forecasts}
    beside = [y for name, (_, y) in said.items() if name != CALLED[language]["point"]]
    assert min(np.diff(sorted(beside))) > 13
    assert min(beside) >= 0
    assert max(beside) <= horizon.HEIGHT + 4, "the middle of a text is over its line"
    assert catalogue(language)["forecast.chart.untrained"] in texts(found)


def named(picture: ET.Element, names: set[str]) -> Mapping[str, tuple[float, float]]:
    """Where each of these stands."""
    found = {}
    for node in picture.iter(f"{SVG}text"):
        if node.text in names:
            x, y = map(float, re.findall(r"-?[\d.]+", node.get("transform", ""))[:2])
            found[node.text] = (x, y)
    return found


def test_the_specification_is_the_same_for_all_numbers() -> None:
    def constant(of: Any) -> dict[str, Any]:
        return {name: part for name, part in of.to_dict().items() if name != "datasets"}

    assert constant(chart(walk(), trained=3)) == constant(chart(walk(seed=1, horizon=3, shapes=True)))
    assert "°C" in str(constant(chart(walk())))
    assert constant(chart(walk(), unit="")) != constant(chart(walk()))


def test_a_walk_without_a_forecast_is_drawn() -> None:
    of = walk()
    none = {name: np.full_like(forecast, np.nan) for name, forecast in of.forecasts.items()}
    assert drawn(chart(replace(of, forecasts=none)))
