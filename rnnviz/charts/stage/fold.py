"""Rolled and unrolled: the loop and the chain are one diagram. `u` is how far it is unfolded, from 0 (one cell and
its loop) to 1 (one column per token); the chain's columns slide together and become the loop's cell.

On the same diagram: the weights by name, all copies of one lit together; the difference that an edited weight makes;
and the way the gradient of one step's loss takes back through the copies.
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
    tip,
)
from rnnviz.charts.kit.player import click, key
from rnnviz.charts.stage.chain import COLUMN, COLUMN_MID, GAP, SHOWN, STATE

ROLLED = "B.fold && depth == 0 && loopShown > 0"
UNROLLED = "B.fold && depth == 0"
PACE = 30  # ms between two positions while it folds


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
        {
            "name": "both",
            "init": "B.both && !phone",
            "on": [
                {"events": {"signal": "B.both"}, "update": "B.both && !phone"},
                {"events": click("foldBoth"), "update": "!both"},
            ],
        },
        {
            "name": "goal",
            "init": "B.fold ? B.folded ? 0 : 1 : 1",
            "on": [
                {"events": {"signal": "B.folded"}, "update": "B.folded ? 0 : 1"},
                {"events": [*click("foldSwitch"), *key("f")], "update": "B.fold ? goal > 0.5 ? 0 : 1 : 1"},
                {"events": dragged, "update": "clamp((x() - foldL) / (foldR - foldL), 0, 1)"},
                {"events": click("foldBoth"), "update": "1"},
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
        {"name": "foldY", "update": "regionY - (phone ? 16 : 4*z)"},
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
    return [*_controls(), *_weights(), *_difference(), *_path(), *_loop()]


def _controls() -> list[Layer]:
    """Fold or unfold, any position in between, or both pictures side by side."""
    when = "B.fold && depth == 0"
    left = "foldL - {}*foldW - 14*z"
    boxes = [("foldSwitch", 1, "goal > 0.5 ? B.s_fold : B.s_unfold", "false"), ("foldBoth", 2, "B.s_both", "both")]
    buttons = []
    for name, place, label, chosen in boxes:
        when = "B.fold && depth == 0" if place == 1 else "B.fold && depth == 0 && !phone"  # no room for both
        box = {
            "x": left.format(place),
            "x2": f"{left.format(place)} + foldW - 6",
            "y": "foldY - 14*z",
            "y2": "foldY + 14*z",
        }
        buttons += [
            rect(when=when, **box, cornerRadius=7, fill="paper", stroke=f"{chosen} ? now : line"),
            text(
                when=when,
                text=label,
                x=f"{left.format(place)} + foldW/2 - 3",
                y="foldY",
                fontSize="12*z",
                limit="foldW - 12",
                fill=f"{chosen} ? now : ink",
            ),
            press(name, when=when, **box),
        ]
    when = "B.fold && depth == 0"
    return [
        *buttons,
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


def _weights() -> list[Layer]:
    """The three weights beside every arrow that they stand for; hovering one lights every copy of it.

    On the arrow's other side, where there is an entry to look at: its value, the same in every copy.
    """
    rows = {"when": UNROLLED, "rows": SHOWN, "opacity": "u"}
    state = f"way > 0 ? {COLUMN} + (datum.k == 0 ? 8*z : 0) : {COLUMN} + colW"
    small = f"clamp({GAP}*0.8, 8, 10*z)"  # of two columns side by side
    entry = text(
        **rows | {"when": f"{UNROLLED} && B.entry != '' && (B.head || B.of != 'w_y')"},
        name="entry",
        let={"arrow": f"B.of == 'w_h' ? {state} : {COLUMN_MID} - (phone ? 9 : 15*z)"},
        text="B.entry",
        x="datum.arrow",
        y=f"B.of == 'w_h' ? {STATE} + 13*z : B.of == 'w_x' ? boxY + boxH + 12*z : boxY - 9*z",
        font=MONO,
        fontSize=small,
        fontWeight="B.before != '' ? 'bold' : 'normal'",
        fill="B.before != '' ? now : soft",
    )
    names = [
        text(
            **rows | {"when": f"{UNROLLED} && (B.head || {number} < 2)"},
            name=name,
            text=label,
            x=x,
            y=y,
            align="'center'" if number == 1 else "'left'",
            font=MONO,
            fontSize=f"lit == {number} ? 12*z : {small}",
            fontWeight=f"lit == {number} ? 'bold' : 'normal'",
            fill=f"lit == {number} ? now : soft",
            tooltip="{title: " + all_of + ", '=': B.s_shared}",
        )
        for number, name, label, all_of, x, y in (
            (0, "inputWeight", "B.w_x", "B.all_x", f"{COLUMN_MID} + 4*z", "boxY + boxH + 12*z"),
            (1, "stateWeight", "B.w_h", "B.all_h", state, f"{STATE} - 9*z"),
            (2, "outputWeight", "B.w_y", "B.all_y", f"{COLUMN_MID} + 4*z", "boxY - 9*z"),
        )
    ]
    return [entry, *names]


def _difference() -> list[Layer]:
    """Under the states, what an edited weight changed in each of them."""
    when = f"{UNROLLED} && B.before != ''"
    cell = {
        "u": "datum.k % H",
        "left": "gutter + (foldC + (floor(datum.k / H) - foldC)*u)*colW",
        "top": "diffY + (datum.k % H)*heatRow",
        "v": "toNumber(V[hOffset + first*H + datum.k]) - toNumber(before[first*H + datum.k])",
    }
    return [
        text(
            when=when,
            text="B.s_difference + '  ·  |Δh| ≤ ' + B.diffMost",
            x="gutter",
            y="diffY - 12*z",
            align="'left'",
            fill="soft",
            fontSize="12*z",
            opacity="u",
        ),
        rect(
            when=when,
            name="difference",
            rows="sequence(cols*H)",
            let=cell,
            x="datum.left + 1",
            x2="datum.left + colW - 1",
            y="datum.top",
            y2="datum.top + heatRow - 0.5",
            opacity="u",
            fill=shade("datum.v"),
            tooltip=tip("'Δh[' + (datum.u + 1) + ']'", "datum.v", "''"),
        ),
        outline(
            when=when,
            x="gutter",
            x2="gutter + cols*colW",
            y="diffY - 1",
            y2="diffEnd + 1",
            stroke="line",
            opacity="u",
        ),
    ]


def _path() -> list[Layer]:
    """The gradient's way back from the loss, as wide as what arrives: full at the largest, a quarter less
    for each power of ten below it."""
    when = f"{UNROLLED} && B.path != ''"
    let = {
        "log": "path[first + datum.k] == '' ? -99 : toNumber(path[first + datum.k])",
        "mid": COLUMN_MID,
        "w": "clamp(1 + (datum.log - B.pathTop)/4, 0.06, 1)*9*z",
    }
    rows = {"when": when, "rows": SHOWN, "let": let, "keep": "datum.log > -90", "opacity": "u"}
    y = "boxY + boxH + 3*z"
    name = tip("'‖dL/dh‖ · t = ' + (first + datum.k + 1)", "pow(10, datum.log)", "''")
    return [
        text(
            when=when,
            text="phone ? split(B.s_path, ':')[0] : B.s_path",
            x="gutter",
            y="diffEnd + 16*z",
            align="'left'",
            fill="now",
            fontSize="12*z",
            opacity="u",
        ),
        rule(
            **rows,
            x="datum.mid + colW/2",
            x2="datum.mid - colW/2",
            y=y,
            y2=y,
            stroke="now",
            strokeWidth="datum.w",
            tooltip=name,
        ),
        shape(LEFT_ARROW, **rows, x="datum.mid - colW/2 + 6*z", y=y, size="60*z", fill="datum.w > 5*z ? paper : now"),
        text(
            when=f"{when} && B.lossAt - 1 >= first && B.lossAt - 1 < first + cols",
            text="'L'",
            x="min(gutter + (foldC + (B.lossAt - 1 - first - foldC)*u)*colW + colW + 8*z, width - 6)",
            y=y,
            fontSize="15*z",
            fontWeight="'bold'",
            fill="now",
            opacity="u",
        ),
    ]


def _loop() -> list[Layer]:
    """The rolled network at the present step: one cell, and its own state coming back one step later."""
    shown: dict[str, Any] = {"when": ROLLED, "opacity": "loopShown"}
    left, right = "loopX - loopW/2", "loopX + loopW/2"
    heat = "heatY"
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
            text="B.head && !veiled ? bestWord[t*C] : veiled ? '?' : ''",
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
            when=ROLLED,
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
        text(
            **shown | {"when": f"{ROLLED} && B.memory"},
            text="'c'",
            x=f"{left} - 40*z",
            y="boxY + boxH/2",
            font=MONO,
            fontSize="13*z",
            fill="cColour",
        ),
        text(
            **shown,
            text="B.of == 'w_h' ? B.w_h + ' ' + B.entry : B.w_h",
            x=f"{right} + 40*z",
            y="boxY + boxH/2 - 7*z",
            align="'left'",
            font=MONO,
            fontSize="11*z",
            fill="lit == 1 ? now : soft",
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
            **shown,
            text="B.of == 'w_x' ? B.w_x + ' ' + B.entry : B.w_x",
            x="loopX + 6*z",
            y="boxY + boxH + 14*z",
            align="'left'",
            font=MONO,
            fontSize="11*z",
            fill="lit == 0 ? now : soft",
        ),
        text(
            **shown,
            text="B.head ? B.of == 'w_y' ? B.w_y + ' ' + B.entry : B.w_y : ''",
            x="loopX + 6*z",
            y="boxY - 11*z",
            align="'left'",
            font=MONO,
            fontSize="11*z",
            fill="lit == 2 ? now : soft",
        ),
        text(**shown, text="token[t]", x="loopX", y="tokenY", fill="xColour", fontSize="15*z"),
        text(**shown, text="'t = ' + (t + 1)", x="loopX", y="tokenY + 18*z", fill="soft", fontSize="11*z"),
        rect(
            when=ROLLED,
            rows="sequence(H)",
            let={"top": f"{heat} + datum.k*heatRow"},
            x=left,
            x2=right,
            y="datum.top",
            y2="datum.top + heatRow - 0.5",
            opacity="loopShown",
            fill=shade("toNumber(V[hOffset + t*H + datum.k])"),
        ),
    ]
