"""Depths 1 and 2 of the stage: one cell as a diagram of its operations, and one unit's own sum."""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import (
    MONO,
    Layer,
    Signal,
    element,
    held,
    rect,
    rule,
    shade_of,
    shape,
    text,
    tip,
    written,
)
from rnnviz.charts.stage.cell import drawing


def signals() -> list[Signal]:
    return [
        *drawing.signals(),
        {"name": "sumOp", "update": "OP.sum > 0 ? OP.sum : OPS[0].sum"},
        {"name": "sumX", "update": "phone ? 212 : width*0.44"},
        {"name": "barX", "update": "phone ? 136 : 250*z"},
        {"name": "barW", "update": "phone ? 30 : 70*z"},
        {"name": "lineH", "update": "min(32*z, (regionEnd - regionY - 30*z) / max(1, B.lines))"},
        {"name": "listX", "update": "phone ? 236 : width*0.53"},
    ]


def layers() -> list[Layer]:
    return [*drawing.layers(), *_unit()]


def _unit() -> list[Layer]:
    """One unit's sum: every product a bar, every weight an edge into the sum; then its operations, a line each."""
    inside = "depth == 2"
    term = {
        "row": "(regionEnd - regionY - 10*z) / datum.of",
        "my": "regionY + 4*z + (datum.n + 0.5)*datum.row",
        "v": element("datum.vec", "t", "datum.at < 0 ? picked : datum.at"),
        "w": "datum.wo < 0 ? 1 : toNumber(weight[datum.wo + picked*datum.wc])",
        "p": "datum.w * datum.v",
        "full": "max(toNumber(scales[datum.scale + picked]), 0.001)",
    }
    rows = {"rows": "terms", "when": inside, "keep": "datum.sum == sumOp"}
    size = "min(12*z, datum.row*0.86)"
    weight = "datum.weight + '[' + (picked + 1) + ', ' + (datum.at + 1) + '] × ' + datum.label"
    operands = f"{numbers.fixed('datum.w', 3)} + ' × ' + {numbers.fixed('datum.v', 3)}"
    product = tip(
        "datum.wo < 0 ? datum.label : datum.weight + ' ' + datum.label",
        "datum.p",
        f"datum.wo < 0 ? '' : {weight} + ' = ' + {operands}",
    )
    element_read = tip("datum.label", "datum.v", "VECS[datum.vec].source")
    ops = "sequence(1, K + 1)"
    line = {
        "o": "OPS[datum.k]",
        "v": element("datum.o.out", "t", "picked"),
        "n": "datum.k",
    }
    # Lines stand at equal distances; products of a matrix are in the bars at the left, so they have none here.
    shown = "datum.o.line >= 0"
    line_y = "(regionY + regionEnd)/2 + (datum.o.line - (B.lines - 1)/2)*lineH"
    return [
        text(
            **rows,
            let=term,
            text="datum.label",
            x="barX - barW - 60*z",
            y="datum.my",
            align="'right'",
            fontSize=size,
            font=MONO,
            fill="dark ? VECS[datum.vec].dark : VECS[datum.vec].light",
        ),
        rect(
            **rows,
            let=term,
            x="barX - barW - 55*z",
            x2="barX - barW - 12*z",
            y="datum.my - datum.row*0.44",
            y2="datum.my + datum.row*0.44",
            fill=shade_of("VECS[datum.vec]", "datum.v"),
            tooltip=element_read,
        ),
        text(
            **rows,
            let=term,
            text=numbers.fixed("datum.v", 3),
            x="barX - barW - 33*z",
            y="datum.my",
            fontSize=size,
            font=MONO,
        ),
        rule(
            **rows,
            let=term,
            x="barX + barW + (phone ? 6 : 56*z)",
            y="datum.my",
            x2="sumX - 17*z",
            y2="(regionY + regionEnd)/2",
            stroke="datum.wo < 0 ? soft : datum.w < 0 ? negative : positive",
            strokeWidth="datum.wo < 0 ? 1 : clamp(abs(datum.w)*3*z, 0.3, 9*z)",
            opacity=0.75,
            tooltip=product,
        ),
        rect(
            **rows,
            let=term,
            x="barX",
            x2="barX + datum.p/datum.full*barW",
            y="datum.my - datum.row*0.36",
            y2="datum.my + datum.row*0.36",
            fill="datum.p < 0 ? negative : positive",
            tooltip=product,
        ),
        text(
            **rows | {"when": f"{inside} && !phone"},
            let=term,
            text=numbers.fixed("datum.p", 3),
            x="barX + barW + 50*z",
            y="datum.my",
            align="'right'",
            font=MONO,
            fontSize=size,
            fill="soft",
        ),
        rule(when=inside, x="barX", x2="barX", y="regionY", y2="regionEnd - 6*z", stroke="soft"),
        shape(
            "'circle'",
            when=inside,
            x="sumX",
            y="(regionY + regionEnd)/2",
            size="1100*z",
            fill="paper",
            stroke="now",
            strokeWidth=2,
        ),
        text(
            when=inside,
            text="'Σ'",
            x="sumX",
            y="(regionY + regionEnd)/2",
            fontSize="20*z",
            fontWeight="'bold'",
            fill="now",
        ),
        rule(
            when=inside,
            x="sumX + 17*z",
            x2="listX - 10",
            y="(regionY + regionEnd)/2",
            y2="(regionY + regionEnd)/2",
            stroke="now",
            strokeWidth=2,
        ),
        rect(
            name="line",
            when=inside,
            rows=ops,
            let=line,
            keep=shown,
            x="listX - 6",
            x2="width - 2",
            y=f"{line_y} - lineH/2 + 1",
            y2=f"{line_y} + lineH/2 - 1",
            cornerRadius=5,
            fill="now",
            fillOpacity="datum.n == op ? 0.12 : 0",
            stroke="datum.n == sumOp ? now : paper",
            strokeOpacity="datum.n == sumOp ? 1 : 0",
            cursor="'pointer'",
            tooltip=tip("datum.o.name", "datum.v", f"{held('datum.o', 't', 'picked')} ? B.s_is_held : datum.o.formula"),
        ),
        text(
            when=inside,
            rows=ops,
            let=line,
            keep=shown,
            x="listX",
            y=line_y,
            align="'left'",
            fontSize="phone ? 10 : min(14*z, lineH*0.7) * 5/max(5, datum.o.reads)",
            font=MONO,
            limit="width - listX - 52*z",
            text=f"datum.o.symbol + (phone ? '' : ' = ' + {written('datum.o', 't', 'picked')})",
        ),
        rect(
            when=inside,
            rows=ops,
            let=line,
            keep=shown,
            x="width - 54*z",
            x2="width - 4",
            y=f"{line_y} - lineH/2 + 3",
            y2=f"{line_y} + lineH/2 - 3",
            cornerRadius=3,
            fill=shade_of("VECS[datum.o.out]", "datum.v"),
            stroke="line",
        ),
        text(
            when=inside,
            rows=ops,
            let=line,
            keep=shown,
            x="width - 29*z",
            y=line_y,
            fontSize="phone ? 10 : min(13*z, lineH*0.7)",
            font=MONO,
            text=numbers.fixed("datum.v", 3),
        ),
    ]
