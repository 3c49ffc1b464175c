"""What it costs to keep every intermediate: `rnnviz.record` against PyTorch computing only the result."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch

import rnnviz
from benchmarks.row import Row, median_ms

T, INPUT, HIDDEN = 40, 8, 16
BATCH_T, BATCH, BATCH_HIDDEN = 100, 32, 128
MOST_RATIO = 2.0  # of a whole batch's recording to the module's own forward pass


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

    yield from batches()


def batches() -> Iterator[Row]:
    """A batch in one pass; then one trace of it, and all, each with every operation."""
    x = torch.randn(BATCH_T, BATCH, BATCH_HIDDEN, generator=torch.Generator().manual_seed(0))
    for name in ("RNN", "LSTM", "GRU"):
        module = getattr(torch.nn, name)(BATCH_HIDDEN, BATCH_HIDDEN)
        with torch.no_grad():
            fused = median_ms(partial(module, x), repeat=20)
            recording = median_ms(partial(rnnviz.record, module, x), repeat=20)
            traces = rnnviz.record(module, list(x.unbind(1)))
            one = median_ms(partial(traces.__getitem__, 0), repeat=20)
            every = median_ms(partial(list, traces), repeat=5)
        what = f"{name}, {BATCH} x T = {BATCH_T}, hidden {BATCH_HIDDEN}"
        limit = MOST_RATIO * fused
        yield Row(f"record {what}", recording, "ms", f"{MOST_RATIO:g} x fused nn.{name}", limit, promise=True)
        yield Row(f"traces[0] of {what}", one, "ms", f"fused nn.{name}, the whole batch", fused)
        yield Row(f"all traces of {what}", every, "ms", f"fused nn.{name}, the whole batch", fused)


def unroll(cell: torch.nn.Module, x: torch.Tensor) -> None:
    state = None
    for x_t in x:
        state = cell(x_t, state)
