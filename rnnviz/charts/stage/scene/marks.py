"""Any scene as marks: `tables` holds what differs between two scenes, and what is drawn of it is constant.

A window of columns is shown (`window`). Few marks follow the step, those of `present`.

`u` below 1 slides the columns together at the middle of the window, as the fold of `fold` has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnviz.charts.kit.draw import (
    RIGHT_ARROW,
    Layer,
    Signal,
    derived,
    fitted_words,
    image,
    outline,
    press,
    rect,
    rule,
    shape,
    text,
)
from rnnviz.charts.kit.expr import Expr, Value, datum, fields, fn, names, when, width
from rnnviz.charts.kit.names import B, dark, ink, line, now, phone, soft, z
from rnnviz.charts.kit.wrap import BREAK
from rnnviz.charts.stage.names import (
    P,
    S,
    boxW,
    colW,
    every,
    gutter,
    opened,
    shownColumns,
    token,
)
from rnnviz.charts.stage.scene import present, window
from rnnviz.charts.stage.scene.places import INSIDE, NEAR, OWN, SHOWN, SLOT, TOP, down, middle, piece

(PI,) = names("PI")
_BUNDLE = fn.data("bundle")
_COLUMN = when(phone, 58, 56 * z)
NAMED = 58  # px of a phone that symbols with what they mean under them take
_TOKEN = datum.kind == "token"
_OPERATION = datum.kind == "operation"
# A long word becomes smaller before it is cut.
_SIZE = fn.clamp(colW * 0.1, 14 * z, 18 * z)
_LABEL = fn.max(10.5 * z, Expr(fitted_words(str(_SIZE), str(SLOT), "datum.label")))


def signals(
    step: Expr,
    column: Expr,
    *,
    room: Value = 0,
    aside: Value = 0,
    least: Expr = _COLUMN,
    box: Value = 0.62,
) -> list[Signal]:
    """Where columns and rows lie.

    step: the scene's present step.     column: the one to be shown with it.
    room, aside: px that are kept free at the left and at the right.     least: the least width of a column in px.
    box: which part of it a block takes at the most.
    """
    named = fn.max(when(P.named, fn.max(112, 11 * P.longest + 90), 68), 9 * P.longest + 23) * z
    return [
        *window.signals(step, column, least, aside),
        *derived(
            gutter=room + when(phone, fn.max(when(P.named, NAMED, 40), 6.4 * P.longest + 18), named),
            colW=(width - aside - gutter - 2) / shownColumns,
            foldC=(shownColumns - 1) / 2,
            boxW=fn.min(colW * box, 140 * z),
            edgeR=gutter + shownColumns * colW + 1,
            sceneEnd=down(P.high),
        ),
    ]


def layers() -> list[Layer]:
    return [
        *_wires("along"),
        *_blocks(),
        *present.covers(),
        *present.frames(),
        *_wires("detour"),
        *present.shares(),
        *present.travelling(),
        *_pressed(),
        *_names(),
        *window.layers(),
    ]


def _wires(kind: str) -> list[Layer]:
    """Wires along and up are under the covers; those that go round others and the main ones say what is built, whatever
    the step."""
    detour = kind == "detour"
    # Wires of two columns are alike: what a page of the window has in the place of another's is not made anew. Two that
    # go round others may share a piece.
    alike = ("kind", "weight", "light", "dark")
    piece_of, arrow_of = ((), ()) if detour else (("x1", "x2", "top1", "top2", *alike), ("x2", "top2", "angle", *alike))
    around = (datum.kind == "detour") | datum.main
    own = around if detour else ~around
    look = (
        {"strokeWidth": when(datum.main, 2, 1.2), "opacity": when(datum.main, 0.9, 0.4)}
        if detour
        else {"strokeWidth": when(datum.kind == "up", 1.2, 2)}
    )
    where: dict[str, Any] = {"when": TOP, "rows": "wires", "among": NEAR, "let": piece()}
    return [
        rule(
            name=f"{kind}Wire",
            **where,
            keep=own & ~datum.shared & INSIDE,
            fields=piece_of,
            x="datum.x1",
            x2="datum.x2",
            y="datum.top1",
            y2="datum.top2",
            stroke=OWN,
            **look,
            strokeCap="'round'",
            tooltip="datum.weight",
        ),
        shape(
            RIGHT_ARROW,
            **where,
            keep=own & ~datum.shared & datum.ends & (datum.x2 == datum.all2) & INSIDE,
            fields=arrow_of,
            x=datum.x2 - 4 * z * fn.cos(datum.angle),
            y=datum.top2 - 4 * z * fn.sin(datum.angle),
            angle=datum.angle * 180 / PI,
            size=when(datum.kind == "along", 34 * z, 22 * z),
            fill=OWN,
        ),
    ]


def _blocks() -> list[Layer]:
    """Vectors as barcodes, one bar an element; texts; signs."""
    place = {
        "mid": middle(datum.column),
        "left": datum.mid - boxW / 2,
        "top": down(datum.y),
        "bottom": datum.top + datum.tall * z,
    }
    whole: dict[str, Any] = {"when": TOP, "rows": "blocks", "let": place}
    seen = every | ~present.LATER  # a covered text is not there for who listens either
    return [
        # A picture each: the page of the window turns in time only where few marks are made anew.
        image(
            name="bars",
            when=TOP,
            rows="blocks",
            among=SHOWN & (datum.urlLight != ""),
            let=place,
            x="datum.mid",
            y=(datum.top + datum.bottom) / 2,
            width="boxW",
            height=datum.tall * z,
            url=when(dark, datum.urlDark, datum.urlLight),
        ),
        outline(
            name="block",
            **whole,
            keep=SHOWN & ((datum.kind == "state") | _OPERATION),
            fields=("left", "top", "bottom", "kind", "light", "dark"),
            x=datum.left - 1,
            x2=datum.left + boxW + 1,
            y=datum.top - 1,
            y2=datum.bottom + 1,
            cornerRadius=when(_OPERATION, 18 * z, 5),
            stroke=OWN,
            strokeWidth=1.5,
        ),
        text(
            name="label",
            **whole,
            among=SHOWN & (datum.kind != "state"),
            keep=seen,
            fields=("mid", "top", "bottom", "kind", "label", "light", "dark"),
            text="datum.label",
            x="datum.mid",
            y=when(_OPERATION, (datum.top + datum.bottom) / 2, datum.top + 10 * z),
            fontSize=when(_OPERATION, 17 * z, _LABEL),
            limit=SLOT,
            fill=OWN,
        ),
        # Of a token that is still to be read stands its number alone: the rest tells of the word.
        _note(whole, SHOWN & (datum.note != ""), seen, datum.note),
        _note(whole, SHOWN & _TOKEN, ~seen, fn.split(datum.note, " · ")[0]),
    ]


def _note(of_blocks: Mapping[str, Any], among: Expr, keep: Expr, note: Expr) -> Layer:
    return text(
        **of_blocks,
        among=among,
        keep=keep,
        fields=("mid", "top", "kind", "note"),
        text=note,
        x="datum.mid",
        y=datum.top + 28 * z,
        fontSize=11 * z,
        limit=colW - 2,
        fill=when(_TOKEN & (fn.indexof(note, "·") > 0), now, soft),
    )


def _pressed() -> list[Layer]:
    """A cell opens its row and its inside; a token leads to its step."""
    seen = (datum.step <= S) | every
    place = {
        "mid": middle(datum.column),
        "c": when(P.heat, datum.column, datum.step),
        "high": down(datum.y - 4),
    }
    inside = place | {
        "left": datum.mid - boxW / 2,
        "right": datum.mid + boxW / 2,
        "low": down(datum.y + datum.tall + 4),
        "title": _BUNDLE[datum.part - P.part].cell + " · t = " + (datum.c + 1 + _BUNDLE[0].shift),
    }
    read = place | {
        "left": datum.mid - colW / 2,
        "right": datum.mid + colW / 2,
        "low": down(datum.y + datum.tall + when(datum.note == "", 4, 18)),
    }
    box = {"when": TOP, "rows": "blocks", "x": "datum.left", "x2": "datum.right", "y": "datum.high", "y2": "datum.low"}
    title = datum.title + when(seen, " · " + token[datum.c], "")
    return [
        press(
            "box",
            **box,
            among=(datum.part >= 0) & SHOWN,
            let=inside,
            cursor="'zoom-in'",
            tooltip=fields({"title": title, "⏎": B.s_inside}),
        ),
        press(
            "column",
            **box,
            among=(datum.part < 0) & (datum.kind != "output") & SHOWN,
            let=read,
            tooltip=when(seen, datum.label, ""),
        ),
    ]


def _names() -> list[Layer]:
    """In the gutter; the row whose numbers are shown is marked, and another's name opens it."""
    is_open = datum.part == opened
    return [
        rect(
            name="rowName",
            when=TOP,
            rows="labels",
            keep=datum.first & (datum.part >= 0) & (fn.length(_BUNDLE) > 1),
            x=2,
            x2=gutter - 10 * z,
            y=down(datum.top - 3),
            y2=down(datum.top + datum.tall + 3),
            cornerRadius=6,
            fill=when(is_open, now, ink),
            fillOpacity=when(is_open, 0.09, 0.03),
            stroke=when(is_open, now, line),
            cursor="'pointer'",
            tooltip=_BUNDLE[datum.part - P.part].cell,
        ),
        text(
            when=TOP,
            rows="labels",
            text="datum.label",
            x=gutter - when(phone, 10, 15 * z),
            y=down(datum.y),
            align="'right'",
            fontSize=when(phone, 12, 14 * z),
            fontWeight="'bold'",
            fill=OWN,
        ),
        text(
            when=TOP & P.named & ~phone,
            rows="labels",
            text=fn.join(fn.split(datum.means, BREAK), " "),
            x=gutter - (11 * P.longest + 15) * z,
            y=down(datum.y + 1),
            align="'right'",
            fontSize=10.5 * z,
            fill="soft",
            limit=gutter - (11 * P.longest + 16) * z,
        ),
        # A phone has the room under the symbol, or over it.
        text(
            when=TOP & P.named & phone,
            rows="labels",
            keep=datum.means != "",
            let={"lines": fn.split(datum.means, BREAK)},
            text="datum.lines",
            x=gutter - 10,
            y=down(datum.y) + when(datum.over, -1 - 10 * fn.length(datum.lines), 12),
            align="'right'",
            fontSize=9.5,
            lineHeight=10,
            fill="soft",
            limit=gutter - 10,
        ),
    ]
