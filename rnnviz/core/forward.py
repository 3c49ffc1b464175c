"""A pass of a network over one sequence with all that is shown of it, and two passes that differ in what was changed.

No torch here: charts, facts and pages read this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array, Readout, Trace

HeadKind = Literal["classes", "numbers", "nothing"]


@dataclass(frozen=True, eq=False)
class Pass:
    """One network that reads one sequence of T tokens. Raises `ValueError` where its parts do not fit together."""

    __repr__ = short_repr

    trace: Trace  # every number of the recurrent layers, and the tokens
    readout: Readout | None = None  # what a head predicts at each step, (T, V); None without a head that chooses
    words: tuple[str, ...] = ()  # the names of the head's V classes
    targets: tuple[int | None, ...] = ()  # the right class after each step, None where unknown; the last may be missing
    reader: str = ""  # which network read it, as file names have it: "words-en-lstm"
    truth: Array | None = None  # (T, V): what the source of the text has come next, NaN where that is not known
    outputs: Array | None = None  # the numbers of a head that does not choose among classes, (T, V); None for another
    asked: Array | None = None  # what a task asks those numbers to be, (T, V), NaN where it does not ask
    rows: tuple[int, ...] = ()  # the row of an embedding that each token is, T of them; none where nothing is embedded

    def __post_init__(self) -> None:
        steps, V = len(self.trace), len(self.words)
        if self.readout is not None and self.readout.y.shape != (steps, V):
            raise ValueError(f"readout is {self.readout.y.shape}; accepted: ({steps}, {V}), that is (T, words)")
        if len(self.targets) > steps or any(t is not None and not 0 <= t < V for t in self.targets):
            bounds = f"at most {steps}, each None or an index from 0 to {V - 1}"
            raise ValueError(f"targets are {list(self.targets)}; accepted: {bounds}")
        if self.rows and len(self.rows) != steps:
            raise ValueError(f"rows are {len(self.rows)}; accepted: none, or one for each of the {steps} tokens")
        if self.truth is not None and self.truth.shape != (steps, V):
            raise ValueError(f"truth is {self.truth.shape}; accepted: ({steps}, {V}), that is (T, words)")
        if self.outputs is not None and (self.readout is not None or len(self.outputs) != steps):
            raise ValueError(f"outputs are {self.outputs.shape}; accepted: ({steps}, V), and no readout beside them")
        if self.asked is not None and (self.outputs is None or self.asked.shape != self.outputs.shape):
            raise ValueError(f"asked is {self.asked.shape}; accepted: the shape of the outputs")

    @property
    def head(self) -> HeadKind:
        """What the layer that is shown is followed by: a choice among classes, numbers, or no head of its own."""
        if self.readout is not None:
            return "classes" if self.readout.meaning == "class" else "numbers"
        return "numbers" if self.outputs is not None else "nothing"

    @property
    def tokens(self) -> tuple[str, ...]:
        """What was read, T of them."""
        return self.trace.tokens

    def best(self) -> list[str]:
        """The word expected most after each step, T of them, "" where nothing is a number; none without a choice."""
        if self.readout is None or self.readout.meaning != "class":
            return []
        y = np.where(np.isnan(self.readout.y), -np.inf, self.readout.y)
        return ["" if np.isneginf(row).all() else self.words[row.argmax()] for row in y]


@dataclass(frozen=True, eq=False)
class Contrast:
    """The same sequence before and after something in the network was changed.

    Raises `ValueError` for passes of other cells or shapes.
    """

    __repr__ = short_repr

    before: Pass  # the network as it is
    after: Pass  # with the change; the same object while nothing is changed

    def __post_init__(self) -> None:
        before, after = self.before.trace, self.after.trace
        if before.cell != after.cell or before["h"].shape != after["h"].shape:
            raise ValueError("before is a run of another cell or shape; accepted: the same text, nothing changed")

    @property
    def changed(self) -> bool:
        return self.after is not self.before
