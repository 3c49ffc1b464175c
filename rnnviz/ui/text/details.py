"""Under a lesson: why it is so, the equations, or the same in PyTorch."""

from collections.abc import Callable, Sequence

import streamlit as st

from rnnviz.ui.controls.choice import choice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.parameters import DETAILS
from rnnviz.ui.url.state import State


def details(
    why: Sequence[str],
    equations: Callable[[], None],
    pytorch: Callable[[], str],
    state: State,
    say: Say,
    *,
    waits: bool = False,
) -> None:
    """The one that is chosen; the others are not made.

    why: the paragraphs.     equations: writes them.
    pytorch: says what its lines do, and returns them.     waits: whether a question waits that the paragraphs answer.
    """

    def called(name: str) -> str:
        return say(f"{state.page}.why" if name == "why" else f"details.{name}")

    # Not st.tabs: it draws all of them, and searches a panel of equations for something to focus at every change.
    choice(say("details.title"), DETAILS, called, "details", state)
    if state["details"] == "equations":
        equations()
    elif state["details"] == "pytorch":
        st.code(pytorch(), language="python")
    else:
        for paragraph in [say("details.why_waits")] if waits else why:
            st.markdown(paragraph)
