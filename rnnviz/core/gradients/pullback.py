"""The derivative of a cell's program: each kind of operation's own, and the chain rule through all of them. NumPy only.

What flows back to an operation's result is multiplied by its derivative and handed to what it read. Every array may
have leading axes, so one call serves one step, all steps at once or many networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.core.cell import Op, OpKind
from rnnviz.core.trace import Array, Trace

# The derivative of each squashing function, written with its result y.
SLOPES: Mapping[OpKind, Callable[[Array], Array]] = {
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: y * (1 - y),
    "relu": lambda y: (y > 0).astype(y.dtype),
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


def pull_back(ops: Sequence[Op], values: Mapping[str, Array], gradients: Mapping[str, Array]) -> dict[str, Array]:
    """What flows back to whatever the operations read, given what flows back to some of their results.

    values: all results and operands by name, as `operands` gives them: vectors (..., 1, H), matrices (..., H, width).
    gradients: by result, (..., n, H): n losses side by side, each a row.
    """
    grads = dict(gradients)
    for op in reversed(ops):
        g = grads.pop(op.name, None)
        if g is None:
            continue
        parts = _PULLBACKS[op.kind](g, values[op.name], *(values[name] for name in op.reads))
        for name, part in zip(op.reads, parts, strict=True):
            if part is not None:
                grads[name] = grads[name] + part if name in grads else part
    return grads


def operands(trace: Trace, row: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """A row's weights by name, and all that changes with the step, (T, 1, width)."""
    weights = dict(trace.weights[row])
    names = {name for op in trace.cell.ops for name in (op.name, *op.reads)} - set(weights)
    return weights, {name: trace.operand(name, row)[:, None] for name in names}


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
