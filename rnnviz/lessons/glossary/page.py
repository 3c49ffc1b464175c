"""Each term under a heading that links lead to, with what it means and the lesson that shows it."""

import streamlit as st

from rnnviz.ui.page.header import header
from rnnviz.ui.page.lessons import LESSONS
from rnnviz.ui.text.glossary import TERMS, anchor
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import open_page


def page() -> None:
    state = open_page("glossary")
    say = speaker(state["lang"])
    header(say("glossary.title"), state, say)
    st.caption(say("glossary.question"))
    with st.grid(2, min_column_width=340, gap="large"):
        for term, shown_in in TERMS.items():
            with st.container(gap="xsmall"):
                st.subheader(say(f"term.{term}"), anchor=anchor(term))
                st.markdown(say(f"meaning.{term}"))
                shown = say("glossary.shown", lesson=say(f"{shown_in}.title"))
                icon = ":material/arrow_forward:"
                st.page_link(LESSONS[shown_in].file, label=shown, icon=icon, query_params=state.query())
