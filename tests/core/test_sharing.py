"""One weight is every copy of it: an edit reaches all, and its gradient is the sum of what the copies contribute."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz import CELLS, Forced, Head, read_out, record, weight_terms, with_entry
from rnnviz.core.network import Recurrent, build
from rnnviz.core.sharing import FeedForward, parameter_counts, pass_seconds, time_cost
from tests.core.modules import HIDDEN, INPUT, KINDS, declared, network, normal

CLASSES = 5
EVERY_PARAMETER = [(kind, p.name) for kind in KINDS for p in CELLS[kind].parameters]
EVERY_PARAMETER += [(kind, name) for kind in KINDS for name in ("W_hy", "b_y")]


def head(seed: int = 7) -> Head:
    return Head(normal(CLASSES, HIDDEN, seed=seed), normal(CLASSES, seed=seed + 1))


def in_pytorch(kind: str, parameter: str) -> tuple[str, slice]:
    """Where `parameter` is in a module of one layer."""
    (known,) = (p for p in CELLS[kind].parameters if p.name == parameter)
    return f"{known.torch_name}_l0", slice(known.block * HIDDEN, (known.block + 1) * HIDDEN)


def fused_gradient(
    module: nn.RNNBase, x: Tensor, out: Head, target: int, t: int, parameter: str
) -> tuple[float, Tensor]:
    """Loss and gradient by PyTorch's own kernel, which knows one weight and no copies."""
    module = copy.deepcopy(module)
    weight, bias = out.weight.clone().requires_grad_(), out.bias.clone().requires_grad_()
    loss = cross_entropy(weight @ module(x)[0][t - 1] + bias, torch.tensor(target))
    loss.backward()
    if parameter in {"W_hy", "b_y"}:
        gradient = (weight if parameter == "W_hy" else bias).grad
    else:
        kind = "lstm" if isinstance(module, nn.LSTM) else "gru" if isinstance(module, nn.GRU) else "rnn"
        name, rows = in_pytorch(kind, parameter)
        gradient = getattr(module, name).grad[rows]
    assert gradient is not None
    return loss.item(), gradient


def assert_close(found: Any, expected: Any, tolerance: float = 1e-10) -> None:
    expected = np.asarray(expected)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * max(1.0, float(np.abs(expected).max())))


@pytest.mark.parametrize(("kind", "parameter"), EVERY_PARAMETER)
@settings(max_examples=12)
@given(steps=st.integers(1, 12), data=st.data(), seed=st.integers(0, 9999))
def test_the_terms_add_up_to_the_gradient_of_the_fused_kernel(
    kind: str, parameter: str, steps: int, data: st.DataObject, seed: int
) -> None:
    t, target = data.draw(st.integers(1, steps)), data.draw(st.integers(0, CLASSES - 1))
    module, x, out = network(kind, seed), normal(steps, INPUT, seed=seed), head(seed)
    parts = weight_terms(module, x, out, target, t, parameter=parameter)
    loss, gradient = fused_gradient(module, x, out, target, t, parameter)
    assert parts.terms.shape == (steps, *gradient.shape)
    assert_close(parts.terms.sum(0), gradient)
    assert_close(parts.total, gradient)
    assert_close(parts.loss, loss)
    assert not parts.terms[t:].any()
    assert not parts.state_gradient[t:].any()
    assert_close(parts.norms, [math.hypot(*term.flatten()) for term in parts.terms])


@pytest.mark.parametrize("name", CELLS)
def test_every_cell_is_timed_by_one_program_on_its_own_weights(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, passes = build(name, INPUT, 4).double(), []
    with torch.no_grad():
        for n, parameter in enumerate(module.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=n))
    forward = Recurrent.forward
    monkeypatch.setattr(Recurrent, "forward", lambda self, x: passes.append(forward(self, x)) or passes[-1])
    x = normal(5, INPUT)
    assert pass_seconds(module, x, 3) > 0
    assert len(passes) == 4, "one to warm up, and three"
    assert_close(passes[-1][0].numpy(), record(module, x)["h"][0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_term_is_what_changing_that_one_copy_alone_does_to_the_loss(kind: str) -> None:
    """By finite differences: the sequence is run with one step's module nudged, and every other one as it was."""
    module, x, out, target, t, k, nudge = network(kind), normal(6, INPUT), head(), 2, 5, 3, 1e-5
    name, rows = in_pytorch(kind, CELLS[kind].parameters[1].name)

    def loss(by: float, row: int, column: int) -> float:
        nudged = copy.deepcopy(module)
        with torch.no_grad():
            getattr(nudged, name)[rows][row, column] += by
            state = None
            for step in range(1, t + 1):
                output, state = (nudged if step == k else module)(x[step - 1 : step], state)
            return cross_entropy(out.weight @ output[0] + out.bias, torch.tensor(target)).item()

    terms = weight_terms(module, x, out, target, t, parameter=CELLS[kind].parameters[1].name).terms
    for row, column in np.ndindex(HIDDEN, HIDDEN):
        slope = (loss(nudge, row, column) - loss(-nudge, row, column)) / (2 * nudge)
        assert_close(terms[k - 1, row, column], slope, 1e-8)


@pytest.mark.parametrize("kind", KINDS)
@given(t=st.integers(1, 7), k=st.integers(1, 7))
@settings(max_examples=20)
def test_the_state_gradient_is_how_the_loss_answers_to_a_nudge_of_that_state(kind: str, t: int, k: int) -> None:
    """The fused kernel is stopped after step k and started again from h_k; an LSTM's c_k is held."""
    module, x, out = network(kind), normal(7, INPUT), head()
    found = weight_terms(module, x, out, 1, t, parameter="W_hy").state_gradient
    assert found.shape == (7, HIDDEN)
    if k > t:
        assert not found[k - 1].any()
        return
    with torch.no_grad():
        state = module(x[:k])[1]
    pair = isinstance(state, tuple)
    h = (state[0] if pair else state).clone().requires_grad_()
    last = h[-1] if k == t else module(x[k:t], (h, state[1]) if pair else h)[0][-1]
    loss = cross_entropy(out.weight @ last + out.bias, torch.tensor(1))
    assert_close(found[k - 1], torch.autograd.grad(loss, h)[0][-1])


@given(
    w=st.floats(0, 1.5), x0=st.floats(0.1, 2), steps=st.integers(2, 9), read=st.floats(-3, 3), other=st.floats(-3, 3)
)
def test_a_linear_network_of_one_unit_has_its_closed_form(
    w: float, x0: float, steps: int, read: float, other: float
) -> None:
    """ReLU with positive states is linear: h_k = w^(k-1) x_1, so the copy at step k gives dL/dh_T w^(T-k) h_(k-1)."""
    module = nn.RNN(1, 1, nonlinearity="relu", bias=False, dtype=torch.float64)
    with torch.no_grad():
        module.weight_ih_l0.fill_(1)
        module.weight_hh_l0.fill_(w)
    x = torch.zeros(steps, 1, dtype=torch.float64)
    x[0] = x0
    out = Head(torch.tensor([[read], [other]], dtype=torch.float64), torch.zeros(2, dtype=torch.float64))
    parts = weight_terms(module, x, out, 0, steps, parameter="W_hh")

    h = [x0 * w**k for k in range(steps)]
    margin = (read - other) * h[-1]
    slope = -(read - other) / (1 + math.exp(margin))  # L = log(1 + exp(-margin))
    expected = [0.0] + [slope * w ** (steps - k) * h[k - 2] for k in range(2, steps + 1)]
    if w > 1e-6:  # at a state of zero ReLU has no slope
        assert_close(parts.loss, math.log1p(math.exp(-margin)))
        assert_close(parts.terms[:, 0, 0], expected)
        assert_close(parts.total[0, 0], slope * (steps - 1) * w ** (steps - 2) * x0)
        assert_close(parts.state_gradient[:, 0], [slope * w ** (steps - k) for k in range(1, steps + 1)])


@pytest.mark.parametrize("name", ["W_hy", "b_y"])
def test_only_the_copy_of_the_head_at_the_step_of_the_loss_is_read(name: str) -> None:
    terms = weight_terms(network("gru"), normal(6, INPUT), head(), 0, 4, parameter=name).terms
    assert [bool(term.any()) for term in terms] == [False, False, False, True, False, False]


def test_the_first_copy_of_a_recurrent_weight_contributes_nothing_since_it_reads_a_zero_state() -> None:
    terms = weight_terms(network("rnn"), normal(6, INPUT), head(), 0, 6, parameter="W_hh").terms
    assert not terms[0].any()
    assert all(term.any() for term in terms[1:])


def test_settings_around_the_call_and_frozen_weights_do_not_change_the_terms() -> None:
    module, x, out = network("lstm"), normal(5, INPUT), head()
    expected = weight_terms(module, x, out, 1, 4, parameter="W_hf").terms
    module.requires_grad_(False)
    with torch.no_grad():
        np.testing.assert_array_equal(weight_terms(module, x, out, 1, 4, parameter="W_hf").terms, expected)
    with torch.inference_mode():
        np.testing.assert_array_equal(weight_terms(module, x, out, 1, 4, parameter="W_hf").terms, expected)
    assert all(parameter.grad is None for parameter in module.parameters())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameter": "W_xf"}, "no parameter 'W_xf'; accepted: W_xh, W_hh, b_xh, b_hh, W_hy, b_y"),
        ({"target": CLASSES}, "target is 5; accepted: 0 to 4"),
        ({"target": -1}, "target is -1; accepted: 0 to 4"),
        ({"t": 0}, "t is 0; accepted: 1 to 6"),
        ({"t": 7}, "t is 7; accepted: 1 to 6"),
        ({"layer": 1}, "no layer 1; accepted: 0 to 0"),
        ({"reverse": True}, "no reverse direction; accepted: reverse=False"),
        ({"head": lambda output: output.sum()}, "target and t are given beside a loss function"),
        ({"target": None}, "target is None; accepted: 0 to 4"),
        ({"t": None}, "t is None; accepted: 1 to 6"),
        (
            {"head": lambda output: output.sum(1), "target": None, "t": None},
            r"the loss has shape \(6,\); accepted: \(\), one loss, such as their sum",
        ),
        (
            {"head": lambda output: output.sum(), "target": None, "t": None, "parameter": "W_hy"},
            "no parameter 'W_hy'; accepted: W_xh, W_hh, b_xh, b_hh",
        ),
        ({"module": network("rnn", bias=False), "parameter": "b_hh"}, "accepted: W_xh, W_hh, W_hy, b_y"),
    ],
)
def test_terms_that_do_not_exist_are_refused(change: dict[str, Any], message: str) -> None:
    usual = {"module": network("rnn"), "x": normal(6, INPUT), "head": head(), "target": 0, "t": 3, "parameter": "W_hh"}
    with pytest.raises(ValueError, match=message):
        weight_terms(**(usual | change))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10)
@given(
    layer=st.integers(0, 2),
    reverse=st.booleans(),
    steps=st.integers(1, 6),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    seed=st.integers(0, 999),
    place=st.integers(0, 99),
)
def test_the_terms_of_any_layer_and_direction_add_up_to_the_gradient_that_any_loss_leaves_in_pytorchs_module(
    kind: str, layer: int, reverse: bool, steps: int, dtype: torch.dtype, seed: int, place: int
) -> None:
    module = network(kind, seed, num_layers=3, bidirectional=True, dtype=dtype)
    x, mix = normal(steps, INPUT, seed=seed, dtype=dtype), normal(steps, 2 * HIDDEN, seed=seed)
    states = [normal(6, HIDDEN, seed=seed + n, dtype=dtype) for n in range(1 + (kind == "lstm"))]
    h0 = tuple(states) if len(states) > 1 else states[0]
    part = CELLS[kind].parameters[place % len(CELLS[kind].parameters)]

    def loss(output: Tensor) -> Tensor:
        return (output.double().sin() * mix).sum()

    parts = weight_terms(module, x, loss, parameter=part.name, layer=layer, reverse=reverse, h0=h0)
    double = copy.deepcopy(module).double()
    first = tuple(state.double() for state in states)
    value = loss(double(x.double(), first if len(first) > 1 else first[0])[0])
    value.backward()
    name = f"{part.torch_name}_l{layer}" + "_reverse" * reverse
    gradient = getattr(double, name).grad[part.block * HIDDEN : (part.block + 1) * HIDDEN]
    tolerance = 1e-5 if dtype == torch.float32 else 1e-9
    assert parts.terms.dtype == np.float64
    np.testing.assert_allclose(parts.terms.sum(0), gradient, rtol=0, atol=tolerance * (1 + gradient.abs().max()))
    np.testing.assert_array_equal(parts.total, parts.terms.sum(0))
    assert parts.loss == pytest.approx(value.item(), abs=1e-5)


@pytest.mark.parametrize("name", CELLS)
def test_a_term_of_what_was_forced_is_what_changing_that_copy_does_to_the_run_that_was_forced(name: str) -> None:
    """Each weight of one step alone, by central differences of the program with a copy of its own for that step."""
    module, x, step, nudge = declared(name), normal(5, INPUT), 2, 1e-6
    held = [
        Forced("h", 0.3, units=(1,), steps=(2, 3)),
        Forced(CELLS[name].quantities[0], 0.6, units=(0,), steps=(4, 4)),
    ]

    def loss(output: Tensor) -> Tensor:
        return output.square().sum()

    def nudged(parameter: str, by: float) -> float:
        """The run up to the step, that step alone with a weight moved, and the run from there on."""
        weights, states, output = record(module, x).weights[0], None, []
        for t in range(5):
            own = {key: torch.tensor(value) for key, value in weights.items()}
            if t == step:
                own[parameter].view(-1)[1] += by
            now = [
                Forced(force.name, force.value, force.units)
                for force in held
                if force.steps[0] <= t + 1 <= force.steps[1]
            ]
            found = record(module.cell, x[t : t + 1], weights=own, h0=states, forced=now)
            last = tuple(torch.tensor(found[state][:, 0]) for state in found.cell.states)
            states = last if len(last) > 1 else last[0]
            output.append(torch.tensor(found["h"][0, 0]))
        return loss(torch.stack(output)).item()

    for parameter in module.cell.parameters:
        terms = weight_terms(module, x, loss, parameter=parameter.name, forced=held).terms
        slope = (nudged(parameter.name, nudge) - nudged(parameter.name, -nudge)) / (2 * nudge)
        assert_close(terms[step].flat[1], slope, 1e-6)


def test_terms_that_have_no_room_are_refused() -> None:
    module, x = network("rnn", hidden=256), normal(2100, INPUT)
    with pytest.raises(ValueError, match=r"W_hh has shape \(256, 256\) and there are 2100 steps; .* here 2048 steps"):
        weight_terms(module, x, lambda output: output.sum(), parameter="W_hh")


@pytest.mark.parametrize(("kind", "parameter"), EVERY_PARAMETER)
def test_an_edit_changes_that_entry_of_the_copy_and_nothing_else(kind: str, parameter: str) -> None:
    module, out, x = network(kind), head(), normal(6, INPUT)
    before = copy.deepcopy(module.state_dict())
    column = 0 if parameter.startswith("b") else 2
    if parameter in {"W_hy", "b_y"}:
        edited = with_entry(out, parameter, 1, column, -2.5)
        now, then = read_out(record(module, x), edited), read_out(record(module, x), out)
        pairs = [(getattr(now, name), getattr(then, name), name) for name in ("W_hy", "b_y")]
    else:
        changed = with_entry(module, parameter, 1, column, -2.5)
        now_weights, then_weights = record(changed, x).weights[0], record(module, x).weights[0]
        pairs = [(now_weights[name], then_weights[name], name) for name in then_weights]
    for new, old, name in pairs:
        different = np.argwhere(new != old).tolist()
        entry = [1] if name.startswith("b") else [1, column]
        assert different == ([entry] if name == parameter else [])
        if name == parameter:
            assert new[tuple(entry)] == -2.5
    torch.testing.assert_close(module.state_dict(), before, rtol=0, atol=0)
    torch.testing.assert_close((out.weight, out.bias), (head().weight, head().bias), rtol=0, atol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_fused_kernel_computes_with_the_edited_entry(kind: str) -> None:
    module, x = network(kind), normal(6, INPUT)
    edited = with_entry(module, CELLS[kind].parameters[1].name, 3, 2, 3.0)  # no ReLU silences these two units
    with torch.no_grad():
        assert_close(record(edited, x).output, edited(x)[0])
        assert not np.allclose(edited(x)[0], module(x)[0])


def test_an_edit_reaches_the_layer_and_direction_asked_for() -> None:
    module = network("gru", num_layers=2, bidirectional=True)
    edited = with_entry(module, "W_hn", 3, 0, 9.0, layer=1, reverse=True)
    changed = {
        n: (p != q).nonzero().tolist() for (n, p), q in zip(edited.named_parameters(), module.parameters(), strict=True)
    }
    assert {name: where for name, where in changed.items() if where} == {"weight_hh_l1_reverse": [[2 * HIDDEN + 3, 0]]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameter": "W_xh"}, "no parameter 'W_xh'; accepted: W_xr, W_hr, b_xr"),
        ({"row": HIDDEN}, "row 4 is not in W_hn; accepted: 0 to 3"),
        ({"row": -1}, "row -1 is not in W_hn; accepted: 0 to 3"),
        ({"parameter": "W_xn", "column": INPUT}, "column 3 is not in W_xn; accepted: 0 to 2"),
        ({"parameter": "b_xn", "column": 1}, "column 1 is not in b_xn; accepted: 0 to 0"),
        ({"value": math.nan}, "value is nan; accepted: a number that is finite in torch.float64"),
        ({"value": math.inf}, "value is inf; accepted"),
        ({"network": network("gru").float(), "value": 1e39}, "finite in torch.float32"),
        ({"layer": 1}, "no layer 1; accepted: 0 to 0"),
        ({"reverse": True}, "no reverse direction; accepted: reverse=False"),
        ({"network": network("gru", bias=False), "parameter": "b_hn"}, "accepted: W_xr, W_hr, W_xz, W_hz, W_xn, W_hn$"),
        ({"network": head()}, "no parameter 'W_hn'; accepted: W_hy, b_y"),
    ],
)
def test_an_entry_that_does_not_exist_is_refused(change: dict[str, Any], message: str) -> None:
    usual = {"network": network("gru"), "parameter": "W_hn", "row": 0, "column": 0, "value": 1.0}
    with pytest.raises(ValueError, match=message):
        with_entry(**(usual | change))


def test_an_entry_of_a_computed_weight_is_refused() -> None:
    module = nn.utils.parametrizations.weight_norm(network("rnn"), "weight_hh_l0")
    with pytest.raises(ValueError, match="remove_parametrizations"):
        with_entry(module, "W_hh", 0, 0, 1.0)


@pytest.mark.parametrize(("cell", "blocks"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
@given(
    E=st.integers(1, 30), H=st.integers(1, 30), V=st.integers(1, 90), lengths=st.lists(st.integers(1, 40), max_size=5)
)
def test_recurrent_weights_do_not_grow_with_length_and_feed_forward_ones_do(
    cell: str, blocks: int, E: int, H: int, V: int, lengths: list[int]
) -> None:
    counts = parameter_counts(E, H, V, lengths, cell=cell)
    assert counts.recurrent == blocks * (H * E + H * H + 2 * H) + V * H + V
    assert counts.feed_forward == tuple(H * (length * E) + H + V * H + V for length in lengths)
    assert counts.lengths == tuple(lengths)


def test_counting_draws_no_random_number() -> None:
    before = torch.get_rng_state()
    parameter_counts(8, 16, 30, [1, 5])
    FeedForward(3, 8, 16, 30).refusal(torch.zeros(4, 8))
    time_cost([3], 4, 1)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_feed_forward_network_refuses_in_pytorchs_words_any_length_but_its_own() -> None:
    net = FeedForward(4, INPUT, HIDDEN, CLASSES)
    for steps in (3, 5):
        with pytest.raises(RuntimeError) as error:
            nn.Linear(4 * INPUT, HIDDEN)(torch.zeros(steps * INPUT))
        assert net.refusal(normal(steps, INPUT)) == str(error.value)
    assert net.refusal(normal(4, INPUT)) is None


def test_the_recurrence_costs_more_time_than_one_product_of_the_same_work_and_more_the_longer_it_is() -> None:
    cost = time_cost([4, 400], 16, 15)
    assert cost.rounds >= 1
    assert cost.recurrence[1] > cost.recurrence[0]
    assert cost.recurrence[1] > cost.product[1] > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], 8, 1), "each at least 1, together at most 2000"),
        (([0], 8, 1), "each at least 1"),
        (([1500, 501], 8, 1), "together at most 2000"),
        (([5], 0, 1), "hidden_size is 0; accepted: 1 to 256"),
        (([5], 257, 1), "hidden_size is 257"),
        (([5], 8, 0), "repeats is 0; accepted: at least 1"),
    ],
)
def test_a_measurement_that_would_take_long_or_has_nothing_to_measure_is_refused(
    arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        time_cost(*arguments)
