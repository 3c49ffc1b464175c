"""What the URL of each page holds: one table of names, of what is accepted, and of what holds until it is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import streamlit as st

from rnnviz.core.cells import CELLS
from rnnviz.training.config import Config
from rnnviz.training.presets import PAIRS, PRESETS
from rnnviz.ui.url.kinds import ITERATIONS, Choice, Decimal, Kind, Line, OnTheWay, Run, Setting, Several, Whole, Wholes
from rnnviz.words import LANGUAGES
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT, catalogue
from rnnviz.zoo.catalogue import FURTHER_CELLS, first_model, largest_entry, shipped

LARGE = 1.3  # times the type of a desk, for the last row of a classroom
TEXT_LIMIT = 400
DETAILS = ("why", "equations", "pytorch")
PARTS = ("weight", "length", "gradient", "time")  # of the lesson "Rolled and unrolled", one shown at a time
FOLDS = ("chain", "loop", "both")  # how its stage opens
VALUE_LIMIT = 8.0  # of a weight that is typed; the largest that training gave is 6.3
# The matrices of each cell, in the order of its declaration, and the head's: `W_xi W_hi W_xf ... W_hy`.
WEIGHTS = {cell: (*(p.name for p in CELLS[cell].parameters if p.name.startswith("W_")), "W_hy") for cell in CELL_NAMES}
# Of the lesson "Watch the gates": its parts, the cells with gates, what each of them has to take hold of, and how the
# units can be sorted. A letter is a token too, and a stage shows 200.
WATCH_PARTS = ("maps", "step", "hold", "compare")
RUN_PARTS = WATCH_PARTS[:-1]  # of the model of a run, which has nothing beside it
COMPARED = (*CELL_NAMES, *FURTHER_CELLS)
GATED = tuple(name for name in COMPARED if CELLS[name].memory)
GATES = {name: CELLS[name].gates for name in GATED}
SORTINGS = ("own", "half_life", "change", "token")
LETTER_LIMIT = 200
BIAS_LIMIT = 5.0
# Of the gradient lab: its parts, the networks made to order, how their matrices are drawn, what a norm is clipped to.
LAB_PARTS = ("matrix", "derivative", "knobs", "cliff", "cut", "past", "table")
LAB_NETS = ("rnn", "rnn_relu", "rnn_sigmoid", "rnn_linear", "lstm", "gru")
INITS = ("default", "normal", "orthogonal", "identity")
CLIPS = ("none", "0.1", "0.25", "0.5", "1", "5", "10")
LAB_STEPS, LAB_HIDDEN, LAB_UPDATES = 100, 64, 60
SEQUENCES = 100  # in the sample that a run never trains on
HIDEABLE = ("text", "cell", "model", "language", "share", "question", "notice", "lesson")

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Param:
    """One thing in the URL.

    default: what holds until it is chosen, from the values above it in the table; None where the page decides.
    needs: what is chosen along with it, because it means little without.     resets: what goes back to its default.
    of: "zoo" or "run" for what is only there while the page shows a trained model that ships, or the model of a run.
    """

    name: str
    kind: Kind
    default: Callable[[Values], Any]
    needs: tuple[str, ...] = ()
    resets: tuple[str, ...] = ()
    of: Literal["", "zoo", "run"] = ""


def _locale(_: Values) -> str:
    """The language of the browser, where there is one, else the first."""
    spoken = (st.context.locale or "").lower().partition("-")[0]
    return spoken if spoken in LANGUAGES else next(iter(LANGUAGES))


def _first_model(values: Values) -> str:
    return first_model(values["lang"])


def _entry(values: Values) -> tuple[int, int]:
    """Of a weight the largest entry: changing it shows. A weight that the cell lacks is refused by the page."""
    weight = values["weight"] if values["weight"] in WEIGHTS[values["cell"]] else _FIRST_WEIGHT[values["cell"]]
    return largest_entry(values["model"], values["cell"], weight)


def _opened(values: Values) -> int:
    """Inside the step there is something to see once there is something to keep: in the middle of the text."""
    if values["part"] != "step":
        return 1
    if values["run"]:
        return (int(values["run"].length) + 1) // 2
    return (len(shipped(values["model"])[0].tokenize(values["text"])) + 1) // 2 or 1


_FIRST_WEIGHT = {"rnn": "W_hh", "lstm": "W_hg", "gru": "W_hn"}  # from state to new content
_ENTRY = ("weight", "row", "column", "value")
_ENTRY_OF = ("model", "cell", "weight", "row", "column")
_ALL_WEIGHTS = tuple(dict.fromkeys(name for names in WEIGHTS.values() for name in names))

_PLACES = ("t", "about", "marks", "first", "last")  # steps of a text
_ALL_GATES = tuple(dict.fromkeys(gate for gates in GATES.values() for gate in gates))


def _first_gate(values: Values) -> str:
    """The gate that keeps."""
    cell = CELLS[values["run"].cell if values["run"] else values["cell"]]
    return cell.keeping[0] if cell.memory else _ALL_GATES[0]  # a run without gates is refused by the page


def _of_a_run(*resets: str) -> tuple[Param, ...]:
    """The moment of a run that a lesson shows in the place of a trained model that ships.

    at: the iteration whose weights they are.     sample: which sequence of the unseen sample is read.
    layer: the one shown.     changes: of the run's settings, on the way to that iteration.
    resets: what is another's where the run is.
    """
    named = ("at", "changes", "sample", "layer")
    return (
        Param("run", Run(), lambda _: None, resets=(*named, *resets)),
        Param("at", Whole(1, ITERATIONS), lambda _: 1, ("run",), of="run"),
        Param("changes", OnTheWay(), lambda _: (), ("run", "at"), of="run"),
        Param("sample", Whole(1, SEQUENCES), lambda _: 1, ("run",), of="run"),
        Param("layer", Whole(1, 3), lambda v: v["run"].num_layers, ("run",), of="run"),
    )


def _lab_steps(values: Values) -> int:
    """How many steps the lab's part has: those of the network made to order, or the tokens that the matrix reads."""
    if values["part"] != "matrix" or values["source"] == "made":
        return int(values["steps"])
    return min(max(1, len(shipped(values["model"])[0].tokenize(values["text"]))), TOKEN_LIMIT)


SETTINGS = tuple(part.name for part in fields(Config))


def _preset(name: str) -> Callable[[Values], Any]:
    """What the chosen preset says of a setting."""
    return lambda v: getattr(PRESETS.get(v["preset"]) or PAIRS[v["preset"]].a, name)


# "" holds on every page; the others are pages by their file. Widget keys carry the page as a prefix.
TABLE: dict[str, tuple[Param, ...]] = {
    "": (
        Param("lang", Choice(tuple(LANGUAGES)), _locale),
        Param("type", Choice(("normal", "large")), lambda _: "normal"),
        Param("hide", Several(HIDEABLE), lambda _: ()),
    ),
    "home": (),
    "unknown": (),
    "step": (
        *_of_a_run("t"),
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", "t"), of="zoo"),
        Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0], of="zoo"),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[0], ("model",), ("t",), of="zoo"),
        Param("seed", Whole(0, 9999), lambda _: 0, of="zoo"),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("t", Whole(1, LETTER_LIMIT), lambda _: 1, ("model", "text")),
    ),
    "rolled": (
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", "t", "loss", *_ENTRY)),
        Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0], resets=_ENTRY),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[1], ("model",), ("t", "loss")),
        Param("seed", Whole(0, 9999), lambda _: 0),
        Param("part", Choice(PARTS), lambda _: PARTS[0]),
        Param("weight", Choice(_ALL_WEIGHTS), lambda v: _FIRST_WEIGHT[v["cell"]], ("model", "cell"), _ENTRY[1:]),
        Param("row", Whole(1, 9999), lambda v: _entry(v)[0] + 1, ("model", "cell", "weight"), ("value",)),
        Param("column", Whole(1, 9999), lambda v: _entry(v)[1] + 1, ("model", "cell", "weight"), ("value",)),
        Param("value", Decimal(-VALUE_LIMIT, VALUE_LIMIT), lambda _: None, _ENTRY_OF),
        Param("loss", Whole(1, TOKEN_LIMIT), lambda _: None, ("model", "text")),
        Param("window", Whole(1, TOKEN_LIMIT), lambda _: 6),
        Param("fold", Choice(FOLDS), lambda _: FOLDS[0]),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("t", Whole(1, TOKEN_LIMIT), lambda _: 1, ("model", "text")),
    ),
    "gates": (
        *_of_a_run(*_PLACES, "gate", "force", "unit", "bias"),
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", *_PLACES, "unit"), of="zoo"),
        Param("cell", Choice(GATED), lambda _: GATED[0], resets=("gate", "force", "bias"), of="zoo"),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[3], ("model",), _PLACES, of="zoo"),
        Param("seed", Whole(0, 9999), lambda _: 0, of="zoo"),
        Param("part", Choice(WATCH_PARTS), lambda _: WATCH_PARTS[0]),
        Param("sort", Choice(SORTINGS), lambda _: SORTINGS[0]),
        Param("about", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
        Param("marks", Wholes(1, LETTER_LIMIT), lambda _: (), ("model", "text")),
        Param("gate", Choice(_ALL_GATES), _first_gate, ("cell",)),
        Param("force", Decimal(0.0, 1.0), lambda _: None, ("model", "text", "cell", "gate")),
        Param("unit", Whole(0, 9999), lambda _: 0, ("model",)),
        Param("first", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
        Param("last", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
        Param("bias", Decimal(-BIAS_LIMIT, BIAS_LIMIT), lambda _: None, ("model", "text", "cell")),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("t", Whole(1, LETTER_LIMIT), _opened, ("model", "text")),
    ),
    "lab": (
        Param("part", Choice(LAB_PARTS), lambda _: LAB_PARTS[0]),
        Param("source", Choice(("made", "text")), lambda _: "made", resets=("t", "k")),
        Param("model", Choice(tuple(catalogue())), _first_model, resets=("text", "t", "k")),
        Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[-1], ("model",), ("t", "k")),
        Param("float", Choice(("64", "32")), lambda _: "64"),
        Param("steps", Whole(2, LAB_STEPS), lambda _: 50, resets=("t", "k")),
        Param("hidden", Whole(2, LAB_HIDDEN), lambda _: 32),
        Param("seed", Whole(0, 9999), lambda _: 0),
        Param("t", Whole(1, LAB_STEPS), _lab_steps, ("part", "source", "steps", "model", "text")),
        Param("k", Whole(1, LAB_STEPS), lambda _: 1, ("part", "source", "steps", "model", "text")),
        Param("net", Choice(CELL_NAMES), lambda _: CELL_NAMES[0]),
        Param("cell", Choice(LAB_NETS), lambda _: LAB_NETS[0], resets=("radius",)),
        Param("init", Choice(INITS), lambda _: INITS[0], resets=("radius",)),
        Param("gain", Decimal(0.0, 10.0), lambda _: 1.0),
        Param("bias", Decimal(-5.0, 8.0), lambda _: None),
        Param("radius", Decimal(0.0, 2.0), lambda _: None, ("cell", "init", "hidden", "seed")),
        Param("clip", Choice(CLIPS), lambda _: CLIPS[0]),
        Param("window", Whole(1, LAB_STEPS), lambda _: None),
        Param("rate", Decimal(0.01, 5.0), lambda _: 1.0),
        Param("norm", Decimal(0.01, 5.0), lambda _: 0.1),
        Param("update", Whole(0, LAB_UPDATES), lambda _: 0),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
    ),
    "train": (
        Param(
            "preset",
            Choice((*PRESETS, *PAIRS)),
            lambda _: next(iter(PRESETS)),
            resets=(*SETTINGS, "layer", "at", "run"),
        ),
        *(Param(name, Setting(name), _preset(name), ("preset",), ("at",)) for name in SETTINGS),
        Param("iterations", Whole(1, ITERATIONS), lambda _: 2000),
        Param("steps", Whole(1, 1000), lambda _: 25),
        Param("layer", Whole(1, 3), lambda _: 1),
        Param("state", Choice(("h", "c")), lambda _: "h"),
        Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
        Param("at", Whole(1, 100_000), lambda _: None, ("preset",)),
        Param("run", Choice(("a", "b")), lambda _: "a", ("preset",)),
    ),
}
