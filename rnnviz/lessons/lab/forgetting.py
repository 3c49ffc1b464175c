"""Forward too: the first token, lost by the states and by the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.charts.lab import forgetting as charts
from rnnviz.facts.lab import past_rate
from rnnviz.facts.notice import Notice
from rnnviz.facts.questions.lab import left
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.lab.networks import INPUT, labels, numbers, recipe, sequence, settled, show, steps_drawn, told_first
from rnnviz.ui.page.files import Files, drawings
from rnnviz.ui.picture.chart import zoom
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.state import State
from rnnviz.zoo import CELL_NAMES

if TYPE_CHECKING:
    from rnnviz.core.gradients.lab import Forgetting


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        numbers(state, say, "steps", "hidden", "seed")


def past(state: State, say: Say) -> Files:
    from rnnviz.core.gradients.lab import forgetting, sample

    x, other = sequence(state), sample(1, INPUT, state["seed"] + 1)
    decays = {cell: forgetting(recipe(state, cell), x, other[0]) for cell in CELL_NAMES}
    made_of = tuple(state[name] for name in ("steps", "hidden", "seed"))
    answered = settled(_question(decays["lstm"]), "past", made_of, state, say)
    steps = steps_drawn(answered, len(x))
    networks = [
        charts.Past(titled(cell, say), one.forward[:steps], one.backward[:steps]) for cell, one in decays.items()
    ]
    t = min(state["t"], steps)
    figure = charts.chart(networks, labels(state), t=t, zoom=zoom(state))
    show(figure, state, say("lab.past_alt"), {"t": t}, step=say("lab.axis_t"))
    told_first(answered, len(x), say)
    if answered and state.shows("notice"):
        st.markdown(say("lab.past_answer"))
        every = [(titled(cell, say), past_rate(one.forward), past_rate(one.backward)) for cell, one in decays.items()]
        notice((Notice("lab_past", 0, dict(zip(("network", "ahead", "back"), one, strict=True))) for one in every), say)
    return drawings(figure, say("lab.part_past"), state)


def _question(decay: Forgetting) -> Question:
    steps = len(decay.forward)
    back = float(decay.backward[-1] / decay.backward[0]) ** (1 / (steps - 1))
    return left("past", float(decay.forward[-1] / decay.forward[0]), steps - 1, {"steps": steps, "back_factor": back})
