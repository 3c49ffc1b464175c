"""What the parts of the lesson share: a source as its model reads it, and what is written of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.charts.stage.scene.grid import meanings
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Array
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.attention.parameters import SOURCE_LIMIT, SOURCES, WRITTEN_LIMIT
from rnnviz.scene.transduction import order
from rnnviz.tasks import pairs
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.input_row import problem, text_field
from rnnviz.ui.controls.known_words import unknown
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.place.listener import place_of
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import reason_lines
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent
from rnnviz.zoo.seq2seq import ATTENTIONS, NAMES, cards
from rnnviz.zoo.vocabulary import Token

if TYPE_CHECKING:
    from rnnviz.core.seq2seq.transduce import Hypothesis
    from rnnviz.core.trace import Trace
    from rnnviz.zoo.seq2seq.model import Seq2SeqModel

_LAST = "attention.last"  # in the session's state: what was stepped through last, how, and in which part


def tokens(name: str, text: str) -> tuple[Token, ...]:
    """A source as a model reads it. Needs no torch."""
    return cards(name).source.tokenize(text)


@lru_cache(maxsize=256)
def right_target(name: str, text: str) -> tuple[int, ...] | None:
    """The rows of the right target of a source, without its end; None where the task has no such source."""
    shared, found = cards(name), tokens(name, text)
    if not all(token.known for token in found):
        return None
    target = pairs.TASKS[name].right(tuple(shared.source.words[token.index] for token in found))
    return None if target is None else tuple(shared.target.row(word) for word in target)


def model(name: str, attention: str) -> Seq2SeqModel:
    from rnnviz.zoo.seq2seq.model import load_seq2seq

    return load_seq2seq(name, attention)


@lru_cache(maxsize=128)
def source(name: str, attention: str, text: str) -> Trace:
    """What the encoder of a model computes of a source."""
    from rnnviz.core.seq2seq.transduce import read

    found = tokens(name, text)
    return read(model(name, attention).network, [token.index for token in found], [token.text for token in found])


@lru_cache(maxsize=128)
def written(name: str, attention: str, text: str, *, right: bool = False) -> Transduction:
    """What a model writes of a source.     right: whether it is fed the right words, of a source that has them."""
    target = right_target(name, text) if right else None
    return rewritten(name, attention, text, target=target)


def rewritten(
    name: str,
    attention: str,
    text: str,
    *,
    target: tuple[int, ...] | None = None,
    bridge: Array | None = None,
    held: Mapping[int, Array] | None = None,
) -> Transduction:
    """The same with something taken hold of, as `rnnviz.core.seq2seq.transduce.write` has it."""
    from rnnviz.core.seq2seq.transduce import write

    network = model(name, attention).network
    read = source(name, attention, text)
    return write(network, read, target=target, bridge=bridge, held=held, limit=WRITTEN_LIMIT)


@lru_cache(maxsize=128)
def searched(name: str, attention: str, text: str, width: int) -> tuple[Hypothesis, ...]:
    """The texts that a beam of this width holds at last, the likeliest first."""
    from rnnviz.core.seq2seq.transduce import beam

    network = model(name, attention).network
    return tuple(beam(network, source(name, attention, text), width, limit=WRITTEN_LIMIT)[-1])


def notes(name: str, text: str, language: str) -> tuple[str, ...]:
    """Under each source token what has to be said of it: that the model does not know it."""
    unknown = catalogue(language)["stage.unknown"]
    return tuple("" if token.known else unknown for token in tokens(name, text))


def chances(shown: Transduction) -> tuple[str, ...]:
    """Of each written token how probable it was, in writing."""
    return tuple(percent(float(shown.y[t, row])) for t, row in enumerate(shown.rows))


def beside(lines: Sequence[tuple[str, Sequence[str], Sequence[str]]], against: Sequence[str], end: str) -> None:
    """Texts word beside word, a row each, so that a phone has room for them; another word than `against` has in its
    place stands out, with its probability.

    lines: of each its name, its words and, where they are known, their probabilities in writing.
    end: what stands for the end, which is "" among the words.
    """

    def cell(t: int, words: Sequence[str], shares: Sequence[str]) -> str:
        if t >= len(words):
            return ""
        word = escape(words[t] or end)
        if t < len(against) and words[t] == against[t]:
            return word
        return f"**:red[{word}]**" + (f" {shares[t]}" if shares else "")

    count = max(len(words) for _, words, _ in lines)
    rows = ([str(t + 1), *(cell(t, words, shares) for _, words, shares in lines)] for t in range(count))
    table(["", *(label for label, _, _ in lines)], rows)


def explain(question: Question, state: State, say: Say) -> None:
    """Below the picture, why each option of a question above it is right or wrong."""
    if state.shows("question"):
        st.markdown("\n".join(reason_lines(question, say)))


def line(shown: Transduction, name: str, end: str) -> str:
    """What was written as running text."""
    target = cards(name).target
    words = [word for word in shown.words if word]
    return target.join(words) + ("" if shown.rows[-1] == 0 else " …") if words else end


def names(state: State) -> Mapping[str, str]:
    """What the symbols beside a scene's rows stand for."""
    return meanings(catalogue(state["lang"]))


def controls(state: State, say: Say, *, choose_attention: bool = True) -> str | None:
    """The source and which model reads it; why it cannot be read, if so."""
    name, kind = state["model"], cards(state["model"]).source.kind
    found = tokens(name, state["text"])
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text_field(say("attention.source"), "text", state, say, say("reading.text_help", limit=SOURCE_LIMIT))
        if (told := unknown(found, kind, state, say)) and state.shows("text"):
            _other_model(told, state, say)
            told.caption(_known(state, say))
        label = say(f"attention.attention_{state['attention']}" if choose_attention else "reading.model")
        with (
            st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"),
            folded(label, f"{state.page}_reader"),
        ):
            if state.shows("cell") and choose_attention:
                choice(
                    say("attention.attention"),
                    ATTENTIONS,
                    lambda kind: say(f"attention.attention_{kind}"),
                    "attention",
                    state,
                )
            if state.shows("model"):
                st.selectbox(
                    say("reading.model"),
                    NAMES,
                    format_func=lambda one: say(f"attention.model_{one}"),
                    label_visibility="collapsed",
                    width=200,
                    **state.widget("model"),
                )
            if state.shows("text"):
                popover = lazy_popover(say("reading.more"), f"{state.page}_more", help=say("reading.more_help"))
                if popover.open:
                    with popover:
                        st.markdown(say("reading.examples"))
                        examples(state, "text", "more")
                        st.caption(_known(state, say))
    return refused("text", state, say)


def _other_model(place: DeltaGenerator, state: State, say: Say) -> None:
    """A button that has the same text read by the model that knows most of it, where that is another one; of several
    by one that has a right target for it."""
    read = {name: tokens(name, state["text"]) for name in NAMES}
    known = {name: sum(token.known for token in found) / max(1, len(found)) for name, found in read.items()}
    best = max(known, key=lambda name: (known[name], right_target(name, state["text"]) is not None))
    if known[best] > known[state["model"]] and state.shows("model"):
        place.button(
            say("reading.everyday", model=say(f"attention.model_{best}")),
            key=f"{state.page}_read_by",
            on_click=state.choose,
            kwargs={"model": best, "text": state["text"]},
        )


def refused(name: str, state: State, say: Say) -> str | None:
    """Why a source cannot be read, if so.     name: of the value in the link."""
    return problem(len(tokens(state["model"], state[name])), say, SOURCE_LIMIT)


def kept_step(shown: Transduction, part: str, default: int, state: State) -> int:
    """The step of the scene at which a part opens: where another part, or the same by other steps, was left, as long
    as it is of the same source and network; else `default`.

    part: the one that is drawn, of those with a scene that is stepped.
    """
    about, by = tuple(state[name] for name in ("model", "attention", "text", "fed")), state["by"]
    last_about, last_by, last_part = st.session_state.get(_LAST, (None, by, part))
    st.session_state[_LAST] = about, by, part
    step = place_of(f"{state.page}_{last_part}_stage").get("t", 0)
    was, now = (order(shown, by_operation=stepped == "operation") for stepped in (last_by, by))
    if state.arrived or last_about != about or not 1 <= step <= len(was):
        return default
    stage, token = was[step - 1]
    return now.index((stage, token) if (stage, token) in now else ("output", token)) + 1


def start_over(state: State, say: Say) -> None:
    """Where a source cannot be read, others in its place."""
    other = state["part"] == "hold" and state["what"] == "bridge" and state["bridge"] == "other"
    for name in ("text", "other") if other else ("text",):
        if refused(name, state, say):
            examples(state, name)
            break


def _known(state: State, say: Say) -> str:
    """All that the model has a row for, as one reads it."""
    return say("attention.known", tokens=escape(" ".join(cards(state["model"]).source.words[1:]), 1000))


def examples(state: State, name: str, place: str = "example") -> None:
    """A button for each source that shows something.     name: of the value in the link.     place: one of two rows."""
    with st.container(horizontal=True, gap="xsmall"):
        for number, text in enumerate(SOURCES[state["model"]]):
            st.button(
                escape(text, 60), key=f"{state.page}_{place}_{number}", on_click=state.choose, kwargs={name: text}
            )
