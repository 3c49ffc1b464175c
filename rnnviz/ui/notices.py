"""What to notice, in the reader's words."""

from collections.abc import Iterable

import streamlit as st

from rnnviz.facts.notice import Notice
from rnnviz.ui.prose import Say, escape


def notice(facts: Iterable[Notice], say: Say) -> None:
    """Under their heading."""
    st.subheader(say("notice.title"), anchor=False)
    tell(facts, say)


def tell(facts: Iterable[Notice], say: Say) -> None:
    """One line a fact; what comes from the text is escaped."""
    for fact in facts:
        values = {name: escape(v) if isinstance(v, str) else v for name, v in fact.values.items()}
        st.markdown(say(f"notice.{fact.kind}", t=fact.t, **values))
