"""Arrays over the steps of a trace as pictures, one under the other on one time axis, each with its name and its scale.

Each array is one picture of a bounded size, whatever its own: what is larger is drawn as the means of blocks, and the
chart says of how many numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import altair as alt
import numpy as np

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.kit.raster import picture
from rnnviz.charts.plots.sharing import either
from rnnviz.core.trace import Array
from rnnviz.words.numbers import size

WIDE, HIGH = 1000, 128  # px of a picture, at most: some 0.1 MB
LEFT, HEAD, GAP, FOOT = 74, 8, 10, 44  # px: names and scales; above the maps; between them; the time axis
LEAST, TALL = 48, 128  # px of a map
TICKS = 10
Labels = Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Map:
    """One picture."""

    name: str  # its symbol
    values: Array  # (rows, T)
    colour: str  # the quantity whose colour its name has
    gate: str = ""  # the gate whose numbers, from 0 to 1, they are; else they are drawn on both sides of 0
    ends: tuple[str, str] = ("", "")  # what stands beside the uppermost and the lowest row


def chart(maps: Sequence[Map], down: str, labels: Labels) -> PortableChart:
    """down: what the rows are.     labels: the texts of a language."""
    T, rows = maps[0].values.shape[1], max(len(one.values) for one in maps)
    across, deep = ceil(T / WIDE), ceil(rows / HIGH)
    drawn, top = [], HEAD
    for one in maps:
        means = _means(one.values, across, deep)
        scale = 1.0 if one.gate else float(np.abs(means).max(initial=1e-30))
        colour, tall = palette.symbol(one.colour), min(TALL, max(LEAST, 6 * len(one.values)))
        drawn.append(
            {
                "name": one.name,
                "top": top,
                "tall": tall,
                "first": one.ends[0],
                "last": one.ends[1],
                "scale": "0 … 1" if one.gate else f"± {size(scale)}",
                "light": picture(means / scale, dark=False, gate=one.gate),
                "dark": picture(means / scale, dark=True, gate=one.gate),
                "inLight": colour.light,
                "inDark": colour.dark,
            }
        )
        top += tall + GAP
    ticks = sorted({round(n) for n in np.linspace(1, T, TICKS)})
    said = "" if across == deep == 1 else labels["maps.means"].format(steps=across, rows=deep)
    base = alt.Chart(alt.NamedData(name="maps")).transform_calculate(
        url="luminance(background) < 0.5 ? datum.dark : datum.light",
        ink="luminance(background) < 0.5 ? datum.inDark : datum.inLight",
        middle="datum.top + datum.tall/2",
        under="datum.top + datum.tall/2 + 15",
        low="datum.top + datum.tall",
        lowest="datum.top + datum.tall - 5",
        uppermost="datum.top + 6",
    )
    beside: dict[str, Any] = {"align": "right", "fontSize": 10, "color": either(palette.SOFT)}
    sized: dict[str, Any] = {"width": alt.ExprRef(f"width - {LEFT}"), "height": alt.ExprRef("datum.tall")}
    layers = [
        base.mark_image(**sized, aspect=False, smooth=False).encode(
            x=alt.value(alt.ExprRef(f"{LEFT} + (width - {LEFT})/2")), y=_down("middle"), url="url:N"
        ),
        base.mark_rect(fillOpacity=0, stroke=either(palette.LINE), strokeWidth=0.6).encode(
            x=alt.value(LEFT), x2=alt.value(alt.ExprRef("width")), y=_down("top"), y2="low:Q"
        ),
        base.mark_text(align="right", fontSize=16, fontWeight="bold").encode(
            x=alt.value(LEFT - 22), y=_down("middle"), text="name:N", color=alt.Color("ink:N", scale=None)
        ),
        base.mark_text(**beside).encode(x=alt.value(LEFT - 22), y=_down("under"), text="scale:N"),
        base.mark_text(**beside).encode(x=alt.value(LEFT - 4), y=_down("uppermost"), text="first:N"),
        base.mark_text(**beside).encode(x=alt.value(LEFT - 4), y=_down("lowest"), text="last:N"),
        *_axis(top, T, labels["maps.steps"].format(rows=down) + said),
    ]
    return PortableChart(
        layer=layers,
        datasets={"maps": drawn, "ticks": [{"t": t} for t in ticks]},
        width="container",
        height=top + FOOT,
        view=alt.ViewConfig(stroke=None),
    )


def _means(values: Array, across: int, deep: int) -> Array:
    """The means of blocks of `deep` rows and `across` columns; the last ones may be smaller.     values: (rows, T)."""
    if across == deep == 1:
        return values
    rows, columns = (np.arange(0, size, by) for size, by in zip(values.shape, (deep, across), strict=True))
    sums = np.add.reduceat(np.add.reduceat(values.astype(float), rows, axis=0), columns, axis=1)
    counts = np.outer(*(np.diff([*at, size]) for at, size in zip((rows, columns), values.shape, strict=True)))
    means: Array = sums / counts
    return means


def _down(field: str) -> alt.Y:
    """A field in px."""
    return alt.Y(f"{field}:Q", scale=None, axis=None)


def _axis(top: float, steps: int, title: str) -> list[alt.Chart]:
    """Under the maps the numbers of steps, each under the middle of its column."""
    ticks = alt.Chart(alt.NamedData(name="ticks")).transform_calculate(
        at=f"{LEFT} + (width - {LEFT})*(datum.t - 0.5)/{steps}"
    )
    soft, across = either(palette.SOFT), alt.X("at:Q", scale=None, axis=None)
    return [
        ticks.mark_text(fontSize=11, color=soft).encode(x=across, y=alt.value(top + 8), text="t:Q"),
        alt.Chart(alt.NamedData(name="ticks"))
        .transform_filter("datum.t == 1")
        .mark_text(align="left", fontSize=11, text=title, color=soft)
        .encode(x=alt.value(LEFT), y=alt.value(top + 28)),
    ]
