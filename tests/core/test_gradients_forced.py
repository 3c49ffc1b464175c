"""What was forced is a constant: every derivative is that of the program that ran, by finite differences of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnnviz import CELLS, Forced, Trace, record
from rnnviz.core.gates import measured_half_life, memory_age, memory_shares, share_of_new
from rnnviz.core.gradients.factors import step_jacobians
from rnnviz.core.gradients.flow import flow_of, gradient_flow
from rnnviz.core.gradients.truncation import truncations
from tests.core.modules import GATED, HIDDEN, INPUT, declared, network, normal

T, STEP = 6, 1e-6  # of a finite difference, whose error is some 1e-9 of a third derivative, and 1e-10 of rounding
SMOOTH = [name for name, cell in CELLS.items() if all(op.kind != "relu" for op in cell.ops)]


@st.composite
def forcings(draw: Any, cell: str, rows: int = 1) -> list[Forced]:
    def one() -> Forced:
        first = draw(st.integers(1, T))
        units = draw(st.none() | st.lists(st.integers(0, HIDDEN - 1), min_size=1, unique=True))
        numbers = draw(st.lists(st.floats(0, 1), min_size=len(units or range(HIDDEN)), max_size=len(units or range(4))))
        return Forced(
            draw(st.sampled_from(CELLS[cell].quantities)),
            draw(st.sampled_from([numbers, numbers[0]])),
            units,
            draw(st.sampled_from([None, (first, draw(st.integers(first, T)))])),
            draw(st.none() | st.integers(0, rows - 1)),
        )

    return [one() for _ in range(draw(st.integers(1, 3)))]


def one_step(trace: Trace, row: int, t: int, state: np.ndarray) -> np.ndarray:
    """s_t of one row from a state before it, (S * H,), what is forced at that step replaced."""
    cell = trace.cell
    forced = [
        Forced(force.name, force.value, force.units)
        for force in trace.forced
        if force.row in (None, row) and (force.steps is None or force.steps[0] <= t + 1 <= force.steps[1])
    ]
    weights = {name: torch.tensor(weight) for name, weight in trace.weights[row].items()}
    states = tuple(torch.tensor(part[None]) for part in np.split(state, len(cell.states)))
    x = torch.tensor(trace.input(row)[t : t + 1])
    found = record(cell, x, weights=weights, h0=states if len(states) > 1 else states[0], forced=forced)
    return np.concatenate([found[name][0, 0] for name in cell.states])


def differences(function: Callable[[np.ndarray], Any], at: np.ndarray) -> np.ndarray:
    """(outputs, inputs), by central differences."""
    ways = np.eye(at.size).reshape(at.size, *at.shape) * STEP
    return np.stack([(function(at + way) - function(at - way)) / (2 * STEP) for way in ways], axis=-1)


@pytest.mark.parametrize("cell", SMOOTH)
@settings(max_examples=10)
@given(data=st.data())
def test_the_jacobian_of_every_step_is_that_of_what_ran(cell: str, data: st.DataObject) -> None:
    forced, seed = data.draw(forcings(cell, rows=2)), data.draw(st.integers(0, 99))
    trace = record(declared(cell, seed, layers=2), normal(T, INPUT, seed=seed), forced=forced)
    for row in range(2):
        factors = step_jacobians(trace, row)
        before = np.concatenate([trace.previous(name)[row] for name in trace.cell.states], axis=-1)
        for t in range(T):
            expected = differences(lambda state, t=t, row=row: one_step(trace, row, t, state), before[t])
            np.testing.assert_allclose(factors.jacobians[t], expected, rtol=1e-6, atol=1e-7)
        names = {force.name for force in forced if force.row in (None, row)}
        if trace.cell.blocks == ("h",) and "a" not in names:
            expected = factors.slopes["h"][:, :, None] * factors.recurrent["W_hh"]
            np.testing.assert_allclose(factors.jacobians, expected, atol=1e-14)
        if cell == "lstm":  # a peephole's c has ways through the gates, too
            assert factors.gate is not None
            diagonals = np.stack([np.diag(gate) for gate in factors.gate])
            np.testing.assert_allclose(factors.block("c", "c"), diagonals, atol=1e-14)


@pytest.mark.parametrize("cell", SMOOTH)
@settings(max_examples=8)
@given(data=st.data())
def test_a_loss_answers_to_what_was_read_and_to_the_initial_state_as_what_ran_does(
    cell: str, data: st.DataObject
) -> None:
    forced, seed = data.draw(forcings(cell, rows=2)), data.draw(st.integers(0, 99))
    module, x = declared(cell, seed, layers=2), normal(T, INPUT, seed=seed)
    mix = normal(T, HIDDEN, seed=seed + 1)
    states = np.stack([normal(2, HIDDEN, seed=seed + n).numpy() for n in range(len(CELLS[cell].states))])

    def run(x: np.ndarray, states: np.ndarray) -> Trace:
        first = tuple(torch.tensor(part) for part in states)
        return record(module, torch.tensor(x), h0=first if len(first) > 1 else first[0], forced=forced)

    def loss(output: Tensor) -> Tensor:
        return (output.sin() * mix).sum()

    whole = flow_of(run(x.numpy(), states), loss).whole
    by_x = differences(lambda x: loss(torch.tensor(run(x, states).output)).item(), x.numpy())
    by_state = differences(lambda states: loss(torch.tensor(run(x.numpy(), states).output)).item(), states)
    np.testing.assert_allclose(whole.x.ravel(), by_x, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(np.stack(list(whole.initial.values())).ravel(), by_state, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
@settings(max_examples=10)
@given(data=st.data())
def test_of_a_state_that_was_forced_the_loss_feels_its_value_and_nothing_behind_it(
    kind: str, data: st.DataObject
) -> None:
    """dL_t/dh_k, of forced and free units alike: what the loss changes by when that value itself is moved."""
    forced, k = data.draw(forcings(kind, rows=4)), data.draw(st.integers(1, T))
    module, x = network(kind, num_layers=2, bidirectional=True), normal(T, INPUT)
    row = data.draw(st.integers(0, 3))
    trace = record(module, x, forced=forced)
    flow = flow_of(trace, lambda output: output.sin().sum(1))
    held = [Forced(state, trace[state][row, k - 1], steps=(k, k), row=row) for state in trace.cell.states]

    def losses(h: np.ndarray) -> np.ndarray:
        moved = [Forced("h", h, steps=(k, k), row=row), *held[1:]]
        # A later entry goes over an earlier one; a state of another row, or of another step, follows as it ran.
        return np.sin(record(module, x, forced=[*forced, *moved]).output).sum(1)

    expected = differences(losses, trace["h"][row, k - 1])
    np.testing.assert_allclose(flow.gradients[row, :, k - 1], expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("cell", SMOOTH)
@settings(max_examples=5)
@given(data=st.data(), window=st.integers(1, T + 1))
def test_a_window_cuts_what_ran(cell: str, data: st.DataObject, window: int) -> None:
    """Uncut, the gradient of every weight by finite differences; of one window or more, overlapping or not, the sum of
    what single losses give by themselves."""
    forced = data.draw(forcings(cell))
    module, x = declared(cell), normal(T, INPUT)
    trace = record(module, x, forced=forced)

    def losses(output: Tensor) -> Tensor:
        return output.sin().sum(1)

    cuts = truncations(trace, losses, [window, T]), truncations(trace, losses, [window, T], overlapping=True)
    name = CELLS[cell].content[1]
    weights = {key: torch.tensor(part) for key, part in trace.weights[0].items()}

    def loss(weight: np.ndarray) -> float:
        found = record(trace.cell, x, weights=weights | {name: torch.tensor(weight)}, forced=forced)
        return losses(torch.tensor(found.output)).sum().item()

    expected = differences(loss, trace.weights[0][name])
    for cut in (cuts[0][1], cuts[1][1]):
        np.testing.assert_allclose(cut.gradients[name].ravel(), expected, rtol=1e-5, atol=1e-7)
        assert cut.share == pytest.approx(1) or np.isnan(cut.share)
    # A window's own run: from the recorded state before it, with what is forced in it.
    total = 0
    for start in range(0, T, window):
        part = slice(start, start + window)
        before = [torch.tensor(trace.previous(state)[:, start]) for state in trace.cell.states]
        steps = range(start + 1, min(start + window, T) + 1)
        inside = [
            Forced(force.name, force.value, force.units, (t - start, t - start))
            for force in forced
            for t in steps
            if force.steps is None or force.steps[0] <= t <= force.steps[1]
        ]
        alone = record(
            trace.cell, x[part], weights=weights, h0=tuple(before) if len(before) > 1 else before[0], forced=inside
        )
        total = total + truncations(alone, losses, [T])[0].full[name]
    np.testing.assert_allclose(cuts[0][0].gradients[name], total, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("cell", GATED)
def test_a_memory_that_was_forced_holds_nothing_of_before(cell: str) -> None:
    module, x = declared(cell), normal(9, INPUT)
    state, _ = CELLS[cell].required_memory
    trace = record(module, x, forced=[Forced(state, 0.3, units=(1,), steps=(4, 4))])
    free = record(module, x)
    factors = step_jacobians(trace)
    assert factors.memory is not None
    assert (factors.gate[3] == 0).tolist() == [False, True, False, False]
    alone = record(module, x, forced=[Forced(state, 0.3, steps=(4, 4))])
    cut = step_jacobians(alone).memory
    assert cut is not None
    assert not cut[3:, :3].any()  # nothing of what was there before
    assert (cut[3:, 3] > 0).all()  # and of what was put there as much as the gates leave
    np.testing.assert_allclose(cut[8, 3], trace.cell.memory and alone[trace.cell.memory[1]][0, 4:].prod(0).max())
    new = share_of_new(trace)
    assert np.isnan(new[3]).tolist() == [False, True, False, False]
    assert not np.isnan(new[4:]).any()
    held, other = measured_half_life(trace), measured_half_life(free)
    np.testing.assert_array_equal(held.steps[[0]] > 0, other.steps[[0]] > 0)
    assert held.halved[1] >= 3  # all that was written by then
    assert np.isfinite(held.steps[1])
    for refused in (memory_shares, memory_age):
        with pytest.raises(ValueError, match=f"{state} was forced, so .*; accepted: a trace with free {state}"):
            refused(trace)


def test_a_forced_state_stops_the_gradient_and_the_flow_is_autograds() -> None:
    """The example of a user: dh_T/dh_0 of a vanilla RNN with h forced at one step is zero beyond it."""
    module, x = network("rnn"), normal(5, INPUT)
    flow = gradient_flow(module, x, lambda output: output.sum(1), forced=[Forced("h", 0.5, steps=(3, 3))])
    assert not flow.matrix[0, 2:, :2].any()
    assert (flow.matrix[0, 2:, 2] > 0).all()
    assert not flow.whole.x[2].any()
