"""A text, the network with gates that reads it, and the same with a gate taken hold of or another bias."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import rnnviz
from rnnviz import zoo
from rnnviz.core.forced import Forced
from rnnviz.core.forward import Contrast
from rnnviz.core.gates import order
from rnnviz.core.trace import Trace
from rnnviz.lessons.gates.parameters import opened_at
from rnnviz.ui.own.kept import OwnRow
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.ui.runs.checkpoint import CheckpointModel
from rnnviz.ui.runs.guest import GuestPass
from rnnviz.ui.url.parameters import LETTER_LIMIT
from rnnviz.ui.url.state import State
from rnnviz.zoo import TOKEN_LIMIT, catalogue


@dataclass(frozen=True, eq=False)
class GateContrast(Contrast):
    """The network as it is before, and with a gate held or another bias after."""

    model: zoo.Model | CheckpointModel | OwnRow = field(kw_only=True)  # as it was trained, that of a run, or one's own
    reading: zoo.Reading = field(kw_only=True)  # the text, the run's sequence, or one's own
    about: str = field(kw_only=True)  # tells what is read, and by which network, from all else

    def run(self, forced: tuple[Forced, ...] = (), bias: float | None = None) -> Trace:
        """The same text once more. bias: of the gate that keeps, in place of the trained ones."""
        rnn = self.model.rnn if bias is None else rnnviz.with_forget_bias(self.model.rnn, bias)
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


def answering_unit(contrast: GateContrast, state: State) -> int:
    """The unit that answers to the step at which the text opens: nobody is told much by the first one. It is the same
    one in every part, wherever the stage is and whatever is held. From 0."""
    return int(order(contrast.before.trace, "h", "token", t=opened_at(state.values()))[0])


def read(state: State, visitor: GuestPass | None = None) -> GateContrast:
    """A gate is held in the part of the lesson that has the knobs for it, and nowhere else.

    visitor: in the place of a trained model and a text.
    """
    network_pass = visitor or trained_pass(state["model"], state["cell"], state["text"], token_limit(state))
    about = visitor.model.about if visitor else f"{state['cell']}_{state['model']}_{state['text']}"
    model, before = network_pass.model, network_pass.shown
    free = GateContrast(before, before, model=model, reading=network_pass.reading, about=about)
    forced_gates, bias = forcing(state, len(before.trace)), state["bias"] if state["part"] == "hold" else None
    if not forced_gates and bias is None:
        return free
    trace = free.run(forced_gates, bias)
    readout = None if model.head is None else rnnviz.read_out(trace, model.head)
    if before.head == "numbers" and readout is not None:
        return replace(free, after=replace(before, trace=trace, outputs=readout.logits))
    return replace(free, after=replace(before, trace=trace, readout=readout))
