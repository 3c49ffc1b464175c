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
class Meaning:
    """What a name stands for."""

    kind: NameKind  # of each of its values
    what: str  # what that is, in one phrase
    signal: str = ""  # of a column that holds lists: the signal that is the list, taken apart


@dataclass(frozen=True)
class Names:
    """What is declared for some charts. The signals that are columns taken apart are declared by these."""

    signals: Mapping[str, Meaning] = field(default_factory=dict)  # by name
    tables: Mapping[str, Mapping[str, Meaning]] = field(default_factory=dict)  # by table and column

    def __post_init__(self) -> None:
        apart = {
            meaning.signal: Meaning(meaning.kind if table == "bundle" else "lists", f"`{column}`")
            for table, columns in self.tables.items()
            for column, meaning in columns.items()
            if meaning.signal
        }
        object.__setattr__(self, "signals", {**self.signals, **apart})

    def lists(self) -> list[Signal]:
        """The signals that are columns of `bundle` taken apart."""
        columns = self.tables.get("bundle", {}).items()
        return derived(
            **{meaning.signal: split(Expr(f"B.{name}"), meaning) for name, meaning in columns if meaning.signal}
        )

    def signal(self, name: str) -> Expr:
        """A declared signal as an expression. Raises `AttributeError` for another."""
        if name not in self.signals:
            raise AttributeError(f"no signal {name} is declared here")
        return Expr(name)


def split(column: Expr, meaning: Meaning) -> Expr:
    """The list in a column that is declared so."""
    return fn.split(column, SEPARATOR if meaning.kind == "texts" else ",")


def edges(panel: str, of: str) -> dict[str, Meaning]:
    """The four signals of a panel that `plot.named` gives this name. of: what it shows."""
    sides = {"L": "left", "R": "right", "T": "upper", "B": "lower"}
    return {f"{panel}{letter}": Meaning("px", f"{side} edge of the plot of {of}") for letter, side in sides.items()}


KIT = Names(
    signals={
        "B": Meaning("row", "the row of `bundle` that the chart shows"),
        "height": Meaning("px", "height of the chart"),
        "dark": Meaning("flag", "whether the page is dark"),
        "phone": Meaning("flag", "whether the chart is as narrow as on a phone"),
        "z": Meaning("number", "by what all sizes are multiplied"),
        # Colours, each for the page as it is.
        "paper": Meaning("colour", "the page's background"),
        "ink": Meaning("colour", "text"),
        "soft": Meaning("colour", "text and lines that stand back"),
        "line": Meaning("colour", "frames and axes"),
        "now": Meaning("colour", "what is present or chosen"),
        "negative": Meaning("colour", "numbers below zero"),
        "positive": Meaning("colour", "numbers above zero; in the lab the second of several lines"),
        "xColour": Meaning("colour", "the symbol x, what is read"),
        "hColour": Meaning("colour", "the symbol h, the hidden state"),
        "cColour": Meaning("colour", "the symbol c, the cell state"),
        "yColour": Meaning("colour", "the symbol y, what is predicted"),
        "gColour": Meaning("colour", "the symbol g, the candidate, and what is written to the memory"),
        "zeroColour": Meaning("colour", "a gradient that is exactly 0"),
        "infColour": Meaning("colour", "a gradient that is infinite"),
        "nanColour": Meaning("colour", "a gradient that is no number"),
        "badColour": Meaning("colour", "a wrong answer, and where training broke off"),
        "flow": Meaning("colours", "the scale of gradient norms, from the smallest"),
    },
    tables={
        "bundle": {
            "zoom": Meaning("number", "the size of all text, 1 for a screen on a desk"),
            "flowFrom": Meaning("text", "the norm at the low end of the scale of colours"),
            "flowTo": Meaning("text", "the norm at its high end"),
            "flowLimit": Meaning("number", "the least norm of float32, as a part of the scale"),
        }
    },
)

PLAYER = Names(
    signals={
        "T": Meaning("index", "how many steps there are"),
        "H": Meaning("index", "how many units"),
        "K": Meaning("index", "how many operations a step has"),
        "way": Meaning("index", "1 where the layer reads to the right, -1 to the left"),
        "t": Meaning("index", "the present step, from 0"),
        "op": Meaning("index", "the present operation, from 1; 0 the whole step"),
        "picked": Meaning("index", "the chosen unit, from 0"),
        "depth": Meaning("index", "how deep one looks: 0 the chain, 1 one cell, 2 one unit"),
        "fine": Meaning("flag", "whether a press goes by operation, not by token"),
        "pace": Meaning("number", "how fast it plays: 0.5, 1 or 2"),
        "playing": Meaning("flag", "whether it plays"),
        "stroke": Meaning("index", "beats of the clock since it plays"),
        "step": Meaning("object", "where the last press led: `t`, `op` and `n`, which press it was"),
        "playerY": Meaning("px", "upper edge of the row of controls"),
        "buttonW": Meaning("px", "width of a button"),
        "buttonH": Meaning("px", "height of a button"),
        "scrubL": Meaning("px", "left end of the scrubber"),
        "scrubR": Meaning("px", "right end of the scrubber"),
        "scrubY": Meaning("px", "the scrubber below the row's upper edge"),
        "captionX": Meaning("px", "left end of the step's number"),
        "captionY": Meaning("px", "that below the row's upper edge"),
        "operationX": Meaning("px", "left end of the operation's name"),
        "operationY": Meaning("px", "that below the row's upper edge"),
        "operationW": Meaning("px", "room for the operation's name"),
        "choiceW": Meaning("px", "width of a choice of how to step"),
        "choiceX": Meaning("px", "left end of those choices"),
        "choiceY": Meaning("px", "their middle below the row's upper edge"),
    }
)


def __getattr__(name: str) -> Expr:
    """The signals of `KIT` and `PLAYER`, for expressions: `from rnnviz.charts.kit.names import z`."""
    return (PLAYER if name in PLAYER.signals else KIT).signal(name)
