"""The place of a chart on a page, with its first picture in it until the chart is drawn."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.ui.first.pictures import drawn, stand_in
from rnnviz.ui.host.internals import base_path
from rnnviz.ui.url.state import State

_DRAWN = "first.drawn"  # in the session's state: the keys of the charts that were drawn


def place(key: str) -> DeltaGenerator:
    """Where a chart goes.     key: of the chart."""
    return st.container(key=f"{key}_frame", gap=None)  # a chart that sends nothing has no class of its own


def pictured(key: str, state: State, alt: str) -> DeltaGenerator:
    """The same, on a page that may not have the chart yet. What it shows until then is true: on the page as its bare
    address opens it, whose chart this session has not drawn.

    alt: what a screen reader says of the chart.
    """
    container, name = place(key), f"{key}-{state['lang']}"
    with container:
        if name in drawn() and state.bare and key not in st.session_state.get(_DRAWN, ()):
            theme = st.context.theme.type or "light"
            st.html(stand_in(name, alt, base_path(), theme))
        else:
            st.empty()  # as many as with a picture, so that the chart stays where it is
    return container


def filled(key: str) -> None:
    """The chart is on its way to its place."""
    st.session_state.setdefault(_DRAWN, set()).add(key)
