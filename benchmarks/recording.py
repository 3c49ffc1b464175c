"""What it costs to keep every intermediate: `rnnviz.record` against PyTorch computing only the result."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch

import rnnviz
from benchmarks.row import Row, median_ms

T, INPUT, HIDDEN = 40, 8, 16


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    x = torch.randn(T, INPUT, generator=torch.Generator().manual_seed(0))
    for name, module, cell in [
        ("RNN", torch.nn.RNN(INPUT, HIDDEN), torch.nn.RNNCell(INPUT, HIDDEN)),
        ("LSTM", torch.nn.LSTM(INPUT, HIDDEN), torch.nn.LSTMCell(INPUT, HIDDEN)),
        ("GRU", torch.nn.GRU(INPUT, HIDDEN), torch.nn.GRUCell(INPUT, HIDDEN)),
    ]:
        with torch.no_grad():
            recording = median_ms(partial(rnnviz.record, module, x))
            fused = median_ms(partial(module, x))
            loop = median_ms(partial(unroll, cell, x))
        what = f"record {name}, T = {T}, hidden {HIDDEN}"
        yield Row(what, recording, "ms", f"fused nn.{name}, result only", fused)
        yield Row(what, recording, "ms", f"loop of nn.{name}Cell, result only", loop)


def unroll(cell: torch.nn.Module, x: torch.Tensor) -> None:
    state = None
    for x_t in x:
        state = cell(x_t, state)
