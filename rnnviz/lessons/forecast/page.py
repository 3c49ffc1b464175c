"""Forecast: a window of a series is read, and what comes is told, beside what came."""

import streamlit as st

from rnnviz.lessons.forecast import look, network, shapes, train, wrong
from rnnviz.lessons.forecast.parameters import PARTS
from rnnviz.lessons.forecast.text import equations, lines
from rnnviz.lessons.forecast.tries import for_part
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.page.files import file_name, save
from rnnviz.ui.page.header import header
from rnnviz.ui.page.share import share
from rnnviz.ui.text.details import details
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import open_page

# Of each part: the row above the picture, and why it cannot be drawn, if so; the picture and what is said beside it,
# which says what there now is.
KNOBS = {"look": network.knobs, "shapes": network.knobs, "train": network.knobs, "wrong": wrong.knobs}
DRAW = {"look": look.draw, "shapes": shapes.draw, "train": train.draw, "wrong": wrong.draw}
WHY = {
    "look": ("split", "naive", "skill"),
    "shapes": ("direct", "own", "point"),
    "train": ("moves",),
}
WHY_WRONG = {"copy": ("copy",), "short": ("short",), "trend": ("range",), "leak": ("leak",), "horizon": ("own",)}


def page() -> None:
    state = open_page("forecast")
    say = speaker(state["lang"])
    part = state["part"]
    network.settle(state)
    tools = header(say("forecast.title"), state, say, say(f"forecast.look_{part}"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        choice(say("forecast.part"), PARTS, lambda name: say(f"forecast.part_{name}"), "part", state, wrap=True)
        if part != "wrong":
            network.beside(state, say)
    if problem := KNOBS[part](state, say):
        st.info(problem, icon=":material/edit:")
        fits = {"window": None, "horizon": None}
        st.button(say("forecast.fits"), key="forecast_fits", icon=":material/undo:", on_click=state.choose, kwargs=fits)
        st.stop()

    # From here on torch is needed; what is above shows while a fresh process still loads it.
    shown = DRAW[part](state, say)

    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        experiments(for_part(state), state, say)
        told = WHY_WRONG[state["flaw"]] if part == "wrong" else WHY[part]
        if part == "train" and state["shape"] == "step":
            told = (*told, "forcing")
        why = [say(f"forecast.why_{name}") for name in told]
        details(
            why, lambda: equations(shown.drawn, say), lambda: lines(shown.drawn, say), state, say, waits=shown.waits
        )
    if state.shows("share"):
        with tools:
            share(state, say)
            if files := shown.files:
                name = file_name("forecast", part, state["flaw"] if part == "wrong" else state["series"], state["cell"])
                save(lambda: (files(), name), state, say)
