"""Many to one: a review read to a verdict, or a vowel to its speaker. Training had a loss after the last step alone;
what the head makes of the states before is the verdict so far.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import streamlit as st

from rnnviz.charts.stage.chart import Stage
from rnnviz.core.forward import Pass
from rnnviz.core.trace import Array
from rnnviz.facts.questions.shapes import turning_token
from rnnviz.facts.shapes import of_verdict, steps_of
from rnnviz.lessons.shapes.parameters import READERS, REVIEWS, SPEAKERS
from rnnviz.lessons.shapes.shape import ask_then_tell, card, examples, staged
from rnnviz.snippets.shapes import speaker_lines, verdict_lines
from rnnviz.tasks import gaps
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.input_row import problem, text_field
from rnnviz.ui.controls.known_words import instead, unknown
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.url.parameters import TEXT_LIMIT
from rnnviz.ui.url.state import State
from rnnviz.zoo import TOKEN_LIMIT
from rnnviz.zoo.shapes.catalogue import shipped
from rnnviz.zoo.vocabulary import Token

GRAMMATICAL = "sentiment-ko"  # the one whose reviews a grammar writes
NEGATED = {
    "재미있어서": "재미있지 않아서",
    "좋아서": "좋지 않아서",
    "지루해서": "지루하지 않아서",
    "시시해서": "시시하지 않아서",
}


class Read(NamedTuple):
    """What was read, and what the network says of it."""

    shown: Pass
    tokens: tuple[Token, ...]
    prior: Array  # (K,), what it says before it has read anything: of h_0 = 0


@lru_cache(maxsize=64)
def run(name: str, text: str, speaker: int) -> Read:
    """text: of a review.     speaker: whose vowel is read, from 1."""
    import torch

    from rnnviz.zoo.shapes.model import load

    model = load(name)
    assert model.head.bias is not None, "every head that is assembled has one"
    prior = torch.softmax(model.head.bias, 0).numpy()
    if name in REVIEWS:
        tokens = model.shipped.vocabulary.tokenize(text)
        return Read(model.read([token.index for token in tokens], [token.text for token in tokens]), tokens, prior)
    frames = torch.tensor(model.shipped.samples["utterances"][speaker - 1][1])
    assert model.shipped.scale is not None, "numbers are scaled"
    mean, deviation = map(torch.tensor, model.shipped.scale)
    tokens = tuple(Token(str(t + 1), t, known=True) for t in range(len(frames)))
    return Read(model.read((frames - mean) / deviation, [token.text for token in tokens]), tokens, prior)


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if state["reader"] in REVIEWS:
            text_field(say("shapes.review"), "review", state, say)
        else:
            st.selectbox(
                say("shapes.speaker"),
                range(1, SPEAKERS + 1),
                format_func=lambda k: say("shapes.speaker_is", k=k),
                label_visibility="collapsed",
                width=200,
                **state.widget("speaker"),
            )
        if state.shows("model"):
            st.selectbox(
                say("reading.model"),
                READERS,
                format_func=lambda name: say(f"shapes.reader_{name}"),
                label_visibility="collapsed",
                width=260,
                **state.widget("reader"),
            )
        if state["reader"] in REVIEWS:
            _unknown(state, say)


def model(state: State) -> str:
    return str(state["reader"])


def sizes(state: State) -> tuple[str, int]:
    """The cell and its units."""
    model_card = shipped(model(state)).card
    return model_card.cell, model_card.hidden_size


def file_name(state: State) -> str:
    """What files of it are called."""
    return state["review"] if state["reader"] in REVIEWS else f"speaker {state['speaker']}"


def length(state: State) -> int:
    """Of what is read, in steps."""
    shipped_model = shipped(state["reader"])
    if state["reader"] in REVIEWS:
        return len(shipped_model.vocabulary.tokenize(state["review"]))
    return len(shipped_model.samples["utterances"][state["speaker"] - 1][1])


def wrong(state: State, say: Say) -> str | None:
    return problem(length(state), say, TOKEN_LIMIT)


def refused(state: State, say: Say) -> None:
    """The texts from which one may start."""
    examples(REVIEWS.get(state["reader"], ()), "review", state)


def answers(name: str, say: Say) -> tuple[str, ...]:
    """What a model answers, in the reader's language."""
    if name in REVIEWS:
        return tuple(say(f"shapes.answer_{answer}") for answer in shipped(name).outputs)
    return tuple(say("shapes.speaker_is", k=k) for k in range(1, SPEAKERS + 1))


def show(state: State, say: Say) -> tuple[Stage, Pass]:
    """The stage, and what it shows."""
    verdict = run(state["reader"], state["review"], state["speaker"])
    named_pass = replace(verdict.shown, words=answers(state["reader"], say))
    return staged(named_pass, verdict.tokens, "stage", state), named_pass


def _unknown(state: State, say: Say) -> None:
    """Say what of a review is unknown, and offer what the grammar has in its place where a grammar wrote what was
    learned."""
    vocabulary = shipped(state["reader"]).vocabulary
    tokens = vocabulary.tokenize(state["review"])
    told = unknown(tokens, vocabulary.kind, state, say)
    if not told or not state.shows("text") or state["reader"] != GRAMMATICAL:
        return
    place, words = gaps.proposals("ko", [vocabulary.words[token.index] for token in tokens])
    if proposals := [word for word in words if vocabulary.row(word)]:
        with told:
            instead(place, proposals, tokens, vocabulary, "review", state, say)


def below(shown: Pass, state: State, say: Say) -> bool:
    """The question, what to notice, what to try, and the card. Whether the question waits."""
    verdict = run(state["reader"], state["review"], state["speaker"])
    assert shown.readout is not None, "each of the models has a head"
    y, unread = shown.readout.y, [not token.known for token in verdict.tokens]
    told = y, verdict.prior, shown.tokens, shown.words, unread
    answered = ask_then_tell(
        turning_token(*told),
        len(y),  # it says what the verdict is in the end
        lambda: of_verdict(*told),
        (state["reader"], shown.tokens),
        shown,
        state,
        say,
        whole=True,
        note=say("shapes.so_far"),
    )
    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        offers, labels = tries(verdict, state, say)
        experiments(offers, state, say, labels)
        card(state["reader"], state, say)
    return not answered


def tries(verdict: Read, state: State, say: Say) -> tuple[dict[str, dict[str, object]], dict[str, str]]:
    """What to read besides, and what the buttons are called."""
    offers: dict[str, dict[str, object]] = {}
    labels: dict[str, str] = {}
    if state["reader"] not in REVIEWS:
        return {"next_speaker": {"speaker": state["speaker"] % SPEAKERS + 1}}, {
            "next_speaker": say("shapes.next_speaker")
        }
    tokens = [token.text for token in verdict.tokens]
    if (text := negated(state["reader"], tokens, verdict)) is not None:
        offers["negated"], labels["negated"] = {"review": text}, say("shapes.negated")
    for number, text in enumerate(REVIEWS[state["reader"]]):
        offers[f"review_{number}"], labels[f"review_{number}"] = {"review": text}, escape(text, 60)
    return offers, labels


def negated(name: str, tokens: list[str], verdict: Read) -> str | None:
    """The text with "not" before the token that moves the verdict most, in Korean with the first judgement negated;
    None where it has a negation already or nothing to be negated."""
    join = shipped(name).vocabulary.join
    if name == GRAMMATICAL:
        place = next((t for t, token in enumerate(tokens) if token in NEGATED), None)
        return None if place is None else join([*tokens[:place], NEGATED[tokens[place]], *tokens[place + 1 :]])
    if "not" in (token.casefold() for token in tokens) or verdict.shown.readout is None:
        return None
    at = int(np.abs(steps_of(verdict.shown.readout.y, verdict.prior)).argmax())
    text = join([*tokens[:at], "not", *tokens[at:]])
    return text if len(tokens) < TOKEN_LIMIT and len(text) <= TEXT_LIMIT else None


def pytorch(state: State) -> str:
    if state["reader"] in REVIEWS:
        return verdict_lines(state["reader"], state["review"])
    return speaker_lines(state["speaker"] - 1)
