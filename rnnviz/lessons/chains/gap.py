"""A gap in a sentence: read from the left, from the right and both ways, and what PyTorch returns of it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from rnnviz.core.forward import Pass
from rnnviz.core.trace import Array, Trace
from rnnviz.facts.gap import READERS, Known, asked_of_gap, of_gap, of_writing
from rnnviz.lessons.chains.parameters import BATCHED, VIEWS, reads
from rnnviz.scene import meeting, returned
from rnnviz.snippets.gap import gap_lines
from rnnviz.tasks import gaps
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.input_row import problem, text_field
from rnnviz.ui.controls.known_words import instead, unknown
from rnnviz.ui.page.files import Files, drawings, numbers
from rnnviz.ui.picture.scene import meanings, stepped, still
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import count, percent, spread
from rnnviz.zoo.gaps import cards
from rnnviz.zoo.vocabulary import Token

if TYPE_CHECKING:
    from rnnviz.zoo.gaps.model import GapModel

LISTED = 5  # words that the table of expectations has
FORMULAS = (
    r"\overrightarrow{h}_t = f(x_t, \overrightarrow{h}_{t-1})",
    r"\overleftarrow{h}_t = g(x_t, \overleftarrow{h}_{t+1})",
    r"y = \mathrm{softmax}(W_{hy} [\overrightarrow{h}_{g-1}; \overleftarrow{h}_{g+1}] + b_y)",
)
SCORES = ("before", "after", "open", "letters_seen", "letters_unseen")


class Filled(NamedTuple):
    """A text as one reader reads it."""

    trace: Trace  # in the order in which it is read
    y: Array  # (V,), the distribution at the gap


def _name(state: State) -> str:
    return f"gap-{reads(state.values())}"


def _tokens(state: State) -> tuple[Token, ...]:
    return cards(_name(state))[0].tokenize(state["gapped"])


def _place(tokens: tuple[Token, ...]) -> int:
    return next(t for t, token in enumerate(tokens) if token.gap)


def _wrong(state: State, say: Say) -> str | None:
    tokens = _tokens(state)
    holes = sum(token.gap for token in tokens)
    if wrong := problem(len(tokens), say, BATCHED):
        return wrong
    return None if holes == 1 else say("chains.no_gap" if holes == 0 else "chains.many_gaps")


def refuse(state: State, say: Say) -> None:
    """What a link asks for and this sentence does not have."""
    if _wrong(state, say):
        return
    if (state["t"] or 1) > (steps := _steps(state)):
        state.refuse("t", Whole(1, steps).accepts)


def _steps(state: State) -> int:
    """Of the scene that is shown."""
    tokens = _tokens(state)
    place, T = _place(tokens), len(tokens)
    if state["view"] == "returned":
        return T
    ways = {"forward": place, "backward": T - 1 - place, "both": max(place, T - 1 - place)}
    return ways[state["reader"]] + 1


def knobs(state: State, say: Say) -> str | None:
    """The sentence with its gap, who reads it and what is looked at; why it cannot be read, if so."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        text_field(say("chains.gapped"), "gapped", state, say, say("chains.gapped_help", limit=BATCHED))
        choice(say("chains.reader"), READERS, lambda name: say(f"chains.reader_{name}"), "reader", state)
        choice(say("chains.view"), VIEWS, lambda name: say(f"chains.view_{name}"), "view", state)
    if wrong := _wrong(state, say):
        return wrong
    tokens, vocabulary = _tokens(state), cards(_name(state))[0]
    with row:
        told = unknown(tokens, vocabulary.kind, state, say)
    if told and state.shows("text"):
        text = [None if token.gap else vocabulary.words[token.index] for token in tokens]
        place, words = gaps.proposals(reads(state.values()), text)
        if words:
            with told:
                instead(place, words, tokens, vocabulary, "gapped", state, say)
    return None


@lru_cache(maxsize=64)
def _read(name: str, reader: str, text: str) -> Filled:
    from rnnviz.core.record import record
    from rnnviz.zoo.gaps.model import load_gap

    model: GapModel = load_gap(name, reader)
    tokens = model.vocabulary.tokenize(text)
    indices = [token.index for token in tokens]
    texts = [token.text for token in tokens]
    trace = record(model.rnn, model.read(indices), tokens=texts[::-1] if model.from_right else texts)
    return Filled(trace, model.fill(indices)[_place(tokens)].numpy())


@lru_cache(maxsize=256)
def known(name: str, text: str) -> Known | None:
    """What the grammar has at the gap; None where no sentence of it fits."""
    vocabulary, language = cards(name)[0], name.partition("-")[2]
    tokens = vocabulary.tokenize(text)
    words = tuple(vocabulary.words[token.index] for token in tokens)
    place = _place(tokens)
    both = gaps.from_both(language, words, place)
    return Known(gaps.from_before(language, words[:place]), both) if both else None


@lru_cache(maxsize=64)
def _written(name: str, text: str, word: int) -> tuple[Array, Array]:
    """The states of the words before the gap, both ways, without and with one more word; none where there are none."""
    from rnnviz.core.record import record
    from rnnviz.zoo.gaps.model import load_gap

    model = load_gap(name, "both")
    tokens = model.vocabulary.tokenize(text)
    indices = [token.index for token in tokens[: _place(tokens)]]
    before, after = (record(model.rnn, model.read(rows))["h"] for rows in (indices, [*indices, word]))
    return before, after


def draw(state: State, say: Say) -> tuple[Files, bool]:
    name, text, reader = _name(state), state["gapped"], state["reader"]
    vocabulary = cards(name)[0]
    tokens = _tokens(state)
    place, truth = _place(tokens), known(name, text)
    filled = {one: _read(name, one, text) for one in READERS}
    shown = filled[reader]
    best = int(shown.y.argmax())
    frame = st.container()
    question = asked_of_gap(truth) if truth else None
    seen = question is None or ask(question, (name, text), state, say)
    with frame:
        if state["view"] == "returned":
            figure = stepped(returned(shown.trace), "returned", state, say("chains.returned_alt"))
            st.caption(say(f"chains.returned_{'both' if reader == 'both' else 'one'}"))
        else:
            said = (vocabulary.words[best], percent(float(shown.y[best]))) if seen else ("?", "")
            names = meanings(state["lang"])
            scene = meeting(shown.trace, place, *said, from_right=reader == "backward")
            if seen:
                figure = stepped(scene, "gap", state, say("chains.gap_alt"), whole=True, names=names)
            else:
                figure = still(scene, "gap", state, say("chains.gap_alt"), names=names)
                st.caption(say("chains.answer_waits"))
    if seen:
        left, right = st.columns(2, gap="large")
        with left:
            if state.shows("notice"):
                top = {one: int(found.y.argmax()) for one, found in filled.items()}
                expected = {one: (vocabulary.words[k], float(filled[one].y[k])) for one, k in top.items()}
                writing = [of_writing(*_written(name, text, top["forward"]))] if place else []
                notice([*of_gap(expected, truth), *writing], say)
        with right:
            _expectations(filled, truth, vocabulary.words, say)
        _scores(name, say)
    shown_pass = Pass(shown.trace, reader=f"{name}-{reader}")
    return {**drawings(figure, say("chains.part_gap"), state), **numbers(shown_pass)}, not seen


def _expectations(filled: dict[str, Filled], truth: Known | None, words: tuple[str, ...], say: Say) -> None:
    """What each reader expects at the gap, and what who knows the grammar does."""
    st.subheader(say("chains.expect_title"), anchor=False)
    best = [int(k) for k in filled["both"].y.argsort()[::-1][:LISTED]]
    first = [int(found.y.argmax()) for found in filled.values()]
    head = [say("chains.expect_word"), *(say(f"chains.by_{one}") for one in READERS), say("chains.expect_truth")]
    rows = []
    for k in dict.fromkeys([*best, *first]):
        shares = [percent(float(filled[one].y[k])) for one in READERS]
        rows.append([escape(words[k]), *shares, "–" if truth is None else percent(truth.both.get(words[k], 0.0))])
    table(head, rows)
    st.caption(say("chains.expect_note"))


def _scores(name: str, say: Say) -> None:
    """The cards of the three readers beside each other."""
    st.subheader(say("chains.card_title"), anchor=False)
    found = cards(name)[1]
    both = found["both"]
    head = [say("chains.card_share"), *(say(f"chains.by_{reader}") for reader in found), say("chains.card_guess")]
    rows = []
    for kind in SCORES:
        scores = [spread(card.scores[kind].accuracies, percent) for card in found.values()]
        rows.append([say(f"chains.card_{kind}"), *scores, percent(both.scores[kind].guess)])
    rows.append([say("chains.card_weights"), *(count(card.parameters) for card in found.values()), "–"])
    table(head, rows)
    unseen = both.scores["letters_unseen"]
    st.caption(
        say(
            "chains.card_note",
            seeds=len(both.seeds),
            steps=both.steps,
            seconds=max(card.seconds for card in found.values()),
            count=sum(both.scores[kind].count for kind in gaps.KINDS),
        )
    )
    st.markdown(
        say(
            "chains.card_failure",
            seen=both.scores["letters_seen"].accuracy,
            accuracy=unseen.accuracy,
            count=unseen.count,
        )
    )


def lines(state: State) -> str:
    return gap_lines(_name(state), state["reader"], state["gapped"], _place(_tokens(state)))
