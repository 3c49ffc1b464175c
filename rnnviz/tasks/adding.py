"""The adding problem: Hochreiter & Schmidhuber 1997, Long short-term memory, experiment 4.

Each step brings a value and a marker. Two steps are marked, one in each half of the sequence; at the end the sum of
their values is asked for. All else is noise.

Deviations from the paper, all as Arjovsky, Shah & Bengio 2016 have it: values from U(0, 1) and the plain sum as target
(the paper: U(-1, 1), scaled), one marked step in each half (the paper: the first in the first ten steps, the second in
the first half), a fixed length, and the marker of every other step is 0 (the paper marks both ends with -1).
"""

import torch
from torch import Generator

from rnnviz.tasks.task import Batch, Task, within

# Var(u + v) for u, v ~ U(0, 1): what predicting the mean, 1, costs. A predictor that sees the last step too gains only
# where that one is marked, once in length / 2 sequences.
BASELINE = 1 / 6
TOLERANCE = 0.04


def _make(generator: Generator, batch_size: int, length: int, unseen: bool) -> Batch:
    values = torch.rand(length, batch_size, generator=generator)
    half = length // 2
    first = torch.randint(0, half, (1, batch_size), generator=generator)
    second = torch.randint(half, length, (1, batch_size), generator=generator)
    markers = torch.zeros_like(values).scatter_(0, torch.cat([first, second]), 1.0)
    return Batch(x=torch.stack([values, markers], -1), y=(values * markers).sum(0)[None, :, None])


ADDING = Task(
    name="adding",
    title="Adding problem",
    source="Hochreiter & Schmidhuber 1997",
    inputs=("value", "marker"),
    outputs=("sum",),
    loss="mse",
    shortest=4,
    longest=200,
    steps=lambda length: length,
    loss_from=lambda length: length - 1,
    make=_make,
    baseline=lambda length: BASELINE,
    chance=2 * TOLERANCE - TOLERANCE**2,  # the triangular density of the sum, integrated from 0.96 to 1.04
    measure=within(TOLERANCE),
    counts=lambda x: x[:, 1] > 0,
)
