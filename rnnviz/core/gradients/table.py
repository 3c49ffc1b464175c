"""The honest table: what is left of a gradient after 99 steps, by cell and initialisation, over many seeds.

    table = honest_table(range(20))
    table.norms[:, :, 0]        # (rows, seeds): the norm at the first of 100 steps

All networks of one cell run as one batch, so 20 seeds cost little more than one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.lab import Recipe, sample, weights_of
from rnnviz.core.gradients.pullback import leading_from, norm, pull_back
from rnnviz.core.network import run
from rnnviz.core.trace import Array

ROWS: Mapping[str, Recipe] = {
    "RNN": Recipe("rnn"),
    "GRU": Recipe("gru"),
    "LSTM": Recipe("lstm"),
    "LSTM, forget bias 1": Recipe("lstm", forget_bias=1.0),
    "LSTM, forget bias 3": Recipe("lstm", forget_bias=3.0),
    "LSTM, forget bias 5": Recipe("lstm", forget_bias=5.0),
    "RNN, orthogonal": Recipe("rnn", initialisation="orthogonal"),
    "RNN (ReLU), identity": Recipe("rnn_relu", initialisation="identity"),
}
STEPS = 100
MOST_SEEDS = 50


@dataclass(frozen=True, eq=False)
class Table:
    """rows: names.     seeds: of weights and input.

    norms: (rows, seeds, T), ‖dL/dh_k‖ for L = sum(h_T), so the last is sqrt(H) in every row. float64.
    """

    rows: tuple[str, ...]
    seeds: tuple[int, ...]
    norms: Array


def honest_table(seeds: Sequence[int], rows: Mapping[str, Recipe] = ROWS, steps: int = STEPS) -> Table:
    """Every row for every seed, each on an input of its seed, N(0, 1), the same for all rows.

    rows: recipes by name, of one hidden_size and input_size; their own seed is not used.
    Raises `ValueError` for no row, sizes that differ, no seed or more than 50, and steps outside 1 to 200.
    """
    if not 1 <= len(seeds) <= MOST_SEEDS:
        raise ValueError(f"{len(seeds)} seeds; accepted: 1 to {MOST_SEEDS}")
    if not 1 <= steps <= 2 * STEPS:
        raise ValueError(f"steps is {steps}; accepted: 1 to {2 * STEPS}")
    sizes = {(recipe.hidden_size, recipe.input_size) for recipe in rows.values()}
    if len(sizes) != 1:
        raise ValueError(f"rows have {len(sizes)} different sizes; accepted: one hidden_size and input_size for all")
    x = torch.stack([sample(steps, next(iter(sizes))[1], seed) for seed in seeds])
    norms = np.empty((len(rows), len(seeds), steps))
    for cell in {recipe.cell for recipe in rows.values()}:
        places = [n for n, recipe in enumerate(rows.values()) if recipe.cell == cell]
        recipes = [replace(list(rows.values())[n], seed=seed) for n in places for seed in seeds]
        each = [weights_of(recipe) for recipe in recipes]
        weights = {name: torch.stack([one[name] for one in each]) for name in each[0]}
        batch = _norms(cell, weights, x.repeat(len(places), 1, 1))
        norms[places] = batch.reshape(len(places), len(seeds), steps)
    return Table(tuple(rows), tuple(seeds), norms)


@torch.no_grad()
def _norms(name: str, weights: Mapping[str, Tensor], x: Tensor) -> Array:
    """‖dL/dh_k‖, (B, T), of B networks of one cell. weights: (B, ...) by name. x: (B, T, input_size)."""
    cell = LAB_CELLS[name]
    previous = tuple(f"{state}_prev" for state in cell.states)
    size = weights[cell.input_matrix].shape[1]

    def unrolled(weights: Mapping[str, Tensor], x: Tensor) -> dict[str, Tensor]:
        steps: list[dict[str, Tensor]] = []
        state = dict.fromkeys(previous, x.new_zeros(size))
        for x_t in x:
            steps.append(run(cell.ops, {**weights, "x": x_t, **state}))
            state = {f"{part}_prev": steps[-1][part] for part in cell.states}
        return {key: torch.stack([step[key] for step in steps]) for key in steps[0].keys() - weights.keys()}

    values = {key: value.numpy() for key, value in torch.vmap(unrolled)(weights, x).items()}
    matrices = {key: weight.numpy() for key, weight in weights.items()}
    ops = leading_from(cell.ops, set(previous))
    gradients: dict[str, Array] = {part: np.zeros((len(x), 1, size)) for part in cell.states}
    gradients["h"] += 1
    norms = []
    with np.errstate(over="ignore", invalid="ignore"):
        for t in reversed(range(x.shape[1])):
            norms.append(norm(gradients["h"][:, 0]))
            back = pull_back(ops, matrices | {key: value[:, t : t + 1] for key, value in values.items()}, gradients)
            gradients = {part: back[f"{part}_prev"] for part in cell.states}
    return np.stack(norms[::-1], axis=1)
