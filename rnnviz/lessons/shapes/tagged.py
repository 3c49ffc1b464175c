"""Many to many, in step: each word, or in Korean each syllable, is answered at once with its part of speech."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import streamlit as st

from rnnviz.charts.stage.chart import Stage
from rnnviz.core.forward import Pass
from rnnviz.core.trace import Array
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.shapes import ahead
from rnnviz.facts.shapes import of_tags
from rnnviz.lessons.shapes.parameters import TAGGED
from rnnviz.lessons.shapes.shape import ask_then_tell, card, examples, staged, tag_called
from rnnviz.snippets.shapes import tag_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import CELLS, experiments
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.input_row import problem, text_field
from rnnviz.ui.controls.known_words import unknown
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.url.state import State
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT
from rnnviz.zoo.shapes.catalogue import shipped
from rnnviz.zoo.vocabulary import Token

OTHERS = {"tags-en": ("movie", "it", "is"), "tags-ko": ("는", "무", "다")}  # what is put in the place of a token


class Read(NamedTuple):
    """What was read, and how it is tagged."""

    shown: Pass
    tokens: tuple[Token, ...]


@lru_cache(maxsize=64)
def run(name: str, text: str) -> Read:
    """name: of the model, "tags-en-gru"."""
    tokens = shipped(name).vocabulary.tokenize(text)
    return Read(_passed(name, tokens), tokens)


def _passed(name: str, tokens: tuple[Token, ...]) -> Pass:
    from rnnviz.zoo.shapes.model import load  # torch is imported late

    return load(name).read([token.index for token in tokens], [token.text for token in tokens])


@lru_cache(maxsize=64)
def otherwise(name: str, text: str) -> tuple[int, str, Array] | None:
    """The place of a token, from 0; the word that is put after it in the place of what stands there; and the
    distributions (T, K) then. It is the least sure one of the known words that a known one follows.

    None where there is none.
    """
    read, vocabulary = run(name, text), shipped(name).vocabulary
    assert read.shown.readout is not None, "it has a head"
    tokens, sure = read.tokens, read.shown.readout.y.max(axis=1)
    places = [t for t in range(len(tokens) - 1) if all(map(_word, tokens[t : t + 2]))]
    if not places:
        return None
    place = min(places, key=lambda t: float(sure[t]))
    word = next(w for w in OTHERS[name.rpartition("-")[0]] if w != tokens[place + 1].text.casefold())
    other = Token(word, vocabulary.row(word), known=True)
    readout = _passed(name, (*tokens[: place + 1], other, *tokens[place + 2 :])).readout
    assert readout is not None
    return place, word, readout.y


def _word(token: Token) -> bool:
    """Whether it is one that the network knows, whole, and no mark or space."""
    return token.known and not token.of and any(c.isalnum() for c in token.text)


def model(state: State) -> str:
    return f"{state['task']}-{state['cell']}"


def knobs(state: State, say: Say) -> None:
    known = shipped(model(state))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text_field(say("shapes.tagged"), "tagged", state, say)
        unknown(known.vocabulary.tokenize(state["tagged"]), known.vocabulary.kind, state, say)
        with (
            st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"),
            folded(titled(state["cell"], say), "shapes_tagger"),
        ):
            if state.shows("cell"):
                choice(say("reading.cell"), CELL_NAMES, lambda name: titled(name, say), "cell", state)
            popover = lazy_popover(say("shapes.tags_are"), "shapes_tags_are", help=say("shapes.tags_are_help"))
            if popover.open:
                with popover:
                    lines = (f"**{tag_called(tag, say)}**: {say(f'shapes.means_{tag}')}" for tag in known.outputs)
                    st.markdown("\n".join(f"- {line}" for line in lines))


def sizes(state: State) -> tuple[str, int]:
    """The cell and its units."""
    known = shipped(model(state)).card
    return known.cell, known.hidden_size


def file_name(state: State) -> str:
    """What files of it are called."""
    return str(state["tagged"])


def length(state: State) -> int:
    """Of what is read, in steps."""
    return len(shipped(model(state)).vocabulary.tokenize(state["tagged"]))


def wrong(state: State, say: Say) -> str | None:
    return problem(length(state), say, TOKEN_LIMIT)


def refused(state: State, say: Say) -> None:
    """The texts from which one may start."""
    examples(TAGGED[state["task"]], "tagged", state)


def tags(name: str, say: Say) -> tuple[str, ...]:
    """What a model answers, in the reader's language."""
    return tuple(tag_called(tag, say) for tag in shipped(name).outputs)


def show(state: State, say: Say) -> tuple[Stage, Pass]:
    """The stage, and what it shows."""
    read = run(model(state), state["tagged"])
    shown = replace(read.shown, words=tags(model(state), say))
    return staged(shown, read.tokens, "tags", state), shown


def question(name: str, text: str, words: tuple[str, ...]) -> Question | None:
    """Where another word would change a tag; None where no token is followed by a word."""
    found, shown = otherwise(name, text), run(name, text).shown
    if found is None or shown.readout is None:
        return None
    place, word, other = found
    return ahead(shown.readout.y, other, shown.tokens, place, word, words)


def _last_told(asked: Question, steps: int) -> int:
    """The last step of the text of which the question or its reasons tell: where no tag changes, they tell of all."""
    return steps if asked.answer == "never" else max(int(asked.values["at"]), int(asked.values["next"]))


def below(shown: Pass, state: State, say: Say) -> bool:
    """The question, what to notice, what to try, and the card. Whether the question waits."""
    name, text = model(state), state["tagged"]
    assert shown.readout is not None, "it has a head"
    asked, y = question(name, text, tuple(shown.words)), shown.readout.y
    unread = [not token.known for token in run(name, text).tokens]
    answered = ask_then_tell(
        asked,
        _last_told(asked, len(y)) if asked else 0,
        lambda: of_tags(y, shown.tokens, unread, shown.words),
        (name, shown.tokens),
        shown,
        state,
        say,
        whole=False,
        note=say(f"shapes.automatic_{state['task']}"),
    )
    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        offered = {f"tagged_{number}": {"tagged": one} for number, one in enumerate(TAGGED[state["task"]])}
        names = {f"tagged_{number}": escape(one, 60) for number, one in enumerate(TAGGED[state["task"]])}
        experiments({**offered, **CELLS}, state, say, names)
        card(name, state, say)
    return not answered


def pytorch(state: State) -> str:
    return tag_lines(model(state), state["tagged"])
