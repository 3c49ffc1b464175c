"""How much each step's loss feels each earlier state: dL_t/dh_k for all t and k.

    flow = rnnviz.gradient_flow(lstm, x, lambda output: cross_entropy(head(output), targets, reduction="none"))
    flow.matrix[0, t, k]    # the 2-norm of dL_t/dh_k in the first layer

The forward pass is `rnnviz.record`'s; going back, every loss travels at once, a row each of one matrix per step
(backpropagation through time, Werbos 1990), so T losses cost about what one does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial, reduce

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.gradients.pullback import angle, leading_from, norm, operands, pull_back
from rnnviz.core.network import cell_of
from rnnviz.core.record import record
from rnnviz.core.trace import Array, Trace

LossFunction = Callable[[Tensor], Tensor]
MOST_NUMBERS = 2**23  # in `gradients`: 64 MiB, and 250 MiB at the most while it is computed


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The derivative of every step's loss with respect to every state. The first axis is `Trace`'s, the dtype too.

    matrix: (L * D, T, T), [row, t, k]: the 2-norm of dL_t/dh_k along every path, zero where there is none. What an
        LSTM carries past h_k in c_k is not in it: c_k is held.
    total: (L * D, T), the norm of the derivative of the summed loss.
    gradients: (L * D, T, T, H), dL_t/dh_k itself.
    losses: (T,).     trace: the forward pass.

    Infinity and NaN stand where a number left the dtype's range, for float64 1e308.
    """

    matrix: Array
    total: Array
    losses: Array
    gradients: Array = field(repr=False)
    trace: Trace

    def __post_init__(self) -> None:
        for part in fields(self):
            if isinstance(array := getattr(self, part.name), np.ndarray):
                array.setflags(write=False)

    @property
    def turned(self) -> Array:
        """(L * D, T, T), [row, t, k]: degrees between dL_t/dh_k and dL_t/dh_t; NaN where one is zero."""
        return angle(self.gradients, np.einsum("rtth->rth", self.gradients)[:, :, None])

    def __reduce__(self) -> tuple[object, ...]:
        # An unpickled array can be written to; so a copy is built anew.
        return GradientFlow, tuple(getattr(self, part.name) for part in fields(self))


def gradient_flow(module: nn.Module, x: Tensor, loss_fn: LossFunction) -> GradientFlow:
    """‖dL_t/dh_k‖ for every loss step t and every state step k, of every layer and direction.

    module, x: as `rnnviz.record` takes them; x is (T, input_size) and the state before it zero. All is computed in
        float64, from float32 too, where 1e-50 would be zero.
    loss_fn: `output (T, D * H) -> losses (T,)`, differentiable; a loss may depend on any of the outputs. It is given
        the output on the CPU in the module's dtype, so that the loss that trains the module can be handed in.

    Raises what `record` raises; `TypeError` or `ValueError` for losses that are no such tensor or have no path to the
    output; `ValueError` for L * D * T * T * H above 2**23: one row of 32 units has at most 512 steps.
    """
    cell_of(module)
    if isinstance(module, nn.RNNBase) and isinstance(x, Tensor) and x.ndim == 2:
        rows = module.num_layers * (2 if module.bidirectional else 1)
        _check_size(rows, len(x), module.hidden_size)  # before the time of a forward pass is spent
    trace = record(module, x, dtype=torch.float64)
    return flow_of(trace, loss_fn, dtype=x.dtype)


def flow_of(trace: Trace, loss_fn: LossFunction, *, dtype: torch.dtype | None = None) -> GradientFlow:
    """`gradient_flow` of a forward pass that is known already, in its dtype: of a float32 trace, what float32 shows.

    dtype: what `loss_fn` is given; the trace's by default.
    """
    _check_size(len(trace.weights), len(trace), trace.hidden_size)
    losses, into_output = _at_the_output(trace, loss_fn, dtype)
    directions, size = trace.num_directions, trace.hidden_size
    gradients = np.empty((len(trace.weights), len(trace), len(trace), size), trace.x.dtype)
    from_above = into_output
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in reversed(range(trace.num_layers)):
            rows = range(layer * directions, (layer + 1) * directions)
            parts = [through_time(trace, row, from_above[..., d * size :][..., :size]) for d, row in enumerate(rows)]
            for row, (into_state, _) in zip(rows, parts, strict=True):
                gradients[row] = into_state
            from_above = reduce(np.add, [into_x for _, into_x in parts])
        return GradientFlow(
            matrix=norm(gradients), total=norm(gradients.sum(1)), losses=losses, gradients=gradients, trace=trace
        )


def through_time(trace: Trace, row: int, direct: Array) -> tuple[Array, Array]:
    """dL/dh_k of n losses in one row, (n, T, H), and what they send to the layer below, (n, T, width).

    direct: (n, T, H), each loss's derivative along the paths that leave h_k upwards, not along time.
    """
    cell, first = trace.cell, row < trace.num_directions
    states = tuple(f"{name}_prev" for name in cell.states)
    ops = leading_from(cell.ops, set(states) if first else {"x", *states})
    weights, steps = operands(trace, row)
    into_state = np.empty_like(direct)
    into_x = np.zeros((*direct.shape[:2], 0 if first else steps["x"].shape[-1]), direct.dtype)
    gradients: dict[str, Array] = dict.fromkeys(cell.states, np.zeros_like(direct[:, 0]))
    for k in range(len(trace)) if row % trace.num_directions else reversed(range(len(trace))):
        gradients["h"] = gradients["h"] + direct[:, k]
        into_state[:, k] = gradients["h"]
        grads = pull_back(ops, weights | {name: values[k] for name, values in steps.items()}, gradients)
        gradients = {name: grads[f"{name}_prev"] for name in cell.states}
        if not first:
            into_x[:, k] = grads["x"]
    return into_state, into_x


def _at_the_output(trace: Trace, loss_fn: LossFunction, dtype: torch.dtype | None) -> tuple[Array, Array]:
    """The losses, (T,), and the derivative of each with respect to every output, (T, T, D * H)."""
    T = len(trace)
    with torch.enable_grad(), torch.inference_mode(False):
        output = torch.tensor(trace.output, requires_grad=True)
        losses = loss_fn(output.to(dtype or output.dtype))
        form = f"accepted: a floating-point torch.Tensor of shape ({T},), one loss per step"
        if not isinstance(losses, Tensor) or not losses.is_floating_point():
            kind = losses.dtype if isinstance(losses, Tensor) else type(losses).__name__
            raise TypeError(f"loss_fn returned {kind}; {form}")
        if losses.shape != (T,):
            hint = ' (cross_entropy needs reduction="none")' if losses.ndim == 0 else ""
            raise ValueError(f"loss_fn returned shape {tuple(losses.shape)}; {form}{hint}")
        no_path = ValueError(
            "loss_fn returned losses without a gradient to the output; "
            "accepted: losses computed from it by differentiable operations (no detach, no NumPy)"
        )
        if not losses.requires_grad:
            raise no_path
        one_at_a_time = torch.eye(T, dtype=losses.dtype, device=losses.device)
        pull = partial(torch.autograd.grad, losses, output, retain_graph=True, allow_unused=True)
        try:
            (into_output,) = pull(one_at_a_time, is_grads_batched=True)
        except RuntimeError:  # a torch.autograd.Function of the loss's own need not know how to be batched
            into_output = torch.stack([pull(one)[0] for one in one_at_a_time])
        if into_output is None:
            raise no_path
    return losses.detach().to(output.dtype).cpu().numpy().copy(), into_output.numpy()


def _check_size(rows: int, steps: int, size: int) -> None:
    if rows * steps**2 * size > MOST_NUMBERS:
        longest = int((MOST_NUMBERS / (rows * size)) ** 0.5)
        raise ValueError(
            f"x has {steps} steps: {rows} * {steps} * {steps} * {size} numbers, L * D * T * T * H; "
            f"accepted: at most {MOST_NUMBERS}, here {longest} steps"
        )
