"""How the gradient of a training run flows back through time: each run's heatmap, one row an iteration and one column a
time step, and the row that is looked at as a line with its slope.

Of `runs` it reads `name`, `note` and `said`, the pictures (`even`, `odd`), `iteration`, `flow` (log10 of the rows that
were sent, or a letter), `slope`, `theory`, `end`, `T` and `lossFrom`; of `bundle` the axis `low` to `high` with
`rowTicks`, and the colours of what has no logarithm.
"""

from __future__ import annotations

import json
from typing import Any

from rnnviz.charts.draw import MONO, Layer, image, outline, press, rect, rule, small, text
from rnnviz.charts.plot import Panel
from rnnviz.charts.training_layout import (
    COLOUR,
    HAS_ROWS,
    HEAT,
    PER_RUN,
    ROW,
    RUN_X,
    RUN_Y,
    SENT,
    curve,
    each,
    frame,
)


def layers() -> list[Layer]:
    return [*_heat(), *_row()]


def _heat() -> list[Layer]:
    # Each hangs on the row that never changes: a mark that is made anew would have to decode its picture again.
    images = [
        image(
            let={"q": str(run), "count": f"{name}.rows[{run}]", "high": "heatH/max(datum.count, heatRows)*datum.count"},
            keep=f"B.runs > {run} && datum.count > 0",
            x=HEAT.x("0.5"),
            y=f"{HEAT.top} + datum.high/2",
            url=f"{name}.url[{run}]",
            width=f"{HEAT.right} - {HEAT.left}",
            height="datum.high",
            opacity=f"front == {half} ? 1 : 0",
        )
        for half, name in enumerate(("even", "odd"))
        for run in (0, 1)
    ]
    row = "heatH/max(RUNS[datum.q].R, heatRows)"
    value = "(hover ? F[hover.q][(hover.r - RUNS[hover.q].from)*RUNS[hover.q].T + hover.k] : '')"
    return [
        text(
            **PER_RUN,
            text="RUNS[datum.q].name",
            x=f"{RUN_X} + 2",
            y=f"{RUN_Y} + 8*z",
            align="'left'",
            fontSize="14*z",
            fontWeight="'bold'",
            fill=COLOUR,
            limit="colW - 8",
        ),
        text(
            **PER_RUN,
            text="RUNS[datum.q].note",
            x=f"{RUN_X} + colW - 4",
            y=f"{RUN_Y} + 8*z",
            align="'right'",
            fontSize="12*z",
            fontWeight="'bold'",
            fill="badColour",
            limit="colW*0.7",
        ),
        text(
            **PER_RUN,
            keep=HAS_ROWS,
            name="said",
            text=f"split(SAID[datum.q][{SENT}], '\\n')",
            x=f"{RUN_X} + 2",
            y=f"{RUN_Y} + 24*z",
            align="'left'",
            fontSize="11.5*z",
            lineHeight="15*z",
            fill="soft",
            limit="colW - 8",
        ),
        *frame(HEAT, "B.s_iteration + ' ↓'", **PER_RUN),
        *images,
        small(
            **each(3, r="round(datum.i/2*(RUNS[datum.q].R - 1))"),
            keep="RUNS[datum.q].R > 8 || (datum.i == 2 && RUNS[datum.q].R > 0)",
            text="ITER[datum.q][datum.r]",
            x=f"{HEAT.left} - 6*z",
            y=f"{HEAT.top} + (datum.r + 0.5)*{row}",
            align="'right'",
            fontWeight="datum.i == 2 ? 'bold' : 'normal'",
            fill="datum.i == 2 ? ink : soft",
        ),
        text(
            **PER_RUN,
            keep="RUNS[datum.q].R == 0",
            text="B.s_none_yet",
            x=HEAT.x("0.5"),
            y=HEAT.y("0.5"),
            fontSize="13*z",
            fill="soft",
            limit="colW - 60*z",
        ),
        *_steps(HEAT),
        outline(
            **PER_RUN,
            keep=f"!B.live && {HAS_ROWS}",
            x=f"{HEAT.left} - 1",
            x2=f"{HEAT.right} + 1",
            y=f"{HEAT.top} + {SENT}*{row} - 1",
            y2=f"{HEAT.top} + ({SENT} + 1)*{row} + 1",
            fill="now",
            stroke="now",
            strokeWidth=1.6,
        ),
        press(
            "heat",
            **PER_RUN,
            x=HEAT.left,
            x2=HEAT.right,
            y=HEAT.top,
            y2=HEAT.bottom,
            cursor="B.live ? 'default' : 'row-resize'",
        ),
        text(
            **PER_RUN,
            keep=f"hover && hover.q == datum.q && {HAS_ROWS}",
            text="B.s_iteration + ' ' + ITER[hover.q][hover.r] + '  ·  k = ' + (hover.k + 1) + "
            f"({value} ? '  ·  ' + ({_size(value)}) : '')",
            x=HEAT.right,
            y=f"{HEAT.top} - 13*z",
            align="'right'",
            font=MONO,
            fontSize="11.5*z",
        ),
    ]


def _size(log: str) -> str:
    """An expression that writes a norm from its log10, or from the letter of what has none."""
    special = json.dumps({"z": "0", "i": "∞", "n": "NaN"}, ensure_ascii=False)
    return f"indexof(['z','i','n'], {log}) >= 0 ? ({special})[{log}] : '10^' + format(toNumber({log}), '.2f')"


def _steps(panel: Panel) -> list[Layer]:
    """Time steps, 1 to T, under a panel of a run; the steps where the loss enters are underlined."""
    at = panel.x("RUNS[datum.q].lossFrom/RUNS[datum.q].T")
    under = f"{panel.bottom} + 2.5"
    return [
        *panel.under("'k = 1'", "'' + RUNS[datum.q].T", {"text": "B.s_step", "limit": "colW*0.6"}, **PER_RUN),
        rule(
            **PER_RUN,
            x=f"min({at}, {panel.right} - 7*z)",
            x2=panel.right,
            y=under,
            y2=under,
            stroke="yColour",
            strokeWidth=4,
        ),
    ]


def _row() -> list[Layer]:
    T = "max(RUNS[0].T, RUNS[B.runs - 1].T)"
    entry = f"F[datum.q][{SENT}*RUNS[datum.q].T + datum.i]"
    part = "(clamp({}, B.low, B.high) - B.low)/(B.high - B.low)"
    there = f"datum.i < RUNS[datum.q].T && {HAS_ROWS}"

    def line(slopes: str) -> dict[str, Any]:
        # Where the line leaves the panel at the left, it ends.
        let = {
            "q": "datum.k",
            "s": f"toNumber({slopes}[datum.q][{SENT}])",
            "e": f"toNumber(END[datum.q][{SENT}])",
            "far": "datum.s*(RUNS[datum.q].T - 1)",
            "room": "(datum.far < 0 ? B.low : B.high) - datum.e",
            "part": "datum.far == 0 ? 1 : min(1, datum.room/datum.far)",
        }
        return {
            **PER_RUN,
            "let": let,
            "keep": f"{HAS_ROWS} && isFinite(datum.s) && isFinite(datum.e)"
            f" && {slopes}[datum.q][{SENT}] != 'n' && END[datum.q][{SENT}] != 'n'",
            "x": ROW.x("1 - 0.5/RUNS[datum.q].T"),
            "x2": ROW.x("1 - 0.5/RUNS[datum.q].T - datum.part*(1 - 1/RUNS[datum.q].T)"),
            "y": ROW.y(part.format("datum.e")),
            "y2": ROW.y(part.format("(datum.e + datum.part*datum.far)")),
        }

    def slope(label: str, slopes: str, **props: Any) -> Layer:
        at = f"{slopes}[datum.q][{SENT}]"
        signed = f"(toNumber({at}) > 0 ? '+' : '') + format(toNumber({at}), '.3f')"
        said = f"{label} + ' ' + ({at} == 'n' || !{at} ? '–' : {signed})"
        return text(**PER_RUN, keep=HAS_ROWS, text=said, align="'left'", fontSize="12*z", **props)

    return [
        *frame(
            ROW, "B.live || B.moments == 0 ? B.s_newest : replace(B.s_row_at, '{iteration}', moment[cur])", **PER_RUN
        ),
        *ROW.tick(ROW.y("toNumber(rowTicks[datum.i])"), "rowNames[datum.i]", each("length(rowTicks)"), strokeWidth=0.6),
        *_steps(ROW),
        rule(**line("THEORY"), stroke="soft", strokeWidth=2, strokeDash=[6, 4]),
        rule(**line("SLOPE"), stroke="now", strokeWidth=1.4),
        curve(
            T,
            ROW.x("(datum.i + 0.5)/RUNS[datum.q].T"),
            ROW.y(part.format(f"toNumber({entry})")),
            f"{there} && isFinite(toNumber({entry}))",
            stroke=COLOUR,
            strokeWidth="2.2*z",
        ),
        # What has no logarithm: zero at the bottom, infinity and NaN at the top.
        rect(
            **each(T, v=entry),
            keep=f"{there} && indexof(['z','i','n'], datum.v) >= 0",
            x=ROW.x("datum.i/RUNS[datum.q].T"),
            x2=ROW.x("(datum.i + 1)/RUNS[datum.q].T"),
            y=f"datum.v == 'z' ? {ROW.bottom} - 7*z : {ROW.top}",
            y2=f"datum.v == 'z' ? {ROW.bottom} : {ROW.top} + 7*z",
            fill="datum.v == 'z' ? B.zero : datum.v == 'i' ? B.infinite_colour : B.nan_colour",
        ),
        slope(
            "B.s_measured",
            "SLOPE",
            name="slope",
            x=ROW.left,
            y=f"{ROW.bottom} + 29*z",
            fontWeight="'bold'",
            fill="now",
            limit="phone ? colW : colW*0.5",
        ),
        slope(
            "B.s_theory",
            "THEORY",
            x=f"phone ? {ROW.left} : {ROW.x('0.5')}",
            y=f"{ROW.bottom} + (phone ? 45 : 29*z)",
            fill="soft",
            limit="phone ? colW : colW*0.42",
        ),
    ]
