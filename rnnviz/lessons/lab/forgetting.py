"""Forward too: the first token, lost by the states and by the gradient."""

from __future__ import annotations

import streamlit as st

from rnnviz.charts.lab import forgetting as charts
from rnnviz.core.cells import CELLS
from rnnviz.facts.lab import past_rate
from rnnviz.facts.notice import Notice
from rnnviz.lessons.lab.networks import INPUT, labels, numbers, recipe, sequence, show, steps_drawn, told_first
from rnnviz.ui.chart import zoom
from rnnviz.ui.files import Files, drawings
from rnnviz.ui.notices import notice
from rnnviz.ui.prose import Say
from rnnviz.ui.question import gate, verdict
from rnnviz.ui.url.state import State
from rnnviz.zoo import CELL_NAMES

ALIKE = 1.25  # between two rates of forgetting that count as the same


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        numbers(state, say, "steps", "hidden", "seed")


def past(state: State, say: Say) -> Files:
    from rnnviz.core.gradients.lab import forgetting, sample

    options = {option: say(f"lab.guess_{option}") for option in ("states", "gradient", "together")}
    answered = gate(say("lab.ask_past"), options, "past", state, say)
    steps = steps_drawn(answered, state["steps"])
    x, other = sequence(state)[:steps], sample(1, INPUT, state["seed"] + 1)
    lost = {cell: forgetting(recipe(state, cell), x, other[0]) for cell in CELL_NAMES}
    rates = {cell: (past_rate(found.forward), past_rate(found.backward)) for cell, found in lost.items()}
    if answered is not None and state.shows("question"):
        ahead, back = rates["rnn"]
        answer = "together" if max(ahead, back) < ALIKE * min(ahead, back) else "states" if ahead < back else "gradient"
        st.markdown(f"{verdict(answered, answer, options, say)} {say('lab.past_answer')}")
    found = [charts.Past(CELLS[cell].title, one.forward, one.backward) for cell, one in lost.items()]
    made = charts.chart(found, labels(state), t=min(state["t"], steps), zoom=zoom(state))
    show(made, "past", state, alt=say("lab.past_alt"), pins=("t",))
    told_first(answered, state["steps"], say)
    if answered is not None and state.shows("notice"):
        every = [(CELLS[cell].title, ahead, back) for cell, (ahead, back) in rates.items()]
        notice((Notice("lab_past", 0, dict(zip(("network", "ahead", "back"), one, strict=True))) for one in every), say)
    return drawings(made, say("lab.part_past"), state)
