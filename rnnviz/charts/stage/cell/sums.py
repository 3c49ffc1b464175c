"""One sum as a picture: every term a bar, every weight an edge into the circle that adds them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import MONO, Layer, Signal, fitted, line_key, rect, rule, shade_of, shape, small, text, tip
from rnnviz.charts.kit.expr import Expr
from rnnviz.charts.kit.names import Meaning, Names

MIDDLE = "(regionY + regionEnd)/2"  # of the lines beside the sum, down

NAMES = Names(
    signals={
        "sumX": Meaning("px", "middle of the sum's circle, across"),
        "sumY": Meaning("px", "and down: that of the line beside it which the sum is of"),
        "barX": Meaning("px", "where the bars of the terms begin"),
        "barW": Meaning("px", "length of the longest bar"),
        "listX": Meaning("px", "left end of the lines beside the sum"),
    },
)


@dataclass(frozen=True)
class Terms:
    """The terms of a sum; all texts are expressions of a mark's row."""

    rows: str  # a table, or an array with an entry for each term
    when: str  # whether the sum is shown
    let: Mapping[str, str | Expr]  # fields of a row: `label`, value `v`, weight `w`, `bare`: whether it has no weight
    many: str  # how many terms there are
    place: str  # which one it is from above, from 0
    vector: str  # the row of `vecs` that its value is of
    full: str  # the product that fills a bar
    product: str  # what the product is called
    source: str  # what it is computed from, in words; its numbers follow
    keep: str | None = None  # which rows are terms of the sum
    sort: Sequence[Mapping[str, Any]] = ()  # transforms that find the place of a row among the others


def signals() -> list[Signal]:
    return [
        {"name": "sumX", "update": "phone ? 206 : width*0.44"},
        {"name": "barX", "update": "phone ? 136 : 250*z"},
        {"name": "barW", "update": "phone ? 30 : 70*z"},
        {"name": "listX", "update": "phone ? 236 : width*0.53"},
    ]


def layers(of: Terms) -> list[Layer]:
    row = f"(regionEnd - regionY - 10*z)/({of.many})"
    let = {**of.let, "p": "datum.w * datum.v", "row": row, "full": of.full}
    y = f"regionY + 4*z + ({of.place} + 0.5)*datum.row"
    rows = {"rows": of.rows, "when": of.when, "let": let, "keep": of.keep}
    size = "min(12*z, datum.row*0.86)"
    left = "barX - barW - 60*z"
    operands = f"{numbers.fixed('datum.w', 3)} + ' × ' + {numbers.fixed('datum.v', 3)}"
    product = tip(of.product, "datum.p", f"datum.bare ? '' : {of.source} + ' = ' + {operands}")
    made = [
        text(
            **rows,
            text="datum.label",
            x=left,
            y=y,
            align="'right'",
            fontSize=fitted(size, left, "datum.label"),
            font=MONO,
            fill=f"dark ? {of.vector}.dark : {of.vector}.light",
        ),
        rect(
            **rows,
            x="barX - barW - 55*z",
            x2="barX - barW - 12*z",
            y=f"{y} - datum.row*0.44",
            y2=f"{y} + datum.row*0.44",
            fill=shade_of(of.vector, "datum.v"),
            tooltip=tip("datum.label", "datum.v", f"{of.vector}.source"),
        ),
        text(**rows, text=numbers.fixed("datum.v", 3), x="barX - barW - 33*z", y=y, fontSize=size, font=MONO),
        rule(
            **rows,
            x="barX + barW + (phone ? 6 : 56*z)",
            y=y,
            x2="sumX - 17*z",
            y2="sumY",
            stroke="datum.bare ? soft : datum.w < 0 ? negative : positive",
            strokeWidth="datum.bare ? 1 : clamp(abs(datum.w)*3*z, 0.3, 9*z)",
            opacity=0.75,
            tooltip=product,
        ),
        rect(
            **rows,
            x="barX",
            x2="barX + datum.p/datum.full*barW",
            y=f"{y} - datum.row*0.36",
            y2=f"{y} + datum.row*0.36",
            fill="datum.p < 0 ? negative : positive",
            tooltip=product,
        ),
        text(
            **rows | {"when": f"{of.when} && !phone"},
            text=numbers.fixed("datum.p", 3),
            x="barX + barW + 50*z",
            y=y,
            align="'right'",
            font=MONO,
            fontSize=size,
            fill="soft",
        ),
    ]
    placed = [layer | {"transform": [*layer["transform"], *of.sort]} for layer in made]
    return [*placed, *_circle(of.when), *_legend(of.when)]


def _legend(when: str) -> list[Layer]:
    """What the lines into the sum say of their weights."""
    y = "regionY + 5*z"
    return [
        small(when=when, text="B.s_weight", x="listX", y=y, align="'left'"),
        *line_key("'> 0'", "positive", "listX + (phone ? 36 : 52*z)", y, when=when),
        *line_key("'< 0'", "negative", "listX + (phone ? 84 : 102*z)", y, when=when),
        small(when=f"{when} && !phone", text="B.s_thicker", x="listX + 154*z", y=y, align="'left'"),
    ]


def _circle(when: str) -> list[Layer]:
    return [
        rule(when=when, x="barX", x2="barX", y="regionY", y2="regionEnd - 6*z", stroke="soft"),
        shape("'circle'", when=when, x="sumX", y="sumY", size="1100*z", fill="paper", stroke="now", strokeWidth=2),
        text(when=when, text="'Σ'", x="sumX", y="sumY", fontSize="20*z", fontWeight="'bold'", fill="now"),
        rule(when=when, x="sumX + 18*z", x2="listX - 6", y="sumY", y2="sumY", stroke="now", strokeWidth=2),
    ]
