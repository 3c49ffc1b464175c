"""The cliff: the loss of one recurrent unit over its weight and bias, and descent with and without clipping."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from rnnviz.charts.kit import numbers, palette, scale
from rnnviz.charts.kit.draw import Layer, Signal, dot, image, outline, rect, rule, shape, small, text
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.names import Meaning, Names, edges
from rnnviz.charts.kit.plot import named
from rnnviz.charts.kit.raster import indexed
from rnnviz.charts.kit.tables import joined
from rnnviz.charts.lab.chart import Labels, drawn, slider, specification, track
from rnnviz.core.trace import Array
from rnnviz.words.numbers import size

W, B = (4.0, 5.2), (-2.9, -1.7)  # what is drawn of the plane
ACROSS, DOWN, LEVELS = 200, 160, 64
TEXTS = ("plain_path", "clipped_path", "axis_update", "loss_of", "slope_of", "gone", "loss_scale")
PLANE, LOSS, SLOPE = named("pn"), named("lo"), named("gr")
Path = tuple[Array, Array, Array, Array]  # w, b, loss and the gradient's norm, each (updates + 1,)

NAMES = Names(
    signals={
        "N": Meaning("index", "how many points a path has"),
        "last": Meaning("index", "the last of them, from 0"),
        "tones": Meaning("colours", "the scale of the loss, from 0"),
        "both": Meaning("colours", "the colours of the two paths"),
        "called": Meaning("texts", "what they are called"),
        "u": Meaning("index", "the chosen update, from 0"),
        "uL": Meaning("px", "left end of the slider"),
        "uR": Meaning("px", "right end of the slider"),
        **edges("pn", "the plane of weight and bias"),
        "sideL": Meaning("px", "left edge of the curves"),
        **edges("lo", "the loss"),
        **edges("gr", "the gradient's norm"),
    },
    tables={
        "bundle": {
            "N": Meaning("index", "how many points a path has"),
            "most": Meaning("number", "the largest loss on the plane"),
            "url": Meaning("picture", "the loss over the plane"),
            "w": Meaning("numbers", "the weight at each point, without and with clipping", "PW"),
            "b": Meaning("numbers", "the bias there", "PB"),
            "loss": Meaning("numbers", "the loss there", "LOSS"),
            "slope": Meaning("numbers", "the gradient's norm there", "GRAD"),
        }
    },
)


def grid() -> tuple[Array, Array]:
    """(ACROSS,) weights from the left and (DOWN,) biases from the top, at the middle of each pixel."""
    w, b = ((np.arange(n) + 0.5) / n for n in (ACROSS, DOWN))
    return W[0] + w * (W[1] - W[0]), B[1] - b * (B[1] - B[0])


def chart(loss: Array, paths: Sequence[Path], labels: Labels, *, update: int, zoom: float = 1.0) -> Figure:
    """loss: (DOWN, ACROSS) on `grid`.     paths: without and with clipping."""
    most = float(loss.max())
    shade = np.rint(loss / most * (LEVELS - 1)).astype(np.uint8)

    def each(which: int, decimals: int = 4) -> str:
        return joined([path[which] for path in paths], decimals)

    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        N=len(paths[0][0]),
        start=update,
        most=most,
        url=indexed(shade, palette.flow(LEVELS)),
        w=each(0),
        b=each(1),
        loss=each(2, 5),
        slope=",".join(scale.written(path[3]) for path in paths),
    )


def _signals() -> list[Signal]:
    return [
        {"name": "N", "update": "B.N"},
        {"name": "last", "update": "B.N - 1"},
        *NAMES.lists(),
        {"name": "tones", "update": str(palette.flow(LEVELS))},
        {"name": "both", "update": "[now, positive]"},
        {"name": "called", "update": "[B.s_plain_path, B.s_clipped_path]"},
        *slider("u", "last", "16", "phone ? width - 16 : width*0.5"),
        *PLANE.signals("40*z", "phone ? width - 4 : width*0.5", "phone ? 100 : 62*z", "pnT + (phone ? 260 : 330*z)"),
        {"name": "sideL", "update": "phone ? 44 : width*0.5 + 64*z"},
        *LOSS.signals("sideL", "width - 4", "phone ? pnB + 150 : pnT + 18*z", "loT + 115*z"),
        *SLOPE.signals("sideL", "width - 4", "loB + 62*z", "grT + 115*z"),
        {"name": "end", "update": "max(pnB + 84*z, grB + 40*z)"},
    ]


def _place(which: str, at: str) -> tuple[str, str]:
    """Parts of the plane's width and height of a path's point."""
    n = f"(({which})*N + ({at}))"
    return (
        f"((toNumber(PW[{n}]) - {W[0]})/{W[1] - W[0]:.6f})",
        f"((toNumber(PB[{n}]) - ({B[0]}))/{B[1] - B[0]:.6f})",
    )


def _plane() -> list[Layer]:
    path, at = "floor(datum.k/max(1, last))", "datum.k % max(1, last)"
    let = {"p": path, "at": at}
    for end, step in (("1", "datum.at"), ("2", "datum.at + 1")):
        let[f"x{end}"], let[f"y{end}"] = _place("datum.p", step)
    seen = "min(datum.x1, datum.x2) >= 0 && max(datum.x1, datum.x2) <= 1"
    seen += " && min(datum.y1, datum.y2) >= 0 && max(datum.y1, datum.y2) <= 1"
    gone = "datum.px < 0 || datum.px > 1 || datum.py < 0 || datum.py > 1"
    here_x, here_y = _place("datum.k", "u")
    here: dict[str, Any] = {
        "rows": "sequence(2)",
        "let": {
            "px": here_x,
            "py": here_y,
            "out": gone,
        },
    }
    held = {"x": PLANE.x("clamp(datum.px, 0.015, 0.985)"), "y": PLANE.y("clamp(datum.py, 0.02, 0.98)")}
    return [
        image(
            x="(pnL + pnR)/2",
            y="(pnT + pnB)/2",
            url="B.url",
            width="pnR - pnL",
            height="pnB - pnT",
            smooth=True,
        ),
        *(
            rule(
                rows="sequence(2*last)",
                let=let,
                keep=f"datum.at < u && {seen}",
                x=PLANE.x("datum.x1"),
                x2=PLANE.x("datum.x2"),
                y=PLANE.y("datum.y1"),
                y2=PLANE.y("datum.y2"),
                stroke=stroke,
                strokeWidth=width,
                strokeCap="'round'",
            )
            for stroke, width in (("paper", 5), ("both[datum.p]", 2.6))
        ),
        dot(**here, **held, size="170*z", fill="paper"),
        shape("datum.out ? 'cross' : 'circle'", **here, **held, size="110*z", fill="both[datum.k]"),
        outline(x="pnL", x2="pnR", y="pnT", y2="pnB", stroke="line"),
        *(
            small(text=f"'{size(value)}'", x=x, y=y, align=f"'{align}'")
            for value, x, y, align in (
                (W[0], "pnL", "pnB + 12*z", "left"),
                (W[1], "pnR", "pnB + 12*z", "right"),
                (B[1], "pnL - 6*z", "pnT + 6*z", "right"),
                (B[0], "pnL - 6*z", "pnB - 6*z", "right"),
            )
        ),
        text(text="'w'", x="(pnL + pnR)/2", y="pnB + 12*z", fontSize="13*z", fontWeight="'bold'", fill="soft"),
        text(text="'b'", x="pnL - 14*z", y="(pnT + pnB)/2", fontSize="13*z", fontWeight="'bold'", fill="soft"),
        # The colours of the loss.
        rect(
            rows=f"sequence({LEVELS})",
            x="pnL + datum.k*2*z",
            x2="pnL + (datum.k + 1)*2*z + 0.5",
            y="pnB + 28*z",
            y2="pnB + 36*z",
            fill="tones[datum.k]",
        ),
        small(
            text=f"B.s_loss_scale + ' 0 – ' + {numbers.fixed('B.most')}",
            x=f"pnL + {2 * LEVELS + 8}*z",
            y="pnB + 32*z",
            align="'left'",
        ),
        *(
            text(
                let={"n": f"{p}*N + u", "px": _place(str(p), "u")[0], "py": _place(str(p), "u")[1]},
                text=f"called[{p}] + ':  w ' + {numbers.fixed('toNumber(PW[datum.n])')} + ', b '"
                f" + {numbers.fixed('toNumber(PB[datum.n])')} + ({gone} ? '  ' + B.s_gone : '')",
                x="pnL",
                y=f"pnB + {52 + 18 * p}*z",
                align="'left'",
                fontSize="12*z",
                fontWeight="'bold'",
                fill=f"both[{p}]",
            )
            for p in range(2)
        ),
    ]


def _plots() -> list[Layer]:
    layers: list[Layer] = [
        LOSS.title("B.s_loss_of + ':  ' + LOSS[u] + '   /   ' + LOSS[N + u]"),
        *LOSS.ticks([0, 0.25, 0.5], 0, 0.5),
        *LOSS.steps("last", "B.s_axis_update", first="0"),
        SLOPE.title(f"B.s_slope_of + ':  ' + {scale.size('GRAD[u]')} + '   /   ' + {scale.size('GRAD[N + u]')}"),
        *SLOPE.ticks([-8, -6, -4, -2, 0, 2], -8, 2, ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1", "10²"]),
        *SLOPE.steps("last", "B.s_axis_update", first="0"),
    ]
    for p in range(2):
        colour, part = f"both[{p}]", "datum.n/max(1, last)"
        layers += [
            LOSS.line("u + 1", part, f"toNumber(LOSS[{p}*N + datum.n])", 0, 0.5, stroke=colour),
            SLOPE.line("u + 1", part, f"toNumber(GRAD[{p}*N + datum.n])", -8, 2, stroke=colour),
        ]
    return layers


@cache
def _spec() -> str:
    label = "B.s_axis_update + ' ' + u + ' / ' + last"
    layers = [
        *track("u", "last", label, {"update": "u"}),
        *_plane(),
        *_plots(),
    ]
    return specification(_signals(), layers, "end")
