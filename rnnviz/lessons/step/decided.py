"""Where the sentence has decided the next word, ask which of its words did."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rnnviz import zoo
from rnnviz.core.forward import Pass
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.words import decider
from rnnviz.tasks.grammar.next_word import rivals
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import catalogue, shipped
from rnnviz.zoo.truth import beginnings
from rnnviz.zoo.vocabulary import Token

SHOWN = 12  # tokens of what was read


def decided_step(name: str, tokens: Sequence[Token], until: int) -> int | None:
    """The last step up to `until` (from 1) after which the sentence leaves one word; None where there is none."""
    info = catalogue()[name]
    if info.reads != "grammar":
        return None
    steps = enumerate(beginnings(name, tokens)[:until], 1)
    decided_steps = [q for q, beginning in steps if beginning is not None and rivals(info.language, beginning)]
    return decided_steps[-1] if decided_steps else None


def decided(shown: Pass, tokens: Sequence[Token], q: int, state: State, say: Say) -> bool | None:
    """The question about step `q`, whose prediction was seen. Whether it waits no more; None where no swap tells."""
    assert shown.readout is not None, "asked only where a head chooses among words"
    beginning = beginnings(state["model"], tokens)[q - 1]
    assert beginning is not None, "a step that a sentence decides"
    choice = shown.words[int(shown.readout.y[q - 1].argmax())]
    text = "… " * (q > SHOWN) + shipped(state["model"])[0].join([token.text for token in tokens[:q][-SHOWN:]])
    which = _which(beginning, choice, {"read": text, "q": q}, state)
    return None if which is None else ask(which, (state["model"], state["cell"], shown.tokens, q), state, say)


def elsewhere(state: State, say: Say) -> bool:
    """The same about an example, for a text that decides no word. Whether it waits no more."""
    model = zoo.load(state["model"], state["cell"])
    for text in reversed(catalogue()[state["model"]].examples):
        tokens = model.vocabulary.tokenize(text)
        q = decided_step(model.name, tokens, len(tokens))
        beginning = beginnings(model.name, tokens)[q - 1] if q else None
        if beginning is None:
            continue
        choice = model.vocabulary.words[int(model.predict([token.index for token in tokens[:q]]).argmax())]
        beginning_text = model.vocabulary.join(token.text for token in tokens[:q])
        which = _which(beginning, choice, {"read": beginning_text, "q": len(beginning)}, state)
        if which:
            st.markdown(say("step.elsewhere"))
            return ask(which, (model.name, model.cell, text, q), state, say)
    return True


def _which(beginning: tuple[str, ...], choice: str, values: Values, state: State) -> Question | None:
    from rnnviz.zoo.swaps import swaps

    return decider(beginning, choice, swaps(state["model"], state["cell"], beginning), values)
