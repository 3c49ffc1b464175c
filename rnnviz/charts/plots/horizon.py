"""The error of forecasts against how far ahead they look: a line for each forecaster, the naive ones beside the
network's, its name at the line's end; and how far ahead the network was trained for.

As in `sharing`, the specification is constant per language and per title of an axis, and the data are tables of their
own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import altair as alt
import numpy as np

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.apart import apart
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots.sharing import either
from rnnviz.core.forecast import Walk

HEIGHT = 300  # px, of the axis' words too where a page fits them in
GAP = 14 / (HEIGHT - 110)  # of the plot's height, from one name to the next, where they are
SOLID, DASHED = [1, 0], [6, 4]
# One network before and after a change, or told the truth after each step, in its colour; the second of a pair dashed.
COLOURS = palette.FORECASTERS | dict.fromkeys(("before", "after", "told"), palette.FORECASTERS["network"])
SECOND = ("before", "told")
WITHOUT = ("last", "season", "trend", "linear")  # a network: thinner
Labels = Mapping[str, str]


def chart(walk: Walk, names: Mapping[str, str], labels: Labels, *, unit: str = "", trained: int = 0) -> PortableChart:
    """The mean absolute error of each step ahead, over all origins.

    names: what each forecaster is called at its line's end, by its name in the walk, one of `COLOURS`.
    unit: of the series.     trained: how many steps ahead the network was trained for; 0 is all.
    """
    rows = [
        {"kind": kind, "name": names[kind], "x": x, "y": y, "second": kind in SECOND, "plain": kind in WITHOUT}
        for kind in walk.forecasts
        for x, y in enumerate(walk.by_step(kind).tolist(), 1)
        if isfinite(y)
    ]
    band = [{"from": trained + 0.5, "to": walk.horizon + 0.5, "name": labels["forecast.chart.untrained"]}]
    up = labels["forecast.chart.axis_error"] + (f", {unit}" if unit else "")
    return PortableChart(
        layer=[*_background(), *_lines(labels["forecast.chart.axis_ahead"], up), *_names()],
        datasets={
            "rows": rows,
            "ends": _ends(rows, walk.horizon),
            "trained": band if 0 < trained < walk.horizon else [],
        },
        width="container",
        height=HEIGHT,
    )


def _ends(rows: Sequence[Mapping[str, Any]], horizon: int) -> list[dict[str, Any]]:
    """What each line is called, and where: beside the plot, none over another; over its last point where a line ends
    before the horizon does."""
    last = {row["kind"]: row for row in rows}.values()
    top = max((row["y"] for row in rows), default=1.0) or 1.0
    whole = np.array([row["x"] == horizon for row in last])
    parts = np.array([row["y"] / top for row in last])
    places = np.where(whole, apart(np.where(whole, parts, np.nan), GAP), parts + GAP)
    return [
        {
            "kind": row["kind"],
            "name": row["name"],
            "x": horizon + 0.5 if beside else row["x"],
            "place": min(1.0, place) * top,
        }
        for row, beside, place in zip(last, whole.tolist(), places.tolist(), strict=True)
    ]


def _background() -> list[alt.Chart]:
    """Which steps the network was not trained for."""
    trained = alt.Chart(alt.NamedData(name="trained"))
    band = trained.mark_rect(color=either(palette.SOFT), opacity=0.14).encode(x="from:Q", x2="to:Q")
    word = trained.mark_text(align="right", baseline="top", dx=-5, dy=4, color=either(palette.SOFT), fontSize=11)
    return [band, word.encode(x="to:Q", y=alt.value(0), text="name:N")]


def _colour() -> alt.Color:
    colours = [either(pair) for pair in COLOURS.values()]
    return alt.Color("kind:N", legend=None, scale=alt.Scale(domain=list(COLOURS), range=colours))


def _lines(across: str, up: str) -> list[alt.Chart]:
    base = (
        alt.Chart(alt.NamedData(name="rows"))
        .transform_calculate(error=numbers.size("datum.y"))
        .encode(
            x=alt.X(
                "x:Q", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(title=across, tickMinStep=1, grid=False)
            ),
            y=alt.Y(
                "y:Q",
                scale=alt.Scale(zero=True, nice=False),
                axis=alt.Axis(title=up, tickCount=5, labelExpr=numbers.size("datum.value")),
            ),
            color=_colour(),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("x:Q", title=across),
                alt.Tooltip("error:N", title=up),
            ],
        )
    )
    dash = alt.StrokeDash("second:N", legend=None, scale=alt.Scale(domain=[False, True], range=[SOLID, DASHED]))
    wide = alt.condition("datum.plain", alt.value(1.6), alt.value(2.8))
    return [
        base.mark_line().encode(strokeDash=dash, strokeWidth=wide),
        base.mark_point(filled=True, size=36, opacity=1),
    ]


def _names() -> list[alt.Chart]:
    """On a ground of their own, since one may stand over lines."""
    ends = alt.Chart(alt.NamedData(name="ends")).encode(x="x:Q", y="place:Q", text="name:N")
    word: dict[str, Any] = {"align": "left", "baseline": "middle", "dx": 8, "fontSize": 11}
    ground = ends.mark_text(**word, stroke=either(palette.PAPER), strokeWidth=4, strokeJoin="round")
    return [ground, ends.mark_text(**word).encode(color=_colour())]
