"""Shapes: one network, taps to open and close; and of each shape that has a name a trained model and its uses."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.lessons.shapes import baseline, in_step, spelled, tagged, taps, verdict
from rnnviz.lessons.shapes.formulas import formulas
from rnnviz.lessons.shapes.parameters import PARTS, TASKS
from rnnviz.lessons.shapes.shape import card, uses
from rnnviz.lessons.shapes.tries import for_part
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.page.files import Files, file_name, save
from rnnviz.ui.page.header import header
from rnnviz.ui.page.share import share
from rnnviz.ui.picture import stage
from rnnviz.ui.place.listener import Bounds, follow
from rnnviz.ui.text.details import details
from rnnviz.ui.text.equations import equations
from rnnviz.ui.text.prose import Say, speaker
from rnnviz.ui.url.state import State, open_page

# By what is shown: the controls of those that have some, why what is chosen cannot be read, and how one goes on then.
KNOBS = {
    "taps": taps.knobs,
    "one_to_one": baseline.knobs,
    "one_to_many": spelled.knobs,
    "many_to_one": verdict.knobs,
    "tags": tagged.knobs,
    "next": in_step.knobs,
}
WRONG = {"taps": taps.wrong, "many_to_one": verdict.wrong, "tags": tagged.wrong, "next": in_step.wrong}
REFUSED = {"taps": taps.refused, "many_to_one": verdict.refused, "tags": tagged.refused, "next": in_step.refused}
# Those that show a stage.
STAGES = {"one_to_many": spelled, "many_to_one": verdict, "tags": tagged, "next": in_step}


def _shown(state: State) -> str:
    """The part, or the one of two tasks with which the shape in step is shown."""
    if state["part"] != "in_step":
        return str(state["part"])
    return "next" if state["task"] == "next" else "tags"


def page() -> None:
    state = open_page("shapes")
    say = speaker(state["lang"])
    part = state["part"]
    shown = _shown(state)
    wrong = WRONG[shown](state, say) if shown in WRONG else None
    tools = header(say("shapes.title"), state, say, say(f"shapes.look_{shown}"))
    with st.container(horizontal=True, gap="small"):
        with st.container(width="content"):
            choice(say("shapes.part"), PARTS, lambda name: say(f"shapes.part_{name}"), "part", state, wrap=True)
        if part == "in_step":
            choice(say("shapes.task"), TASKS, lambda name: say(f"shapes.task_{name}"), "task", state)
    if shown in KNOBS:
        KNOBS[shown](state, say)
    if wrong:
        st.info(wrong, icon=":material/edit:")
        REFUSED[shown](state, say)
        st.stop()
    # From here on torch is needed; what is above shows while a fresh process still loads it.
    if shown in STAGES:
        _staged(tools, state, say)
        return
    files: Files = {}
    waits = False
    if part == "taps":
        files, waits = taps.draw(state, say)
    elif part == "one_to_one":
        files = baseline.draw(state, say)
    else:
        st.info(say("shapes.later"), icon=":material/schedule:")
    if state.shows("lesson"):
        _lesson(state, say, waits=waits)
    if state.shows("share"):
        with tools:
            share(state, say)
            if files:
                save(lambda: (files, file_name("shapes", part, state["cell"])), state, say)


def _lesson(state: State, say: Say, *, waits: bool) -> None:
    """What there is to try, the card, the uses, and the details.     waits: whether a question does."""
    part = state["part"]
    if tries := for_part(state):
        st.subheader(say("try.title"), anchor=False)
        experiments(tries, state, say)
    if part == "one_to_one":
        card("pressure", state, say)
    if part != "taps":
        uses(part, state, say)
    lines = {"taps": taps.pytorch, "one_to_one": baseline.pytorch}

    def pytorch() -> str:
        st.markdown(say(f"shapes.pytorch_{part}"))
        return lines[part](state)

    if part in lines:
        details(_why(part, say), partial(formulas, part), pytorch, state, say, waits=waits)
    else:
        for paragraph in _why(part, say):
            st.markdown(paragraph)


def _why(part: str, say: Say) -> list[str]:
    names = {"taps": ("taps", "losses", "zeros", "names"), "tags": ("tags", "ahead")}.get(part, (part,))
    return [say(f"shapes.why_{name}") for name in names]


def _staged(tools: DeltaGenerator, state: State, say: Say) -> None:
    """A part that shows a stage, and what follows its place."""
    part, name = state["part"], _shown(state)
    shape = STAGES[name]
    bounds = Bounds(shape.length(state), *shape.sizes(state))
    bounds.refuse(state)
    figure, shown = shape.show(state, say)
    popover_open = False
    if state.shows("share"):
        with tools:
            name_parts = ("shapes", shown.reader, shape.file_name(state))
            popover_open = stage.take_along(figure, shown, " ".join(shown.tokens), name_parts, state, say)

    def below() -> None:
        waits = shape.below(shown, state, say)
        if state.shows("lesson"):
            uses(part, state, say)

            def pytorch() -> str:
                st.markdown(say(f"shapes.pytorch_{name}"))
                return shape.pytorch(state)

            details(_why(name, say), partial(equations, shown, state["t"], say), pytorch, state, say, waits=waits)

    follow(below, state, bounds, whole=popover_open)
