"""Sequences of different lengths as one batch: each as a sheet of as many columns as the longest has. No torch here.

Shapes: `T` columns, `H` hidden units; the first axis of states is that of `rnnviz.core.trace`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnviz.core.trace import Array

Side = Literal["right", "left"]  # where a shorter sequence is filled up
# pads: what fills it up is read like a word.   mask: it is computed, and the state from before is kept in its place.
# packed: it is not there for the network.
Handling = Literal["pads", "mask", "packed"]


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sequence of a batch.

    handling: what pads are to the network.
    tokens: T of them, "" for a pad.     real: (T,), whether a column holds a token of the sequence.
    states: (L * D, T, H), h after each column; NaN where nothing is computed.
    handed_on: (L * D, H), what each chain hands on after its last column: `h_n`.
    alone: the same of the sequence without any pad.     cells: how many steps of one chain are computed for it.
    """

    handling: Handling
    tokens: tuple[str, ...]
    real: tuple[bool, ...]
    states: Array
    handed_on: Array
    alone: Array
    cells: int

    @property
    def words(self) -> int:
        """How many tokens are no pads."""
        return sum(self.real)

    @property
    def pads(self) -> int:
        return len(self.real) - self.words

    @property
    def first(self) -> int:
        """The column of its first token, from 0."""
        return self.real.index(True)

    @property
    def last(self) -> int:
        """The column of its last token, from 0."""
        return self.first + self.words - 1

    def drift(self, row: int) -> float:
        """How far pads have moved what a chain hands on: the 2-norm of the difference to the sequence alone.

        row: of the first axis.
        """
        return float(np.linalg.norm(self.handed_on[row] - self.alone[row]))
