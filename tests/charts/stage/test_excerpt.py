"""A trace of any size has a stage: what of it is shown is said, and every number is the trace's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts.kit import raster
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.kit.tables import SEPARATOR, Row
from rnnviz.charts.kit.wrap import BREAK
from rnnviz.charts.stage import excerpt
from rnnviz.charts.stage.chart import Stage
from rnnviz.charts.stage.excerpt import MAX_HIDDEN, MAX_STEPS, MAX_WEIGHTS
from rnnviz.core.cell import Role
from rnnviz.core.trace import Trace
from rnnviz.facts.remarks import step_lines
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import ROUNDING, WORDS, case, numbers, picture, texts

SMALL = {"MAX_STEPS": 6, "MAX_HIDDEN": 5, "MAX_STATES": 30, "FEW_UNITS": 2}


@contextmanager
def little_room() -> Iterator[None]:
    """So that a small trace has no room."""
    with mock.patch.multiple(excerpt, **SMALL):
        yield


def shown(row: Row) -> tuple[range, list[int]]:
    """The steps and the units that one row of a stage says it has, both from 0."""
    return range(row["shift"], row["shift"] + row["T"]), [int(unit) - 1 for unit in row["called"].split(",")]


def vector(stage: Stage, row: Row, name: int) -> np.ndarray:
    """One vector of a row, (T, size)."""
    vec = stage.tables["vecs"][row["vecsFrom"] : row["vecsTo"]][name]
    values = numbers(row["values"])
    return np.array([values[vec["offset"] + vec["stride"] * t :][: vec["size"]] for t in range(row["T"])])


TRACES = st.builds(
    lambda cell, steps, hidden, layers, both: case(cell, steps=steps, hidden=hidden, layers=layers, both=both).trace,
    st.sampled_from(["rnn", "lstm", "gru"]),
    st.integers(1, 12),
    st.integers(1, 9),
    st.integers(1, 2),
    st.booleans(),
)


@st.composite
def asked(draw: st.DrawFn, of: Trace) -> dict[str, object]:
    """What a user may ask for of a trace, with room for it."""
    units = st.lists(st.integers(0, of.hidden_size - 1), min_size=1, max_size=3, unique=True)
    first = draw(st.integers(1, len(of)))
    steps = st.just((first, min(len(of), first + draw(st.integers(0, 1)))))
    return {"units": draw(st.none() | units), "steps": draw(st.none() | steps)}


@settings(max_examples=25)
@given(st.data(), TRACES)
def test_every_number_is_that_of_the_step_and_the_unit_that_are_said(data: st.DataObject, trace: Trace) -> None:
    options = data.draw(asked(trace))
    start = data.draw(st.integers(0, len(trace)))
    with little_room():
        stage = rnnviz.stage(trace, **options, look=rnnviz.Look(start=start))
    bundle, alone = stage.tables["bundle"], len(trace.weights) == 1
    assert sum(row["T"] * row["H"] for row in bundle) <= SMALL["MAX_STATES"]
    for number, row in enumerate(bundle):
        steps, units = shown(row)
        assert row["ofSteps"] == len(trace)
        assert steps[0] >= 0
        assert steps[-1] < len(trace)
        if options["units"] is not None:
            assert units == sorted(options["units"])
        if options["steps"] is not None:
            assert (steps[0] + 1, steps[-1] + 1) == options["steps"]
        elif start and alone:
            assert steps[0] + row["start"] == start - 1
        ops = stage.tables["ops"][row["opsFrom"] : row["opsTo"]]
        for op, made in zip(trace.cell.ops, ops[1:], strict=False):
            expected = trace[op.name][number][np.ix_(list(steps), units)]
            np.testing.assert_allclose(vector(stage, row, made["out"]), expected, atol=ROUNDING)
        before = trace.previous("h")[number][np.ix_(list(steps), units)]
        np.testing.assert_allclose(vector(stage, row, 1), before, atol=ROUNDING)
        notices = step_lines(rnnviz.Pass(trace), number, catalogue("en"))
        assert row["notice"].replace(BREAK, " ").split(SEPARATOR) == [notices[t] for t in steps]
        gates = [trace[op.name][number].mean(1)[list(steps)] for op in trace.cell.ops if op.role is Role.GATE]
        np.testing.assert_allclose(numbers(row["means"]) if gates else [], np.ravel(gates), atol=ROUNDING)


@settings(max_examples=25)
@given(TRACES)
def test_what_is_left_out_is_said_and_changes_least(trace: Trace) -> None:
    for language in LANGUAGES:
        with little_room():
            stage = rnnviz.stage(trace, look=rnnviz.Look(language=language))
        for number, row in enumerate(stage.tables["bundle"]):
            steps, units = shown(row)
            whole = (len(steps), len(units)) == (len(trace), trace.hidden_size)
            assert (row["excerpt"] == "") == whole
            left_out = [
                (len(steps) < len(trace), {steps[0] + 1, steps[-1] + 1, len(trace)}),
                (len(units) < trace.hidden_size, {len(units), trace.hidden_size}),
            ]
            said = {int(part) for part in "".join(c if c.isdigit() else " " for c in row["excerpt"]).split()}
            assert said == set().union(*(found for there, found in left_out if there))
            ranges = np.ptp(trace["h"][number][list(steps)], axis=0)
            others = np.delete(ranges, units)
            assert not others.size or ranges[units].min() >= others.max()


@settings(max_examples=20)
@given(TRACES, st.integers(1, 8))
def test_the_products_of_some_units_add_up_to_what_is_squashed(trace: Trace, unit: int) -> None:
    stage = rnnviz.stage(trace, units=[min(unit, trace.hidden_size - 1)], look=rnnviz.Look(layer=0, reverse=False))
    (row,) = stage.tables["bundle"]
    sums: dict[int, list[np.ndarray]] = {}
    for term in stage.tables["terms"]:
        bare = vector(stage, row, term["vec"])
        if term["weight"]:  # there is one unit only, and so all weights are there
            weights = numbers(row["weights"])
            bare = bare[:, [term["at"]]] * weights[term["wo"]]
        sums.setdefault(term["sum"], []).append(bare)
    for number, terms in sums.items():
        total = vector(stage, row, stage.tables["ops"][number]["out"])
        np.testing.assert_allclose(np.sum(terms, axis=0), total, atol=(len(terms) + 1) * 3 * ROUNDING)


@pytest.mark.parametrize("show", [None, rnnviz.Watched(unit=7, coloured="f"), rnnviz.Rolled(loss_at=9)])
def test_a_large_trace_is_drawn_with_its_own_numbers(show: rnnviz.Watched | rnnviz.Rolled | None) -> None:
    of = case("lstm", steps=12, hidden=9)
    with little_room():
        stage = rnnviz.stage(
            of.trace, of.readout, words=WORDS, show=show, units=(2, 7), steps=(8, 11), look=rnnviz.Look(start=9, unit=7)
        )
    drawn = texts(picture(stage))
    assert "t = 9 / 12" in drawn
    assert "steps 8 to 11 of 12 · 2 of 9 units · all of it: rnnviz.gates_chart(trace)" in drawn
    assert {"3", "8"} <= set(drawn)
    drawn = texts(picture(stage, depth=2))
    assert any(text.endswith("unit 8") or text == "Unit 8" for text in drawn)
    assert not [text for text in drawn if "NaN" in text or "undefined" in text]


def test_a_large_contrast_and_a_gradient_are_of_the_same_steps_and_units() -> None:
    of = case("lstm", steps=12, hidden=9)
    other = case("lstm", steps=12, hidden=9, seed=1).trace
    gradient = np.linspace(1, 2, 12 * 9).reshape(12, 9)
    contrast = rnnviz.Contrast(rnnviz.Pass(other), rnnviz.Pass(of.trace))
    stage = rnnviz.stage(contrast, show=rnnviz.Rolled(gradient=gradient, loss_at=11), units=(2, 7), steps=(8, 11))
    (row,) = stage.tables["bundle"]
    expected = other["h"][0, 7:11][:, [2, 7]]
    np.testing.assert_allclose(numbers(row["before"]).reshape(4, 2), expected, atol=ROUNDING)
    np.testing.assert_allclose(numbers(row["path"]), np.log10(np.linalg.norm(gradient, axis=1))[7:11], atol=0.006)
    assert row["lossAt"] == 4
    watched = rnnviz.stage(contrast, show=rnnviz.Watched(), units=(2, 7), steps=(8, 11)).tables["maps"]
    np.testing.assert_allclose(numbers(watched[-1]["was"]).reshape(4, 2), expected, atol=ROUNDING)


def test_units_may_be_given_as_arrays() -> None:
    trace = case("lstm", hidden=9).trace
    order = rnnviz.order(trace, "f", "change")
    with little_room():
        stage = rnnviz.stage(trace, show=rnnviz.Watched(order=order), units=order[:3])
    (row,) = stage.tables["bundle"]
    _, units = shown(row)
    assert [units[int(place)] for place in row["order"].split(",")] == order[:3].tolist()
    assert datasets_of(rnnviz.gates_chart(trace, order=order))[0]["first"] == str(order[0] + 1)


def datasets_of(chart: PortableChart) -> list[Row]:
    maps: list[Row] = chart.to_dict()["datasets"]["maps"]
    return maps


def test_what_was_forced_is_marked_where_it_was() -> None:
    of = case("lstm", steps=12, hidden=9)
    held = [rnnviz.Forced("f", 1.0, units=(2, 7), steps=(3, 9)), rnnviz.Forced("o", 0.0, steps=(12, 12))]
    trace = rnnviz.record(of.module, of.x, forced=held)
    contrast = rnnviz.Contrast(rnnviz.Pass(of.trace), rnnviz.Pass(trace))
    stage = rnnviz.stage(contrast, show=rnnviz.Watched(), units=(2, 3, 7), steps=(8, 11))
    forget = trace.cell.quantities.index("f")
    assert {(h["q"], h["from"], h["to"], h["place"], h["rows"]) for h in stage.tables["holds"]} == {
        (forget, 0, 2, 0, 1),
        (forget, 0, 2, 2, 1),
    }
    (op,) = [op for op in stage.tables["ops"] if op["held"]]
    assert op["held"] == "101101000000"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"units": ()}, r"units are \[\]; accepted: 1 to 128 of 0 to 8"),
        ({"units": (9,)}, "accepted: 1 to 128 of 0 to 8"),
        ({"units": (1, 1)}, r"units are \[1, 1\]; accepted: .* each once"),
        ({"steps": (0, 3)}, "accepted: the first and the last one, from 1 to 12"),
        ({"steps": (4, 3)}, "accepted: the first and the last one, from 1 to 12"),
        ({"steps": (1, 12), "units": range(9)}, r"12 steps and 9 units; accepted: 6 steps.*steps=\(first, last\)"),
    ],
)
def test_what_is_not_there_or_has_no_room_is_refused_with_what_is_accepted(
    options: dict[str, object], says: str
) -> None:
    room = 6 if len(options) == 2 else 200
    with mock.patch.multiple(excerpt, MAX_STEPS=room), pytest.raises(ValueError, match=says):
        rnnviz.stage(case("lstm", steps=12, hidden=9).trace, **options)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"units": 2}, "units is a int; accepted: 1 to 128 of 0 to 8"),
        ({"units": (1.0,)}, "one of the units is 1.0; accepted"),
        ({"steps": 3}, "steps is a int; accepted: the first and the last one"),
        ({"steps": (1.0, 2.0)}, "one of the steps is 1.0; accepted: the first and the last one"),
    ],
)
def test_what_is_no_whole_number_is_refused_with_what_is_accepted(options: dict[str, object], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        rnnviz.stage(case("lstm", steps=12, hidden=9).trace, **options)


def test_numbers_that_are_not_finite_are_left_out_by_steps() -> None:
    trace = case("lstm", steps=6).trace
    values = {name: array.copy() for name, array in trace.values.items()}
    values["c"][0, 4, 1] = np.nan
    trace = replace(trace, values=values)
    with pytest.raises(ValueError, match=r"not finite, at step 5 first.* such as \(1, 4\)"):
        rnnviz.stage(trace)
    assert "t = 1 / 6" in texts(picture(rnnviz.stage(trace, steps=(1, 4))))


def test_the_tables_of_the_largest_trace_are_no_larger_than_those_of_the_largest_that_is_whole() -> None:
    sizes = []
    for layers, steps, hidden in ((1, 200, 128), (4, 400, 300)):
        trace = rnnviz.record(torch.nn.LSTM(8, hidden, layers), torch.randn(steps, 8))
        sizes.append(len(rnnviz.stage(trace).to_json()))
    assert sizes[1] < 1.3 * sizes[0]


@settings(max_examples=20)
@given(st.data(), TRACES, st.booleans())
def test_the_heatmaps_are_of_the_steps_and_the_units_that_are_said(
    data: st.DataObject, trace: Trace, dark: bool
) -> None:
    options = data.draw(asked(trace))
    order = data.draw(st.none() | st.permutations(range(trace.hidden_size)))
    unit = data.draw(st.integers(0, trace.hidden_size - 1))
    with little_room():
        stage = rnnviz.stage(trace, **options, show=rnnviz.Watched(order=order or (), unit=unit))
    (row,) = stage.tables["bundle"]
    steps, units = shown(row)
    places = [int(place) for place in row["order"].split(",")]
    assert sorted(places) == [*range(len(units))]
    if order:
        assert [units[place] for place in places] == [unit for unit in order if unit in units]
    if options["units"] is None and unit:
        assert units[row["unit"]] == unit
    top = len(trace.weights) - trace.num_directions
    for one, name in zip(stage.tables["maps"], trace.quantities, strict=True):
        values = trace[name][top][np.ix_(list(steps), units)][:, places].T / one["scale"]
        gate = name if name in trace.cell.gates else ""
        assert one["urlDark" if dark else "urlLight"] == raster.picture(values, dark=dark, gate=gate)


def test_the_largest_cell_of_a_notebook_is_as_small_as_the_readme_says() -> None:
    """All states and weights that a stage may have, in a text that no compression shortens."""
    inputs = MAX_WEIGHTS // (4 * MAX_HIDDEN) - MAX_HIDDEN
    generator = torch.Generator().manual_seed(0)
    lstm = torch.nn.LSTM(inputs, MAX_HIDDEN)
    trace = rnnviz.record(lstm, 2 * torch.randn(MAX_STEPS, inputs, generator=generator))
    stage = rnnviz.stage(trace, show=rnnviz.Watched())
    assert stage.tables["bundle"][0]["weights"]
    assert sum(len(part) for part in stage._repr_mimebundle_().values()) < 5e6
