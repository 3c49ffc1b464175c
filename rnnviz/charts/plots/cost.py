"""What a step of training costs: one line against the size of a batch or the length of its sequences."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots.sharing import either

HEIGHT = 200  # px


def line(xs: Sequence[int], ys: Sequence[float], across: str, up: str) -> PortableChart:
    """Both axes from zero, so that a line through the corner is a cost in proportion.     across, up: axis titles."""
    rows = [{"x": x, "y": y} for x, y in zip(xs, ys, strict=True)]
    base = (
        alt.Chart(alt.NamedData(name="rows"))
        .transform_calculate(value=numbers.size("datum.y"))
        .encode(
            x=alt.X("x:Q", scale=alt.Scale(domainMin=0), axis=alt.Axis(title=across, grid=False, tickCount=5)),
            y=alt.Y(
                "y:Q",
                scale=alt.Scale(domainMin=0),
                axis=alt.Axis(title=up, tickCount=4, labelExpr=numbers.size("datum.value")),
            ),
            tooltip=[alt.Tooltip("x:Q", title=across), alt.Tooltip("value:N", title=up)],
        )
    )
    colour = either(palette.SYMBOLS["h"])
    layers = [
        base.mark_line(strokeWidth=2, color=colour),
        base.mark_point(filled=True, size=60, opacity=1, color=colour),
    ]
    return PortableChart(layer=layers, datasets={"rows": rows}, width="container", height=HEIGHT)
