"""One sequence, an operation at a time: the cell's own program, and every result of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.cell import Cell
from rnnviz.core.forced import Forced, places
from rnnviz.core.network import Forcing, run
from rnnviz.core.tensors import as_array
from rnnviz.core.trace import Trace
from rnnviz.core.weights import Weights


def unroll(
    cell: Cell,
    rows: Sequence[Weights],
    x: Tensor,
    state: Weights,
    tokens: tuple[str, ...],
    directions: int = 1,
    forced: tuple[Forced, ...] = (),
    notes: tuple[str, ...] = (),
) -> Trace:
    """The trace of a network given as `Trace` describes it: weights by the cell's names, states (L * D, H)."""
    hidden_size = state["h"].shape[1]
    with torch.no_grad():
        layer_input, outputs, steps = x, [], []
        for row, weight in enumerate(rows):
            initial = {f"{name}_prev": value[row] for name, value in state.items()}
            forcing = forcing_of(forced, row, len(x), hidden_size, x.dtype)
            steps.append(_over_time(cell, weight, layer_input, initial, forcing, reverse=bool(row % directions)))
            outputs.append(torch.stack([step["h"] for step in steps[row]]))
            if row % directions == directions - 1:
                layer_input, outputs = torch.cat(outputs, -1), []
        return Trace(
            cell=cell,
            x=as_array(x),
            tokens=tokens,
            values={
                op.name: np.stack([as_array(torch.stack([step[op.name] for step in row])) for row in steps])
                for op in cell.ops
            },
            initial={name: as_array(value) for name, value in state.items()},
            weights=tuple({name: as_array(value) for name, value in row.items()} for row in rows),
            num_directions=directions,
            forced=forced,
            notes=notes,
        )


def _over_time(
    cell: Cell,
    weights: Mapping[str, Tensor],
    x: Tensor,
    state: Mapping[str, Tensor],
    forcing: Sequence[Forcing],
    *,
    reverse: bool,
) -> list[dict[str, Tensor]]:
    """The results of each step, aligned to the tokens of `x` (T, width) also when they are read from the right."""
    steps = []
    for t in reversed(range(len(x))) if reverse else range(len(x)):
        steps.append(run(cell.ops, {**weights, "x": x[t], **state}, forcing[t]))
        state = {f"{name}_prev": steps[-1][name] for name in cell.states}
    return steps[::-1] if reverse else steps


def forcing_of(forced: Sequence[Forced], row: int, steps: int, size: int, dtype: torch.dtype) -> list[Forcing]:
    """For each step of a row and each forced quantity, which units are forced and to what."""
    return by_step(forcing_over_time(forced, row, steps, size, dtype), steps)


def forcing_over_time(forced: Sequence[Forced], row: int, steps: int, size: int, dtype: torch.dtype) -> Forcing:
    """The same for all steps at once, each (T, H)."""
    return {
        name: (torch.from_numpy(mask), torch.from_numpy(values).to(dtype))
        for name, (mask, values) in places(forced, row, steps, size).items()
    }


def by_step(forcing: Forcing, steps: int) -> list[Forcing]:
    """Of each step what is forced there."""
    return [
        {name: (mask[t], values[t]) for name, (mask, values) in forcing.items() if mask[t].any()} for t in range(steps)
    ]
