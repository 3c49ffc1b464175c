"""How far off each forecaster is, as far ahead as has come: from this origin, and on average from all."""

from __future__ import annotations

from rnnviz.charts.forecast.detail import dash
from rnnviz.charts.forecast.layout import ROW
from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import Layer, Signal, derived, dot, heading, rect, rule, small, text
from rnnviz.charts.kit.names import Meaning, Names

Y = f"(listT + (46 + {ROW}*datum.k)*z)"  # of a forecaster's line in the list

NAMES = Names(
    signals={
        "MEAN": Meaning("numbers", "the mean error of each forecaster over all origins, as `ERROR`"),
        "least": Meaning("index", "the forecaster that errs least from this origin"),
        "leastMean": Meaning("index", "the one that errs least from all"),
        "firstR": Meaning("px", "right edge of the column of this origin's errors"),
    },
    tables={
        "bundle": {
            "means": Meaning("numbers", "the mean error over all origins, forecaster by forecaster"),
            "leastMean": Meaning("numbers", "which forecaster errs least over all, up to each step ahead", "LEASTMEAN"),
        },
        "origins": {
            "least": Meaning("numbers", "the same from this origin"),
        },
    },
)


def signals() -> list[Signal]:
    known = "seen > 0 && B.veil == ''"
    return derived(
        MEAN="split(B.means, ',')",
        least=f"{known} ? toNumber(split(O.least, ',')[seen - 1]) : -1",
        leastMean=f"{known} ? toNumber(LEASTMEAN[seen - 1]) : -1",
        firstR="listR - 74*z",
    )


def layers() -> list[Layer]:
    return [*_heads(), *_numbers(), *_below()]


def _heads() -> list[Layer]:
    """What the list is of, and what each forecaster is called."""
    row = {"rows": "sequence(F)"}
    return [
        heading(
            text="replace(B.s_errors, '{k}', '' + (seen > 0 ? seen : ahead)) + (B.unit ? ', ' + B.unit : '')",
            x="listL",
            y="listT + 4*z",
            fontSize="12*z",
            limit="width - listL - 4",
        ),
        rule(x="listL", x2="listL + 22*z", y="listT + 23*z", y2="listT + 23*z", stroke="ink", strokeWidth="1.3*z"),
        dot(x="listL + 11*z", y="listT + 23*z", size="14*z", fill="ink"),
        text(
            text="B.s_truth", x="listL + 28*z", y="listT + 23*z", align="'left'", limit="firstR - 60*z - listL - 28*z"
        ),
        rule(x="listL", x2="listR", y="listT + 34*z", y2="listT + 34*z"),
        rule(
            **row,
            keep="ON[datum.k] == '1'",
            x="listL",
            x2="listL + 22*z",
            y=Y,
            y2=Y,
            stroke="tints[datum.k]",
            strokeWidth="datum.k == B.main ? 3.4*z : 1.8*z",
            strokeDash=dash("datum.k"),
        ),
        text(
            **row,
            text="NAMED[datum.k]",
            x="listL + 28*z",
            y=Y,
            align="'left'",
            fill="ON[datum.k] == '1' ? tints[datum.k] : soft",
            fontWeight="datum.k == B.main ? 'bold' : 'normal'",
            limit="firstR - 52*z - listL - 28*z",
        ),
    ]


def _numbers() -> list[Layer]:
    columns = (
        ("firstR", "ERROR", "least", "B.s_from_here"),
        ("listR", "MEAN", "leastMean", "replace(B.s_from_all, '{n}', '' + count)"),
    )
    layers: list[Layer] = []
    for right, column, least, title in columns:
        number = f"toNumber({column}[datum.k*H + seen - 1])"
        is_least = f"datum.k == {least}"
        layers += [
            small(text=title, x=right, y="listT + 23*z", align="'right'"),
            rect(
                rows="sequence(F)",
                keep=is_least,
                x=f"{right} - 56*z",
                x2=f"{right} + 4",
                y=f"{Y} - 8*z",
                y2=f"{Y} + 8*z",
                fill="now",
                fillOpacity=0.12,
                cornerRadius=3,
                tooltip="B.s_least",
            ),
            text(
                rows="sequence(F)",
                text=f"seen > 0 && B.veil == '' && isFinite({number}) ? {numbers.size(number)} : '·'",
                x=right,
                y=Y,
                align="'right'",
                fontWeight=f"{is_least} ? 'bold' : 'normal'",
                fill=f"{is_least} ? now : ink",
            ),
        ]
    return layers


def _below() -> list[Layer]:
    """What else is said, and on a page the keys, where there is room for them."""
    last = f"listT + (62 + {ROW}*(F + length(SAID)))*z"
    return [
        small(
            when=f"B.placed && B.keys && !stacked && {last} < gateB",
            text="B.s_keys",
            x="listR",
            y="gateB - 6*z",
            align="'right'",
            limit="listR - listL",
        ),
        small(
            rows="SAID",
            x="listL",
            let={"i": "indexof(SAID, datum.k)"},
            text="datum.k",
            y=f"listT + (48 + {ROW}*F)*z + {ROW}*z*datum.i",
            align="'left'",
            limit="width - listL - 4",
        ),
    ]
