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
from rnnviz.core.gradients.paths import Mask, kept
from rnnviz.core.gradients.pullback import angle, norm
from rnnviz.core.network import Forcing, run
from rnnviz.core.refusal import TRACE, required
from rnnviz.core.trace import Array, Trace
from rnnviz.core.unroll import forcing_of, forcing_over_time


@dataclass(frozen=True, eq=False)
class Truncation:
    """The gradient of the summed loss with the state detached after every `window` steps, beside the full one.

    kept: (T, T) bool, [t, k]: whether the path from L_t to h_k is whole: k <= t, both in one window, or where windows
        overlap less than `window` steps apart. There dL_t/dh_k is the full one, elsewhere zero.
    gradients, full: by parameter, as the cell names it.
    angle: degrees from the full one, all taken as one vector; NaN where either is zero.
    share: the truncated gradient's 2-norm divided by the full one's, all as one vector.
    """

    window: int
    kept: Mask
    gradients: Mapping[str, Array]
    full: Mapping[str, Array]
    angle: float
    share: float


def truncations(
    trace: Trace, loss_fn: LossFunction, windows: Sequence[int], *, overlapping: bool = False
) -> tuple[Truncation, ...]:
    """One for each window, as PyTorch trains: run `window` steps, backward, detach the state, go on.

    overlapping: every loss goes back through the `window` steps that end with its own, whatever its place.

    trace: of one layer and one direction. What was forced in it is a constant.
    loss_fn: `output (T, H) -> losses (T,)`; what a loss reads of other outputs directly is not cut.
    windows: each at least 1; from T on nothing is cut.

    Williams & Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network trajectories.
    Raises `ValueError` for a trace with more rows and for a window below 1.
    """
    required(trace, Trace, "trace", TRACE)
    if len(trace.weights) > 1:
        layers, directions = trace.num_layers, trace.num_directions
        raise ValueError(f"the trace has {layers} layers and {directions} directions; accepted: one of each")
    for window in windows:
        if window < 1:
            raise ValueError(f"window is {window}; accepted: at least 1")
    full = _gradients(trace, loss_fn, len(trace))
    cut = _overlapping if overlapping else _gradients
    return tuple(
        _compared(kept(len(trace), window, overlapping=overlapping), window, cut(trace, loss_fn, window), full)
        for window in windows
    )


def _compared(paths: Mask, window: int, cut: Mapping[str, Array], full: Mapping[str, Array]) -> Truncation:
    both = [np.concatenate([part.ravel() for part in parts.values()]) for parts in (cut, full)]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = float(norm(both[0]) / norm(both[1]))
    return Truncation(
        window=window,
        kept=paths,
        gradients=cut,
        full=full,
        angle=float(angle(*both)),
        share=share,
    )


def _gradients(trace: Trace, loss_fn: LossFunction, window: int) -> dict[str, Array]:
    cell = trace.cell
    with torch.enable_grad(), torch.inference_mode(False):
        weights = {name: torch.tensor(weight, requires_grad=True) for name, weight in trace.weights[0].items()}
        state = {f"{name}_prev": torch.tensor(first[0]) for name, first in trace.initial.items()}
        states: list[Tensor] = []
        forcing = forcing_of(trace.forced, 0, len(trace), trace.hidden_size, state["h_prev"].dtype)
        for t, x_t in enumerate(torch.tensor(trace.x)):
            if t % window == 0:
                state = {name: value.detach() for name, value in state.items()}
            values = run(cell.ops, {**weights, "x": x_t, **state}, forcing[t])
            state = {f"{name}_prev": values[name] for name in cell.states}
            states.append(values["h"])
        return _of(loss_fn(torch.stack(states)), weights)


def _overlapping(trace: Trace, loss_fn: LossFunction, window: int) -> dict[str, Array]:
    """Every loss from a run of its own through its last `window` steps, all of them side by side, from the state that
    the whole run had before."""
    cell, T = trace.cell, len(trace)
    with torch.enable_grad(), torch.inference_mode(False):
        weights = {name: torch.tensor(weight, requires_grad=True) for name, weight in trace.weights[0].items()}
        x = torch.tensor(trace.x)
        states = {name: torch.tensor(np.concatenate([trace.initial[name], trace[name][0]])) for name in cell.states}
        start = (torch.arange(T) - window + 1).clamp(min=0)  # of the run that ends with each loss
        state = {f"{name}_prev": values[start] for name, values in states.items()}
        forced = forcing_over_time(trace.forced, 0, T, trace.hidden_size, x.dtype)

        def after_one(x_t: Tensor, before: Mapping[str, Tensor], forcing: Forcing) -> dict[str, Tensor]:
            values = run(cell.ops, {**weights, "x": x_t, **before}, forcing)
            return {name: values[name] for name in cell.states}

        each = torch.func.vmap(after_one)
        for step in range(min(window, T)):
            at = start + step
            goes = at <= torch.arange(T)  # the first runs are shorter
            now = at.clamp(max=T - 1)
            after = each(x[now], state, {name: (mask[now], values[now]) for name, (mask, values) in forced.items()})
            state = {
                f"{name}_prev": torch.where(goes[:, None], after[name], state[f"{name}_prev"]) for name in cell.states
            }
        return _of(loss_fn(state["h_prev"]), weights)


def _of(losses: Tensor, weights: Mapping[str, Tensor]) -> dict[str, Array]:
    """The gradient of all losses together."""
    parts = torch.autograd.grad(losses.sum(), list(weights.values()), materialize_grads=True)
    return {name: part.numpy() for name, part in zip(weights, parts, strict=True)}
