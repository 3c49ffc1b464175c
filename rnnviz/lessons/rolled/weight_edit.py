"""A text, the network that reads it, and the same network with one entry of a weight changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import rnnviz
from rnnviz import zoo
from rnnviz.core.forward import Contrast, Pass
from rnnviz.core.trace import Array
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import shipped

if TYPE_CHECKING:
    from torch import nn

    from rnnviz.core.record import Head
    from rnnviz.core.sharing import Terms


@dataclass(frozen=True, eq=False)
class WeightContrast(Contrast):
    """The network as it was trained before, and with one entry changed after."""

    model: zoo.Model = field(kw_only=True)  # as it was trained
    reading: zoo.Reading = field(kw_only=True)  # the text as it reads it
    rnn: nn.Module = field(kw_only=True)  # with the entry as it is chosen
    head: Head = field(kw_only=True)  # likewise

    @property
    def _y(self) -> Array:
        """What it expected as it was trained, (T, V)."""
        assert self.before.readout is not None, "a model of the zoo has a head"
        return self.before.readout.y

    def target(self, t: int) -> int:
        """The class of the loss at step `t` (from 1): the token that follows, or the network's own first choice."""
        follows = self.before.targets[t - 1]
        return int(self._y[t - 1].argmax()) if follows is None else follows

    def surprise(self) -> int:
        """The step (from 1) of the second half after which the network is most wrong, as it was trained."""
        y, targets = self._y, self.before.targets
        probabilities = [(y[t, target], t + 1) for t, target in enumerate(targets) if target is not None]
        return min((p for p in probabilities if p[1] > len(y) / 2), default=(1.0, max(1, len(y) - 1)))[1]

    def terms(self, parameter: str, t: int) -> Terms:
        from rnnviz.core.sharing import weight_terms

        return weight_terms(self.rnn, self.reading.x, self.head, self.target(t), t, parameter=parameter)


def shape(state: State) -> tuple[int, int]:
    """Rows and columns of the chosen weight. Needs no torch."""
    vocabulary, cards = shipped(state["model"])
    card, name = cards[state["cell"]], state["weight"]
    rows = len(vocabulary) if name == "W_hy" else card.hidden_size
    return rows, card.embedding_size if name.startswith("W_x") else card.hidden_size


def value_of(net: WeightContrast, state: State) -> float:
    """The chosen entry as it was trained."""
    return float(_weight(net.before, state["weight"])[state["row"] - 1, state["column"] - 1])


def _weight(shown: Pass, name: str) -> Array:
    """The whole matrix, of the head or of the layer."""
    return shown.readout.W_hy if name == "W_hy" and shown.readout else shown.trace.weights[0][name]


def read(state: State) -> WeightContrast:
    model, reading, before = trained_pass(state["model"], state["cell"], state["text"])
    rnn: nn.Module = model.rnn
    head, after = model.head, before
    # An edit is made in its own part of the lesson; the others show the network as it was trained.
    name, row, column = state["weight"], state["row"] - 1, state["column"] - 1
    value = state["value"] if state["part"] == "weight" else None
    if value is not None and value != round(float(_weight(before, name)[row, column]), 4):
        from rnnviz.core.sharing import with_entry

        trace = before.trace
        if name == "W_hy":
            head = with_entry(head, name, row, column, value)
        else:
            rnn = with_entry(rnn, name, row, column, value)
            trace = rnnviz.record(rnn, reading.x, tokens=before.tokens)
        after = replace(before, trace=trace, readout=rnnviz.read_out(trace, head))
    return WeightContrast(before, after, model=model, reading=reading, rnn=rnn, head=head)
