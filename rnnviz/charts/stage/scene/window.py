"""Which columns of a scene are shown where not all of them have room: those around the present one, or where a reader
has pressed to look. Over them stands on each side how many more there are. The player counts all of them, so that tells
nothing of what is still to come.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit.draw import Layer, Signal, derived, press, rect, text
from rnnviz.charts.kit.expr import Expr, Value, fn, when, width
from rnnviz.charts.kit.names import B, depth, phone, z
from rnnviz.charts.kit.player import click
from rnnviz.charts.stage.names import (
    P,
    colMin,
    edgeR,
    firstColumn,
    gutter,
    here,
    kept,
    leaf,
    looked,
    moreH,
    pages,
    regionY,
    shownColumns,
    u,
)
from rnnviz.charts.stage.scene.places import TOP

_LAST = fn.max(0, P.columns - shownColumns)  # the column that the last window begins with
NONE: list[Signal] = [{"name": "moreH", "value": 0}]  # where a chart has room for all
_OWN = fn.clamp(fn.floor(fn.max(0, here - kept) / leaf) * leaf, 0, _LAST)  # that the present column's does
_BEFORE, _AFTER = firstColumn, P.columns - firstColumn - shownColumns  # how many are beside it


def signals(step: Expr, column: Expr, least: Expr, aside: Value) -> list[Signal]:
    """All are those of `marks.signals`."""

    def to(first: Value) -> str:
        return str(fn.clamp(first, 0, _LAST) - _OWN)

    return [
        *derived(
            columnOf=fn.split(P.columnOf, ","),
            S=step,
            here=column,
            colMin=least,
            shownColumns=fn.max(1, fn.min(P.columns, fn.floor((width - aside - gutter - 2) / colMin))),
            # It moves a page at a time, which draws all of it anew. The column before stays in it, unless that would
            # take a page more.
            pages=fn.ceil(P.columns / shownColumns),
            kept=when((shownColumns > 1) & (pages * (shownColumns - 1) + 1 >= P.columns), 1, 0),
            leaf=shownColumns - kept,
            moreH=when((depth == 0) & (P.columns > shownColumns), 20 * z, 0),
        ),
        {
            "name": "looked",
            "value": 0,
            "on": [
                {"events": [{"signal": "here"}, {"signal": "columnOf"}], "update": "0", "force": True},
                {"events": click("columnsBefore"), "update": to(firstColumn - leaf), "force": True},
                {"events": click("columnsAfter"), "update": to(firstColumn + leaf), "force": True},
            ],
        },
        *derived(firstColumn=fn.clamp(_OWN + looked, 0, _LAST)),
    ]


def layers() -> list[Layer]:
    wide = 76 * z
    return [
        *_more("columnsBefore", _BEFORE, "‹ " + B.s_more_columns, fn.max(0, gutter), wide),
        *_more("columnsAfter", _AFTER, B.s_more_columns + " ›", edgeR - 1 - wide, wide),
    ]


def _more(name: str, count: Expr, label: Expr, x: Expr, wide: Expr) -> list[Layer]:
    """How many columns there are on a side; a press shows them."""
    middle = regionY - moreH / 2 - 1
    there = TOP & (moreH > 0) & (count > 0) & (u == 1)
    box: dict[str, Any] = {"when": there, "x": x, "x2": x + wide}
    return [
        rect(**box, y=middle - 9 * z, y2=middle + 8 * z, cornerRadius=8 * z, fill="now", fillOpacity=0.08),
        text(
            when=there,
            text=fn.replace(label, "{count}", "" + count),
            x=x + wide / 2,
            y=middle,
            fontSize=11.5 * z,
            fill="now",
            limit=wide - 4,
        ),
        press(name, **box, y=fn.max(0, middle - when(phone, 22, 13 * z)), y2=middle + when(phone, 14, 11 * z)),
    ]
