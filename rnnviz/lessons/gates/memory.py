"""Inside the step: what the memory is made of after the present one, and how long it lasts."""

import streamlit as st

from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.facts.consequences import of_memory
from rnnviz.facts.questions.gates import memory_after
from rnnviz.lessons.gates.contrast import GateContrast
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.state import State


def watched(_held: GateContrast, _state: State) -> Watched:
    """The step opened, with what the memory is made of under it."""
    return Watched(depth=1, belt=True)


def answers(held: GateContrast, state: State, say: Say) -> None:
    """Left a question about the next step, right the facts of the present one."""
    left, right = st.columns(2, gap="large")
    with left:
        _ask(held, state, say)
    with right:
        if state.shows("notice"):
            notice(of_memory(held.after.trace, state["t"]), say)


def _ask(held: GateContrast, state: State, say: Say) -> None:
    """What will one unit hold after the next step, which the stage does not show yet?"""
    trace, t = held.after.trace, state["t"] + 1
    question = memory_after(trace, t) if t <= len(trace) else None
    if question and state.shows("question"):
        ask(question, (held.about, t), state, say)
