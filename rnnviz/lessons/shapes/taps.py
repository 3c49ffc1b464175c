"""Taps: each step of one trained network can be given something to read or not, and be asked something or not."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from rnnviz import zoo
from rnnviz.core.taps import Taps
from rnnviz.core.trace import Array, Trace
from rnnviz.facts.questions.shapes import states_reached
from rnnviz.facts.shapes import of_taps
from rnnviz.lessons.shapes.parameters import TAPPED
from rnnviz.scene import tapped
from rnnviz.snippets.shapes import tap_lines
from rnnviz.ui.controls.input_row import controls, count_tokens, examples, problem
from rnnviz.ui.page.files import Files, drawings, npz
from rnnviz.ui.picture.scene import meanings, stepped
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.kinds import Switches
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import size
from rnnviz.zoo.catalogue import shipped

if TYPE_CHECKING:
    from torch import Tensor


class Run(NamedTuple):
    """A text read through taps."""

    trace: Trace  # in float64
    asked: tuple[tuple[str, float], ...]  # of each step the word that counts as right, and its loss
    gradient: Array  # (T, H), of the sum of the asked losses with respect to each h_t


@lru_cache(maxsize=64)
def run(model: str, cell: str, text: str, taps: Taps) -> Run:
    """What the shipped network computes where it reads zeros at each closed input tap, and how far back the losses of
    the open question taps go. Right is the word that follows, and where none is known the network's own first choice.
    """
    import torch
    from torch.nn.functional import cross_entropy, linear

    import rnnviz
    from rnnviz.core.gradients.flow import flow_of

    network = zoo.load(model, cell)
    reading = network.read(text, TAPPED)
    x = reading.x * torch.tensor(taps.inputs)[:, None]
    trace = rnnviz.record(network.rnn, x, tokens=[token.text for token in reading.tokens], dtype=torch.float64)
    weight, bias = network.head.weight.double(), network.head.bias
    assert bias is not None, "every head of the zoo has one"
    logits = linear(torch.from_numpy(trace.output), weight, bias.double())
    right = torch.tensor(
        [int(row.argmax()) if k is None else k for row, k in zip(logits, reading.targets, strict=True)]
    )
    every = cross_entropy(logits, right, reduction="none").tolist()
    asks = torch.tensor(taps.asks, dtype=torch.float64)

    def losses(output: Tensor) -> Tensor:
        return cross_entropy(linear(output, weight, bias.double()), right, reduction="none") * asks

    gradient = flow_of(trace, losses).gradients[0].sum(0)
    words = [network.vocabulary.words[k] for k in right.tolist()]
    return Run(trace, tuple(zip(words, every, strict=True)), gradient)


def chosen(state: State, steps: int) -> Taps:
    """The taps of the page: until they are chosen, every step reads and the last one is asked."""
    reads, asks = state["reads"] or "1" * steps, state["asks"] or "0" * (steps - 1) + "1"
    return Taps(tuple(bit == "1" for bit in reads), tuple(bit == "1" for bit in asks))


def knobs(state: State, say: Say) -> None:
    controls(state, say, limit=TAPPED)


def wrong(state: State, say: Say) -> str | None:
    """Why the text cannot be read; taps of another number of steps are taken back."""
    steps = count_tokens(state)
    if why := problem(steps, say, TAPPED):
        return why
    for name in ("reads", "asks"):
        if state[name] and len(state[name]) != steps:
            state.refuse(name, Switches(steps).accepts)
    return None


def refused(state: State, say: Say) -> None:
    examples(state, say)


def draw(state: State, say: Say) -> tuple[Files, bool]:
    """The taps, the picture and what is said of it; returns the files and whether the question waits."""
    tokens = [token.text for token in shipped(state["model"])[0].tokenize(state["text"])]
    taps = chosen(state, len(tokens))
    for column, (name, open_) in zip(st.columns(2), (("reads", taps.inputs), ("asks", taps.asks)), strict=True):
        with column, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _pills(name, tokens, open_, state, say)
    tap_run = run(state["model"], state["cell"], state["text"], taps)
    place = st.container()
    answered = _ask(taps, state, say)
    with place:
        answers = [(word, say("shapes.loss", loss=size(loss))) for word, loss in tap_run.asked]
        scene = tapped(tap_run.trace, taps, answers, tap_run.gradient if answered else None)
        figure = stepped(scene, "taps", state, say("shapes.taps_alt"), whole=answered, names=meanings(state["lang"]))
    if state.shows("notice"):
        norms = np.linalg.norm(tap_run.gradient, axis=1)
        losses = [loss for (_, loss), asks in zip(tap_run.asked, taps.asks, strict=True) if asks]
        notice(of_taps(taps, norms if answered else None, sum(losses)), say)
        if "c" in tap_run.trace.cell.states and answered:
            st.caption(say("shapes.past_c"))
    reads, asks = np.array(taps.inputs), np.array(taps.asks)
    archive = npz(
        lambda file: np.savez(file, h=tap_run.trace["h"][0], gradient=tap_run.gradient, reads=reads, asks=asks)
    )
    return {**drawings(figure, say("shapes.part_taps"), state), **archive}, not answered


def pytorch(state: State) -> str:
    steps = count_tokens(state)
    return tap_lines(state["model"], state["cell"], state["text"], chosen(state, steps), TAPPED)


def _pills(name: str, tokens: list[str], taps: tuple[bool, ...], state: State, say: Say) -> None:
    """A row of taps, each a button that is pressed while it is open."""
    key, steps = f"{state.page}_{name}", range(1, len(tokens) + 1)
    open_ = [t for t in steps if taps[t - 1]]
    if st.session_state.get(key) != open_:
        st.session_state[key] = open_
    labels = [escape(token, 16) for token in tokens]
    st.caption(say(f"shapes.{name}"), width="content")
    st.pills(
        say(f"shapes.{name}"),
        steps,
        label_visibility="collapsed",
        width="content",
        selection_mode="multi",
        format_func=lambda t: f"{t} · {labels[t - 1]}" if name == "reads" else say("shapes.after", t=t),
        wrap=True,
        key=key,
        on_change=partial(_turn, key, name, len(tokens), state),
    )


def _turn(key: str, name: str, steps: int, state: State) -> None:
    open_ = st.session_state[key]
    state.choose(**{name: "".join("1" if t in open_ else "0" for t in range(1, steps + 1))})


def _ask(taps: Taps, state: State, say: Say) -> bool:
    """How many states the loss reaches: asked once, of the taps that were there when it was answered. Whether the way
    back may be seen."""
    question, about = states_reached(taps), (state["model"], state["text"], taps)
    first = f"{state.page}_reached"
    if question is None or st.session_state.get(first, about) != about:
        return True
    answered = ask(question, about, state, say)
    if answered and state.shows("question"):
        st.session_state[first] = about
    return answered
