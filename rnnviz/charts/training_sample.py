"""What the model of a training run gives for one sequence that it never trained on, beside what is asked for: a number
as a mark on a line, classes one after the other, a series of numbers as two lines.

Of `bundle` it reads which of these `kind` is; of `runs` `asked`, how many there are, `truth` and `truthIs`, and of each
row that was sent `out` and `outIs`: parts of the panel or names, and what they are in numbers.
"""

from __future__ import annotations

from typing import Any

from rnnviz.charts.draw import Layer, dot, heading, rect, shape, text
from rnnviz.charts.training_layout import COLOUR, HAS_ROWS, PER_RUN, RUNS, SAMPLE, SENT, aside, curve, each

DIAMOND = "'M0,-1L1,0L0,1L-1,0Z'"
ASKED = "RUNS[0].asked"
AT = f"{SENT}*{ASKED} + datum.i"  # among the outputs that were sent
TRUTH_LINE, RUN_LINE = "0", "(datum.q + 1)"  # the line of what is asked for, and a run's


def layers() -> list[Layer]:
    called = [("one", "B.s_truth", TRUTH_LINE, "ink")]
    called += [(RUNS, "pair ? RUNS[datum.k].name : B.s_output", "(datum.k + 1)", COLOUR.replace("datum.q", "datum.k"))]
    return [
        heading(text="B.s_sample", x="side2X + 2", y=f"{SAMPLE.top} - 15*z", limit="sideW - 8"),
        *(
            text(
                when="!(B.kind == 'series')",
                rows=rows,
                text=label,
                x="side2X + 2",
                y=_y(line),
                align="'left'",
                fontSize="11*z",
                fill=colour,
                limit="44*z",
            )
            for rows, label, line, colour in called
        ),
        *_number(),
        *_classes(),
        *_series(),
    ]


def _y(line: str) -> str:
    return f"{SAMPLE.top} + {line}*26*z + 13*z"


def _number() -> list[Layer]:
    when = "B.kind == 'number'"
    asked, given = (SAMPLE.x(f"toNumber({place})") for place in ("TRUTH[0][0]", f"OUT[datum.q][{SENT}]"))
    its: dict[str, Any] = {"when": when, **PER_RUN, "keep": HAS_ROWS, "fill": COLOUR}

    def written(number: str, x: str, line: str, **props: Any) -> Layer:
        return text(text=number, x=f"{x} + 12*z", y=f"{_y(line)} - 9*z", align="'left'", fontSize="11*z", **props)

    return [
        SAMPLE.across(_y("datum.k"), when=when, rows="sequence(B.runs + 1)"),
        shape(DIAMOND, when=when, x=asked, y=_y(TRUTH_LINE), size="120*z", fill="ink"),
        written("TRUTHIS[0][0]", asked, TRUTH_LINE, when=when),
        dot(**its, x=given, y=_y(RUN_LINE), size="110*z"),
        written(f"OUTIS[datum.q][{SENT}]", given, RUN_LINE, **its),
    ]


def _classes() -> list[Layer]:
    """What is right is calm."""
    when = "B.kind == 'classes'"
    cell = f"({SAMPLE.right} - {SAMPLE.left})/{ASKED}"
    word = {
        "x": f"{SAMPLE.left} + (datum.i + 0.5)*{cell}",
        "fontSize": f"clamp({cell}*0.62, 8, 13)*z",
        "limit": f"{cell} - 1",
    }
    words = each(ASKED, word=f"OUT[datum.q][{AT}]", right="datum.word == TRUTH[0][datum.i]")
    its: dict[str, Any] = {"when": when, **words, "keep": HAS_ROWS}
    return [
        text(
            when=when,
            rows=f"sequence({ASKED})",
            let={"i": "datum.k"},
            text="TRUTH[0][datum.i]",
            y=_y(TRUTH_LINE),
            **word,
        ),
        rect(
            **its,
            x=f"{SAMPLE.left} + datum.i*{cell}",
            x2=f"{SAMPLE.left} + (datum.i + 1)*{cell} - 1",
            y=f"{_y(RUN_LINE)} - 11*z",
            y2=f"{_y(RUN_LINE)} + 11*z",
            fill=COLOUR,
            fillOpacity=f"0.3*toNumber(OUTIS[datum.q][{AT}])",
        ),
        text(
            **its,
            text="datum.word",
            y=_y(RUN_LINE),
            fontWeight="datum.right ? 'normal' : 'bold'",
            fill="datum.right ? ink : badColour",
            **word,
        ),
    ]


def _series() -> list[Layer]:
    when = "B.kind == 'series'"

    def line(values: str, keep: str, **props: Any) -> Layer:
        x, y = SAMPLE.x(f"(datum.i + 0.5)/{ASKED}"), SAMPLE.y(f"toNumber({values})")
        return curve(ASKED, x, y, f"{keep} && {when}", **props)

    return [
        line("TRUTH[0][datum.i]", "datum.q == 0", stroke="ink", strokeWidth=1.4, strokeDash=[4, 3]),
        line(f"OUT[datum.q][{AT}]", HAS_ROWS, stroke=COLOUR, strokeWidth="2.2*z"),
        aside(SAMPLE, "B.s_truth + '  - - -'", when=when),
    ]
