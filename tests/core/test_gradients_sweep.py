"""Many spectral radii at once: each is what the network alone gives, and what is known in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.flow import flow_of
from rnnviz.core.gradients.lab import Recipe, last_sum, run_recipe, sample
from rnnviz.core.gradients.sweep import at_radii, parameter_norms, sweep
from rnnviz.core.gradients.truncation import truncations

STEPS = 9


@pytest.mark.parametrize("cell", LAB_CELLS)
def test_each_radius_is_what_its_network_gives_alone(cell: str) -> None:
    recipe = Recipe(cell, hidden_size=5, input_size=3, seed=4, input_gain=2.0)
    radii = [None, 0.3, 1.4]
    found, recipes = sweep(recipe, STEPS, radii), at_radii(recipe, radii)
    sizes, cut_sizes = parameter_norms(recipes, STEPS), parameter_norms(recipes, STEPS, 4)
    for n, radius in enumerate(radii):
        trace = run_recipe(replace(recipe, spectral_radius=radius), sample(STEPS, 3, 4))
        np.testing.assert_allclose(found[n], flow_of(trace, last_sum).matrix[0, -1], rtol=1e-10)
        (cut,) = truncations(trace, last_sum, [4])
        for size, parts in ((sizes[n], cut.full), (cut_sizes[n], cut.gradients)):
            assert size == pytest.approx(np.sqrt(sum(np.square(part).sum() for part in parts.values())), rel=1e-10)


@settings(deadline=None, max_examples=20)
@given(radius=st.floats(0.1, 2.0), seed=st.integers(0, 99))
def test_a_linear_network_with_an_orthogonal_matrix_scales_by_its_radius_each_step(radius: float, seed: int) -> None:
    recipe = Recipe("rnn_linear", hidden_size=6, input_size=2, seed=seed, initialisation="orthogonal")
    (norms,) = sweep(recipe, 20, [radius])
    np.testing.assert_allclose(norms, np.sqrt(6) * radius ** np.arange(19, -1, -1), rtol=1e-9)


def test_without_a_recurrent_matrix_only_the_last_step_is_felt() -> None:
    recipe = Recipe("rnn", hidden_size=4, input_size=2)
    np.testing.assert_array_equal(sweep(recipe, 5, [0.0])[0, :-1], 0)
    # Then h_T = tanh(W_x x_T + b): by every parameter the slope of its unit times what it multiplies.
    trace = run_recipe(replace(recipe, spectral_radius=0.0), sample(5, 2, 0))
    slope = 1 - trace["h"][0, -1] ** 2
    inputs = np.concatenate([trace.x[-1], trace["h"][0, -2], [1, 1]])
    expected = np.linalg.norm(np.outer(slope, inputs))
    assert parameter_norms([replace(recipe, spectral_radius=0.0)], 5)[0] == pytest.approx(expected)
