"""Predict, then reveal: what will the network expect after the next token?

Guesses are kept for the session, so going back to a step shows the guess beside the answer again.
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import streamlit as st

from rnnviz.core.forward import Pass
from rnnviz.core.trace import Readout
from rnnviz.ui.prose import Say, escape
from rnnviz.ui.question import guess
from rnnviz.ui.runs.checkpoint import Classes
from rnnviz.ui.url.state import State
from rnnviz.zoo import Vocabulary
from rnnviz.zoo.vocabulary import UNKNOWN

CHOICES = 4
TOKENS_SHOWN = 8


def question(shown: Pass, vocabulary: Vocabulary | Classes, about: Hashable, state: State, say: Say) -> None:
    """Ask about the step after the present one, so that the stage does not give the answer away.

    about: tells this network from the others.
    """
    trace, readout, words = shown.trace, shown.readout, vocabulary.words
    assert readout is not None, "asked only where a head chooses among words"
    first = int(words[0] == UNKNOWN)
    q = state["t"] + 1
    remembered = st.session_state.setdefault(f"{state.page}_guesses", {})
    guesses: dict[int, str] = remembered.setdefault((about, trace.tokens), {})
    st.subheader(say("question.title"), anchor=False)
    if q > len(trace):
        st.markdown(say("question.last"))
        _score(guesses, readout, words, first, say)
        return
    # A first row of <unk> nobody would guess. Shown in alphabetical order, which gives nothing away.
    y = readout.y[q - 1]
    best = [int(i) + first for i in np.argsort(-y[first:], kind="stable")[:CHOICES]]
    answer = words[best[0]]

    read = escape(vocabulary.join(trace.tokens[:q][-TOKENS_SHOWN:]), 80)
    asked = "question.ask" if isinstance(vocabulary, Vocabulary) else "opened.ask"
    st.markdown(say(asked, read="… " * (q > TOKENS_SHOWN) + read, q=q))
    picked = guess(sorted((words[i] for i in best), key=str.casefold), guesses, q, state, say)
    if picked is not None:
        values = {"guess": escape(picked), "answer": escape(answer), "p": y[best[0]], "p_guess": y[words.index(picked)]}
        st.markdown(say("question.right" if picked == answer else "question.wrong", **values))
        st.button(say("question.next"), key=f"{state.page}_next", on_click=state.choose, kwargs={"t": q})
    _score(guesses, readout, words, first, say)


def _score(guesses: Mapping[int, str], readout: Readout, words: Sequence[str], first: int, say: Say) -> None:
    if guesses:
        hits = sum(word == words[int(readout.y[step - 1][first:].argmax()) + first] for step, word in guesses.items())
        st.caption(say("question.score", right=hits, asked=len(guesses)))
