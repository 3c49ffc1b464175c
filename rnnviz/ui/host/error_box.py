"""An error of ours, in the reader's language. What it was is in the server's log: Streamlit has written it there."""

from urllib.parse import quote, urlsplit, urlunsplit

import streamlit as st


def failed(_: Exception) -> bool:
    """What stands where a page, a part of it or a callback has failed: that it was not the reader, and what to do.

    The entry point gives it to the server as the one who is told of every error. Returns that Streamlit need not show a
    box of its own, which speaks English only.
    """
    from rnnviz.ui.text.prose import speaker
    from rnnviz.ui.url.state import State, opened

    language = State("")["lang"] if opened() else "en"
    parts = urlsplit(st.context.url or "/")
    afresh = urlunsplit((parts.scheme, parts.netloc, quote(parts.path, safe="/%"), f"lang={language}", ""))
    say = speaker(language)
    st.error(f"**{say('failed.title')}** {say('failed.told', afresh=afresh)}", icon=":material/error:")
    return True
