"""The first row of a page: its title, the language, and room for sharing and saving."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.lessons import LANGUAGES
from rnnviz.ui.prose import Say, escape
from rnnviz.ui.state import State

# Streamlit sizes everything in rem, and a theme cannot change while the app runs: one rule is all it takes.
_LARGE = "<style>:root:root {font-size: 20px}</style>"


def enlarge(state: State) -> None:
    """Large type for a projector, when the link asks for it."""
    if state["type"] == "large":
        st.html(_LARGE)


def header(title: str, state: State, say: Say) -> DeltaGenerator:
    """Draw the row, and below it what the link asked for in vain. Returns the place for more buttons in the row."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, anchor=False)
        if state.shows("language"):
            st.segmented_control(
                say("header.language"),
                tuple(LANGUAGES),
                format_func=LANGUAGES.__getitem__,
                required=True,
                label_visibility="collapsed",
                **state.widget("lang"),
            )
        tools = st.container(horizontal=True, width="content", gap="small")
    for name, raw in state.refused:
        used = escape(state.written(name))
        st.warning(say("header.refused", name=escape(name), raw=escape(raw), used=used), icon=":material/link_off:")
    return tools
