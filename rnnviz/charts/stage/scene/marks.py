"""Any scene as marks: `tables` holds what differs between two scenes, and what is drawn of it is constant.

A window of columns is shown. Few marks follow the step, those of `present`.

`u` below 1 slides the columns together at the middle of the window, as the fold of `fold` has it.
"""

from __future__ import annotations

from rnnviz.charts.kit.draw import RIGHT_ARROW, Layer, Signal, outline, press, rect, rule, shade, shape, text
from rnnviz.charts.stage.scene import present
from rnnviz.charts.stage.scene.places import INSIDE, MID, OWN, SHOWN, SLOT, TOP, piece


def signals(
    step: str, here: str, *, room: str = "0", colmin: str = "phone ? 58 : 56*z", box: str = "0.62"
) -> list[Signal]:
    """Where columns and rows lie. All arguments are expressions.

    step: gives the scene's present step.     here: the column to be shown with it.
    room: px that are kept free at the left.     colmin: the least width of a column in px.
    box: which part of it a block takes at the most.
    """
    return [
        {"name": "SV", "update": "split(P.values, ',')"},
        {"name": "columnOf", "update": "split(P.columnOf, ',')"},
        {"name": "S", "update": step},
        {"name": "here", "update": here},
        {
            "name": "gutter",
            "update": f"{room} + (phone ? max(40, 6.4*P.longest + 18) : max(P.named ? 112 : 68, 9*P.longest + 23)*z)",
        },
        {"name": "colMin", "update": colmin},
        {"name": "shownColumns", "update": "max(1, min(P.columns, floor((width - gutter - 2) / colMin)))"},
        {"name": "colW", "update": "(width - gutter - 2) / shownColumns"},
        {"name": "foldC", "update": "(shownColumns - 1)/2"},
        # The window moves a page at a time, which draws all of it anew. The column before stays in it, unless that
        # would take a page more.
        {"name": "pages", "update": "ceil(P.columns / shownColumns)"},
        {"name": "kept", "update": "shownColumns > 1 && pages*(shownColumns - 1) + 1 >= P.columns ? 1 : 0"},
        {"name": "leaf", "update": "shownColumns - kept"},
        {
            "name": "firstColumn",
            "update": "clamp(floor(max(0, here - kept) / leaf) * leaf, 0, max(0, P.columns - shownColumns))",
        },
        {"name": "boxW", "update": f"min(colW*{box}, 140*z)"},
        {"name": "edgeR", "update": "gutter + shownColumns*colW + 1"},
        {"name": "sceneEnd", "update": "regionY + P.high*z"},
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
    ]


def _wires(kind: str) -> list[Layer]:
    """Wires along and up are under the covers; those that go round others say what is built, whatever the step."""
    which = "datum.kind == 'detour'" if kind == "detour" else "datum.kind != 'detour'"
    width = (
        {"strokeWidth": 1.2, "opacity": 0.4} if kind == "detour" else {"strokeWidth": "datum.kind == 'up' ? 1.2 : 2"}
    )
    where = {"when": TOP, "rows": "wires", "let": piece()}
    return [
        rule(
            name=f"{kind}Wire",
            **where,
            keep=f"{which} && !datum.shared && {INSIDE}",
            x="datum.x1",
            x2="datum.x2",
            y="datum.top1",
            y2="datum.top2",
            stroke=OWN,
            **width,
            strokeCap="'round'",
            tooltip="datum.weight",
        ),
        shape(
            RIGHT_ARROW,
            **where,
            keep=f"{which} && !datum.shared && datum.ends && datum.x2 == datum.all2 && {INSIDE}",
            x="datum.x2 - 4*z*cos(datum.angle)",
            y="datum.top2 - 4*z*sin(datum.angle)",
            angle="datum.angle*180/PI",
            size="datum.kind == 'along' ? 34*z : 22*z",
            fill=OWN,
        ),
    ]


def _blocks() -> list[Layer]:
    """Vectors as barcodes, one bar an element; texts; signs."""
    place = {
        "mid": MID.format(column="datum.column"),
        "left": "datum.mid - boxW/2",
        "top": "regionY + datum.y*z",
        "bottom": "datum.top + datum.tall*z",
    }
    whole = {"when": TOP, "rows": "blocks", "let": place}
    seen = f"every || !({present.LATER})"  # a covered text is not there for who listens either
    return [
        rect(
            name="bar",
            when=TOP,
            rows="blocks",
            each=f"{SHOWN} ? sequence(datum.size) : []",
            let={**place, "v": "toNumber(SV[datum.offset + datum.k])"},
            x="datum.left + datum.k*boxW/datum.size",
            x2="datum.left + (datum.k + 1)*boxW/datum.size + 0.3",
            y="datum.top",
            y2="datum.bottom",
            fill=shade("datum.v"),
            aria=False,
        ),
        outline(
            name="block",
            **whole,
            keep=f"{SHOWN} && (datum.kind == 'state' || datum.kind == 'operation')",
            x="datum.left - 1",
            x2="datum.left + boxW + 1",
            y="datum.top - 1",
            y2="datum.bottom + 1",
            cornerRadius="datum.kind == 'operation' ? 18*z : 5",
            stroke=OWN,
            strokeWidth=1.5,
        ),
        text(
            name="label",
            **whole,
            among=f"{SHOWN} && datum.kind != 'state'",
            keep=seen,
            fields=("mid", "top", "bottom", "kind", "label", "light", "dark"),
            text="datum.label",
            x="datum.mid",
            y="datum.kind == 'operation' ? (datum.top + datum.bottom)/2 : datum.top + 10*z",
            fontSize="datum.kind == 'operation' ? 17*z : clamp(colW*0.1, 14*z, 18*z)",
            limit=SLOT,
            fill=OWN,
        ),
        text(
            **whole,
            among=f"{SHOWN} && datum.note != ''",
            keep=f"datum.kind == 'token' || {seen}",
            fields=("mid", "top", "kind", "note"),
            text="datum.note",
            x="datum.mid",
            y="datum.top + 28*z",
            fontSize="11*z",
            limit="colW - 2",
            fill="datum.kind == 'token' && indexof(datum.note, '·') > 0 ? now : soft",
        ),
    ]


def _pressed() -> list[Layer]:
    """A cell opens its row and its inside; a token leads to its step."""
    seen = "(datum.step <= S || every)"
    place = {
        "mid": MID.format(column="datum.column"),
        "c": "P.heat ? datum.column : datum.step",
        "high": "regionY + (datum.y - 4)*z",
    }
    inside = place | {
        "left": "datum.mid - boxW/2",
        "right": "datum.mid + boxW/2",
        "low": "regionY + (datum.y + datum.tall + 4)*z",
        "title": "data('bundle')[datum.part - P.part].cell + ' · t = ' + (datum.c + 1)",
    }
    token = place | {
        "left": "datum.mid - colW/2",
        "right": "datum.mid + colW/2",
        "low": "regionY + (datum.y + datum.tall + (datum.note == '' ? 4 : 18))*z",
    }
    box = {"when": TOP, "rows": "blocks", "x": "datum.left", "x2": "datum.right", "y": "datum.high", "y2": "datum.low"}
    return [
        press(
            "box",
            **box,
            among=f"datum.part >= 0 && {SHOWN}",
            let=inside,
            cursor="'zoom-in'",
            tooltip=f"{{title: datum.title + ({seen} ? ' · ' + token[datum.c] : ''), '⏎': B.s_inside}}",
        ),
        press(
            "column",
            **box,
            among=f"datum.part < 0 && datum.kind != 'output' && {SHOWN}",
            let=token,
            tooltip=f"{seen} ? datum.label : ''",
        ),
    ]


def _names() -> list[Layer]:
    """In the gutter; the row whose numbers are shown is marked, and another's name opens it."""
    return [
        rect(
            name="rowName",
            when=TOP,
            rows="labels",
            keep="datum.first && datum.part >= 0 && length(data('bundle')) > 1",
            x=2,
            x2="gutter - 10*z",
            y="regionY + (datum.top - 3)*z",
            y2="regionY + (datum.top + datum.tall + 3)*z",
            cornerRadius=6,
            fill="datum.part == opened ? now : ink",
            fillOpacity="datum.part == opened ? 0.09 : 0.03",
            stroke="datum.part == opened ? now : line",
            cursor="'pointer'",
            tooltip="data('bundle')[datum.part - P.part].cell",
        ),
        text(
            when=TOP,
            rows="labels",
            text="datum.label",
            x="gutter - (phone ? 10 : 15*z)",
            y="regionY + datum.y*z",
            align="'right'",
            fontSize="phone ? 12 : 14*z",
            fontWeight="'bold'",
            fill=OWN,
        ),
        text(
            when=f"{TOP} && P.named && !phone",
            rows="labels",
            text="datum.means",
            x="gutter - 37*z",
            y="regionY + (datum.y + 1)*z",
            align="'right'",
            fontSize="10.5*z",
            fill="soft",
            limit="gutter - 38*z",
        ),
    ]
