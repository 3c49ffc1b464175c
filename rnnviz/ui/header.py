"""The first row of a page: its title, the language, and room for sharing and saving."""

from collections.abc import Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.lessons import LANGUAGES
from rnnviz.ui.prose import Say, escape
from rnnviz.ui.state import LARGE, State

# The toolbar that Streamlit lays over the corner of a chart would cover the controls above a stage.
_NO_TOOLBAR = "[class*='_stage'] [data-testid='stElementToolbar'] {display: none}"
# What moves sideways on a stage drags its scrubber: a finger does not turn the browser's page, and a mouse that strays
# selects no text, which the browser would drag in the scrubber's place the next time.
_DRAG = "[class*='_stage'] svg {touch-action: pan-y; -webkit-user-select: none; user-select: none}"
# Streamlit sizes everything in rem, and a theme cannot change while the app runs.
_LARGER = f":root:root {{font-size: {LARGE:.0%}}}"


def style(state: State) -> None:
    """The rules that no setting of Streamlit gives; large type for a projector only when the link asks for it."""
    st.html(f"<style>{_NO_TOOLBAR} {_DRAG} {_LARGER * (state['type'] == 'large')}</style>")


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
    if state.refused:
        st.warning("\n".join([say("header.refused"), *_refusals(state, say)]), icon=":material/link_off:")
    return tools


def _refusals(state: State, say: Say) -> Iterator[str]:
    for name, raw in state.refused:
        used = escape(state.written(name)) or say("header.nothing")
        yield "- " + say("header.refused_value", name=escape(name), raw=escape(raw), used=used)
