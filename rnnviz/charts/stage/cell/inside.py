"""Depths 1 and 2 of the stage: one cell as a diagram of its operations, and one unit's own sum or one word's."""

from __future__ import annotations

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import MONO, Layer, Signal, element, fitted, held, rect, shade_of, text, tip, written
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.stage.cell import drawing, score, sums
from rnnviz.charts.stage.cell.sums import MIDDLE, Terms

NAMES = Names(
    signals={
        "lineH": Meaning("px", "height of a line of the operations beside a sum"),
        "sumOp": Meaning("index", "the operation that adds up what a unit's picture shows, from 1"),
    },
    tables={
        "bundle": {
            "lines": Meaning("index", "how many operations have a line in a unit's picture"),
        },
    },
)

_LINE_Y = f"({MIDDLE} + ({{}} - (B.lines - 1)/2)*lineH)"  # of an operation's line


def signals() -> list[Signal]:
    return [
        *drawing.signals(),
        *sums.signals(),
        *score.signals(),
        {"name": "sumOp", "update": "OP.sum > 0 ? OP.sum : OPS[0].sum"},
        {"name": "sumY", "update": f"scoring ? {score.ROW_Y.format('scored')} : {_LINE_Y.format('OPS[sumOp].line')}"},
        {"name": "lineH", "update": "min(32*z, (regionEnd - regionY - 30*z) / max(1, B.lines))"},
    ]


def layers() -> list[Layer]:
    return [*drawing.layers(), *_unit(), *score.layers()]


def _unit() -> list[Layer]:
    """One unit's sum: every product a bar, every weight an edge into the sum; then its operations, a line each."""
    inside = "depth == 2 && !scoring"
    terms = Terms(
        rows="terms",
        when=inside,
        keep="datum.sum == sumOp && datum.by <= upTo",
        let={
            "bare": "datum.wo < 0",
            "v": element("datum.vec", "t", "datum.at < 0 ? picked : datum.at"),
            "w": "datum.wo < 0 ? 1 : toNumber(weight[datum.wo + picked*datum.wc])",
        },
        many="datum.of",
        place="datum.n",
        vector="VECS[datum.vec]",
        full="max(toNumber(scales[datum.scale + picked]), 0.001)",
        product="datum.bare ? datum.label : datum.weight + ' ' + datum.label",
        source="datum.weight + '[' + (picked + 1) + ', ' + (datum.at + 1) + '] × ' + datum.label",
    )
    ops = "sequence(1, K + 1)"
    line = {
        "o": "OPS[datum.k]",
        "v": element("datum.o.out", "t", "picked"),
        "n": "datum.k",
        "later": "datum.k > upTo",  # whether it is still to be computed
    }
    # Lines stand at equal distances; products of a matrix are in the bars at the left, so they have none here.
    shown = "datum.o.line >= 0"
    told = tip("datum.o.name", "datum.v", f"{held('datum.o', 't', 'picked')} ? B.s_is_held : datum.o.formula")
    line_y = _LINE_Y.format("datum.o.line")
    return [
        *sums.layers(terms),
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
            tooltip=f"datum.later ? '' : {told}",
        ),
        text(
            when=inside,
            rows=ops,
            let=line,
            keep=shown,
            x="listX",
            y=line_y,
            align="'left'",
            fontSize=f"phone ? {fitted('10', 'width - listX - 56', 'datum.o.symbol')}"
            " : min(14*z, lineH*0.7) * 5/max(5, datum.o.reads)",
            font=MONO,
            limit="width - listX - 52*z",
            text=f"datum.o.symbol + (phone || datum.later ? '' : ' = ' + {written('datum.o', 't', 'picked')})",
            fill="datum.later ? soft : ink",
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
            fill=f"datum.later ? paper : {shade_of('VECS[datum.o.out]', 'datum.v')}",
            stroke="datum.later ? soft : line",
            strokeDash="datum.later ? [3, 3] : null",
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
            text=f"datum.later ? '' : {numbers.fixed('datum.v', 3)}",
        ),
    ]
