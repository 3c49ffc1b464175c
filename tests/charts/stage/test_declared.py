"""A cell declared at run time is drawn as any other: its equations, its diagram, its arithmetic with every operand."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.core.cell import Cell
from rnnviz.core.network import Recurrent
from rnnviz.core.trace import Trace
from tests.charts.networks import columns, draw, picture, texts
from tests.declared import MINGRU, summing

HIDDEN = 4


def recorded(cell: Cell, **options: Any) -> Trace:
    layer = Recurrent(cell, 3, HIDDEN)
    with torch.no_grad():
        for number, parameter in enumerate(layer.parameters()):
            parameter.copy_(draw(number, *parameter.shape) / 2)
    return rnnviz.record(layer, draw(9, 5, 3), **options)


def value(arithmetic: str) -> float:
    numbers = re.findall(r"\(?([−-]?[\d.]+)\)?", arithmetic)
    return sum(float(number.replace("−", "-")) for number in numbers)


@pytest.mark.parametrize("terms", range(1, 9))
def test_a_sum_shows_all_it_adds_up(terms: int) -> None:
    cell = summing(terms)
    trace = recorded(cell, h0=draw(7, 1, HIDDEN))
    number = [op.name for op in cell.ops].index("a") + 1
    for width in (390, 1100):
        drawn = picture(rnnviz.stage(trace, look=rnnviz.Look(start=3)), width=width, depth=2, op=number, picked=1)
        written = [text for text in texts(drawn) if re.fullmatch(r".*a.*=.*≈ .*", text)]
        assert len(written) == 1
        arithmetic, _, result = written[0].split(" = ", 1)[1].partition(" ≈ ")
        assert arithmetic.count(" + ") == terms - 1
        assert value(arithmetic) == pytest.approx(value(result), abs=0.0005 * (terms + 1))
        assert value(result) == pytest.approx(trace["a"][0, 2, 1], abs=0.0006)
        lines = [text for text in texts(drawn) if text.startswith("aₜ = ") and re.search(r"\d", text)]
        assert [value(line.partition(" = ")[2]) for line in lines] == [value(arithmetic)] * (width > 400)
        *operands, total = [column for column in columns(drawn) if column.shape == (HIDDEN,)][-terms - 1 :]
        np.testing.assert_allclose(np.sum(operands, axis=0), total, atol=0.0006 * (terms + 1))
        np.testing.assert_allclose(total, trace["a"][0, 2], atol=0.0006)


def test_the_mingru_is_drawn() -> None:
    trace = recorded(MINGRU)
    assert list(MINGRU.equations()) == [
        r"z_t = \sigma(W_{xz}\,x_t + b_{xz})",
        r"n_t = W_{xn}\,x_t + b_{xn}",
        r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
    ]
    stage = rnnviz.stage(trace, look=rnnviz.Look(start=4))
    nodes = {node["label"].partition(" = ")[0] for node in stage.to_dict()["datasets"]["nodes"]}
    assert nodes >= {"hₜ₋₁", "xₜ", "W_xz xₜ", "W_xn xₜ", "zₜ", "1 − zₜ", "hₜ"}
    assert not any("W_h" in label for label in nodes)
    assert "zₜ" in texts(picture(stage, depth=1))
    h, z, n = (trace[name][0, 3, 0] for name in ("h", "z", "n"))
    assert h == pytest.approx((1 - z) * trace["h"][0, 2, 0] + z * n, abs=1e-6)
    shown = texts(picture(stage, depth=2, op=len(MINGRU.ops)))
    assert any(f"{h:.3f}".replace("-", "−") in text for text in shown)
