"""Taking hold of a gate: what is forced is so, what comes before is untouched, and what comes after follows from it."""

from __future__ import annotations

import io
import math
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz import CELLS, Forced, Trace, record
from rnnviz.core.cell import Role
from rnnviz.core.network import build
from tests.core.modules import GATED, HIDDEN, declared, normal

EVERY_QUANTITY = [(name, quantity) for name, cell in CELLS.items() for quantity in cell.quantities]


def assert_same(one: Trace, other: Trace, steps: slice = slice(None)) -> None:
    """Bit for bit."""
    for name in one.operations:
        np.testing.assert_array_equal(one[name][:, steps], other[name][:, steps])


def test_a_case_by_hand() -> None:
    """One unit, two steps: c = f c + i g with f forced to 1/4 and i to 1/2 at the second step only."""
    lstm = nn.LSTM(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter.zero_()
        lstm.weight_ih_l0[2] = 1.0  # g = tanh(x), the gates are at sigmoid(0) = 1/2
    x = torch.tensor([[math.atanh(0.8)], [math.atanh(-0.4)]], dtype=torch.float64)
    trace = record(lstm, x, forced=[Forced("f", 0.25, steps=(2, 2)), Forced("i", 1.0, steps=(2, 2))])
    np.testing.assert_allclose(trace["f"].ravel(), [0.5, 0.25])
    np.testing.assert_allclose(trace["i"].ravel(), [0.5, 1.0])
    np.testing.assert_allclose(trace["c"].ravel(), [0.4, 0.25 * 0.4 - 0.4])
    np.testing.assert_allclose(trace["h"].ravel(), [0.5 * math.tanh(0.4), 0.5 * math.tanh(-0.3)])


@pytest.mark.parametrize("name", ["lstm", "peephole"])
@settings(max_examples=20)
@given(seed=st.integers(0, 999))
def test_with_f_open_and_i_shut_the_memory_stays_exactly(name: str, seed: int) -> None:
    c0 = normal(1, HIDDEN, seed=seed)
    forced = [Forced("f", 1.0), Forced("i", 0.0)]
    trace = record(declared(name, seed), normal(9, 3, seed=seed), h0=(normal(1, HIDDEN), c0), forced=forced)
    np.testing.assert_array_equal(trace["c"][0], np.tile(c0.numpy(), (9, 1)))
    assert trace["h"].std(axis=1).all()  # what is shown of it moves on


@pytest.mark.parametrize(("name", "gate", "value"), [("gru", "z", 1.0), ("mgu", "f", 0.0)])
@given(seed=st.integers(0, 999))
def test_with_the_keeping_gate_open_the_state_stays_exactly(name: str, gate: str, value: float, seed: int) -> None:
    h0 = normal(1, HIDDEN, seed=seed)
    trace = record(declared(name, seed), normal(9, 3, seed=seed), h0=h0, forced=[Forced(gate, value)])
    np.testing.assert_array_equal(trace["h"][0], np.tile(h0.numpy(), (9, 1)))


@pytest.mark.parametrize(("name", "quantity"), EVERY_QUANTITY)
def test_forcing_what_is_already_so_changes_nothing(name: str, quantity: str) -> None:
    module, x = declared(name), normal(6, 3)
    free = record(module, x)
    held = [
        Forced(quantity, float(value), units=(unit,), steps=(t + 1, t + 1))
        for (t, unit), value in np.ndenumerate(free[quantity][0])
    ]
    assert_same(record(module, x, forced=held), free)
    assert_same(record(module, x, forced=()), free)


@pytest.mark.parametrize(("name", "quantity"), EVERY_QUANTITY)
@settings(max_examples=6)
@given(data=st.data())
def test_what_is_forced_is_so_and_the_rest_is_what_pytorch_would_go_on_with(
    name: str, quantity: str, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, 7))
    last = data.draw(st.integers(first, 7))
    units = data.draw(st.none() | st.sets(st.integers(0, HIDDEN - 1), min_size=1).map(lambda s: tuple(sorted(s))))
    value = data.draw(st.floats(0, 1))
    module, x = declared(name), normal(7, 3)
    free = record(module, x)
    trace = record(module, x, forced=[Forced(quantity, value, units=units, steps=(first, last))])
    chosen = list(range(HIDDEN)) if units is None else list(units)
    others = [unit for unit in range(HIDDEN) if unit not in chosen]
    assert (trace[quantity][0][first - 1 : last, chosen] == value).all()
    assert_same(trace, free, slice(0, first - 1))
    # The other units of that result are still what its operation gives, in the first forced step as it was.
    np.testing.assert_array_equal(trace[quantity][0, first - 1, others], free[quantity][0, first - 1, others])
    # From the state after the last forced step on, an untouched run goes the same way.
    if last < 7:
        state = tuple(torch.tensor(trace[s][:, last - 1]) for s in trace.cell.states)
        rest = record(module, x[last:], h0=state if len(state) > 1 else state[0])
        for op in trace.operations:
            np.testing.assert_array_equal(trace[op][:, last:], rest[op])


@pytest.mark.parametrize("name", GATED)
def test_everything_after_reads_the_forced_value(name: str) -> None:
    gate = next(q for q in CELLS[name].quantities if CELLS[name].op(q).role is Role.GATE)
    trace = record(declared(name), normal(4, 3), forced=[Forced(gate, 0.25)])
    for op in (op for op in trace.cell.ops if gate in op.reads):
        reads = [trace.operand(read, 0) for read in op.reads]
        product = reads[0] * reads[1] if op.kind == "hadamard" else 1 - reads[0]
        np.testing.assert_array_equal(trace[op.name][0], product)


def test_a_later_entry_goes_over_an_earlier_one() -> None:
    forced = [Forced("z", 1.0), Forced("z", 0.0, units=(1,)), Forced("z", 0.5, units=(1,), steps=(3, 3))]
    z = record(declared("gru"), normal(4, 3), forced=forced)["z"][0]
    assert z[:, 0].tolist() == [1, 1, 1, 1]
    assert z[:, 1].tolist() == [0, 0, 0.5, 0]


def test_one_row_can_be_forced_alone_and_steps_are_tokens_in_a_reverse_direction_too() -> None:
    module = nn.GRU(3, HIDDEN, num_layers=2, bidirectional=True, dtype=torch.float64)
    free = record(module, normal(5, 3))
    trace = record(module, normal(5, 3), forced=[Forced("z", 0.0, steps=(2, 3), row=3)])
    np.testing.assert_array_equal(trace["z"][:3], free["z"][:3])
    assert (trace["z"][3, 1:3] == 0).all()
    np.testing.assert_array_equal(trace["h"][3, 3:], free["h"][3, 3:])  # read before, from the right
    assert not np.array_equal(trace["h"][3, 0], free["h"][3, 0])
    everywhere = record(module, normal(5, 3), forced=[Forced("z", 0.0, steps=(2, 3))])["z"]
    assert (everywhere[:, 1:3] == 0).all()


def test_a_trace_says_what_was_forced_also_after_a_file_and_a_pickle() -> None:
    forced = (
        Forced("f", 1.0),
        Forced("g", -0.5, units=(0, 2), steps=(2, 3), row=0),
        Forced("h", np.array([0.5, 0.25], np.float32), units=(1, 3)),
    )
    trace = record(declared("lstm"), normal(4, 3), forced=forced)
    file = io.BytesIO()
    trace.save(file)
    file.seek(0)
    for other in (trace, Trace.load(file), pickle.loads(pickle.dumps(trace))):
        assert other.forced == forced
        assert hash(other.forced) == hash(forced)
    assert record(declared("lstm"), normal(4, 3)).forced == ()


@pytest.mark.parametrize("name", CELLS)
@settings(max_examples=10)
@given(data=st.data())
def test_what_one_run_had_after_a_step_makes_another_go_on_as_it_did(name: str, data: st.DataObject) -> None:
    """Activation patching: with every state of one step from another run, all later steps are that run's."""
    module, step = declared(name), data.draw(st.integers(1, 6))
    x = normal(7, 3, seed=1)
    clean, corrupted = record(module, x), torch.cat([normal(step, 3, seed=2), x[step:]])
    patches = [Forced(state, clean[state][0, step - 1], steps=(step, step)) for state in clean.cell.states]
    patched = record(module, corrupted, forced=patches)
    assert_same(patched, clean, slice(step, None))
    # Half of the units alone: they are the clean run's, the others what they were.
    half = Forced("h", clean["h"][0, step - 1, [2, 0]], units=(2, 0), steps=(step, step))
    h = record(module, corrupted, forced=[half])["h"][0, step - 1]
    np.testing.assert_array_equal(h[[0, 2]], clean["h"][0, step - 1, [0, 2]])
    np.testing.assert_array_equal(h[[1, 3]], record(module, corrupted)["h"][0, step - 1, [1, 3]])


@pytest.mark.parametrize(
    "value", [np.zeros((2, 4)), ["a", "b"], np.zeros(4, bool), torch.zeros(4, 1), np.zeros(3, complex)]
)
def test_a_value_that_is_no_number_and_no_vector_is_refused_at_once(value: Any) -> None:
    with pytest.raises(ValueError, match=r"value of h has shape .*; accepted: a number, or a vector with one for each"):
        Forced("h", value)


@pytest.mark.parametrize(
    ("force", "error", "message"),
    [
        (Forced("z", 1.0), ValueError, "LSTM has no 'z' to force; accepted: i, f, g, o, c, h"),
        (Forced("a_f", 1.0), ValueError, "LSTM has no 'a_f' to force"),
        (Forced("f", 1.5), ValueError, "f is forced to 1.5; accepted: 0 to 1, since it is a gate"),
        (Forced("f", -0.1), ValueError, "f is forced to -0.1; accepted: 0 to 1"),
        (Forced("f", math.nan), ValueError, "f is forced to nan; accepted: 0 to 1"),
        (Forced("c", math.inf), ValueError, "c is forced to inf; accepted: a finite number"),
        (Forced("f", 1.0, units=(HIDDEN,)), ValueError, r"units of f are \(4,\); accepted: at least one of 0 to 3"),
        (Forced("f", 1.0, units=(-1,)), ValueError, r"units of f are \(-1,\); accepted"),
        (Forced("f", 1.0, units=()), ValueError, r"units of f are \(\); accepted: at least one"),
        (Forced("f", 1.0, steps=(0, 2)), ValueError, r"steps of f are \(0, 2\); accepted: .* from 1 to 5"),
        (Forced("f", 1.0, steps=(2, 6)), ValueError, r"steps of f are \(2, 6\); accepted"),
        (Forced("f", 1.0, steps=(3, 2)), ValueError, r"steps of f are \(3, 2\); accepted"),
        (Forced("f", 1.0, row=1), ValueError, "row of f is 1; accepted: 0 to 0"),
        (Forced("h", [0.5, 0.5]), ValueError, "value of h has 2 numbers; accepted: one number, or 4, one a unit"),
        (Forced("f", [0.5, 1.5], units=(0, 1)), ValueError, "f is forced to 1.5; accepted: 0 to 1"),
        (Forced("f", 1.0, units=(1, 1)), ValueError, r"units of f are \(1, 1\); accepted: each of them once"),
        (Forced("f", 1.0, steps=(2,)), ValueError, r"steps of f are \(2,\); accepted"),
        (("f", 1.0), TypeError, r"forced holds a tuple; accepted: rnnviz.Forced\(name, value, \.\.\.\)"),
    ],
)
def test_what_cannot_be_forced_is_refused(force: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        record(build("lstm", 3, HIDDEN).double(), normal(5, 3), forced=[force])


@given(
    value=st.sampled_from([1, True, np.float32(0.5), torch.tensor(0.5, requires_grad=True), np.array(0.25)])
    | st.sampled_from([torch.float32, torch.float64, torch.bfloat16]).map(
        lambda dtype: torch.tensor([0.5, 0.25], dtype=dtype, requires_grad=True)
    ),
    integers=st.sampled_from([np.array, torch.tensor, list, tuple]),
)
@settings(max_examples=20)
def test_what_is_forced_is_in_pythons_numbers_and_leaves_with_the_file(value: Any, integers: Any) -> None:
    force = Forced("f", value, units=integers([1, 2]), steps=integers([2, 3]), row=np.int64(0))
    trace = record(declared("lstm"), normal(4, 3), forced=[force])
    file = io.BytesIO()
    trace.save(file)
    file.seek(0)
    assert Trace.load(file).forced == (force,)
    assert hash(force)
    plain = value.detach().tolist() if isinstance(value, torch.Tensor) else value
    np.testing.assert_array_equal(trace["f"][0, 1:3, 1:3], np.broadcast_to(plain, (2, 2)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"value": "1"}, "value of f is '1'; accepted: a number"),
        ({"value": None}, "value of f is None; accepted: a number"),
        ({"value": torch.zeros(4).to_sparse()}, "value of f is a tensor .*; accepted: a number"),
        ({"units": 2}, "units of f is a int; accepted: a list"),
        ({"units": np.array([True, False])}, "one of the units of f is True; accepted: a list"),
        ({"units": (1.0,)}, "one of the units of f is 1.0; accepted"),
        ({"steps": 2}, "steps of f is a int; accepted: the first and the last"),
        ({"steps": "12"}, "steps of f is a str; accepted"),
        ({"row": 0.0}, "row of f is 0.0; accepted: a whole number"),
    ],
)
def test_what_is_of_another_kind_is_refused_at_once(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Forced("f", **{"value": 1.0, **arguments})


def test_a_number_that_nothing_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="no float64 can hold; accepted"):
        Forced("h", 10**400)


@pytest.mark.parametrize("forced", [Forced("f", 1.0), None, 1])
def test_what_is_no_list_is_refused(forced: Any) -> None:
    with pytest.raises(TypeError, match=r"forced is a .*; accepted: a list"):
        record(declared("lstm"), normal(4, 3), forced=forced)


def test_a_generator_is_a_list() -> None:
    trace = record(declared("lstm"), normal(4, 3), forced=(Forced(name, 1.0) for name in "fi"))
    assert (trace["f"] == 1).all()
    assert len(trace.forced) == 2
