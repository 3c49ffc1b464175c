"""What the URL of a page holds: names, what is accepted, and what holds until it is chosen.

Here is what several lessons share; what one alone has is in its folder. Widget keys carry the page as a prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from rnnviz.charts.stage.cell.score import PLACES
from rnnviz.ui.url.kinds import ITERATIONS, Choice, Kind, Line, OnTheWay, OwnNetwork, Run, Several, Whole
from rnnviz.words import LANGUAGES
from rnnviz.zoo.catalogue import first_model
from rnnviz.zoo.own.made import LAYERS

LARGE = 1.3  # times the type of a desk, for the last row of a classroom
TEXT_LIMIT = 400  # in characters
READ_LIMIT = 2000  # in characters, of what a visitor's own network reads
OWN_ROWS = 2 * LAYERS  # layers, each in two directions
LETTER_LIMIT = 200  # in tokens, of a text in letters; as many as a stage shows
DETAILS = ("why", "equations", "pytorch")
DEPTHS = ("0", "1", "2")  # of a stage: the chain, one cell, one unit
FINE = ("0", "1")  # how one steps through a stage: by token, or by operation
GUESSES = ("off", "on")  # whether predictions of a stage are to be guessed first
UNITS = ("few", "all")  # of which a stage shows the numbers: those that change most, or all
FOLDS = ("chain", "loop", "both")  # how a stage opens that can be folded
SEQUENCES = 100  # in the sample that a run never trains on
HIDEABLE = ("text", "cell", "model", "language", "share", "question", "notice", "lesson")

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Param:
    """One thing in the URL.

    default: what holds until it is chosen, from the values above it in the table; None where the page decides.
    needs: what is chosen along with it, because it means little without.     resets: what goes back to its default.
    of: "zoo", "run" or "own" for what is only there while the page shows a trained model that ships, the model of a
        run, or a visitor's own.
    """

    name: str
    kind: Kind
    default: Callable[[Values], Any]
    needs: tuple[str, ...] = ()
    resets: tuple[str, ...] = ()
    of: Literal["", "zoo", "run", "own"] = ""


def _locale(_: Values) -> str:
    """The language of the browser, where there is one, else the first."""
    spoken = (st.context.locale or "").lower().partition("-")[0]
    return spoken if spoken in LANGUAGES else next(iter(LANGUAGES))


def page_model(values: Values) -> str:
    """The model that a page shows in this language until one is chosen."""
    return first_model(values["lang"])


def of_a_run(*resets: str) -> tuple[Param, ...]:
    """The moment of a run that a lesson shows in the place of a trained model that ships.

    at: the iteration whose weights they are.     sample: which sequence of the unseen sample is read.
    layer: the one shown.     changes: of the run's settings, on the way to that iteration.
    resets: what is another's where the run is.
    """
    names = ("at", "changes", "sample", "layer")
    return (
        Param("run", Run(), lambda _: None, resets=(*names, "network", *resets)),
        Param("at", Whole(1, ITERATIONS), lambda _: 1, ("run",), of="run"),
        Param("changes", OnTheWay(), lambda _: (), ("run", "at"), of="run"),
        Param("sample", Whole(1, SEQUENCES), lambda _: 1, ("run",), of="run"),
        Param("layer", Whole(1, 3), lambda v: v["run"].num_layers, ("run",), of="run"),
    )


def of_own(*resets: str) -> tuple[Param, ...]:
    """A visitor's own network that a lesson shows in the place of a trained model that ships.

    read: what was typed for it to read.     row: which layer and direction is shown, from 1; None for the last.
    resets: what is another's where the network is.
    """
    return (
        Param("network", OwnNetwork(), lambda _: None, resets=("run", "read", "row", *resets)),
        Param("read", Line(READ_LIMIT), lambda _: "", ("network",), resets=("t",), of="own"),
        Param("row", Whole(1, OWN_ROWS), lambda _: None, ("network",), resets=("picked",), of="own"),
    )


def place_on_a_stage(
    most: int,
    start: Callable[[Values], int | None] = lambda _: 1,
    *,
    text: tuple[str, ...] = ("model", "text"),
    cell: tuple[str, ...] = ("model", "cell"),
) -> tuple[Param, ...]:
    """Where a stage is: the token, the operation (0 the whole step), whether one steps by operations, how deep one
    looks, at which unit and at which candidate's score (6 the right word's), and whether the numbers of all units are
    shown.

    most: tokens at the most.     start: at which it opens; None where the page decides.
    text, cell: what says which text it reads, and which cell reads it.
    """
    return (
        Param("t", Whole(1, most), start, text),
        Param("op", Whole(0, 99), lambda _: 0, (*cell, "fine")),
        Param("fine", Choice(FINE), lambda v: FINE[v["op"] > 0], ("op",)),
        Param("depth", Choice(DEPTHS), lambda _: None),
        Param("picked", Whole(1, 128), lambda _: None, cell),
        Param("candidate", Whole(1, PLACES), lambda _: 1),
        Param("units", Choice(UNITS), lambda _: UNITS[0]),
    )


def of_a_stage(
    most: int, start: Callable[[Values], int | None] = lambda _: 1, *, guess: Literal["off", "on"] = "off"
) -> tuple[Param, ...]:
    """Where the stage of a lesson is, as in `place_on_a_stage`, and whether guesses come first.

    guess: whether they do until it is chosen.
    """
    return (*place_on_a_stage(most, start), Param("guess", Choice(GUESSES), lambda _: guess))


TABLE: dict[str, tuple[Param, ...]] = {
    "": (
        Param("lang", Choice(tuple(LANGUAGES)), _locale),
        Param("type", Choice(("normal", "large")), lambda _: "normal"),
        Param("hide", Several(HIDEABLE), lambda _: ()),
    ),
    "unknown": (),
}
"""What is in the URL: under "" on every page, and of each lesson under its name, once it is registered."""
