"""Gradient lab: why gradients vanish and explode, from one derivative to the whole product, and what cures it."""

import streamlit as st

from rnnviz.lessons.lab import cliff as lab_cliff
from rnnviz.lessons.lab import cut as lab_cut
from rnnviz.lessons.lab import forgetting as lab_past
from rnnviz.lessons.lab import knobs as lab_knobs
from rnnviz.lessons.lab import matrix as lab_matrix
from rnnviz.lessons.lab import squash as lab_squash
from rnnviz.lessons.lab import table as lab_table
from rnnviz.lessons.lab.formulas import formulas
from rnnviz.lessons.lab.networks import own_row, waits
from rnnviz.lessons.lab.parameters import PARTS, SOURCES, own_steps
from rnnviz.lessons.lab.tries import for_lab
from rnnviz.snippets.lab import lines, own_matrix
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.input_row import count_tokens, examples, problem
from rnnviz.ui.controls.known_words import unknown_words
from rnnviz.ui.own import guest as own_guest
from rnnviz.ui.page.files import file_name, save
from rnnviz.ui.page.header import header
from rnnviz.ui.page.share import share
from rnnviz.ui.text.details import details
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.kinds import Choice, Whole
from rnnviz.ui.url.state import open_page

# Of each part that has its own: the row above the chart.
KNOBS = {
    "matrix": lab_matrix.knobs,
    "knobs": lab_knobs.knobs,
    "cliff": lab_cliff.knobs,
    "cut": lab_cut.knobs,
    "past": lab_past.knobs,
    "table": lab_table.knobs,
}
# The chart of each part, and what is said beside it; returns the files to be saved.
DRAW = {
    "matrix": lab_matrix.matrix,
    "derivative": lab_squash.derivative,
    "knobs": lab_knobs.turn,
    "cliff": lab_cliff.cliff,
    "cut": lab_cut.cut,
    "past": lab_past.past,
    "table": lab_table.table,
}
# Why it is so, in each part: `lab.why_<name>`.
WHY = {
    "derivative": ("slope", "product"),
    "knobs": ("bounds", "cures"),
    "cliff": ("cliff",),
    "cut": ("cut",),
    "past": ("past", "product"),
    "table": ("table", "cures"),
    "matrix": ("matrix", "product", "cures"),
}


def page() -> None:
    state = open_page("lab")
    say = speaker(state["lang"])
    part = state["part"]
    if state["source"] == "own" and state["network"] is None:
        state.refuse("source", Choice(SOURCES[:2]).accepts)
    reads = part == "matrix" and state["source"] == "text"
    visitor = own_guest.of_page(state) if part == "matrix" and state["source"] == "own" else None
    count = own_steps(state.values()) if visitor else count_tokens(state) if reads else state["steps"]
    wrong = problem(count, say) if reads else None
    for name in ("t", "k"):
        if not wrong and state[name] > count:
            state.refuse(name, Whole(1, count).accepts)

    tools = header(say("lab.title"), state, say, say(f"lab.intro_{part}"))
    choice(say("lab.part"), PARTS, lambda name: say(f"lab.part_{name}"), "part", state)
    with folded(say("knobs.fold"), f"{state.page}_{part}", horizontal=False):
        KNOBS.get(part, lab_knobs.made)(state, say)
    if wrong:
        st.info(wrong, icon=":material/edit:")
        examples(state, say)
        st.stop()
    if reads:
        unknown_words(state, say)
    if visitor and visitor.show(state, say) is None:
        st.stop()

    # From here on torch is needed; what is above shows while a fresh process still loads it.
    files = DRAW[part](state, say)

    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        experiments(for_lab(state), state, say)

        def equations() -> None:
            for formula in formulas(part):
                st.latex(formula)
            st.caption(say(f"lab.equations_{part}"))

        def pytorch() -> str:
            st.markdown(say("lab.pytorch"))
            if visitor:
                own = own_row(state)
                whole, row = own.model.model, own.model.row
                t, k = (min(state[name], count) for name in "tk")
                return own_matrix(whole, own.read, row, t, k, state["float"])
            return lines(part, state.values())

        why = [say(f"lab.why_{name}") for name in WHY[part]]
        details(why, equations, pytorch, state, say, waits=waits(state))
    if state.shows("share"):
        with tools:
            share(state, say)
            if files:  # none where a network has nothing to draw
                which = (visitor.cell, visitor.name) if visitor else (state["cell"], state["init"])
                name = file_name("lab", part, *which, f"T{count}")
                save(lambda: (files, name), state, say)
