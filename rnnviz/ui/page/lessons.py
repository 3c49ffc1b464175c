"""The lessons, as pages know of each other: which there are, and a list of links to them."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rnnviz.ui.host.internals import CELL, ELEMENT, LINK
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.parameters import TABLE, Param
from rnnviz.ui.url.state import State


@dataclass(frozen=True)
class Lesson:
    """A page of the app."""

    name: str  # of its folder, of its part of the URL's table, and of its texts: `<name>.title`, `<name>.question` ...
    place: int  # in the order in which they are read, with gaps for those to come
    address: str  # below the app's, and the name of its file in pages/; empty for the one that opens first
    parameters: tuple[Param, ...]  # what its URL holds besides what holds on every page

    @property
    def file(self) -> str:
        """From the folder of app.py."""
        return f"pages/{self.address or self.name}.py"


LESSONS: dict[str, Lesson] = {}
"""By name, in the order in which they are read. `rnnviz.lessons` finds them."""


def register(lesson: Lesson) -> None:
    """Have the navigation, the lists and the table of the URL know a lesson."""
    LESSONS[lesson.name] = lesson
    TABLE[lesson.name] = lesson.parameters


_KEY = "lessons_listed"
# The link reaches over all of its box.
_WHOLE_BOX = (
    f".st-key-{_KEY} {CELL} {{position: relative}} .st-key-{_KEY} {ELEMENT}:has({LINK}) {{position: static}}"
    f" .st-key-{_KEY} {LINK} a::after {{content: ''; position: absolute; inset: 0; z-index: 1}}"
    f" .st-key-{_KEY} {CELL}:hover {{border-color: currentColor}}"
)


def listed(state: State, say: Say) -> None:
    """A box for each but the first, which is where the list is; in lines where there is room beside one another. Each
    is one link, wherever it is pressed.
    """
    st.html(f"<style>{_WHOLE_BOX}</style>")
    with st.container(key=_KEY), st.grid(3, min_column_width=300, border=True):
        for lesson in LESSONS.values():
            if lesson.address:
                with st.container():
                    st.page_link(lesson.file, icon=":material/arrow_forward:", help="", query_params=state.query())
                    st.caption(say(f"{lesson.name}.question"))
