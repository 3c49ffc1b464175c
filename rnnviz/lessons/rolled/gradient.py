"""The gradient of a weight that all steps share: one term a step, and their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from rnnviz.charts.plots import sharing as charts
from rnnviz.facts.consequences import of_terms, third_of
from rnnviz.lessons.rolled.weight_edit import Edited
from rnnviz.lessons.rolled.weights import connection, entry
from rnnviz.ui.chart import show
from rnnviz.ui.notices import notice
from rnnviz.ui.prose import Say, escape
from rnnviz.ui.question import gate, verdict
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

if TYPE_CHECKING:
    from rnnviz.core.sharing import Terms

THIRDS = ("start", "middle", "end")


def knobs(net: Edited, loss_at: int, state: State, say: Say) -> None:
    """In the row of the parts: the step of the loss, and the entry."""
    tokens = net.after.tokens
    st.selectbox(
        say("rolled.loss"),
        range(1, len(tokens) + 1),
        format_func=lambda t: f"{say('rolled.loss')}: {t} · {tokens[t - 1]}",
        label_visibility="collapsed",
        width=300,
        **state.widget("loss", empty=loss_at, called=tokens),
    )
    entry(state, say)


def gradient(net: Edited, terms: Terms, loss_at: int, state: State, say: Say) -> None:
    """Left the loss and the sum, right the terms as bars; which copy adds most is asked before they are shown."""
    weight, row, column = state["weight"], state["row"], state["column"]
    parts = terms.terms[:loss_at, row - 1, column - 1]
    total, added = float(terms.total[row - 1, column - 1]), float(parts.sum(dtype=np.float64))
    left, right = st.columns(2, gap="large")
    with left:
        known = net.reading.targets[loss_at - 1] is not None
        target = escape(net.model.vocabulary.words[net.target(loss_at)])
        st.markdown(say("rolled.loss_is" if known else "rolled.loss_own", t=loss_at, word=target, loss=terms.loss))
        st.markdown(connection(net, state, say))
        asked: str | None = ""
        if loss_at >= len(THIRDS) and weight != "W_hy":
            place = {"weight": weight, "row": row, "column": column}
            about = ("third", state["model"], state["cell"], state["text"], *place.values(), loss_at)
            thirds = {third: say(f"rolled.guess_{third}") for third in THIRDS}
            asked = gate(say("rolled.ask_third", **place), thirds, about, state, say)
            if asked is not None and state.shows("question"):
                answer = THIRDS[third_of(parts)]
                st.markdown(f"{verdict(asked, answer, thirds, say)} {say('rolled.third_answer')}")
    if asked is None:
        return
    with left:
        values = {"weight": weight, "row": row, "column": column, "t": loss_at}
        st.markdown(
            say(
                "rolled.sum_y" if weight == "W_hy" else "rolled.sum",
                **values,
                sum=added,
                total=total,
                gap=abs(added - total),
            )
        )
    with right:
        chart = charts.terms(parts, total, net.after.tokens[:loss_at], catalogue(state["lang"]))
        show(chart, f"{state.page}_terms", say("rolled.terms_alt"))
        if state.shows("notice"):
            notice(of_terms(terms.terms, loss_at, row - 1, column - 1, net.after.tokens), say)
