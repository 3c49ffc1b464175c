"""Any scene as marks: `scene_tables` holds what differs between two scenes, and what is drawn of it is constant.

A window of columns is shown. Few marks follow the step: the covers over what is still to come, the frames around what
is computed now, a question mark, and wires that carry a share of a sum.
"""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import RIGHT_ARROW, Layer, Signal, outline, press, rect, rule, shade, shape, text

# A place across, in px, from a column and the two ways to leave its middle.
_MID = "gutter + ({column} - firstColumn + 0.5)*colW"
_AT = _MID + " + {side}*boxW/2 + {lane}*(colW - boxW)*0.3"
_SHOWN = "datum.column >= firstColumn && datum.column < firstColumn + shownColumns"
_TOP = "depth == 0"
_OWN = "dark ? datum.dark : datum.light"


def signals(step: str, here: str) -> list[Signal]:
    """step: an expression that gives the scene's present step.     here: the column to be shown with it."""
    return [
        {"name": "P", "update": "data('picture')[0]"},
        {"name": "SV", "update": "split(P.values, ',')"},
        {"name": "columnOf", "update": "split(P.columnOf, ',')"},
        {"name": "S", "update": step},
        {"name": "here", "update": here},
        {"name": "gutter", "update": "phone ? max(54, 6.4*P.longest + 16) : max(76, 9*P.longest + 24)*z"},
        {"name": "colMin", "update": "phone ? 58 : 62*z"},
        {"name": "shownColumns", "update": "max(1, min(P.columns, floor((width - gutter - 2) / colMin)))"},
        {"name": "colW", "update": "min((width - gutter - 2) / shownColumns, 170*z)"},
        {"name": "leaf", "update": "max(1, shownColumns - 1)"},
        {
            "name": "firstColumn",
            "update": "clamp(floor(max(0, here - 1) / leaf) * leaf, 0, max(0, P.columns - shownColumns))",
        },
        {"name": "boxW", "update": "min(colW*0.62, 76*z)"},
        {"name": "edgeR", "update": "gutter + shownColumns*colW + 1"},
        {"name": "sceneEnd", "update": "regionY + P.high*z"},
    ]


def layers() -> list[Layer]:
    return [*_wires("along"), *_blocks(), *_covered(), *_wires("detour"), *_shares(), *_pressed(), *_names()]


def _piece() -> dict[str, str]:
    """The ends of a piece in px, cut at the edges of the window; `all1` and `all2` are where they would be."""
    upright = "datum.all1 == datum.all2"
    ends = {
        f"all{n}": _AT.format(column=f"datum.column{n}", side=f"datum.side{n}", lane=f"datum.lane{n}") for n in "12"
    }
    return {
        **ends,
        "ya": "regionY + datum.y1*z",
        "yb": "regionY + datum.y2*z",
        "edge": "datum.kind == 'along' ? gutter - 6*z : gutter",
        "x1": "clamp(datum.all1, datum.edge, edgeR)",
        "x2": "clamp(datum.all2, datum.edge, edgeR)",
        "slope": f"{upright} ? 0 : (datum.yb - datum.ya)/(datum.all2 - datum.all1)",
        "top1": f"{upright} ? datum.ya : datum.ya + (datum.x1 - datum.all1)*datum.slope",
        "top2": f"{upright} ? datum.yb : datum.ya + (datum.x2 - datum.all1)*datum.slope",
        "angle": "atan2(datum.yb - datum.ya, datum.all2 - datum.all1)",
    }


_INSIDE = "max(datum.all1, datum.all2) > datum.edge && min(datum.all1, datum.all2) < edgeR"


def _wires(kind: str) -> list[Layer]:
    """Wires along and up are under the covers; those that go round others say what is built, whatever the step."""
    which = "datum.kind == 'detour'" if kind == "detour" else "datum.kind != 'detour'"
    width = (
        {"strokeWidth": 1.2, "opacity": 0.4} if kind == "detour" else {"strokeWidth": "datum.kind == 'up' ? 1.2 : 2"}
    )
    where = {"when": _TOP, "rows": "wires", "let": _piece()}
    return [
        rule(
            name=f"{kind}Wire",
            **where,
            keep=f"{which} && !datum.shared && {_INSIDE}",
            x="datum.x1",
            x2="datum.x2",
            y="datum.top1",
            y2="datum.top2",
            stroke=_OWN,
            **width,
            strokeCap="'round'",
            tooltip="datum.weight",
        ),
        shape(
            RIGHT_ARROW,
            **where,
            keep=f"{which} && !datum.shared && datum.ends && datum.x2 == datum.all2 && {_INSIDE}",
            x="datum.x2 - 4*z*cos(datum.angle)",
            y="datum.top2 - 4*z*sin(datum.angle)",
            angle="datum.angle*180/PI",
            size="datum.kind == 'along' ? 34*z : 22*z",
            fill=_OWN,
        ),
    ]


def _shares() -> list[Layer]:
    """Wires of a weighted sum, as wide as their share: those of the present step in full, older ones faint."""
    return [
        rule(
            name="shareWire",
            when=_TOP,
            rows="wires",
            let=_piece(),
            keep=f"datum.shared && {_INSIDE}",
            x="datum.x1",
            x2="datum.x2",
            y="datum.top1",
            y2="datum.top2",
            stroke=_OWN,
            strokeWidth="0.4 + 7*datum.amount*z",
            strokeCap="'butt'",
            opacity="datum.step == S ? 0.85 : datum.step < S ? 0.1 : 0",
            tooltip=numbers.percent("datum.amount"),
        )
    ]


def _blocks() -> list[Layer]:
    """Vectors as barcodes, one bar an element; texts; signs."""
    place = {
        "mid": _MID.format(column="datum.column"),
        "left": "datum.mid - boxW/2",
        "top": "regionY + datum.y*z",
        "bottom": "datum.top + datum.tall*z",
    }
    whole = {"when": _TOP, "rows": "blocks", "let": place}
    return [
        rect(
            name="bar",
            when=_TOP,
            rows="blocks",
            each=f"{_SHOWN} ? sequence(datum.size) : []",
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
            keep=f"{_SHOWN} && (datum.kind == 'state' || datum.kind == 'operation')",
            x="datum.left - 1",
            x2="datum.left + boxW + 1",
            y="datum.top - 1",
            y2="datum.bottom + 1",
            cornerRadius="datum.kind == 'operation' ? 18*z : 5",
            stroke=_OWN,
            strokeWidth=1.5,
        ),
        text(
            name="label",
            **whole,
            keep=f"{_SHOWN} && datum.kind != 'state'",
            text="datum.label",
            x="datum.mid",
            y="datum.kind == 'operation' ? (datum.top + datum.bottom)/2 : datum.top + 10*z",
            fontSize="datum.kind == 'operation' ? 17*z : 14*z",
            limit="colW - 6",
            fill=_OWN,
        ),
        text(
            **whole,
            keep=f"{_SHOWN} && datum.note != ''",
            text="datum.note",
            x="datum.mid",
            y="datum.top + 27*z",
            fontSize="11*z",
            limit="colW - 2",
            fill="soft",
        ),
    ]


def _covered() -> list[Layer]:
    """What is still to come, and a frame around what is computed now. A prediction is not seen before its step, nor
    at it while the reader guesses."""
    left = "datum.by > 0 ? datum.from + datum.past : datum.by == 0 && datum.past > 0 ? datum.to + 1 : datum.from"
    right = "datum.by < 0 ? datum.from + datum.step - datum.now : datum.to + 1"
    cover = {
        "now": "S - (datum.secret && veiled ? 1 : 0)",
        "past": "max(0, datum.now - datum.step + 1)",
        "left": f"gutter + (clamp({left}, firstColumn, firstColumn + shownColumns) - firstColumn)*colW",
        "right": f"gutter + (clamp({right}, firstColumn, firstColumn + shownColumns) - firstColumn)*colW",
    }
    frame = {
        "column": "datum.from + datum.by*(S - datum.step)",
        "many": "datum.by == 0 ? datum.to - datum.from + 1 : 1",
        "left": "gutter + (datum.column - firstColumn)*colW",
    }
    computed = "(datum.by == 0 ? datum.step == S : datum.column >= datum.from && datum.column <= datum.to)"
    place = {"y": "regionY + (datum.y - 4)*z", "y2": "regionY + (datum.y + datum.tall + 4)*z"}
    return [
        rect(
            name="cover",
            when=_TOP,
            rows="covers",
            let=cover,
            x="datum.left",
            x2="max(datum.left, datum.right)",
            y="regionY + (datum.y - 2)*z",
            y2="regionY + (datum.y + (datum.secret ? datum.tall : datum.under))*z",
            fill="paper",
            fillOpacity="datum.secret || veiled ? 1 : 0.62",
            aria=False,
        ),
        rect(
            name="frame",
            when=_TOP,
            rows="covers",
            let=frame,
            keep=f"datum.framed && {computed} && {_SHOWN}",
            x="datum.left + 1",
            x2="datum.left + datum.many*colW - 1",
            **place,
            cornerRadius=6,
            fill="now",
            fillOpacity="datum.part < 0 || datum.part != opened ? 0.02 : 0.06",
            stroke="now",
            strokeWidth="datum.part >= 0 && datum.part == opened ? 2.2 : 1",
        ),
        text(
            when=f"{_TOP} && veiled",
            rows="covers",
            let=frame,
            keep=f"datum.secret && {computed} && {_SHOWN}",
            text="'?'",
            x="datum.left + colW/2",
            y="regionY + (datum.y + datum.tall/2)*z",
            fontSize="20*z",
            fill="now",
        ),
    ]


def _pressed() -> list[Layer]:
    """A cell opens its row and its inside; anything else leads to its step."""
    place = {
        "left": _MID.format(column="datum.column") + " - colW/2",
        "c": "P.heat ? datum.column : datum.step",
        "title": "datum.part < 0 ? datum.label : data('bundle')[datum.part].cell + ' · t = ' + (datum.c + 1)",
    }
    box = {
        "when": _TOP,
        "rows": "blocks",
        "let": place,
        "y": "regionY + (datum.y - 4)*z",
        "y2": "regionY + (datum.y + datum.tall + 4)*z",
    }
    return [
        press(
            "box",
            **box,
            keep=f"datum.part >= 0 && {_SHOWN}",
            x="datum.left + colW/2 - boxW/2",
            x2="datum.left + colW/2 + boxW/2",
            cursor="'zoom-in'",
            tooltip="{title: datum.title, '⏎': B.s_inside}",
        ),
        press(
            "column",
            **box,
            keep=f"datum.part < 0 && {_SHOWN}",
            x="datum.left",
            x2="datum.left + colW",
            tooltip="datum.kind == 'output' ? '' : datum.label",  # a prediction may be hidden still
        ),
    ]


def _names() -> list[Layer]:
    """In the gutter; the row whose numbers are shown is marked, and another's name opens it."""
    return [
        rect(
            name="rowName",
            when=_TOP,
            rows="labels",
            keep="datum.first && datum.part >= 0",
            x=2,
            x2="gutter - 10*z",
            y="regionY + (datum.top - 3)*z",
            y2="regionY + (datum.top + datum.tall + 3)*z",
            cornerRadius=6,
            fill="datum.part == opened ? now : ink",
            fillOpacity="datum.part == opened ? 0.09 : 0.03",
            stroke="datum.part == opened ? now : line",
            cursor="'pointer'",
            tooltip="data('bundle')[datum.part].cell",
        ),
        text(
            when=_TOP,
            rows="labels",
            text="datum.label",
            x="gutter - (phone ? 10 : 15*z)",
            y="regionY + datum.y*z",
            align="'right'",
            fontSize="phone ? 12 : 14*z",
            fontWeight="'bold'",
            fill=_OWN,
        ),
    ]
