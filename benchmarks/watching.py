"""What it costs a training loop of one's own to be watched, for a model of the size of *Train live*."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext

import torch
from torch import nn

import rnnviz
from benchmarks.row import Row

STEPS, BATCH, HIDDEN = 50, 32, 32  # as `rnnviz.training.Config` has them by default
MOST_RATIO = 1.1
ITERATIONS, ROUNDS = 60, 15


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    for name in ("RNN", "LSTM", "GRU"):
        rnn, head = getattr(nn, name)(2, HIDDEN), nn.Linear(HIDDEN, 1)
        model = nn.ModuleDict({"rnn": rnn, "head": head})
        optimiser = torch.optim.Adam(model.parameters(), lr=0.003)
        # In turns, so that a slow moment of the machine falls on both; the fastest round counts.
        plain, watched = [], []
        for _ in range(ROUNDS):
            plain.append(_seconds(model, optimiser, watch=False))
            watched.append(_seconds(model, optimiser, watch=True))
        what = f"iteration of nn.{name}, T = {STEPS}, batch {BATCH}, hidden {HIDDEN}, watched"
        limit = 1000 * MOST_RATIO * min(plain)
        yield Row(what, 1000 * min(watched), "ms", f"{MOST_RATIO:g} x unwatched", limit, promise=True)


def _seconds(model: nn.ModuleDict, optimiser: torch.optim.Optimizer, *, watch: bool) -> float:
    """Of an iteration."""
    x = torch.rand(STEPS, BATCH, 2, generator=torch.Generator().manual_seed(0))
    y = x.sum((0, 2))[:, None]
    with rnnviz.watch(model) if watch else nullcontext() as log:
        start = time.perf_counter()
        for _ in range(ITERATIONS):
            output, _ = model["rnn"](x)
            loss = nn.functional.mse_loss(model["head"](output[-1]), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if log is not None:
                log.step(loss)
        return (time.perf_counter() - start) / ITERATIONS
