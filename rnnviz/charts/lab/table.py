"""The honest table: what is left of the gradient at the first of 100 steps, one line a network, every seed a dot."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from rnnviz.charts.kit import scale
from rnnviz.charts.kit.draw import Layer, Signal, dot, rule, small, text
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.names import Meaning, Names, edges
from rnnviz.charts.kit.plot import named
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.lab.chart import Labels, drawn, specification
from rnnviz.core.trace import Array
from rnnviz.words.numbers import power

LOW, HIGH = -70, 10  # log10: a sigmoid or a small matrix ends far below what a picture has colours for
TEXTS = ("this_seed", "median", "from_to")
PLOT = named("pl")

NAMES = Names(
    signals={
        "lane": Meaning("px", "height of a line"),
        "head": Meaning("px", "upper edge of the lines"),
        **edges("pl", "the norms"),
    },
    tables={
        "bundle": {
            "R": Meaning("index", "how many lines there are"),
            "S": Meaning("index", "how many seeds"),
            "names": Meaning("texts", "names of the lines", "names"),
            "norms": Meaning("numbers", "norm at the chosen seed, (R,)", "norms"),
            "spread": Meaning("numbers", "norm at every seed, (R, S)", "spread"),
            "middle": Meaning("numbers", "its median", "middle"),
            "least": Meaning("numbers", "the smallest", "least"),
            "most": Meaning("numbers", "the largest", "most"),
        }
    },
)


def chart(names: Sequence[str], norms: Array, spread: Array | None, labels: Labels, *, zoom: float = 1.0) -> Figure:
    """norms: (rows,), of the chosen seed.     spread: (rows, seeds), of many, once they are known."""
    many = np.empty((len(names), 0)) if spread is None else spread
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        R=len(names),
        S=many.shape[1],
        names=SEPARATOR.join(names),
        norms=scale.written(norms),
        spread=scale.written(many),
        middle=scale.written(np.median(many, axis=1)) if many.size else "",
        least=scale.written(many.min(1)) if many.size else "",
        most=scale.written(many.max(1)) if many.size else "",
    )


def _signals() -> list[Signal]:
    return [
        *NAMES.lists(),
        {"name": "lane", "update": "phone ? 62 : 38*z"},
        {"name": "head", "update": "34*z"},
        *PLOT.signals("phone ? 22 : 230*z", "phone ? width - 14 : width - 330*z", "head", "head + B.R*lane"),
        {"name": "end", "update": "plB + 34*z"},
    ]


@cache
def _spec() -> str:
    ticks = list(range(LOW, HIGH + 1, 10))
    where = f"({{v}} - ({LOW}))/({HIGH - LOW})"
    names = [power(tick) for tick in ticks]
    y = "plT + (datum.k + (phone ? 0.72 : 0.5))*lane"
    columns: list[Layer] = []
    for place, (label, value, when) in enumerate(
        (
            ("B.s_this_seed", scale.size("norms[datum.k]"), "true"),
            ("B.s_median", scale.size("middle[datum.k]"), "B.S > 0"),
            ("B.s_from_to", f"{scale.size('least[datum.k]')} + ' – ' + {scale.size('most[datum.k]')}", "B.S > 0"),
        )
    ):
        x = f"(phone ? 6 + {place}*width*0.3 : plR + {20 + 92 * place}*z)"
        columns += [
            text(
                when=when,
                text=label,
                x=x,
                y="head - 16*z",
                align="'left'",
                fontSize="11*z",
                fontWeight="'bold'",
                fill="now" if place == 0 else "soft",
            ),
            text(
                rows="sequence(B.R)",
                when=when,
                text=value,
                x=x,
                y="plT + (datum.k + 0.5)*lane - (phone ? 4 : 0)",
                align="'left'",
                fontSize="phone ? 10.5 : 12*z",
                fontWeight="'bold'" if place == 0 else "'normal'",
                fill="now" if place == 0 else "ink",
            ),
        ]
    layers = [
        PLOT.upright(PLOT.x(where.format(v="datum.k")), rows=str(ticks), strokeWidth="datum.k == 0 ? 1.6 : 0.7"),
        small(
            rows=str(ticks),
            text=f"{names}[indexof({ticks}, datum.k)]",
            x=PLOT.x(where.format(v="datum.k")),
            y="plB + 14*z",
        ),
        rule(rows="sequence(B.R + 1)", x="0", x2="width", y="plT + datum.k*lane", y2="plT + datum.k*lane"),
        text(
            rows="sequence(B.R)",
            text="names[datum.k]",
            x="phone ? 6 : 0",
            y="plT + (datum.k + (phone ? 0.22 : 0.5))*lane",
            align="'left'",
            fontSize="13*z",
            fontWeight="'bold'",
            limit="phone ? width : 220*z",
        ),
        dot(
            rows="sequence(B.R*B.S)",
            let={"row": "floor(datum.k/B.S)", "v": "toNumber(spread[datum.k])"},
            keep="isFinite(datum.v)",
            x=PLOT.x(f"clamp({where.format(v='datum.v')}, 0, 1)"),
            y=y.replace("datum.k", "datum.row"),
            size="46*z",
            opacity=0.45,
            fill="hColour",
        ),
        dot(
            rows="sequence(B.R)",
            let={"v": "toNumber(norms[datum.k])"},
            keep="isFinite(datum.v)",
            x=PLOT.x(f"clamp({where.format(v='datum.v')}, 0, 1)"),
            y=y,
            size="130*z",
            fill="now",
        ),
        *columns,
    ]
    return specification(_signals(), layers, "end")
