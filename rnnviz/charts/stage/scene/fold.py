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
from rnnviz.charts.kit.player import GO, click, key, told
from rnnviz.charts.stage.scene import copies, rows
from rnnviz.charts.stage.scene.copies import UNROLLED
from rnnviz.charts.stage.scene.tables import GAP, NOTED, TALL

ROLLED = "depth == 0 && loopShown > 0"
PACE = 30  # ms between two positions while it folds


PLACE = {"fold": "both ? 'both' : goal < 0.5 ? 'loop' : 'chain'"}  # what else a page may know of where the stage is

# What the other rooms of the stage read, where nothing folds.
UNFOLDED: list[Signal] = [
    {"name": "u", "value": 1},
    {"name": "both", "value": False},
    {"name": "foldEnd", "update": "heatEnd"},
]


def signals() -> list[Signal]:
    """`goal` is where `u` moves to. `lit` is the weight whose copies are lit: 0 W_x, 1 W_h, 2 W_y, -1 none."""
    lit = [
        signal
        for number, name in enumerate(("inputWeight", "stateWeight", "outputWeight"))
        for signal in (
            {"events": [{"type": "pointerover", "markname": f"{name}_marks"}], "update": str(number)},
            {"events": [{"type": "pointerout", "markname": f"{name}_marks"}], "update": "-1"},
        )
    ]
    dragged = "[@foldTrack_marks:pointerdown, window:pointerup] > window:pointermove, @foldTrack_marks:pointerdown"
    return [
        *rows.signals(room="loopRoom", colmin="phone ? 79 : 66*z", box="(phone ? 0.4 : 0.5)"),
        {"name": "loopRoom", "update": "both ? phone ? 150 : 230*z : 0"},
        {"name": "boxY", "update": f"regionY + (B.head ? {4 + NOTED + GAP} : 4)*z"},
        {"name": "boxH", "update": f"{TALL}*z"},
        {"name": "tokenY", "update": f"boxY + boxH + {GAP + 10}*z"},
        {
            "name": "both",
            "init": "B.both && !phone",
            "on": [
                {"events": GO, "update": "B.both && !phone", "force": True},
                {"events": click("foldBoth"), "update": "!both"},
                {"events": told("fold"), "update": "event.detail.value == 'both'"},
            ],
        },
        {
            "name": "goal",
            "init": "B.folded ? 0 : 1",
            "on": [
                {"events": GO, "update": "B.folded ? 0 : 1", "force": True},
                {"events": [*click("foldSwitch"), *key("f")], "update": "goal > 0.5 ? 0 : 1"},
                {"events": dragged, "update": "clamp((x() - foldL) / (foldR - foldL), 0, 1)"},
                {"events": click("foldBoth"), "update": "1"},
                {"events": told("fold"), "update": "event.detail.value == 'loop' ? 0 : 1"},
            ],
        },
        {
            "name": "u",
            "init": "goal",
            "on": [{"events": f"timer{{{PACE}}}", "update": "u == goal ? u : u + clamp(goal - u, -0.06, 0.06)"}],
        },
        {"name": "lit", "value": -1, "on": lit},
        {"name": "foldW", "update": "phone ? 92 : 108*z"},
        {"name": "foldR", "update": "width - (phone ? 10 : 16)"},
        {"name": "foldL", "update": "foldR - (phone ? 110 : 150*z)"},
        {"name": "foldY", "update": "regionY - 18*z"},
        {"name": "loopShown", "update": "both ? 1 : 1 - u"},
        {"name": "loopX", "update": "both ? loopRoom/2 : gutter + cols*colW/2"},
        {"name": "loopW", "update": "both ? 86*z : phone ? 90 : 130*z"},
        {"name": "before", "update": "split(B.before, ',')"},
        {"name": "path", "update": "split(B.path, ',')"},
        {"name": "diffY", "update": "heatEnd + 34*z"},
        {"name": "diffEnd", "update": "B.before ? diffY + heatRow*H : heatEnd"},
        {"name": "foldEnd", "update": "B.path ? diffEnd + 28*z : diffEnd"},
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
    left = "foldL - {}*foldW - 14*z"
    boxes = [("foldSwitch", 1, "goal > 0.5 ? B.s_fold : B.s_unfold", "false"), ("foldBoth", 2, "B.s_both", "both")]
    buttons = []
    for name, place, label, chosen in boxes:
        drawn = f"{UNROLLED} && !B.placed" + (" && !phone" if place == 2 else "")  # no room for both
        box = {
            "x": left.format(place),
            "x2": f"{left.format(place)} + foldW - 6",
            "y": "foldY - 14*z",
            "y2": "foldY + 14*z",
        }
        buttons += [
            rect(when=drawn, **box, cornerRadius=7, fill="paper", stroke=f"{chosen} ? now : line"),
            text(
                when=drawn,
                text=label,
                x=f"{left.format(place)} + foldW/2 - 3",
                y="foldY",
                fontSize="12*z",
                limit="foldW - 12",
                fill=f"{chosen} ? now : ink",
            ),
            press(name, when=drawn, **box),
        ]
    when = UNROLLED
    return [
        *buttons,
        small(
            when=f"{when} && B.placed",
            text="goal > 0.5 ? B.s_fold : B.s_unfold",
            x="foldL - 16*z",
            y="foldY",
            align="'right'",
        ),
        rule(when=when, x="foldL", x2="foldR", y="foldY", y2="foldY", strokeWidth=4, strokeCap="'round'"),
        dot(when=when, x="foldL + u*(foldR - foldL)", y="foldY", size="180*z", fill="hColour"),
        press(
            "foldTrack",
            when=when,
            x="foldL - 10",
            x2="foldR + 10",
            y="foldY - 14*z",
            y2="foldY + 14*z",
            cursor="'ew-resize'",
        ),
    ]


def _loop() -> list[Layer]:
    """The rolled network at the present step: one cell, and its own state coming back one step later."""
    shown: dict[str, Any] = {"when": ROLLED, "opacity": "loopShown"}
    left, right = "loopX - loopW/2", "loopX + loopW/2"
    return [
        rect(
            when=ROLLED,
            x="loopX - loopW/2 - 6",
            x2="loopX + loopW/2 + (phone ? 62 : 110*z)",
            y="regionY + 12*z",
            y2="heatEnd + 3",
            fill="paper",
            opacity="both ? 0 : loopShown*0.9",
        ),
        text(
            **shown,
            text="veiled ? '?' : B.head && told ? bestWord[t*C] : ''",
            x="loopX",
            y="regionY + 24*z",
            fill="yColour",
            fontSize="14*z",
        ),
        rule(**shown, x="loopX", x2="loopX", y="boxY - 4*z", y2="regionY + 42*z", stroke="soft"),
        shape(UP_ARROW, **shown, x="loopX", y="regionY + 40*z", size="26*z", fill="soft"),
        rule(**shown, x="loopX", x2="loopX", y="tokenY - 12*z", y2="boxY + boxH + 8*z", stroke="soft"),
        shape(UP_ARROW, **shown, x="loopX", y="boxY + boxH + 7*z", size="26*z", fill="soft"),
        rect(
            when=f"{ROLLED} && ready",
            rows="sequence(H)",
            let={"left": f"{left} + datum.k*loopW/H"},
            x="datum.left",
            x2="datum.left + loopW/H + 0.3",
            y="boxY",
            y2="boxY + boxH",
            opacity="loopShown",
            fill=shade("toNumber(V[hOffset + t*H + datum.k])"),
        ),
        outline(
            **shown,
            x=left,
            x2=right,
            y="boxY - 1",
            y2="boxY + boxH + 1",
            cornerRadius=5,
            stroke="hColour",
            strokeWidth=2,
        ),
        # The loop: out on the right, back on the right, one step later.
        mark(
            "point",
            **shown,
            shape="'M0,-1C3.4,-1.2,3.4,1.2,0.15,1'",
            x=right,
            y="boxY + boxH/2",
            size="pow(boxH*0.62, 2)",
            filled=False,
            stroke="lit == 1 ? now : hColour",
            strokeWidth=2.4,
        ),
        shape(LEFT_ARROW, **shown, x=f"{right} + 5*z", y="boxY + boxH*0.81", size="40*z", fill="hColour"),
        # The memory goes round on the other side; no weight is on its way.
        mark(
            "point",
            **shown | {"when": f"{ROLLED} && B.memory"},
            shape="'M0,-1C-3.4,-1.2,-3.4,1.2,-0.15,1'",
            x=left,
            y="boxY + boxH/2",
            size="pow(boxH*0.62, 2)",
            filled=False,
            stroke="cColour",
            strokeWidth=2.4,
        ),
        shape(
            RIGHT_ARROW,
            **shown | {"when": f"{ROLLED} && B.memory"},
            x=f"{left} - 5*z",
            y="boxY + boxH*0.81",
            size="40*z",
            fill="cColour",
        ),
        text(**shown, text="token[t]", x="loopX", y="tokenY", fill="xColour", fontSize="15*z"),
        text(**shown, text="'t = ' + (t + 1)", x="loopX", y="tokenY + 18*z", fill="soft", fontSize="11*z"),
        rect(
            when=f"{ROLLED} && ready",
            rows="sequence(H)",
            let={"top": "heatY + datum.k*heatRow"},
            x=left,
            x2=right,
            y="datum.top",
            y2="datum.top + heatRow - 0.5",
            opacity="loopShown",
            fill=shade("toNumber(V[hOffset + t*H + datum.k])"),
        ),
    ]


def _loop_names() -> list[Layer]:
    """Beside each arrow its weight, with the entry that is looked at, and what comes back when."""
    shown: dict[str, Any] = {"when": ROLLED, "opacity": "loopShown"}
    right = "loopX + loopW/2"
    weights = (
        ("w_x", 0, "loopX + 6*z", f"boxY + boxH + {GAP / 2}*z"),
        ("w_h", 1, f"{right} + 40*z", "boxY + boxH/2 - 7*z"),
        ("w_y", 2, "loopX + 6*z", f"boxY - {GAP / 2}*z"),
    )
    return [
        *(
            text(
                **shown | {"when": f"{ROLLED} && ({number} < 2 || B.head)"},
                text=f"B.of == '{name}' ? B.{name} + ' ' + B.entry : B.{name}",
                x=x,
                y=y,
                align="'left'",
                font=MONO,
                fontSize="11*z",
                fill=f"lit == {number} ? now : soft",
            )
            for name, number, x, y in weights
        ),
        small(
            **shown,
            text="B.s_delay",
            x=f"{right} + 40*z",
            y="boxY + boxH/2 + 8*z",
            align="'left'",
            limit="70*z",
        ),
        text(
            **shown | {"when": f"{ROLLED} && B.memory"},
            text="'c'",
            x="loopX - loopW/2 - 40*z",
            y="boxY + boxH/2",
            font=MONO,
            fontSize="13*z",
            fill="cColour",
        ),
    ]
