"""The numbers in an equation give its result."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.words.equation import in_numbers, most_changed
from tests.charts.networks import case

FUNCTIONS = {"tanh": math.tanh, "sigma": lambda v: 1 / (1 + math.exp(-v))}


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU])
@pytest.mark.parametrize(("t", "unit"), [(1, 1), (4, 3)])
def test_each_line_holds(kind: type[torch.nn.RNNBase], t: int, unit: int) -> None:
    generator = torch.Generator().manual_seed(0)
    module = kind(2, 3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    trace = rnnviz.record(module, torch.randn(4, 2, generator=generator))
    found = list(in_numbers(trace, t, unit))
    assert len(found) == sum(op.kind != "matvec" for op in trace.cell.ops)
    for line in found:
        *_, terms, result = line.split(" = ")
        python = terms.replace(r"\odot", "*")
        for name in FUNCTIONS:
            python = python.replace(rf"\{name}", name)
        assert re.fullmatch(r"[-+*(). \da-z]+", python)
        assert eval(python, {"__builtins__": {}}, FUNCTIONS) == pytest.approx(float(result), abs=0.03)
    assert found[-1].startswith("h_t = ")
    assert float(found[-1].rsplit(" = ", 1)[1]) == pytest.approx(trace["h"][0, t - 1, unit - 1], abs=0.005)


def test_the_unit_that_changed_most_is_of_the_direction_that_is_written_out() -> None:
    """The last row of a bidirectional module is the reverse one."""
    trace = case("gru", hidden=6, steps=6, layers=2, both=True).trace
    h = trace.output[:, :6]
    for t in range(1, 7):
        before = h[t - 2] if t > 1 else np.zeros(6)
        unit = most_changed(trace, t)
        assert unit == int(np.abs(h[t - 1] - before).argmax()) + 1
        assert list(in_numbers(trace, t, unit))[-1].endswith(f"= {h[t - 1, unit - 1]:z.2f}")
