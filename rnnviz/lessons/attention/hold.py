"""Take hold of what the decoder is given: its shares at one step, or the state that is handed over."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Array
from rnnviz.facts.questions.explanation import Exchange, asked_of_explanation, exchanged, least_telling
from rnnviz.facts.writing import of_change, parting
from rnnviz.lessons.attention import run, write
from rnnviz.lessons.attention.parameters import BRIDGES, SHARES, SOURCE_LIMIT, WHAT
from rnnviz.scene.transduction import stages
from rnnviz.snippets.attention import held_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.input_row import text_field
from rnnviz.ui.page.files import Files, drawings
from rnnviz.ui.picture.scene import stepped
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

KNOBS = ("shares", "step", "source", "bridge")


def refuse(state: State) -> None:
    """What a link asks for and this source does not have."""
    count = len(run.tokens(state["model"], state["text"]))
    if count and state["source"] > count:
        state.refuse("source", Whole(1, count).accepts)


def beside(state: State, say: Say) -> None:
    """In the row of the parts: how one steps."""
    write.stepping(state, say)


def knobs(state: State, say: Say) -> str | None:
    if wrong := run.controls(state, say):
        return wrong
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        choice(say("attention.what"), WHAT, lambda one: say(f"attention.what_{one}"), "what", state, wrap=True)
        if state["what"] == "shares":
            _share_knobs(state, say)
        elif state["what"] == "bridge":
            _bridge_knobs(state, say)
        if state["what"] != "exchange":
            st.button(
                say("attention.reset"),
                key=f"{state.page}_reset",
                disabled=not _held(state),
                icon=":material/undo:",
                on_click=state.choose,
                kwargs=dict.fromkeys(KNOBS),
            )
    if state["what"] != "bridge" and state["attention"] == "none":
        return say("attention.no_shares")
    if state["what"] == "bridge" and state["bridge"] == "other":
        return run.refused("other", state, say)
    return None


def _held(state: State) -> bool:
    return state["what"] != "exchange" and state["shares" if state["what"] == "shares" else "bridge"] is not None


def _share_knobs(state: State, say: Say) -> None:
    if state["attention"] == "none":
        return
    tokens = run.tokens(state["model"], state["text"])
    before = run.written(state["model"], state["attention"], state["text"])
    end = catalogue(state["lang"])["align.end"]
    words = [word or end for word in before.words]
    if state["step"] > len(words):
        state.refuse("step", Whole(1, len(words)).accepts)
    st.selectbox(
        say("attention.step"),
        range(1, len(words) + 1),
        format_func=lambda t: f"{t} · {words[t - 1]}",
        label_visibility="collapsed",
        width=150,
        **state.widget("step", called=tuple(words)),
    )
    st.segmented_control(
        say("attention.shares"),
        SHARES,
        format_func=lambda one: say(f"attention.shares_{one}"),
        label_visibility="collapsed",
        **state.widget("shares"),
    )
    if state["shares"] == "one":
        st.selectbox(
            say("attention.source_word"),
            range(1, len(tokens) + 1),
            format_func=lambda j: f"{j} · {tokens[j - 1].text}",
            label_visibility="collapsed",
            width=150,
            **state.widget("source", called=tuple(token.text for token in tokens)),
        )


def _bridge_knobs(state: State, say: Say) -> None:
    st.segmented_control(
        say("attention.bridge"),
        BRIDGES,
        format_func=lambda one: say(f"attention.bridge_{one}"),
        label_visibility="collapsed",
        **state.widget("bridge"),
    )
    if state["bridge"] == "other":
        text_field(say("attention.other"), "other", state, say, say("reading.text_help", limit=SOURCE_LIMIT))


def shares_of(kind: str, shares: Array, source: int) -> Array:
    """What the shares of a step, (S,), are set to.

    kind: `one` source token, from 0; `uniform`; or `shifted`, each share one source token on, the last to the first.
    """
    if kind == "one":
        return np.eye(len(shares))[source]
    return np.full(len(shares), 1 / len(shares)) if kind == "uniform" else np.roll(np.array(shares, float), 1)


def _after(state: State, before: Transduction) -> Transduction:
    name, attention, text = state["model"], state["attention"], state["text"]
    if not _held(state):
        return before
    if state["what"] == "shares":
        step = state["step"] - 1
        assert before.shares is not None
        shares = before.shares[step].astype(float)
        held = shares_of(state["shares"], shares / shares.sum(), state["source"] - 1)
        return run.rewritten(name, attention, text, held={step: held})
    from rnnviz.core.seq2seq.transduce import last_state

    if state["bridge"] == "zero":
        bridge = np.zeros(before.encoder.hidden_size, np.float32)
    else:
        bridge = last_state(run.source(name, attention, state["other"]))
    return run.rewritten(name, attention, text, bridge=bridge)


def draw(state: State, say: Say) -> tuple[Files, bool]:
    name, attention, text = state["model"], state["attention"], state["text"]
    end = catalogue(state["lang"])["align.end"]
    before = run.written(name, attention, text)
    after, question, exchange, about = _after(state, before), None, None, (name, attention, text)
    if state["what"] == "exchange":
        if (exchange := _exchange(name, attention, text)) is None:
            st.info(say("attention.no_exchange"))
            return {}, False
        question = asked_of_explanation(exchange, before.encoder.tokens, end)
        if ask(question, about, state, say, reasons=False):
            assert before.shares is not None
            swapped = exchanged(before.shares[exchange.step], exchange.first, exchange.second)
            after = run.rewritten(name, attention, text, held={exchange.step: swapped / swapped.sum()})
    waits = question is not None and after is before
    scene = write.scene_of(after, state)
    start = _first_seen(before, after, exchange.step if exchange else None, state)
    kept = run.kept_step(before, "hold", start, state)
    start = kept if after is before else start  # what is changed is shown where it changes
    figure = stepped(scene, "hold", state, say("attention.alt"), start=start, names=run.names(state))
    if question is not None and not waits:
        run.explain(question, state, say)
    if after is not before:
        lines = [(say("attention.before"), before.words, ()), (say("attention.after"), after.words, run.chances(after))]
        run.beside(lines, before.words, end)
        if state.shows("notice"):
            notice(of_change(before, after, end), say)
    return {**drawings(figure, f"{name} · {text}", state), **write.numbers(after)}, waits


def _first_seen(before: Transduction, after: Transduction, exchanged_at: int | None, state: State) -> int:
    """The step of the scene that is shown at first: where a word is written that is taken hold of, or else the first
    other one; before anything is changed, where all is read.     exchanged_at: the written word, from 0."""
    if after is before:
        word = 0
    elif exchanged_at is not None:
        word = exchanged_at + 1
    elif state["what"] == "shares":
        word = state["step"]
    else:
        word = (parting(after.rows, before.rows) or 0) + 1
    each = len(stages(after)) if state["by"] == "operation" else 1
    return len(after.encoder) + each * min(word, len(after))


@lru_cache(maxsize=128)
def _exchange(name: str, attention: str, text: str) -> Exchange | None:
    """The exchange of two shares that changes the output least."""
    from rnnviz.core.seq2seq.transduce import asked_with

    shown = run.written(name, attention, text)
    network = run.model(name, attention).network
    return least_telling(shown, lambda step, shares: asked_with(network, shown, step, shares))


def lines(state: State, say: Say) -> str:
    st.markdown(say("attention.pytorch_hold"))
    kind = {"shares": state["shares"], "bridge": state["bridge"]}.get(state["what"])
    return held_lines(
        state["model"],
        state["attention"],
        state["text"],
        state["what"],
        kind,
        step=state["step"] - 1,
        source=state["source"] - 1,
        other=state["other"],
    )
