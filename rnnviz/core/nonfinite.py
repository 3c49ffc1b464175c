"""Where NaN or infinity enters a run: the first weight, input, state or operation that holds one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from rnnviz.core.trace import Array, Trace


@dataclass(frozen=True)
class NonFinite:
    """name: what holds it: an operation, `x`, a state before the first step (`h_prev`, `c_prev`), or a weight.

    step: from 1, of the token; None for a weight, which every step reads.
    row: of the trace's first axis, from 0.
    units: from 0, where along the last axis; of a weight the rows.
    """

    name: str
    step: int | None
    row: int
    units: tuple[int, ...]


def first_nonfinite(trace: Trace) -> NonFinite | None:
    """The first in the order of computing: of each row its weights, then step by step what it reads and each operation
    in turn; None where all is finite.
    """
    for name, step, row, numbers in _in_order(trace):
        bad: NDArray[np.bool_] = ~np.isfinite(numbers)
        if bad.any():
            places = np.flatnonzero(bad if bad.ndim == 1 else bad.any(axis=1))
            return NonFinite(name, step, row, tuple(places.tolist()))
    return None


def _in_order(trace: Trace) -> Iterator[tuple[str, int | None, int, Array]]:
    for row, weights in enumerate(trace.weights):
        for name, weight in weights.items():
            yield name, None, row, weight
        # A row without any is passed at once: most are.
        results = [trace[op.name][row] for op in trace.cell.ops]
        first_states = [state[row] for state in trace.initial.values()]
        if all(np.isfinite(part).all() for part in (trace.input(row), *first_states, *results)):
            continue
        steps = range(len(trace))
        for n, t in enumerate(reversed(steps) if row % trace.num_directions else steps):
            if row < trace.num_directions:
                yield "x", t + 1, row, trace.x[t]
            if n == 0:
                for state, first in trace.initial.items():
                    yield f"{state}_prev", t + 1, row, first[row]
            for op, values in zip(trace.cell.ops, results, strict=True):
                yield op.name, t + 1, row, values[t]
