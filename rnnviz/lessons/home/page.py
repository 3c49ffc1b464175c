"""Home: what this is, a small stage that invites a first key press, the lessons, and how to use them in class."""

import streamlit as st

from rnnviz.ui.page.header import header
from rnnviz.ui.page.lessons import listed
from rnnviz.ui.picture.stage import taste
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import open_page


def page() -> None:
    state = open_page("home")
    say = speaker(state["lang"])
    header(say("home.headline"), state, say)
    st.markdown(say("home.lead"), width=760)
    taste(state)

    st.subheader(say("home.path"), anchor=False)
    listed(state, say)

    st.subheader(say("home.class"), anchor=False)
    with st.grid(4, min_column_width=240, gap="medium"):
        for part in ("show", "ask", "send", "keep"):
            st.markdown(say(f"home.class_{part}"))

    st.subheader(say("home.history"), anchor=False)
    with st.grid(6, min_column_width=150):
        for year in ("1990", "1991", "1997", "2014", "2017", "2021"):
            with st.container():
                st.markdown(f"**{year}**")
                st.caption(say(f"home.history_{year}"))
