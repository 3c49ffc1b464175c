"""Inside the step: what the memory is made of after the present one, and how long it lasts."""

import streamlit as st

from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.facts.consequences import new_at, of_memory
from rnnviz.lessons.gates.contrast import Held
from rnnviz.ui.notices import notice
from rnnviz.ui.prose import Say, named
from rnnviz.ui.question import gate, verdict
from rnnviz.ui.url.state import State


def watched(_held: Held, _state: State) -> Watched:
    """The step opened, with what the memory is made of under it."""
    return Watched(depth=1, belt=True)


def answers(held: Held, state: State, say: Say) -> None:
    """Left a question about the last step, right the facts of the present one."""
    left, right = st.columns(2, gap="large")
    with left:
        _ask(held, state, say)
    with right:
        if state.shows("notice"):
            notice(of_memory(held.after.trace, state["t"]), say)


def _ask(held: Held, state: State, say: Say) -> None:
    """At the end, is more of the memory old or new?"""
    steps = len(held.after.trace)
    memory = named(held.after.trace.cell.memory[0], say)  # type: ignore[index]
    options = {option: say(f"gates.guess_{option}") for option in ("old", "new")}
    about = f"made_{held.about}"
    picked = gate(say("gates.ask_made", memory=memory, t=steps), options, about, state, say)
    if picked is None or not state.shows("question"):
        return
    new = new_at(held.after.trace, steps)
    answer = "new" if new > 0.5 else "old"
    st.markdown(f"{verdict(picked, answer, options, say)} {say('gates.made_answer', t=steps, new=new)}")
