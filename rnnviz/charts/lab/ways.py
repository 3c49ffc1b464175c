"""How much of a gradient comes back to each token that was read, along each way: a row a way, a column a token, in the
colours of the scale of gradient norms, with the number of steps of the way under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.kit import palette, scale
from rnnviz.charts.kit.draw import Layer, Signal, heading, rect, small, text
from rnnviz.charts.kit.expr import Expr, datum, fields
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.legend import legend
from rnnviz.charts.kit.names import Meaning, Names
from rnnviz.charts.kit.tables import SEPARATOR, clean
from rnnviz.charts.lab.chart import Labels, drawn, specification
from rnnviz.core.trace import Array

TEXTS = ("zero", "infinite", "float32")
DEEP = 0.179  # the luminance below which white stands out from a colour more than black
WRITTEN = 46  # px before zoom of a column in which a number and a token can be read
COUNTED = 15  # in which a number of steps can

NAMES = Names(
    signals={
        "column": Meaning("px", "width of a token's column"),
        "wide": Meaning("flag", "whether a number can be read in a column"),
        "head": Meaning("px", "upper edge of the first row"),
        "lane": Meaning("px", "height of a row"),
    },
    tables={
        "bundle": {
            "S": Meaning("index", "how many tokens were read"),
            "R": Meaning("index", "how many ways there are"),
            "tokens": Meaning("texts", "the tokens", "tokens"),
            "titles": Meaning("texts", "what each way is called", "names"),
            "norms": Meaning("numbers", "norm of each way at each token, (R, S)", "norms"),
            "shades": Meaning("numbers", "its colour on the scale, (R, S)", "shades"),
            "counts": Meaning("numbers", "steps of each way from each token, (R, S)", "counts"),
            "counted": Meaning("text", "what stands under a row: how many steps a way has"),
            "heading": Meaning("text", "of what the derivative is"),
        }
    },
)


@dataclass(frozen=True, eq=False)
class Way:
    """title: what it is called.     norms, steps: of each token, (S,); no steps where there is no such way."""

    title: str
    norms: Array
    steps: NDArray[np.int_]


def chart(
    ways: Sequence[Way], tokens: Sequence[str], heading: str, counted: str, labels: Labels, *, zoom: float = 1.0
) -> Figure:
    """heading: of what the derivative is.     counted: says what the numbers under a row count."""
    norms, steps = np.stack([way.norms for way in ways]), np.stack([way.steps for way in ways])
    there = steps > 0
    span = scale.span(norms[there])
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        S=len(tokens),
        R=len(ways),
        tokens=SEPARATOR.join(map(clean, tokens)),
        titles=SEPARATOR.join(way.title for way in ways),
        norms=scale.written(norms, there),
        shades=",".join(map(str, scale.index(norms, there, span).ravel().tolist())),
        counts=",".join(map(str, steps.ravel().tolist())),
        counted=counted,
        heading=clean(heading),
        **span.row(True),
    )


def _signals() -> list[Signal]:
    return [
        *NAMES.lists(),
        {"name": "column", "update": "(width - 8)/B.S"},
        {"name": "wide", "update": f"column > {WRITTEN}*z"},
        {"name": "head", "update": "(wide ? 46 : 96)*z"},
        {"name": "lane", "update": "66*z"},
        {"name": "end", "update": "head + B.R*lane + (phone ? 66 : 40*z)"},
    ]


@cache
def _spec() -> str:
    at = {"row": "floor(datum.k/B.S)", "j": "datum.k % B.S"}
    left = "4 + datum.j*column"
    top = "head + datum.row*lane + 19*z"
    cells = {"rows": "sequence(B.R*B.S)", "let": at}
    log = "norms[datum.k]"
    norm = scale.size(log)
    colour = "flow[toNumber(shades[datum.k])]"
    on_colour = f"luminance({colour}) < {DEEP} ? '{palette.ON_FLOW.light}' : '{palette.ON_FLOW.dark}'"
    tooltip = fields(
        {
            "title": Expr("names")[datum.row],
            "h_j": Expr("tokens")[datum.j],
            "‖∂L/∂h‖": Expr(norm),
            "→": Expr("counts")[datum.k],
        }
    )
    layers: list[Layer] = [
        heading(text="B.heading", x="4", y="12*z", limit="width - 8"),
        small(
            rows="sequence(B.S)",
            when="wide",
            text="tokens[datum.k]",
            x="4 + (datum.k + 0.5)*column",
            y="head - 10*z",
            fontSize="12*z",
            fill="ink",
            limit="column - 4",
        ),
        small(
            rows="sequence(B.S)",
            when="!wide",
            text="tokens[datum.k]",
            x="4 + (datum.k + 0.5)*column",
            y="head - 4*z",
            align="'left'",
            angle=-60,
            fontSize="11*z",
            fill="ink",
            limit="80*z",
        ),
        heading(rows="sequence(B.R)", text="names[datum.k]", x="4", y="head + datum.k*lane + 9*z", limit="width - 8"),
        rect(
            **cells,
            x=left,
            x2=f"{left} + column - 1.5",
            y=top,
            y2=f"{top} + 24*z",
            fill=colour,
            stroke="line",
            strokeWidth=0.5,
            tooltip=tooltip,
        ),
        text(
            **cells,
            keep=f"{log} != 'p'",
            when="wide",
            text=norm,
            x=f"{left} + column/2",
            y=f"{top} + 12*z",
            fontSize="10.5*z",
            fill=on_colour,
        ),
        small(
            **cells,
            when=f"column > {COUNTED}*z",
            text="toNumber(counts[datum.k]) > 0 ? counts[datum.k] : '–'",
            x=f"{left} + column/2",
            y=f"{top} + 32*z",
        ),
        *legend("4", "head + B.R*lane + 8*z", "(phone ? width - 8 : 330*z)"),
        small(
            text="B.counted",
            x="phone ? 4 : width - 4",
            y="head + B.R*lane + (phone ? 60 : 13*z)",
            align="phone ? 'left' : 'right'",
            limit="phone ? width - 8 : width - 640*z",
        ),
    ]
    return specification(_signals(), layers, "end")
