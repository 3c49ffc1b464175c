"""The whole matrix of a model as it is at one moment of its training: how much each step's loss feels each state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from rnnviz.charts.kit import palette, scale
from rnnviz.charts.kit.draw import MONO, image, press, small, text
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme
from rnnviz.charts.kit.legend import legend
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.player import pointed
from rnnviz.charts.kit.plot import Panel
from rnnviz.charts.training.picture import in_theme, picture
from rnnviz.core.gradients.paths import Mask
from rnnviz.core.trace import Array

TEXTS = ("matrix_k", "matrix_t", "zero", "infinite", "float32")

NAMES = Names(
    signals={
        "T": Meaning("index", "how many steps there are"),
        "hover": Meaning("object", "the pair of steps that the pointer is on: `k` and `t`"),
        "side": Meaning("px", "width and height of the matrix"),
        "left": Meaning("px", "its left edge"),
        "topY": Meaning("px", "its upper edge"),
    },
    tables={
        "bundle": {
            "T": Meaning("index", "how many steps there are"),
            "url": Meaning("picture", "the matrix, for a light page"),
            "values": Meaning("numbers", "log10 of the norm of dL_t/dh_k, (T, T), [t, k]", "M"),
        }
    },
)


def matrix_chart(
    matrix: Array, labels: Mapping[str, str], span: scale.Span, *, zoom: float = 1.0, path: Mask | None = None
) -> Figure:
    """Steps of the state across, steps of the loss down; what hovering points at is written over it.

    matrix: (T, T), [t, k]: the norm of dL_t/dh_k.     span: of the colours; what is beyond an end has the end's.
    path: (T, T), where one leads from h_k to the loss; by default for k <= t. Elsewhere nothing is drawn.
    """
    path = np.tri(len(matrix), dtype=bool) if path is None else path
    row = {
        "T": len(matrix),
        "zoom": zoom,
        "url": picture(matrix, span, path),
        "values": scale.written(matrix, path),
        **span.row(fitted=False),
        **{f"s_{name}": labels[f"train.{name}"] for name in TEXTS},
    }
    return Figure({"bundle": [row]}, _spec)


@cache
def _spec() -> str:
    at = "M[hover.t*T + hover.k]"
    signals = [
        {"name": "B", "update": "data('bundle')[0]"},
        *theme(zeroColour=palette.ZERO, infColour=palette.INFINITE, nanColour=palette.NOT_A_NUMBER),
        {"name": "flow", "update": f"dark ? {scale.colours(True)} : {scale.colours(False)}"},
        *SCALED,
        {"name": "T", "update": "B.T"},
        *NAMES.lists(),
        {"name": "side", "update": "min(width - 60*z, 360*z)"},
        {"name": "left", "update": "46*z"},
        {"name": "topY", "update": "26*z"},
        pointed(
            "matrix",
            "{k: clamp(floor((x() - left)/side*T), 0, T - 1), t: clamp(floor((y() - topY)/side*T), 0, T - 1)}",
        ),
    ]
    plot = Panel("left", "left + side", "topY", "topY + side", "side", "side")
    area = {"x": plot.left, "x2": plot.right, "y": plot.top, "y2": plot.bottom}
    under, mid = "topY + side + 11*z", "left + side/2"
    layers = [
        *plot.axes(),
        image(x=mid, y="topY + side/2", url=in_theme("B.url"), width="side", height="side"),
        small(text="'k = 1'", x="left", y=under, align="'left'"),
        small(text="'' + T", x="left + side", y=under, align="'right'"),
        small(text="B.s_matrix_k", x=mid, y=under, limit="side*0.7"),
        small(text="'t = 1'", x="left - 5*z", y="topY + 5*z", align="'right'"),
        small(text="'' + T", x="left - 5*z", y="topY + side - 5*z", align="'right'"),
        small(text="B.s_matrix_t", x="left - 14*z", y="topY + side/2", angle=-90, limit="side*0.7"),
        text(
            text="hover ? 'k = ' + (hover.k + 1) + '  ·  t = ' + (hover.t + 1) + '  ·  ' + "
            + scale.named(at, f"'10^' + {at}")
            + " : ''",
            x="left + side",
            y="11*z",
            align="'right'",
            font=MONO,
            fontSize="11.5*z",
        ),
        *legend("left", "topY + side + 30*z", "phone ? side : min(side, 250*z)"),
        press("matrix", **area, cursor="'crosshair'"),
    ]
    return specification(signals, layers, "topY + side + (phone ? 84 : 62*z)")
