"""One knob moves one cause; closed forms and the paper's bounds hold; the table is what PyTorch's own modules give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz import CELLS, gradient_flow
from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.factors import step_jacobians
from rnnviz.core.gradients.flow import flow_of
from rnnviz.core.gradients.lab import (
    INITIALISATIONS,
    Recipe,
    forgetting,
    last_sum,
    pascanu_bound,
    run_recipe,
    sample,
    spectra,
    weights_of,
)
from rnnviz.core.gradients.table import ROWS, honest_table

IN_PYTORCH: dict[str, Callable[..., nn.RNNBase]] = {
    "rnn": nn.RNN,
    "rnn_relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
PLAIN = ("rnn", "rnn_relu", "rnn_sigmoid", "rnn_linear")
RECIPES = st.builds(
    Recipe,
    cell=st.sampled_from(list(LAB_CELLS)),
    hidden_size=st.integers(1, 9),
    input_size=st.integers(1, 4),
    seed=st.integers(0, 999),
    initialisation=st.sampled_from(INITIALISATIONS),
    spectral_radius=st.none() | st.floats(0, 3),
    input_gain=st.floats(0, 3),
)


def module_of(recipe: Recipe) -> nn.RNNBase:
    with torch.random.fork_rng():
        module = IN_PYTORCH[recipe.cell](recipe.input_size, recipe.hidden_size, dtype=torch.float64)
    weights = weights_of(recipe)
    with torch.no_grad():
        for parameter in CELLS[recipe.cell].parameters:
            rows = slice(parameter.block * recipe.hidden_size, (parameter.block + 1) * recipe.hidden_size)
            getattr(module, f"{parameter.torch_name}_l0")[rows] = weights[parameter.name]
    return module


@pytest.mark.parametrize("cell", IN_PYTORCH)
@pytest.mark.parametrize("initialisation", INITIALISATIONS)
def test_a_recipe_is_what_pytorch_computes_with_its_weights(cell: str, initialisation: Any) -> None:
    recipe = Recipe(cell, 5, 3, 7, initialisation, spectral_radius=0.8, input_gain=2.0)
    module, x = module_of(recipe), sample(9, 3, seed=1)
    trace = run_recipe(recipe, x)
    np.testing.assert_allclose(trace.output, module(x)[0].detach(), atol=1e-12)
    expected = gradient_flow(module, x, lambda output: output.sum(1)).matrix
    np.testing.assert_allclose(flow_of(trace, lambda output: output.sum(1)).matrix, expected, rtol=1e-9, atol=1e-15)


def test_a_recipe_runs_in_float32_with_the_same_draws() -> None:
    recipe, x = Recipe("gru", 5, 3, 7), sample(9, 3, seed=1)
    found, expected = run_recipe(recipe, x, dtype=torch.float32), run_recipe(recipe, x)
    assert found["h"].dtype == np.float32
    np.testing.assert_allclose(found["h"], expected["h"], atol=1e-6)


@pytest.mark.parametrize(
    ("cell", "squash"), [("rnn_sigmoid", torch.sigmoid), ("rnn_linear", lambda a: a), ("rnn", torch.tanh)]
)
def test_the_activations_that_pytorch_has_no_module_for_flow_as_autograd_says(
    cell: str, squash: Callable[[Tensor], Tensor]
) -> None:
    recipe, x = Recipe(cell, 4, 3, 5), sample(7, 3, seed=2)
    w = weights_of(recipe)
    states: list[Tensor] = []
    h = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    for x_t in x:
        h = squash(w["W_xh"] @ x_t + w["b_xh"] + w["W_hh"] @ h + w["b_hh"])
        states.append(h)
    flow = flow_of(run_recipe(recipe, x), lambda output: output.square().sum(1))
    for t in range(7):
        parts = torch.autograd.grad(states[t].square().sum(), states[: t + 1], retain_graph=True)
        np.testing.assert_allclose(flow.gradients[0, t, : t + 1], torch.stack(parts), rtol=1e-9, atol=1e-15)


@given(recipe=RECIPES)
@settings(max_examples=60)
def test_every_recurrent_matrix_has_the_spectral_radius_asked_for(recipe: Recipe) -> None:
    for name, weight in weights_of(recipe).items():
        if name.startswith("W_h") and recipe.spectral_radius is not None:
            size = np.abs(np.linalg.eigvals(weight.numpy())).max()
            assert size == pytest.approx(recipe.spectral_radius, rel=1e-6, abs=1e-9)


@given(recipe=RECIPES, wanted=st.floats(0, 3))
@settings(max_examples=60)
def test_every_recurrent_matrix_has_the_singular_value_asked_for(recipe: Recipe, wanted: float) -> None:
    recipe = replace(recipe, spectral_radius=None, singular_value=wanted)
    for name, weight in weights_of(recipe).items():
        if name.startswith("W_h"):
            assert np.linalg.svd(weight.numpy(), compute_uv=False)[0] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("cell", LAB_CELLS)
@pytest.mark.parametrize(
    ("knob", "moved"),
    [
        ({"spectral_radius": 1.3}, "W_h"),
        ({"singular_value": 0.7}, "W_h"),
        ({"initialisation": "orthogonal"}, "W_h"),
        ({"initialisation": "identity"}, "W_h"),
        ({"initialisation": "normal"}, "W_h"),
        ({"input_gain": 3.0}, "W_x"),
        ({"forget_bias": 2.0}, "b_"),
    ],
)
def test_a_knob_moves_its_own_cause_and_holds_everything_else(cell: str, knob: dict[str, Any], moved: str) -> None:
    if "forget_bias" in knob and cell not in ("lstm", "peephole"):
        return
    recipe = Recipe(cell, 6, 3, 4)
    before, after = weights_of(recipe), weights_of(replace(recipe, **knob))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    expected = {name for name in before if name.startswith(moved)}
    assert changed == ({"b_xf", "b_hf"} if moved == "b_" else expected)
    if moved == "b_":
        assert (after["b_xf"] + after["b_hf"] == 2.0).all()
    if moved == "W_x":
        for name in expected:
            torch.testing.assert_close(after[name], 3 * before[name])


def test_the_draws_are_pytorchs_distribution_and_depend_on_the_seed_alone() -> None:
    before = torch.get_rng_state()
    weights = weights_of(Recipe("lstm", 100, 50, seed=3))
    assert torch.equal(torch.get_rng_state(), before)
    for name, weight in weights.items():
        assert weight.abs().max() <= 0.1
        if name.startswith("W"):
            assert weight.mean().abs() < 0.005
            assert weight.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.03)
    again, other = weights_of(Recipe("lstm", 100, 50, seed=3)), weights_of(Recipe("lstm", 100, 50, seed=4))
    assert all(torch.equal(weights[name], again[name]) for name in weights)
    assert not any(torch.equal(weights[name], other[name]) for name in weights)
    drawn = torch.corrcoef(torch.stack([weights["W_xi"].flatten(), sample(100, 50, seed=3).flatten()]))
    assert abs(drawn[0, 1]) < 0.05


def test_initialisations_are_what_their_names_say() -> None:
    W = {name: weights_of(Recipe("rnn", 200, 3, 1, name))["W_hh"].numpy() for name in INITIALISATIONS}
    np.testing.assert_allclose(W["orthogonal"] @ W["orthogonal"].T, np.eye(200), atol=1e-12)
    np.testing.assert_array_equal(W["identity"], np.eye(200))
    trace = run_recipe(Recipe("rnn", 200, 3, 1, "normal"), sample(2, 3, 0))
    values = np.abs(np.linalg.eigvals(trace.weights[0]["W_hh"]))
    assert values.max() == pytest.approx(1, abs=0.1)  # the circular law
    assert np.abs(np.trace(W["orthogonal"])) < 5  # uniform: about N(0, 1); QR without its signs has a mean far from it


@given(r=st.floats(0.2, 2), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_a_linear_network_with_a_normal_matrix_loses_log10_r_at_every_step_exactly(r: float, seed: int) -> None:
    """All eigenvalues of r times an orthogonal matrix have size r, and it stretches every vector by r."""
    recipe = Recipe("rnn_linear", 6, 2, seed, "orthogonal", spectral_radius=r)
    matrix = flow_of(run_recipe(recipe, sample(40, 2, seed)), last_sum).matrix[0, -1]
    np.testing.assert_allclose(np.diff(np.log10(matrix)), -np.log10(r), atol=1e-9)


@pytest.mark.parametrize("r", [0.7, 0.95, 1.1])
@pytest.mark.parametrize("seed", range(4))
def test_a_linear_network_with_any_matrix_loses_log10_r_a_step_in_the_long_run(r: float, seed: int) -> None:
    recipe = Recipe("rnn_linear", 16, 2, seed, spectral_radius=r)
    trace = run_recipe(recipe, sample(400, 2, seed))
    matrix = flow_of(trace, last_sum).matrix[0, -1]
    assert (np.log10(matrix[0]) - np.log10(matrix[350])) / 350 == pytest.approx(np.log10(r), abs=3e-3)
    # Only in the long run: such a matrix is not normal, and its norm is above its radius.
    assert pascanu_bound(trace)[1] > 1.05 * r


@given(
    cell=st.sampled_from(PLAIN),
    singular_value=st.floats(0.1, 6),
    initialisation=st.sampled_from(INITIALISATIONS),
    seed=st.integers(0, 999),
    gain=st.floats(0, 3),
)
@settings(max_examples=60)
def test_no_gradient_is_above_pascanus_bound(
    cell: str, singular_value: float, initialisation: Any, seed: int, gain: float
) -> None:
    recipe = Recipe(cell, 6, 2, seed, initialisation, singular_value=singular_value, input_gain=gain)
    trace = run_recipe(recipe, sample(20, 2, seed))
    bound, factor = pascanu_bound(trace)
    gamma = 0.25 if cell == "rnn_sigmoid" else 1.0
    assert factor == pytest.approx(gamma * singular_value)
    chain = step_jacobians(trace).chain(19, 0)
    assert (chain.norms <= bound * (1 + 1e-9)).all()
    assert (chain.bound <= bound * (1 + 1e-9)).all()


def test_a_singular_value_above_one_is_necessary_for_exploding_and_not_sufficient() -> None:
    x = sample(60, 4, 0)
    vanishing, exploding = (
        step_jacobians(run_recipe(Recipe(cell, 16, 4, 0, init, singular_value=1.2), x)).chain(59, 0).norms[-1]
        for cell, init in (("rnn", "default"), ("rnn_linear", "orthogonal"))
    )
    assert vanishing < 1e-3
    assert exploding == pytest.approx(1.2**59)


def test_what_has_left_float64_is_infinite_and_not_an_error() -> None:
    recipe, x = Recipe("rnn_linear", 4, 2, 0, "orthogonal", singular_value=10.0), sample(400, 2, 0)
    chain = step_jacobians(run_recipe(recipe, x)).chain(399, 0)
    for sizes in (chain.norms, chain.bound, pascanu_bound(run_recipe(recipe, x))[0]):
        np.testing.assert_allclose(sizes[300], 1e300, rtol=1e-9)
        assert sizes[-1] == np.inf
    assert forgetting(recipe, x, x[1]).backward[-1] == np.inf
    assert flow_of(run_recipe(recipe, x), last_sum).matrix[0, -1, 200] == pytest.approx(2 * 10.0**199)
    assert not np.isfinite(flow_of(run_recipe(recipe, x), last_sum).matrix[0, -1, 0])
    norms = honest_table([0], {"exploding": Recipe("rnn_linear", spectral_radius=1e4)}).norms[0, 0]
    assert not np.isfinite(norms[0])


def test_the_bound_is_for_a_network_without_gates() -> None:
    with pytest.raises(ValueError, match="the GRU has gates; accepted: an RNN"):
        pascanu_bound(run_recipe(Recipe("gru", 3, 2), sample(3, 2, 0)))


@pytest.mark.parametrize("cell", IN_PYTORCH)
def test_both_ways_of_forgetting_are_what_the_module_does(cell: str) -> None:
    recipe, x, first = Recipe(cell, 5, 3, 2), sample(8, 3, 0), sample(1, 3, 9)[0]
    found, module = forgetting(recipe, x, first), module_of(recipe)
    changed = torch.cat([first[None], x[1:]])
    with torch.no_grad():
        np.testing.assert_allclose(found.forward, (module(x)[0] - module(changed)[0]).norm(dim=1), atol=1e-12)
        state = module(x[:1])[1]
    h, c = state if cell == "lstm" else (state, None)
    J = torch.autograd.functional.jacobian(lambda h: module(x[1:], h if c is None else (h, c))[0], h)
    expected = [1.0, *(np.linalg.norm(part[:, 0].numpy(), 2) for part in J)]
    np.testing.assert_allclose(found.backward, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"cell": "elman"},
            "no cell 'elman'; accepted: rnn, rnn_relu, rnn_sigmoid, lstm, gru, peephole, mgu, rnn_linear",
        ),
        ({"initialisation": "zeros"}, "no initialisation 'zeros'; accepted: default, normal, orthogonal, identity"),
        ({"hidden_size": 0}, "hidden_size is 0; accepted: 1 to 256"),
        ({"input_size": 257}, "input_size is 257; accepted"),
        ({"seed": -1}, "seed is -1; accepted: 0 to"),
        ({"spectral_radius": -0.1}, "spectral_radius is -0.1; accepted: a finite number of at least 0"),
        ({"singular_value": float("inf")}, "singular_value is inf"),
        ({"input_gain": float("nan")}, "input_gain is nan"),
        ({"spectral_radius": 1.0, "singular_value": 1.0}, "both set; accepted: one of them"),
        ({"forget_bias": 1.0}, "forget_bias is 1.0 for rnn; accepted: a finite number for a cell with a forget gate"),
        ({"cell": "lstm", "forget_bias": float("nan")}, "forget_bias is nan"),
    ],
)
def test_a_recipe_that_makes_no_network_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Recipe(**{"cell": "rnn", **values})


def test_an_input_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x has shape \(4, 2\); accepted: \(T, 3\)"):
        run_recipe(Recipe("rnn", 4, 3), sample(4, 2, 0))
    with pytest.raises(ValueError, match=r"first has shape \(2,\); accepted: \(3,\)"):
        forgetting(Recipe("rnn", 4, 3), sample(4, 3, 0), torch.zeros(2))


TABLE = honest_table(range(20))
FIRST = dict(zip(TABLE.rows, np.log10(TABLE.norms[:, :, 0]), strict=True))


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("seed", [0, 13])
def test_a_row_of_the_table_is_the_flow_of_its_recipe(row: str, seed: int) -> None:
    flow = flow_of(run_recipe(replace(ROWS[row], seed=seed), sample(100, 8, seed)), last_sum)
    np.testing.assert_allclose(TABLE.norms[TABLE.rows.index(row), seed], flow.matrix[0, -1], rtol=1e-9)
    np.testing.assert_allclose(TABLE.norms[:, :, -1], 32**0.5)


@pytest.mark.parametrize(
    ("row", "low", "high"),
    [
        ("RNN", -28, -22),
        ("GRU", -21, -17),
        ("LSTM", -22, -20),
        ("LSTM, forget bias 1", -10, -7),
        ("LSTM, forget bias 3", -1.5, 0),
        ("LSTM, forget bias 5", -1, 0.5),
    ],
)
def test_the_medians_are_of_the_size_the_curriculum_states(row: str, low: float, high: float) -> None:
    assert low < np.median(FIRST[row]) < high


def test_the_order_of_the_rows_does_not_depend_on_the_seed() -> None:
    for lower, higher in (
        ("RNN", "GRU"),
        ("RNN", "LSTM"),
        ("GRU", "LSTM, forget bias 1"),
        ("LSTM", "LSTM, forget bias 1"),
        ("RNN", "RNN, orthogonal"),
        ("RNN, orthogonal", "RNN (ReLU), identity"),
        ("LSTM, forget bias 1", "LSTM, forget bias 3"),
    ):
        assert (FIRST[lower] < FIRST[higher]).all(), (lower, higher)
    assert np.median(FIRST["LSTM, forget bias 3"]) < np.median(FIRST["LSTM, forget bias 5"])


@pytest.mark.parametrize("row", ["RNN", "GRU", "LSTM", "LSTM, forget bias 1"])
def test_pytorchs_own_modules_with_pytorchs_own_draws_give_norms_of_the_same_size(row: str) -> None:
    recipe, logs = ROWS[row], []
    for seed in range(7):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            module = IN_PYTORCH[recipe.cell](8, 32, dtype=torch.float64)
            x = torch.randn(100, 8, dtype=torch.float64)
        with torch.no_grad():
            if recipe.forget_bias is not None:
                module.bias_ih_l0[32:64], module.bias_hh_l0[32:64] = recipe.forget_bias, 0
            state = module(x[:1])[1]
        h, c = state if recipe.cell == "lstm" else (state, None)
        h.requires_grad_()
        module(x[1:], h if c is None else (h, c))[0][-1].sum().backward()
        logs.append(h.grad.norm().log10().item())
    assert np.median(logs) == pytest.approx(np.median(FIRST[row]), abs=2)


def test_one_seed_is_the_same_alone_as_among_others() -> None:
    np.testing.assert_allclose(honest_table([13]).norms[:, 0], TABLE.norms[:, 13], rtol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), "0 seeds; accepted: 1 to 50"),
        ((range(51),), "51 seeds"),
        (([0], ROWS, 0), "steps is 0; accepted: 1 to 200"),
        (([0], {}), "rows have 0 different sizes"),
        (([0], {"a": Recipe("rnn", 4), "b": Recipe("rnn", 5)}), "rows have 2 different sizes; accepted: one"),
    ],
)
def test_a_table_too_large_or_of_unlike_rows_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        honest_table(*arguments)


@pytest.mark.parametrize("cell", LAB_CELLS)
@given(seed=st.integers(0, 9999), hidden=st.integers(1, 12))
@settings(max_examples=5)
def test_the_spectra_are_of_the_matrices_that_the_network_repeats(cell: str, seed: int, hidden: int) -> None:
    recipe = Recipe(cell, hidden, 3, seed)
    found, trace = spectra(recipe), run_recipe(recipe, sample(2, 3, seed))
    assert found.matrices.keys() == {name for name in trace.weights[0] if name.startswith("W_h")}
    first = next(iter(found.matrices))
    assert first == trace.cell.content[1]
    for name, values in found.eigenvalues.items():
        np.testing.assert_allclose(values.sum(), np.trace(trace.weights[0][name]), atol=1e-9)
    assert found.radius == pytest.approx(np.abs(found.eigenvalues[first]).max())
    assert found.sigma**2 == pytest.approx(
        np.linalg.eigvalsh(trace.weights[0][first].T @ trace.weights[0][first]).max()
    )
    assert found.radius <= found.sigma * (1 + 1e-9)
