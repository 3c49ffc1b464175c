"""The lines that are made from a declaration compute what the declaration does."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.core.cell import Cell, Op, Role
from rnnviz.core.cells import CELLS
from rnnviz.core.network import Recurrent
from rnnviz.snippets import program
from tests.charts.networks import draw
from tests.declared import COUPLED, MINGRU

# h_t = tanh(c_t) * c_{t-1}: c is read as it was, after this step has written it.
_write = Op("h", Role.STATE, "hadamard", ("tanh_c", "c_prev"), "h_t")
LATE = replace(CELLS["lstm"], name="late", ops=(*CELLS["lstm"].ops[:-1], _write))


@pytest.mark.parametrize("cell", [*CELLS.values(), MINGRU, COUPLED, LATE], ids=lambda cell: cell.name)
def test_a_step_of_pytorch_is_the_declarations(cell: Cell) -> None:
    layer = Recurrent(cell, 3, 4, dtype=torch.float64)
    with torch.no_grad():
        for number, parameter in enumerate(layer.parameters()):
            parameter.copy_(draw(number, *parameter.shape))
    x = draw(9, 6, 3).double()
    code = f"{program.weights(cell)}{program.start(cell)}h = h.double()\nfor x_t in x:\n{program.step(cell)}"
    if "c" in cell.states:
        code = code.replace("h = h.double()", "h = c = h.double()")
    known: dict[str, object] = {"torch": torch, "x": x, "model": SimpleNamespace(rnn=layer)}
    with torch.no_grad():
        exec(code, known)
    trace = rnnviz.record(layer, x)
    for state in cell.states:
        np.testing.assert_allclose(known[state], trace[state][0, -1])


def test_each_line_is_a_quantity_that_the_literature_names() -> None:
    assert program.weights(MINGRU).splitlines() == [
        "W_x, b_x = model.rnn.parameters()",
        "W_xz, W_xn = W_x.chunk(2)",
        "b_xz, b_xn = b_x.chunk(2)",
    ]
    assert program.step(MINGRU).splitlines() == [
        "    z = torch.sigmoid(W_xz @ x_t + b_xz)",
        "    n = W_xn @ x_t + b_xn",
        "    h = (1 - z) * h + z * n",
    ]
    assert "    n = torch.tanh(W_xn @ x_t + b_xn + r * (W_hn @ h + b_hn))\n" in program.step(CELLS["gru"])
    assert program.step(LATE).startswith("    c_prev = c\n")
