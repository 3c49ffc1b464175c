"""Every gate over the whole text: in which order the units stand, what stays as it is, and a search for a unit."""

from __future__ import annotations

from math import floor

import streamlit as st

from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.core.gates import order
from rnnviz.facts.consequences import Match, chance_of_perfect, closing_step, matches, of_extremes
from rnnviz.lessons.gates.contrast import GateContrast, answering_unit
from rnnviz.lessons.gates.parameters import SORTINGS
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import percent

RANKED = 5


def knobs(contrast: GateContrast, state: State, say: Say) -> None:
    """How the units are sorted, in the row of the parts."""
    tokens = contrast.after.tokens
    st.selectbox(
        say("gates.sort"),
        SORTINGS,
        format_func=lambda name: f"{say('gates.sort')}: {say(f'gates.sort_{name}')}",
        label_visibility="collapsed",
        width=330,
        **state.widget("sort"),
    )
    if state["sort"] == "token":
        st.selectbox(
            say("gates.about"),
            range(1, len(tokens) + 1),
            format_func=lambda t: f"{t} · {tokens[t - 1]}",
            label_visibility="collapsed",
            width=170,
            **state.widget("about", empty=_about(contrast, state), called=tokens),
        )


def watched(contrast: GateContrast, state: State) -> Watched:
    """What the stage shows: the units in their order, what is marked, and the unit that fits the marks best."""
    units = tuple(range(contrast.after.trace.hidden_size))
    if state["sort"] != "own":
        t = _about(contrast, state) if state["sort"] == "token" else None
        units = tuple(map(int, order(contrast.after.trace, "h", state["sort"], t=t)))
    best = next(iter(_ranking(contrast, state)), None)
    if best is None:
        return Watched(order=units, marked=state["marks"], unit=answering_unit(contrast, state))
    return Watched(order=units, marked=state["marks"], unit=best.found.unit, coloured=best.quantity)


def answers(contrast: GateContrast, state: State, say: Say) -> bool:
    """Left what to notice, right the search for a unit. No question waits here."""
    left, right = st.columns(2, gap="large")
    with left:
        if state.shows("notice"):
            facts = tuple(of_extremes(contrast.after.trace))
            notice(facts, say)
            if not facts:
                st.markdown(say("gates.no_extreme"))
    with right:
        _search(contrast, state, say)
    return False


def _about(contrast: GateContrast, state: State) -> int:
    """The token to which units respond: the chosen one, or where a gate closes most, of those that it knows."""
    unknown = [not token.known for token in contrast.reading.tokens]
    return int(state["about"] or closing_step(contrast.after.trace, unknown) or 1)


def _ranking(contrast: GateContrast, state: State) -> tuple[Match, ...]:
    marks = len(state["marks"])
    return matches(contrast.after.trace, state["marks"]) if 0 < marks < len(contrast.after.trace) else ()


def _search(contrast: GateContrast, state: State, say: Say) -> None:
    """Mark places in the text; which unit tells them from the others?"""
    tokens = contrast.after.tokens
    st.subheader(say("gates.search"), anchor=False)
    st.markdown(say("gates.search_how"))
    every = f"{state.page}_every"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.multiselect(
            say("gates.marks"),
            range(1, len(tokens) + 1),
            format_func=lambda t: f"{t} · {tokens[t - 1]}",
            placeholder=say("gates.marks_empty"),
            **state.widget("marks", called=tokens),
        )
        st.selectbox(
            say("gates.every"),
            tuple(dict.fromkeys(map(str.casefold, tokens))),
            index=None,
            placeholder=say("gates.every_empty"),
            key=every,
            width=170,
            on_change=_mark_every,
            args=(state, tokens, every),
        )
    if not state["marks"]:
        st.caption(say("gates.marks_none"))
        return
    ranking = _ranking(contrast, state)
    if not ranking:
        st.warning(say("gates.marks_all"))
        return
    best = ranking[0].found
    values = {"unit": best.unit + 1, "q": ranking[0].quantity, "auc": _down(best.auc)}
    st.markdown(say("gates.match_higher" if best.sign > 0 else "gates.match_lower", **values))
    head = [say(f"gates.match_{column}") for column in ("unit", "quantity", "auc", "sign")]
    table(
        head,
        [
            (
                f"{match.found.unit + 1}",
                match.quantity,
                percent(_down(match.found.auc), 1),
                say("gates.match_high" if match.found.sign > 0 else "gates.match_low"),
            )
            for match in ranking[:RANKED]
        ],
    )
    perfect = sum(match.found.auc == 1 for match in ranking)
    marks, every_one = len(state["marks"]), len(ranking)
    chance = every_one * chance_of_perfect(marks, len(contrast.after.trace))
    st.caption(say("gates.match_note", marked=marks, perfect=perfect, all=every_one, chance=chance))


def _down(share: float) -> float:
    """Rounded down to a tenth of a percent: 100% are all."""
    return floor(share * 1000) / 1000


def _mark_every(state: State, tokens: tuple[str, ...], key: str) -> None:
    choice = st.session_state[key]
    if marks := tuple(t for t, token in enumerate(tokens, 1) if token.casefold() == choice):
        state.choose(marks=marks)
        st.session_state[key] = None
