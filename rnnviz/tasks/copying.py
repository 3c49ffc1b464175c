"""Copy memory: Hochreiter & Schmidhuber 1997 in the form of Arjovsky, Shah & Bengio 2016, Unitary evolution RNNs.

Ten symbols of eight kinds are read, then blanks for a time T, a "go" as the last of them, and ten more blanks, at which
the ten symbols are to be said in order; at every step before, a blank. A sequence has T + 20 steps.

Deviation from the paper: "go" is no class that can be said, so there are 9 outputs and not 10.
"""

from math import log

import torch
from torch import Generator
from torch.nn import functional as F

from rnnviz.tasks.task import Batch, Task, accuracy

SYMBOLS, CODE = 8, 10
BLANK, GO = SYMBOLS, SYMBOLS + 1


def _make(generator: Generator, batch_size: int, length: int, unseen: bool) -> Batch:
    code = torch.randint(0, SYMBOLS, (CODE, batch_size), generator=generator)
    tokens = torch.full((length + 2 * CODE, batch_size), BLANK)
    y = tokens.clone()
    tokens[:CODE], y[-CODE:] = code, code
    tokens[-CODE - 1] = GO
    return Batch(x=F.one_hot(tokens, SYMBOLS + 2).float(), y=y, asked=y != BLANK)


COPY = Task(
    name="copy",
    title="Copy memory",
    source="Arjovsky, Shah & Bengio 2016",
    inputs=(*"ABCDEFGH", "blank", "go"),
    outputs=(*"ABCDEFGH", "blank"),
    loss="cross entropy",
    shortest=2,
    longest=180,
    steps=lambda length: length + 2 * CODE,
    loss_from=lambda length: 0,
    make=_make,
    baseline=lambda length: CODE * log(SYMBOLS) / (length + 2 * CODE),
    chance=1 / SYMBOLS,
    measure=accuracy,
    counts=lambda x: x[:, :SYMBOLS].any(-1),
)
