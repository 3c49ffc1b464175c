"""Every step of a trace again in float64, from the states that were recorded: of 1 - y², float32 keeps few digits."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.gradients.pullback import operands
from rnnviz.core.network import run
from rnnviz.core.trace import Array, Trace
from rnnviz.core.unroll import forcing_over_time


def in_double(trace: Trace, row: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """As `operands`, in float64. Each step reads what it read in the trace, and its results are computed anew.

    They are not a float64 run from the first step on, which of a network whose gradient explodes would be another run.
    """
    if trace.x.dtype == np.float64:
        return operands(trace, row)
    cell = trace.cell
    weights: dict[str, Array] = {name: weight.astype(np.float64) for name, weight in trace.weights[row].items()}
    read = {"x": trace.input(row)} | {f"{name}_prev": trace.previous(name)[row] for name in cell.states}
    inputs: dict[str, Tensor] = {name: torch.tensor(array, dtype=torch.float64) for name, array in read.items()}
    forcing = forcing_over_time(trace.forced, row, len(trace), trace.hidden_size, torch.float64)
    with torch.no_grad():
        tensors = {name: torch.from_numpy(weight) for name, weight in weights.items()}
        results = run(cell.ops, tensors | inputs, forcing)
    shape = (len(trace), 1, trace.hidden_size)
    steps: dict[str, Array] = {
        op.name: np.broadcast_to(np.atleast_2d(results[op.name])[:, None], shape) for op in cell.ops
    }
    return weights, steps | {name: array.numpy()[:, None] for name, array in inputs.items()}
