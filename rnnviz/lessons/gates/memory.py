"""Inside the step: what the memory is made of after the present one, and how long it lasts."""

import streamlit as st

from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.facts.consequences import of_memory
from rnnviz.facts.questions.gates import closes_most, memory_after
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.gates.contrast import GateContrast, answering_unit
from rnnviz.ui.place.listener import where
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask, waits
from rnnviz.ui.url.state import State


def watched(contrast: GateContrast, state: State) -> Watched:
    """The step opened, with what the memory is made of under it."""
    return Watched(depth=1, belt=True, unit=answering_unit(contrast, state))


def answers(contrast: GateContrast, state: State, say: Say) -> bool:
    """Left questions about the next step, right the facts of the present one. Whether one waits."""
    left, right = st.columns(2, gap="large")
    with left:
        answered = not state.shows("question") or _ask(contrast, state, say)
    with right:
        if state.shows("notice"):
            notice(of_memory(contrast.after.trace, state["t"], where(state)["picked"]), say)
    return not answered


def _ask(contrast: GateContrast, state: State, say: Say) -> bool:
    """What will one unit hold after the next step, which the stage does not show yet, and then which gate will close
    most? Whether neither waits."""
    trace, t = contrast.after.trace, state["t"] + 1
    if t > len(trace):
        return True
    about = (contrast.about, t)
    question = _of_memory(contrast, about, t, state)
    if question and not ask(question, about, state, say):
        return False
    if not contrast.reading.tokens[t - 1].known:
        return True  # of such a one nothing is told
    gate_names = {name: f"{name} · {say(f'stage.op.{name}')}" for name in trace.cell.gates}
    return ask(closes_most(trace, t, gate_names | {"none": say("gates.guess_none")}), about, state, say)


def _of_memory(contrast: GateContrast, about: tuple[str, int], t: int, state: State) -> Question | None:
    """What the unit that is framed will hold after step `t`; once that is guessed, the unit stays that one."""
    asked: dict[tuple[str, int], int] = st.session_state.setdefault(f"{state.page}_asked_units", {})
    framed = int(where(state)["picked"]) - 1
    question = memory_after(contrast.after.trace, t, asked.get(about, framed))
    if question is not None and waits(question, about, state):
        asked[about] = framed
        return memory_after(contrast.after.trace, t, framed)
    return question
