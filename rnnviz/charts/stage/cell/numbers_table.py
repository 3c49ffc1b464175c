"""The numbers of one step as a table: a row a unit, a column what the operation reads and what it makes."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    MONO,
    Layer,
    Signal,
    element,
    fitted,
    outline,
    press,
    rect,
    rule,
    text,
    written,
)
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.palette import RAMP_STEPS
from rnnviz.charts.kit.player import GO, click
from rnnviz.charts.stage.cell import numbers_matrix
from rnnviz.charts.stage.cell.numbers_matrix import LEFT, READABLE, ROW_NAMED

# The few units that are shown at first, as texts: those that change most; the chosen one before the first eleven of
# them, where it is none of them.
_AMONG = "indexof(split(B.units, ','), '' + picked) >= 0"
_OTHERS = "slice(replace(',' + B.units + ',', ',' + B.spare + ',', ','), 1, -1)"
_CHOSEN = f"split({_AMONG} ? B.units : picked + ',' + {_OTHERS}, ',')"
# Beside a row: its unit's number, and where the vector of a product is longer than there are units, that vector's.
_ROW_NAME = "datum.k < length(units) ? called[toNumber(units[datum.k])] : few ? '' : '' + (datum.k + 1)"
UNITS = 12  # how many units' numbers are shown at first
# Between the results of a whole step; between operands stands a sign.
_CLOSE = "clamp((tableW - 36*z)/length(slots)*0.22, 12*z, 26*z)"
# A row for each column, and whether it has all elements of its vector, or those of the units that are shown.
_HEAD: dict[str, Any] = {
    "rows": "sequence(length(slots))",
    "let": {
        "s": "datum.k",
        "v": "VECS[toNumber(slots[datum.k])]",
        "whole": "!few || datum.v.size != H || OP.mc > 0 && datum.s == 0",
    },
}

NAMES = Names(
    signals={
        "sumsX": Meaning("px", "left edge of the table of numbers"),
        "sumsW": Meaning("px", "its width where it stands under the region"),
        "sumsEnd": Meaning("px", "its lower edge"),
        "tableW": Meaning("px", "its width"),
        "rowsY": Meaning("px", "upper edge of its rows"),
        "rowH": Meaning("px", "height of a row"),
        "rowCount": Meaning("index", "how many rows it has"),
        "labelW": Meaning("px", "left end of its numbers, after the units' names"),
        "gap": Meaning("px", "between two columns"),
        "slotW": Meaning("px", "width of a column of a vector"),
        "slotX": Meaning("px", "left end of those columns"),
        "matW": Meaning("px", "width of the matrix before them"),
        "allUnits": Meaning("flag", "whether a row for every unit is asked for"),
        "few": Meaning("flag", "whether the table has some units only"),
        "units": Meaning("texts", "the units of its rows"),
        "unitRow": Meaning("index", "the row of the chosen unit"),
        "slots": Meaning("numbers", "the vectors that the present operation's table has a column of"),
        "glyphs": Meaning("texts", "what stands before each of those columns"),
    },
    tables={
        "bundle": {
            "spare": Meaning("index", "of `units` the one that changes least; -1 where there are no more than they"),
        },
    },
)


def signals() -> list[Signal]:
    return [
        {
            "name": "allUnits",
            "init": "B.all_units",
            "on": [
                {"events": GO, "update": "B.all_units", "force": True},
                {"events": click("allUnits"), "update": "!allUnits"},
            ],
        },
        {"name": "few", "update": "!allUnits && length(split(B.units, ',')) < H"},
        {"name": "units", "update": f"few ? {_CHOSEN} : sequence(H)"},
        {"name": "unitRow", "update": "few ? indexof(units, '' + picked) : picked"},
        {"name": "slots", "update": "split(OP.slots, ',')"},
        {"name": "glyphs", "update": "split(OP.glyphs, SEP)"},
        {"name": "rowCount", "update": "max(length(units), OP.mc)"},
        {"name": "sumsW", "update": "phone ? width : floor(width*0.63)"},
        {"name": "tableW", "update": "beside ? width - sumsX : sumsW"},
        {"name": "rowsY", "update": "panelY + (op > 0 ? phone || beside ? 92*z : 76*z : 50*z)"},
        {
            "name": "rowH",
            "update": "clamp((beside ? regionEnd - rowsY - 26*z : 366*z) / rowCount, 2, beside ? 17*z : 15*z)",
        },
        {"name": "labelW", "update": "sumsX + max(24, 8 + 7*length(called[H - 1]))*z"},
        {"name": "gap", "update": f"phone ? 16 : op > 0 ? 26*z : {_CLOSE}"},
        {
            "name": "slotW",
            "update": "min(64*z, (tableW - 36*z - (OP.mc > 0 ? 6*OP.mc : 0)) / length(slots) - gap)",
        },
        {"name": "matW", "update": "OP.mc > 0 ? min(OP.mc*44*z, tableW - 36*z - length(slots)*(slotW + gap)) : 0"},
        {"name": "slotX", "update": "labelW + (OP.mc > 0 ? matW : -gap*0.6)"},
        {"name": "sumsEnd", "update": "rowsY + rowH*rowCount + (length(split(B.units, ',')) < H ? 20*z : 0)"},
    ]


def layers() -> list[Layer]:
    return [
        *panel_heading("B.s_numbers", "sumsX", "panelY", "tableW"),
        *_lines(),
        *numbers_matrix.layers(),
        *_columns(),
        *_lit(),
        *_distribution(),
        *_chosen_units(),
    ]


def panel_heading(label: str, x: str, y: str, width: str) -> list[Layer]:
    return [
        rule(x=x, x2=f"{x} + {width}", y=y, y2=y),
        text(text=label, x=x, y=f"{y} + 17*z", align="'left'", fontSize="12*z", fontWeight="'bold'", fill="soft"),
    ]


_FORMULA = "OP.formula + (indexof(slice(OP.held, t*H, (t + 1)*H), '1') < 0 ? '' : '  ·  ' + B.s_is_held)"
# The same for the chosen unit, with its numbers.
_WORKED = (
    f"OP.symbol + '[' + unit_number + '] = ' + ({written('OP', 't', 'picked')})"
    f" + ' ≈ ' + {numbers.fixed(element('OP.out', 't', 'picked'), 3)}"
)


def _lines() -> list[Layer]:
    """The operation, the same for the chosen unit with its numbers, and beside each row its unit."""
    # Of a line of arithmetic: smaller where it is long.
    size = "phone ? 11 : 13*z*5/max(5, OP.reads)"
    return [
        text(
            let={"said": _FORMULA},
            text="datum.said",
            x="labelW",
            y="panelY + 40*z",
            align="'left'",
            font=MONO,
            fontSize=fitted(size, "tableW - 26*z", "datum.said"),
            limit="tableW - 24*z",
        ),
        text(
            when="OP.reads > 0 && OP.mc == 0 && op > 0 && op <= B.cellOps",
            let={"said": _WORKED},
            text="datum.said",
            x="phone || beside ? labelW : sumsW",
            y="panelY + (phone || beside ? 57*z : 17*z)",
            align="phone || beside ? 'left' : 'right'",
            font=MONO,
            fontSize=fitted(size, "(phone || beside ? tableW - 26*z : sumsW - 162*z)", "datum.said"),
            limit="phone || beside ? tableW - 24*z : sumsW - 160*z",
        ),
        text(
            rows="sequence(rowCount)",
            keep="rowH >= 9.5 || datum.k % 4 == 0",
            let={"row": _ROW_NAME},
            text="datum.row",
            x="labelW - 6*z",
            **ROW_NAMED,
            fill="soft",
        ),
    ]


def _columns() -> list[Layer]:
    """The vectors: operands, then the result."""
    # What does not follow the step is worked out before what does, so that a step only touches colours and numbers.
    number = {
        "s": "datum.k % length(slots)",
        "row": "floor(datum.k / length(slots))",
        "vec": "VECS[toNumber(slots[datum.s])]",
        "whole": "datum.vec.size != H || OP.mc > 0 && datum.s == 0",  # all its elements, whichever units are shown
        "u": "datum.whole ? datum.row : toNumber(units[datum.row])",
        "px": LEFT.format("(datum.s + 1)", "datum.s"),
        "px2": "datum.px + slotW",
        "py": "rowsY + datum.row*rowH",
        "py2": "datum.py + rowH - 0.5",
        "title": "datum.vec.label + ' [' + (datum.whole ? datum.u + 1 : called[datum.u]) + ']'",
        "at": "datum.vec.offset + datum.u",
        "by": "datum.vec.stride",
        "source": "datum.vec.source",
        "mid": "datum.vec.mid",
        "sharp": f"{RAMP_STEPS}/datum.vec.half",
        "colours": "ramps[datum.vec.ramp]",
        "v": "V[datum.at + datum.by*t]",
    }
    elements = {
        "rows": "sequence(length(slots)*rowCount)",
        "let": number,
        "keep": "datum.row < (datum.whole ? datum.vec.size : length(units))",
    }
    # A column's numbers are one mark of many lines: a step changes few marks, and is painted in time.
    column = text(
        when=READABLE,
        **elements,
        text="t < 0 ? [] : pluck(datum.column, 'v')",  # which follows the step, as the column itself does not
        x="datum.px + slotW/2",
        y="rowsY + 0.5*rowH",
        lineHeight="rowH",
        font=MONO,
        fontSize="min(12*z, rowH*0.74, slotW/4.3)",
        aria=False,
    )
    column["transform"].append({"aggregate": [{"op": "values", "as": "column"}], "groupby": ["s", "px"]})
    return [
        text(
            **_HEAD,
            text="datum.v.label",
            x=LEFT.format("(datum.s + 1)", "(datum.s + 0.5)"),
            y="rowsY - 14*z",
            fontSize="min(13*z, (slotW + gap)*0.165)",
            fontWeight="'bold'",
            limit="slotW + gap - 4",
            fill="dark ? datum.v.dark : datum.v.light",
        ),
        text(
            rows="sequence(length(slots))",
            let={"s": "datum.k"},
            text="glyphs[datum.s]",
            x="slotX + gap*(datum.s + (length(glyphs[datum.s]) > 2 ? 0.5 : phone ? 0.79 : 0.66)) + slotW*datum.s",
            # Clear of the signs beside numbers, which a long one has no room beside.
            y="length(glyphs[datum.s]) > 2 ? rowsY - 13*z : rowsY + 36*z",
            fontSize="phone ? 10 : length(glyphs[datum.s]) > 2 ? 11*z : 17*z",
            fill="soft",
        ),
        rect(
            name="element",
            **elements,
            x="datum.px",
            x2="datum.px2",
            y="datum.py",
            y2="datum.py2",
            fill=f"datum.colours[round({RAMP_STEPS} + clamp((datum.v - datum.mid)*datum.sharp, -{RAMP_STEPS},"
            f" {RAMP_STEPS}))]",
            tooltip="{title: datum.title, '=': datum.v, '←': datum.source}",
        ),
        column,
        _beyond(),
    ]


def _beyond() -> Layer:
    """Beside a column of which any number is beyond its scale: the signs of those that are, clear of frames."""
    number = "datum.v.offset + datum.v.stride*t"
    each = (
        f"slice(B.beyond, {number} + toNumber(units[{n}]), {number} + toNumber(units[{n}]) + 1)" for n in range(UNITS)
    )
    return text(
        **_HEAD,
        keep="datum.v.marked",
        text=f"datum.whole ? split(slice(B.beyond, {number}, {number} + datum.v.size), '')"
        f" : slice([{', '.join(each)}], 0, length(units))",
        x=LEFT.format("(datum.s + 1)", "(datum.s + 1)") + " + (datum.s + 1 < length(slots) ? 1 : 4)",
        y="rowsY + 0.5*rowH",
        align="'left'",
        lineHeight="rowH",
        font=MONO,
        fontSize="min(13*z, rowH*0.8)",
        fontWeight="'bold'",
        aria=False,
    )


def _lit() -> list[Layer]:
    """The result is framed; the chosen unit's row is lit through all of it."""
    return [
        rect(
            when="op > 0 && op <= B.cellOps",
            x=LEFT.format("length(slots)", "(length(slots) - 1)") + " - 2",
            x2=LEFT.format("length(slots)", "length(slots)") + " + 2",
            y="rowsY - 2",
            y2="rowsY + rowH*length(units) + 1",
            cornerRadius=4,
            fill="now",
            fillOpacity=0,
            stroke="now",
            strokeWidth=2,
        ),
        outline(
            x="labelW - 2",
            x2=LEFT.format("length(slots)", "length(slots)") + " + 3",
            y="rowsY + unitRow*rowH - 1",
            y2="rowsY + (unitRow + 1)*rowH + 0.5",
            stroke="ink",
            strokeWidth=1,
        ),
    ]


def _distribution() -> list[Layer]:
    """What the head makes of h: the largest scores, and, an operation later, what softmax makes of them."""
    column = {"fontSize": "12*z", "lineHeight": "19*z"}
    left = LEFT.format("2", "1")
    apart = f"min(92*z, (sumsX + tableW - 30*z - ({left} + 60*z))/2)"
    made = []
    for place, (heading, values) in enumerate(
        (("''", "bestWord"), ("'W_hy hₜ + b_y'", "bestZ"), ("'softmax'", "bestP"))
    ):
        x = f"{left} + 60*z + {place}*{apart}"
        when = "op > B.cellOps && !veiled" + " && told" * (values == "bestP")
        made += [
            text(
                when=when, text=heading, x=x, y="rowsY - 14*z", fontSize="11.5*z", fontWeight="'bold'", fill="yColour"
            ),
            text(
                **column,
                when=when,
                text=f"slice({values}, t*C, t*C + C)",
                x=x,
                y="rowsY + 9*z",
                font="''" if place == 0 else MONO,
            ),
        ]
    return made


def _chosen_units() -> list[Layer]:
    """Which units are shown, and a press for all or for those again."""
    when = "length(split(B.units, ',')) < H"
    return [
        text(
            when=when,
            text=f"(few && !({_AMONG}) ? B.s_unit + ' ' + unit_number + ' · ' : '') + replace(replace("
            f"few ? B.s_few_units : B.s_all_units, '{{few}}', '' + (few && !({_AMONG}) ? {UNITS - 1} : {UNITS})),"
            " '{all}', '' + H)",
            x="labelW",
            y="sumsEnd - 8*z",
            align="'left'",
            fontSize="11.5*z",
            fill="soft",
            limit="tableW - 24*z",
        ),
        press(
            "allUnits",
            when=when,
            x="labelW - 4",
            x2="sumsX + tableW",
            y="sumsEnd - 18*z",
            y2="sumsEnd + 3*z",
        ),
    ]
