"""Several cells that read the same text: their states as heatmaps on one token axis, and what each still knows of the
first word, against the distance.

As in `sharing`, the specification is constant per language and the data are tables of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.kit.raster import picture
from rnnviz.charts.plots.sharing import either
from rnnviz.core.cells import CELLS
from rnnviz.core.trace import Trace

ROOM = 72  # px of a heatmap
STEP = ROOM + 26  # and of its name above it
TOKENS = 22  # px of the row of tokens
HEIGHT = 440
NAMES_A_ROW = alt.ExprRef("width < 400 ? 3 : 5")  # on a phone five would leave the picture
Labels = Mapping[str, str]

Rows = list[dict[str, Any]]


def states(traces: Sequence[Trace], labels: Labels) -> PortableChart:
    """The hidden states of each trace, units down, tokens across; all of the same tokens."""
    tokens, letters = traces[0].tokens, all(len(token) == 1 for token in traces[0].tokens)
    cells = [
        {
            "name": _cell_name(trace.cell.name, labels),
            "top": TOKENS + place * STEP,
            "light": picture(trace["h"][trace.top].T, dark=False),
            "dark": picture(trace["h"][trace.top].T, dark=True),
        }
        for place, trace in enumerate(traces)
    ]
    least = 7 if letters else 26  # px of a column whose token can be read
    columns = [{"k": k, "T": len(tokens), "token": token, "needed": least} for k, token in enumerate(tokens)]
    base = alt.Chart(alt.NamedData(name="cells")).transform_calculate(
        url="luminance(background) < 0.5 ? datum.dark : datum.light",
        middle=f"datum.top + {STEP - ROOM} + {ROOM / 2}",
        label="datum.top + 12",
    )
    pictures = base.mark_image(width=alt.ExprRef("width"), height=ROOM, aspect=False, smooth=False).encode(
        x=alt.value(alt.ExprRef("width / 2")), y=_pixels("middle", "y"), url="url:N"
    )
    names = base.mark_text(align="left", fontSize=13, fontWeight="bold", color=either(palette.INK)).encode(
        x=alt.value(0), y=_pixels("label", "y"), text="name:N"
    )
    across = alt.Chart(alt.NamedData(name="columns")).transform_calculate(
        left="datum.k * width / datum.T",
        right="(datum.k + 1) * width / datum.T",
        shown="width / datum.T < datum.needed ? '' : datum.token",
        t="datum.k + 1",
    )
    heads = (
        across.transform_calculate(middle="(datum.left + datum.right) / 2")
        .mark_text(fontSize=12, color=either(palette.SYMBOLS["x"]))
        .encode(x=_pixels("middle", "x"), y=alt.value(8), text="shown:N")
    )
    cursor = across.mark_rect(fillOpacity=0, stroke=either(palette.LINE), strokeWidth=0.6).encode(
        x=_pixels("left", "x"),
        x2="right:Q",
        y=alt.value(TOKENS),
        y2=alt.value(alt.ExprRef("height")),
        tooltip=[alt.Tooltip("t:Q", title="t"), alt.Tooltip("token:N", title=" ")],
    )
    return PortableChart(
        layer=[pictures, names, heads, cursor],
        datasets={"cells": cells, "columns": columns},
        width="container",
        height=TOKENS + STEP * len(traces),
        view=alt.ViewConfig(stroke=None),
    )


class Line(NamedTuple):
    """What a probe reads of the first word in one cell."""

    cell: str  # by name
    read: str  # from what: a key of the labels, "gates.from_h" or "gates.from_all"
    distances: Sequence[int]  # tokens since the first word
    accuracies: Sequence[float]  # share of right answers at each


def first_word(lines: Sequence[Line], chance: float, labels: Labels, *, reach: int) -> PortableChart:
    """Share of right answers against the tokens read since the first word, and what guessing gives: a colour for each
    cell, dashed what is read from all that it carries.

    reach: the farthest distance that the axis has, drawn or not.
    """
    rows: Rows = [
        {"name": _cell_name(line.cell, labels), "x": x, "y": y, "read": labels[line.read]}
        for line in lines
        for x, y in zip(line.distances, line.accuracies, strict=True)
    ]
    colours = {_cell_name(name, labels): pair for name, pair in palette.NETWORKS.items()}
    source = alt.Chart(alt.NamedData(name="rows")).transform_calculate(share=numbers.percent("datum.y", 1))
    base = source.encode(
        x=alt.X(
            "x:Q",
            scale=alt.Scale(domain=[0, reach], nice=False),
            axis=alt.Axis(title=labels["gates.axis_distance"], tickMinStep=1, grid=False),
        ),
        y=alt.Y(
            "y:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(title=labels["gates.axis_accuracy"], tickCount=5, labelExpr=numbers.percent("datum.value")),
        ),
        color=alt.Color(
            "name:N",
            scale=alt.Scale(domain=list(colours), range=[either(pair) for pair in colours.values()]),
            legend=alt.Legend(title=None, orient="top", symbolType="circle", columns=NAMES_A_ROW),
        ),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("read:N", title=" "),
            alt.Tooltip("x:Q", title=labels["gates.axis_distance"]),
            alt.Tooltip("share:N", title=labels["gates.axis_accuracy"]),
        ],
    )
    # Of the lines alone: points have no dashes, and would hide the legend's.
    dash = alt.StrokeDash(
        "read:N",
        scale=alt.Scale(domain=[labels["gates.from_h"], labels["gates.from_all"]], range=[[1, 0], [6, 4]]),
        legend=alt.Legend(
            title=None,
            orient="bottom",
            symbolType="stroke",
            symbolSize=900,  # 30 px: a few dashes
            symbolStrokeColor=either(palette.INK),
            symbolStrokeWidth=2,
        ),
    )
    guess = alt.Chart(alt.NamedData(name="chance"))
    rule = guess.mark_rule(strokeDash=[4, 4], color=either(palette.SOFT)).encode(y="y:Q")
    word = guess.mark_text(align="left", dy=9, color=either(palette.SOFT), fontSize=12).encode(
        x=alt.value(4), y="y:Q", text="name:N"
    )
    layers = [
        base.mark_line(strokeWidth=2).encode(strokeDash=dash),
        base.mark_point(filled=True, size=45, opacity=1),
        rule,
        word,
    ]
    chances = [{"y": chance, "name": labels["gates.chance"]}]
    return PortableChart(layer=layers, datasets={"rows": rows, "chance": chances}, width="container", height=HEIGHT)


def _cell_name(cell: str, labels: Labels) -> str:
    """What the language calls a cell, where it does so otherwise than its declaration."""
    return labels.get(f"cell.{cell}", CELLS[cell].title)


def _pixels(field: str, axis: str) -> alt.X | alt.Y:
    """A field that is a place in pixels already."""
    kind = alt.X if axis == "x" else alt.Y
    return kind(f"{field}:Q", scale=None, axis=None)
