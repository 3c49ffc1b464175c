"""A batch in one pass is what PyTorch computes of it, and each of its traces is the one of that sequence alone."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence, pad_sequence

import rnnviz
from rnnviz import CELLS, Forced, Trace, Traces, record
from tests.core.modules import HIDDEN, INPUT, KINDS, declared, network, normal

LENGTHS = st.lists(st.integers(1, 8), min_size=1, max_size=5)
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "kind": st.sampled_from(list(KINDS)),
    "num_layers": st.integers(1, 3),
    "bidirectional": st.booleans(),
    "bias": st.booleans(),
    "batch_first": st.booleans(),
    "seed": st.integers(0, 999),
}


def sequences(lengths: list[int], seed: int = 0, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    return [normal(length, INPUT, seed=seed + place, dtype=dtype) for place, length in enumerate(lengths)]


def before(module: nn.Module, count: int, seed: int = 5) -> Any:
    """A random state of each sequence, as the module takes it."""
    rows = module.num_layers * (1 + module.bidirectional)
    states = tuple(normal(rows, count, HIDDEN, seed=seed + n) for n in range(2))
    lstm = isinstance(module, nn.LSTM) or (isinstance(module, rnnviz.Recurrent) and len(module.cell.states) > 1)
    return states if lstm else states[0]


def of_one(h0: Any, place: int) -> Any:
    return tuple(state[:, place] for state in h0) if isinstance(h0, tuple) else h0[:, place]


def assert_same(found: Trace, expected: Trace, atol: float = 1e-10) -> None:
    assert (found.cell, found.tokens, found.forced) == (expected.cell, expected.tokens, expected.forced)
    assert found.num_directions == expected.num_directions
    np.testing.assert_array_equal(found.x, expected.x)
    for name in expected.operations:
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=atol, err_msg=name)
    for name, state in expected.initial.items():
        np.testing.assert_array_equal(found.initial[name], state)
    for one, other in zip(found.weights, expected.weights, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


@settings(max_examples=60)
@given(lengths=LENGTHS, given_state=st.booleans(), **OPTIONS)
def test_each_sequence_is_recorded_as_if_alone_and_its_end_is_where_packing_puts_it(
    lengths: list[int], given_state: bool, kind: str, seed: int, **options: Any
) -> None:
    module, xs = network(kind, seed, **options), sequences(lengths, seed)
    batch_first = options["batch_first"]
    padded = pad_sequence(xs, batch_first=batch_first, padding_value=9.0)
    h0 = before(module, len(xs)) if given_state else None
    traces = record(module, padded, lengths=lengths, h0=h0)
    assert isinstance(traces, Traces)
    assert (len(traces), traces.lengths) == (len(xs), tuple(lengths))

    packed = pack_padded_sequence(padded, torch.tensor(lengths), batch_first=batch_first, enforce_sorted=False)
    with torch.no_grad():
        output, final = module(packed, h0)
    expected, _ = pad_packed_sequence(output, batch_first=True)
    finals = final if isinstance(final, tuple) else (final,)
    for place, (trace, x) in enumerate(zip(traces, xs, strict=True)):
        np.testing.assert_allclose(trace.output, expected[place, : len(x)], rtol=0, atol=1e-12)
        for name, state in zip(trace.cell.states, finals, strict=True):
            ends = [0 if row % trace.num_directions else -1 for row in range(len(trace[name]))]
            last = np.stack([trace[name][row, t] for row, t in enumerate(ends)])
            np.testing.assert_allclose(last, state[:, place], rtol=0, atol=1e-12)
        assert_same(trace, record(module, x, h0=None if h0 is None else of_one(h0, place)))


@settings(max_examples=25)
@given(lengths=LENGTHS, sort=st.booleans(), **OPTIONS)
def test_all_ways_to_give_a_batch_give_the_same(
    lengths: list[int], sort: bool, kind: str, seed: int, **options: Any
) -> None:
    lengths = sorted(lengths, reverse=True) if sort else lengths
    module, xs = network(kind, seed, **options), sequences(lengths, seed)
    first = options["batch_first"]
    h0 = before(module, len(xs))
    padded = pad_sequence(xs, batch_first=first)
    real = pad_sequence([torch.ones(length, dtype=torch.bool) for length in lengths], batch_first=first)
    packed = pack_padded_sequence(padded, torch.tensor(lengths), batch_first=first, enforce_sorted=sort)
    state = tuple(part.numpy() for part in h0) if isinstance(h0, tuple) else h0.numpy()
    expected = record(module, xs, h0=h0)
    ways: list[Traces] = [
        record(module, packed, h0=h0),
        record(module, [x.numpy() for x in xs], h0=state),
        record(module, padded.numpy(), lengths=np.array(lengths), h0=state),
        record(module, padded, mask=real, h0=h0),
        record(module, padded, mask=real.int().numpy(), h0=h0),
    ]
    for traces in ways:
        for found, one in zip(traces, expected, strict=True):
            assert_same(found, one, atol=1e-14)  # PyTorch adds in another order for other strides


@settings(max_examples=25)
@given(steps=st.integers(1, 8), count=st.integers(1, 4), data=st.data(), **OPTIONS)
def test_what_a_mask_leaves_out_is_passed_over(
    steps: int, count: int, data: st.DataObject, kind: str, seed: int, **options: Any
) -> None:
    """Wherever it is: at the left, at the right or between."""
    module = network(kind, seed, **options)
    x = normal(count, steps, INPUT, seed=seed)
    masks = st.lists(st.booleans(), min_size=steps, max_size=steps).filter(any)
    mask = torch.tensor([data.draw(masks) for _ in range(count)])
    words = [[f"{place}.{t}" for t in range(steps)] for place in range(count)]
    given_x, given_mask = (x, mask) if options["batch_first"] else (x.transpose(0, 1), mask.T)
    traces = record(module, given_x, mask=given_mask, tokens=words)
    for place, trace in enumerate(traces):
        real = mask[place].nonzero()[:, 0].tolist()
        assert_same(trace, record(module, x[place, real], tokens=[words[place][t] for t in real]))


@settings(max_examples=40)
@given(lengths=LENGTHS, data=st.data(), **OPTIONS)
def test_what_is_forced_is_forced_in_every_sequence(
    lengths: list[int], data: st.DataObject, kind: str, seed: int, **options: Any
) -> None:
    module, xs = network(kind, seed, **options), sequences(lengths, seed)
    name = data.draw(st.sampled_from(record(module, xs[0]).quantities))
    longest = max(lengths)
    first = data.draw(st.integers(1, longest))
    rows = module.num_layers * (1 + module.bidirectional)
    force = Forced(
        name,
        data.draw(st.floats(0, 1)),
        units=data.draw(st.sampled_from([None, (0,), (1, 3)])),
        steps=data.draw(st.sampled_from([None, (first, longest), (1, first)])),
        row=data.draw(st.sampled_from([None, *range(rows)])),
    )
    traces = record(module, xs, forced=[force])
    for trace, x in zip(traces, xs, strict=True):
        if force.steps is None:
            alone = (force,)
        else:
            a, b = force.steps
            alone = (Forced(name, force.value, force.units, (a, min(b, len(x))), force.row),) if a <= len(x) else ()
        assert_same(trace, record(module, x, forced=alone))


@settings(max_examples=25)
@given(name=st.sampled_from(list(CELLS)), layers=st.integers(1, 2), lengths=LENGTHS, seed=st.integers(0, 999))
def test_a_declared_cell_reads_a_batch_too(name: str, layers: int, lengths: list[int], seed: int) -> None:
    module, xs = declared(name, seed, layers), sequences(lengths, seed)
    h0 = before(module, len(xs))
    for place, (trace, x) in enumerate(zip(record(module, xs, h0=h0), xs, strict=True)):
        assert_same(trace, record(module, x, h0=of_one(h0, place)), atol=1e-9)
    with torch.no_grad():
        output, _ = module(pad_sequence(xs), h0)
    for place, trace in enumerate(record(module, pad_sequence(xs), lengths=lengths, h0=h0)):
        np.testing.assert_allclose(trace.output, output[: lengths[place], place], rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_half_is_computed_in_float32_from_its_own_weights_and_says_so(kind: str, dtype: torch.dtype) -> None:
    module = network(kind, num_layers=2, bidirectional=True, dtype=dtype)
    x = normal(5, INPUT, dtype=dtype)
    trace = record(module, x)
    whole = copy.deepcopy(module).float()
    assert_same(trace, record(whole, x.float()))
    assert_same(trace, record(module, x.float()))
    assert trace.x.dtype == np.float32
    kind_of_it = str(dtype).removeprefix("torch.")
    assert trace.notes == (f"the module is {kind_of_it}; computed in float32 from its weights",)
    assert copy.deepcopy(trace).notes == trace.notes
    assert record(module, [x, x])[1].notes == trace.notes
    with torch.no_grad():
        np.testing.assert_allclose(trace.output, module(x)[0].float(), atol=0.02)
    with pytest.raises(TypeError, match=r"x is torch.float64 and the module computes in torch.*accepted"):
        record(module, x.double())


def test_notes_are_saved(tmp_path: Any) -> None:
    trace = record(network("gru", dtype=torch.bfloat16), normal(5, INPUT, dtype=torch.bfloat16))
    trace.save(tmp_path / "trace.npz")
    assert Trace.load(tmp_path / "trace.npz").notes == trace.notes
    assert record(network("gru"), normal(5, INPUT)).notes == ()


def test_an_array_is_read_in_the_modules_own_precision() -> None:
    module, x = network("lstm", dtype=torch.float32), normal(5, INPUT)
    h0 = normal(1, HIDDEN), normal(1, HIDDEN, seed=1)
    found = record(module, x.numpy(), h0=tuple(state.numpy() for state in h0))
    assert_same(found, record(module, x.float(), h0=tuple(state.float() for state in h0)), atol=0)
    assert record(module, np.ones((2, INPUT), int)).x.tolist() == [[1.0] * INPUT] * 2


def test_a_declared_cells_weights_may_be_arrays() -> None:
    trace = record(declared("mgu"), normal(5, INPUT))
    found = record(CELLS["mgu"], normal(5, INPUT), weights=trace.weights[0])
    assert_same(found, trace, atol=0)


def test_traces_are_a_sequence_of_traces() -> None:
    traces = record(network("lstm"), sequences([3, 5, 2]))
    assert repr(traces) == "<Traces LSTM: 3 x T=2 to 5, layers=1, directions=1, hidden=4, float64; i f g o c h>"
    assert [len(trace) for trace in traces] == [3, 5, 2]
    assert [len(trace) for trace in traces[::-1]] == [2, 5, 3]
    assert (len(traces[-1]), len(traces[1:]), traces[1:].lengths) == (2, 2, (5, 2))
    assert repr(traces[:0]).startswith("<Traces LSTM: 0 x none")
    assert_same(traces[1:][0], traces[1], atol=0)
    assert_same(pickle.loads(pickle.dumps(traces))[2], traces[2], atol=0)
    with pytest.raises(IndexError, match="no sequence 3; accepted: 0 to 2"):
        traces[3]
    with pytest.raises(TypeError, match="accepted: a whole number"):
        traces["h"]


def test_the_traces_of_a_batch_share_their_weights_and_none_can_be_written_to() -> None:
    first, second = record(network("gru"), sequences([3, 4]))
    assert first.weights[0]["W_hr"] is second.weights[0]["W_hr"]
    for array in (first.x, *first.values.values(), *first.initial.values(), *first.weights[0].values()):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_a_batch_does_not_follow_the_module_afterwards() -> None:
    module, x, h0 = network("lstm"), normal(4, 2, INPUT), (normal(1, 2, HIDDEN), normal(1, 2, HIDDEN))
    traces = record(module, x, h0=h0)
    expected = copy.deepcopy(list(traces))
    with torch.no_grad():
        for tensor in (*module.parameters(), x, *h0):
            tensor.zero_()
    for found, one in zip(traces, expected, strict=True):
        assert_same(found, one, atol=0)


def test_settings_around_the_call_do_not_change_a_batch() -> None:
    module, x = network("lstm", bidirectional=True, dtype=torch.float32), normal(5, 2, INPUT, dtype=torch.float32)
    expected = record(module, x, lengths=[3, 5])[0]
    state = torch.get_rng_state()
    with torch.inference_mode():
        assert_same(record(module, x, lengths=[3, 5])[0], expected, atol=0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert_same(record(module, x, lengths=[3, 5])[0], expected, atol=0)
    with torch.device("meta"):
        assert_same(record(module, x, lengths=[3, 5])[0], expected, atol=0)
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(record(module.requires_grad_(), x, lengths=[3, 5]).batch.states[0]["h"].requires_grad for _ in "a")


X = torch.ones(4, 3, INPUT, dtype=torch.float64)


def PACKED() -> PackedSequence:  # noqa: N802  # named as the other inputs of these tests, which are constants
    return pack_padded_sequence(X, torch.tensor([4, 3, 1]))


@pytest.mark.parametrize(
    ("x", "options", "error", "told"),
    [
        (X, {"lengths": [4, 3]}, ValueError, "lengths has shape (2,); accepted: 3 whole numbers from 1 to 4"),
        (X, {"lengths": [4, 3, 0]}, ValueError, "lengths go from 0 to 4; accepted: 3 whole numbers from 1 to 4"),
        (X, {"lengths": [4, 3, 5]}, ValueError, "lengths go from 3 to 5; accepted"),
        (X, {"lengths": [4.0, 3.0, 1.0]}, TypeError, "lengths is a list of float64; accepted"),
        (X, {"lengths": torch.ones(3)}, TypeError, "lengths is a torch.Tensor of float32; accepted"),
        (X, {"mask": torch.ones(3, 4).bool()}, ValueError, "mask has shape (3, 4); accepted: true or 1"),
        (X, {"mask": 2 * torch.ones(4, 3).int()}, ValueError, "mask goes from 2 to 2; accepted: true or 1"),
        (X, {"mask": torch.ones(4, 3)}, TypeError, "mask is a torch.Tensor of float32; accepted: true or 1"),
        (X, {"mask": torch.tensor([[1, 0, 1]] * 4)}, ValueError, "mask leaves nothing of sequence 1; accepted"),
        (X, {"mask": torch.ones(4, 3).int(), "lengths": [4, 4, 4]}, ValueError, "say the same; accepted: one of them"),
        (X[:, 0], {"lengths": [4]}, ValueError, "are for a batch and x has shape (4, 3); accepted"),
        (PACKED(), {"lengths": [4, 3, 1]}, ValueError, "PackedSequence has its lengths in itself; accepted"),
        ([X[:, 0]], {"mask": torch.ones(4, 1).int()}, ValueError, "list of sequences has their lengths in itself"),
        (X, {"tokens": ["a"] * 4}, ValueError, "tokens has 4 entries and x has 3 sequences; accepted: one for each"),
        (X, {"tokens": "abc"}, TypeError, "tokens is a str; accepted: 3 sequences of strings"),
        (X, {"tokens": [["a"]] * 3}, ValueError, "tokens has 1 entries and x has 4 time steps"),
        (X, {"h0": torch.ones(1, 4).double()}, ValueError, "(1, 4); accepted: (1, 3, 4), that is (L * D, B, H)"),
        (X, {"h0": torch.ones(3, 1, 4).double()}, ValueError, "accepted: (1, 3, 4), that is (L * D, B, H)"),
        (X, {"forced": [Forced("z", 1.0, steps=(5, 5))]}, ValueError, "steps of z are (5, 5); accepted"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(
    x: Any, options: dict[str, Any], error: type[Exception], told: str
) -> None:
    with pytest.raises(error) as refusal:
        record(network("gru"), x, **options)
    assert told in str(refusal.value)
