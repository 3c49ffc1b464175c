"""The gradient of a weight that all steps share: one term a step, and their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from rnnviz.charts.plots import sharing as charts
from rnnviz.facts.consequences import of_terms
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.sharing import copies_reached
from rnnviz.facts.questions.words import surprised
from rnnviz.lessons.rolled.weight_edit import WeightContrast
from rnnviz.lessons.rolled.weights import connection, entry
from rnnviz.ui.picture.chart import show
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask, waits
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

if TYPE_CHECKING:
    from rnnviz.core.sharing import Terms


def knobs(net: WeightContrast, loss_at: int, state: State, say: Say) -> None:
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


def gradient(net: WeightContrast, terms: Terms, loss_at: int, state: State, say: Say) -> bool:
    """Left the loss and the sum, right the terms as bars; how many copies add one is asked before they are shown, and
    whose a surprise is after. Whether a question waits."""
    weight, row, column = state["weight"], state["row"], state["column"]
    parts = terms.terms[:loss_at, row - 1, column - 1]
    total, parts_sum = float(terms.total[row - 1, column - 1]), float(parts.sum(dtype=np.float64))
    left, right = st.columns(2, gap="large")
    with left:
        in_text = net.reading.targets[loss_at - 1] is not None
        target = escape(net.model.vocabulary.words[net.target(loss_at)])
        loss_line = say("rolled.loss_is" if in_text else "rolled.loss_own", t=loss_at, word=target, loss=terms.loss)
        st.markdown(f"{loss_line} {connection(net, state, say)}")
        question = _question(terms, loss_at, state)
        if question and not ask(question, _about(loss_at, state), state, say):
            return True
    with left:
        values = {"weight": weight, "row": row, "column": column, "t": loss_at}
        st.markdown(
            say(
                "rolled.sum_y" if weight == "W_hy" else "rolled.sum",
                **values,
                sum=parts_sum,
                total=total,
                gap=abs(parts_sum - total),
            )
        )
        whose = surprised(net.before, loss_at)
        waiting = whose is not None and not ask(whose, (*_about(loss_at, state)[:3], loss_at), state, say)
    with right:
        chart = charts.terms(parts, total, net.after.tokens[:loss_at], catalogue(state["lang"]))
        show(chart, f"{state.page}_terms", say("rolled.terms_alt"))
        if state.shows("notice"):
            unknown = [not token.known for token in net.reading.tokens]
            notice(of_terms(terms.terms, loss_at, row - 1, column - 1, net.after.tokens, unknown), say)
    return waiting


def hidden(terms: Terms, loss_at: int, state: State) -> bool:
    """Whether the question still waits, so that the stage shows no gradient yet."""
    question = _question(terms, loss_at, state)
    return question is not None and waits(question, _about(loss_at, state), state)


def _question(terms: Terms, loss_at: int, state: State) -> Question | None:
    return copies_reached(state["weight"], terms.norms[:loss_at], len(terms.terms))


def _about(loss_at: int, state: State) -> tuple[object, ...]:
    return (*(state[name] for name in ("model", "cell", "text", "weight")), loss_at)
