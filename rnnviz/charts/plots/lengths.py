"""What networks reach against the length of what they read: a line for each attention with the least and the most of
its seeds, the guess without a network, how long the sources of training were, and where one source of the reader's is.

As in `sharing`, the specification is constant per language and the data are tables of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots.sharing import either

HEIGHT = 340  # px, of the legend too where a page fits it in
SHAPES = {"none": "circle", "additive": "square", "multiplicative": "triangle-up"}
BESIDE = {"none": -11, "additive": 0, "multiplicative": 11}  # px, so that marks of one place do not cover each other
NAMES_A_ROW = alt.ExprRef("width < 400 ? 2 : 3")
Labels = Mapping[str, str]


class Reached(NamedTuple):
    """What networks of one attention reach of sources of one length."""

    attention: str
    length: int  # tokens of the source
    shares: Sequence[float]  # of each seed


class Own(NamedTuple):
    """The reader's own source.     right: whether each attention writes it rightly; none where that is not known."""

    length: int
    right: Mapping[str, bool]


def chart(
    reached: Sequence[Reached],
    guess: Sequence[tuple[int, float]],
    trained: tuple[int, int],
    own: Own,
    up: str,
    labels: Labels,
) -> PortableChart:
    """reached: empty as long as it is to be guessed.     guess: (length, share) without a network.
    trained: the shortest and the longest source.     up: the vertical axis' title.
    """
    rows = [
        {
            "name": labels[f"attention.attention_{one.attention}"],
            "x": one.length,
            "mean": sum(one.shares) / len(one.shares),
            "least": min(one.shares),
            "most": max(one.shares),
        }
        for one in reached
    ]
    marks = [
        {
            "kind": kind,
            "name": labels[f"attention.attention_{kind}"],
            "x": own.length,
            "y": float(right),
            "said": labels[f"attention.bottleneck_{'right' if right else 'wrong'}"],
        }
        for kind, right in own.right.items()
    ]
    across = labels["attention.bottleneck_axis_length"]
    layers = [_band(), *_lines(across, up, labels), *_trained(), *_own(across, labels)]
    return PortableChart(
        layer=layers,
        datasets={
            "rows": rows,
            # Its name stands where the line begins.
            "guess": [
                {"x": x, "y": y, "name": "" if place else labels["attention.bottleneck_guess"]}
                for place, (x, y) in enumerate(guess)
            ],
            "trained": [{"from": trained[0], "to": trained[1], "name": labels["attention.bottleneck_trained"]}],
            "own": [{"x": own.length, "name": labels["attention.bottleneck_own"]}],
            "marks": marks,
        },
        width="container",
        height=HEIGHT,
    )


def _colours(labels: Labels) -> dict[str, palette.Pair]:
    return {labels[f"attention.attention_{kind}"]: pair for kind, pair in palette.ATTENTIONS.items()}


def _axes(across: str, up: str) -> dict[str, Any]:
    written = numbers.percent("datum.value")
    return {
        "x": alt.X(
            "x:Q", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(title=across, tickMinStep=1, grid=False)
        ),
        "y": alt.Y("mean:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title=up, tickCount=5, labelExpr=written)),
    }


def _band() -> alt.Chart:
    """How long the sources of training were."""
    band = alt.Chart(alt.NamedData(name="trained")).mark_rect(color=either(palette.LINE), opacity=0.35)
    return band.encode(x="from:Q", x2="to:Q")


def _trained() -> list[alt.Chart]:
    """What the band is called, over the lines and where few of them go: most are near the top or the bottom."""
    words = _haloed(alt.Chart(alt.NamedData(name="trained")), align="right", baseline="bottom", dx=-5, dy=-4)
    return [word.encode(x="to:Q", y=alt.value(alt.ExprRef("height * 0.65")), text="name:N") for word in words]


def _haloed(chart: alt.Chart, **place: Any) -> list[alt.Chart]:
    """A word with the background around it, so that a line behind it does not cross it out."""
    paper = either(palette.PAPER)
    halo = chart.mark_text(color=paper, stroke=paper, strokeWidth=5, strokeJoin="round", fontSize=11, **place)
    return [halo, chart.mark_text(color=either(palette.SOFT), fontSize=11, **place)]


def _lines(across: str, up: str, labels: Labels) -> list[alt.Chart]:
    colours = _colours(labels)
    names = list(colours)

    def legend() -> alt.Legend:
        return alt.Legend(title=None, orient="top", columns=NAMES_A_ROW, labelLimit=260, symbolOpacity=1)

    colour = alt.Color(
        "name:N", scale=alt.Scale(domain=names, range=[either(pair) for pair in colours.values()]), legend=legend()
    )
    shape = alt.Shape("name:N", scale=alt.Scale(domain=names, range=list(SHAPES.values())), legend=legend())
    base = (
        alt.Chart(alt.NamedData(name="rows"))
        .transform_calculate(
            share=numbers.percent("datum.mean", 1),
            seeds=f"{numbers.percent('datum.least', 1)} + ' – ' + {numbers.percent('datum.most', 1)}",
        )
        .encode(**_axes(across, up), color=colour)
    )
    tooltip = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("x:Q", title=across),
        alt.Tooltip("share:N", title=up),
        alt.Tooltip("seeds:N", title=labels["attention.bottleneck_seeds"]),
    ]
    guess = alt.Chart(alt.NamedData(name="guess"))
    dashed = guess.mark_line(strokeDash=[4, 4], color=either(palette.SOFT)).encode(x="x:Q", y="y:Q")
    words = _haloed(guess, align="left", dy=-9, dx=2)
    return [
        base.mark_area(opacity=0.15).encode(y=alt.Y("least:Q"), y2="most:Q"),
        base.mark_line(strokeWidth=2),
        base.mark_point(filled=True, size=55, opacity=1).encode(shape=shape, tooltip=tooltip),
        dashed,
        *(word.encode(x="x:Q", y="y:Q", text="name:N") for word in words),
    ]


def _own(across: str, labels: Labels) -> list[alt.Chart]:
    """Where the reader's own source is, and at the top or the bottom whether each network writes it rightly."""
    own = alt.Chart(alt.NamedData(name="own"))
    rule = own.mark_rule(color=either(palette.NOW), strokeWidth=1.5).encode(x="x:Q")
    word = own.mark_text(align="center", baseline="bottom", dy=-10, color=either(palette.NOW), fontSize=12)
    colours = _colours(labels)
    layers = [rule, word.encode(x="x:Q", y=alt.value(0), text="name:N")]
    for place, (kind, offset) in enumerate(BESIDE.items()):
        one = alt.Chart(alt.NamedData(name="marks")).transform_filter(f"datum.kind == '{kind}'")
        point = one.mark_point(
            filled=True,
            size=130,
            opacity=1,
            xOffset=offset,
            shape=SHAPES[kind],
            fill=either([*colours.values()][place]),
            stroke=either(palette.NOW),
            strokeWidth=2,
        )
        layers.append(
            point.encode(
                x="x:Q",
                y="y:Q",
                tooltip=[
                    alt.Tooltip("name:N", title=" "),
                    alt.Tooltip("x:Q", title=across),
                    alt.Tooltip("said:N", title=labels["attention.bottleneck_own"]),
                ],
            )
        )
    return layers
