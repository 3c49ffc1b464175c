"""Any length: the same weights read one token more, and a feed-forward network of a fixed window does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz import zoo
from rnnviz.charts.plots import sharing as charts
from rnnviz.facts.questions.sharing import more_weights
from rnnviz.lessons.rolled.weight_edit import WeightContrast
from rnnviz.ui.controls.known_words import write
from rnnviz.ui.controls.number import number
from rnnviz.ui.picture.chart import show
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.parameters import TEXT_LIMIT
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo import TOKEN_LIMIT
from rnnviz.zoo.catalogue import shipped

if TYPE_CHECKING:
    from rnnviz.core.sharing import Counts


def knobs(net: WeightContrast, state: State, say: Say) -> None:
    """In the row of the parts: a token more or less, and the window of the feed-forward network."""
    steps, words = len(net.after.trace), net.model.vocabulary.words
    full = steps == TOKEN_LIMIT or len(state["text"]) + max(map(len, words)) >= TEXT_LIMIT
    for change, act, end in (("remove", _remove, steps == 1), ("add", _add, full)):
        st.button(
            say(f"rolled.{change}"),
            key=f"{state.page}_{change}",
            icon=f":material/{change}:",
            help=say(f"rolled.{change}_{'end' if end else 'help'}", tokens=TOKEN_LIMIT, letters=TEXT_LIMIT),
            disabled=end,
            on_click=act,
            args=(state,),
        )
    st.caption(say("rolled.window"), width="content")
    number(say("rolled.window"), "window", state, width=120, label_visibility="collapsed")


def lengths(net: WeightContrast, state: State, say: Say) -> bool:
    """Left what a window makes of the text, right how many weights each network takes for which length, once it was
    asked which takes more. Whether that question waits."""
    from rnnviz.core.sharing import FeedForward, parameter_counts

    steps, card, cell = len(net.after.trace), net.model.card, titled(net.after.trace.cell.name, say)
    sizes = (card.embedding_size, card.hidden_size, len(net.model.vocabulary))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(_fate(net, state["window"], say))
        if refusal := FeedForward(state["window"], *sizes).refusal(net.reading.x):
            st.markdown(say("rolled.refuses"))
            st.code(refusal, language=None, wrap_lines=True)
    every = tuple(range(1, TOKEN_LIMIT + 1))
    counts = parameter_counts(*sizes, every, cell=state["cell"])
    with right:
        if not _ask(net, counts, state, say):
            return True
        values = {"steps": steps, "recurrent": counts.recurrent, "other": counts.feed_forward[steps - 1]}
        st.markdown(say("rolled.counts", cell=cell, **values))
        chart = charts.counts(every, counts.recurrent, counts.feed_forward, steps, catalogue(state["lang"]))
        show(chart, f"{state.page}_counts", say("rolled.counts_alt"))
    return False


def _ask(net: WeightContrast, counts: Counts, state: State, say: Say) -> bool:
    """Which of the two has more weights? Asked once of each network: what is then shown tells of every length."""
    name, about = f"{state.page}_asked_length", (state["model"], state["cell"])
    lengths: dict[tuple[str, str], int] = st.session_state.setdefault(name, {})
    at = lengths.get(about, len(net.after.trace))
    question = more_weights(titled(net.after.trace.cell.name, say), at, counts.recurrent, counts.feed_forward[at - 1])
    is_answered = ask(question, about, state, say)
    if is_answered and state.shows("question"):
        lengths[about] = at
    return is_answered


def _fate(net: WeightContrast, window: int, say: Say) -> str:
    """What becomes of the text in a window: padded, cut, or just right."""
    tokens = net.after.tokens
    if len(tokens) <= window:
        return say("rolled.pads" if len(tokens) < window else "rolled.fits", count=window - len(tokens))
    join = net.model.vocabulary.join
    outside, inside = tokens[:-window], tokens[-window:]
    return say("rolled.cuts", count=len(outside), lost=escape(join(outside), 120), kept=escape(join(inside), 120))


def _tokens(state: State) -> list[str]:
    return [token.text for token in shipped(state["model"])[0].tokenize(state["text"])]


def _remove(state: State) -> None:
    if len(tokens := _tokens(state)) > 1:  # the text may have changed with the same press
        write(state, tokens[:-1])


def _add(state: State) -> None:
    """The token that the trained network expects."""
    if not 0 < len(_tokens(state)) < TOKEN_LIMIT:
        return
    model = zoo.load(state["model"], state["cell"])
    indices = [token.index for token in model.read(state["text"]).tokens]
    best = int(model.predict(indices)[1:].argmax()) + 1
    write(state, [*_tokens(state), model.vocabulary.words[best]])
