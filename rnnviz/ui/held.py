"""A text, the network with gates that reads it, and the same with a gate taken hold of or another bias."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import rnnviz
from rnnviz import zoo
from rnnviz.trace import Forced, Readout, Trace
from rnnviz.ui.state import LETTER_LIMIT, State
from rnnviz.ui.untouched import untouched
from rnnviz.zoo import TOKEN_LIMIT, catalogue

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, eq=False)
class Held:
    """model, reading: the network as it was trained, and the text.

    before, readout_before: what it computes untouched.     trace, readout: what it computes held; the same objects
    while nothing is.
    """

    model: zoo.Model
    reading: zoo.Reading
    before: Trace
    readout_before: Readout
    trace: Trace
    readout: Readout

    @property
    def changed(self) -> bool:
        return self.trace is not self.before

    def run(self, forced: tuple[Forced, ...] = (), bias: float | None = None) -> Trace:
        """The same text once more. bias: of the gate that keeps, in place of the trained ones."""
        rnn: nn.Module = self.model.rnn if bias is None else rnnviz.with_forget_bias(self.model.rnn, bias)
        return rnnviz.record(rnn, self.reading.x, tokens=self.before.tokens, forced=forced)


def token_limit(state: State) -> int:
    """How many tokens are read here: a letter is a token too."""
    return LETTER_LIMIT if catalogue()[state["model"]].kind == "char" else TOKEN_LIMIT


def forcing(state: State, steps: int) -> tuple[Forced, ...]:
    """What the reader took hold of, in a text of so many steps."""
    if state["part"] != "hold" or state["force"] is None:
        return ()
    units = (state["unit"] - 1,) if state["unit"] else None
    whole = state["first"] is None and state["last"] is None
    span = None if whole else (state["first"] or 1, state["last"] or steps)
    return (Forced(state["gate"], state["force"], units, span),)


def read(state: State) -> Held:
    """A gate is held in the part of the lesson that has the knobs for it, and nowhere else."""
    model, reading, before, readout = untouched(state["model"], state["cell"], state["text"], token_limit(state))
    free = Held(model, reading, before, readout, before, readout)
    forced, bias = forcing(state, len(before)), state["bias"] if state["part"] == "hold" else None
    if not forced and bias is None:
        return free
    trace = free.run(forced, bias)
    return Held(model, reading, before, readout, trace, rnnviz.read_out(trace, model.head))
