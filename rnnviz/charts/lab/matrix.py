"""The whole matrix: ‖dL_t/dh_k‖ for every loss and every state, three networks side by side on one scale; a click on a
cell shows the chain of factors between the two steps, and what arrives where.

What is chosen, `t`, `k` (from 0) and `net`, lives in the browser; the tables hold every step's numbers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from rnnviz.charts.kit import scale
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.tables import SEPARATOR, clean
from rnnviz.charts.lab import matrix_maps, matrix_plots
from rnnviz.charts.lab.chart import Labels, drawn, specification
from rnnviz.charts.lab.matrix_places import DISTANCES, signals
from rnnviz.core.gradients.paths import arrivals, logs, paths
from rnnviz.core.trace import Array

TEXTS = (
    "zero",
    "infinite",
    "float32",
    "axis_t",
    "axis_k",
    "back",
    "factors",
    "ahead",
    "no_path",
    "longest",
    "shortest",
    "slope",
    "recurrent",
    "memory",
    "bound",
    "measured",
    "turned",
    "start_here",
    "ahead_word",
    "hint_matrix",
    "per_step",
    "chain",
)


@dataclass(frozen=True, eq=False)
class Network:
    """One network of the comparison. T steps.

    title: its name.     matrix: (T, T), ‖dL_t/dh_k‖.     turned: (T, T), degrees between dL_t/dh_k and dL_t/dh_t.
    largest, smallest: (T,), each step's Jacobian's singular values.     slope: (T,), the mean slope of its activation.
    recurrent: the largest singular value of the recurrent matrix behind that activation.
    memory: (T, T), what the best unit's gates alone let through from k to t; None without gates.
    """

    title: str
    matrix: Array
    turned: Array
    largest: Array
    smallest: Array
    slope: Array
    recurrent: float
    memory: Array | None


def chart(
    networks: Sequence[Network],
    tokens: Sequence[str],
    labels: Labels,
    *,
    t: int,
    k: int,
    net: int,
    words: bool = False,
    fixed: bool = False,
    zoom: float = 1.0,
) -> Figure:
    """Three networks. t, k: the cell at which it opens, from 1.     net: whose factors are shown, 0 to 2.

    words: whether the tokens are words and not just numbers of steps.
    fixed: whether the colours' span is, or fits the three.
    """
    steps = len(tokens)
    lower = paths(steps)
    span = scale.span(*(one.matrix[lower] for one in networks), fixed=fixed)
    with np.errstate(divide="ignore"):
        bounds = [np.cumsum(logs(one.largest)) for one in networks]
    memories = [np.full((steps, steps), np.nan) if one.memory is None else one.memory for one in networks]
    factors = [scale.written(np.stack([one.largest, one.smallest, one.slope])) for one in networks]
    return drawn(
        _spec,
        labels,
        TEXTS,
        zoom=zoom,
        T=steps,
        words=words,
        start_t=t - 1,
        start_k=k - 1,
        start_net=net,
        titles=SEPARATOR.join(one.title for one in networks),
        tokens=SEPARATOR.join(map(clean, tokens)),
        matrix=",".join(scale.written(one.matrix, lower) for one in networks),
        memory=",".join(scale.written(memory, lower) for memory in memories),
        gated=",".join("0" if one.memory is None else "1" for one in networks),
        turned=",".join("n" if v != v else f"{v:.0f}" for one in networks for v in one.turned.ravel().tolist()),
        factors=",".join(factors),
        bound=",".join(f"{value:.3f}" for bound in bounds for value in bound.tolist()),
        recurrent=",".join(scale.written(np.array([one.recurrent])) for one in networks),
        arrivals=",".join(f"{v:.3f}" for one in networks for v in arrivals(one.matrix, DISTANCES).ravel().tolist()),
        bins=SEPARATOR.join(_names()),
        **span.row(not fixed),
        **{
            f"url{n}{'Dark' if dark else 'Light'}": scale.picture(one.matrix, lower, span, dark=dark)
            for n, one in enumerate(networks)
            for dark in (False, True)
        },
    )


def _names() -> list[str]:
    names = [f"{low}–{high - 1}" if high - 1 > low else f"{low}" for low, high in pairwise(DISTANCES)]
    return [*names, f"≥ {DISTANCES[-1]}"]


@cache
def _spec() -> str:
    layers = [*matrix_maps.layers(), *matrix_plots.layers()]
    return specification(signals(), layers, "plotsEnd")
