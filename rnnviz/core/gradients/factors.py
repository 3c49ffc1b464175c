"""Why dL_t/dh_k is as large as it is: the Jacobian of every step, and the product of those between k and t.

factors = step_jacobians(trace)         # ds_t/ds_(t-1) for every t of a row, s = h, or (h, c) for an LSTM
chain = factors.chain(t, k)             # ds_t/ds_k, factor by factor
chain.norms[-1] <= chain.bound[-1]      # the product's norm, and the product of the factors' norms
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from rnnviz.core.gradients.double import in_double
from rnnviz.core.gradients.pullback import SLOPES, Constants, constants_of, jacobian, leading_from
from rnnviz.core.refusal import TRACE, required
from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array, Trace

MOST_NUMBERS = 2**27  # in `jacobians`: 1 GiB
CHUNK = 2**21  # numbers of a block of them that are worked on at once


@dataclass(frozen=True, eq=False)
class Factors:
    """One row of a trace, step by step. Index t is the step, from 0; a reverse direction starts from t + 1.

    jacobians: (T, S * H, S * H), ds_t/ds_(t-1); S states stacked as in `states`, so an LSTM's is [[dh/dh, dh/dc],
        [dc/dh, dc/dc]], each the partial derivative with the other of the two held.
    states: `("h",)` or `("h", "c")`.
    slopes: (T, H) by result, each squashing function's derivative where it stands: `h`; `i f g o tanh_c`; `r z n`.
        Zero where that result was forced.
    recurrent: W_hh (RNN) or W_hi ..., by name.
    gate: (T, H), what multiplies the old memory element by element on its way into the new one, as f_t does in
        c_t = f_t * c_(t-1) + ...: an LSTM's f, the GRU's z, 1 - f of a minimal gated unit; None for the RNN. Zero where
        the memory itself was forced, since nothing of the old one is in it.
    reverse: whether the row reads from the right.

    For the RNN `jacobians[t]` is diag(slopes["h"][t]) @ recurrent["W_hh"], where its a is not forced. For the GRU it is
    diag(z_t) and the rest,
    `through_gates`; for the LSTM the same holds of the block dc/dc, whose rest is zero with h held.
    """

    __repr__ = short_repr

    jacobians: Array
    states: tuple[str, ...]
    slopes: Mapping[str, Array]
    recurrent: Mapping[str, Array]
    gate: Array | None
    reverse: bool

    @property
    def hidden_size(self) -> int:
        return self.jacobians.shape[-1] // len(self.states)

    def block(self, of: str, by: str) -> Array:
        """(T, H, H): d`of`_t/d`by`_(t-1), as `block("c", "h")`; `ValueError` for a state that is not there."""
        return _block(self.jacobians, self.states, of, by)

    @cached_property
    def singular_values(self) -> Array:
        """(T, S * H) of the whole Jacobian, largest first. The largest is its 2-norm: no vector grows by more."""
        return singular_values(self.jacobians)

    @property
    def norms(self) -> Array:
        """(T,), the 2-norms of the factors."""
        return self.singular_values[:, 0]

    @property
    def through_gates(self) -> Array | None:
        """(T, H, H): what is left of a GRU's Jacobian without diag(z_t), the path through r, z and n. Else None."""
        if self.gate is None or self.states != ("h",):
            return None
        return self.jacobians - self.gate[:, :, None] * np.eye(self.hidden_size)

    @property
    def memory(self) -> Array | None:
        """(T, T), [t, k]: what the gate alone leaves of the memory after step k at step t, its product over the steps
        between, in the unit that keeps most; 1 where t is k, and 0 where there is no path. None without a gate.
        """
        if self.gate is None:
            return None
        steps = len(self.gate)
        memory, left = np.zeros((steps, steps)), np.ones(self.gate.shape)
        for t in range(steps)[::-1] if self.reverse else range(steps):
            read = slice(t + 1, steps) if self.reverse else slice(t)
            left[read] *= self.gate[t]
            memory[t, read], memory[t, t] = left[read].max(-1), 1
        return memory

    def chain(self, t: int, k: int) -> Chain:
        """The product ds_t/ds_k, multiplied from t back to k as the gradient travels; the identity where t is k.

        t, k: steps, 0 to T - 1; k may not come after t in the order of reading. `ValueError` else.
        """
        steps = len(self.jacobians)
        for name, step in (("t", t), ("k", k)):
            if not 0 <= step < steps:
                raise ValueError(f"{name} is {step}; accepted: 0 to {steps - 1}")
        if (k < t) if self.reverse else (k > t):
            bounds = f"{t} to {steps - 1}, since this direction reads from the right" if self.reverse else f"0 to {t}"
            raise ValueError(f"k is {k} and t is {t}, and there is no path back; accepted: k from {bounds}")
        path = tuple(range(t, k, 1 if self.reverse else -1))
        products = [np.eye(self.jacobians.shape[-1])]
        with np.errstate(over="ignore", invalid="ignore"):
            for step in path:
                products.append(products[-1] @ self.jacobians[step])
        memory = None
        if self.gate is not None:
            memory = np.multiply.accumulate(np.vstack([np.ones(self.hidden_size), self.gate[list(path)]]))
        return Chain((t, *(s + (1 if self.reverse else -1) for s in path)), path, np.stack(products), self, memory)


@dataclass(frozen=True, eq=False)
class Chain:
    """The factors between two steps. The first axis, n + 1 long, is the state reached: t, t - 1, ... k.

    reached: those n + 1 steps.     steps: the n steps whose Jacobians were multiplied: t, t - 1, ... k + 1.
    products: (n + 1, S * H, S * H), ds_t/ds_reached.
    factors: the row they were taken from.
    memory: (n + 1, H), the product of the forget gates f (GRU: of z), which is all of the path that stays in the memory
        and passes no weight; None for the RNN.
    """

    __repr__ = short_repr

    reached: tuple[int, ...]
    steps: tuple[int, ...]
    products: Array
    factors: Factors
    memory: Array | None

    @cached_property
    def norms(self) -> Array:
        """(n + 1,), the 2-norm of each product, as measured; infinity once a number has left float64's range, NaN once
        a factor holds NaN.
        """
        return product_norms(self.products, self.factors.jacobians[list(self.steps)])

    def block(self, of: str, by: str) -> Array:
        """(n + 1, H, H): d`of`_t/d`by`_reached. For an LSTM `block("c", "c")` is the total beside `memory`."""
        return _block(self.products, self.factors.states, of, by)

    @property
    def bound(self) -> Array:
        """(n + 1,), the product of the factors' norms: none of `norms` is above it (Pascanu et al. 2013, 2.1)."""
        with np.errstate(over="ignore"):
            return np.cumprod([1.0, *self.factors.norms[list(self.steps)]])

    def followed(self, gradient: Array) -> Array:
        """(n + 1, S * H): dL_t/ds at every state reached, of a loss that reads s_t only and leaves by no other way.

        gradient: (S * H,), dL_t/ds_t; for a loss of an LSTM's output, H zeros follow dL_t/dh_t. `angle` compares rows.
        """
        if np.shape(gradient) != self.products.shape[-1:]:
            raise ValueError(f"gradient has shape {np.shape(gradient)}; accepted: {self.products.shape[-1:]}")
        return np.asarray(gradient @ self.products)


def singular_values(matrices: Array) -> Array:
    """(..., n), largest first, of (..., n, m), n <= m. LAPACK stops at a matrix that is not finite: NaN for one that
    holds NaN, else infinity.
    """
    finite = np.isfinite(matrices).all((-2, -1))
    values = np.empty(matrices.shape[:-1])
    values[...] = np.where(np.isnan(matrices).any((-2, -1)), np.nan, np.inf)[..., None]
    values[finite] = np.linalg.svd(matrices[finite], compute_uv=False)
    return values


def product_norms(products: Array, factors: Array) -> Array:
    """(n + 1,), the 2-norms of the products of the first 0, 1 ... n factors: infinity once a number has left float64's
    range, from where on inf - inf is NaN; NaN once a factor holds NaN.
    """
    norms = singular_values(products)[:, 0]
    is_number = np.concatenate([[True], ~np.isnan(factors).any((-2, -1))])
    return np.where(np.isnan(norms) & np.logical_and.accumulate(is_number), np.inf, norms)


def _block(matrices: Array, states: tuple[str, ...], of: str, by: str) -> Array:
    for name in (of, by):
        if name not in states:
            raise ValueError(f"no state {name!r}; accepted: {', '.join(states)}")
    size = matrices.shape[-1] // len(states)
    row, column = (states.index(name) * size for name in (of, by))
    return matrices[:, row : row + size, column : column + size]


def step_jacobians(trace: Trace, row: int = 0) -> Factors:
    """The Jacobians of all steps of one row of a trace, float64.

    Each is the derivative of the cell's program at the recorded values, taken for all steps at once. Of a float32 trace
    every step is computed again in float64 from what it read. What was forced is a constant: its row is zero.
    Raises `TypeError` for what is no trace, `ValueError` for a row that is not there and for T * (S * H)**2 above 2**27
    numbers, 1 GiB: an RNN of 512 units has at most 512 steps, an LSTM 128.
    """
    required(trace, Trace, "trace", TRACE)
    if not 0 <= row < len(trace.weights):
        raise ValueError(f"row is {row}; accepted: 0 to {len(trace.weights) - 1}")
    cell, size = trace.cell, trace.hidden_size
    _check_size(len(trace), len(cell.states) * size)
    weights, steps = in_double(trace, row)
    constants = constants_of(trace, row)
    ops = leading_from(cell.ops, {f"{name}_prev" for name in cell.states})
    jacobians = np.empty((len(trace), len(cell.states) * size, len(cell.states) * size))
    chunk = max(1, CHUNK // size**2)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(trace), chunk):
            part = slice(start, start + chunk)
            values = weights | {name: array[part] for name, array in steps.items()}
            held = {name: mask[part] for name, mask in constants.items()}
            for (i, of), (j, by) in product(enumerate(cell.states), repeat=2):
                block = jacobian(ops, values, of, f"{by}_prev", constants=held)
                jacobians[part, i * size : (i + 1) * size, j * size : (j + 1) * size] = block
    return Factors(
        jacobians=jacobians,
        states=cell.states,
        slopes={
            op.name: _where_free(constants, op.name, SLOPES[op.kind](steps[op.name]))
            for op in cell.ops
            if op.kind in SLOPES
        },
        recurrent={name: weight for name, weight in weights.items() if name.startswith("W_h")},
        gate=_where_free(constants, cell.memory[0], steps[cell.memory[1]]) if cell.memory else None,
        reverse=bool(row % trace.num_directions),
    )


def _where_free(constants: Constants, name: str, values: Array) -> Array:
    """(T, H) of (T, 1, H): zero where this result was forced."""
    return np.where(constants.get(name, False), 0.0, values)[:, 0]


def _check_size(steps: int, size: int) -> None:
    if steps * size**2 > MOST_NUMBERS:
        raise ValueError(
            f"the trace has {steps} steps: {steps} * {size} * {size} numbers, T * (S * H)**2; accepted: at most "
            f"{MOST_NUMBERS}, here {MOST_NUMBERS // size**2} steps, recorded with h0, the state before them; "
            "rnnviz.gradient_flow of one loss needs no Jacobian and takes any number of steps"
        )
