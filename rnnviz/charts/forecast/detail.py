"""The window and its horizon: what was read, what came, and what was forecast of it, as far as it has come."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.forecast.layout import DETAIL, LETTER, over, through
from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import EMPTY, Layer, Signal, derived, dot, mark, outline, rect, rule, shape, small
from rnnviz.charts.kit.names import Meaning, Names

FORECASTS = "B.veil == '' && seen > 0"
ROWS = "sequence(F*(H + 1))"  # of each line: its beginning, the last value that is read, and the horizon
LINE = {
    "f": "floor(datum.k/(H + 1))",
    "j": "datum.k % (H + 1)",
    "v": "datum.j > 0 ? toNumber(AHEAD[datum.f*H + datum.j - 1]) : toNumber(VALUES[O.at - 1])",
}
SHOWN = "ON[datum.f] == '1' && datum.j <= seen && isFinite(datum.v)"
GRIP = "'M-.9,-.55L-1.7,0L-.9,.55M.9,-.55L1.7,0L.9,.55'"

NAMES = Names(
    signals={
        "horizonX": Meaning("px", "where the words over the horizon begin"),
        "labelX": Meaning("px", "where the names of the lines begin"),
    },
    tables={
        "bundle": {
            "trained": Meaning("index", "how many steps ahead the network was trained for"),
            "intervals": Meaning("index", "ticks of the axis of values but one"),
            "veilW": Meaning("number", "the longest line of what stands in the place of the forecasts, in the same"),
            "windowW": Meaning("number", "how wide the words over the window are, in widths of a Hangul syllable"),
            "untrainedW": Meaning("number", "how wide those are over what it was not trained for, in the same"),
            "horizonW": Meaning("number", "how wide the words over the horizon are, in the same"),
            "whenW": Meaning("number", "the longest time in writing, in widths of a Hangul syllable"),
        }
    },
)


def step_x(step: str) -> str:
    """The middle of a step."""
    return f"(detL + ({step} + 0.5)*cell)"


def value_y(value: str) -> str:
    return DETAIL.y(f"({value} - O.low)/(O.high - O.low)")


def dash(forecaster: str) -> str:
    """The dashes of a line."""
    return "[" + ", ".join(f"toNumber(DASH[4*{forecaster} + {n}])" for n in range(4)) + "]"


def layers() -> list[Layer]:
    return [*_ground(), *_axis(), *_lines(), *_truth(), *_present(), *_names(), *_pointed()]


def signals() -> list[Signal]:
    return derived(
        horizonX=f"min(originX + 2, detR + labelW - B.horizonW*{LETTER}*z)",
        labelX="(seen < ahead ? nowX + 7 : endX + 12)",
    )


def _ground() -> list[Layer]:
    """What is read and what is forecast, and which steps the network was not trained for."""
    untrained = {"when": "B.trained < H", "x": step_x("W + B.trained - 0.5")}
    words = {"y": f"{DETAIL.top} - 9*z", "fill": "ink"}
    return [
        rect(x="originX", x2=DETAIL.right, y=DETAIL.top, y2=DETAIL.bottom, fill="yColour", fillOpacity=0.07),
        rect(**untrained, x2=DETAIL.right, y=DETAIL.top, y2=DETAIL.bottom, fill="soft", fillOpacity=0.13),
        rule(**untrained, x2=untrained["x"], y=DETAIL.top, y2=DETAIL.bottom, stroke="soft", strokeDash=[2, 3]),
        small(
            text="replace(B.s_window, '{w}', '' + W)",
            x=DETAIL.left,
            align="'left'",
            when=f"horizonX - detL > (B.windowW + 1)*{LETTER}*z",
            **words,
        ),
        small(
            text="replace(B.s_horizon, '{h}', '' + ahead)",
            x="horizonX",
            align="'left'",
            limit="detR + labelW - horizonX",
            **words,
        ),
    ]


def _axis() -> list[Layer]:
    """The numbers of the values at the left, those of the steps below, and when the first and the last of them is."""
    tick = DETAIL.y("datum.k/B.intervals")
    steps = {"y": f"{DETAIL.bottom} + 11*z"}
    times = {"y": f"{DETAIL.bottom} + 25*z", "limit": "(detR - detL)/2 - 4"}
    roomy = f"min(originX - detL, detR - originX) > 1.6*B.whenW*{LETTER}*z"
    return [
        *DETAIL.tick(tick, "TICK[datum.k]", {"rows": "sequence(B.intervals + 1)"}, strokeWidth=0.7),
        small(text="B.unit", x=f"{DETAIL.left} - 6*z", y=f"{DETAIL.top} - 12*z", align="'right'", limit="detL - 8*z"),
        DETAIL.upright("originX", stroke="soft", strokeWidth=1),
        small(text="B.s_step", x=f"{DETAIL.left} - 6*z", align="'right'", **steps),
        small(when="(W - 1)*cell > 50*z", text="'−' + (W - 1)", x=DETAIL.left, align="'left'", **steps),
        small(when="ahead*cell > 24*z", text="'0'", x=step_x("W - 1"), fontWeight="'bold'", **steps),
        small(text="'+' + ahead", x=step_x("W + ahead - 1"), fontWeight="'bold'", fill="yColour", **steps),
        small(
            when="(H - ahead)*cell > 34*z",
            text="'+' + H",
            x=step_x("W + H - 1"),
            **steps,
        ),
        small(text="WHENS[O.at - W]", x=DETAIL.left, align="'left'", **times),
        small(when=roomy, text="WHENS[O.at - 1]", x="originX", **{**times, "fill": "ink"}),
        small(text="WHENS[O.at + H - 1]", x=DETAIL.right, align="'right'", **times),
    ]


def _truth() -> list[Layer]:
    """The series, as far as it has been read and has come; of a walk that is asked about nothing has come."""
    came = "datum.k < (B.veil == '' ? t : read) && isFinite(datum.v)"
    points: dict[str, Any] = {"rows": "sequence(W + H)", "let": {"v": "toNumber(VALUES[O.at - W + datum.k])"}}
    places = {"px": step_x("datum.k"), "py": value_y("datum.v")}
    line = mark(
        "line",
        rows=points["rows"],
        let={**points["let"], **places},
        keep=came,
        stroke="ink",
        strokeWidth="1.3*z",
        strokeJoin="'round'",
    )
    return [
        through(line),
        dot(
            name="truth",
            **points,
            keep=came,
            x=places["px"],
            y=places["py"],
            size="clamp(cell*cell/3, 5, 22)*z",
            fill="ink",
        ),
    ]


def _lines() -> list[Layer]:
    main = "datum.f == B.main"
    inside = "datum.v >= O.low && datum.v <= O.high"
    places = {"px": step_x("W + datum.j - 1"), "py": f"{inside} ? {value_y('datum.v')} : null"}

    def line(which: str, width: str) -> Layer:
        made = mark(
            "line",
            when=FORECASTS,
            rows=ROWS,
            let={**LINE, **places},
            keep=f"{SHOWN} && {which}",
            stroke="tints[datum.f]",
            strokeWidth=width,
            strokeDash=dash("datum.f"),
            strokeJoin="'round'",
        )
        return through(made, "f")

    off = {"when": FORECASTS, "rows": ROWS, "let": LINE, "keep": f"{SHOWN} && datum.j > 0 && !({inside})"}
    return [
        line(f"!({main})", "1.7*z"),
        line(main, "3.4*z"),
        dot(
            name="forecast",
            when=FORECASTS,
            rows=ROWS,
            let=LINE,
            keep=f"{SHOWN} && datum.j > 0 && {inside} && {main}",
            x=places["px"],
            y=value_y("datum.v"),
            size="clamp(cell*cell/2, 10, 40)*z",
            fill="tints[datum.f]",
        ),
        # What is off the axis is an arrow at its edge.
        shape(
            "datum.v > O.high ? 'triangle-up' : 'triangle-down'",
            **off,
            x=places["px"],
            y=f"datum.v > O.high ? {DETAIL.top} + 4 : {DETAIL.bottom} - 4",
            size="34*z",
            fill="tints[datum.f]",
        ),
    ]


def _present() -> list[Layer]:
    """What is still empty, what stands there while a question waits, and the edge of the horizon that is pulled."""
    inside = {"y": f"{DETAIL.top} + 1", "y2": f"{DETAIL.bottom} - 1"}
    knob = f"{DETAIL.top} + 14*z"
    half = "(B.veilW*7*z + 4)"
    middle = f"(originX + (endX - originX > 2*{half} ? endX : detR))/2"
    # What is said of the steps that it was not trained for stands over them, or among them where no name does.
    free = f"(detR - B.untrainedW*{LETTER}*z > horizonX + (B.horizonW + 1)*{LETTER}*z)"
    crowded = f"{FORECASTS} && labelX < detR && labelX + labelW > detR - 8 - B.untrainedW*{LETTER}*z"
    return [
        rect(keep="t < W + ahead", x="nowX + 1", x2="endX", **inside, **{**EMPTY, "fillOpacity": 0.55}),
        rect(keep="B.veil != '' && t >= W + ahead", x="originX + 1", x2="endX", **inside, **EMPTY),
        *over(
            when="B.veil != ''",
            text="VEIL",
            x=f"clamp({middle}, detL + {half}, max(detL + {half}, width - {half}))",
            y=f"({DETAIL.top} + {DETAIL.bottom})/2 - (length(VEIL) - 1)*9*z",
            align="'center'",
            fontSize="13*z",
            lineHeight="18*z",
            fill="now",
        ),
        *over(
            when=f"B.trained < H && ({free} || !({crowded}))",
            text="B.s_untrained",
            x=f"detR - ({free} ? 0 : 5)",
            y=f"{free} ? {DETAIL.top} - 9*z : {DETAIL.bottom} - 9*z",
            align="'right'",
        ),
        outline(x=DETAIL.left, x2=DETAIL.right, y=DETAIL.top, y2=DETAIL.bottom, stroke="line"),
        rule(x="nowX", x2="nowX", y=DETAIL.top, y2="t > W ? detB : gateB", stroke="now", strokeWidth=1.4),
        rule(x="endX", x2="endX", y=DETAIL.top, y2=DETAIL.bottom, stroke="yColour", strokeWidth="2.4*z"),
        dot(x="endX", y=knob, size="210*z", fill="yColour"),
        shape(GRIP, x="endX", y=knob, size="22*z", filled=False, stroke="paper", strokeWidth="1.6*z"),
    ]


def _names() -> list[Layer]:
    """What each line is called, where it ends."""
    last = "toNumber(LABEL[datum.k*H + seen - 1])"
    return over(
        when=FORECASTS,
        rows="sequence(F)",
        keep=f"ON[datum.k] == '1' && isFinite({last})",
        text="NAMED[datum.k]",
        x="labelX",
        y=DETAIL.y(last),
        align="'left'",
        fill="tints[datum.k]",
        fontWeight="datum.k == B.main ? 'bold' : 'normal'",
        limit="labelW - 12",
    )


def _pointed() -> list[Layer]:
    """What the pointer is on, in numbers: a line for what came and for each forecast of it."""
    k, value = "(hover.s - W)", "toNumber(AHEAD[datum.f*H + hover.s - W])"
    came = f"hover && hover.s < (B.veil == '' ? t : read) && hover.y <= {DETAIL.bottom} + 4"
    number = numbers.size("datum.v", 5)
    lines = {
        "when": came,
        "rows": "sequence(-1, hover.s < W || B.veil != '' ? 0 : F)",
        "let": {
            "f": "datum.k",
            "v": f"datum.f < 0 ? toNumber(VALUES[O.at - W + hover.s]) : {value}",
        },
        "keep": "isFinite(datum.v) && (datum.f < 0 || ON[datum.f] == '1')",
    }
    head = f"(hover.s < W ? hover.s - W + 1 : '+' + ({k} + 1)) + '  ·  ' + WHENS[O.at - W + hover.s]"
    right = "hover.s > (W + H)/2"
    words = {"x": f"{step_x('hover.s')} + ({right} ? -10 : 10)", "align": f"{right} ? 'right' : 'left'"}
    return [
        rule(when=came, x=step_x("hover.s"), x2=step_x("hover.s"), y=DETAIL.top, y2=DETAIL.bottom, stroke="soft"),
        *over(when=came, text=head, y=f"{DETAIL.top} + 11*z", fill="ink", fontWeight="'bold'", **words),
        *over(
            **lines,
            text=f"(datum.f < 0 ? B.s_truth : NAMED[datum.f]) + ' ' + {number} + B.unit",
            y=f"{DETAIL.top} + (39 + 14*datum.f)*z",
            fill="datum.f < 0 ? ink : tints[datum.f]",
            **words,
        ),
    ]
