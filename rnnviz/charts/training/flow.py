"""The gradient flow of a module of one's own, as the matrix that the lesson on training draws.

flow = rnnviz.gradient_flow(lstm, x, loss)
rnnviz.flow_chart(flow)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.charts.kit import scale
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.training.matrix import matrix_chart
from rnnviz.core.refusal import required
from rnnviz.words import catalogue

if TYPE_CHECKING:
    from rnnviz.core.gradients.flow import GradientFlow


def flow_chart(flow: GradientFlow, row: int = 0, *, fixed: bool = False, language: str = "en") -> Figure:
    """The norm of dL_t/dh_k for every loss and every state of one row of a trace, to be pointed at.

    row: of `flow.matrix`, from 0.     fixed: whether the colours go from 1e-30 to 1e10, or fit what is there.
    Raises `ValueError` for a row that is not there; `TypeError` for what `rnnviz.gradient_flow` does not give.
    """
    from rnnviz.core.gradients.flow import GradientFlow

    required(flow, GradientFlow, "flow", "what rnnviz.gradient_flow gives")
    if not 0 <= row < len(flow.matrix):
        raise ValueError(f"row is {row}; accepted: 0 to {len(flow.matrix) - 1}")
    matrix = flow.matrix[row]
    if len(matrix) != matrix.shape[-1]:
        raise ValueError("flow is of one loss; accepted: one loss per step here, one loss in rnnviz.attribution_chart")
    # Where no path leads back a zero is not one that was lost on the way.
    path = np.tri(len(matrix), dtype=bool) | (matrix != 0)
    if row % flow.trace.num_directions:
        path = np.tri(len(matrix), dtype=bool).T | (matrix != 0)
    return matrix_chart(matrix, catalogue(language), scale.span(matrix[path], fixed=fixed), path=path)
