"""Each step's Jacobian is autograd's, and the product of those between two steps is what the gradient is made of."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz import Forced, Trace, gradient_flow, record
from rnnviz.core.gradients.factors import Factors, singular_values, step_jacobians
from rnnviz.core.gradients.pullback import SLOPES, angle
from rnnviz.core.gradients.squash import LARGEST_SLOPE, saturated
from rnnviz.core.network import FUNCTIONS
from rnnviz.core.terms import SLOPE as FLAT
from tests.core.modules import HIDDEN, INPUT, KINDS, network, normal


def step_of(module: nn.RNNBase, layer: int, suffix: str, width: int) -> Callable[[Tensor, Tensor], Tensor]:
    """One step by PyTorch's own cell: x and the stacked previous state to the stacked state."""
    options = {"nonlinearity": module.nonlinearity} if isinstance(module, nn.RNN) else {}
    kind = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}[type(module)]
    cell = kind(width, HIDDEN, dtype=torch.float64, **options)
    cell.load_state_dict({name: getattr(module, f"{name}_l{layer}{suffix}").detach() for name in cell.state_dict()})

    def step(x: Tensor, state: Tensor) -> Tensor:
        if not isinstance(module, nn.LSTM):
            return cell(x, state)
        return torch.cat(cell(x, (state[:HIDDEN], state[HIDDEN:])))

    return step


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(row=st.integers(0, 3), steps=st.integers(1, 6), scale=st.floats(0.1, 5), seed=st.integers(0, 9999))
def test_the_jacobian_of_every_step_is_autograds(kind: str, row: int, steps: int, scale: float, seed: int) -> None:
    module = network(kind, seed, num_layers=2, bidirectional=True)
    trace = record(module, scale * normal(steps, INPUT, seed=seed))
    factors = step_jacobians(trace, row)
    read = torch.tensor(trace.input(row))
    step = step_of(module, row // 2, "_reverse" if row % 2 else "", read.shape[1])
    before = torch.tensor(np.concatenate([trace.previous(state)[row] for state in trace.cell.states], axis=-1))
    for t in range(steps):
        expected = torch.autograd.functional.jacobian(lambda state, t=t: step(read[t], state), before[t])
        np.testing.assert_allclose(factors.jacobians[t], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_the_products_are_what_the_matrix_is_made_of(kind: str, bidirectional: bool) -> None:
    """One layer: the only way from a loss of one output to an earlier state is through the chain."""
    module, x = network(kind, bidirectional=bidirectional), normal(9, INPUT)
    flow = gradient_flow(module, x, lambda output: output.sin().sum(1))
    for row in range(1 + bidirectional):
        factors = step_jacobians(flow.trace, row)
        for t, k in ((8, 0), (5, 5), (6, 2)):
            t, k = (k, t) if row else (t, k)
            chain = factors.chain(t, k)
            at_t = np.zeros(len(factors.jacobians[0]))
            at_t[:HIDDEN] = flow.gradients[row, t, t]
            followed = chain.followed(at_t)[:, :HIDDEN]
            assert chain.reached[0] == t
            assert chain.reached[-1] == k
            np.testing.assert_allclose(followed, flow.gradients[row, t, list(chain.reached)], rtol=1e-9, atol=1e-15)
            np.testing.assert_allclose(
                np.linalg.norm(followed, axis=-1), flow.matrix[row, t, list(chain.reached)], rtol=1e-9, atol=1e-15
            )


@pytest.mark.parametrize("kind", KINDS)
@given(steps=st.integers(2, 12), seed=st.integers(0, 9999), scale=st.floats(0.1, 5))
@settings(max_examples=20)
def test_the_measured_norm_is_below_the_product_of_norms(kind: str, steps: int, seed: int, scale: float) -> None:
    chain = step_jacobians(record(network(kind, seed), scale * normal(steps, INPUT, seed=seed))).chain(steps - 1, 0)
    assert (chain.norms <= chain.bound * (1 + 1e-9)).all()
    rng = np.random.default_rng(seed)
    other = rng.normal(size=len(chain.products[-1]))
    assert np.linalg.norm(other @ chain.products[-1]) <= chain.norms[-1] * np.linalg.norm(other) * (1 + 1e-9) + 1e-300


@pytest.mark.parametrize("kind", KINDS)
def test_singular_values_are_the_roots_of_the_eigenvalues_of_the_square(kind: str) -> None:
    factors = step_jacobians(record(network(kind), normal(7, INPUT)))
    expected = [np.sqrt(np.linalg.eigvalsh(J @ J.T).clip(0))[::-1] for J in factors.jacobians]
    np.testing.assert_allclose(factors.singular_values, expected, atol=1e-7)
    np.testing.assert_allclose(factors.norms, [np.linalg.norm(J, 2) for J in factors.jacobians], rtol=1e-10)


@pytest.mark.parametrize("kind", ["rnn", "rnn_relu"])
def test_a_plain_step_is_the_slope_times_the_recurrent_matrix(kind: str) -> None:
    module = network(kind)
    factors = step_jacobians(record(module, normal(7, INPUT)))
    np.testing.assert_allclose(
        factors.jacobians, [np.diag(s) @ module.weight_hh_l0.detach().numpy() for s in factors.slopes["h"]], atol=1e-15
    )
    assert factors.gate is None
    assert factors.through_gates is None


def test_the_memory_path_is_the_forget_gates_and_it_is_all_of_dc_by_dc_in_one_step() -> None:
    trace = record(network("lstm"), normal(7, INPUT))
    factors = step_jacobians(trace)
    np.testing.assert_allclose(factors.block("c", "c"), [np.diag(f) for f in trace["f"][0]], atol=1e-15)
    chain = factors.chain(6, 2)
    assert chain.steps == (6, 5, 4, 3)
    np.testing.assert_allclose(chain.memory[-1], trace["f"][0, 3:7].prod(0), rtol=1e-12)
    # Without recurrent weights nothing else leads from c_k to c_t.
    module = network("lstm")
    with torch.no_grad():
        module.weight_hh_l0.zero_()
    chain = step_jacobians(record(module, normal(7, INPUT))).chain(6, 0)
    np.testing.assert_allclose(chain.block("c", "c")[-1], np.diag(chain.memory[-1]), atol=1e-15)


def test_a_block_is_how_one_state_answers_to_the_other_over_many_steps() -> None:
    module, x = network("lstm"), normal(7, INPUT)
    with torch.no_grad():
        h, c = module(x[:3])[1]
    expected = torch.autograd.functional.jacobian(lambda h, c: module(x[3:], (h, c))[1], (h, c))
    chain = step_jacobians(record(module, x)).chain(6, 2)
    for of, row in zip("hc", expected, strict=True):
        for by, part in zip("hc", row, strict=True):
            np.testing.assert_allclose(chain.block(of, by)[-1], part[0, :, 0], atol=1e-12)


def test_the_rest_of_a_grus_step_is_gone_when_its_weights_are() -> None:
    module = network("gru")
    assert np.abs(step_jacobians(record(module, normal(5, INPUT))).through_gates).min() > 0
    with torch.no_grad():
        module.weight_hh_l0.zero_()
    trace = record(module, normal(5, INPUT))
    factors = step_jacobians(trace)
    assert not factors.through_gates.any()
    np.testing.assert_allclose(np.diagonal(factors.chain(4, 0).products[-1]), trace["z"][0, 1:].prod(0), rtol=1e-12)


def test_the_first_state_a_reverse_direction_reaches_back_to_is_a_later_one() -> None:
    factors = step_jacobians(record(network("gru", bidirectional=True), normal(6, INPUT)), 1)
    assert factors.chain(1, 4).reached == (1, 2, 3, 4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, trace: f.chain(7, 0), "t is 7; accepted: 0 to 4"),
        (lambda f, trace: f.chain(4, -1), "k is -1; accepted: 0 to 4"),
        (lambda f, trace: f.chain(2, 3), "k is 3 and t is 2, and there is no path back; accepted: k from 0 to 2"),
        (lambda f, trace: step_jacobians(trace, 1).chain(3, 2), "accepted: k from 3 to 4, since this direction reads"),
        (lambda f, trace: f.block("h", "c"), "no state 'c'; accepted: h"),
        (lambda f, trace: step_jacobians(trace, 2), "row is 2; accepted: 0 to 1"),
        (lambda f, trace: f.chain(2, 0).followed(np.ones(3)), r"shape \(3,\); accepted: \(4,\)"),
    ],
)
def test_what_is_not_there_is_refused(call: Callable[[Factors, Trace], object], message: str) -> None:
    trace = record(network("gru", bidirectional=True), normal(5, INPUT))
    with pytest.raises(ValueError, match=message):
        call(step_jacobians(trace), trace)


@pytest.mark.parametrize("kind", LARGEST_SLOPE)
def test_a_slope_is_the_curves_own_and_none_is_above_the_largest(kind: Any) -> None:
    a = np.linspace(-9.05, 9.05, 2001)

    def squash(a: np.ndarray) -> np.ndarray:
        made: np.ndarray = FUNCTIONS[kind](torch.tensor(a)).numpy()
        return made

    y = squash(a)
    slope = SLOPES[kind](y)
    d = 1e-6
    difference = (squash(a + d) - squash(a - d)) / (2 * d)
    corner = (a == 0) & (kind == "relu")  # PyTorch calls the slope there 0
    np.testing.assert_allclose(slope[~corner], difference[~corner], atol=1e-8)
    expected = {"tanh": np.tanh, "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "relu": lambda a: np.maximum(a, 0)}[kind]
    np.testing.assert_allclose(y, expected(a), atol=1e-15)
    assert slope.max() == pytest.approx(LARGEST_SLOPE[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_saturated_units_are_counted_at_every_step_by_where_their_pre_activation_stands(kind: str) -> None:
    module = network(kind, num_layers=2)
    trace = record(module, 6 * normal(8, INPUT))
    counts = saturated(trace)
    edges = {"tanh": np.arctanh(np.sqrt(1 - FLAT)), "sigmoid": np.arccosh(2 / FLAT - 1)}  # where the slope is FLAT
    for name, found in counts.items():
        op = trace.cell.op(name)
        a = trace[op.reads[0]]
        expected = (a <= 0) if op.kind == "relu" else np.abs(a) > edges[op.kind]
        np.testing.assert_array_equal(found, expected.sum(-1))
    assert any(found.any() for found in counts.values())


def test_the_angle_between_two_gradients_on_the_way_back_can_be_asked_for() -> None:
    flow = gradient_flow(network("rnn"), normal(6, INPUT), lambda output: output.sum(1))
    vectors = flow.gradients[0, 5]
    expected = np.degrees(np.arccos(vectors[0] @ vectors[5] / flow.matrix[0, 5, 0] / flow.matrix[0, 5, 5]))
    assert angle(vectors[0], vectors[5]) == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@settings(max_examples=20)
@given(steps=st.integers(1, 8), scale=st.floats(0.1, 5), seed=st.integers(0, 9999))
def test_what_the_gate_keeps_is_its_product_along_the_chain(kind: str, steps: int, scale: float, seed: int) -> None:
    factors = step_jacobians(record(network(kind, seed), scale * normal(steps, INPUT, seed=seed)))
    kept = factors.memory
    assert kept is not None
    for t in range(steps):
        for k in range(t + 1):
            along = factors.chain(t, k).memory
            assert along is not None
            assert kept[t, k] == pytest.approx(along[-1].max(), rel=1e-9)


def test_a_network_without_a_gate_keeps_nothing_by_one() -> None:
    assert step_jacobians(record(network("rnn"), normal(3, INPUT))).memory is None


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10)
@given(scale=st.floats(1, 12), seed=st.integers(0, 999), forced=st.booleans())
def test_of_a_float32_trace_the_jacobians_are_those_of_float64_where_units_are_saturated(
    kind: str, scale: float, seed: int, forced: bool
) -> None:
    """Each step from what it read in float32: by autograd in float64, and not by 1 - y * y of a y of 24 bits."""
    module, x = network(kind, seed, dtype=torch.float32), scale * normal(6, INPUT, seed=seed, dtype=torch.float32)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(4)
    held = [Forced("h", 0.25, units=(1,), steps=(2, 3))] if forced else []
    trace = record(module, x, forced=held)
    factors, step = step_jacobians(trace), step_of(module.double(), 0, "", INPUT)
    assert factors.jacobians.dtype == np.float64
    before = torch.tensor(np.concatenate([trace.previous(state)[0] for state in trace.cell.states], axis=-1)).double()
    for t, read in enumerate(torch.tensor(trace.x).double()):
        expected = torch.autograd.functional.jacobian(lambda state, read=read: step(read, state), before[t]).numpy()
        if forced and t in (1, 2):
            expected[1] = 0
        np.testing.assert_allclose(factors.jacobians[t], expected, rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_what_gates_leave_in_both_directions_is_the_product_of_those_between_also_beyond_a_shut_one(kind: str) -> None:
    gate = "f" if kind == "lstm" else "z"
    held = [Forced(gate, 0.0, steps=(3, 3))]
    trace = record(network(kind, bidirectional=True), normal(7, INPUT), forced=held)
    for row in range(2):
        memory = step_jacobians(trace, row).memory
        assert memory is not None
        for t, k in np.ndindex(7, 7):
            between = range(t, k) if row else range(k + 1, t + 1)
            expected = trace[gate][row, list(between)].prod(0).max() if len(between) or t == k else 0
            assert memory[t, k] == pytest.approx(expected)
        assert not np.isnan(memory).any()


def test_the_norm_of_nan_is_nan_and_of_infinity_infinity() -> None:
    matrices = np.array([np.eye(2), [[np.nan, 0], [0, 1]], [[np.inf, 0], [0, 1]], [[np.inf, np.nan], [0, 1]]])
    np.testing.assert_array_equal(singular_values(matrices)[:, 0], [1, np.nan, np.inf, np.nan])
    module = network("gru")
    trace = record(module, normal(5, INPUT))
    h = trace["h"].copy()
    h[0, 2:] = np.nan
    factors = step_jacobians(replace(trace, values={**trace.values, "h": h}))
    assert np.isnan(factors.norms).tolist() == [False, False, False, True, True]
    assert np.isnan(factors.chain(4, 0).norms).tolist() == [False, True, True, True, True]


def test_jacobians_that_have_no_room_are_refused_before_they_are_made() -> None:
    trace = record(network("lstm", hidden=128), normal(2100, INPUT))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"2100 steps: .*accepted: at most 134217728, here 2048 steps, "):
            step_jacobians(trace)
        assert tracemalloc.get_traced_memory()[1] < 2**20
        factors = step_jacobians(record(network("rnn", hidden=128), normal(300, INPUT)))
        assert tracemalloc.get_traced_memory()[1] < 3 * factors.jacobians.nbytes
    finally:
        tracemalloc.stop()
