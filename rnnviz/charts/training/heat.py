"""How the gradient of a training run flows back through time: each run's heatmap, one row an iteration and one column a
time step, and the row that is looked at as a line with its slope.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers, scale
from rnnviz.charts.kit.draw import MONO, Layer, image, outline, press, rect, rule, small, text
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.plot import Panel
from rnnviz.charts.training.layout import (
    COLOUR,
    HAS_ROWS,
    HEAT,
    HIGH_ROW,
    PER_RUN,
    ROW,
    RUN_X,
    RUN_Y,
    SENT,
    curve,
    each,
    frame,
)
from rnnviz.charts.training.picture import in_theme

NAMES = Names(
    tables={
        "bundle": {
            "veil": Meaning(
                "text", "what stands in the place of the gradient while a question about it waits; else empty"
            ),
            "alone": Meaning("flag", "whether the rows are of the last loss alone, where there are others"),
            "low": Meaning("number", "log10 of the norm at the lower end of the plot of one row"),
            "high": Meaning("number", "log10 of the norm at its upper end"),
            "rowTicks": Meaning("numbers", "where numbers stand at that plot", "rowTicks"),
            "rowNames": Meaning("texts", "those numbers", "rowNames"),
        },
        "runs": {
            "note": Meaning("text", "a line about the run, such as why it stopped"),
            "lossFrom": Meaning("index", "the first step with a loss, from 0"),
            "state": Meaning("text", "the state whose gradient is drawn"),
            "stride": Meaning("index", "before the row `dense`, one iteration in so many is kept"),
            "tickAt": Meaning("numbers", "rows from the top at which an iteration is written", "TICK"),
            "tickIs": Meaning("numbers", "those iterations", "TICKIS"),
            "from": Meaning("index", "the first row that was sent"),
            "iteration": Meaning("numbers", "of each row the iteration", "ITER"),
            "flow": Meaning("numbers", "log10 of the gradient's norm at each step of the rows that were sent", "F"),
            "slope": Meaning("numbers", "powers of ten per step back, fitted to each row; n for none", "SLOPE"),
            "end": Meaning("numbers", "log10 of the fitted norm at `fitTo`", "END"),
            "fitFrom": Meaning("numbers", "the first step that was fitted", "FROM"),
            "fitTo": Meaning("numbers", "the last step that was fitted", "TO"),
            "theory": Meaning("numbers", "the slope that the Jacobians give; n for none", "THEORY"),
            "theoryAt": Meaning("numbers", "the iteration at which they were measured", "THEORYAT"),
            "said": Meaning("texts", "each row in numbers, in lines", "SAID"),
        },
    },
)


def layers() -> list[Layer]:
    return [*_captions(), *_heat(), *_pointers(), *_row()]


def _captions() -> list[Layer]:
    """Over the heatmap: what the run is called, a note about it, and the row that is looked at in numbers."""
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
    ]


def _heat() -> list[Layer]:
    # Each hangs on the row that never changes: a mark that is made anew would have to decode its picture again.
    images = [
        image(
            let={"q": str(run), "high": f"heatH*{name}.part[{run}]"},
            keep=f"B.runs > {run} && datum.high > 0 && B.veil == ''",
            x=HEAT.x("0.5"),
            y=f"{HEAT.top} + datum.high/2",
            url=in_theme(f"{name}.url[{run}]"),
            width=f"{HEAT.right} - {HEAT.left}",
            height="datum.high",
            opacity=f"front == {half} ? 1 : 0",
        )
        for half, name in enumerate(("even", "odd"))
        for run in (0, 1)
    ]
    below = f"{HEAT.top} + ({SENT} + 1)*{HIGH_ROW}"
    dense = f"{HEAT.top} + RUNS[datum.q].dense*{HIGH_ROW}"
    thinned_runs = {**PER_RUN, "keep": "RUNS[datum.q].dense > 0"}
    line = {**thinned_runs, "x": f"{HEAT.left} - 6*z", "x2": HEAT.right, "y": dense, "y2": dense}
    last = "datum.i == length(TICK[datum.q]) - 1"
    return [
        *frame(HEAT, "B.s_iteration + ' ↓'", **PER_RUN),
        *images,
        rule(**line, stroke="paper", strokeWidth=3),
        rule(**line, stroke="ink", strokeWidth=1),
        small(
            **thinned_runs,
            text="hover && hover.q == datum.q ? '' : replace(B.s_thinned, '{stride}', RUNS[datum.q].stride)",
            x=HEAT.right,
            y=f"{HEAT.top} - 14*z",
            align="'right'",
            limit=f"{HEAT.wide} - 30*z",
        ),
        small(
            **each("max(length(TICK[0]), length(TICK[1]))"),
            keep=f"datum.i < length(TICK[datum.q]) && {HAS_ROWS}",
            text=numbers.count("toNumber(TICKIS[datum.q][datum.i])"),
            x=f"{HEAT.left} - 6*z",
            y=f"{HEAT.top} + toNumber(TICK[datum.q][datum.i])*{HIGH_ROW}",
            align="'right'",
            fontWeight=f"{last} ? 'bold' : 'normal'",
            fill=f"{last} ? ink : soft",
        ),
        text(
            **PER_RUN,
            keep="RUNS[datum.q].R == 0",
            text="B.placed ? B.s_none_yet : B.s_untrained",  # what is taken along has no button to press
            x=HEAT.x("0.5"),
            y=HEAT.y("0.5"),
            fontSize="13*z",
            fill="soft",
            limit="colW - 60*z",
        ),
        rect(**PER_RUN, when="playing", x=HEAT.left, x2=HEAT.right, y=below, y2=HEAT.bottom, fill="paper"),
        text(
            **PER_RUN,
            when="B.veil != ''",
            text="B.veil",
            x=HEAT.x("0.5"),
            y=HEAT.y("0.5"),
            fontSize="13*z",
            fill="now",
            limit="colW - 60*z",
        ),
        *_steps(HEAT),
    ]


def _pointers() -> list[Layer]:
    """The row that is looked at, and what the pointer is on."""
    value = "(hover ? F[hover.q][(hover.r - RUNS[hover.q].from)*RUNS[hover.q].T + hover.k] : '')"
    return [
        outline(
            **PER_RUN,
            keep=f"!B.live && {HAS_ROWS} && B.veil == ''",
            x=f"{HEAT.left} - 1",
            x2=f"{HEAT.right} + 1",
            y=f"{HEAT.top} + {SENT}*{HIGH_ROW} - 1",
            y2=f"{HEAT.top} + ({SENT} + 1)*{HIGH_ROW} + 1",
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
            keep=f"hover && hover.q == datum.q && {HAS_ROWS} && B.veil == ''",
            text=f"B.s_iteration + ' ' + {numbers.count('toNumber(ITER[hover.q][hover.r])')}"
            " + '  ·  k = ' + (hover.k + 1)"
            f" + ({value} ? '  ·  ' + ({value} == '{scale.NO_PATH}' ? B.s_ended : {scale.size(value)}) : '')",
            x=HEAT.right,
            y=f"{HEAT.top} - 13*z",
            align="'right'",
            font=MONO,
            fontSize="11.5*z",
        ),
    ]


def _steps(panel: Panel) -> list[Layer]:
    """Time steps, 1 to T, under a panel of a run; where the rows are of all losses, the steps where one enters are
    underlined."""
    at = panel.x("RUNS[datum.q].lossFrom/RUNS[datum.q].T")
    under = f"{panel.bottom} + 2.5"
    return [
        *panel.under(
            "'k = 1'",
            "'' + RUNS[datum.q].T",
            {
                "text": "replace(B.alone ? B.s_step_last : B.s_step, '{state}', RUNS[datum.q].state)",
                "limit": f"{panel.wide} - 76*z",
            },
            **PER_RUN,
        ),
        rule(
            **PER_RUN,
            when="!B.alone",
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
        # Both begin where the fitted one leaves the last step that was fitted, and stay in the panel: from `near` to
        # `far` steps back.
        let = {
            "q": "datum.k",
            "s": f"toNumber({slopes}[datum.q][{SENT}])",
            "e": f"toNumber(END[datum.q][{SENT}])",
            "end": f"toNumber(TO[datum.q][{SENT}]) + 0.5",
            "n": f"toNumber(TO[datum.q][{SENT}]) - toNumber(FROM[datum.q][{SENT}])",
            "low": "(B.low - datum.e)/datum.s",
            "high": "(B.high - datum.e)/datum.s",
            "near": "datum.s == 0 ? 0 : clamp(min(datum.low, datum.high), 0, datum.n)",
            "far": "datum.s == 0 ? datum.n : clamp(max(datum.low, datum.high), 0, datum.n)",
        }
        return {
            **PER_RUN,
            "let": let,
            "keep": f"{_exists(slopes)} && {_exists('END')}",
            "x": ROW.x("(datum.end - datum.near)/RUNS[datum.q].T"),
            "x2": ROW.x("(datum.end - datum.far)/RUNS[datum.q].T"),
            "y": ROW.y(part.format("(datum.e + datum.near*datum.s)")),
            "y2": ROW.y(part.format("(datum.e + datum.far*datum.s)")),
        }

    def slope(label: str, slopes: str, y: str, condition: str, stroke: dict[str, Any], **props: Any) -> list[Layer]:
        """A legend entry: a piece of the line, its label and its slope."""
        at = f"{slopes}[datum.q][{SENT}]"
        value = numbers.fixed(f"toNumber({at})", 3, plus=True)
        its: dict[str, Any] = {**PER_RUN, "keep": condition, "y": y}
        return [
            rule(**its, x=ROW.left, x2=f"{ROW.left} + 20*z", y2=y, **stroke),
            text(
                **its,
                text=f"{label} + ' ' + ({_exists(slopes)} ? {value} : '–')",
                x=f"{ROW.left} + 26*z",
                align="'left'",
                fontSize="12*z",
                limit=f"{ROW.wide} - 26*z",
                **props,
            ),
        ]

    fit_style: dict[str, Any] = {"stroke": "now", "strokeWidth": 1.4}
    theory: dict[str, Any] = {"stroke": "soft", "strokeWidth": 2, "strokeDash": [6, 4]}
    end = f"(toNumber(TO[datum.q][{SENT}]) + 1)/RUNS[datum.q].T"
    return [
        *frame(
            ROW,
            f"{HAS_ROWS} ? replace(B.s_row_at, '{{iteration}}',"
            f" {numbers.count(f'toNumber(ITER[datum.q][{SENT} + RUNS[datum.q].from])')}) : B.s_newest",
            **PER_RUN,
        ),
        *ROW.tick(ROW.y("toNumber(rowTicks[datum.i])"), "rowNames[datum.i]", each("length(rowTicks)"), strokeWidth=0.6),
        *_steps(ROW),
        rule(**line("THEORY"), **theory),
        curve(
            T,
            ROW.x("(datum.i + 0.5)/RUNS[datum.q].T"),
            ROW.y(part.format(f"toNumber({entry})")),
            f"{there} && isFinite(toNumber({entry}))",
            stroke=COLOUR,
            strokeWidth="2.2*z",
        ),
        rule(**line("SLOPE"), **fit_style),
        # What has no logarithm: zero at the bottom, infinity and NaN at the top.
        rect(
            **each(T, v=entry),
            keep=f"{there} && indexof(['z','i','n'], datum.v) >= 0",
            x=ROW.x("datum.i/RUNS[datum.q].T"),
            x2=ROW.x("(datum.i + 1)/RUNS[datum.q].T"),
            y=f"datum.v == 'z' ? {ROW.bottom} - 7*z : {ROW.top}",
            y2=f"datum.v == 'z' ? {ROW.bottom} : {ROW.top} + 7*z",
            fill="datum.v == 'z' ? zeroColour : datum.v == 'i' ? infColour : nanColour",
        ),
        small(
            **PER_RUN,
            keep=f"{HAS_ROWS} && B.veil == '' && F[datum.q][({SENT} + 1)*RUNS[datum.q].T - 1] == '{scale.NO_PATH}'"
            f" && (1 - {end})*({ROW.wide}) > 60*z",
            text="B.s_ended",
            x=ROW.x(f"(1 + {end})/2"),
            y=ROW.y("0.5"),
            limit=f"(1 - {end})*({ROW.wide})",
        ),
        *slope(
            "B.s_measured",
            "SLOPE",
            f"{ROW.bottom} + 29*z",
            HAS_ROWS,
            fit_style,
            name="slope",
            fontWeight="'bold'",
            fill="now",
        ),
        *slope(
            "replace(RUNS[datum.q].lossFrom == 0 && !B.alone ? B.s_theory_every : B.s_theory, '{iteration}',"
            f" {numbers.count(f'toNumber(THEORYAT[datum.q][{SENT}])')})",
            "THEORY",
            f"{ROW.bottom} + 46*z",
            _exists("THEORY"),
            theory,
            name="theory",
            fill="soft",
        ),
    ]


def _exists(values: str) -> str:
    """Whether a number of the row that is looked at exists, an expression."""
    return f"{HAS_ROWS} && isFinite(toNumber({values}[datum.q][{SENT}])) && {values}[datum.q][{SENT}] != ''"
