"""A batch of four sentences: what pads do to states, work, loss and gradient, and what a batch costs."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from rnnviz import zoo
from rnnviz.core.sheet import Handling, Sheet, Side
from rnnviz.facts.batch import asked_of_pads, most_padded, of_batch, of_choice
from rnnviz.facts.notice import Notice
from rnnviz.lessons.chains.cost import measure
from rnnviz.lessons.chains.parameters import BATCHED, CHAINS, HANDLINGS, OTHERS, SIDES, reads
from rnnviz.scene import sheets
from rnnviz.snippets.batch import batch_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.input_row import count_tokens, problem, text_field
from rnnviz.ui.controls.known_words import unknown_words
from rnnviz.ui.page.files import Files, drawings, npz
from rnnviz.ui.picture.scene import stepped, still
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words import numbers
from rnnviz.zoo import CELL_NAMES
from rnnviz.zoo.catalogue import shipped

if TYPE_CHECKING:
    from rnnviz.core.batch import PadLoss


FORMULAS = (
    r"h_t = m_t \odot \mathrm{cell}(x_t, h_{t-1}) + (1 - m_t) \odot h_{t-1}, \quad m_t \in \{0, 1\}",
    r"L = \frac{\sum_{b,t} m_{b,t}\, L_{b,t}}{\sum_{b,t} m_{b,t}}",
)


def refuse(state: State, say: Say) -> None:
    """What a link asks for and this batch does not have."""
    texts = (state["text"], *OTHERS[reads(state.values())])
    columns = max(len(shipped(state["model"])[0].tokenize(text)) for text in texts)
    if not _wrong(state, say) and state["t"] > columns:
        state.refuse("t", Whole(1, columns).accepts)


def _wrong(state: State, say: Say) -> str | None:
    return problem(count_tokens(state), say, BATCHED)


def knobs(state: State, say: Say) -> str | None:
    """The reader's own sentence, the cell, and how the batch is filled up; why the sentence cannot be read, if so."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text_field(say("reading.text"), "text", state, say, say("chains.text_help", limit=BATCHED))
        unknown_words(state, say)
        if state.shows("cell"):
            choice(say("reading.cell"), CELL_NAMES, lambda name: titled(name, say), "cell", state)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for name, options in (("handling", HANDLINGS), ("side", SIDES), ("chain", CHAINS)):
            if name != "side" or state["handling"] != "packed":
                choice(say(f"chains.{name}"), options, partial(_called, name, say), name, state)
    return _wrong(state, say)


def _called(name: str, say: Say, option: str) -> str:
    return say(f"chains.{name}_{option}")


def _texts(state: State) -> tuple[str, ...]:
    return (state["text"], *OTHERS[reads(state.values())])


@lru_cache(maxsize=64)
def _read(model: str, cell: str, texts: tuple[str, ...], side: Side, handling: Handling) -> tuple[Sheet, ...]:
    """The batch as the trained network reads it, forward and, with the same weights, from the right."""
    import torch

    from rnnviz.core.batch import batch
    from rnnviz.core.cells import CELLS
    from rnnviz.core.record import record

    network = zoo.load(model, cell)
    readings = [network.read(text, BATCHED) for text in texts]
    weights = {name: torch.tensor(value) for name, value in record(network.rnn, readings[0].x).weights[0].items()}
    return batch(
        CELLS[cell],
        [reading.x for reading in readings],
        side=side,
        handling=handling,
        tokens=[[token.text for token in reading.tokens] for reading in readings],
        weights=[weights, weights],
        bidirectional=True,
    )


@lru_cache(maxsize=64)
def _losses(model: str, cell: str, texts: tuple[str, ...], side: Side, handling: Handling) -> tuple[PadLoss, PadLoss]:
    """Of the words alone, and with the pads."""
    from rnnviz.core.batch import pad_loss

    network = zoo.load(model, cell)
    readings = [network.read(text, BATCHED) for text in texts]
    words, all_ = (
        pad_loss(
            network.rnn,
            network.head,
            [reading.x for reading in readings],
            [reading.targets for reading in readings],
            side=side,
            handling=handling,
            over_pads=over,
        )
        for over in (False, True)
    )
    return words, all_


def draw(state: State, say: Say) -> tuple[Files, bool]:
    texts, reverse = _texts(state), state["chain"] == "reverse"
    about = (state["model"], state["cell"], texts, state["side"])
    batch = _read(*about, state["handling"])
    row = int(reverse)
    place = st.container()
    question = asked_of_pads(batch, row, reverse=reverse)
    about_states = (state["handling"], state["side"], state["chain"])
    answered = question is None or ask(question, about_states, state, say)
    with place:
        scene = sheets(batch, row, reverse=reverse, pad=say("chains.pad"), states=answered)
        if answered:
            figure = stepped(scene, "batch", state, say("chains.batch_alt"))
        else:
            figure = still(scene, "batch", state, say("chains.batch_alt"), start=1)  # where the words are
            st.caption(say("chains.states_wait"))
    if answered:
        left, right = st.columns(2, gap="large")
        with left:
            if state.shows("notice"):
                choices = [] if reverse else _expected(batch, state)
                notice([*of_batch(batch, row, reverse=reverse), *choices], say)
        with right:
            if not reverse:
                _loss_table(_losses(*about, state["handling"]), say)
        measure(state, say)
    archive = npz(
        lambda file: np.savez(
            file,
            h=np.stack([sheet.states[row] for sheet in batch]),
            real=np.array([sheet.real for sheet in batch]),
            h_n=np.stack([sheet.handed_on[row] for sheet in batch]),
        )
    )
    return {**drawings(figure, say("chains.part_batch"), state), **(archive if answered else {})}, not answered


def _expected(batch: tuple[Sheet, ...], state: State) -> list[Notice]:
    """What the head expects next, from the state that is handed on with and without pads."""
    network = zoo.load(state["model"], state["cell"])
    number = most_padded(batch)
    sheet = batch[number]
    weight = network.head.weight.numpy()
    bias = 0.0 if network.head.bias is None else network.head.bias.numpy()
    choices: list[tuple[str, float]] = []
    for h in (sheet.alone[0], sheet.handed_on[0]):
        logits = weight @ h + bias
        y = np.exp(logits - logits.max())
        best = int(y.argmax())
        choices.append((network.vocabulary.words[best], float(y[best] / y.sum())))
    return list(of_choice(*choices[0], *choices[1], number + 1))


def _loss_table(losses: tuple[PadLoss, PadLoss], say: Say) -> None:
    st.subheader(say("chains.loss_title"), anchor=False)
    head = [say(f"chains.loss_{name}") for name in ("over", "count", "mean", "into_words", "into_pads")]
    rows = [
        [say(f"chains.over_{name}"), str(one.count), *map(numbers.size, (one.loss, one.into_words, one.into_pads))]
        for name, one in zip(("words", "all"), losses, strict=True)
    ]
    table(head, rows)
    st.caption(say("chains.loss_note"))


def lines(state: State) -> str:
    return batch_lines(
        state["model"],
        state["cell"],
        _texts(state),
        side=state["side"],
        handling=state["handling"],
        reverse=state["chain"] == "reverse",
    )
