"""On the chain of a stage that folds: the weights by name, all copies of one lit together, the difference that an
edited weight makes, and the way the gradient of one step's loss takes back through the copies.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit.draw import LEFT_ARROW, MONO, Layer, outline, rect, rule, shade, shape, text, tip
from rnnviz.charts.kit.expr import datum, fields, fn, when, width
from rnnviz.charts.kit.names import B, H, now, paper, phone, soft, t, way, z
from rnnviz.charts.stage.names import (
    V,
    before,
    boxH,
    boxW,
    boxY,
    called,
    cols,
    colW,
    diffEnd,
    diffPale,
    diffY,
    every,
    first,
    gutter,
    heatRow,
    hOffset,
    lit,
    path,
)
from rnnviz.charts.stage.scene import heatmap
from rnnviz.charts.stage.scene.places import TOP, left, middle
from rnnviz.charts.stage.scene.tables import GAP

# Columns are counted within the window, so that turning its page changes what is in the marks and not the marks.
WINDOW = fn.sequence(cols)
COLUMN = first + datum.k
MIDDLE = middle(COLUMN)
STATE = boxY + boxH * when(B.memory, 0.75, 0.5)  # where h runs
BESIDE = (colW - boxW) / 2  # on each side of a cell
SEEN = every | ((COLUMN - t) * way <= 0)  # whether a column is not still to come


def layers() -> list[Layer]:
    return [*_weights(), *_difference(), *_path()]


def _weights() -> list[Layer]:
    """The three weights beside every arrow that they stand for; hovering one lights every copy of it.

    On the arrow's other side, where there is an entry to look at: its value, the same in every copy.
    """
    copies: dict[str, Any] = {"rows": WINDOW, "keep": SEEN, "font": MONO, "opacity": "u"}
    state = left(COLUMN) + when(way > 0, BESIDE / 2, colW - BESIDE / 2)  # between the column's edge and its cell
    size = fn.clamp(BESIDE * 0.37, 8, 10 * z)  # a name of four letters is 2.4 times as wide
    over, under = boxY - GAP / 2 * z, boxY + boxH + GAP / 2 * z
    from_h = B.of == "w_h"
    entry = text(
        **copies,
        when=TOP & (B.entry != "") & (B.head | (B.of != "w_y")),
        name="entry",
        let={"arrow": when(from_h, state, MIDDLE - 5 * z)},
        text="B.entry",
        x="datum.arrow",
        y=when(from_h, STATE + 12 * z, when(B.of == "w_x", under, over)),
        align=when(from_h, "center", "right"),
        fontSize=fn.min(size, BESIDE / (0.62 * fn.length(B.entry))),
        fontWeight=when(B.before != "", "bold", "normal"),
        fill=when(B.before != "", now, soft),
    )
    names = [
        text(
            **copies,
            when=TOP & B.head if number == 2 else TOP,
            name=name,
            text=label,
            x=x,
            y=y,
            align="'center'" if number == 1 else "'left'",
            fontSize=when(lit == number, 12 * z, size),
            fontWeight=when(lit == number, "bold", "normal"),
            fill=when(lit == number, now, soft),
            tooltip=fields({"title": all_of, "=": B.s_shared}),
        )
        for number, name, label, all_of, x, y in (
            (0, "inputWeight", B.w_x, B.all_x, MIDDLE + 5 * z, under),
            (1, "stateWeight", B.w_h, B.all_h, state, STATE - 9 * z),
            (2, "outputWeight", B.w_y, B.all_y, MIDDLE + 5 * z, over),
        )
    ]
    return [entry, *names]


def _difference() -> list[Layer]:
    """Under the states, what an edited weight changed in each of them."""
    edited = TOP & (B.before != "")
    cell = {
        "u": datum.k % H,
        "left": left(first + fn.floor(datum.k / H)),
        "top": diffY + (datum.k % H) * heatRow,
        "v": fn.toNumber(V[hOffset + first * H + datum.k]) - fn.toNumber(before[first * H + datum.k]),
    }
    return [
        text(
            when=edited,
            text=B.s_difference + "  ·  |Δh| ≤ " + B.diffMost,
            x="gutter",
            y=diffY - 12 * z,
            align="'left'",
            fill="soft",
            fontSize=12 * z,
            opacity="u",
        ),
        rect(
            when=edited,
            name="difference",
            rows=fn.sequence(cols * H),
            let=cell,
            x=datum.left + 1,
            x2=datum.left + colW - 1,
            y="datum.top",
            y2=datum.top + heatRow - 0.5,
            opacity="u",
            fill=shade(datum.v),
            tooltip=tip("Δh[" + called[datum.u] + "]", datum.v, "''"),
        ),
        # What has no colour and is not nothing all the same.
        text(
            when=edited,
            name="paleDifference",
            rows=WINDOW,
            keep=SEEN,
            text=diffPale[COLUMN],
            x=MIDDLE,
            y=(diffY + diffEnd) / 2,
            fontSize=fn.min(11 * z, colW * 0.17),
            fill="soft",
            opacity="u",
        ),
        heatmap.place("diffPlace", edited & ~every, diffY - 1, diffEnd + 1, opacity="u"),
        outline(
            when=edited,
            x="gutter",
            x2=gutter + cols * colW,
            y=diffY - 1,
            y2=diffEnd + 1,
            stroke="line",
            opacity="u",
        ),
    ]


def _path() -> list[Layer]:
    """The gradient's way back from the loss, as wide as what arrives: full at the largest, a quarter less
    for each power of ten below it."""
    arrived = TOP & (B.path != "") & (every | ((B.lossAt - 1 - t) * way <= 0))
    let = {
        "log": when(path[COLUMN] == "", -99, fn.toNumber(path[COLUMN])),
        "mid": MIDDLE,
        "w": fn.clamp(1 + (datum.log - B.pathTop) / 4, 0.06, 1) * 9 * z,
    }
    parts: dict[str, Any] = {
        "when": arrived,
        "rows": WINDOW,
        "let": let,
        "keep": datum.log > -90,
        "opacity": "u",
    }
    y = boxY + boxH + 3 * z
    name = tip("‖dL/dh‖ · t = " + (COLUMN + 1), fn.pow(10, datum.log), "''")
    return [
        text(
            when=arrived,
            text=when(phone, fn.split(B.s_path, ":")[0], B.s_path),
            x="gutter",
            y=diffEnd + 16 * z,
            align="'left'",
            fill="now",
            fontSize=12 * z,
            opacity="u",
        ),
        rule(
            **parts,
            x=datum.mid + colW / 2,
            x2=datum.mid - colW / 2,
            y=y,
            y2=y,
            stroke="now",
            strokeWidth="datum.w",
            tooltip=name,
        ),
        shape(
            LEFT_ARROW,
            **parts,
            x=datum.mid - colW / 2 + 6 * z,
            y=y,
            size=60 * z,
            fill=when(datum.w > 5 * z, paper, now),
        ),
        text(
            when=arrived & (B.lossAt - 1 >= first) & (B.lossAt - 1 < first + cols),
            text="'L'",
            x=fn.min(left(B.lossAt) + 8 * z, width - 6),
            y=y,
            fontSize=15 * z,
            fontWeight="'bold'",
            fill="now",
            opacity="u",
        ),
    ]
