"""How a chart's names are declared: each signal and each column of a table once, with its kind and what it holds; and
those that charts of several rooms have. Every part declares its own, and `tests/charts/test_names.py` compares it with
every expression and every table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rnnviz.charts.kit.draw import Signal, derived
from rnnviz.charts.kit.expr import Expr, fn
from rnnviz.charts.kit.tables import SEPARATOR

NameKind = Literal[
    "px",  # a number: a length or a place on the chart
    "number",  # any other
    "index",  # a whole number: which one, counted from 0, or a count; -1 for none
    "flag",  # true or false
    "text",
    "colour",  # `#rrggbb`
    "picture",  # a PNG as a data URL; empty for none
    # Lists. In a column a list is one text, joined by commas or, of texts, by `tables.SEPARATOR`, since arrays do not
    # survive Arrow; a number's place may be empty or hold a letter that says why there is none.
    "numbers",
    "texts",
    "colours",
    "lists",  # of lists, one for each run of training
    "rows",  # a whole table
    "row",  # one row of a table
    "object",  # what else has fields, or null
]

SENTENCES = (
    "s_"  # begins a column that holds a sentence of the catalogue as it is: the `TEXTS` beside its table name it
)


@dataclass(frozen=True)
class Held:
    """What a name stands for."""

    kind: NameKind  # of each of its values
    what: str  # what that is, in one phrase
    signal: str = ""  # of a column that holds lists: the signal that is the list, taken apart


@dataclass(frozen=True)
class Names:
    """What is declared for some charts. The signals that are columns taken apart are declared by these."""

    signals: Mapping[str, Held] = field(default_factory=dict)  # by name
    tables: Mapping[str, Mapping[str, Held]] = field(default_factory=dict)  # by table and column

    def __post_init__(self) -> None:
        apart = {
            held.signal: Held(held.kind if table == "bundle" else "lists", f"`{column}`")
            for table, columns in self.tables.items()
            for column, held in columns.items()
            if held.signal
        }
        object.__setattr__(self, "signals", {**self.signals, **apart})

    def lists(self) -> list[Signal]:
        """The signals that are columns of `bundle` taken apart."""
        columns = self.tables["bundle"].items()
        return derived(**{held.signal: split(Expr(f"B.{name}"), held) for name, held in columns if held.signal})

    def signal(self, name: str) -> Expr:
        """A declared signal as an expression. Raises `AttributeError` for another."""
        if name not in self.signals:
            raise AttributeError(f"no signal {name} is declared here")
        return Expr(name)


def split(column: Expr, held: Held) -> Expr:
    """The list in a column that is declared so."""
    return fn.split(column, SEPARATOR if held.kind == "texts" else ",")


def edges(panel: str, of: str) -> dict[str, Held]:
    """The four signals of a panel that `plot.named` gives this name. of: what it shows."""
    sides = {"L": "left", "R": "right", "T": "upper", "B": "lower"}
    return {f"{panel}{letter}": Held("px", f"{side} edge of the plot of {of}") for letter, side in sides.items()}


KIT = Names(
    signals={
        "B": Held("row", "the row of `bundle` that the chart shows"),
        "height": Held("px", "height of the chart"),
        "dark": Held("flag", "whether the page is dark"),
        "phone": Held("flag", "whether the chart is as narrow as on a phone"),
        "z": Held("number", "by what all sizes are multiplied"),
        # Colours, each for the page as it is.
        "paper": Held("colour", "the page's background"),
        "ink": Held("colour", "text"),
        "soft": Held("colour", "text and lines that stand back"),
        "line": Held("colour", "frames and axes"),
        "now": Held("colour", "what is present or chosen"),
        "negative": Held("colour", "numbers below zero"),
        "positive": Held("colour", "numbers above zero; in the lab the second of several lines"),
        "xColour": Held("colour", "the symbol x, what is read"),
        "hColour": Held("colour", "the symbol h, the hidden state"),
        "cColour": Held("colour", "the symbol c, the cell state"),
        "yColour": Held("colour", "the symbol y, what is predicted"),
        "gColour": Held("colour", "the symbol g, the candidate, and what is written to the memory"),
        "zeroColour": Held("colour", "a gradient that is exactly 0"),
        "infColour": Held("colour", "a gradient that is infinite"),
        "nanColour": Held("colour", "a gradient that is no number"),
        "badColour": Held("colour", "a wrong answer, and where training broke off"),
        "flow": Held("colours", "the scale of gradient norms, from the smallest"),
    },
    tables={
        "bundle": {
            "zoom": Held("number", "the size of all text, 1 for a screen on a desk"),
            "flowFrom": Held("text", "the norm at the low end of the scale of colours"),
            "flowTo": Held("text", "the norm at its high end"),
            "flowLimit": Held("number", "the least norm of float32, as a part of the scale"),
        }
    },
)

PLAYER = Names(
    signals={
        "T": Held("index", "how many steps there are"),
        "H": Held("index", "how many units"),
        "K": Held("index", "how many operations a step has"),
        "way": Held("index", "1 where the layer reads to the right, -1 to the left"),
        "t": Held("index", "the present step, from 0"),
        "op": Held("index", "the present operation, from 1; 0 the whole step"),
        "picked": Held("index", "the chosen unit, from 0"),
        "depth": Held("index", "how deep one looks: 0 the chain, 1 one cell, 2 one unit"),
        "fine": Held("flag", "whether a press goes by operation, not by token"),
        "pace": Held("number", "how fast it plays: 0.5, 1 or 2"),
        "playing": Held("flag", "whether it plays"),
        "stroke": Held("index", "beats of the clock since it plays"),
        "step": Held("object", "where the last press led: `t`, `op` and `n`, which press it was"),
        "playerY": Held("px", "upper edge of the row of controls"),
        "buttonW": Held("px", "width of a button"),
        "buttonH": Held("px", "height of a button"),
        "scrubL": Held("px", "left end of the scrubber"),
        "scrubR": Held("px", "right end of the scrubber"),
        "scrubY": Held("px", "the scrubber below the row's upper edge"),
        "captionX": Held("px", "left end of the step's number"),
        "captionY": Held("px", "that below the row's upper edge"),
        "operationX": Held("px", "left end of the operation's name"),
        "operationY": Held("px", "that below the row's upper edge"),
        "operationW": Held("px", "room for the operation's name"),
        "choiceW": Held("px", "width of a choice of how to step"),
        "choiceX": Held("px", "left end of those choices"),
        "choiceY": Held("px", "their middle below the row's upper edge"),
    }
)


def __getattr__(name: str) -> Expr:
    """The signals of `KIT` and `PLAYER`, for expressions: `from rnnviz.charts.kit.names import z`."""
    return (PLAYER if name in PLAYER.signals else KIT).signal(name)
