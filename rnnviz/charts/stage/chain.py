"""Depth 0 of the stage: the unrolled network, one column per token, and the hidden state over time under it."""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    LEFT_ARROW,
    RIGHT_ARROW,
    UP_ARROW,
    Layer,
    Signal,
    outline,
    rect,
    rule,
    shade,
    shape,
    text,
)

# Columns are counted from the first token; `left(c)` and `mid(c)` are its place in px.
# Folding (`u` below 1) slides them together at `foldC`, the middle of the window.
LEFT = "gutter + (foldC + ({} - first - foldC)*u)*colW"
MID = LEFT + " + colW/2"
MEMORY, STATE = "boxY + boxH*0.26", "boxY + boxH*(B.memory ? 0.74 : 0.5)"  # where c and h run
GAP = "(colW - boxW)/2"  # on each side of a cell
HERE = LEFT.format("t")
# Rows are counted within the window, so that turning its page changes what is in the marks and not the marks.
SHOWN = "sequence(cols)"
COLUMN = "gutter + (foldC + (datum.k - foldC)*u)*colW"
COLUMN_MID = COLUMN + " + colW/2"
OF_UNITS = "gutter + (foldC + (floor(datum.k / H) - foldC)*u)*colW"


def signals() -> list[Signal]:
    """Where the rows of the chain lie, in px from the top of the region."""
    return [
        {"name": "loopRoom", "update": "both ? phone ? 150 : 230*z : 0"},
        {"name": "gutter", "update": "loopRoom + (phone ? 40 : 70*z)"},
        {"name": "colMin", "update": "phone ? 58 : 62*z"},
        {"name": "cols", "update": "max(1, min(T, floor((width - gutter - 2) / colMin)))"},
        {"name": "colW", "update": "min((width - gutter - 2) / cols, 170*z)"},
        # The window moves a page at a time, so that a step seldom moves what is drawn; the column before is kept.
        {"name": "foldC", "update": "(cols - 1)/2"},
        {"name": "page", "update": "max(1, cols - 1)"},
        {"name": "first", "update": "clamp(floor(max(0, t - 1) / page) * page, 0, max(0, T - cols))"},
        {"name": "boxW", "update": "min(colW * 0.62, 76*z)"},
        {"name": "boxY", "update": "regionY + 62*z"},
        {"name": "boxH", "update": "38*z"},
        {"name": "tokenY", "update": "regionY + 128*z"},
        {"name": "heatY", "update": "regionY + 160*z"},
        {"name": "heatRow", "update": "clamp(floor((B.before ? 84 : 150)*z / H), 3, 13*z)"},
        {"name": "heatEnd", "update": "heatY + heatRow*H"},
    ]


def _row_name(symbol: str, y: str, colour: str, when: str, name: str = "") -> Layer:
    place = {"x": "gutter - 12*z", "y": y, "align": "'right'"}
    return text(when=when, text=name or f"'{symbol}'", **place, fill=colour, fontSize="15*z", fontWeight="'bold'")


def _carried(y: str, colour: str, when: str) -> list[Layer]:
    """A state on its way from each cell to the next, and into the first one that is shown."""
    let = {"left": f"{COLUMN} + {GAP}", "right": "datum.left + boxW"}
    rows = {"when": when, "rows": SHOWN, "let": let, "y": y}
    start = f"way > 0 ? max(gutter - 4*z, datum.left - 2*{GAP}) : datum.right"
    end = f"way > 0 ? datum.left : min(gutter + cols*colW + 4*z, datum.right + 2*{GAP})"
    point = "way > 0 ? datum.left - 6*z : datum.right + 6*z"
    return [
        rule(**rows, x=start, x2=end, y2=y, stroke=colour, strokeWidth=2),
        shape(f"way > 0 ? {RIGHT_ARROW} : {LEFT_ARROW}", **rows, x=point, size="34*z", fill=colour),
    ]


def layers() -> list[Layer]:
    """All of it fades while it folds."""
    return [
        layer | {"mark": layer["mark"] | ({"opacity": {"expr": "u"}} if layer["mark"].get("opacity", 1) == 1 else {})}
        for layer in _unfolded()
    ]


def _unfolded() -> list[Layer]:
    top = "depth == 0"
    named = {"mid": COLUMN_MID}
    return [
        # Row names in the gutter, each in the colour of its symbol.
        _row_name("yₜ", "regionY + 14*z", "yColour", f"{top} && B.head"),
        _row_name("cₜ", MEMORY, "cColour", f"{top} && B.memory"),
        _row_name("hₜ", STATE, "hColour", top),
        _row_name("xₜ", "tokenY", "xColour", top, "B.reads"),
        # The prediction: the best word and its probability.
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text="bestWord[(first + datum.k)*C]",
            x="datum.mid",
            y="regionY + 12*z",
            fill="yColour",
            fontSize="13*z",
            limit="colW - 6",
        ),
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text=f"B.head ? {numbers.percent('toNumber(bestP[(first + datum.k)*C])')} : ''",
            x="datum.mid",
            y="regionY + 29*z",
            fill="soft",
            fontSize="11*z",
        ),
        # Arrows: token into cell, state along, cell to prediction.
        rule(
            rows=SHOWN,
            let=named,
            when=top,
            x="datum.mid",
            x2="datum.mid",
            y="boxY - 4*z",
            y2="regionY + 46*z",
            stroke="soft",
        ),
        shape(UP_ARROW, rows=SHOWN, let=named, when=top, x="datum.mid", y="regionY + 45*z", size="26*z", fill="soft"),
        rule(
            rows=SHOWN,
            let=named,
            when=top,
            x="datum.mid",
            x2="datum.mid",
            y="tokenY - 12*z",
            y2="boxY + boxH + 10*z",
            stroke="soft",
        ),
        shape(
            UP_ARROW, rows=SHOWN, let=named, when=top, x="datum.mid", y="boxY + boxH + 7*z", size="26*z", fill="soft"
        ),
        *_carried(STATE, "hColour", top),
        *_carried(MEMORY, "cColour", f"{top} && B.memory"),
        # The cell: a barcode of the state that it passes on.
        rect(
            rows="sequence(cols*H)",
            let={
                "u": "datum.k % H",
                "left": f"{OF_UNITS} + {GAP} + datum.u*boxW/H",
            },
            when=top,
            x="datum.left",
            x2="datum.left + boxW/H + 0.3",
            y="boxY",
            y2="boxY + boxH",
            fill=shade("toNumber(V[hOffset + first*H + datum.k])"),
        ),
        outline(
            name="box",
            rows=SHOWN,
            let={"c": "first + datum.k", "left": f"{COLUMN} + {GAP}"},
            when=top,
            x="datum.left - 1",
            x2="datum.left + boxW + 1",
            y="boxY - 1",
            y2="boxY + boxH + 1",
            cornerRadius=5,
            stroke="hColour",
            strokeWidth=1.5,
            cursor="'zoom-in'",
            tooltip="{title: B.cell + ' · t = ' + (datum.c + 1) + ' · ' + token[first + datum.k], '⏎': B.s_inside}",
        ),
        # The tokens.
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text="token[first + datum.k]",
            x="datum.mid",
            y="tokenY",
            fill="xColour",
            fontSize="14*z",
            limit="colW - 6",
        ),
        text(
            rows=SHOWN,
            let=named,
            when=top,
            text="'' + (first + datum.k + 1) + (note[first + datum.k] ? ' · ' + note[first + datum.k] : '')",
            x="datum.mid",
            y="tokenY + 18*z",
            fill="note[first + datum.k] ? now : soft",
            limit="colW - 2",
            fontSize="11*z",
        ),
        outline(
            name="column",
            rows=SHOWN,
            let={"c": "first + datum.k", "left": COLUMN},
            when=top,
            x="datum.left",
            x2="datum.left + colW",
            y="boxY + boxH + 4*z",
            y2="heatY - 6*z",
            cursor="'pointer'",
            tooltip="token[first + datum.k]",
        ),
        *heat("'h'"),
        # A prediction of a step not yet reached is not to be seen, nor this one's while the reader guesses it.
        rect(
            when=f"{top} && B.head",
            x=f"way > 0 ? {HERE} + (veiled ? 1 : colW) : gutter",
            x2=f"way > 0 ? gutter + cols*colW + 2 : {HERE} + (veiled ? colW : 0)",
            y="regionY",
            y2="regionY + 40*z",
            fill="paper",
            aria=False,
        ),
        text(when=f"{top} && veiled", text="'?'", x=MID.format("t"), y="regionY + 20*z", fontSize="20*z", fill="now"),
        *now("regionY", "regionY - 2"),
    ]


def heat(name: str) -> list[Layer]:
    """The hidden state over all steps, in the columns of what stands above it. `name` is an expression."""
    top = "depth == 0"
    return [
        _row_name("h", "(heatY + heatEnd)/2", "hColour", top, name),
        text(
            text="'1'",
            x="gutter - 12*z",
            y="heatY + heatRow/2",
            align="'right'",
            fill="soft",
            when=top,
            fontSize="10*z",
        ),
        text(
            text="'' + H",
            x="gutter - 12*z",
            y="heatEnd - heatRow/2",
            align="'right'",
            fill="soft",
            when=top,
            fontSize="10*z",
        ),
        rect(
            name="heat",
            rows="sequence(cols*H)",
            let={
                "c": "first + floor(datum.k / H)",
                "u": "datum.k % H",
                "v": "V[hOffset + first*H + datum.k]",
                "left": OF_UNITS + " + 1",
                "right": "datum.left + colW - 2",
                "top": "heatY + datum.u*heatRow",
                "bottom": "datum.top + heatRow - 0.5",
                "name": "'h[' + (datum.u + 1) + ']'",
            },
            when=top,
            x="datum.left",
            x2="datum.right",
            y="datum.top",
            y2="datum.bottom",
            fill=shade("datum.v"),
            cursor="'pointer'",
            # Short, since it is worked out for every cell whenever the page of the window turns.
            tooltip="{title: datum.name, t: datum.c + 1, '=': datum.v, '←': FINAL.formula}",
        ),
        outline(
            x="gutter",
            x2="gutter + cols*colW",
            y="heatY - 1",
            y2="heatEnd + 1",
            stroke="line",
            when=top,
            aria=False,
        ),
    ]


def now(cover: str, frame: str) -> list[Layer]:
    """One cover for all that is still to come, one frame for now: only these follow the step. `cover` and `frame` are
    their upper ends."""
    top = "depth == 0"
    return [
        rect(
            when=top,
            x=f"way > 0 ? {HERE} + colW : gutter",
            x2=f"way > 0 ? gutter + cols*colW + 2 : {HERE}",
            y=cover,
            y2="heatEnd + 2",
            fill="paper",
            opacity="u*(veiled ? 1 : B.path ? 0.15 : 0.6)",
            cursor="'pointer'",
            aria=False,
        ),
        rect(
            when=top,
            x=f"{HERE} + 0.5",
            x2=f"{HERE} + colW - 0.5",
            y=frame,
            y2="heatEnd + 3",
            cornerRadius=6,
            fill="now",
            fillOpacity=0.05,
            stroke="now",
            strokeWidth=2,
        ),
        outline(
            when=top,
            x="gutter",
            x2="gutter + cols*colW",
            y="heatY + picked*heatRow - 0.5",
            y2="heatY + (picked + 1)*heatRow - 0.5",
            stroke="ink",
            strokeWidth=1,
            opacity="0.6*u",
        ),
    ]
