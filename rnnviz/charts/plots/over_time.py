"""A series over the time of the test, and what forecasters said of each of its values so many steps before.

As in `sharing`, the specification is constant per language and the data are a table of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import altair as alt

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots.sharing import either
from rnnviz.core.trace import Array

HEIGHT = 250  # px
# By kind: its colour, the width of its line in px, its dashes, and what it is called.
KINDS = {
    "truth": (palette.INK, 1.4, [1, 0], "forecast.chart.truth"),
    "network": (palette.SYMBOLS["y"], 2.4, [1, 0], "forecast.by_network"),
    "last": (palette.SOFT, 1.2, [3, 3], "forecast.by_last"),
}
Labels = Mapping[str, str]


class Said(NamedTuple):
    """One line.     kind: of `KINDS`.     places: of the values in the series.     values: in its own unit."""

    kind: str
    places: Sequence[int]
    values: Array


def chart(lines: Sequence[Said], whens: Sequence[str], most: float, labels: Labels, up: str) -> PortableChart:
    """whens: when each value of the series was.     most: the largest value that was trained on.
    up: the vertical axis' title."""
    names = {kind: labels[key] for kind, (_, _, _, key) in KINDS.items()}
    rows = [
        {"name": names[one.kind], "x": place, "y": value, "when": whens[place]}
        for one in lines
        for place, value in zip(one.places, map(float, one.values), strict=True)
    ]
    places = [place for one in lines for place in one.places]
    ends: list[tuple[int, Literal["left", "right"]]] = [(min(places), "left"), (max(places), "right")]
    base = alt.Chart(alt.NamedData(name="rows")).transform_calculate(value=numbers.size("datum.y"))
    nothing = alt.Axis(title=None, labels=False, ticks=False, grid=False)
    x = alt.X("x:Q", scale=alt.Scale(zero=False, nice=False), axis=nothing)
    written = alt.Axis(title=up, tickCount=5, labelExpr=numbers.size("datum.value"))
    y = alt.Y("y:Q", scale=alt.Scale(zero=False), axis=written)
    colours, widths, dashes, _ = zip(*KINDS.values(), strict=True)

    def scale(values: Sequence[Any]) -> alt.Scale:
        return alt.Scale(domain=list(names.values()), range=list(values))

    legend = alt.Legend(title=None, orient="top", labelLimit=260, symbolOpacity=1)
    drawn = base.mark_line().encode(
        x=x,
        y=y,
        color=alt.Color("name:N", scale=scale([either(pair) for pair in colours]), legend=legend),
        strokeDash=alt.StrokeDash("name:N", scale=scale(dashes), legend=legend),
        strokeWidth=alt.StrokeWidth("name:N", scale=scale(widths), legend=None),
        order="x:Q",
    )
    # What is drawn as a line has no place to hover at: points that nobody sees have.
    touched = base.mark_point(opacity=0, size=120, filled=True).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("when:N", title=labels["forecast.chart.when"]),
            alt.Tooltip("value:N", title=up),
        ],
    )
    limit = alt.Chart(alt.NamedData(name="limit"))
    line = limit.mark_rule(color=either(palette.SOFT), strokeDash=[2, 3]).encode(y="y:Q")
    word = limit.mark_text(align="right", baseline="top", dx=-4, dy=4, fontSize=11, color=either(palette.SOFT)).encode(
        y="y:Q", x=alt.value(alt.ExprRef("width")), text="name:N"
    )
    times = alt.Chart(alt.NamedData(name="times"))
    texts = [
        times.transform_filter(f"datum.side == '{side}'")
        .mark_text(align=side, baseline="top", dy=6, fontSize=11, color=either(palette.SOFT))
        .encode(x="x:Q", y=alt.value(alt.ExprRef("height")), text="when:N")
        for _, side in ends
    ]
    return PortableChart(
        layer=[drawn, line, word, touched, *texts],
        datasets={
            "rows": rows,
            "limit": [{"y": most, "name": labels["forecast.chart.most"]}],
            "times": [{"x": place, "when": whens[place], "side": side} for place, side in ends],
        },
        width="container",
        height=HEIGHT,
    )
