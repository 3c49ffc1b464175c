"""Rolled and unrolled: the loop and the chain are one diagram. `u` is how far it is unfolded, from 0 (one cell and
its loop) to 1 (one column per token); the chain's columns slide together and become the loop's cell.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit.draw import (
    LEFT_ARROW,
    MONO,
    RIGHT_ARROW,
    UP_ARROW,
    Layer,
    Signal,
    derived,
    dot,
    mark,
    outline,
    press,
    rect,
    rule,
    shade,
    shape,
    small,
    text,
)
from rnnviz.charts.kit.expr import Expr, datum, fn, when, width
from rnnviz.charts.kit.names import B, H, hColour, ink, line, now, phone, soft, t, z
from rnnviz.charts.kit.player import GO, click, drag, key, page_control
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.stage import names
from rnnviz.charts.stage.names import (
    C,
    V,
    bestWord,
    both,
    boxH,
    boxY,
    cols,
    colW,
    crumbY,
    diffEnd,
    diffY,
    foldL,
    foldR,
    foldW,
    foldY,
    goal,
    gutter,
    heatEnd,
    heatRow,
    heatY,
    hOffset,
    lit,
    loopRoom,
    loopShown,
    loopW,
    loopX,
    moreH,
    ready,
    regionY,
    step_number,
    tokenY,
    u,
    veiled,
)
from rnnviz.charts.stage.scene import copies, rows
from rnnviz.charts.stage.scene.places import TOP
from rnnviz.charts.stage.scene.spans import WORD
from rnnviz.charts.stage.scene.tables import GAP, NOTED, TALL

ROLLED = TOP & (loopShown > 0)
PACE = 30  # ms between two positions while it folds


PLACE = {"fold": str(when(both, "both", when(goal < 0.5, "loop", "chain")))}  # what else a page may know of its place

# What the other rooms of the stage read, where nothing folds.
UNFOLDED: list[Signal] = [
    {"name": "u", "value": 1},
    {"name": "both", "value": False},
    {"name": "foldEnd", "update": "heatEnd"},
]


def signals() -> list[Signal]:
    """`goal` is where `u` moves to. `lit` is the weight whose copies are lit: 0 W_x, 1 W_h, 2 W_y, -1 none."""
    pointed = [
        signal
        for number, name in enumerate(("inputWeight", "stateWeight", "outputWeight"))
        for signal in (
            {"events": [{"type": "pointerover", "markname": f"{name}_marks"}], "update": str(number)},
            {"events": [{"type": "pointerout", "markname": f"{name}_marks"}], "update": "-1"},
        )
    ]
    asked, begun = B.both & ~phone, when(B.folded, 0, 1)
    return [
        *rows.signals(room=loopRoom, least=when(phone, 79, 66 * z), box=when(phone, 0.4, 0.5)),
        *derived(
            loopRoom=when(both, when(phone, 150, 230 * z), 0),
            boxY=regionY + when(B.head, 4 + NOTED + GAP, 4) * z,
            boxH=TALL * z,
            tokenY=boxY + boxH + (GAP + 10) * z,
        ),
        {
            "name": "both",
            "init": asked,
            "on": [
                {"events": GO, "update": asked, "force": True},
                {"events": click("foldBoth"), "update": ~both},
                {"events": page_control("fold"), "update": "event.detail.value == 'both'"},
            ],
        },
        {
            "name": "goal",
            "init": begun,
            "on": [
                {"events": GO, "update": begun, "force": True},
                {"events": [*click("foldSwitch"), *key("f")], "update": when(goal > 0.5, 0, 1)},
                {"events": drag("foldTrack"), "update": fn.clamp((fn.x() - foldL) / (foldR - foldL), 0, 1)},
                {"events": click("foldBoth"), "update": "1"},
                {"events": page_control("fold"), "update": "event.detail.value == 'loop' ? 0 : 1"},
            ],
        },
        {
            "name": "u",
            "init": "goal",
            "on": [
                {
                    "events": f"timer{{{PACE}}}",
                    "update": when(u == goal, u, u + fn.clamp(goal - u, -0.06, 0.06)),
                }
            ],
        },
        {"name": "lit", "value": -1, "on": pointed},
        *derived(
            foldW=when(phone, 92, 108 * z),
            # On a page it stands in the line with the hint, at the left of the legend.
            foldR=width - when(phone, 10, when(B.placed, 212 * z, 16)),
            foldL=foldR - when(phone, 110, 150 * z),
            foldY=when(B.placed & ~phone, crumbY, regionY - moreH - 18 * z),
            loopShown=when(both, 1, 1 - u),
            loopX=when(both, loopRoom / 2, gutter + cols * colW / 2),
            loopW=when(both, 86 * z, when(phone, 90, 130 * z)),
            before=fn.split(B.before, ","),
            path=fn.split(B.path, ","),
            diffPale=fn.split(B.diffPale, SEPARATOR),
            diffY=heatEnd + 34 * z,
            diffEnd=when(B.before, diffY + heatRow * H, heatEnd),
            foldEnd=when(B.path, diffEnd + 28 * z, diffEnd),
        ),
    ]


def layers() -> list[Layer]:
    """The scene fades while it folds."""
    chain = [
        layer | {"mark": layer["mark"] | ({"opacity": {"expr": "u"}} if layer["mark"].get("opacity", 1) == 1 else {})}
        for layer in rows.layers()
    ]
    return [*chain, *_controls(), *copies.layers(), *_loop(), *_loop_names()]


def _controls() -> list[Layer]:
    """Fold or unfold, any position in between, or both pictures side by side."""
    turn = when(goal > 0.5, B.s_fold, B.s_unfold)
    buttons = []
    for name, place, label, chosen in (
        ("foldSwitch", 1, turn, Expr("false")),
        ("foldBoth", 2, B.s_both, both),
    ):
        drawn = TOP & ~B.placed & ~phone if place == 2 else TOP & ~B.placed  # a phone has no room for both
        left = foldL - place * foldW - 14 * z
        box: dict[str, Any] = {
            "when": drawn,
            "x": left,
            "x2": left + foldW - 6,
            "y": foldY - 14 * z,
            "y2": foldY + 14 * z,
        }
        buttons += [
            rect(**box, cornerRadius=7, fill="paper", stroke=when(chosen, now, line)),
            text(
                when=drawn,
                text=label,
                x=left + foldW / 2 - 3,
                y="foldY",
                fontSize=12 * z,
                limit=foldW - 12,
                fill=when(chosen, now, ink),
            ),
            press(name, **box),
        ]
    return [
        *buttons,
        small(when=TOP & B.placed, text=turn, x=foldL - 16 * z, y="foldY", align="'right'"),
        rule(when=TOP, x="foldL", x2="foldR", y="foldY", y2="foldY", strokeWidth=4, strokeCap="'round'"),
        dot(when=TOP, x=foldL + u * (foldR - foldL), y="foldY", size=180 * z, fill="hColour"),
        press(
            "foldTrack",
            when=TOP,
            x=foldL - 10,
            x2=foldR + 10,
            y=foldY - 14 * z,
            y2=foldY + 14 * z,
            cursor="'ew-resize'",
        ),
    ]


def _loop() -> list[Layer]:
    """The rolled network at the present step: one cell, and its own state coming back one step later."""
    shown: dict[str, Any] = {"when": ROLLED, "opacity": "loopShown"}
    memory: dict[str, Any] = shown | {"when": ROLLED & B.memory}
    left, right = loopX - loopW / 2, loopX + loopW / 2
    units: dict[str, Any] = {
        "when": ROLLED & ready,
        "rows": fn.sequence(H),
        "opacity": "loopShown",
        "fill": shade(fn.toNumber(V[hOffset + t * H + datum.k])),
    }
    ring: dict[str, Any] = {
        "y": boxY + boxH / 2,
        "size": fn.pow(boxH * 0.62, 2),
        "filled": False,
        "strokeWidth": 2.4,
    }
    return [
        rect(
            when=ROLLED,
            x=left - 6,
            x2=right + when(phone, 62, 110 * z),
            y=regionY + 12 * z,
            y2=heatEnd + 3,
            fill="paper",
            opacity=when(both, 0, loopShown * 0.9),
        ),
        text(
            **shown,
            text=when(veiled, "?", when(B.head & names.told, bestWord[t * C], "")),
            x="loopX",
            y=regionY + 24 * z,
            fill="yColour",
            fontSize=14 * z,
        ),
        rule(**shown, x="loopX", x2="loopX", y=boxY - 4 * z, y2=regionY + 42 * z, stroke="soft"),
        shape(UP_ARROW, **shown, x="loopX", y=regionY + 40 * z, size=26 * z, fill="soft"),
        rule(**shown, x="loopX", x2="loopX", y=tokenY - 12 * z, y2=boxY + boxH + 8 * z, stroke="soft"),
        shape(UP_ARROW, **shown, x="loopX", y=boxY + boxH + 7 * z, size=26 * z, fill="soft"),
        rect(
            **units,
            let={"left": left + datum.k * loopW / H},
            x="datum.left",
            x2=datum.left + loopW / H + 0.3,
            y="boxY",
            y2=boxY + boxH,
        ),
        outline(
            **shown,
            x=left,
            x2=right,
            y=boxY - 1,
            y2=boxY + boxH + 1,
            cornerRadius=5,
            stroke="hColour",
            strokeWidth=2,
        ),
        # The loop: out on the right, back on the right, one step later.
        mark(
            "point",
            **shown,
            **ring,
            shape="'M0,-1C3.4,-1.2,3.4,1.2,0.15,1'",
            x=right,
            stroke=when(lit == 1, now, hColour),
        ),
        shape(LEFT_ARROW, **shown, x=right + 5 * z, y=boxY + boxH * 0.81, size=40 * z, fill="hColour"),
        # The memory goes round on the other side; no weight is on its way.
        mark("point", **memory, **ring, shape="'M0,-1C-3.4,-1.2,-3.4,1.2,-0.15,1'", x=left, stroke="cColour"),
        shape(RIGHT_ARROW, **memory, x=left - 5 * z, y=boxY + boxH * 0.81, size=40 * z, fill="cColour"),
        text(**shown, text="token[t]", x="loopX", y="tokenY", fill="xColour", fontSize=15 * z),
        text(
            **shown,
            text="t = " + step_number + when(WORD, "  ·  " + WORD, ""),
            x="loopX",
            y=tokenY + 18 * z,
            fill="soft",
            fontSize=11 * z,
        ),
        rect(
            **units,
            let={"top": heatY + datum.k * heatRow},
            x=left,
            x2=right,
            y="datum.top",
            y2=datum.top + heatRow - 0.5,
        ),
    ]


def _loop_names() -> list[Layer]:
    """Beside each arrow its weight, with the entry that is looked at, and what comes back when."""
    shown: dict[str, Any] = {"when": ROLLED, "opacity": "loopShown"}
    beside, middle = loopX + loopW / 2 + 40 * z, boxY + boxH / 2
    weights = (
        ("w_x", 0, loopX + 6 * z, boxY + boxH + GAP / 2 * z),
        ("w_h", 1, beside, middle - 7 * z),
        ("w_y", 2, loopX + 6 * z, boxY - GAP / 2 * z),
    )
    return [
        *(
            text(
                when=ROLLED & B.head if number == 2 else ROLLED,
                opacity="loopShown",
                text=when(B.of == name, B[name] + " " + B.entry, B[name]),
                x=x,
                y=y,
                align="'left'",
                font=MONO,
                fontSize=11 * z,
                fill=when(lit == number, now, soft),
            )
            for name, number, x, y in weights
        ),
        small(**shown, text="B.s_delay", x=beside, y=middle + 8 * z, align="'left'", limit=70 * z),
        text(
            when=ROLLED & B.memory,
            opacity="loopShown",
            text="'c'",
            x=loopX - loopW / 2 - 40 * z,
            y=middle,
            font=MONO,
            fontSize=13 * z,
            fill="cColour",
        ),
    ]
