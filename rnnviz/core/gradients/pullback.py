"""The derivative of a cell's program: each kind of operation's own, and the chain rule through all of them. NumPy only.

What flows back to an operation's result is multiplied by its derivative and handed to what it read. Every array may
have leading axes, so one call serves one step, all steps at once or many networks.

What was forced (`rnnviz.Forced`) is a constant of the program that ran: its own value may be varied, and nothing flows
from there to what the operation would have made it of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.core.cell import Op, OpKind
from rnnviz.core.forced import places
from rnnviz.core.trace import Array, Trace

Constants = Mapping[str, NDArray[np.bool_]]
NO_CONSTANTS: Constants = MappingProxyType({})

# The derivative of each squashing function, written with its result y.
SLOPES: Mapping[OpKind, Callable[[Array], Array]] = {
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: y * (1 - y),
    "relu": lambda y: np.where(np.isnan(y), y, y > 0).astype(y.dtype),
}
# What each kind hands to its operands: from g, what flows back, the result y and the operands.
_PULLBACKS: Mapping[OpKind, Callable[..., tuple[Any, ...]]] = {
    "matvec": lambda g, y, W, v: (None, g @ W),  # a weight's own gradient is not asked for here
    "add": lambda g, y, *terms: (g,) * len(terms),
    "hadamard": lambda g, y, a, b: (g * b, g * a),
    "one_minus": lambda g, y, a: (-g,),
    **{kind: (lambda g, y, a, slope=slope: (g * slope(y),)) for kind, slope in SLOPES.items()},
}


def leading_from(ops: Sequence[Op], sources: set[str]) -> tuple[Op, ...]:
    """The operations whose results depend on any of the sources."""
    dependent, path_ops = set(sources), []
    for op in ops:
        if dependent.intersection(op.reads):
            dependent.add(op.name)
            path_ops.append(op)
    return tuple(path_ops)


def pull_back(
    ops: Sequence[Op],
    values: Mapping[str, Array],
    gradients: Mapping[str, Array],
    *,
    constants: Constants = NO_CONSTANTS,
    keeps: Collection[str] = (),
) -> dict[str, Array]:
    """What flows back to whatever the operations read, given what flows back to some of their results.

    values: all results and operands by name, as `operands` gives them: vectors (..., 1, H), matrices (..., H, width).
    gradients: by result, (..., n, H): n losses side by side, each a row.
    constants: by result, where it was forced: nothing flows from there to what the operation read.
    keeps: results of which all that flows back to them is returned, too.
    """
    grads, kept = dict(gradients), {}
    for op in reversed(ops):
        g = grads.pop(op.name, None)
        if g is None:
            continue
        if op.name in keeps:
            kept[op.name] = g
        g = _free(g, op, constants)
        _add(grads, op.reads, _PULLBACKS[op.kind](g, values[op.name], *(values[name] for name in op.reads)))
    return grads | kept


def operand_gradients(op: Op, g: Array, y: Array, read: Sequence[Array]) -> tuple[Array | None, ...]:
    """What one operation hands to each of its operands; None for a matrix.     g: what flows back to its result y."""
    return _PULLBACKS[op.kind](g, y, *read)


def jacobian(
    ops: Sequence[Op], values: Mapping[str, Array], of: str, by: str, *, constants: Constants = NO_CONSTANTS
) -> Array:
    """(T, H, H), the derivative of one result by what is read under the name `by`, at all steps at once.

    values: as `operands` gives them, (T, 1, H) each.
    As long as no matrix has been passed every Jacobian is diagonal, and is kept as its diagonal; so what flows back
    through one matrix is that matrix with its rows scaled, and is no product of matrices.
    """
    ones = np.ones_like(values[of])
    diagonals: dict[str, Array] = {of: ones}
    grads: dict[str, Array] = {}
    for op in reversed(ops):
        operands = [values[name] for name in op.reads]
        if (d := diagonals.pop(op.name, None)) is not None:
            d = _free(d, op, constants)
            if op.kind == "matvec":
                _add(grads, op.reads, (None, np.swapaxes(d, -1, -2) * operands[0]))
            else:
                _add(diagonals, op.reads, _PULLBACKS[op.kind](d, values[op.name], *operands))
        if (g := grads.pop(op.name, None)) is not None:
            _add(grads, op.reads, _PULLBACKS[op.kind](_free(g, op, constants), values[op.name], *operands))
    shape = (*np.shape(ones)[:-2], ones.shape[-1], ones.shape[-1])
    found = np.array(np.broadcast_to(grads.get(by, np.zeros(1)), shape))
    unit = np.arange(ones.shape[-1])
    found[..., unit, unit] += diagonals.get(by, np.zeros((1, 1)))[..., 0, :]
    return found


def _free(g: Array, op: Op, constants: Constants) -> Array:
    """What flows back through an operation: nothing where its result was forced, also of infinity and NaN."""
    return np.where(constants[op.name], 0, g) if op.name in constants else g


def _add(grads: dict[str, Array], reads: Sequence[str], parts: Sequence[Any]) -> None:
    for name, part in zip(reads, parts, strict=True):
        if part is not None:
            grads[name] = grads[name] + part if name in grads else part


def operands(trace: Trace, row: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """A row's weights by name, and all that changes with the step, (T, 1, width)."""
    weights = dict(trace.weights[row])
    names = {name for op in trace.cell.ops for name in (op.name, *op.reads)} - set(weights)
    return weights, {name: trace.operand(name, row)[:, None] for name in names}


def constants_of(trace: Trace, row: int) -> dict[str, NDArray[np.bool_]]:
    """By quantity, where a row of a trace was forced, (T, 1, H): there it is a constant, whatever was read."""
    masks = places(trace.forced, row, len(trace), trace.hidden_size)
    return {name: mask[:, None] for name, (mask, _) in masks.items()}


def norm(vectors: Array) -> Array:
    """The 2-norm along the last axis; of 1e-200 and 1e200 too, whose squares have no room in float64."""
    kind = np.finfo(vectors.dtype)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        squares = np.einsum("...i,...i->...", vectors, vectors)
        norms, largest = np.asarray(np.sqrt(squares)), np.maximum(vectors.max(-1), -vectors.min(-1))
        beyond = (squares < kind.tiny / kind.eps) | (squares > kind.max * kind.eps)
        beyond &= (largest > 0) & np.isfinite(largest)
        if beyond.any():
            scale = largest[beyond]
            norms[beyond] = scale * np.sqrt(np.square(vectors[beyond] / scale[:, None]).sum(-1))
    return norms


def angle(u: Array, v: Array) -> Array:
    """Degrees between vectors along the last axis, 0 to 180; NaN where one is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = u / norm(u)[..., None], v / norm(v)[..., None]
        # Unlike the arc cosine, exact for nearly parallel vectors (Kahan 2006, How futile are mindless assessments).
        return np.degrees(2 * np.arctan2(norm(a - b), norm(a + b)))
