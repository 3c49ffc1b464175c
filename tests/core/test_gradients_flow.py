"""Every loss's derivative with respect to every state is what autograd gives for that loss alone."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import parametrizations

import rnnviz
from rnnviz import CELLS, GradientFlow, gradient_flow, record
from rnnviz.core.gradients.flow import MOST_NUMBERS, MOST_STATES, flow_of
from rnnviz.core.gradients.pullback import angle, norm
from tests.core.modules import HIDDEN, INPUT, KINDS, declared, network, normal

Loss = Callable[[Tensor], Tensor]


def cell_loop(module: nn.RNNBase, x: Tensor) -> tuple[Tensor, list[list[Tensor]]]:
    """The output and the state of each row at each step, through PyTorch's own RNNCell, LSTMCell and GRUCell."""
    directions, rows = 1 + module.bidirectional, []
    below = list(x)
    for layer in range(module.num_layers):
        for direction in range(directions):
            suffix = f"_l{layer}" + ("_reverse" if direction else "")
            options = {"nonlinearity": module.nonlinearity} if isinstance(module, nn.RNN) else {}
            kind = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}[type(module)]
            cell = kind(len(below[0]), module.hidden_size, bias=module.bias, dtype=torch.float64, **options)
            cell.load_state_dict({name: getattr(module, name + suffix).detach() for name in cell.state_dict()})
            state, states = None, {}
            for t in reversed(range(len(x))) if direction else range(len(x)):
                state = cell(below[t], state)
                # The state that autograd is asked about must be the very tensor that later steps read.
                states[t] = state[0] if isinstance(state, tuple) else state
            rows.append([states[t] for t in range(len(x))])
        below = [torch.cat(step) for step in zip(*rows[-directions:], strict=True)]
    return torch.stack(below), rows


def one_loss_at_a_time(module: nn.RNNBase, x: Tensor, loss_fn: Loss) -> np.ndarray:
    output, rows = cell_loop(copy.deepcopy(module).double(), x.double())
    losses = loss_fn(output)
    found = np.zeros((len(rows), len(x), len(x), module.hidden_size))
    states = [state for row in rows for state in row]
    for t in range(len(x)):
        parts = torch.autograd.grad(losses[t], states, retain_graph=True, materialize_grads=True)
        found[:, t] = torch.stack(parts).reshape(len(rows), len(x), -1).numpy()
    return found


def losses_of(name: str, steps: int, width: int, seed: int) -> Loss:
    weight, targets = normal(5, width, seed=seed + 1), torch.arange(steps) % 5
    mix = normal(steps, steps, seed=seed + 2)
    return {
        "per step": lambda output: cross_entropy(output @ weight.T, targets, reduction="none"),
        "last only": lambda output: output.square().sum(1) * torch.eye(steps, dtype=output.dtype)[-1],
        "across steps": lambda output: (mix @ output).square().sum(1),
        "all before": lambda output: output.cumsum(0).sin().sum(1),
    }[name]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30)
@given(
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    steps=st.integers(1, 9),
    loss=st.sampled_from(["per step", "last only", "across steps", "all before"]),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 9999),
)
@example(2, True, True, 9, "across steps", torch.float64, 0)
def test_every_derivative_is_that_of_one_loss_alone_through_an_explicit_loop(
    kind: str,
    num_layers: int,
    bidirectional: bool,
    bias: bool,
    steps: int,
    loss: str,
    dtype: torch.dtype,
    seed: int,
) -> None:
    module = network(kind, seed, num_layers=num_layers, bidirectional=bidirectional, bias=bias, dtype=dtype)
    x = 2 * normal(steps, INPUT, seed=seed, dtype=dtype)
    loss_fn = losses_of(loss, steps, HIDDEN * (1 + bidirectional), seed)
    expected = one_loss_at_a_time(module, x, loss_fn)

    flow = gradient_flow(module, x, lambda output: loss_fn(output.double()))

    # A float32 module hands its loss an output of 24 bits; else only the order of the sums differs.
    tolerance = 1e-5 if dtype == torch.float32 else 1e-9
    largest = np.abs(expected).max() + 1e-300
    np.testing.assert_allclose(flow.gradients, expected, rtol=0, atol=tolerance * largest)
    if dtype == torch.float64:
        np.testing.assert_allclose(flow.matrix, np.linalg.norm(expected, axis=-1), rtol=1e-5, atol=1e-12 * largest)
        for row, t, k in np.argwhere(flow.matrix > 1e-3 * largest):
            u, v = expected[row, t, k], expected[row, t, t]
            if (v @ v) > (1e-3 * largest) ** 2:
                cosine = u @ v / np.sqrt((u @ u) * (v @ v))
                assert np.cos(np.radians(flow.turned[row, t, k])) == pytest.approx(cosine, abs=1e-5)
    np.testing.assert_allclose(
        flow.total, np.linalg.norm(expected.sum(1), axis=-1), rtol=1e-5, atol=10 * tolerance * largest
    )
    with torch.no_grad():
        np.testing.assert_allclose(
            flow.losses, loss_fn(copy.deepcopy(module).double()(x.double())[0]), rtol=10 * tolerance, atol=tolerance
        )


@pytest.mark.parametrize("kind", KINDS)
def test_a_vanished_derivative_keeps_its_digits(kind: str) -> None:
    """Relative to itself, not to the largest: 1e-5 of 1e-25 is what a chart on a log scale shows."""
    module, x = network(kind, hidden=16), normal(60, INPUT)
    loss_fn = losses_of("per step", 60, 16, 0)
    expected = np.linalg.norm(one_loss_at_a_time(module, x, loss_fn), axis=-1)
    found = gradient_flow(module, x, loss_fn).matrix
    assert 0 < expected[0, -1, 0] < 1e-7
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_no_path_from_a_loss_to_a_later_state_and_from_a_reverse_state_to_an_earlier_one(kind: str) -> None:
    module, x = network(kind, bidirectional=True), normal(6, INPUT)
    forward, reverse = gradient_flow(module, x, losses_of("per step", 6, 2 * HIDDEN, 0)).matrix
    after = np.triu(np.ones((6, 6), bool), 1)  # k > t
    assert not forward[after].any()
    assert (forward[~after] > 0).all()
    assert not reverse[after.T].any()
    if kind != "rnn_relu":  # which may be silent
        assert (reverse[~after.T] > 0).all()


@given(log_weight=st.floats(-6, 6), steps=st.integers(2, 80))
@settings(max_examples=30)
def test_one_linear_unit_has_its_closed_form_as_far_as_float64_reaches(log_weight: float, steps: int) -> None:
    """ReLU of positive states: dh_t/dh_k = w^(t-k), of which the squares have no room beyond 1e154 or 1e-154."""
    module = nn.RNN(1, 1, nonlinearity="relu", bias=False, dtype=torch.float64)
    w = 10.0**log_weight
    with torch.no_grad():
        module.weight_ih_l0.fill_(1)
        module.weight_hh_l0.fill_(w)
    x = torch.zeros(steps, 1, dtype=torch.float64)
    x[0] = 1e-150 if w > 1 else 1e150
    matrix = gradient_flow(module, x, lambda output: output[:, 0]).matrix[0]
    for t, k in ((steps - 1, 0), (steps - 1, steps - 2), (steps // 2, 0)):
        exponent = log_weight * (t - k)
        state = np.log10(float(x[0, 0])) + log_weight * t
        if abs(exponent) < 300 and abs(state) < 300:
            assert matrix[t, k] == pytest.approx(w ** (t - k), rel=1e-9)


def test_float32_is_computed_in_float64_inside() -> None:
    module, x = network("rnn", hidden=16, dtype=torch.float32), normal(400, INPUT, dtype=torch.float32)
    flow = gradient_flow(module, x, lambda output: output.sum(1))
    assert flow.trace["h"].dtype == flow.matrix.dtype == np.float64
    assert 0 < flow.matrix[0, -1, 0] < 1e-60  # float32 ends at 1e-45


@pytest.mark.parametrize("kind", KINDS)
def test_the_flow_of_a_float32_recording_ends_where_float32_ends(kind: str) -> None:
    """So what float32 would have shown can be seen: zero where autograd in float32 finds zero."""
    module, x = network(kind, dtype=torch.float32), 0.1 * normal(500, INPUT, dtype=torch.float32)
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.mul_(0.5 if "weight" in name else -1)
    flow = flow_of(record(module, x), lambda output: output.square().sum(1))
    assert flow.matrix.dtype == flow.gradients.dtype == np.float32
    states: list[Tensor] = []
    kind_of_cell = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}[type(module)]
    options = {"nonlinearity": module.nonlinearity} if isinstance(module, nn.RNN) else {}
    cell, state = kind_of_cell(INPUT, HIDDEN, **options), None
    cell.load_state_dict({name: getattr(module, f"{name}_l0").detach() for name in cell.state_dict()})
    for x_t in x:
        state = cell(x_t, state)
        states.append(state[0] if isinstance(state, tuple) else state)
    parts = torch.stack(torch.autograd.grad(states[-1].square().sum(), states)).double().norm(dim=1).numpy()
    found = flow.matrix[0, -1]
    assert found[0] == parts[0] == 0
    # The last 1e-38 to 1e-45 hold fewer and fewer digits, and the order of the sums decides them.
    np.testing.assert_allclose(found, parts, rtol=1e-3, atol=1e-37)
    assert np.abs(np.count_nonzero(found) - np.count_nonzero(parts)) <= 3


def test_the_loss_is_given_the_output_in_the_dtype_that_the_module_trains_in() -> None:
    module, x = network("gru", dtype=torch.float32), normal(5, INPUT, dtype=torch.float32)
    with torch.random.fork_rng():
        head = nn.Linear(HIDDEN, 7)
    flow = gradient_flow(module, x, lambda output: cross_entropy(head(output), torch.arange(5), reduction="none"))
    assert flow.matrix.shape == (1, 5, 5)
    assert all(parameter.grad is None for parameter in (*head.parameters(), *module.parameters()))


class _Doubled(torch.autograd.Function):
    """Works for one gradient, and does not say how to be batched."""

    @staticmethod
    def forward(ctx: Any, a: Tensor) -> Tensor:
        return 2 * a

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        return torch.from_numpy(2 * g.numpy())


def test_a_loss_whose_own_backward_cannot_be_batched_is_taken_one_by_one() -> None:
    module, x = network("gru"), normal(5, INPUT)
    once, twice = (gradient_flow(module, x, f) for f in (lambda o: o.sum(1), lambda o: _Doubled.apply(o).sum(1)))
    np.testing.assert_allclose(twice.matrix, 2 * once.matrix, rtol=1e-12)


@pytest.mark.parametrize("around", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_settings_around_the_call_frozen_weights_and_the_global_random_state_stay_out_of_it(around: Any) -> None:
    module, x = network("lstm", num_layers=2, dropout=0.5), normal(5, INPUT)
    expected = gradient_flow(module, x, lambda output: output.sum(1)).matrix
    before, weights = torch.get_rng_state(), copy.deepcopy(module.state_dict())
    module.requires_grad_(False)
    with around():
        np.testing.assert_array_equal(gradient_flow(module, x, lambda output: output.sum(1)).matrix, expected)
    assert torch.equal(torch.get_rng_state(), before)
    torch.testing.assert_close(module.state_dict(), weights, rtol=0, atol=0)


def test_a_parametrised_module_flows_through_the_weights_it_computes_with() -> None:
    module = parametrizations.weight_norm(network("rnn"), "weight_hh_l0")
    plain, x = network("rnn"), normal(6, INPUT)
    with torch.no_grad():
        plain.weight_hh_l0.copy_(module.weight_hh_l0)
    found, expected = (gradient_flow(m, x, lambda o: o.sum(1)).matrix for m in (module, plain))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_result_cannot_be_written_to() -> None:
    flow = gradient_flow(network("rnn"), normal(3, INPUT), lambda output: output.sum(1))
    again = pickle.loads(pickle.dumps(flow))
    np.testing.assert_array_equal(again.matrix, flow.matrix)
    for each in (flow, again, copy.copy(flow)):
        for array in (each.matrix, each.total, each.losses, each.gradients):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0


@pytest.mark.parametrize(
    ("loss_fn", "error", "message"),
    [
        (
            lambda o: o.sum(0),
            ValueError,
            r"shape \(4,\); accepted: .* \(6,\), one loss per step, or \(\), one loss",
        ),
        (lambda o: o.detach().sum(1), ValueError, "without a gradient to the output"),
        (lambda o: torch.ones(6, requires_grad=True) * 2, ValueError, "without a gradient to the output"),
        (lambda o: o.detach().numpy().sum(1), TypeError, "returned ndarray"),
        (lambda o: o.argmax(1), TypeError, "returned torch.int64"),
        (lambda o: None, TypeError, "returned NoneType"),
    ],
)
def test_losses_that_are_not_one_number_a_step_are_refused(loss_fn: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        gradient_flow(network("rnn"), normal(6, INPUT), loss_fn)


def test_one_loss_may_have_an_axis() -> None:
    module, x = network("lstm", hidden=512), normal(129, INPUT)  # too long for a loss a step
    one, other = (gradient_flow(module, x, lambda o, shape=shape: o.sum().reshape(shape)) for shape in ((1,), ()))
    np.testing.assert_array_equal(one.gradients, other.gradients)
    assert one.losses.shape == (1,)


def test_a_sequence_too_long_to_hold_is_refused_and_what_is_named_instead_is_accepted() -> None:
    module, x = network("lstm", hidden=512), normal(129, INPUT)
    with pytest.raises(ValueError, match=rf"129 steps.*at most {MOST_NUMBERS}, here 128 steps; or one loss.*32768"):
        gradient_flow(module, x, lambda output: output.sum(1))
    assert 128**2 * 512 <= MOST_NUMBERS < 129**2 * 512
    gradient_flow(module, x, lambda output: output.sum())
    with pytest.raises(ValueError, match=rf"100000 steps.*at most {MOST_STATES}, here 32768 steps of one loss"):
        gradient_flow(module, torch.zeros(100_000, INPUT, dtype=torch.float64), lambda output: output.sum())


@pytest.mark.parametrize("name", CELLS)
@settings(max_examples=10)
@given(layers=st.integers(1, 2), steps=st.integers(1, 6), seed=st.integers(0, 999), scalar=st.booleans())
def test_the_whole_derivative_of_the_summed_loss_is_what_autograd_leaves_in_grad(
    name: str, layers: int, steps: int, seed: int, scalar: bool
) -> None:
    module, x = declared(name, seed, layers), normal(steps, INPUT, seed=seed).requires_grad_()
    cell = CELLS[name]
    h0 = [normal(layers, HIDDEN, seed=seed + n).requires_grad_() for n in range(len(cell.states))]

    def losses(output: Tensor) -> Tensor:
        each = output.sin().cumsum(0).sum(1)
        return each.sum() if scalar else each

    below, kept = x, []
    for layer in range(layers):
        states = module.states(layer, below, [state[layer] for state in h0])
        kept.append(states)
        below = torch.stack(states["h"])
    wanted = [state for states in kept for name in cell.states for state in states[name]]
    loss = losses(below).sum()
    parts = torch.autograd.grad(loss, [x, *h0, *wanted], materialize_grads=True)
    shape = (layers, len(cell.states), steps, HIDDEN)
    expected = torch.stack(parts[1 + len(h0) :]).reshape(shape).transpose(0, 1).numpy()

    flow = gradient_flow(module, x.detach(), losses, h0=tuple(h0) if len(h0) > 1 else h0[0])
    assert flow.losses.sum() == pytest.approx(loss.item())
    assert flow.gradients.shape == (layers, 1 if scalar else steps, steps, HIDDEN)
    np.testing.assert_allclose(flow.whole.x, parts[0], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(flow.attribution, (x * parts[0]).sum(1).detach(), rtol=1e-9, atol=1e-11)
    for state, into, every in zip(cell.states, parts[1:], expected, strict=False):
        np.testing.assert_allclose(flow.whole.initial[state], into, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(flow.whole.states[state], every, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(flow.gradients.sum(1), flow.whole.states["h"], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("kind", KINDS)
def test_both_directions_and_layers_send_back_what_autograd_finds_through_pytorchs_own_kernels(kind: str) -> None:
    module, x = network(kind, num_layers=2, bidirectional=True), normal(5, INPUT).requires_grad_()
    states = [normal(4, HIDDEN, seed=n).requires_grad_() for n in range(1 + (kind == "lstm"))]
    h0 = tuple(states) if len(states) > 1 else states[0]
    parts = torch.autograd.grad(module(x, h0)[0].square().sum(), [x, *states])
    flow = gradient_flow(module, x.detach(), lambda output: output.square().sum(), h0=h0)
    for found, expected in zip((flow.whole.x, *flow.whole.initial.values()), parts, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    per_step = gradient_flow(module, x.detach(), lambda output: output.square().sum(1), h0=h0)
    for row, last in enumerate((4, 0, 4, 0)):  # the last state that each row reads
        np.testing.assert_allclose(flow.gradients[row, 0], per_step.gradients[row].sum(0), rtol=1e-9, atol=1e-12)
        expected = angle(flow.gradients[row, 0], flow.gradients[row, 0, last])
        np.testing.assert_array_equal(flow.turned[row, 0], expected)


def test_one_loss_of_many_steps_and_units_takes_memory_for_the_trace_and_little_more() -> None:
    module, x = network("rnn", hidden=64), normal(1500, INPUT)
    trace = record(module, x)
    numbers = 1500 * 64 * 8
    tracemalloc.start()
    try:
        flow = flow_of(trace, lambda output: output[-1].sum())
        assert flow.whole.x.shape == x.shape
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30 * numbers  # T losses would take 1500 of them, and 18 GB


@pytest.mark.parametrize(
    ("module", "x", "error", "message"),
    [
        (nn.Linear(3, 3), torch.zeros(4, 3), TypeError, "module is a torch.nn.modules.linear.Linear; accepted"),
        (network("rnn"), torch.zeros(4, 2, dtype=torch.float64), ValueError, "2 numbers a step"),
        (network("rnn"), torch.zeros(4, 3), TypeError, "x is torch.float32 and the module computes in torch.float64"),
        (network("rnn"), 1.0, TypeError, "x is a float"),
        (network("rnn"), torch.zeros(4, 2, 3, dtype=torch.float64), ValueError, "x is a batch; accepted: one sequence"),
    ],
)
def test_what_record_refuses_is_refused(module: Any, x: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        gradient_flow(module, x, lambda output: output.sum(1))


@given(exponent=st.integers(-300, 300), size=st.integers(1, 9), seed=st.integers(0, 99))
def test_a_norm_has_no_smallest_or_largest_size(exponent: int, size: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(2, size))
    expected = np.linalg.norm(vectors, axis=-1) * 10.0**exponent
    np.testing.assert_allclose(norm(vectors * 10.0**exponent), expected, rtol=1e-12)


def test_a_norm_of_zero_infinity_and_nan_is_just_that() -> None:
    vectors = np.array([[0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0], [3e-320, 4e-320]])
    assert norm(vectors).tolist()[:2] == [0, np.inf]
    assert np.isnan(norm(vectors)[2])
    assert norm(vectors)[3] == pytest.approx(5e-320, rel=1e-3)


@given(degrees=st.floats(0, 180), scale=st.floats(1e-200, 1e200))
def test_an_angle_is_that_of_the_plane_however_long_the_vectors(degrees: float, scale: float) -> None:
    v = scale * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    assert angle(np.array([1e-3, 0.0]), v) == pytest.approx(degrees, abs=1e-9)


def test_there_is_no_angle_to_nothing() -> None:
    assert np.isnan(angle(np.zeros(2), np.ones(2)))


def test_it_is_public_and_its_forward_pass_is_the_recording() -> None:
    module, x = network("gru", num_layers=2), normal(5, INPUT)
    flow = rnnviz.gradient_flow(module, x, lambda output: output.sum(1))
    assert isinstance(flow, GradientFlow)
    np.testing.assert_array_equal(flow.trace["n"], rnnviz.record(module, x)["n"])
