"""The charts of what the library computes of a trace: every pixel and every point is a number of it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts.kit import export, palette, scale
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots import maps
from rnnviz.core.cell import plain_symbol
from rnnviz.words import LANGUAGES
from tests.charts.networks import case
from tests.charts.png import colours

CELLS = ["rnn", "lstm", "gru"]


def datasets(chart: PortableChart) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(json.dumps(chart.to_dict()))["datasets"]
    return found


def shades(values: np.ndarray, gate: str, dark: bool = False) -> list[list[str]]:
    """The colours of numbers from -1 to 1, or from 0 to 1 of a gate."""
    ramp = palette.gate_ramp(gate, dark) if gate else palette.ramp(dark)
    part = values if gate else (values + 1) / 2
    return [[ramp[k] for k in row] for row in np.rint(part * (len(ramp) - 1)).astype(int).tolist()]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dark", [False, True])
def test_each_pixel_of_a_gate_or_state_is_its_number(cell: str, dark: bool) -> None:
    trace = case(cell, steps=7, hidden=5, layers=2).trace
    order = (3, 1, 4, 0, 2)
    drawn = datasets(rnnviz.gates_chart(trace, 0, order=order))["maps"]
    assert [one["name"] for one in drawn] == [plain_symbol(name) for name in trace.quantities]
    for one, name in zip(drawn, trace.quantities, strict=True):
        values = trace[name][0][:, order].T
        gate = name if name in trace.cell.gates else ""
        if not gate:
            values = values / np.abs(values).max()
        assert colours(one["dark" if dark else "light"]) == shades(values, gate, dark)
        assert (one["first"], one["last"]) == ("4", "3")


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_the_means_of_blocks_are_those_of_the_numbers_in_them(
    rows: int, columns: int, deep: int, across: int, seed: int
) -> None:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    found = maps._means(values, across, deep)
    expected = [
        [values[r : r + deep, c : c + across].mean() for c in range(0, columns, across)] for r in range(0, rows, deep)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trace_of_any_size_is_drawn_and_says_what_a_pixel_is(language: str) -> None:
    trace = rnnviz.record(torch.nn.GRU(2, 300), torch.randn(2500, 2))
    chart = rnnviz.gates_chart(trace, language=language)
    assert len(chart.to_json()) < 2e6
    texts = "".join(ET.fromstring(export.to_svg(chart)).itertext())
    assert all(number in texts for number in ("2500", "300"))
    assert ("mean of 3 steps and 3 rows" if language == "en" else "3단계와 3행의 평균") in texts
    small = rnnviz.gates_chart(case("gru").trace, language=language)
    assert ("mean" if language == "en" else "평균") not in "".join(ET.fromstring(export.to_svg(small)).itertext())


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_parts_of_a_memory_are_its_shares(cell: str, both: bool) -> None:
    trace = case(cell, steps=6, hidden=4, both=both).trace
    row = len(trace.weights) - 1
    *_, parts = datasets(rnnviz.memory_chart(trace, 2, row))["maps"]
    shares = rnnviz.memory_shares(trace, row)[..., 2].T
    assert colours(parts["light"]) == shades(shares / np.abs(shares).max(), "")
    assert (parts["first"], parts["last"]) == ("0", "6")


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_the_lines_of_the_factors_are_their_numbers(cell: str, both: bool) -> None:
    trace = case(cell, steps=6, hidden=3, both=both).trace
    row = len(trace.weights) - 1
    factors = rnnviz.step_jacobians(trace, row)
    rows = datasets(rnnviz.factors_chart(factors))["rows"]
    lines = {name: {one["x"]: one["y"] for one in rows if one["name"] == name} for name in {r["name"] for r in rows}}
    assert len(lines) == (3 if cell == "rnn" else 4)
    norms = dict(enumerate(np.linalg.norm(factors.jacobians, 2, axis=(1, 2)).tolist(), 1))
    assert lines["each step's Jacobian"] == pytest.approx(norms, rel=1e-4)
    order = range(6) if both else range(5, -1, -1)
    product, measured = np.eye(factors.jacobians.shape[1]), {}
    for step in order:
        measured[step + 1] = np.linalg.norm(product, 2)
        product = product @ factors.jacobians[step]
    assert lines["the product of the Jacobians, measured"] == pytest.approx(measured, rel=1e-3)
    bound = lines["the product of those norms, a bound"]
    assert all(measured[step] <= bound[step] * 1.001 for step in measured)


@pytest.mark.parametrize("both", [False, True])
def test_the_matrix_of_a_flow_is_its_norms_where_a_path_leads_back(both: bool) -> None:
    lstm = torch.nn.LSTM(3, 4, bidirectional=both)
    flow = rnnviz.gradient_flow(lstm, torch.randn(6, 3), lambda output: (output**2).sum(1))
    for row in range(1 + both):
        (bundle,) = datasets(rnnviz.flow_chart(flow, row))["bundle"]
        path = np.tri(6, dtype=bool).T if row else np.tri(6, dtype=bool)
        assert bundle["values"] == scale.written(flow.matrix[row], path)


def test_the_bars_are_what_the_loss_owes_to_each_token_by_autograd() -> None:
    of = case("gru", steps=6, tokens=("a", "b", "</script>", "d", "\0", "f"))
    x = of.x.clone().double().requires_grad_()
    loss = of.module.double()(x)[0][-1].square().sum()
    loss.backward()
    flow = rnnviz.gradient_flow(of.module, of.x.double(), lambda output: output[-1].square().sum())
    of.module.float()
    chart = rnnviz.attribution_chart(flow)
    rows = datasets(chart)["rows"]
    assert [row["y"] for row in rows] == pytest.approx((x * x.grad).sum(1).tolist(), rel=1e-5)
    with pytest.raises(ValueError, match=r"rnnviz\.attribution_chart"):
        rnnviz.flow_chart(flow)


REFUSED: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "row": (lambda: rnnviz.gates_chart(case().trace, 1), ValueError, "row is 1; accepted: 0 to 0"),
    "order": (lambda: rnnviz.gates_chart(case().trace, order=(0, 1)), ValueError, "accepted: every unit once, 0 to 3"),
    "unit": (lambda: rnnviz.memory_chart(case().trace, 4), ValueError, "unit is 4; accepted: 0 to 3"),
    "no memory": (lambda: rnnviz.memory_chart(case("rnn").trace, 0), ValueError, "RNN"),
    "no trace": (lambda: rnnviz.gates_chart(1), TypeError, "accepted"),
    "no factors": (lambda: rnnviz.factors_chart(case().trace), TypeError, "rnnviz.step_jacobians"),
    "no flow": (lambda: rnnviz.flow_chart(case().trace), TypeError, "rnnviz.gradient_flow"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_drawn_is_refused_with_what_is_accepted(kind: str) -> None:
    draw, error, says = REFUSED[kind]
    with pytest.raises(error, match=says):
        draw()


def test_numbers_that_are_not_finite_are_named() -> None:
    trace = case().trace
    values = {name: array.copy() for name, array in trace.values.items()}
    values["o"][0, 3, 1] = np.inf
    with pytest.raises(ValueError, match="o is not finite at step 4"):
        rnnviz.gates_chart(replace(trace, values=values))
