"""Truncated backpropagation through time: which paths a window cuts, and where the gradient then points.

(cut,) = truncations(trace, loss_fn, [10])
cut.kept[t, k]      # whether L_t still reaches h_k
cut.angle           # degrees between the truncated gradient of all parameters and the full one
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.gradients.flow import LossFunction
from rnnviz.core.gradients.pullback import angle, norm
from rnnviz.core.network import run
from rnnviz.core.trace import Array, Trace


@dataclass(frozen=True, eq=False)
class Truncation:
    """The gradient of the summed loss with the state detached after every `window` steps, beside the full one.

    kept: (T, T) bool, [t, k]: whether the path from L_t to h_k is whole: k <= t, both in one window. There dL_t/dh_k
        is the full one, elsewhere zero.
    gradients, full: by parameter, as the cell names it.
    angles: by parameter, degrees from the full one, NaN where either is zero.     angle: of all taken as one vector.
    share: the truncated gradient's 2-norm divided by the full one's, all as one vector.
    """

    window: int
    kept: Array
    gradients: Mapping[str, Array]
    full: Mapping[str, Array]
    angles: Mapping[str, float]
    angle: float
    share: float


def truncations(trace: Trace, loss_fn: LossFunction, windows: Sequence[int]) -> tuple[Truncation, ...]:
    """One for each window, as PyTorch trains: run `window` steps, backward, detach the state, go on.

    trace: of one layer and one direction.
    loss_fn: `output (T, H) -> losses (T,)`; what a loss reads of other outputs directly is not cut.
    windows: each at least 1; from T on nothing is cut.

    Williams & Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network trajectories.
    Raises `ValueError` for a trace with more rows and for a window below 1.
    """
    if len(trace.weights) > 1:
        layers, directions = trace.num_layers, trace.num_directions
        raise ValueError(f"the trace has {layers} layers and {directions} directions; accepted: one of each")
    for window in windows:
        if window < 1:
            raise ValueError(f"window is {window}; accepted: at least 1")
    full = _gradients(trace, loss_fn, len(trace))
    return tuple(_compared(trace, window, _gradients(trace, loss_fn, window), full) for window in windows)


def _compared(trace: Trace, window: int, cut: Mapping[str, Array], full: Mapping[str, Array]) -> Truncation:
    step = np.arange(len(trace))
    both = [np.concatenate([part.ravel() for part in parts.values()]) for parts in (cut, full)]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = float(norm(both[0]) / norm(both[1]))
    return Truncation(
        window=window,
        kept=(step[:, None] // window == step // window) & (step <= step[:, None]),
        gradients=cut,
        full=full,
        angles={name: float(angle(cut[name].ravel(), full[name].ravel())) for name in full},
        angle=float(angle(*both)),
        share=share,
    )


def _gradients(trace: Trace, loss_fn: LossFunction, window: int) -> dict[str, Array]:
    cell = trace.cell
    with torch.enable_grad(), torch.inference_mode(False):
        weights = {name: torch.tensor(weight, requires_grad=True) for name, weight in trace.weights[0].items()}
        state = {f"{name}_prev": torch.tensor(first[0]) for name, first in trace.initial.items()}
        states: list[Tensor] = []
        for t, x_t in enumerate(torch.tensor(trace.x)):
            if t % window == 0:
                state = {name: value.detach() for name, value in state.items()}
            known = run(cell.ops, {**weights, "x": x_t, **state})
            state = {f"{name}_prev": known[name] for name in cell.states}
            states.append(known["h"])
        loss = loss_fn(torch.stack(states)).sum()
        parts = torch.autograd.grad(loss, list(weights.values()), materialize_grads=True)
    return {name: part.numpy() for name, part in zip(weights, parts, strict=True)}
