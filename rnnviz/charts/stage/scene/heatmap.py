"""The hidden state over time under a scene, in the columns of what stands above it."""

from __future__ import annotations

from typing import Any

from rnnviz.charts.kit.draw import EMPTY, Layer, Signal, derived, image, outline, rect, text
from rnnviz.charts.kit.expr import ATOM, Expr, Value, datum, fields, fn, when
from rnnviz.charts.kit.names import B, H, T, dark, phone, picked, t, way, z
from rnnviz.charts.kit.player import pointed
from rnnviz.charts.stage.names import (
    FINAL,
    P,
    V,
    called,
    cols,
    colW,
    every,
    first,
    gutter,
    heatEnd,
    heatRow,
    heatY,
    hOffset,
    hover,
    ready,
    regionY,
    sceneEnd,
    u,
)
from rnnviz.charts.stage.scene.places import TOP, left

TALL = when(B.fold | phone, 72, 96)  # px before zoom


def signals(tall: Value = TALL) -> list[Signal]:
    """Where the heatmap lies; `hover` is the step and the unit that the pointer is on.

    tall: how high it is in px before zoom, where its units have room in it.
    """
    places = derived(
        cols="shownColumns",
        first="firstColumn",
        heatY=sceneEnd + 5 * z,
        heatRow=fn.clamp(fn.floor(tall * z / H), when(phone, 3, 2), 13 * z),
        heatEnd=heatY + heatRow * H,
    )
    at = {
        "c": fn.clamp(first + fn.floor((fn.x() - gutter) / colW), 0, T - 1),
        "u": fn.clamp(fn.floor((fn.y() - heatY) / heatRow), 0, H - 1),
    }
    return [*places, pointed("heat", str(fields(at)))]


def layers() -> list[Layer]:
    return [*_cells(), *_present()]


def _cells() -> list[Layer]:
    beside: dict[str, Any] = {"when": TOP, "x": gutter - 12 * z, "align": "'right'"}
    return [
        *_picture(),
        text(**beside, text="B.row", y=(heatY + heatEnd) / 2, fill="hColour", fontSize=15 * z, fontWeight="'bold'"),
        text(**beside, text="called[0]", y=heatY + heatRow / 2, fill="soft", fontSize=10 * z),
        text(**beside, text=called[H - 1], y=heatEnd - heatRow / 2, fill="soft", fontSize=10 * z),
        outline(
            name="heat",
            x="gutter",
            x2=gutter + cols * colW,
            y=heatY - 1,
            y2=heatEnd + 1,
            stroke="line",
            when=TOP,
            cursor="'pointer'",
            tooltip=when(
                hover,
                fields(
                    {
                        "title": "h[" + called[hover.u] + "]",
                        "t": hover.c + 1 + B.shift,
                        "=": V[hOffset + hover.c * H + hover.u],
                        "←": FINAL.formula,
                    }
                ),
                "",
            ),
        ),
    ]


def _picture() -> list[Layer]:
    """All columns as one picture, of which the window shows some: turning its page moves it. What is left of the window
    is covered; at its right the chart ends."""
    wide = P.columns * colW * u
    row: dict[str, Any] = {"when": TOP, "y": heatY - 1, "y2": heatEnd + 1, "fill": "paper"}
    return [
        image(
            name="heatPicture",
            when=TOP,
            x=left(Expr("0", ATOM)) + wide / 2,
            y=(heatY + heatEnd) / 2,
            width=wide,
            height=heatEnd - heatY,
            url=when(dark, B.heatDark, B.heatLight),
            clip=True,
        ),
        rect(**row, x=0, x2="gutter"),
        rect(**row, x=gutter + cols * colW, x2="width"),
        # Between two columns.
        rect(
            **row,
            rows=fn.sequence(1, cols),
            x=left(first + datum.k) - 1,
            x2=left(first + datum.k) + 1,
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
        x=datum.left + 0.5,  # under the edge of what parts the columns
        x2=datum.left + colW - 0.5,
        y=y,
        y2=y2,
        **EMPTY,
        cursor="'pointer'",
        **props,
    )


def _present() -> list[Layer]:
    """An empty place for each column that is still to come, and a frame for now: only these follow the step."""
    return [
        place("heatPlace", TOP & ~every, heatY - 1, heatEnd + 1),
        outline(
            when=TOP & (t >= first) & (t < first + cols),
            x=left(t) + 0.5,
            x2=left(t) + colW - 0.5,
            y=when(P.whole, regionY - 2, heatY - 4 * z),
            y2=heatEnd + 3,
            cornerRadius=6,
            stroke="now",
            strokeWidth=2,
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
