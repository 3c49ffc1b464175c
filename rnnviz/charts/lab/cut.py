"""Truncated backpropagation through time: which derivatives a window cuts off, and where the gradient then points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from rnnviz.charts.kit import numbers, scale
from rnnviz.charts.kit.draw import MONO, Layer, Signal, dot, image, outline, rect, rule, small, text
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.legend import legend
from rnnviz.charts.kit.names import Meaning, Names, edges
from rnnviz.charts.kit.plot import named
from rnnviz.charts.lab.chart import Labels, drawn, slider, specification, track
from rnnviz.core.gradients.paths import kept, paths
from rnnviz.core.trace import Array

TEXTS = ("zero", "infinite", "float32", "window_of", "cut_angle", "cut_share", "cut_pairs", "axis_window", "angle_of")
ANGLES = named("an")

NAMES = Names(
    signals={
        "N": Meaning("index", "how many windows there are"),
        "last": Meaning("index", "the last of them, from 0"),
        "c": Meaning("index", "the chosen window, from 0"),
        "cL": Meaning("px", "left end of the slider"),
        "cR": Meaning("px", "right end of the slider"),
        "n": Meaning("number", "the chosen window's length"),
        "gutter": Meaning("px", "left edge of the map"),
        "mapY": Meaning("px", "upper edge of the map"),
        "mapS": Meaning("px", "width and height of the map"),
        "cell": Meaning("px", "width and height of a cell of it"),
        "sideL": Meaning("px", "left edge of the plot of the angles"),
        **edges("an", "the angles"),
    },
    tables={
        "bundle": {
            "N": Meaning("index", "how many windows there are"),
            "windows": Meaning("numbers", "their lengths", "windows"),
            "angles": Meaning("numbers", "degrees between each one's gradient and the full one", "angles"),
            "shares": Meaning("numbers", "its length as a part of the full one's", "shares"),
            "overlap": Meaning("flag", "whether every loss has a window of its own"),
            "kept": Meaning("numbers", "how many pairs of steps each keeps", "kept"),
            "pairs": Meaning("index", "how many pairs there are"),
            "urlLight": Meaning("picture", "the full derivatives, for a light page"),
            "urlDark": Meaning("picture", "the same for a dark page"),
        }
    },
)


def chart(
    matrix: Array,
    windows: Sequence[int],
    angles: Sequence[float],
    shares: Sequence[float],
    labels: Labels,
    *,
    window: int,
    overlapping: bool = False,
    fixed: bool = False,
    zoom: float = 1.0,
) -> Figure:
    """matrix: (T, T), the full derivatives.     angles, shares: of each window's gradient, beside the full one.

    window: the one that it opens at, one of `windows`.     overlapping: whether every loss has one of its own.
    fixed: whether the colours' span is, or fits the matrix.
    """
    steps = len(matrix)
    lower = paths(steps)
    span = scale.span(matrix[lower], fixed=fixed)
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        T=steps,
        N=len(windows),
        start=list(windows).index(window),
        windows=",".join(map(str, windows)),
        angles=",".join("n" if angle != angle else f"{angle:.2f}" for angle in angles),
        shares=",".join("n" if share != share else f"{share:.4g}" for share in shares),
        overlap=overlapping,
        kept=",".join(str(int(kept(steps, one, overlapping=overlapping).sum())) for one in windows),
        pairs=int(lower.sum()),
        urlLight=scale.picture(matrix, lower, span, dark=False),
        urlDark=scale.picture(matrix, lower, span, dark=True),
        **span.row(not fixed),
    )


def _signals() -> list[Signal]:
    return [
        {"name": "T", "update": "B.T"},
        {"name": "N", "update": "B.N"},
        {"name": "last", "update": "B.N - 1"},
        *NAMES.lists(),
        *slider("c", "last", "16", "phone ? width - 16 : width*0.4"),
        {"name": "n", "update": "toNumber(windows[c])"},
        {"name": "gutter", "update": "30*z"},
        {"name": "mapY", "update": "phone ? 76 : 56*z"},
        {"name": "mapS", "update": "min(phone ? width - gutter - 4 : width*0.4, 380*z)"},
        {"name": "cell", "update": "mapS/T"},
        {"name": "sideL", "update": "phone ? 40 : gutter + mapS + 80*z"},
        *ANGLES.signals("sideL", "width - 8", "phone ? mapY + mapS + 210 : mapY + 150*z", "anT + 180*z"),
        {"name": "end", "update": "max(mapY + mapS + 60*z, anB + 40*z)"},
    ]


def _map() -> list[Layer]:
    first = "B.overlap ? max(0, datum.k - n + 1) : floor(datum.k/n)*n"
    return [
        image(
            x="gutter + mapS/2",
            y="mapY + mapS/2",
            url="dark ? B.urlDark : B.urlLight",
            width="mapS",
            height="mapS",
        ),
        # Left of each loss's window lie the states that it no longer reaches.
        rect(
            rows="sequence(T)",
            let={"first": first},
            x="gutter",
            x2="gutter + datum.first*cell",
            y="mapY + datum.k*cell",
            y2="mapY + (datum.k + 1)*cell",
            fill="paper",
            fillOpacity=0.86,
        ),
        outline(
            when="!B.overlap",
            rows="sequence(ceil(T/n))",
            x="gutter + datum.k*n*cell",
            x2="gutter + min(T, (datum.k + 1)*n)*cell",
            y="mapY + datum.k*n*cell",
            y2="mapY + min(T, (datum.k + 1)*n)*cell",
            stroke="now",
            strokeWidth="n > 2 ? 1.6 : 0.8",
        ),
        rule(
            when="B.overlap",
            rows="sequence(T)",
            let={"first": first},
            x="gutter + datum.first*cell",
            x2="gutter + datum.first*cell",
            y="mapY + datum.k*cell",
            y2="mapY + (datum.k + 1)*cell",
            stroke="now",
            strokeWidth=1.6,
        ),
        outline(
            x="gutter",
            x2="gutter + mapS",
            y="mapY",
            y2="mapY + mapS",
            stroke="line",
        ),
        text(text="'t ↓'", x="gutter - 6*z", y="mapY + 8*z", align="'right'", fontSize="11.5*z", fill="soft"),
        text(
            text="'k →'",
            x="gutter + mapS",
            y="mapY + mapS + 10*z",
            align="'right'",
            fontSize="11.5*z",
            fill="soft",
        ),
        *legend("gutter", "mapY + mapS + 22*z", "min(mapS, phone ? mapS : 150*z)"),
    ]


def _facts() -> list[Layer]:
    share = f"(shares[c] == 'n' ? '–' : {numbers.percent('toNumber(shares[c])', 1)})"
    angle = f"(angles[c] == 'n' ? '–' : {numbers.fixed('toNumber(angles[c])', 1)} + '°')"
    facts: list[tuple[str, str]] = [
        ("B.s_cut_angle", angle),
        ("B.s_cut_share", share),
        ("B.s_cut_pairs", numbers.percent("(B.pairs - toNumber(kept[c]))/B.pairs")),
    ]
    top = "(phone ? mapY + mapS + 92 : mapY + 6*z)"
    here = "(log(n)/max(1e-9, log(T)))"
    layers: list[Layer] = [
        layer
        for place, (label, value) in enumerate(facts)
        for layer in (
            text(
                text=label,
                x=f"phone ? 0 : sideL + {place}*(width - sideL)/3",
                y=f"{top} + (phone ? {place}*30 : 0)",
                align="'left'",
                fontSize="11.5*z",
                fill="soft",
                limit="phone ? width - 90 : (width - sideL)/3 - 6",
            ),
            text(
                text=value,
                x=f"phone ? width - 4 : sideL + {place}*(width - sideL)/3",
                y=f"{top} + (phone ? {place}*30 : 24*z)",
                align="phone ? 'right' : 'left'",
                font=MONO,
                fontSize="20*z",
                fontWeight="'bold'",
            ),
        )
    ]
    part = "(log(toNumber(windows[datum.n]))/max(1e-9, log(T)))"
    dots: dict[str, Any] = {
        "rows": "sequence(N)",
        "keep": "isFinite(toNumber(angles[datum.k]))",
        "x": ANGLES.x(part.replace("datum.n", "datum.k")),
        "y": ANGLES.log_y("toNumber(angles[datum.k])", 0, 90),
    }
    return [
        *layers,
        ANGLES.title("B.s_angle_of"),
        *ANGLES.ticks([0, 30, 60, 90], 0, 90, ["0°", "30°", "60°", "90°"]),
        ANGLES.line("N", part, "toNumber(angles[datum.n])", 0, 90, stroke="hColour"),
        dot(**dots, size="datum.k == c ? 160*z : 60*z", fill="datum.k == c ? now : hColour"),
        ANGLES.upright(ANGLES.x(here), stroke="now", strokeDash=[4, 3]),
        small(
            rows="sequence(N)",
            text="windows[datum.k]",
            x=dots["x"],
            y="anB + 12*z",
            fill="datum.k == c ? now : soft",
        ),
        small(text="B.s_axis_window", x=ANGLES.x("0.5"), y="anB + 28*z"),
    ]


@cache
def _spec() -> str:
    label = "replace(B.s_window_of, '{n}', '' + n)"
    layers = [
        *track("c", "last", label, {"window": "n"}),
        *_map(),
        *_facts(),
    ]
    return specification(_signals(), layers, "end")
