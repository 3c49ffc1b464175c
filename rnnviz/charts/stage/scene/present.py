"""What of a scene follows the step: what is still to come, what is computed now, and what travels into it."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import Layer, Signal, dot, rect, rule, text
from rnnviz.charts.stage.scene.places import INSIDE, LEFT, MID, OWN, SHOWN, SLOT, TOP, piece

TICK, TRAVEL = 50, 240  # ms between two positions of what travels into an operation, and in all
# What is computed only later: blocks of later steps, and by operation what the present one has not come to yet. While
# a reader guesses, also the prediction of the present step.
LATER = (
    "datum.step > S || datum.step == S && (datum.kind == 'output' ? veiled || !told"
    " : datum.kind == 'state' && !ready && datum.part >= opened)"
)


def motion() -> list[Signal]:
    """`moving`: how far what an operation reads has come, from 0 to 1. Each press that changes the operation or its
    token begins anew, so that nothing waits for it; a page that is to be still hides the marks whose name begins with
    `travel`."""
    return [
        {
            "name": "began",
            "value": 0,
            "on": [{"events": [{"signal": "op"}, {"signal": "t"}], "update": "op > 0 && !every ? now() : 0"}],
        },
        {
            "name": "beat",
            "value": 0,
            "on": [{"events": f"timer{{{TICK}}}", "update": "moving < 1 ? now() : beat"}],
        },
        {"name": "moving", "update": f"began > 0 ? clamp((beat - began)/{TRAVEL}, 0, 1) : 1"},
    ]


def covers() -> list[Layer]:
    """What is still to come is covered, with an empty place for each block."""
    left = "datum.by > 0 ? datum.from + datum.past : datum.by == 0 && datum.past > 0 ? datum.to + 1 : datum.from"
    right = "datum.by < 0 ? datum.from + datum.step - S : datum.to + 1"
    cover = {
        "past": "max(0, S - datum.step + 1)",
        "left": LEFT.format(column=f"clamp({left}, firstColumn, firstColumn + shownColumns)"),
        "right": LEFT.format(column=f"clamp({right}, firstColumn, firstColumn + shownColumns)"),
    }
    block = {
        "mid": MID.format(column="datum.column"),
        "w": f"datum.kind == 'token' || datum.kind == 'output' ? {SLOT} : boxW + 4",
    }
    places: dict[str, Any] = {
        "rows": "blocks",
        "among": SHOWN,
        "let": block,
        "x": "datum.mid - datum.w/2",
        "x2": "datum.mid + datum.w/2",
        "y": "regionY + datum.y*z - 2",
        "y2": "regionY + (datum.y + datum.tall)*z + (datum.kind == 'token' ? 0 : 2)",
        "cornerRadius": 5,
        "fill": "paper",
        "stroke": "soft",
        "strokeOpacity": 0.6,
        "strokeDash": [3, 3],
        "aria": False,
    }
    return [
        rect(
            name="cover",
            when=f"{TOP} && !every",
            rows="covers",
            let=cover,
            # As far as wires go beyond the window.
            x="datum.left - (datum.by < 0 && datum.right > datum.left ? 8*z : 0)",
            x2="max(datum.left, datum.right) + (datum.by > 0 && datum.right > datum.left ? 3 : 0)",
            y="regionY + (datum.y - 4)*z",
            y2="regionY + (datum.y + datum.under)*z",
            fill="paper",
            aria=False,
        ),
        rect(
            name="blockPlace", when=f"{TOP} && !every", **places, keep=LATER, fields=("mid", "w", "y", "tall", "kind")
        ),
        # By operation, the result is there once what it is computed from has come in.
        rect(
            name="travelPlace",
            when=f"{TOP} && moving < 1",
            **places,
            keep="datum.step == S && (op == K ? datum.kind == 'output' : datum.part == opened)",
        ),
        text(
            when=f"{TOP} && veiled",
            rows="blocks",
            among=f"datum.kind == 'output' && {SHOWN}",
            let=block,
            keep="datum.step == S",
            text="'?'",
            x="datum.mid",
            y="regionY + (datum.y + datum.tall/2)*z",
            fontSize="20*z",
            fill="now",
        ),
    ]


def frames() -> list[Layer]:
    """Around what is computed now, where one frame through all rows and the heatmap does not mark it."""
    frame = {
        "column": "datum.from + datum.by*(S - datum.step)",
        "many": "datum.by == 0 ? datum.to - datum.from + 1 : 1",
        "left": LEFT.format(column="datum.column"),
    }
    computed = "(datum.by == 0 ? datum.step == S : datum.column >= datum.from && datum.column <= datum.to)"
    return [
        rect(
            name="frame",
            when=TOP,
            rows="covers",
            let=frame,
            keep=f"!P.whole && {computed} && {SHOWN}",
            x="datum.left + 1",
            x2="datum.left + datum.many*colW - 1",
            y="regionY + (datum.y - 4)*z",
            y2="regionY + (datum.y + datum.tall + 4)*z",
            cornerRadius=6,
            fill="now",
            fillOpacity=0,
            stroke="now",
            strokeWidth="datum.part >= 0 && datum.part == opened ? 2.2 : 1",
        ),
    ]


def shares() -> list[Layer]:
    """Wires of a weighted sum, as wide as their share: those of the present step in full, older ones faint."""
    return [
        rule(
            name="shareWire",
            when=TOP,
            rows="wires",
            let=piece(),
            keep=f"datum.shared && {INSIDE}",
            x="datum.x1",
            x2="datum.x2",
            y="datum.top1",
            y2="datum.top2",
            stroke=OWN,
            strokeWidth="0.4 + 7*datum.amount*z",
            strokeCap="'butt'",
            opacity="datum.step == S ? 0.85 : datum.step < S ? 0.1 : 0",
            tooltip=numbers.percent("datum.amount"),
        )
    ]


def travelling() -> list[Layer]:
    """Over the wires, what the present operation reads on its way into the cell, or into the prediction."""
    return [
        dot(
            name="travelling",
            when=f"{TOP} && moving < 1",
            rows="wires",
            let=piece(),
            keep=f"(datum.carries == 'y' || datum.into == opened) && datum.step == S && {INSIDE}"
            " && indexof(OP.fetch, datum.carries) >= 0",
            x="datum.x1 + (datum.x2 - datum.x1)*moving",
            y="datum.top1 + (datum.top2 - datum.top1)*moving",
            size="110*z",
            fill=OWN,
            aria=False,
        )
    ]
