"""The gradient's norm of each parameter of a training run, before and after clipping, at the row that is looked at."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit.draw import Layer, dot, heading, rule, small, text
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.scale import named
from rnnviz.charts.training.layout import BLOCKS, COLOUR, HAS_ROWS, PER_RUN, RUN_X, SENT, aside, each

NAMES = Names(
    tables={
        "bundle": {
            "blockTicks": Meaning("numbers", "where numbers stand under the parameters", "BLOCKTICKS"),
            "blockNames": Meaning("texts", "those numbers", "BLOCKNAMES"),
        },
        "runs": {
            "before": Meaning("numbers", "norm of each parameter's gradient before clipping, row by row", "BEFORE"),
            "after": Meaning("numbers", "the same after clipping", "AFTER"),
        },
    },
)


def layers() -> list[Layer]:
    at = f"[datum.q][{SENT}*datum.n + datum.i]"
    rows = each(
        "blocksN",
        n="length(NAMES[datum.q])",
        b=f"BEFORE{at}",
        a=f"AFTER{at}",
        y=f"{BLOCKS.top} + (datum.i + 0.5)*15*z",
    )
    is_there = f"datum.i < datum.n && datum.b && {HAS_ROWS}"
    number = "isFinite(toNumber(datum.b)) && isFinite(toNumber(datum.a))"
    there: dict[str, Any] = {**rows, "keep": f"{is_there} && {number}", "y": "datum.y"}
    before, after = BLOCKS.x("toNumber(datum.b)"), BLOCKS.x("toNumber(datum.a)")
    each_tick, tick = each("length(BLOCKTICKS)"), BLOCKS.x("toNumber(BLOCKTICKS[datum.i])")
    return [
        heading(
            **PER_RUN,
            when="pair",
            text="RUNS[datum.q].name",
            x=f"{RUN_X} + 2",
            y=f"{BLOCKS.top} - 31*z",
            fill=COLOUR,
            limit="colW - 8",
        ),
        heading(**PER_RUN, text="B.s_blocks", x=f"{RUN_X} + 2", y=f"{BLOCKS.top} - 15*z", limit="colW - 8"),
        aside(BLOCKS, "B.s_before_after", **PER_RUN),
        BLOCKS.upright(tick, **each_tick, strokeWidth=0.6),
        small(
            **each_tick,
            text="BLOCKNAMES[datum.i]",
            x=tick,
            y=f"{BLOCKS.bottom} + 10*z",
            align="toNumber(BLOCKTICKS[datum.i]) > 0.97 ? 'right' : 'center'",
        ),
        small(
            **rows,
            keep="datum.i < datum.n",
            text="NAMES[datum.q][datum.i]",
            tooltip="NAMES[datum.q][datum.i]",
            limit="56*z",
            x=f"{BLOCKS.left} - 6*z",
            y="datum.y",
            align="'right'",
            fontSize="11*z",
        ),
        rule(**there, x=after, x2=before, y2="datum.y", stroke="now", strokeWidth=2),
        dot(**there, x=before, size="46*z", filled=False, stroke="soft", strokeWidth=1.6),
        dot(**there, x=after, size="46*z", fill="now"),
        text(
            **rows,
            keep=f"{is_there} && !({number})",
            text=f"{named('datum.b', 'datum.b')}",
            x=BLOCKS.right,
            y="datum.y",
            align="'right'",
            fontSize="11*z",
            fontWeight="'bold'",
            fill="badColour",
        ),
    ]
