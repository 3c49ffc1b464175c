"""How much each step's loss feels each earlier state: dL_t/dh_k for all t and k.

    flow = rnnviz.gradient_flow(lstm, x, lambda output: cross_entropy(head(output), targets, reduction="none"))
    flow.matrix[0, t, k]    # the 2-norm of dL_t/dh_k in the first layer
    flow = rnnviz.gradient_flow(lstm, x, lambda output: cross_entropy(head(output[-1:]), target))    # one loss
    flow.whole.x, flow.whole.states["c"], flow.whole.initial["h"]    # its derivative with respect to all of these

The forward pass is `rnnviz.record`'s; going back, every loss travels at once, a row each of one matrix per step
(backpropagation through time, Werbos 1990), so T losses cost about what one does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, partial, reduce
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.forced import Forced
from rnnviz.core.gradients.pullback import angle, constants_of, leading_from, norm, operands, pull_back
from rnnviz.core.network import Layer
from rnnviz.core.record import record
from rnnviz.core.refusal import TRACE, required
from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array, Trace

LossFunction = Callable[[Tensor], Tensor]
MOST_NUMBERS = 2**23  # in `gradients` of T losses: 64 MiB, and 250 MiB at the most while it is computed
MOST_STATES = 2**24  # in each result of the pass, of one loss: 128 MiB, some 20 times that for all of an LSTM's


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The derivative of n losses with respect to every state. The first axis is `Trace`'s, the dtype too.

    n is T, one loss per step, or 1, a scalar loss, whose one row stands in the place of L_t.

    matrix: (L * D, n, T), [row, t, k]: the 2-norm of dL_t/dh_k along every path, zero where there is none. What an
        LSTM carries past h_k in c_k is not in it: c_k is held.
    total: (L * D, T), the norm of the derivative of the summed loss.
    gradients: (L * D, n, T, H), dL_t/dh_k itself.
    losses: (n,).     trace: the forward pass.
    into_output: (T, D * H), what the summed loss sends into the top layer's output, before anything flows back.

    All indices count from 0. Infinity and NaN stand where a number left the dtype's range, for float64 1e308.
    """

    __repr__ = short_repr

    matrix: Array
    total: Array
    losses: Array
    gradients: Array = field(repr=False)
    trace: Trace
    into_output: Array = field(repr=False)

    def __post_init__(self) -> None:
        for part in fields(self):
            if isinstance(array := getattr(self, part.name), np.ndarray):
                array.setflags(write=False)

    @property
    def turned(self) -> Array:
        """(L * D, T, T), [row, t, k]: degrees between dL_t/dh_k and dL_t/dh_t; NaN where one is zero.

        Of one loss (L * D, 1, T): from its gradient at the last state that the row has read.
        """
        if len(self.losses) == len(self.trace):
            return angle(self.gradients, np.einsum("rtth->rth", self.gradients)[:, :, None])
        last = [0 if row % self.trace.num_directions else -1 for row in range(len(self.gradients))]
        return angle(self.gradients, np.stack([into[:, [k]] for into, k in zip(self.gradients, last, strict=True)]))

    @cached_property
    def whole(self) -> Whole:
        """The derivative of the summed loss with respect to all that can be varied."""
        with np.errstate(over="ignore", invalid="ignore"):
            return backward(self.trace, self.into_output[None]).whole

    @property
    def attribution(self) -> Array:
        """(T,), for each step the sum over x_t * dL/dx_t: what the loss owes to that token, in the first order.

        Simonyan, Vedaldi & Zisserman 2014, Deep inside convolutional networks; times the input: Shrikumar et al. 2016,
        Not just a black box.
        """
        return np.asarray((self.trace.x * self.whole.x).sum(-1))

    def __reduce__(self) -> tuple[object, ...]:
        # An unpickled array can be written to; so a copy is built anew.
        return GradientFlow, tuple(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True, eq=False)
class Whole:
    """The derivative of one loss, along every path: what autograd leaves in `.grad` of each of these.

    x: (T, input_size), dL/dx_t.
    states: by name, (L * D, T, H), dL/dh_k and dL/dc_k. Of c_k, along the paths through h_k too.
    initial: by name, (L * D, H), of the state before the first step that a row read.
    """

    __repr__ = short_repr

    x: Array
    states: Mapping[str, Array]
    initial: Mapping[str, Array]


def gradient_flow(
    module: nn.Module,
    x: Tensor,
    loss_fn: LossFunction,
    *,
    h0: Tensor | tuple[Tensor, Tensor] | None = None,
    forced: Sequence[Forced] = (),
) -> GradientFlow:
    """‖dL_t/dh_k‖ for every loss step t and every state step k, of every layer and direction; or ‖dL/dh_k‖ of one loss.

    module, x, h0, forced: as `rnnviz.record` takes them; x is (T, input_size). All is computed in float64, from float32
        too, where 1e-50 would be zero. What is forced is a constant: nothing flows back through it.
    loss_fn: `output (T, D * H) -> losses (T,)`, or one loss `()` or `(1,)`; differentiable; a loss may depend on any
        of the outputs. It is given the output on the CPU in the module's dtype, so that the loss that trains the module
        can be handed in. Of one loss the memory grows with T * H, as the trace's does.

    Raises what `record` raises; `TypeError` or `ValueError` for losses that are no such tensor or have no path to the
    output; `ValueError` for T losses with L * D * T * T * H above 2**23 (one row of 32 units: 512 steps), and for one
    loss with L * D * T * H above 2**24.
    """
    trace = recorded(module, x, h0=h0, forced=forced)
    return flow_of(trace, loss_fn, dtype=x.dtype if isinstance(x, Tensor) else None)


def recorded(module: nn.Module, x: Tensor, **options: Any) -> Trace:
    """One sequence in float64, as `record` takes it with its options. Raises `ValueError` for one too long, and for a
    batch."""
    if isinstance(module, Layer) and isinstance(x, Tensor) and x.ndim == 2:
        rows = module.num_layers * (2 if module.bidirectional else 1)
        _check_pass(rows, len(x), module.hidden_size)  # before the time of a forward pass is spent
    trace = record(module, x, **options, dtype=torch.float64)
    if not isinstance(trace, Trace):
        raise ValueError("x is a batch; accepted: one sequence, (T, input_size), such as x[i] of the batch first")
    required(trace, Trace, "trace", TRACE)
    return trace


def flow_of(trace: Trace, loss_fn: LossFunction, *, dtype: torch.dtype | None = None) -> GradientFlow:
    """`gradient_flow` of a forward pass that is known already, in its dtype: of a float32 trace, what float32 shows.

    dtype: what `loss_fn` is given; the trace's by default.
    """
    required(trace, Trace, "trace", TRACE)
    losses, into_output = at_the_output(trace, loss_fn, dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        gradients = backward(trace, into_output, whole=False).gradients
        return GradientFlow(
            matrix=norm(gradients),
            total=norm(gradients.sum(1)),
            losses=losses,
            gradients=gradients,
            trace=trace,
            into_output=into_output.sum(0),
        )


class Backward(NamedTuple):
    """What n losses send back through all layers. whole: of the first of them alone."""

    gradients: Array  # (L * D, n, T, H), dL/dh_k
    whole: Whole


def backward(trace: Trace, into_output: Array, *, whole: bool = True) -> Backward:
    """Through all layers. into_output: (n, T, D * H).     whole: False leaves `whole.x` and other states than h out."""
    directions, size = trace.num_directions, trace.hidden_size
    wanted = trace.cell.states if whole else ("h",)
    parts: dict[int, Through] = {}
    from_above = into_output
    for layer in reversed(range(trace.num_layers)):
        rows = range(layer * directions, (layer + 1) * directions)
        for d, row in enumerate(rows):
            direct = from_above[..., d * size :][..., :size]
            parts[row] = through_time(trace, row, direct, states=wanted, into_x=whole or layer > 0)
        from_above = reduce(np.add, [parts[row].x for row in rows])
    by_row = [parts[row] for row in range(len(trace.weights))]
    return Backward(
        np.stack([part.states["h"] for part in by_row]),
        Whole(
            from_above[0],
            {name: np.stack([part.states[name][0] for part in by_row]) for name in wanted},
            {name: np.stack([part.initial[name][0] for part in by_row]) for name in trace.cell.states},
        ),
    )


def into_row(trace: Trace, into_output: Array, row: int) -> Array:
    """(n, T, H), what n losses send into the states of one row from above.     into_output: (n, T, D * H)."""
    directions, size = trace.num_directions, trace.hidden_size
    layer, direction = divmod(row, directions)
    from_above = into_output
    for above in reversed(range(layer + 1, trace.num_layers)):
        parts = [from_above[..., d * size :][..., :size] for d in range(directions)]
        rows = range(above * directions, (above + 1) * directions)
        from_above = reduce(
            np.add, [through_time(trace, row, part, into_x=True).x for row, part in zip(rows, parts, strict=True)]
        )
    return from_above[..., direction * size :][..., :size]


class Through(NamedTuple):
    """What n losses send back through one row of a trace."""

    states: Mapping[str, Array]  # by name, (n, T, H)
    x: Array  # (n, T, width), to what the row read; width 0 where that was not asked for
    initial: Mapping[str, Array]  # by name, (n, H)


def through_time(
    trace: Trace, row: int, direct: Array, *, states: Sequence[str] = ("h",), into_x: bool = False
) -> Through:
    """Through one row of a trace. direct: (n, T, H), each loss's derivative along the paths that leave h_k upwards, not
    along time.     states, into_x: what is wanted.
    """
    cell = trace.cell
    previous = {f"{name}_prev" for name in cell.states}
    # What is asked for need not depend on a previous state, as a minGRU's gates do not.
    ops = leading_from(cell.ops, {*previous, *states} | ({"x"} if into_x else set()))
    weights, steps = operands(trace, row)
    constants = constants_of(trace, row)
    found = {name: np.empty_like(direct) for name in states}
    into = np.zeros((*direct.shape[:2], trace.input(row).shape[-1] if into_x else 0), direct.dtype)
    zeros = np.zeros_like(direct[:, 0])
    gradients: dict[str, Array] = dict.fromkeys(cell.states, zeros)
    for k in range(len(trace)) if row % trace.num_directions else reversed(range(len(trace))):
        gradients["h"] = gradients["h"] + direct[:, k]
        values = weights | {name: array[k] for name, array in steps.items()}
        held = {name: mask[k] for name, mask in constants.items() if mask[k].any()}
        grads = pull_back(ops, values, gradients, constants=held, keeps=states)
        for name in states:
            found[name][:, k] = grads.get(name, zeros)
        gradients = {name: grads.get(f"{name}_prev", zeros) for name in cell.states}
        if into_x:
            into[:, k] = grads.get("x", 0)
    return Through(found, into, gradients)


def at_the_output(trace: Trace, loss_fn: LossFunction, dtype: torch.dtype | None) -> tuple[Array, Array]:
    """The losses, (n,), and the derivative of each with respect to every output, (n, T, D * H)."""
    T = len(trace)
    with torch.enable_grad(), torch.inference_mode(False):
        output = torch.tensor(trace.output, requires_grad=True)
        losses = loss_fn(output.to(dtype or output.dtype))
        form = f"accepted: a floating-point torch.Tensor of shape ({T},), one loss per step, or (), one loss"
        if not isinstance(losses, Tensor) or not losses.is_floating_point():
            kind = losses.dtype if isinstance(losses, Tensor) else type(losses).__name__
            raise TypeError(f"loss_fn returned {kind}; {form}")
        if losses.shape not in ((T,), (1,), ()):
            raise ValueError(f"loss_fn returned shape {tuple(losses.shape)}; {form}")
        losses = losses.reshape(-1)
        if len(losses) > 1:
            _check_size(len(trace.weights), T, trace.hidden_size)
        no_path = ValueError(
            "loss_fn returned losses without a gradient to the output; "
            "accepted: losses computed from it by differentiable operations (no detach, no NumPy)"
        )
        if not losses.requires_grad:
            raise no_path
        one_at_a_time = torch.eye(len(losses), dtype=losses.dtype, device=losses.device)
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
            f"x has {steps} steps and a loss for each: {rows} * {steps} * {steps} * {size} numbers, L * D * T * T * H; "
            f"accepted: at most {MOST_NUMBERS}, here {longest} steps; or one loss, such as losses.sum() or losses[-1], "
            f"of at most {MOST_STATES // (rows * size)}"
        )


def _check_pass(rows: int, steps: int, size: int) -> None:
    if rows * steps * size > MOST_STATES:
        raise ValueError(
            f"x has {steps} steps: {rows} * {steps} * {size} numbers, L * D * T * H, in each result of the pass; "
            f"accepted: at most {MOST_STATES}, here {MOST_STATES // (rows * size)} steps of one loss"
        )
