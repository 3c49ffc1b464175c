"""What it costs that a step waits for the one before it: measured here and now, so it is in no link."""

import streamlit as st

from rnnviz.charts.plots import sharing as charts
from rnnviz.ui.picture.chart import show
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

LENGTHS = (25, 50, 100, 200, 400, 800)
HIDDEN, REPEATS = 64, 9
BUSY = 2.0  # times: below it something else took the time


def timing(state: State, say: Say) -> None:
    from rnnviz.core.sharing import time_cost

    left, right = st.columns(2, gap="large")
    key = f"{state.page}_measured"
    with left:
        st.markdown(say("rolled.time", hidden=HIDDEN))
        if st.button(say("rolled.measure"), key=f"{state.page}_measure", icon=":material/timer:"):
            with st.spinner(say("rolled.measuring")):
                st.session_state[key] = time_cost(LENGTHS, HIDDEN, REPEATS)
    cost = st.session_state.get(key)
    if cost is None:
        return
    with left:
        loop, once = 1e3 * cost.recurrence[-1], 1e3 * cost.product[-1]
        growth, longer = cost.recurrence[-1] / cost.recurrence[0], LENGTHS[-1] // LENGTHS[0]
        values = {"steps": LENGTHS[-1], "loop": loop, "once": once, "ratio": loop / once}
        st.markdown(say("rolled.time_result", **values, growth=growth, longer=longer))
        if min(loop / once, growth) < BUSY:
            st.caption(say("rolled.time_busy"))
        st.caption(say("rolled.time_note", rounds=cost.rounds, threads=cost.threads))
    with right:
        chart = charts.times(cost.lengths, cost.recurrence, cost.product, catalogue(state["lang"]))
        show(chart, f"{state.page}_times", say("rolled.time_alt"))
