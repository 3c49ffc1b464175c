"""What to notice, in the reader's words."""

from collections.abc import Iterable

import streamlit as st

from rnnviz.facts.notice import Notice
from rnnviz.ui.text.prose import Say, escape, named

SYMBOLS = ("q", "state")  # values that are symbols of a cell


def notice(facts: Iterable[Notice], say: Say, title: str = "notice.title") -> None:
    """Under their heading, the catalogue's text of that name."""
    st.subheader(say(title), anchor=False)
    tell(facts, say)


def tell(facts: Iterable[Notice], say: Say) -> None:
    """One line a fact; what comes from the text is escaped."""
    for fact in facts:
        texts = {name: value for name, value in fact.values.items() if isinstance(value, str)}
        texts = {name: named(text, say) if name in SYMBOLS else escape(text) for name, text in texts.items()}
        st.markdown(say(f"notice.{fact.kind}", t=fact.t, **{**fact.values, **texts}))
