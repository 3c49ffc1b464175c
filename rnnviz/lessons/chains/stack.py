"""One to three layers above each other: whose weights are whose, what each keeps, what a silent one leaves, and the
price.
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from rnnviz.core.forced import Forced
from rnnviz.core.forward import Pass
from rnnviz.core.trace import Readout, Trace
from rnnviz.facts.questions.question import Question
from rnnviz.facts.stack import (
    asked_of_silence,
    asked_of_size,
    asked_of_weights,
    lives,
    of_lives,
    of_score,
    of_silence,
    of_weights,
)
from rnnviz.lessons.chains.parameters import reads
from rnnviz.snippets.stack import stack_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.input_row import problem, text_field
from rnnviz.ui.controls.known_words import instead, unknown
from rnnviz.ui.page.files import Files, drawings, numbers
from rnnviz.ui.picture import stage
from rnnviz.ui.place.listener import Bounds, follow
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask, waits
from rnnviz.ui.text.table import table
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import count, fixed, percent, size, spread
from rnnviz.zoo import TOKEN_LIMIT
from rnnviz.zoo.stacks import CELL, DEPTHS, FAMILIES, SIZES, WIDE, WIDTH, Stack, Stacks, stacks, words_model
from rnnviz.zoo.truth import proposals, truth
from rnnviz.zoo.vocabulary import Token

if TYPE_CHECKING:
    from rnnviz.zoo import Model, Reading

FORMULAS = (
    r"h^1_t = \mathrm{GRU}_1(x_t, h^1_{t-1})",
    r"h^l_t = \mathrm{GRU}_l(h^{l-1}_t, h^l_{t-1}), \quad l = 2, \dots, L",
    r"y_t = \mathrm{softmax}(W_{hy} h^L_t + b_y)",
)
DISTANCES = (3, 16)  # tokens after the first word, of those that are probed


class Layered(NamedTuple):
    """A text as a stack reads it."""

    model: Model
    reading: Reading
    shown: Pass  # with the silent layer, if there is one
    plain: Readout  # without
    gradient: tuple[float, ...]  # 2-norm of what the text's summed loss sends into each layer's states, without


def _name(state: State) -> str:
    return f"stack-{reads(state.values())}"


def _tokens(state: State) -> tuple[Token, ...]:
    return stacks(_name(state)).vocabulary.tokenize(state["sentence"])


def _wrong(state: State, say: Say) -> str | None:
    return problem(len(_tokens(state)), say)


def _bounds(state: State) -> Bounds:
    return Bounds(len(_tokens(state)), CELL, WIDTH, rows=state["layers"])


def refuse(state: State, say: Say) -> None:
    """What a link asks for and this stack does not have."""
    if state["silent"] > state["layers"]:
        state.refuse("silent", Whole(0, state["layers"]).accepts)
    if not _wrong(state, say):
        _bounds(state).refuse(state)


def knobs(state: State, say: Say) -> str | None:
    """The sentence, how many layers read it, and which is silent; why it cannot be read, if so."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text_field(say("reading.text"), "sentence", state, say, say("reading.text_help", limit=TOKEN_LIMIT))
        tokens, vocabulary = _tokens(state), stacks(_name(state)).vocabulary
        told = unknown(tokens, vocabulary.kind, state, say)
        choice(say("chains.layers"), DEPTHS, lambda n: say("chains.layers_n", n=n), "layers", state)
        options = tuple(range(state["layers"] + 1))
        choice(say("chains.silent"), options, lambda n: say(f"chains.silent_{n}"), "silent", state)
    if told and state.shows("text"):
        place, words = proposals(words_model(_name(state)), tokens)
        if words and place < len(tokens):
            with told:
                instead(place, words, tokens, vocabulary, "sentence", state, say)
    return _wrong(state, say)


@lru_cache(maxsize=64)
def _read(name: str, layers: int, text: str, silent: int) -> Layered:
    import torch

    from rnnviz.core.gradients.flow import gradient_flow
    from rnnviz.core.record import read_out, record
    from rnnviz.zoo.stacks.model import load_stack

    model = load_stack(name, layers)
    reading = model.read(text)
    tokens = [token.text for token in reading.tokens]
    forced = [Forced("h", 0.0, row=silent - 1)] if silent else []
    trace = record(model.rnn, reading.x, tokens=tokens, forced=forced)
    plain = record(model.rnn, reading.x) if silent else trace
    targets = [(t, k) for t, k in enumerate(reading.targets) if k is not None]

    def losses(output: torch.Tensor) -> torch.Tensor:
        logits = torch.nn.functional.linear(output, model.head.weight, model.head.bias)
        steps, right = zip(*targets, strict=True)
        cross_entropy = -torch.log_softmax(logits, -1)[list(steps), list(right)]
        return output.new_zeros(len(output)).index_put((torch.tensor(steps),), cross_entropy)

    total = gradient_flow(model.rnn, reading.x, losses).total if targets else np.zeros((layers, 1))
    readout = read_out(trace, model.head)
    shown = Pass(
        trace,
        readout,
        model.vocabulary.words,
        reading.targets,
        f"{name}-{layers}",
        truth(words_model(name), reading.tokens),
        rows=tuple(token.index for token in reading.tokens),
    )
    gradient = tuple(float(norm) for norm in np.sqrt(np.square(total).sum(1)))
    return Layered(model, reading, shown, read_out(plain, model.head) if silent else readout, gradient)


@lru_cache(maxsize=64)
def _elsewhere(name: str, layers: int, text: str, silent: int) -> Trace:
    """The same network, with the same layer silent, that reads other words: each the next one of the vocabulary."""
    from rnnviz.core.record import record

    layered = _read(name, layers, text, silent)
    rows = [(row + 1) % len(layered.model.vocabulary) for row in layered.shown.rows]
    return record(layered.model.rnn, layered.model.embedding[rows], forced=layered.shown.trace.forced)


def draw(state: State, say: Say) -> tuple[Files, bool]:
    ahead = st.container(key=f"{state.page}_question_late")
    at = stage.prepare(state, compact=True)
    name, layers, text, silent = _name(state), state["layers"], state["sentence"], state["silent"]
    layered, cards = _read(name, layers, text, silent), stacks(name)
    chart = stage.show(layered.shown, layered.reading, state, at)
    follow(lambda: None, state, _bounds(state), whole=False)
    if silent:
        question = asked_of_silence(layered.shown.trace, _elsewhere(name, layers, text, silent), silent)
    else:
        question = asked_of_weights(layered.shown.trace)
    # While it waits it stands before the picture, which is as high as a laptop's screen, and on a phone after it.
    about = (layers, silent)
    with ahead if question and waits(question, about, state) else nullcontext():
        answered = question is None or ask(question, about, state, say)
    if answered:
        left, right = st.columns(2, gap="large")
        with left:
            if state.shows("notice"):
                _notices(layered, silent, say)
        with right:
            _kept(layered, cards.of(layers), silent, say)
    all_answered = answered and ask(_larger(cards, layers), (name, layers), state, say)
    if all_answered:
        _price(cards, say)
        for layer, loss in enumerate(cards.of(layers).silent, 1):
            st.markdown(say("chains.price_silent", layer=layer, layers=layers, loss=loss))
    figure = stage.present(chart, state)
    return {**drawings(figure, say("chains.part_stack"), state), **numbers(layered.shown)}, not all_answered


def _larger(cards: Stacks, layers: int) -> Question:
    """Of this many layers beside one fewer; of one layer beside a wider one."""
    size, other = ((1, WIDE), (1, WIDTH)) if layers == 1 else ((layers, WIDTH), (layers - 1, WIDTH))
    return asked_of_size(cards.by_size[size].losses, cards.by_size[other].losses, size, other)


def _notices(layered: Layered, silent: int, say: Say) -> None:
    trace, readout = layered.shown.trace, layered.shown.readout
    assert readout is not None
    if silent:
        notices = of_silence(layered.plain, readout, layered.shown.targets, layered.shown.words, silent)
        notice(notices, say)
    else:
        notice([*of_weights(trace), *of_lives(trace), *of_score(readout, layered.shown.targets)], say)


def _kept(layered: Layered, card: Stack, silent: int, say: Say) -> None:
    """What each layer keeps and for how long, and what comes back to it: the last layer first, as it is drawn."""
    st.subheader(say("chains.kept_title"), anchor=False)
    probe = card.first_word[0]
    places = [probe.distances.index(distance) for distance in DISTANCES]
    head = [say("chains.kept_layer"), say("chains.kept_life")]
    head += [say("chains.kept_first", n=distance) for distance in DISTANCES]
    rows = []
    for layer, life in reversed(list(enumerate(lives(layered.shown.trace)))):
        life_text = "–" if layer + 1 == silent else fixed(life, 1) if np.isfinite(life) else say("chains.kept_longer")
        shares = [percent(card.first_word[layer].accuracies[place]) for place in places]
        rows.append([str(layer + 1), life_text, *shares, size(layered.gradient[layer], 2)])
    table([*head, say("chains.kept_gradient")], rows)
    after = dict(zip(("first", "second"), DISTANCES, strict=True))
    st.caption(say("chains.kept_note", chance=probe.chance, **after))


def _price(cards: Stacks, say: Say) -> None:
    """What each size costs and reaches, over the seeds."""
    st.subheader(say("chains.price_title"), anchor=False)
    stacks_by_size = [cards.by_size[size] for size in SIZES]
    head = [say("chains.price_size"), *(say("chains.price_of", layers=n, units=units) for n, units in SIZES)]
    rows = [
        [say("chains.price_weights"), *(count(one.card.parameters) for one in stacks_by_size)],
        [say("chains.price_seconds"), *(size(float(np.mean(one.seconds)), 2) for one in stacks_by_size)],
        [say("chains.price_bottom"), *(size(float(np.mean(one.before)), 2) for one in stacks_by_size)],
        [say("chains.price_loss"), *(spread(one.losses, partial(fixed, decimals=3)) for one in stacks_by_size)],
    ]
    rows += [
        [say(f"chains.price_{family}"), *(spread(one.right[family], percent) for one in stacks_by_size)]
        for family in FAMILIES
    ]
    table(head, rows)
    one = cards.of(1)
    values: dict[str, float] = {"seeds": len(one.seeds), "steps": one.card.steps, "tokens": cards.tokens}
    values |= {"unigram": cards.unigram, "bigram": cards.bigram, "width": WIDTH, "wide": WIDE}
    st.caption(say("chains.price_note", **values))


def lines(state: State) -> str:
    card = stacks(_name(state)).of(state["layers"]).card
    return stack_lines(
        card.model,
        state["layers"],
        state["sentence"],
        inputs=card.embedding_size,
        hidden_size=card.hidden_size,
        silent=state["silent"],
    )
