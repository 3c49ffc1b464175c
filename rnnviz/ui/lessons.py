"""The lessons, as a list of links."""

import streamlit as st

from rnnviz.ui.prose import Say
from rnnviz.ui.url.state import State

# The file of each, from the folder of app.py.
LESSONS = {
    "step": "pages/step-through.py",
    "rolled": "pages/rolled-unrolled.py",
    "gates": "pages/watch-the-gates.py",
    "train": "pages/train-live.py",
    "lab": "pages/gradient-lab.py",
}


def listed(state: State, say: Say) -> None:
    """A box for each, in the order in which they are read."""
    for lesson, file in LESSONS.items():
        with st.container(border=True):
            st.page_link(file, icon=":material/arrow_forward:", help="", query_params=state.query())
            st.caption(say(f"{lesson}.question"))
