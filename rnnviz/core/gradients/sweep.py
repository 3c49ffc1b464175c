"""One network at many spectral radii, everything else held: what a knob that is dragged needs to know beforehand.

found = sweep(Recipe("rnn"), 50, np.linspace(0, 2, 41))
found.norms[3]      # (T,), the norm at every step of the network with radius `found.radii[3]`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.lab import Recipe, sample, weights_of
from rnnviz.core.gradients.table import honest_table
from rnnviz.core.network import run
from rnnviz.core.trace import Array


def sweep(recipe: Recipe, steps: int, radii: Sequence[float | None]) -> Array:
    """(R, T), ‖dL/dh_k‖ for L = sum(h_T), of the recipe at each spectral radius, on the input of its seed.

    radii: None for the recurrent matrices as they were drawn.     Raises `ValueError` as `honest_table` does.
    """
    recipes = at_radii(recipe, radii)
    table = honest_table([recipe.seed], {str(n): one for n, one in enumerate(recipes)}, steps)
    return table.norms[:, 0]


def at_radii(recipe: Recipe, radii: Sequence[float | None]) -> list[Recipe]:
    return [replace(recipe, spectral_radius=radius, singular_value=None) for radius in radii]


def parameter_norms(recipes: Sequence[Recipe], steps: int, window: int | None = None) -> Array:
    """(R,): the 2-norm of the gradient of sum(h_T) by all parameters together, which is what clipping looks at, of
    recipes of one cell and seed. window: after how many steps the state is detached; None for never.
    """
    cell, first = LAB_CELLS[recipes[0].cell], recipes[0]
    x = sample(steps, first.input_size, first.seed)
    each = [weights_of(one) for one in recipes]
    weight_batch = {name: torch.stack([weights[name] for weights in each]) for name in each[0]}

    def loss(weights: dict[str, Tensor]) -> Tensor:
        state = {f"{name}_prev": x.new_zeros(first.hidden_size) for name in cell.states}
        for t, x_t in enumerate(x):
            if window is not None and t % window == 0:
                state = {name: value.detach() for name, value in state.items()}
            values = run(cell.ops, {**weights, "x": x_t, **state})
            state = {f"{name}_prev": values[name] for name in cell.states}
        return state["h_prev"].sum()

    parts = torch.func.vmap(torch.func.grad(loss))(weight_batch)
    return torch.cat([part.flatten(1) for part in parts.values()], 1).norm(dim=1).numpy()
