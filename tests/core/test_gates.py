"""What is said of a memory is what an explicit count, a closed form or another program gives."""

from __future__ import annotations

import math
import tracemalloc
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz import CELLS, Forced, Trace, record, with_forget_bias, zoo
from rnnviz.core.gates import (
    Extreme,
    extremes,
    gate_at_rest,
    half_life,
    measured_half_life,
    memory_age,
    memory_shares,
    order,
    separating_units,
    share_of_new,
)
from rnnviz.core.network import build
from tests.core.modules import GATED, HIDDEN, declared, network, normal


def initial(cell: str, rows: int = 1) -> Any:
    states = tuple(normal(rows, HIDDEN, seed=50 + n) for n in range(len(CELLS[cell].states)))
    return states if len(states) > 1 else states[0]


def trace_of(cell: str, steps: int = 6, seed: int = 0, **options: Any) -> Trace:
    return record(declared(cell, seed), normal(steps, 3, seed=seed), h0=initial(cell), **options)


def with_values(trace: Trace, **values: Any) -> Trace:
    """The trace with some results replaced: what the functions read, not what a network gave."""
    arrays = {name: np.broadcast_to(np.asarray(v, float), trace[name].shape) for name, v in values.items()}
    return replace(trace, values={**trace.values, **arrays})


@pytest.mark.parametrize("cell", GATED)
@settings(max_examples=20)
@given(steps=st.integers(1, 15), seed=st.integers(0, 999))
def test_what_was_written_at_each_step_adds_up_to_the_memory(cell: str, steps: int, seed: int) -> None:
    trace = trace_of(cell, steps, seed)
    state, gate = CELLS[cell].memory or ("", "")
    shares = memory_shares(trace)
    assert shares.shape == (steps, steps + 1, HIDDEN)
    np.testing.assert_allclose(shares.sum(1), trace[state][0], rtol=0, atol=1e-12)
    for t in range(1, steps + 1):
        assert not shares[t - 1, t + 1 :].any()
        for k in range(t + 1):
            since = np.prod(trace[gate][0, k:t], axis=0)
            written = trace.initial[state][0] if k == 0 else trace["write"][0, k - 1]
            np.testing.assert_allclose(shares[t - 1, k], written * since, rtol=1e-10, atol=1e-14)


def test_a_share_is_what_is_lost_when_that_step_alone_writes_nothing() -> None:
    """With gates that do not answer to h, so that nothing else changes: the LSTM's W_h is zero."""
    module = declared("lstm")
    with torch.no_grad():
        module.weight_hh_l0.zero_()
    x, h0 = normal(8, 3), initial("lstm")
    trace = record(module, x, h0=h0)
    shares = memory_shares(trace)
    for k in range(1, 9):
        without = record(module, x, h0=h0, forced=[Forced("i", 0.0, steps=(k, k))])
        np.testing.assert_allclose((trace["c"] - without["c"])[0], shares[:, k], rtol=0, atol=1e-12)


@pytest.mark.parametrize("module", [nn.LSTM, nn.GRU])
def test_a_reverse_direction_is_decomposed_in_the_order_in_which_it_reads(module: type[nn.RNNBase]) -> None:
    both = module(3, HIDDEN, bidirectional=True, dtype=torch.float64)
    alone = module(3, HIDDEN, dtype=torch.float64)
    alone.load_state_dict({name: both.state_dict()[f"{name}_reverse"] for name, _ in alone.named_parameters()})
    cell = "lstm" if module is nn.LSTM else "gru"
    x, h0 = normal(5, 3), initial(cell, 2)
    own = tuple(state[1:] for state in h0) if cell == "lstm" else h0[1:]
    trace, mirrored = record(both, x, h0=h0), record(alone, x.flip(0), h0=own)
    shares, expected = memory_shares(trace, 1), memory_shares(mirrored)
    np.testing.assert_allclose(shares.sum(1), trace[CELLS[cell].memory[0]][1], rtol=0, atol=1e-12)
    for t in range(1, 6):
        np.testing.assert_allclose(shares[t - 1, 0], expected[5 - t, 0], atol=1e-14)
        for k in range(1, 6):
            np.testing.assert_allclose(shares[t - 1, k], expected[5 - t, 6 - k], atol=1e-14)
    np.testing.assert_allclose(memory_age(trace, 1), memory_age(mirrored)[::-1])
    found, other = measured_half_life(trace, 1), measured_half_life(mirrored)
    np.testing.assert_allclose(found.steps, other.steps)
    for by in ("half_life", "change"):
        np.testing.assert_array_equal(order(trace, "h", by, row=1), order(mirrored, "h", by))
    np.testing.assert_array_equal(order(trace, "h", "token", row=1, t=2), order(mirrored, "h", "token", t=4))


def test_age_is_zero_for_what_was_just_written_and_counts_from_the_step_before_the_first_for_the_initial_state() -> (
    None
):
    lstm, x = declared("lstm"), normal(5, 3)
    fresh = record(lstm, x, forced=[Forced("f", 0.0)])
    assert not memory_age(fresh).any()
    old = record(lstm, x, h0=initial("lstm"), forced=[Forced("f", 1.0), Forced("i", 0.0)])
    np.testing.assert_array_equal(memory_age(old), np.tile([[1], [2], [3], [4], [5]], (1, HIDDEN)))
    empty = record(lstm, x, forced=[Forced("i", 0.0)])
    assert np.isnan(memory_age(empty)).all()
    assert np.isnan(share_of_new(empty)).all()


def test_age_weighs_every_share_by_its_size() -> None:
    shares = memory_shares(trace := trace_of("gru"))
    for t, unit in np.ndindex(len(trace), HIDDEN):
        size = [abs(shares[t, k, unit]) for k in range(t + 2)]
        expected = sum(s * (t + 1 - k) for k, s in enumerate(size)) / sum(size)
        assert memory_age(trace)[t, unit] == pytest.approx(expected)


@pytest.mark.parametrize("cell", GATED)
def test_new_and_old_are_what_was_written_and_what_was_kept(cell: str) -> None:
    trace = trace_of(cell)
    state, gate = trace.cell.memory or ("", "")
    old = trace[gate][0] * trace.previous(state)[0]
    new = trace[state][0] - old
    np.testing.assert_allclose(share_of_new(trace), np.abs(new) / (np.abs(old) + np.abs(new)), rtol=1e-9)


def test_a_forced_memory_has_no_decomposition_but_a_forced_gate_has() -> None:
    with pytest.raises(ValueError, match=r"c was forced, .*accepted: a trace with free c"):
        memory_shares(trace_of("lstm", forced=[Forced("c", 0.5, units=(1,))]))
    free = trace_of("lstm", forced=[Forced("f", 1.0, units=(1,)), Forced("h", 0.0)])
    np.testing.assert_allclose(memory_shares(free).sum(1), free["c"][0], atol=1e-12)


@pytest.mark.parametrize("units", [2, (1.0,), "12"])
def test_units_that_are_no_whole_numbers_are_refused(units: Any) -> None:
    with pytest.raises(TypeError, match=r"units.* is .*; accepted: at least one of 0 to"):
        memory_shares(trace_of("lstm"), units=units)


@pytest.mark.parametrize("function", [memory_shares, memory_age, share_of_new, measured_half_life])
def test_a_cell_without_gates_has_no_memory_to_take_apart(function: Any) -> None:
    with pytest.raises(ValueError, match="RNN has no gates; accepted: a cell with a memory"):
        function(trace_of("rnn"))
    with pytest.raises(ValueError, match="row is 1; accepted: 0 to 0"):
        function(trace_of("gru"), 1)


@pytest.mark.parametrize(("gate", "steps"), [(0.5, 1.0), (math.sqrt(0.5), 2.0), (0.0, 0.0), (1.0, math.inf)])
def test_the_half_life_of_a_constant_gate(gate: float, steps: float) -> None:
    assert half_life(gate) == pytest.approx(steps)
    assert gate ** float(half_life(gate)) == pytest.approx(0.5) or gate in (0, 1)


def test_a_gate_at_rest_is_the_sigmoid_of_its_bias() -> None:
    biases = np.linspace(-30, 30, 13)
    np.testing.assert_allclose(gate_at_rest(biases), torch.sigmoid(torch.tensor(biases)), rtol=0, atol=1e-15)
    assert gate_at_rest(1e6) == 1
    with pytest.raises(ValueError, match=r"gate is 1.5; accepted: 0 to 1"):
        half_life(1.5)


@given(gate=st.floats(0.05, 0.95), steps=st.integers(20, 60))
@settings(max_examples=30)
def test_the_measured_half_life_of_a_constant_gate_is_the_closed_form(gate: float, steps: int) -> None:
    found = measured_half_life(with_values(trace_of("lstm", steps), f=gate))
    expected = math.log(0.5) / math.log(gate)
    np.testing.assert_allclose(found.steps, expected, rtol=1e-9)
    assert (found.halved == steps - math.ceil(expected - 1e-9) + 1).all()


GATES = st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.9, 0.99, 1.0]), min_size=1, max_size=12)


@given(gates=GATES, empty=st.booleans())
@settings(max_examples=60)
def test_the_measured_half_life_is_what_was_watched_by_the_halvings_seen(gates: list[float], empty: bool) -> None:
    """Counted content by content, with the last step's part found by bisection; an initial 0 is no content."""
    trace = with_values(trace_of("gru", len(gates)), z=np.reshape(gates, (1, -1, 1)))
    found = measured_half_life(replace(trace, initial={"h": trace.initial["h"] * (not empty)}))
    times, cut_short = [], []
    for k in range(int(empty), len(gates)):
        left, n = 1.0, 0
        for gate in gates[k:]:
            if left * gate <= 0.5 * (1 + 1e-12):
                low, high = 0.0, 1.0
                for _ in range(60):
                    middle = (low + high) / 2
                    low, high = (middle, high) if gate > 0 and left * gate**middle > 0.5 else (low, middle)
                times.append(n + high)
                break
            left, n = left * gate, n + 1
        else:
            cut_short.append((n, -math.log2(left)))
    halvings = len(times) + sum(part for _, part in cut_short)
    expected = (sum(times) + sum(n for n, _ in cut_short)) / halvings if times else np.inf
    assert (found.halved == len(times)).all()
    np.testing.assert_allclose(found.steps, expected, rtol=1e-9, atol=1e-12)


@given(gates=GATES, data=st.data())
@settings(max_examples=100)
def test_a_gate_that_opens_never_shortens_a_memory(gates: list[float], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(gates) - 1))
    wider = [*gates[:at], data.draw(st.floats(gates[at], 1)), *gates[at + 1 :]]
    before, after = (measured_half_life(gated(np.tile(np.reshape(f, (-1, 1)), HIDDEN))).steps for f in (gates, wider))
    assert (after >= before * (1 - 1e-9)).all()


@pytest.mark.parametrize("cell", ["lstm", "gru", "mgu"])
def test_a_higher_bias_gives_a_longer_memory_on_a_real_text(cell: str) -> None:
    """The mean over what halved within the text falls in the LSTM, from 3.0 steps at a bias of 2 to 1.6 at 3."""
    model = zoo.load("words-ko", cell)
    x = model.read(zoo.catalogue()["words-ko"].examples[-1]).x
    lives = [np.median(measured_half_life(record(with_forget_bias(model.rnn, b), x)).steps) for b in (0.0, 1, 2, 3, 4)]
    assert all(longer > shorter for shorter, longer in pairwise(lives))


def test_what_meets_an_empty_memory_changes_no_life() -> None:
    """c_0 = 0 was never written, so the first forget gate has nothing to keep."""
    lstm, x = declared("lstm"), normal(9, 3)
    free, held = record(lstm, x), record(lstm, x, forced=[Forced("f", 1.0, steps=(1, 1))])
    np.testing.assert_array_equal(measured_half_life(held).steps, measured_half_life(free).steps)
    np.testing.assert_array_equal(measured_half_life(held).halved, measured_half_life(free).halved)


@settings(max_examples=20)
@given(steps=st.integers(1, 12), seed=st.integers(0, 999))
def test_the_sorting_is_by_the_measured_half_life(steps: int, seed: int) -> None:
    trace = trace_of("lstm", steps, seed)
    lives = measured_half_life(trace).steps[order(trace, "h", "half_life")]
    assert all(first >= second for first, second in pairwise(lives))


@pytest.mark.parametrize("name", GATED)
@pytest.mark.parametrize("bias", [-2.0, 0.0, 3.0])
def test_a_forget_bias_sets_the_gate_that_keeps(name: str, bias: float) -> None:
    module = declared(name)
    with torch.no_grad():  # nothing but biases reaches a gate
        for stem in ("weight_ih_l0", "weight_hh_l0", *(["weight_ch_l0"] if name == "peephole" else [])):
            getattr(module, stem).zero_()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    trace = record(with_forget_bias(module, bias), normal(6, 3))
    kept = trace[trace.cell.memory[1]]
    np.testing.assert_allclose(kept, 1 / (1 + math.exp(-bias)), rtol=1e-12)
    np.testing.assert_allclose(kept, gate_at_rest(bias), rtol=1e-12)
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def test_a_forget_bias_reaches_every_layer_and_direction_and_nothing_else() -> None:
    module = nn.LSTM(3, HIDDEN, num_layers=2, bidirectional=True)
    changed = with_forget_bias(module, 2.5)
    assert type(changed) is nn.LSTM
    for (name, new), old in zip(changed.named_parameters(), module.parameters(), strict=True):
        expected = old.detach().clone()
        if name.startswith("bias"):
            expected[HIDDEN : 2 * HIDDEN] = 2.5 if name.startswith("bias_ih") else 0.0
        assert torch.equal(new, expected)


@pytest.mark.parametrize(
    ("module", "bias", "message"),
    [
        (nn.RNN(3, 4), 1.0, "RNN has no gates; accepted: a cell with a memory"),
        (nn.LSTM(3, 4, bias=False), 1.0, "module has bias=False; accepted: a module with biases"),
        (nn.LSTM(3, 4), math.nan, "bias is nan; accepted: a finite number"),
        (nn.utils.parametrizations.weight_norm(nn.GRU(3, 4), "bias_hh_l0", dim=None), 1.0, "remove_parametrizations"),
    ],
)
def test_a_forget_bias_that_cannot_be_set_is_refused(module: Any, bias: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        with_forget_bias(module, bias)


def gated(f: Any) -> Trace:
    """An LSTM's trace whose forget gates are these, (T, H)."""
    f = np.asarray(f, float)
    return with_values(trace_of("lstm", len(f)), f=f[None])


def test_units_are_sorted_by_how_long_they_remember() -> None:
    assert order(gated([[0.5, 0.9, 0.1, 0.99]] * 30), "c", "half_life").tolist() == [3, 1, 0, 2]
    # After its reset unit 0 is watched for 2 + 1 steps, in which nothing is lost: 3 steps, against 1.94.
    assert order(gated([[0, 0.7, 0.1, 0.1], *[[1, 0.7, 0.1, 0.1]] * 2]), "c", "half_life").tolist() == [0, 1, 2, 3]
    # One reset at the start does not make a long memory short; of two that never halve, the more open one is first.
    f = np.full((30, HIDDEN), 0.8)
    f[0, 0], f[1:, 0] = 0.0, 1.0
    f[:, 2], f[:, 3] = 0.995, 1.0
    assert order(gated(f), "c", "half_life").tolist() == [3, 2, 0, 1]


def test_units_are_sorted_by_when_and_how_much_they_change() -> None:
    values = np.zeros((5, HIDDEN))
    values[3:, 0], values[1:, 1], values[4, 2] = 0.9, 0.5, 0.7
    trace = with_values(trace_of("gru", 5), r=values[None], h=values[None])
    assert order(trace, "r", "change").tolist() == [3, 1, 0, 2]  # unit 3 never does: at no later step than the first
    assert order(trace, "r", "token", t=4).tolist() == [0, 1, 2, 3]
    assert order(trace, "r", "token", t=2).tolist() == [1, 0, 2, 3]
    assert order(trace, "r", "token", t=1).tolist() == [0, 1, 2, 3]  # a gate has no value before the first step
    h0 = np.array([[0.1, 0.4, 0.2, 0.3]])
    before = replace(trace, initial={"h": h0})
    assert order(before, "h", "token", t=1).tolist() == [1, 3, 2, 0]  # a state has


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_and_quantity_can_be_sorted(cell: str) -> None:
    for steps in (1, 6):
        trace = trace_of(cell, steps)
        for quantity in trace.operations:
            for by in ("change", "token", *(["half_life"] if trace.cell.memory else [])):
                assert sorted(order(trace, quantity, by, t=1)) == list(range(HIDDEN))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"by": "size"}, ValueError, "by is 'size'; accepted: half_life, change, token"),
        ({"by": "half_life"}, ValueError, "RNN has no gates"),
        ({"by": "token"}, ValueError, "t is None; accepted: 1 to 6"),
        ({"by": "token", "t": 7}, ValueError, "t is 7; accepted: 1 to 6"),
        ({"quantity": "f"}, KeyError, "RNN has no 'f'"),
    ],
)
def test_a_sorting_that_does_not_exist_is_refused(change: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        order(**({"trace": trace_of("rnn"), "quantity": "h", "by": "change"} | change))


@given(data=st.data(), steps=st.integers(2, 12))
@settings(max_examples=60)
def test_the_auc_is_the_share_of_pairs_in_the_right_order(data: st.DataObject, steps: int) -> None:
    levels = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 1.0])  # few, so that ties are common
    values = np.array(data.draw(st.lists(st.lists(levels, min_size=4, max_size=4), min_size=steps, max_size=steps)))
    marked = data.draw(st.lists(st.booleans(), min_size=steps, max_size=steps).filter(lambda m: len(set(m)) == 2))
    found = separating_units(with_values(trace_of("gru", steps), h=values[None]), "h", marked)
    assert sorted(separation.unit for separation in found) == list(range(HIDDEN))
    assert [s.auc for s in found] == sorted((s.auc for s in found), reverse=True)
    for separation in found:
        pairs = [
            (high > low) + (high == low) / 2
            for high in values[marked, separation.unit]
            for low in values[np.logical_not(marked), separation.unit]
        ]
        auc = sum(pairs) / len(pairs)
        assert separation.auc == pytest.approx(max(auc, 1 - auc))
        assert separation.sign == (1 if auc >= 0.5 else -1)


def test_a_planted_unit_is_found_whichever_way_it_points() -> None:
    marked = np.array([False, True, True, False, False, True, False, False])
    values = np.array(trace_of("lstm", 8)["c"][0])
    values[:, 2] = np.where(marked, -0.4, 0.3)
    best = separating_units(with_values(trace_of("lstm", 8), c=values[None]), "c", marked)[0]
    assert (best.unit, best.auc, best.sign) == (2, 1.0, -1)


@pytest.mark.parametrize(
    ("marked", "message"),
    [
        ([False] * 6, "nothing is marked; accepted: at least one step that is and one that is not"),
        ([True] * 6, "everything is marked; accepted"),
        ([True] * 5, r"marked has shape \(5,\); accepted: \(6,\)"),
    ],
)
def test_marks_that_separate_nothing_are_refused(marked: list[bool], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        separating_units(trace_of("gru"), "h", marked)


def test_what_is_stuck_saturated_or_still_is_named_with_its_units() -> None:
    usual = np.tile([[0.4], [0.6]], (3, HIDDEN))
    f, i, g, c, h = (usual.copy() for _ in range(5))
    f[:, 1], f[:, 3], i[:, 0] = 0.97, 0.02, 0.01
    i[:, 2] = [0.01, 0.01, 0.01, 0.01, 0.01, 0.06]  # shut but for one step
    g[:3, 2], g[:2, 0] = -0.99, 0.99  # half of the steps, and fewer
    c[:, 3], h[:, 3] = 2.0, [0.5, 0.5001, 0.5, 0.5, 0.509, 0.5]
    names = {"f": f, "i": i, "g": g, "c": c, "h": h, "o": usual, "tanh_c": usual}
    trace = with_values(trace_of("lstm"), **{name: values[None] for name, values in names.items()})
    assert set(extremes(trace)) == {
        Extreme("shut", "i", (0,)),
        Extreme("open", "f", (1,)),
        Extreme("shut", "f", (3,)),
        Extreme("saturated", "g", (2,)),
        Extreme("still", "c", (3,)),
        Extreme("still", "h", (3,)),
    }


@pytest.mark.parametrize(("cell", "gate"), [("gru", "z"), ("mgu", "f"), ("peephole", "o")])
def test_a_forced_gate_is_found_stuck(cell: str, gate: str) -> None:
    trace = trace_of(cell, forced=[Forced(gate, 1.0, units=(2,)), Forced(gate, 0.0, units=(3,))])
    found = {(e.kind, e.quantity): e.units for e in extremes(trace)}
    assert 2 in found["open", gate]
    assert 3 in found["shut", gate]
    assert not {quantity for _, quantity in found} & {"u"}


def test_an_rnn_driven_hard_is_saturated_and_a_single_step_is_not_called_still() -> None:
    module = build("rnn", 3, HIDDEN)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(9.0)
    assert {(e.kind, e.units) for e in extremes(record(module, torch.ones(4, 3)))} == {
        ("saturated", (0, 1, 2, 3)),
        ("still", (0, 1, 2, 3)),
    }
    assert [e.kind for e in extremes(record(module, torch.ones(1, 3)))] == ["saturated"]


NAN_CASES = {
    "all": (slice(None), slice(None)),
    "one step": (slice(2, 3), slice(None)),
    "last steps": (slice(4, None), slice(None)),
}


@pytest.mark.parametrize("case", NAN_CASES)
@given(seed=st.integers(0, 99), units=st.sets(st.integers(0, HIDDEN - 1), min_size=1, max_size=HIDDEN - 1))
@settings(max_examples=10)
def test_nan_is_never_better_larger_or_equal(case: str, seed: int, units: set[int]) -> None:
    trace, spoilt = trace_of("lstm", seed=seed), sorted(units)
    steps, whole = NAN_CASES[case][0], len(units)
    changed = {}
    for name in ("h", "f", "c"):
        changed[name] = trace[name].copy()
        changed[name][0, steps, spoilt] = np.nan
    broken = with_values(trace, **changed)
    marked = [False, True, True, False, False, True]
    found, clean = separating_units(broken, "h", marked), separating_units(trace, "h", marked)
    by_unit = {one.unit: one for one in found}
    for one in clean:
        if one.unit in units:
            # Of nine pairs, one step that is NaN leaves six.
            assert by_unit[one.unit].auc <= (0 if case == "all" else 6 / 9 + 1e-12)
        else:
            assert by_unit[one.unit] == one
    assert [one.auc for one in found] == sorted((one.auc for one in found), reverse=True)
    lives = measured_half_life(broken).steps
    assert np.isnan(lives[spoilt]).all()
    assert np.isnan(lives).sum() == whole
    assert set(order(broken, "h", "half_life")[-whole:]) == units
    if case == "all":
        for by in ("change", "token"):
            assert set(order(broken, "h", by, t=3)[-whole:]) == units
    else:  # a step that is NaN is no step at which most changes
        kept = np.abs(np.diff(trace["h"][0], axis=0, prepend=trace.initial["h"]))
        bad = np.abs(np.diff(broken["h"][0], axis=0, prepend=broken.initial["h"]))
        expected = np.argsort(np.where(np.isnan(bad), -1, kept).argmax(0), kind="stable")
        np.testing.assert_array_equal(order(broken, "h", "change"), expected)
    assert not {unit for extreme in extremes(broken) for unit in extreme.units if extreme.quantity == "h"} & units


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("reverse", [False, True])
@given(steps=st.integers(1, 12), seed=st.integers(0, 99), units=st.sets(st.integers(0, HIDDEN - 1), min_size=1))
@settings(max_examples=8)
def test_the_age_in_closed_form_is_the_mean_over_all_shares_and_units_can_be_asked_for_alone(
    cell: str, reverse: bool, steps: int, seed: int, units: set[int]
) -> None:
    layer = declared(cell, seed)
    rows = [{p.name: normal(*p.shape(3, HIDDEN), seed=seed + n) for n, p in enumerate(layer.cell.parameters)}] * 2
    trace = record(layer.cell, normal(steps, 3, seed=seed), weights=rows, bidirectional=True, h0=initial(cell, 2))
    shares = memory_shares(trace, int(reverse))
    t = np.arange(1, steps + 1)[:, None]
    ago = np.abs(t - np.arange(steps + 1))
    if reverse:
        ago[:, :1] = steps + 1 - t
    expected = (np.abs(shares) * ago[:, :, None]).sum(1) / np.abs(shares).sum(1)
    np.testing.assert_allclose(memory_age(trace, int(reverse)), expected, rtol=1e-9, atol=1e-12)
    alone = memory_shares(trace, int(reverse), units=sorted(units))
    np.testing.assert_array_equal(alone, shares[:, :, sorted(units)])


def test_what_has_no_room_is_refused_before_it_is_tried_and_its_age_takes_little() -> None:
    """2000 steps of 512 units would be 8 GB of shares; here a third of the steps and of the units."""
    trace = record(network("gru", hidden=170, dtype=torch.float32), normal(1300, 3, dtype=torch.float32))
    size = 1300 * 170 * 4
    tracemalloc.start()
    try:
        with pytest.raises(
            ValueError, match=r"1300 \* 1301 \* 170 shares.*at most 1073741824 bytes, here 158 units at"
        ):
            memory_shares(trace)
        assert tracemalloc.get_traced_memory()[1] < 2**20
        assert memory_age(trace).shape == (1300, 170)
        assert tracemalloc.get_traced_memory()[1] < 4 * size
        tracemalloc.reset_peak()
        shares = memory_shares(trace, units=range(3))
        assert tracemalloc.get_traced_memory()[1] < 1.5 * shares.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("units", [(), (HIDDEN,), (-1, 0)])
def test_units_that_are_not_there_are_refused(units: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"units are .*; accepted: at least one of 0 to 3"):
        memory_shares(trace_of("gru"), units=units)
