"""Is the whole sentence in the last h? What is still right, and what is still read from it, against the length."""

from __future__ import annotations

import numpy as np
import streamlit as st

from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots import lengths
from rnnviz.facts.bottleneck import asked_of_last, mean, nearest, of_lengths
from rnnviz.lessons.attention import run
from rnnviz.snippets.bottleneck import bottleneck_lines
from rnnviz.ui.page.files import Files, drawings, npz, table_csv
from rnnviz.ui.picture.chart import show
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent
from rnnviz.zoo.seq2seq import ATTENTIONS, LengthScore, cards

Scores = dict[str, tuple[LengthScore, ...]]
FORMULAS = (
    r"s_0 = h_S \in \mathbb{R}^H, \quad s_t = \mathrm{GRU}'(w_t, s_{t-1})",
    r"p(w_1, \dots, w_U \mid x_1, \dots, x_S) = \prod_{t=1}^{U} y_t[w_t], \quad y_t = f(h_S, w_1, \dots, w_{t-1})",
    r"y_t = f(h_S, \bar h_t, w_1, \dots, w_{t-1}), \quad \bar h_t = \sum_j \alpha_{tj} h_j",
)


def measured(name: str) -> Scores:
    return {attention: cards(name).by_attention[attention].lengths for attention in ATTENTIONS}


def _length(state: State) -> int:
    """Of what the visitor wrote, in tokens."""
    return len(run.tokens(state["model"], state["text"]))


def knobs(state: State, say: Say) -> str | None:
    return run.controls(state, say, choose_attention=False)


def _own(name: str, text: str) -> dict[str, bool]:
    """Whether each attention writes this very source rightly as a whole; none where no right target is known."""
    right = run.right_target(name, text)
    if right is None:
        return {}
    return {one: run.written(name, one, text).rows == (*right, 0) for one in ATTENTIONS}


def draw(state: State, say: Say) -> tuple[Files, bool]:
    name, text = state["model"], state["text"]
    scores, length = measured(name), _length(state)
    card = cards(name).by_attention["none"]
    seen = ask(asked_of_last(scores, length, card.probed), (name, length), state, say)
    own = lengths.Own(length, _own(name, text) if seen else {})
    labels, place = catalogue(state["lang"]), card.probed + 1

    def plot(shown: str, guess: str, own: lengths.Own, up: str) -> PortableChart:
        reached = [
            lengths.Reached(attention, one.length, getattr(one, shown))
            for attention, rows in scores.items()
            for one in rows
            if seen
        ]
        guesses = [(one.length, getattr(one, guess)) for one in card.lengths]
        return lengths.chart(reached, guesses, card.trained, own, say(up, place=place), labels)

    exact = plot("exact", "guess_exact", own, "attention.bottleneck_axis_exact")
    first = plot("first", "guess_first", lengths.Own(length, {}), "attention.bottleneck_axis_first")
    for column, (kind, figure) in zip(st.columns(2), {"exact": exact, "first": first}.items(), strict=True):
        with column:
            show(figure, f"{state.page}_bottleneck_{kind}", say(f"attention.bottleneck_{kind}_alt"))
            # On a phone the next plot follows close below.
            st.markdown(f"↑ **{say(f'attention.bottleneck_{kind}_title', place=place)}**")
    if not seen:
        st.caption(say("attention.bottleneck_waits"))
    values = {"seeds": len(card.seeds), "count": card.lengths[0].count, "place": place}
    st.caption(say("attention.bottleneck_note", **values))
    if seen:
        left, right = st.columns(2, gap="large")
        with left:
            _written(state, own, say)
        with right:
            if state.shows("notice"):
                notice(of_lengths(scores, card.trained[1], card.probed), say)
    files = drawings(exact, say("attention.part_bottleneck"), state)
    return {**files, **(_numbers(scores) if seen else guesses(scores))}, not seen


def _written(state: State, own: lengths.Own, say: Say) -> None:
    """What each of the three writes of the visitor's own source, beside what they reach of sources as long."""
    name, text = state["model"], state["text"]
    scores = measured(name)
    near = nearest(scores["none"], own.length).length
    st.subheader(say("attention.bottleneck_own_title", length=own.length), anchor=False)
    head = [say(f"attention.bottleneck_{one}") for one in ("column_attention", "column_text")]
    rows = []
    for attention in ATTENTIONS:
        line = escape(run.line(run.written(name, attention, text), name, say("align.end")), 120)
        mark = "" if not own.right else " ✓" if own.right[attention] else " ✗"
        share = percent(mean(nearest(scores[attention], near).exact))
        rows.append([say(f"attention.attention_{attention}"), line + mark, share])
    table([*head, say("attention.bottleneck_column_share", length=near)], rows)
    if not own.right:
        st.caption(say("attention.bottleneck_no_right"))


def guesses(scores: Scores) -> Files:
    """Of each length what is right without a network, which the plots show while the question waits."""
    kinds = ("length", "count", "guess_exact", "guess_tokens", "guess_first")
    columns = {kind: [getattr(one, kind) for one in next(iter(scores.values()))] for kind in kinds}
    return {**table_csv(lambda: columns), **npz(lambda file: np.savez(file, allow_pickle=False, **columns))}


def _numbers(scores: Scores) -> Files:
    """The cards' shares, a row for each attention, length and seed."""

    kinds = ("exact", "tokens", "first")
    rows = [(name, one, seed) for name, found in scores.items() for one in found for seed in range(len(one.exact))]
    columns: dict[str, list[object]] = {
        "attention": [name for name, _, _ in rows],
        **{kind: [getattr(one, kind) for _, one, _ in rows] for kind in ("length", "count")},
        "seed": [seed for _, _, seed in rows],
        **{kind: [getattr(one, kind)[seed] for _, one, seed in rows] for kind in kinds},
        **{f"guess_{kind}": [getattr(one, f"guess_{kind}") for _, one, _ in rows] for kind in kinds},
    }
    arrays = {
        f"{attention}_{kind}": np.array([getattr(one, kind) for one in found])
        for attention, found in scores.items()
        for kind in ("length", *kinds)
    }
    return {**table_csv(lambda: columns), **npz(lambda file: np.savez(file, allow_pickle=False, **arrays))}


def equations(state: State, say: Say) -> None:
    for formula in FORMULAS:
        st.latex(formula)
    st.caption(say("attention.bottleneck_equations"))


def lines(state: State, say: Say) -> str:
    name = state["model"]
    length = nearest(measured(name)["none"], _length(state)).length
    st.markdown(say("attention.bottleneck_pytorch", length=length))
    return bottleneck_lines(name, length)
