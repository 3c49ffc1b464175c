"""The picture of a forecast: its tables hold the walk's own numbers, and those are drawn, as far as they have come."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from math import isnan
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.charts.forecast.axis import INTERVALS, value_axis
from rnnviz.charts.forecast.chart import chart
from rnnviz.charts.forecast.data import UNITS, ForecastData
from rnnviz.charts.forecast.look import NAIVE, ForecastLook
from rnnviz.charts.kit import palette
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.core.forecast import Walk
from rnnviz.words.numbers import fixed, size
from tests.charts.forecast.walks import shown, walk
from tests.charts.networks import SVG, picture, texts

WIDTH = 1100
# Windows, horizons and numbers of origins of many sizes, in a series that is long enough.
SIZES = {
    "window": st.integers(3, 40),
    "horizon": st.integers(1, 24),
    "origins": st.integers(1, 12),
    "shapes": st.booleans(),
    "seed": st.integers(0, 99),
}


def numbers(text: str) -> np.ndarray:
    return np.array([float(number) for number in text.split(",")])


def drawn(data: ForecastData, look: ForecastLook, **signals: Any) -> ET.Element:
    return picture(chart(data, look), width=WIDTH, **signals)


def marks(found: ET.Element, name: str) -> list[tuple[float, float, str]]:
    """Of all points of a mark with this name: x, y and the colour of the fill."""
    places = []
    for group in found.iter(f"{SVG}g"):
        if f"{name}_marks" in group.get("class", "").split():
            for path in group.iter(f"{SVG}path"):
                x, y = map(float, re.findall(r"-?[\d.]+", path.get("transform", ""))[:2])
                places.append((x, y, path.get("fill", "")))
    return places


class Ruler:
    """Reads values off a picture, by two ticks of its axis."""

    def __init__(self, found: ET.Element, row: dict[str, Any]) -> None:
        ticks = row["ticks"].split(SEPARATOR)
        (low, high) = (self._y(found, ticks[n]) for n in (0, -1))
        self.low, self.unit = low, (high - low) / (row["high"] - row["low"])
        self.bottom = row["low"]

    @staticmethod
    def _y(found: ET.Element, said: str) -> float:
        for node in found.iter(f"{SVG}text"):
            if node.text == said and node.get("text-anchor") == "end":
                # The middle of a text stands 0.3 of its size over its line.
                _, y = map(float, re.findall(r"-?[\d.]+", node.get("transform", ""))[:2])
                return y
        raise AssertionError(f"no tick {said}")

    def value(self, y: float) -> float:
        return float(self.bottom + (y + self.raised - self.low) / self.unit)

    raised = 3.0


@settings(max_examples=25)
@given(**SIZES)
def test_the_tables_hold_the_walks_numbers(**sizes: Any) -> None:
    of = walk(**sizes)
    data = shown(of, units=3)
    tables = chart(data, ForecastLook()).tables
    (bundle,), rows = tables["bundle"], tables["origins"]
    resolution = (rows[0]["high"] - rows[0]["low"]) / 1000
    np.testing.assert_allclose(numbers(bundle["values"]), of.values, atol=resolution)
    assert [row["at"] for row in rows] == of.origins.tolist() == numbers(bundle["at"]).tolist()
    for i, row in enumerate(rows):
        every = np.array([forecast[i] for forecast in of.forecasts.values()])
        np.testing.assert_allclose(numbers(row["forecasts"]), every.ravel(), atol=resolution)
        np.testing.assert_allclose(numbers(row["h"]).reshape(3, -1), 100 * data.h[i].T, atol=0.5001)
        gates = np.array([means[i] for means in data.gates.values()])
        np.testing.assert_allclose(numbers(row["gates"]), 100 * gates.ravel(), atol=0.5001)


def mean_error(of: Walk, name: str, origins: range, ahead: int) -> float:
    """Written out: value by value."""
    apart = [
        abs(float(of.forecasts[name][i, k]) - float(of.values[of.origins[i] + k]))
        for i in origins
        for k in range(ahead)
        if of.origins[i] + k < len(of.values)
    ]
    return sum(apart) / len(apart) if apart else np.nan


@settings(max_examples=25)
@given(**SIZES)
def test_each_error_is_the_mean_of_the_differences_so_far_ahead_and_the_least_is_marked(**sizes: Any) -> None:
    of = walk(**sizes)
    tables = chart(shown(of)).tables
    (bundle,), rows, names = tables["bundle"], tables["origins"], list(of.forecasts)

    def agrees(said: str, least: str, origins: range) -> None:
        errors, marked = numbers(said).reshape(len(names), -1), numbers(least)
        for k in range(of.horizon):
            expected = np.array([mean_error(of, name, origins, k + 1) for name in names])
            np.testing.assert_allclose(errors[:, k], expected, rtol=1e-3)
            assert expected[int(marked[k])] == np.nanmin(expected)

    for i in range(len(rows)):
        agrees(rows[i]["errors"], rows[i]["least"], range(i, i + 1))
    agrees(bundle["means"], bundle["leastMean"], range(len(rows)))
    for place, name in enumerate(names):
        ours = numbers(bundle["means"]).reshape(len(names), -1)[place]
        whole = [of.mae(name, k + 1) for k in range(of.horizon) if not isnan(ours[k])]
        np.testing.assert_allclose(ours[: len(whole)], whole, rtol=1e-3)


def test_of_a_value_that_never_came_nothing_is_said() -> None:
    of = walk(200, horizon=8, origins=4)
    late = replace(of, origins=np.append(of.origins[:-1], len(of.values) - 3))
    (bundle,), rows = (chart(shown(late)).tables[name] for name in ("bundle", "origins"))
    errors = numbers(rows[-1]["errors"]).reshape(-1, 8)
    assert not np.isnan(errors[:, :3]).any()
    assert np.isnan(errors[:, 3:]).all()
    assert rows[-1]["least"].split(",")[3:] == ["-1"] * 5
    assert not np.isnan(numbers(bundle["means"])).any()


@settings(max_examples=40)
@given(count=st.integers(1, 30), seed=st.integers(0, 999))
def test_the_window_snaps_to_the_nearest_origin(count: int, seed: int) -> None:
    of = walk(400, origins=2)
    random = np.random.default_rng(seed)
    places = np.sort(random.choice(np.arange(100, 380), count, replace=False))
    other = Walk(of.values, 100, of.window, 12, places, {"network": np.zeros((count, 4))})
    near = numbers(chart(shown(other)).tables["bundle"][0]["near"])
    across = np.linspace(places[0], places[-1], len(near))
    for place, found in zip(across, near.astype(int), strict=True):
        assert abs(places[found] - place) == np.abs(places - place).min()


@given(**SIZES)
def test_all_that_came_is_on_the_axis_and_a_swing_is_as_large_from_every_origin(**sizes: Any) -> None:
    of = walk(**sizes)
    axis = value_axis(of, list(of.forecasts.values()))
    assert 1 <= axis.intervals <= 2 * INTERVALS + 2
    for i, at in enumerate(of.origins.tolist()):
        came = of.values[at - of.window : at + of.horizon]
        assert axis.low[i] <= came.min() + 1e-9
        assert axis.low[i] + axis.span >= came.max() - 1e-9
        ticks = axis.texts(i)
        assert len(set(ticks)) == len(ticks) == axis.intervals + 1
        for k, said in enumerate(ticks):
            assert float(said.replace("−", "-")) == pytest.approx(axis.low[i] + k * axis.step, abs=axis.step / 50)


def test_a_forecast_that_runs_away_does_not_flatten_the_others() -> None:
    of = walk()
    plain = value_axis(of, list(of.forecasts.values()))
    wild = {**of.forecasts, "network": of.forecasts["network"] + 1e30}
    axis = value_axis(of, list(wild.values()))
    assert axis.span <= plain.span
    look = ForecastLook(t=of.window + of.horizon)
    found = drawn(shown(replace(of, forecasts=wild)), look)
    assert not marks(found, "forecast")
    arrows = [path for path in found.iter(f"{SVG}path") if path.get("fill") == palette.SYMBOLS["y"].light]
    assert len(arrows) >= of.horizon
    assert size(1e30) in texts(found)


@pytest.mark.parametrize("origin", [0, 4])
@pytest.mark.parametrize("t", [1, 13, 24, 25, 30])
def test_what_is_drawn_are_the_values_that_have_come_and_no_others(t: int, origin: int) -> None:
    of = walk()
    data = shown(of)
    figure = chart(data, ForecastLook(t=t, origin=origin, ahead=6))
    found = picture(figure, width=WIDTH)
    ruler, at, row = None, int(of.origins[origin]), figure.tables["origins"][origin]
    ruler = Ruler(found, row)
    truth = sorted(marks(found, "truth"))
    assert len(truth) == t
    high = row["high"] - row["low"]
    values = [ruler.value(y) for _, y, _ in truth]
    np.testing.assert_allclose(values, of.values[at - 24 : at - 24 + t], atol=high / 100)
    seen = max(0, t - 24)
    forecast = sorted(marks(found, "forecast"))
    assert len(forecast) == seen
    np.testing.assert_allclose(
        [ruler.value(y) for _, y, _ in forecast], of.forecasts["network"][origin, :seen], atol=high / 100
    )
    assert [x for x, _, _ in forecast] == [x for x, _, _ in truth[24:]], "beside what came"
    steps = np.diff([x for x, _, _ in truth])
    assert len(steps) == 0 or np.ptp(steps) < 0.02


@pytest.mark.parametrize("t", [0, 7, 24, 36])
@pytest.mark.parametrize("dark", [False, True])
def test_the_units_of_the_values_that_were_read_are_drawn_in_the_colours_of_what_they_hold(t: int, dark: bool) -> None:
    of = walk()
    data, look = shown(of, units=5), ForecastLook(t=t)
    figure = chart(data, look)
    spec = figure.themed(dark)
    found = picture(figure, width=WIDTH) if not dark else picture(_Themed(spec), width=WIDTH)
    cells: dict[tuple[float, float], str] = {}
    for group in found.iter(f"{SVG}g"):
        if "cell_marks" in group.get("class", "").split():
            for path in group.iter(f"{SVG}path"):
                x, y = map(float, re.findall(r"-?[\d.]+", path.get("d", ""))[:2])
                cells[round(y, 1), round(x, 1)] = path.get("fill", "")
    assert len(cells) == 5 * min(t, 24)
    ramp = palette.ramp(dark)
    for n, (_, fill) in enumerate(sorted(cells.items())):
        unit, step = divmod(n, min(t, 24))
        held = round(100 * float(data.h[0, step, unit])) / 100
        near = {ramp[int(np.floor(20 + 20 * held + half))] for half in (0.499, 0.501)}
        assert fill in near


class _Themed:
    """A specification as a chart."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec

    def to_dict(self) -> dict[str, Any]:
        return self.spec


@pytest.mark.parametrize(("t", "said"), [(20, False), (24, False), (25, True), (36, True)])
def test_names_and_errors_come_with_the_forecasts(t: int, said: bool) -> None:
    of = walk()
    found = texts(drawn(shown(of), ForecastLook(t=t)))
    ahead = t - of.window
    for name, called in shown(of).names.items():
        if name in of.forecasts:
            assert found.count(called) == (3 if said else 1), "in the list, and at the line on a ground of its own"
            if said:
                assert size(float(f"{mean_error(of, name, range(1), ahead):.4g}")) in found
                assert size(float(f"{of.mae(name, ahead):.4g}")) in found
    assert found.count("·") == (0 if said else 2 * len(of.forecasts))


def test_while_a_question_waits_no_forecast_is_sent_or_drawn() -> None:
    of = walk()
    asked = "Which is the nearest?"
    figure = chart(shown(of), ForecastLook(t=of.window + of.horizon, veil=asked))
    for row in figure.tables["origins"]:
        assert set(row["forecasts"].split(",")) == set(row["errors"].split(",")) == {"nan"}
    assert set(figure.tables["bundle"][0]["means"].split(",")) == {"nan"}
    found = picture(figure, width=WIDTH)
    assert not marks(found, "forecast")
    assert len(marks(found, "truth")) == of.window
    assert " ".join(text for text in texts(found) if asked.split()[0] in text).replace("|", " ").startswith(asked)


@pytest.mark.parametrize("others", [(), ("last",), NAIVE])
def test_the_naive_forecasts_that_are_chosen_have_lines(others: tuple[str, ...]) -> None:
    of = walk()
    found = texts(drawn(shown(of), ForecastLook(t=30, others=others)))
    for name in ("last", "season", "trend", "linear"):
        assert found.count(shown(of).names[name]) == (3 if name in others else 1)


def test_the_lines_have_colours_and_dashes_of_their_own() -> None:
    of = walk(shapes=True)
    found = drawn(shown(of), ForecastLook(t=of.window + of.horizon))
    lines = {
        path.get("stroke"): (path.get("stroke-dasharray"), float(path.get("stroke-width", 0)))
        for group in found.iter(f"{SVG}g")
        if "mark-line" in group.get("class", "").split()
        for path in group.iter(f"{SVG}path")
    }
    every = [lines[palette.FORECASTERS[name].light] for name in of.forecasts]
    assert len({dash for dash, _ in every}) == len(every)
    assert max(every, key=lambda line: line[1]) == every[0]


@given(count=st.sampled_from([50, 599, 600, 601, 5000]), seed=st.integers(0, 20))
def test_the_strips_line_holds_every_peak_and_is_short(count: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=count)
    of = Walk(values, count - 10, 4, 1, np.array([count - 8]), {"network": np.zeros((1, 3))})
    bundle = chart(shown(of, units=0, gates=())).tables["bundle"][0]
    x, y = numbers(bundle["stripX"]), numbers(bundle["stripY"])
    assert len(x) == len(y) <= 600
    assert (np.diff(x) >= 0).all()
    span = np.ptp(values)
    for part in np.array_split(np.arange(count), 20):
        inside = (x >= (part[0] - 2) / count) & (x <= (part[-1] + 3) / count)
        assert y[inside].max() * span + values.min() >= values[part].max() - span / 500
        assert y[inside].min() * span + values.min() <= values[part].min() + span / 500


def test_while_a_network_trains_only_tables_change() -> None:
    """So that a page keeps its SVG, and what is chosen in the browser stays chosen."""
    before, after = (chart(shown(walk(seed=seed)), ForecastLook(t=30)) for seed in (0, 1))

    def constant(figure: Any) -> str:
        return json.dumps({name: part for name, part in figure.to_dict().items() if name != "datasets"})

    assert constant(before) == constant(after)
    assert before.tables != after.tables
    for name, rows in before.tables.items():
        assert [row.keys() for row in rows] == [row.keys() for row in after.tables[name]]
    kept = ("go", "start", "origin", "ahead", "window", "H", "F", "count")  # what the signals begin with, or follow
    assert [before.tables["bundle"][0][name] for name in kept] == [after.tables["bundle"][0][name] for name in kept]


def test_a_walk_that_has_no_forecast_yet_is_drawn() -> None:
    of = walk()
    none = {name: np.full_like(forecast, np.nan) for name, forecast in of.forecasts.items()}
    found = drawn(shown(replace(of, forecasts=none), units=0, gates=()), ForecastLook(t=36))
    assert len(marks(found, "truth")) == 36
    assert not marks(found, "forecast")


def test_two_hundred_origins_are_less_than_a_megabyte() -> None:
    of = walk(2400, window=32, horizon=24, origins=200)
    tables = chart(shown(of, units=UNITS, gates=("i", "f", "o"))).tables
    assert len(tables["origins"]) == 200
    assert len(json.dumps(tables, ensure_ascii=False).encode()) < 1e6


@pytest.mark.parametrize(
    "wrong",
    [
        {"h": np.zeros((2, 3, 4))},
        {"gates": {"f": np.zeros((1, 2))}},
        {"units": tuple(range(UNITS + 1))},
        {"whens": ("now",)},
        {"main": "oracle"},
        {"names": {"network": "GRU"}},
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="accepted"):
        replace(shown(walk()), **wrong)


def test_what_a_link_asks_for_beyond_the_walk_is_brought_into_it() -> None:
    of = walk(origins=3)
    bundle = chart(shown(of), ForecastLook(origin=9, ahead=99, t=999)).tables["bundle"][0]
    assert (bundle["origin"], bundle["ahead"], bundle["start"]) == (2, of.horizon, of.window + of.horizon)


def learned(data: ForecastData, look: ForecastLook) -> dict[str, str]:
    """What the page around it learns."""
    said = [text for text in texts(drawn(data, replace(look, placed=True))) if text.startswith("go=")]
    return dict(part.split("=", 1) for part in said[0].split(SEPARATOR))


def test_the_page_learns_where_it_is() -> None:
    data = shown(walk())
    place = learned(data, ForecastLook(t=28, origin=3, ahead=8, go=5))
    assert place["caption"] == "+4 of 8"
    assert data.whens[int(data.walk.origins[3])] in place["operation"]
    numbers = {name: place[name] for name in ("go", "t", "T", "origin", "ahead", "playing", "start", "end")}
    assert [*numbers.values()] == ["5", "29", "33", "4", "8", "0", "0", "0"], numbers
    ends = [learned(data, ForecastLook(t=t, ahead=8)) for t in (0, 32)]
    assert [(place["start"], place["end"]) for place in ends] == [("1", "0"), ("0", "1")]
    assert [place["t"] for place in ends] == ["1", "33"]


@pytest.mark.parametrize(("t", "step"), [(25, 25), (24, 24), (10, 10), (0, 0), (36, 36)])
def test_of_what_has_not_come_the_pointer_says_nothing(t: int, step: int) -> None:
    """The first step that has not come, over the detail and over what stands below it."""
    look = ForecastLook(t=t)
    without = texts(drawn(shown(walk()), look))
    if step < 36:
        for y in (100, 350, 420):
            assert texts(drawn(shown(walk()), look, hover={"s": step, "y": y})) == without


@pytest.mark.parametrize("step", [0, 23, 24, 30])
def test_the_pointer_gives_the_values_and_forecasts_of_a_step(step: int) -> None:
    of = walk()
    data, at = shown(of), int(of.origins[0])
    look = ForecastLook(t=36)
    found = texts(drawn(data, look, hover={"s": step, "y": 100}))
    decimals = len(chart(data, look).tables["bundle"][0]["values"].split(",")[0].partition(".")[2])

    def said(value: float) -> str:
        return size(round(float(value), decimals), 5) + "°C"

    assert f"truth {said(of.values[at - 24 + step])}" in found
    assert any(data.whens[at - 24 + step] in text for text in found)
    for name, forecast in of.forecasts.items():
        line = f"{data.names[name]} " + (said(forecast[0, step - 24]) if step >= 24 else "")
        assert any(text.startswith(line) and text.endswith("°C") for text in found) == (step >= 24)


def test_the_pointer_gives_what_a_unit_holds_and_how_far_the_gates_are_open() -> None:
    of = walk()
    data, look = shown(of, units=4), ForecastLook(t=24)
    plain = texts(drawn(data, look))
    found = [texts(drawn(data, look, hover={"s": 9, "y": y})) for y in range(200, 440, 4)]
    new = {text for one in found for text in one if text not in plain}
    for place, unit in enumerate(data.units):
        held = fixed(round(100 * float(data.h[0, 9, place])) / 100)
        assert any(f"unit {unit + 1}," in text and text.endswith(held) for text in new)
    for symbol, means in data.gates.items():
        assert f"{symbol}  {fixed(round(100 * float(means[0, 9])) / 100)}" in new


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e5, 1e12])
@pytest.mark.parametrize("shift", [0.0, 1e3])
def test_a_series_of_any_size_has_an_axis_of_its_own(scale: float, shift: float) -> None:
    of = walk()
    scaled = {name: scale * (forecast + shift) for name, forecast in of.forecasts.items()}
    large = Walk(scale * (of.values + shift), of.split, of.window, 12, of.origins, scaled)
    figure = chart(shown(large), ForecastLook(t=36))
    found = picture(figure, width=WIDTH)
    assert len(marks(found, "truth")) == 36
    heights = [y for _, y, _ in marks(found, "truth")]
    assert np.ptp(heights) > 30, "it fills the panel"
    ticks = figure.tables["origins"][0]["ticks"].split(SEPARATOR)
    assert len(set(ticks)) == len(ticks) >= 4


def test_a_constant_series_is_drawn() -> None:
    of = walk()
    flat = Walk(np.full(400, 7.0), 300, 24, 12, of.origins, {"network": np.full((len(of.origins), 12), 7.0)})
    found = drawn(shown(flat), ForecastLook(t=36))
    assert len({y for _, y, _ in marks(found, "truth")}) == 1
    assert len(marks(found, "forecast")) == 12
