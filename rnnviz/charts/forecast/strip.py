"""The whole series: what was trained on and what is tested, and in it the window that is read, with its horizon."""

from __future__ import annotations

from rnnviz.charts.forecast.layout import LETTER, STRIP, through
from rnnviz.charts.forecast.stepping import strip_x
from rnnviz.charts.kit.draw import EMPTY, Layer, Signal, derived, mark, outline, rect, rule, small
from rnnviz.charts.kit.names import Meaning, Names

NAMES = Names(
    signals={
        "splitX": Meaning("px", "where the tested part begins"),
        "testedX": Meaning("px", "where the words over it begin"),
    },
    tables={
        "bundle": {
            "split": Meaning("index", "the first value that no model was trained on, from 0"),
            "trainedFor": Meaning("text", "from when to when"),
            "trainedW": Meaning("number", "how wide that and the words before it are, as `testedW`"),
            "testedW": Meaning("number", "how wide the words over the tested part are, in widths of a Hangul syllable"),
            "stripX": Meaning("numbers", "points of the series' line, places", "STRIPX"),
            "stripY": Meaning("numbers", "their heights, places", "STRIPY"),
            "at": Meaning("numbers", "the first value that is forecast from each origin", "AT"),
        }
    },
)


def layers() -> list[Layer]:
    window, horizon = ({"x": strip_x(a), "x2": strip_x(b)} for a, b in (("O.at - W", "O.at"), ("O.at", "O.at + ahead")))
    inside = {"y": f"{STRIP.top} + 1", "y2": f"{STRIP.bottom} - 1"}
    line = mark(
        "line",
        rows="sequence(length(STRIPX))",
        let={
            "px": STRIP.x("toNumber(STRIPX[datum.k])"),
            "py": f"({STRIP.bottom} - 4 - toNumber(STRIPY[datum.k])*({STRIP.high} - 8))",
        },
        stroke="soft",
        strokeWidth=1,
    )
    trained = f"B.s_trained_on + (testedX - stripL > B.trainedW*{LETTER}*z ? '  ' + B.trainedFor : '')"
    words = {"y": f"{STRIP.top} - 8*z", "fill": "ink"}
    return [
        rect(x="splitX", x2=STRIP.right, y=STRIP.top, y2=STRIP.bottom, fill="yColour", fillOpacity=0.13),
        through(line),
        # From each of these it can look ahead.
        rule(
            rows="sequence(count)",
            x=strip_x("toNumber(AT[datum.k])"),
            x2=strip_x("toNumber(AT[datum.k])"),
            y=f"{STRIP.bottom} - 3",
            y2=f"{STRIP.bottom} + 2",
            stroke="soft",
            strokeOpacity=0.7,
        ),
        # What is still to come is on the page nowhere.
        rect(
            keep="B.veil != '' || t < W + ahead",
            x=strip_x("O.at - W + (B.veil == '' ? t : read)"),
            x2=strip_x("min(O.at + ahead, B.N)"),
            **inside,
            **{**EMPTY, "strokeDash": [2, 2]},
        ),
        outline(x=STRIP.left, x2=STRIP.right, y=STRIP.top, y2=STRIP.bottom, stroke="line"),
        outline(**horizon, **inside, stroke="yColour", strokeWidth=1.2, strokeDash=[3, 2]),
        rect(
            **{**window, "x": f"min({window['x']}, {window['x2']} - 5)"},
            y=f"{STRIP.top} - 2",
            y2=f"{STRIP.bottom} + 2",
            fill="now",
            fillOpacity=0.1,
            stroke="now",
            strokeWidth=2,
            cornerRadius=2,
        ),
        small(text=trained, x=STRIP.left, align="'left'", **words, limit="testedX - stripL - 8"),
        small(
            text="B.s_tested_on",
            x="testedX",
            align="'left'",
            **words,
        ),
    ]


def signals() -> list[Signal]:
    return derived(splitX=strip_x("B.split"), testedX=f"min(splitX, stripR - B.testedW*{LETTER}*z)")
