"""What a visitor has opened, kept in the session: the last few, on no disk and in no link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from rnnviz.core.forced import Forced
from rnnviz.core.forward import Pass
from rnnviz.snippets.own import own_hold_lines, own_lines
from rnnviz.training.config import Refused
from rnnviz.ui.runs.checkpoint import Classes, words
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo.own.made import Made, named
from rnnviz.zoo.vocabulary import Token

if TYPE_CHECKING:
    from rnnviz.core.network import Layer
    from rnnviz.core.record import Head
    from rnnviz.zoo import Reading
    from rnnviz.zoo.own.file import Weights
    from rnnviz.zoo.own.model import OwnModel, OwnReading

MOST_KEPT = 4  # networks of a session
_KEPT, _READ, _PASS = "own.kept", "own.read", "own.pass"  # in the session's state


@dataclass(frozen=True, eq=False)
class Opened:
    """A file that was opened, and what was made of it."""

    weights: Weights  # all of its entries
    model: OwnModel  # put together as was chosen


def keep(opened: Opened) -> str:
    """For this session; returns the network's name."""
    kept: dict[str, Opened] = st.session_state.setdefault(_KEPT, {})
    kept.pop(opened.model.name, None)
    kept[opened.model.name] = opened
    for old in list(kept)[:-MOST_KEPT]:
        del kept[old]
        st.session_state.get(_READ, {}).pop(old, None)
    return opened.model.name


def opened_file(name: str) -> Opened | None:
    """The file behind a network; None for one that was made, and for one that this session has not opened."""
    found: Opened | None = st.session_state.get(_KEPT, {}).get(name)
    return found


def model_of(name: str) -> OwnModel | None:
    """The network that a link names; None where its file is not open in this session."""
    from rnnviz.zoo.own.model import make

    what = named(name)
    if isinstance(what, Made):
        return make(what)
    opened = opened_file(what)
    return opened.model if opened else None


def cell_of(name: str) -> str:
    """The cell of the network that a link names; the LSTM where its file is not open in this session. Needs no torch
    for one that is made."""
    what = named(name)
    if isinstance(what, Made):
        return what.cell
    opened = opened_file(what)
    return opened.model.cell if opened else "lstm"


def last_row(name: str) -> int:
    """The same of its last layer, as it reads from the left: its row, from 1; 1 where its file is not open."""
    what = named(name)
    if isinstance(what, Made):
        return what.layers
    opened = opened_file(what)
    return opened.model.rows - opened.model.directions + 1 if opened else 1


def keep_reading(name: str, reading: OwnReading | None) -> None:
    """What a network reads where nothing is typed, from a file; None for what it reads at first."""
    readings: dict[str, OwnReading] = st.session_state.setdefault(_READ, {})
    if reading is None:
        readings.pop(name, None)
    else:
        readings[name] = reading


def kept_reading(name: str) -> OwnReading | None:
    """What a network reads of a file; None where it reads no file."""
    found: OwnReading | None = st.session_state.get(_READ, {}).get(name)
    return found


def reading_of(model: OwnModel, state: State | Mapping[str, Any], *, typed: bool = True) -> OwnReading:
    """What was typed, else what a file holds, else what a network reads at first. Raises `Refused` for what was typed
    and cannot be read.

    typed: whether that counts at all.
    """
    from rnnviz.zoo.own import reading

    if typed and state["read"].strip():
        return reading.typed(model, state["read"])
    return kept_reading(model.name) or reading.first(model)


def size_of(values: Mapping[str, Any]) -> tuple[int, int]:
    """How many steps the network of a link reads, and its units; 1 and 1 where its file is not open, or what was typed
    cannot be read.

    values: of the link, by name.
    """
    model = model_of(values["network"])
    try:
        return (1, 1) if model is None else (len(reading_of(model, values).tokens), model.rnn.hidden_size)
    except Refused:
        return 1, 1


def refusal(error: Refused, say: Say) -> str:
    """Why something was refused and what is accepted, in the reader's language."""
    values = {
        name: escape(value, 120) if isinstance(value, str) else value for name, value in error.rule.values.items()
    }
    return say(f"own.refused_{error.rule.name}", raw=escape(error.raw, 60), **values)


def stage_words(model: OwnModel, shown: Pass, language: str) -> dict[str, str]:
    """What a stage says of a network, or of a row of it, in place of its own words."""
    said = catalogue(language)
    if model.head is None:
        return words(language, shown.head) | {"stage.no_head": said["own.no_head"]}
    both = {"stage.no_head": said["own.head_both"]} if model.directions == 2 and shown.head == "nothing" else {}
    return words(language, shown.head) | both


@dataclass(frozen=True, eq=False)
class OwnRow:
    """One layer in one direction, with what the lessons read of a `zoo.Model`."""

    name: str
    about: str  # tells it and what it reads from all others
    cell: str
    rnn: Layer
    head: Head | None
    vocabulary: Classes
    model: OwnModel  # the whole
    row: int  # of it, from 0


class OwnPass(NamedTuple):
    """A row of a visitor's network, what it reads, and how."""

    model: OwnRow
    reading: Reading
    shown: Pass
    read: OwnReading  # by the whole network

    def words(self, language: str) -> dict[str, str]:
        """What a stage says in place of its own words."""
        return stage_words(self.model.model, self.shown, language)

    def lines(self, t: int, say: Say, held: tuple[Forced | None, float | None] | None = None) -> str:
        """Say what they do, and return the lines of PyTorch that read the same up to step `t`.

        held: a gate and a bias that were taken hold of: then all steps.
        """
        whole, row, head = self.model.model, self.model.row, self.shown.head
        st.markdown(say("own.pytorch_row" if held is None else "own.pytorch_held", t=t))
        if held is None:
            return own_lines(whole, self.read, row, t, head)
        return own_hold_lines(whole, self.read, row, *held, head)


def row_pass(model: OwnModel, reading: OwnReading, row: int) -> OwnPass:
    """A row (from 0) over what the network reads: computed once, and kept while the session looks at it. Raises
    `Refused` where that is not finite."""
    about = f"{model.name}_{reading.checksum}_{row}"
    last: OwnPass | None = st.session_state.get(_PASS)
    if last is None or last.model.about != about:
        last = st.session_state[_PASS] = _row_pass(model, reading, row, about)
    return last


def _row_pass(model: OwnModel, reading: OwnReading, row: int, about: str) -> OwnPass:
    from rnnviz.zoo import Reading
    from rnnviz.zoo.own.model import run_row

    alone = run_row(model, reading, row)
    of_row = OwnRow(
        name=model.title or model.name,
        about=about,
        cell=model.cell,
        rnn=alone.rnn,
        head=alone.head,
        vocabulary=Classes(model.words, " "),
        model=model,
        row=row,
    )
    return OwnPass(of_row, Reading(tokens_of(reading, alone.tokens), alone.x, ()), alone.shown, reading)


def tokens_of(reading: OwnReading, shown: Sequence[str]) -> tuple[Token, ...]:
    """What is read as tokens, which say whether the vocabulary has them.

    shown: what stands for each step, in the order in which it is read.
    """
    backwards = list(shown) != list(reading.tokens)
    steps = range(len(shown) - 1, -1, -1) if backwards else range(len(shown))
    return tuple(Token(word, 0, known=step not in reading.unknown) for step, word in zip(steps, shown, strict=True))
