"""Ask about the next word where the sentence decides it, then which word decided."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rnnviz.core.forward import Pass
from rnnviz.facts.word_questions import decider, next_word
from rnnviz.tasks.next_word import next_words, rivals
from rnnviz.ui.prose import Say
from rnnviz.ui.question import ask
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import catalogue, shipped
from rnnviz.zoo.truth import beginnings
from rnnviz.zoo.vocabulary import Token

SHOWN = 12  # tokens of what was read


def decided_step(name: str, tokens: Sequence[Token], t: int) -> int | None:
    """The first step after `t` (from 1) after which the sentence leaves one word; None where there is none."""
    info = catalogue()[name]
    if info.kind != "word":
        return None
    for q, beginning in enumerate(beginnings(name, tokens), 1):
        if q > t and beginning is not None and rivals(info.language, beginning):
            return q
    return None


def decided(shown: Pass, tokens: Sequence[Token], q: int, state: State, say: Say) -> None:
    """The two questions about step `q`, the second one once the first is answered."""
    assert shown.readout is not None, "asked only where a head chooses among words"
    name, cell = state["model"], state["cell"]
    language = catalogue()[name].language
    beginning = beginnings(name, tokens)[q - 1]
    assert beginning is not None, "a step that a sentence decides"
    after = next_words(language, beginning)
    word = max(after, key=after.__getitem__)
    read = "… " * (q > SHOWN) + shipped(name)[0].join([token.text for token in tokens[:q][-SHOWN:]])
    asked = next_word(shown.readout.y[q - 1], shown.words, word, rivals(language, beginning), {"read": read, "q": q})
    if not ask(asked, (name, cell, shown.tokens, q), state, say):
        return
    from rnnviz.zoo.swaps import swaps

    which = decider(beginning, asked.answer, swaps(name, cell, beginning))
    if which and not ask(which, (name, cell, shown.tokens, q), state, say):
        return
    st.button(say("question.next"), key=f"{state.page}_next", on_click=state.choose, kwargs={"t": q})
