"""A text, the network that reads it, and the same network with one entry of a weight changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import rnnviz
from rnnviz import zoo
from rnnviz.core.trace import Readout, Trace
from rnnviz.ui.untouched import untouched
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import shipped

if TYPE_CHECKING:
    from torch import nn

    from rnnviz.core.record import Head
    from rnnviz.core.sharing import Terms


@dataclass(frozen=True, eq=False)
class Edited:
    """model, reading: the network as it was trained, and the text.     rnn, head: with the entry as it is chosen.

    before, readout_before: what the trained one computes.     trace, readout: what the edited one computes; the same
    objects while nothing is edited.
    """

    model: zoo.Model
    reading: zoo.Reading
    rnn: nn.Module
    head: Head
    before: Trace
    readout_before: Readout
    trace: Trace
    readout: Readout

    @property
    def changed(self) -> bool:
        return self.readout is not self.readout_before

    def target(self, t: int) -> int:
        """The class of the loss at step `t` (from 1): the token that follows, or the network's own first choice."""
        follows = self.reading.targets[t - 1]
        return int(self.readout_before.y[t - 1].argmax()) if follows is None else follows

    def surprise(self) -> int:
        """The step (from 1) of the second half after which the network is most wrong, as it was trained."""
        y, targets = self.readout_before.y, self.reading.targets
        known = [(y[t, target], t + 1) for t, target in enumerate(targets) if target is not None]
        return min((p for p in known if p[1] > len(y) / 2), default=(1.0, max(1, len(y) - 1)))[1]

    def terms(self, parameter: str, t: int) -> Terms:
        from rnnviz.core.sharing import weight_terms

        return weight_terms(self.rnn, self.reading.x, self.head, self.target(t), t, parameter=parameter)


def shape(state: State) -> tuple[int, int]:
    """Rows and columns of the chosen weight. Needs no torch."""
    vocabulary, cards = shipped(state["model"])
    card, name = cards[state["cell"]], state["weight"]
    rows = len(vocabulary) if name == "W_hy" else card.hidden_size
    return rows, card.embedding_size if name.startswith("W_x") else card.hidden_size


def value_of(net: Edited, state: State) -> float:
    """The chosen entry as it was trained."""
    weight = net.readout_before.W_hy if state["weight"] == "W_hy" else net.before.weights[0][state["weight"]]
    return float(weight[state["row"] - 1, state["column"] - 1])


def read(state: State) -> Edited:
    model, reading, before, readout_before = untouched(state["model"], state["cell"], state["text"])
    rnn: nn.Module = model.rnn
    head, trace, readout = model.head, before, readout_before
    # An edit is made in its own part of the lesson; the others show the network as it was trained.
    trained = readout.W_hy if state["weight"] == "W_hy" else before.weights[0][state["weight"]]
    value = state["value"] if state["part"] == "weight" else None
    if value is not None and value != round(float(trained[state["row"] - 1, state["column"] - 1]), 4):
        from rnnviz.core.sharing import with_entry

        entry = (state["weight"], state["row"] - 1, state["column"] - 1, value)
        if state["weight"] == "W_hy":
            head = with_entry(head, *entry)
        else:
            rnn = with_entry(rnn, *entry)
            trace = rnnviz.record(rnn, reading.x, tokens=before.tokens)
        readout = rnnviz.read_out(trace, head)
    return Edited(model, reading, rnn, head, before, readout_before, trace, readout)
