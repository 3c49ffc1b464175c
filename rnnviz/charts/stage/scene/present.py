"""What of a scene follows the step: what is still to come, what is computed now, and what travels into it."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import EMPTY, Layer, Signal, derived, dot, rect, rule, text
from rnnviz.charts.kit.expr import datum, fn, when
from rnnviz.charts.kit.names import K, fine, op, z
from rnnviz.charts.stage.names import (
    OP,
    P,
    S,
    beat,
    began,
    boxW,
    every,
    firstColumn,
    moving,
    opened,
    ready,
    shownColumns,
    told,
    veiled,
)
from rnnviz.charts.stage.scene.places import INSIDE, OWN, SHOWN, SLOT, TOP, down, left, middle, piece

TICK, TRAVEL = 50, 240  # ms between two positions of what travels into an operation, and in all
# What is computed only later: blocks of later steps, and by operation what the present one has not come to yet. While
# a reader guesses, also the prediction of the present step.
LATER = (datum.step > S) | (datum.step == S) & when(
    datum.kind == "output", veiled | ~told, (datum.kind == "state") & ~ready & (datum.part >= opened)
)
COMING = TOP & (moving < 1)  # while what an operation reads is on its way


def motion() -> list[Signal]:
    """`moving`: how far what an operation reads has come, from 0 to 1. Each press that changes the operation or its
    token begins anew, so that nothing waits for it; a page that is to be still hides the marks whose name begins with
    `travel`."""
    begins = when(fine & ~every, fn.now(), 0)
    return [
        {"name": "began", "value": 0, "on": [{"events": [{"signal": "op"}, {"signal": "t"}], "update": begins}]},
        {
            "name": "beat",
            "value": 0,
            "on": [{"events": f"timer{{{TICK}}}", "update": when(moving < 1, fn.now(), beat)}],
        },
        *derived(moving=when(began > 0, fn.clamp((beat - began) / TRAVEL, 0, 1), 1)),
    ]


def covers() -> list[Layer]:
    """What is still to come is covered, with an empty place for each block."""
    forward, backward = datum.by > 0, datum.by < 0
    together = (datum.by == 0) & (datum.past > 0)
    begin = when(forward, datum["from"] + datum.past, when(together, datum.to + 1, datum["from"]))
    end = when(backward, datum["from"] + datum.step - S, datum.to + 1)
    cover = {
        "past": fn.max(0, S - datum.step + 1),
        "left": left(fn.clamp(begin, firstColumn, firstColumn + shownColumns)),
        "right": left(fn.clamp(end, firstColumn, firstColumn + shownColumns)),
    }
    seen = datum.right > datum.left
    block = {
        "mid": middle(datum.column),
        "w": when((datum.kind == "token") | (datum.kind == "output"), SLOT, boxW + 4),
    }
    places: dict[str, Any] = {
        "rows": "blocks",
        "among": SHOWN,
        "let": block,
        "x": datum.mid - datum.w / 2,
        "x2": datum.mid + datum.w / 2,
        "y": down(datum.y) - 2,
        "y2": down(datum.y + datum.tall) + when(datum.kind == "token", 0, 2),
        "cornerRadius": 5,
        **EMPTY,
    }
    return [
        rect(
            name="cover",
            when=TOP & ~every,
            rows="covers",
            let=cover,
            # As far as wires go beyond the window.
            x=datum.left - when(backward & seen, 8 * z, 0),
            x2=fn.max(datum.left, datum.right) + when(forward & seen, 3, 0),
            y=down(datum.y - 4),
            y2=down(datum.y + datum.under),
            fill="paper",
        ),
        rect(name="blockPlace", when=TOP & ~every, **places, keep=LATER, fields=("mid", "w", "y", "tall", "kind")),
        # By operation, the result is there once what it is computed from has come in.
        rect(
            name="travelPlace",
            when=COMING,
            **places,
            keep=(datum.step == S) & when(op == K, datum.kind == "output", datum.part == opened),
        ),
        text(
            when=TOP & veiled,
            rows="blocks",
            among=(datum.kind == "output") & SHOWN,
            let=block,
            keep=datum.step == S,
            text="'?'",
            x="datum.mid",
            y=down(datum.y + datum.tall / 2),
            fontSize=20 * z,
            fill="now",
        ),
    ]


def frames() -> list[Layer]:
    """Around what is computed now, where one frame through all rows and the heatmap does not mark it."""
    together = datum.by == 0
    frame = {
        "column": datum["from"] + datum.by * (S - datum.step),
        "begin": fn.max(datum.column, firstColumn),
        "stop": fn.min(datum.column + when(together, datum.to - datum["from"] + 1, 1), firstColumn + shownColumns),
    }
    computed = when(together, datum.step == S, (datum.column >= datum["from"]) & (datum.column <= datum.to))
    return [
        rect(
            name="frame",
            when=TOP,
            rows="covers",
            let=frame,
            keep=~P.whole & computed & (datum.stop > datum.begin),
            x=left(datum.begin) + 1,
            x2=left(datum.stop) - 1,
            y=down(datum.y - 4),
            y2=down(datum.y + datum.tall + 4),
            cornerRadius=6,
            fill="now",
            fillOpacity=0,
            stroke="now",
            strokeWidth=when((datum.part >= 0) & (datum.part == opened), 2.2, 1),
        ),
    ]


def shares() -> list[Layer]:
    """Wires of a weighted sum, as wide as their share: those of the present step in full, older ones faint."""
    return [
        rule(
            name="shareWire",
            when=TOP,
            rows="wires",
            among=datum.shared,
            let=piece(),
            keep=INSIDE,
            x="datum.x1",
            x2="datum.x2",
            y="datum.top1",
            y2="datum.top2",
            stroke=OWN,
            strokeWidth=0.4 + 7 * datum.amount * z,
            strokeCap="'butt'",
            opacity=when(datum.step == S, 0.85, when(datum.step < S, 0.1, 0)),
            tooltip=numbers.percent("datum.amount"),
        )
    ]


def travelling() -> list[Layer]:
    """Over the wires, what the present operation reads on its way into the cell, or into the prediction."""
    into = (datum.carries == "y") | (datum.into == opened)
    return [
        dot(
            name="travelling",
            when=COMING,
            rows="wires",
            among=into & (datum.step == S),
            let=piece(),
            keep=INSIDE & (fn.indexof(OP.fetch, datum.carries) >= 0),
            x=datum.x1 + (datum.x2 - datum.x1) * moving,
            y=datum.top1 + (datum.top2 - datum.top1) * moving,
            size=110 * z,
            fill=OWN,
        )
    ]
