"""An address that no page has: a page that says so, where Streamlit would show the first page behind a dialog."""

from collections.abc import Container
from urllib.parse import unquote, urlsplit

import streamlit as st

from rnnviz.ui.page.header import header
from rnnviz.ui.page.lessons import listed
from rnnviz.ui.text.prose import escape, speaker
from rnnviz.ui.url.state import open_page

_LAST = "unknown_last"  # in the session's state


def missing_address(addresses: Container[str]) -> str | None:
    """What the browser's address ends with, where that is the address of no page; else what it last was in this
    session, since the browser's Back may lead there.

    addresses: those that pages have.
    """
    name = unquote(urlsplit(st.context.url or "").path).rpartition("/")[2].strip()
    if name and name not in addresses:
        st.session_state[_LAST] = name
    last: str | None = st.session_state.get(_LAST)
    return last


def page() -> None:
    """Say that there is no such page, and what there is."""
    state = open_page("unknown")
    say = speaker(state["lang"])
    header(say("unknown.title"), state, say)
    st.markdown(say("unknown.told", address=escape(urlsplit(st.context.url or "").path, 80)))
    with st.container(width=760):
        listed(state, say)
