"""What is chosen above the picture: the series, one's own too, the window, the horizon, and the network."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from rnnviz.lessons.forecast import own, run
from rnnviz.lessons.forecast.parameters import there
from rnnviz.tasks.series.catalogue import SERIES_NAMES, series_of
from rnnviz.tasks.series.own import LONGEST, SHORTEST
from rnnviz.tasks.series.setup import HORIZONS, WINDOWS, Relative, Shape
from rnnviz.training.config import Rule
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.number import number
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.kinds import Choice
from rnnviz.ui.url.state import State
from rnnviz.zoo import CELL_NAMES

SHAPES: tuple[str, ...] = get_args(Shape)


def settle(state: State) -> None:
    """Take back a visitor's own series that is not there, and a shape that its part does not show."""
    if there(state["series"]) is None:
        state.refuse("series", Rule("own_series", {"options": SERIES_NAMES}))
    if state["part"] == "look" and state["shape"] == "point":
        state.replace("shape", "direct", Choice(SHAPES[:2]).accepts)


def beside(state: State, say: Say) -> None:
    """In the row of the parts: which series."""
    names = SERIES_NAMES if state["series"] in SERIES_NAMES else (*SERIES_NAMES, state["series"])
    if not state.shows("text"):
        return
    st.selectbox(
        say("forecast.series"),
        names,
        format_func=lambda name: say(f"forecast.series_{'own' if name.startswith('own:') else name}"),
        label_visibility="collapsed",
        width=330,
        **state.widget("series", called=names),
    )


def knobs(state: State, say: Say) -> str | None:
    """The row above the picture; why the window and the horizon do not fit, if they do not."""
    shapes = SHAPES if state["part"] == "train" else SHAPES[:2]
    with (
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
        folded(say("knobs.fold"), f"{state.page}_network"),
    ):
        if state.shows("model"):
            number(say("forecast.window"), "window", state, WINDOWS, width=118)
            number(say("forecast.horizon"), "horizon", state, HORIZONS, width=118)
            if state["part"] != "shapes":
                choice(say("forecast.shape"), shapes, lambda one: say(f"forecast.shape_{one}"), "shape", state)
        if state.shows("cell"):
            choice(say("reading.cell"), CELL_NAMES, lambda name: titled(name, say), "cell", state)
        if state.shows("text"):
            popover = lazy_popover(
                say("forecast.own"), f"{state.page}_own", help=say("forecast.own_help", least=SHORTEST, most=LONGEST)
            )
            if popover.open:
                with popover:
                    own.form(state, say)
        if state.shows("model"):
            popover = lazy_popover(say("reading.more"), f"{state.page}_more", help=say("forecast.more_help"))
            if popover.open:
                with popover:
                    _more(state, say)
    if state["series"] not in SERIES_NAMES:
        own.hand_on(state, say)
    return run.too_much(state, say)


def _more(state: State, say: Say) -> None:
    """Everything else of the network, and where the series is from."""
    choice(
        say("forecast.relative"),
        get_args(Relative),
        lambda one: say(f"forecast.relative_{one}"),
        "relative",
        state,
        labelled=True,
    )
    with st.container(horizontal=True, gap="small"):
        for name in ("hidden_size", "iterations", "seed"):
            number(say(f"forecast.{name}"), name, state, width=110)
    series = series_of(state["series"])
    if series.source:
        st.caption(say("forecast.source", source=series.source, count=len(series.values)))
