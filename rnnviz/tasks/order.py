"""Temporal order: Hochreiter & Schmidhuber 1997, Long short-term memory, experiment 6a.

Among distractors a, b, c, d stand two symbols that are X or Y each, one between 10% and 20% of the sequence and one
between 50% and 60%. At the end: was it XX, XY, YX or YY?

Deviations from the paper: a fixed length without the start and end symbols E and B; softmax and cross-entropy.
"""

from math import log

import torch
from torch import Generator
from torch.nn import functional as F

from rnnviz.tasks.task import Batch, Task, accuracy

X, DISTRACTORS = 0, 4  # X, Y are the symbols 0, 1; the distractors follow


def _make(generator: Generator, batch_size: int, length: int, unseen: bool) -> Batch:
    tokens = torch.randint(2, 2 + DISTRACTORS, (length, batch_size), generator=generator)
    pair = torch.randint(0, 2, (2, batch_size), generator=generator)
    places = [
        torch.randint(start, max(start + 1, end), (1, batch_size), generator=generator)
        for start, end in ((length // 10, length // 5), (length // 2, length * 3 // 5))
    ]
    tokens.scatter_(0, torch.cat(places), pair)
    return Batch(x=F.one_hot(tokens, 2 + DISTRACTORS).float(), y=2 * pair[:1] + pair[1:])


ORDER = Task(
    name="order",
    title="Temporal order",
    source="Hochreiter & Schmidhuber 1997",
    inputs=tuple("XYabcd"),
    outputs=("XX", "XY", "YX", "YY"),
    loss="cross entropy",
    shortest=6,
    longest=200,
    steps=lambda length: length,
    loss_from=lambda length: length - 1,
    make=_make,
    baseline=lambda length: log(4),
    chance=0.25,
    measure=accuracy,
    counts=lambda x: x[:, :2].any(-1),
)
