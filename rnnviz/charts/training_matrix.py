"""The whole matrix of a model as it is at one moment of its training: how much each step's loss feels each state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import altair as alt
import numpy as np

from rnnviz.charts import gradient_scale as scale
from rnnviz.charts import palette
from rnnviz.charts.bundle import Tables
from rnnviz.charts.draw import MONO, mark, rect, rule, text
from rnnviz.charts.stage import WIDTH, Stage
from rnnviz.trace import Array

TEXTS = ("matrix_k", "matrix_t")


class MatrixChart(Stage):
    """Steps of the state across, steps of the loss down; what hovering points at is written over it."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)

    def copy(self, deep: bool | Iterable[Any] = True, ignore: list[str] | None = None) -> MatrixChart:
        made = MatrixChart(self.tables)
        made._kwds.update(self._kwds)
        return made

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        chosen = {} if self.width is alt.Undefined else {"width": self.width}
        return {**json.loads(_spec()), **chosen, "datasets": self.tables}


def matrix_chart(matrix: Array, labels: Mapping[str, str], *, dark: bool, zoom: float = 1.0) -> MatrixChart:
    """matrix: (T, T), [t, k]: the norm of dL_t/dh_k; for k > t there is no path, and nothing is drawn."""
    path = np.tri(len(matrix), dtype=bool)
    row = {
        "T": len(matrix),
        "zoom": zoom,
        "linkable": False,
        "url": scale.picture(matrix, path, dark=dark),
        "values": scale.written(matrix, path),
        **{f"s_{name}": labels[f"train.{name}"] for name in TEXTS},
    }
    return MatrixChart({"bundle": [row]})


@cache
def _spec() -> str:
    colours = {"paper": palette.PAPER, "ink": palette.INK, "soft": palette.SOFT, "line": palette.LINE}
    at = "M[hover.t*T + hover.k]"
    special = "({z: '0', i: '∞', n: 'NaN', p: '–'})"
    signals = [
        {"name": "B", "update": "data('bundle')[0]"},
        {"name": "dark", "update": "luminance(background) < 0.5"},
        *({"name": name, "update": f"dark ? '{pair.dark}' : '{pair.light}'"} for name, pair in colours.items()),
        {"name": "z", "update": "B.zoom"},
        {"name": "T", "update": "B.T"},
        {"name": "M", "update": "split(B.values, ',')"},
        {"name": "side", "update": "min(width - 60*z, 360*z)"},
        {"name": "left", "update": "46*z"},
        {"name": "topY", "update": "26*z"},
        {
            "name": "hover",
            "value": None,
            "on": [
                {
                    "events": "@matrix_marks:pointermove",
                    "update": "{k: clamp(floor((x() - left)/side*T), 0, T - 1),"
                    " t: clamp(floor((y() - topY)/side*T), 0, T - 1)}",
                },
                {"events": "@matrix_marks:pointerout", "update": "null"},
            ],
        },
    ]
    small = {"fontSize": "10.5*z", "fill": "soft"}
    under, mid = "topY + side + 11*z", "left + side/2"
    layers = [
        mark("point", rows="bundle", keep="false", aria=False),
        rule(x="left", x2="left + side", y="topY + side", y2="topY + side"),
        rule(x="left", x2="left", y="topY", y2="topY + side"),
        mark(
            "image",
            x=mid,
            y="topY + side/2",
            url="B.url",
            width="side",
            height="side",
            aspect=False,
            smooth=False,
        ),
        text(text="'k = 1'", x="left", y=under, align="'left'", **small),
        text(text="'' + T", x="left + side", y=under, align="'right'", **small),
        text(text="B.s_matrix_k", x=mid, y=under, limit="side*0.7", **small),
        text(text="'t = 1'", x="left - 5*z", y="topY + 5*z", align="'right'", **small),
        text(text="'' + T", x="left - 5*z", y="topY + side - 5*z", align="'right'", **small),
        text(text="B.s_matrix_t", x="left - 14*z", y="topY + side/2", angle=-90, limit="side*0.7", **small),
        text(
            text="hover ? 'k = ' + (hover.k + 1) + '  ·  t = ' + (hover.t + 1) + '  ·  ' + "
            f"(indexof(['z','i','n','p'], {at}) >= 0 ? {special}[{at}] : '10^' + {at}) : ''",
            x="left + side",
            y="11*z",
            align="'right'",
            font=MONO,
            fontSize="11.5*z",
        ),
        rect(
            name="matrix",
            x="left",
            x2="left + side",
            y="topY",
            y2="topY + side",
            fill="paper",
            opacity=0,
            cursor="'crosshair'",
        ),
    ]
    spec = {
        "$schema": alt.SCHEMA_URL,
        "width": WIDTH,
        "autosize": {"type": "none"},
        "padding": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "params": [{"name": "height", "expr": "topY + side + 22*z"}],
        "layer": layers,
        "config": {"events": {"defaults": {"prevent": False}}, "view": {"stroke": None}, "signals": signals},
    }
    return json.dumps(spec, ensure_ascii=False)
