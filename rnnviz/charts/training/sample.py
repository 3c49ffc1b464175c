"""What the model of a training run gives for one sequence that it never trained on, beside what is asked for: a number
as a mark on a scale under the sequence that it is asked of, classes one after the other, a series of numbers as two
lines.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit import numbers
from rnnviz.charts.kit.draw import LEFT_ARROW, RIGHT_ARROW, Layer, heading, outline, rect, rule, shape, small, text
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.training.layout import COLOUR, HAS_ROWS, PER_RUN, RUNS, SAMPLE, SENT, aside, curve, each, over, ticks

DIAMOND = "'M0,-1L1,0L0,1L-1,0Z'"
ASKED = "RUNS[0].asked"
SHOWN = f"min({ASKED}, phone ? 14 : {ASKED})"  # of the classes, the last ones
TRUTH_LINE, RUN_LINE = "reads", "(datum.q + 1 + reads)"  # the line of what is asked for, and a run's

NAMES = Names(
    tables={
        "bundle": {
            "sampleTicks": Meaning("numbers", "where numbers stand at the sample", "SAMPLETICKS"),
            "sampleNames": Meaning("texts", "those numbers", "SAMPLENAMES"),
            "signs": Meaning("text", "the sentence that is read, or what the signs among the classes mean"),
            "values": Meaning("numbers", "what each step reads, parts of a bar's height", "VALUES"),
            "counts": Meaning("numbers", "1 for a step that decides what is asked", "COUNTS"),
            "written": Meaning("texts", "what those steps read, in writing", "WRITTEN"),
            "zero": Meaning("number", "where a bar begins, a part of its height"),
        },
        "runs": {
            "evaluated": Meaning(
                "numbers", "of each row the iteration whose evaluation the sample shows; empty for none", "EVALUATED"
            ),
            "asked": Meaning("index", "how many answers the sample asks for"),
            "truth": Meaning("texts", "those answers: places joined by commas, or classes by `SEPARATOR`", "TRUTH"),
            "truthIs": Meaning("text", "the one answer that is a number; else empty", "TRUTHIS"),
            "out": Meaning("texts", "what the model gives, row by row, in the same form", "OUT"),
            "outIs": Meaning("numbers", "the probability of each class that it gives", "OUTIS"),
            "outSaid": Meaning("texts", "the one number that it gives, row by row", "SAID_OUT"),
        },
    },
)


def layers() -> list[Layer]:
    lines = [("one", "B.s_truth", TRUTH_LINE, "ink")]
    lines += [
        (RUNS, "pair ? RUNS[datum.k].name : B.s_output", "(datum.k + 1 + reads)", COLOUR.replace("datum.q", "datum.k"))
    ]
    is_evaluated = f"{HAS_ROWS.replace('datum.q', '0')} && EVALUATED[0][R[0]]"
    caption = f"replace(B.s_sample_at, '{{iteration}}', {numbers.count('toNumber(EVALUATED[0][R[0]])')})"
    return [
        heading(
            text=f"{is_evaluated} ? {caption} : B.s_sample", x="side2X + 2", y=f"{SAMPLE.top} - 15*z", limit="sideW - 8"
        ),
        *(
            text(
                when="!(B.kind == 'series')",
                rows=rows,
                text=label,
                x="side2X + 2",
                y=f"{SAMPLE.top} + {line}*sampleRow + (pair ? 8 : 13)*z",
                align="'left'",
                fontSize="11*z",
                fill=colour,
                limit="pair ? sideW - 8 : 44*z",
            )
            for rows, label, line, colour in lines
        ),
        *_read(),
        *_number(),
        *_classes(),
        *_series(),
    ]


def _read() -> list[Layer]:
    """The sequence that one number is asked of, a bar for each step, those that decide the number in their colour."""
    steps: dict[str, Any] = {"when": "reads", "rows": "sequence(length(VALUES))"}
    left, right = (SAMPLE.x(f"(datum.k + {n})/length(VALUES)") for n in (0, 1))
    counts = "COUNTS[datum.k] == '1'"
    base = f"{_y('0')} + 9*z"

    def y(part: str) -> str:
        return f"{base} - ({part})*16*z"

    return [
        text(when="reads", text="B.s_picture_read", x="side2X + 2", y=_y("0"), align="'left'", fontSize="11*z"),
        rect(
            **steps,
            keep=f"!({counts})",
            x=left,
            x2=f"{right} - min(1, ({right} - {left})*0.3)",
            y=y("toNumber(VALUES[datum.k])"),
            y2=y("B.zero"),
            fill="xColour",
            fillOpacity="0.45",
        ),
        # Those that count are wide enough to be seen among two hundred.
        rect(
            **steps,
            keep=counts,
            x=f"min({left}, ({left} + {right})/2 - 1.5*z)",
            x2=f"max({right}, ({left} + {right})/2 + 1.5*z)",
            y=y("toNumber(VALUES[datum.k])"),
            y2=y("B.zero"),
            fill="now",
        ),
        SAMPLE.across(base, when="reads", strokeWidth=0.6),
        # One step counts in each half: its number stays there, so that neither covers the other or leaves the picture.
        *over(
            **steps,
            keep=counts,
            text="WRITTEN[datum.k]",
            x=f"clamp(({left} + {right})/2, 2*datum.k + 1 < length(VALUES) ? {SAMPLE.left} : {SAMPLE.x('0.5')} + 15*z,"
            f" 2*datum.k + 1 < length(VALUES) ? {SAMPLE.x('0.5')} - 15*z : {SAMPLE.right} - 11*z)",
            y=f"{y('max(B.zero, toNumber(VALUES[datum.k]))')} - 6*z",
            fill="now",
            fontWeight="'bold'",
        ),
    ]


def _y(line: str) -> str:
    """The middle of a line, under its name where there is a pair."""
    return f"{SAMPLE.top} + {line}*sampleRow + (pair ? 31 : 13)*z"


def _number() -> list[Layer]:
    when = "B.kind == 'number'"
    out = f"OUT[datum.q][{SENT}]"
    target_x, output_x = (SAMPLE.x(f"toNumber({place})") for place in ("TRUTH[0][0]", out))
    its: dict[str, Any] = {"when": when, **PER_RUN, "keep": f"{HAS_ROWS} && SAID_OUT[datum.q][{SENT}] != 'NaN'"}
    scale = {"when": when, "rows": "sequence(length(SAMPLETICKS))"}
    tick = SAMPLE.x("toNumber(SAMPLETICKS[datum.k])")
    # What is off the scale is an arrow at its end.
    pointer = f"toNumber({out}) >= 1 ? {RIGHT_ARROW} : toNumber({out}) <= 0 ? {LEFT_ARROW} : 'circle'"

    def written(number: str, part: str, line: str, **props: Any) -> Layer:
        near = f"toNumber({part}) > 0.8"
        at = f"{SAMPLE.x(f'toNumber({part})')} + ({near} ? -12 : 12)*z"
        align = f"{near} ? 'right' : 'left'"
        return text(text=number, x=at, y=f"{_y(line)} - 7*z", align=align, fontSize="11.5*z", **props)

    return [
        rule(x=tick, x2=tick, y=f"{SAMPLE.top} + sampleRow", y2=SAMPLE.bottom, **scale, strokeWidth=0.6),
        small(**scale, text="SAMPLENAMES[datum.k]", x=tick, y=f"{SAMPLE.bottom} + 10*z"),
        SAMPLE.across(_y("(datum.k + 1)"), when=when, rows="sequence(B.runs + 1)"),
        shape(DIAMOND, when=when, x=target_x, y=_y(TRUTH_LINE), size="120*z", fill="ink"),
        written("TRUTHIS[0][0]", "TRUTH[0][0]", TRUTH_LINE, when=when),
        shape(pointer, **its, fill=COLOUR, x=output_x, y=_y(RUN_LINE), size="110*z"),
        written(f"SAID_OUT[datum.q][{SENT}]", out, RUN_LINE, **PER_RUN, when=when, keep=HAS_ROWS, fill=COLOUR),
    ]


def _classes() -> list[Layer]:
    """Each class on a ground as strong as it is probable; a wrong one is bold, in `badColour`."""
    when = "B.kind == 'classes'"
    cell = f"({SAMPLE.right} - {SAMPLE.left})/({SHOWN})"
    left, right = (f"{SAMPLE.left} + (datum.i + {n})*{cell}" for n in (0, 1))
    word = {
        "x": f"{SAMPLE.left} + (datum.i + 0.5)*{cell}",
        "fontSize": f"clamp({cell}*0.62, 8, 13)*z",
        "limit": f"{cell} - 1",
    }
    words = each(
        f"({SHOWN})",
        j=f"datum.i + {ASKED} - {SHOWN}",
        truth="TRUTH[0][datum.j]",
        word=f"OUT[datum.q][{SENT}*{ASKED} + datum.j]",
        p=f"toNumber(OUTIS[datum.q][{SENT}*{ASKED} + datum.j])",
        right="datum.word == datum.truth",
    )
    its: dict[str, Any] = {"when": when, **words, "keep": f"{HAS_ROWS} && datum.word"}
    return [
        text(
            when=when,
            rows=f"sequence({SHOWN})",
            let={"i": "datum.k"},
            text=f"TRUTH[0][datum.i + {ASKED} - {SHOWN}]",
            y=_y(TRUTH_LINE),
            **word,
        ),
        rect(
            **its,
            x=left,
            x2=f"{right} - 1",
            y=f"{_y(RUN_LINE)} - 11*z",
            y2=f"{_y(RUN_LINE)} + 11*z",
            fill=COLOUR,
            fillOpacity="0.3*datum.p",
        ),
        text(
            **its,
            text="datum.word",
            y=_y(RUN_LINE),
            fontWeight="datum.right ? 'normal' : 'bold'",
            fill="datum.right ? ink : badColour",
            **word,
        ),
        # A word may be too long for its place.
        outline(
            **its,
            x=left,
            x2=right,
            y=f"{_y(RUN_LINE)} - 11*z",
            y2=f"{_y(RUN_LINE)} + 11*z",
            tooltip="B.s_truth + ': ' + datum.truth + '\\n' + B.s_output + ': ' + datum.word"
            f" + ' (' + {numbers.percent('datum.p')} + ')'",
        ),
        small(
            when=when,
            text="[B.s_shades, B.signs]",
            x="side2X + 2",
            y=f"{SAMPLE.bottom} + 12*z",
            align="'left'",
            lineHeight="14*z",
            limit="sideW - 4",
        ),
    ]


def _series() -> list[Layer]:
    when = "B.kind == 'series'"

    def line(values: str, keep: str, **props: Any) -> Layer:
        x, y = SAMPLE.x(f"(datum.i + 0.5)/{ASKED}"), SAMPLE.y(f"toNumber({values})")
        return curve(ASKED, x, y, f"{keep} && {when}", **props)

    return [
        *ticks(SAMPLE, "SAMPLETICKS", "SAMPLENAMES", when=when),
        line("TRUTH[0][datum.i]", "datum.q == 0", stroke="ink", strokeWidth=1.4, strokeDash=[4, 3]),
        line(
            f"OUT[datum.q][{SENT}*{ASKED} + datum.i]",
            f"{HAS_ROWS} && datum.i < {ASKED}",
            stroke=COLOUR,
            strokeWidth="2.2*z",
        ),
        aside(SAMPLE, "B.s_truth + '  - - -'", when=when),
        small(
            **PER_RUN,
            when=f"{when} && pair",
            text="'— ' + RUNS[datum.q].name",
            x=f"datum.q == 0 ? {SAMPLE.left} : {SAMPLE.right}",
            y=f"{SAMPLE.bottom} + 11*z",
            align="datum.q == 0 ? 'left' : 'right'",
            fill=COLOUR,
            limit="sideW*0.45",
        ),
    ]
