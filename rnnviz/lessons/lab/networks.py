"""The gradient lab: what its parts have in common: the networks that are made or loaded, and how a chart is shown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz import zoo
from rnnviz.charts.kit.figure import Figure
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.lab.parameters import PARAMETERS, kind_of
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.number import number
from rnnviz.ui.first.place import pictured
from rnnviz.ui.own.kept import OwnPass, model_of, reading_of, row_pass
from rnnviz.ui.picture import chart
from rnnviz.ui.place.listener import listen, sent
from rnnviz.ui.place.player import player
from rnnviz.ui.place.steppers import steppers
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.question import waits as unanswered
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo import CELL_NAMES
from rnnviz.zoo.own.made import Made

if TYPE_CHECKING:
    import torch

    from rnnviz.core.gradients.flow import LossFunction
    from rnnviz.core.gradients.lab import Recipe
    from rnnviz.core.trace import Trace

FIRST = 3  # steps that are drawn at once, where the rest is asked for before it is drawn
INPUT = 8  # numbers that a network made to order reads in each step


def labels(state: State) -> Mapping[str, str]:
    return catalogue(state["lang"])


def dtype(state: State) -> torch.dtype:
    import torch

    return torch.float32 if state["float"] == "32" else torch.float64


def sequence(state: State) -> torch.Tensor:
    """What the networks made to order read, (T, INPUT): the same for all of a seed."""
    from rnnviz.core.gradients.lab import sample

    return sample(state["steps"], INPUT, state["seed"])


def recipe(state: State, cell: str, **knobs: Any) -> Recipe:
    """A network of the chosen size and seed, with nothing else than `knobs` moved."""
    from rnnviz.core.gradients.lab import Recipe

    return Recipe(cell, hidden_size=state["hidden"], input_size=INPUT, seed=state["seed"], **knobs)


def steps_drawn(answered: bool, steps: int) -> int:
    """How many of so many steps are drawn: before a question is `answered`, a few."""
    return steps if answered else min(steps, FIRST)


def told_first(answered: bool, steps: int, say: Say) -> None:
    """Under a chart: that it is of a few steps, where it is."""
    if steps_drawn(answered, steps) < steps:
        st.caption(say("lab.first_steps", steps=FIRST, all=steps))


def own_row(state: State) -> OwnPass:
    """The layer of a visitor's network that is shown. Where it is not there, the page has said so before."""
    model = model_of(state["network"])
    assert model is not None
    return row_pass(model, reading_of(model, state), (state["row"] or model.rows) - 1)


def traces(state: State, steps: int, say: Say) -> Mapping[str, tuple[str, Trace, LossFunction]]:
    """By cell: title, forward pass and loss of the three networks that are compared, over so many steps."""
    import rnnviz
    from rnnviz.core.gradients.lab import cross_entropies, every_sum, run_recipe

    if state["source"] == "own":
        return _beside(own_row(state), steps, state, say)
    by_cell: dict[str, tuple[str, Trace, LossFunction]] = {}
    for cell in CELL_NAMES:
        loss: LossFunction
        if state["source"] == "made":
            trace, loss = run_recipe(recipe(state, cell), sequence(state)[:steps], dtype=dtype(state)), every_sum
        else:
            model = zoo.load(state["model"], cell)
            reading = model.read(state["text"])
            tokens = [token.text for token in reading.tokens][:steps]
            trace = rnnviz.record(model.rnn, reading.x[:steps], tokens=tokens, dtype=dtype(state))
            loss = cross_entropies(model.head, reading.targets[:steps])
        by_cell[cell] = (titled(cell, say), trace, loss)
    return by_cell


def _beside(own: OwnPass, steps: int, state: State, say: Say) -> Mapping[str, tuple[str, Trace, LossFunction]]:
    """A visitor's network in the place of its kind, and in the two others a network as large with new weights; all of
    them read the same."""
    import rnnviz
    from rnnviz.core.gradients.lab import every_sum
    from rnnviz.zoo.own.model import make

    x, by_cell = own.reading.x[:steps], {}
    for cell in CELL_NAMES:
        rnn, title = own.model.rnn, say("lab.own_network", cell=titled(own.model.cell, say))
        if cell != kind_of(own.model.cell):
            rnn = make(Made(cell, x.shape[1], own.model.rnn.hidden_size, 1, state["seed"])).rnn
            title = say("lab.new_weights", cell=titled(cell, say))
        trace = rnnviz.record(rnn, x, tokens=own.shown.tokens[:steps], dtype=dtype(state))
        by_cell[cell] = (title, trace, every_sum)
    return by_cell


def show(
    figure: Figure,
    state: State,
    alt: str,
    at: Mapping[str, Any],
    *,
    step: str = "",
    axes: Mapping[str, str] | None = None,
) -> None:
    """Draw a part's chart. What is chosen in it is in the link as soon as it rests, but while a question waits it is of
    the first steps alone and is not kept.

    at: where it is, by name as in the link.     step: what its controls step through, if one thing.
    axes: what they move, if several, by its name in the chart's place what it is called.
    """
    key = f"{state.page}_{state['part']}_stage"
    go = sent(key, at)
    figure.tables["bundle"][0] |= {"placed": True, "go": go}
    if step:
        player(key, state["lang"], step=step)
    if axes:
        steppers(key, state["lang"], axes)
    chart.show(figure, key, alt, at=pictured(key, state, alt))
    if not waits(state):
        listen(key, {param.name: param.kind for param in PARAMETERS if param.name in at}, state, whole=True)


def segmented(name: str, options: Sequence[str], state: State, say: Say) -> None:
    """A row of choices whose names are `lab.<name>_<option>`."""
    choice(say(f"lab.{name}"), options, lambda option: say(f"lab.{name}_{option}"), name, state, labelled=True)


def numbers(state: State, say: Say, *names: str) -> None:
    """Fields for the whole numbers of a network made to order."""
    for name in names:
        number(say(f"lab.{name}"), name, state, width=106)


def settled(question: Question, about: Hashable, network: Hashable, state: State, say: Say) -> bool:
    """Ask, and whether it was answered or let go. The answer stands as long as it is of the `network` that was asked
    about: of another one it would be the answer to something else."""
    of: dict[Hashable, Hashable] = st.session_state.setdefault(f"{state.page}_asked_of", {})
    # On a phone a question that waits stays at the thumb.
    asks = of.get(about, network) == network and unanswered(question, about, state)
    with st.container(key=f"{state.page}_question{'_waits_late' * asks}"):
        answered = of.get(about, network) != network or ask(question, about, state, say)
    if answered:
        of.setdefault(about, network)
    st.session_state[f"{state.page}_waits"] = not answered
    return answered


def waits(state: State) -> bool:
    """Whether the part that is drawn waits for an answer."""
    return bool(st.session_state.get(f"{state.page}_waits"))
