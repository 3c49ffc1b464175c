"""The hidden state over time under a scene, in the columns of what stands above it."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit.draw import Layer, Signal, derived, outline, rect, shade_of, text
from rnnviz.charts.kit.expr import Expr, datum, fields, fn, when
from rnnviz.charts.kit.names import B, H, picked, t, way, z
from rnnviz.charts.stage.names import (
    FINAL,
    VECS,
    P,
    V,
    cols,
    colW,
    every,
    first,
    firstColumn,
    gutter,
    heatEnd,
    heatRow,
    heatY,
    hOffset,
    ready,
    regionY,
    sceneEnd,
    u,
)
from rnnviz.charts.stage.scene.places import TOP, left


def signals() -> list[Signal]:
    return derived(
        cols="shownColumns",
        first="firstColumn",
        heatY=sceneEnd + 5 * z,
        heatRow=fn.clamp(fn.floor(when(B.before, 72, 96) * z / H), 3, 13 * z),
        heatEnd=heatY + heatRow * H,
    )


def layers() -> list[Layer]:
    return [*_cells(), *_present()]


def _cells() -> list[Layer]:
    beside: dict[str, Any] = {"when": TOP, "x": gutter - 12 * z, "align": "'right'"}
    return [
        text(**beside, text="B.row", y=(heatY + heatEnd) / 2, fill="hColour", fontSize=15 * z, fontWeight="'bold'"),
        text(**beside, text="'1'", y=heatY + heatRow / 2, fill="soft", fontSize=10 * z),
        text(**beside, text="" + H, y=heatEnd - heatRow / 2, fill="soft", fontSize=10 * z),
        rect(
            name="heat",
            rows=fn.sequence(cols * H),
            # Cells are counted within the window, so that turning its page changes what is in the marks and not the
            # marks.
            let={
                "c": first + fn.floor(datum.k / H),
                "u": datum.k % H,
                "v": V[hOffset + first * H + datum.k],
                "left": left(firstColumn + fn.floor(datum.k / H)) + 1,
                "right": datum.left + colW - 2,
                "top": heatY + datum.u * heatRow,
                "bottom": datum.top + heatRow - 0.5,
                "name": "h[" + (datum.u + 1) + "]",
            },
            when=TOP,
            x="datum.left",
            x2="datum.right",
            y="datum.top",
            y2="datum.bottom",
            fill=shade_of(VECS[B.h], datum.v),
            cursor="'pointer'",
            # Short, since it is worked out for every cell whenever the page of the window turns.
            tooltip=fields({"title": datum.name, "t": datum.c + 1, "=": datum.v, "←": FINAL.formula}),
        ),
        outline(
            x="gutter",
            x2=gutter + cols * colW,
            y=heatY - 1,
            y2=heatEnd + 1,
            stroke="line",
            when=TOP,
            aria=False,
        ),
    ]


def place(name: str, when_shown: Expr, y: Expr, y2: Expr, **props: str) -> Layer:
    """An empty place for each column of a heatmap that is still to come."""
    return rect(
        name=name,
        rows=fn.sequence(cols),
        let={"c": first + datum.k, "left": left(datum.c)},
        when=when_shown,
        keep=(datum.c - t) * way > when(ready, 0, -1),
        x=datum.left + 1,
        x2=datum.left + colW - 1,
        y=y,
        y2=y2,
        fill="paper",
        stroke="soft",
        strokeOpacity=0.6,
        strokeDash=[3, 3],
        cursor="'pointer'",
        aria=False,
        **props,
    )


def _present() -> list[Layer]:
    """An empty place for each column that is still to come, and a frame for now: only these follow the step."""
    return [
        place("heatPlace", TOP & ~every, heatY - 1, heatEnd + 1),
        outline(
            when=TOP,
            x=left(t) + 0.5,
            x2=left(t) + colW - 0.5,
            y=when(P.whole, regionY - 2, heatY - 4 * z),
            y2=heatEnd + 3,
            cornerRadius=6,
            stroke="now",
            strokeWidth=2,
            aria=False,
        ),
        outline(
            when=TOP,
            x="gutter",
            x2=gutter + cols * colW,
            y=heatY + picked * heatRow - 0.5,
            y2=heatY + (picked + 1) * heatRow - 0.5,
            stroke="ink",
            strokeWidth=1,
            opacity=0.6 * u,
        ),
    ]
