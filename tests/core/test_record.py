"""A recording is PyTorch's own result, and it leaves no mark on what was recorded."""

from __future__ import annotations

import copy
import itertools
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import prune

import rnnviz
from rnnviz import Head, Trace, read_out, record
from tests.core.modules import KINDS

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}  # relative to the largest value
State = Tensor | tuple[Tensor, Tensor] | None


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network(kind: str, inputs: int = 3, hidden: int = 4, *, seed: int = 0, **options: Any) -> nn.RNNBase:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return KINDS[kind](inputs, hidden, **options)


def normal(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def initial(module: nn.RNNBase, seed: int = 1) -> State:
    """A random state, as the module takes it for unbatched input."""
    shape = (module.num_layers * (1 + module.bidirectional), module.hidden_size)
    dtype = next(module.parameters()).dtype
    states = tuple(normal(*shape, dtype=dtype, seed=seed + n) for n in range(2))
    return states if isinstance(module, nn.LSTM) else states[0]


def assert_equal(
    found: NDArray[Any], expected: Tensor | NDArray[Any], dtype: torch.dtype, largest: float | None = None
) -> None:
    """Equal to the tolerance times the largest value expected, or times `largest`."""
    expected = expected.detach().numpy() if isinstance(expected, Tensor) else expected
    largest = np.abs(expected).max() if largest is None else largest
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[dtype] * max(largest, 1e-30))


def assert_is_what_pytorch_computes(module: nn.RNNBase, x: Tensor, h0: State = None) -> Trace:
    """Output and final states of `record` against those of the fused kernel."""
    trace = record(module, x, h0=h0)
    with torch.no_grad():
        output, final = copy.deepcopy(module).eval()(x, h0)
    assert trace["h"].shape == (len(final[0] if isinstance(final, tuple) else final), len(x), module.hidden_size)
    assert trace["h"].dtype == output.numpy().dtype
    # A GRU with z near 1 and an LSTM whose c returns to 0 subtract nearly equal numbers, and so does the fused kernel:
    # both round relative to what went in, so the scale is the largest state or candidate, not only the last state.
    largest = max(np.abs(trace[name]).max() for name in ("n", "g", "c", "h") if name in trace.operations)
    assert_equal(trace.output, output, x.dtype, largest)
    for name, state in zip(("h", "c"), final if isinstance(final, tuple) else (final,), strict=False):
        last = [0 if row % trace.num_directions else -1 for row in range(len(trace[name]))]
        assert_equal(np.stack([trace[name][row, t] for row, t in enumerate(last)]), state, x.dtype, largest)
    return trace


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_recording_equals_the_fused_kernel_for_every_option(kind: str, num_layers: int, dtype: torch.dtype) -> None:
    switches = itertools.product([False, True], repeat=4)
    for (bidirectional, bias, batch_first, given_state), steps in itertools.product(switches, (1, 2, 6)):
        module = network(
            kind, num_layers=num_layers, bidirectional=bidirectional, bias=bias, batch_first=batch_first, dtype=dtype
        )
        x, h0 = normal(steps, 3, dtype=dtype), initial(module) if given_state else None
        trace = assert_is_what_pytorch_computes(module, x, h0)
        assert_equal(trace.output, module(x, h0)[0], dtype)


@given(
    kind=st.sampled_from(list(KINDS)),
    inputs=st.integers(1, 6),
    hidden=st.integers(1, 9),
    steps=st.integers(1, 40),
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    bias=st.booleans(),
    given_state=st.booleans(),
    training=st.booleans(),
    dtype=st.sampled_from(list(TOLERANCE)),
    scale=st.floats(0, 10),
    seed=st.integers(0, 9999),
)
def test_recording_equals_the_fused_kernel_for_any_size_and_mode(
    kind: str,
    inputs: int,
    hidden: int,
    steps: int,
    num_layers: int,
    bidirectional: bool,
    bias: bool,
    given_state: bool,
    training: bool,
    dtype: torch.dtype,
    scale: float,
    seed: int,
) -> None:
    module = network(
        kind,
        inputs,
        hidden,
        seed=seed,
        num_layers=num_layers,
        bidirectional=bidirectional,
        bias=bias,
        dropout=0.5 if num_layers > 1 else 0.0,
        dtype=dtype,
    ).train(training)
    x = scale * normal(steps, inputs, dtype=dtype, seed=seed)
    assert_is_what_pytorch_computes(module, x, initial(module) if given_state else None)
    assert module.training == training


def by_hand(module: nn.RNNBase, x: NDArray[Any], states: list[NDArray[Any]]) -> list[dict[str, NDArray[Any]]]:
    """The formulas in the docstrings of torch.nn.RNN, LSTM and GRU, in NumPy: per row of h, each quantity over time."""
    weights = {name: value.detach().numpy() for name, value in module.named_parameters()}
    directions, size = 1 + module.bidirectional, module.hidden_size

    def sigmoid(a: NDArray[Any]) -> NDArray[Any]:
        return 1 / (1 + np.exp(-a))

    rows: list[dict[str, NDArray[Any]]] = []
    for row in range(module.num_layers * directions):
        layer, reverse = divmod(row, directions)
        name = f"_l{layer}" + ("_reverse" if reverse else "")
        read = x if layer == 0 else np.hstack([below["h"] for below in rows[(layer - 1) * directions :][:directions]])
        h, c = states[0][row], states[-1][row]
        steps: dict[int, dict[str, NDArray[Any]]] = {}
        for t in range(len(x))[::-1] if reverse else range(len(x)):
            parts_x = weights["weight_ih" + name] @ read[t] + weights.get("bias_ih" + name, 0)
            parts_h = weights["weight_hh" + name] @ h + weights.get("bias_hh" + name, 0)
            xs, hs = (np.split(parts, len(parts) // size) for parts in (parts_x, parts_h))
            before = {"h_prev": h}
            if isinstance(module, nn.LSTM):
                i, f, o = (sigmoid(xs[block] + hs[block]) for block in (0, 1, 3))
                g = np.tanh(xs[2] + hs[2])
                before |= {"c_prev": c}
                c = f * c + i * g
                h = o * np.tanh(c)
                steps[t] = {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h} | before
            elif isinstance(module, nn.GRU):
                r, z = (sigmoid(xs[block] + hs[block]) for block in (0, 1))
                n = np.tanh(xs[2] + r * hs[2])
                h = (1 - z) * n + z * h
                steps[t] = {"r": r, "z": z, "n": n, "h": h} | before
            else:
                a = xs[0] + hs[0]
                h = np.tanh(a) if module.nonlinearity == "tanh" else np.maximum(a, 0)
                steps[t] = {"a": a, "h": h} | before
        rows.append({key: np.stack([steps[t][key] for t in range(len(x))]) for key in steps[0]})
    return rows


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_every_inner_quantity_is_what_the_documented_formula_gives(kind: str, bidirectional: bool, bias: bool) -> None:
    module = network(kind, num_layers=3, bidirectional=bidirectional, bias=bias, dtype=torch.float64)
    x, h0 = normal(7, 3, dtype=torch.float64), initial(module)
    trace = record(module, x, h0=h0)
    states = [state.numpy() for state in (h0 if isinstance(h0, tuple) else (h0,)) if state is not None]
    for row, expected in enumerate(by_hand(module, x.numpy(), states)):
        assert set(trace.quantities) == {name for name in expected if not name.endswith("_prev")}
        for name, values in expected.items():
            found = trace.previous(name[0]) if name.endswith("_prev") else trace[name]
            assert_equal(found[row], values, torch.float64)


@given(steps=st.integers(1, 12), seed=st.integers(0, 9999))
def test_an_lstms_memory_is_the_state_that_the_fused_kernel_hands_on(steps: int, seed: int) -> None:
    module = network("lstm", seed=seed)
    x, state = normal(steps, 3, seed=seed), initial(module)
    trace = record(module, x, h0=state)
    for t in range(steps):
        with torch.no_grad():
            _, state = module(x[t : t + 1], state)
        assert_equal(trace["c"][:, t], state[1], torch.float32)
        assert_equal(trace["h"][:, t], state[0], torch.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reverse_direction_is_a_forward_network_on_the_reversed_sequence(kind: str) -> None:
    both, alone = network(kind, bidirectional=True), network(kind)
    names = [name for name, _ in alone.named_parameters()]
    alone.load_state_dict({name: both.state_dict()[f"{name}_reverse"] for name in names})
    x = normal(6, 3)
    trace, mirrored = record(both, x), record(alone, x.flip(0))
    for name in trace.operations:
        assert_equal(trace[name][1], mirrored[name][0, ::-1], torch.float32)


@pytest.mark.parametrize("kind", KINDS)
@given(changed=st.integers(0, 7))
def test_a_token_is_felt_only_after_it_was_read(kind: str, changed: int) -> None:
    module = network(kind, bidirectional=True)
    x = normal(8, 3)
    other = x.clone()
    other[changed] += 1
    before, after = record(module, x), record(module, other)
    for name in before.operations:
        np.testing.assert_array_equal(before[name][0, :changed], after[name][0, :changed])
        np.testing.assert_array_equal(before[name][1, changed + 1 :], after[name][1, changed + 1 :])
    assert not np.array_equal(before["h"][:, changed], after["h"][:, changed])


@pytest.mark.parametrize("kind", KINDS)
def test_nan_and_infinity_are_recorded_as_pytorch_computes_them(kind: str) -> None:
    module = network(kind)
    for value in (float("nan"), float("inf")):
        x = normal(4, 3)
        x[2, 1] = value
        with torch.no_grad():
            expected = module(x)[0].numpy()
        np.testing.assert_allclose(record(module, x).output, expected, atol=1e-6)


def layouts() -> dict[str, Tensor]:
    x = normal(5, 3)
    with torch.inference_mode():
        inference = x.clone()
    return {
        "transposed": x.t().contiguous().t(),
        "every other row of a larger one": x.repeat_interleave(2, 0)[::2],
        "expanded": x[:1].expand(5, 3),
        "requiring grad": x.clone().requires_grad_(),
        "with a history": 2 * x.clone().requires_grad_(),
        "a parameter": nn.Parameter(x.clone()),
        "made in inference mode": inference,
        "negated lazily": torch.complex(x, x).conj().imag,
    }


@pytest.mark.parametrize("name", layouts())
def test_any_dense_tensor_is_read(name: str) -> None:
    x = layouts()[name]
    assert_is_what_pytorch_computes(network("gru"), x)


def test_settings_around_the_call_do_not_change_the_numbers() -> None:
    module, x = network("lstm"), normal(5, 3)
    expected = record(module, x)["c"]
    with torch.inference_mode():
        np.testing.assert_array_equal(record(module, x)["c"], expected)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        np.testing.assert_array_equal(record(module, x)["c"], expected)
    with torch.device("meta"):  # stands for any other device: nothing is made where the default says
        np.testing.assert_array_equal(record(module, x)["c"], expected)
        read_out(record(module, x), Head(normal_on_cpu(7, 4), normal_on_cpu(7)))
    torch.set_default_dtype(torch.float64)
    try:
        np.testing.assert_array_equal(record(module, x)["c"], expected)
    finally:
        torch.set_default_dtype(torch.float32)


def normal_on_cpu(*shape: int) -> Tensor:
    return torch.ones(shape, device="cpu")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
def test_recording_changes_nothing(kind: str, training: bool) -> None:
    module = network(kind, num_layers=2, bidirectional=True, dropout=0.5).train(training)
    next(module.parameters()).requires_grad_(False)
    x = normal(4, 3).requires_grad_()
    module(x)[0].sum().backward()
    h0 = initial(module)

    def all_of_it() -> list[object]:
        held = [x, *module.parameters(), *(h0 if isinstance(h0, tuple) else (h0,))]
        tensors = [t for t in held if isinstance(t, Tensor)]
        return [
            [t.detach().numpy().tobytes() for t in tensors],
            [None if t.grad is None else t.grad.numpy().tobytes() for t in tensors],
            [(t.requires_grad, t.data_ptr(), t._version) for t in tensors],
            [part.training for part in module.modules()],
            [torch.get_rng_state().numpy().tobytes(), random.getstate()],
            [repr(np.random.get_state(legacy=False))],  # noqa: NPY002
            [torch.is_grad_enabled(), torch.get_num_threads(), torch.get_default_dtype()],
        ]

    before = all_of_it()
    trace = record(module, x, h0=h0)
    read_out(trace, Head(normal(5, 8), normal(5)))
    assert all_of_it() == before


def test_a_recording_does_not_follow_the_module_afterwards() -> None:
    module, x = network("rnn"), normal(4, 3)
    h0 = normal(1, 4)
    trace = record(module, x, h0=h0)
    before = copy.deepcopy(trace)
    with torch.no_grad():
        for tensor in (*module.parameters(), x, h0):
            tensor.zero_()
    np.testing.assert_array_equal(trace.x, before.x)
    pairs = (trace.values, before.values), (trace.initial, before.initial), (trace.weights[0], before.weights[0])
    for now, then in pairs:
        for name in then:
            assert then[name].any()
            np.testing.assert_array_equal(now[name], then[name])


def test_parametrised_weights_are_the_ones_that_compute() -> None:
    module = nn.utils.parametrizations.weight_norm(network("lstm"), "weight_hh_l0")
    module.parametrizations.weight_hh_l0.original0.data *= 2
    assert_is_what_pytorch_computes(module, normal(5, 3))


def test_reading_a_spectral_norm_does_not_move_it() -> None:
    """In training PyTorch refines the norm's estimate whenever the weight is read."""
    module = nn.utils.parametrizations.spectral_norm(network("gru"), "weight_hh_l0").train()
    before = copy.deepcopy(module.state_dict())
    assert isinstance(module, nn.GRU)
    assert_is_what_pytorch_computes(module, normal(5, 3))
    torch.testing.assert_close(module.state_dict(), before, rtol=0, atol=0)


class Renamed(nn.LSTM):
    """A subclass that computes what its parent computes."""


class Doubled(nn.LSTM):
    def forward(self, x: Tensor, hx: Any = None) -> Any:
        output, state = super().forward(x, hx)
        return 2 * output, state


class Halved(rnnviz.Recurrent):
    def forward(self, x: Tensor, h0: Any = None) -> Any:
        output, state = super().forward(x, h0)
        return output / 2, state


def hooked(module: nn.Module) -> nn.Module:
    module.register_forward_pre_hook(lambda _, args: (2 * args[0],))
    return module


def test_a_subclass_with_pytorchs_forward_is_recorded() -> None:
    assert_is_what_pytorch_computes(Renamed(3, 4), normal(5, 3))


def test_an_lstm_takes_its_pair_as_a_list_too() -> None:
    module, x = network("lstm"), normal(5, 3)
    pair = initial(module)
    assert isinstance(pair, tuple)
    np.testing.assert_array_equal(record(module, x, h0=list(pair)).output, record(module, x, h0=pair).output)


def patched() -> nn.Module:
    module = network("gru")
    module.forward = lambda x: x
    return module


def pruned() -> nn.Module:
    return prune.l1_unstructured(network("gru"), "weight_hh_l0", 0.5)


def mixed() -> nn.Module:
    module = network("rnn")
    module.weight_hh_l0 = nn.Parameter(torch.zeros(4, 4, dtype=torch.float64))
    return module


def holder() -> nn.Module:
    return nn.ModuleDict({"embed": nn.Embedding(5, 3), "reader": network("gru")})


@pytest.mark.parametrize(
    ("make", "error", "given_part", "accepted"),
    [
        (lambda: None, TypeError, "NoneType", "torch.nn.RNN, nn.LSTM, nn.GRU or a rnnviz.Recurrent"),
        (lambda: nn.LSTM, TypeError, "type", "nn.LSTM, nn.GRU or a rnnviz.Recurrent"),
        (lambda: nn.Linear(3, 4), TypeError, "Linear", "nn.LSTM, nn.GRU or a rnnviz.Recurrent"),
        (lambda: nn.RNNCellBase(3, 4, True, 1), TypeError, "RNNCellBase", "nn.LSTM, nn.GRU or a rnnviz.Recurrent"),
        (lambda: hooked(nn.GRUCell(3, 4)), ValueError, "pre-hooks", "prune.remove"),
        (lambda: nn.RNNBase("LSTM", 3, 4), TypeError, "RNNBase", "nn.LSTM, nn.GRU or a rnnviz.Recurrent"),
        (lambda: torch.jit.ScriptModule(), TypeError, "ScriptModule", "nn.LSTM, nn.GRU or a rnnviz.Recurrent"),
        (lambda: torch.ao.nn.quantizable.LSTM(3, 4), TypeError, "quantizable", "torch.nn.RNN"),
        pytest.param(
            lambda: torch.compile(network("lstm")),
            TypeError,
            "OptimizedModule",
            "part '_orig_mod'",
            marks=pytest.mark.slow,
        ),
        (holder, TypeError, "ModuleDict", "part 'reader'"),
        (lambda: Doubled(3, 4), TypeError, "Doubled with a forward of its own", "rnnviz.Recurrent as it is"),
        (
            lambda: Halved(rnnviz.CELLS["mgu"], 3, 4),
            TypeError,
            "Halved with a forward of its own",
            "Recurrent as it is",
        ),
        (patched, TypeError, "GRU with a forward of its own", "rnnviz.Recurrent as it is"),
        (pruned, ValueError, "pre-hooks", "prune.remove"),
        (lambda: hooked(rnnviz.Recurrent(rnnviz.CELLS["mgu"], 3, 4)), ValueError, "pre-hooks", "prune.remove"),
        (lambda: nn.ModuleList([rnnviz.Recurrent(rnnviz.CELLS["mgu"], 3, 4)]), TypeError, "ModuleList", "part '0'"),
        (mixed, TypeError, "torch.float32 and torch.float64", "accepted: torch.float32 or torch.float64"),
        (lambda: nn.LSTM(3, 4, device="meta"), ValueError, "meta device", "any other device"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_module_that_cannot_be_recorded_is_refused(
    make: Callable[[], Any], error: type[Exception], given_part: str, accepted: str
) -> None:
    with pytest.raises(error) as refusal:
        record(make(), normal(5, 3))
    assert given_part in str(refusal.value)
    assert accepted in str(refusal.value)
    assert "accepted" in str(refusal.value)


ONE = "one sequence, a dense tensor or array of shape (T, 3) with T at least 1; or a batch, (T, B, 3), a PackedSequence"


@pytest.mark.parametrize(
    ("x", "error", "given_part", "accepted"),
    [
        (np.array([["a", "b", "c"]]), TypeError, "an array of <U1", ONE),
        (np.ones((5, 4)), ValueError, "(5, 4): 4 numbers a step", ONE),
        ([torch.ones(5, 3), torch.ones(5)], ValueError, "a sequence of x has shape (5,)", ONE),
        ([torch.ones(5, 3), [1.0]], TypeError, "a list", ONE),
        ([[1.0, 2.0, 3.0]], TypeError, "a list", ONE),
        ("a boy", TypeError, "a str", ONE),
        (nn.utils.rnn.pack_sequence([torch.ones(5, 4)]), ValueError, "4 numbers a step", ONE),
        (nn.utils.rnn.pack_sequence([torch.ones(5, 2, 3)]), ValueError, "x packs tensors of shape (2, 3)", ONE),
        (torch.ones(5, 3).to_sparse(), TypeError, "sparse", ONE),
        (torch.ones(5, 2, 1, 3), ValueError, "(5, 2, 1, 3), which is no sequence and no batch", ONE),
        (torch.ones(5, 2, 4), ValueError, "(5, 2, 4): 4 numbers a step", ONE),
        (torch.ones(5, 0, 3), ValueError, "(5, 0, 3): no time step or no sequence", ONE),
        (torch.ones(3), ValueError, "(3,)", ONE),
        (torch.tensor(1.0), ValueError, "()", ONE),
        (torch.ones(5, 4), ValueError, "(5, 4): 4 numbers a step", ONE),
        (torch.ones(0, 3), ValueError, "(0, 3): no time step", ONE),
        (torch.ones(5, 3, device="meta"), ValueError, "x is on the meta device", "any other device"),
        (torch.ones(5, 3, dtype=torch.float64), TypeError, "x is torch.float64", "x.to(torch.float32)"),
        (torch.ones(5, 3, dtype=torch.int64), TypeError, "x is torch.int64", "x.to(torch.float32)"),
        (torch.ones(5, 3, dtype=torch.float16), TypeError, "x is torch.float16", "x.to(torch.float32)"),
        (torch.ones(5, 3, dtype=torch.complex64), TypeError, "x is torch.complex64", "x.to(torch.float32)"),
    ],
    ids=str,
)
def test_a_sequence_that_cannot_be_read_is_refused(
    x: Any, error: type[Exception], given_part: str, accepted: str
) -> None:
    with pytest.raises(error) as refusal:
        record(network("lstm"), x)
    assert given_part in str(refusal.value)
    assert accepted in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "h0", "error", "given_part", "accepted"),
    [
        ("lstm", torch.ones(2, 4), TypeError, "h0 is a torch.Tensor", "a pair of tensors (h0, c0) of shape (2, 4)"),
        ("lstm", (torch.ones(2, 4),), TypeError, "a tuple of torch.Tensor", "a pair of tensors (h0, c0)"),
        (
            "lstm",
            (torch.ones(2, 4), None),
            TypeError,
            "a tuple of torch.Tensor, NoneType",
            "a pair of tensors (h0, c0)",
        ),
        ("lstm", (torch.ones(2, 4), torch.ones(1, 4)), ValueError, "c0 has shape (1, 4)", "(2, 4), that is (L * D, H)"),
        (
            "gru",
            (torch.ones(2, 4), torch.ones(2, 4)),
            TypeError,
            "a tuple of torch.Tensor, torch.Tensor",
            "a tensor h0",
        ),
        ("gru", np.ones((2, 5)), ValueError, "(2, 5)", "(2, 4), that is (L * D, H)"),
        ("gru", 0, TypeError, "h0 is a int", "a tensor h0 of shape (2, 4)"),
        ("rnn", torch.ones(4), ValueError, "(4,)", "(2, 4), that is (L * D, H)"),
        ("rnn", torch.ones(2, 1, 4), ValueError, "(2, 1, 4)", "(2, 4), that is (L * D, H)"),
        ("rnn", torch.ones(2, 4).double(), TypeError, "h0 is torch.float64", "accepted: torch.float32"),
        ("rnn", torch.ones(2, 4, device="meta"), ValueError, "h0 is on the meta device", "any other device"),
    ],
)
def test_an_initial_state_that_does_not_fit_is_refused(
    kind: str, h0: Any, error: type[Exception], given_part: str, accepted: str
) -> None:
    with pytest.raises(error) as refusal:
        record(network(kind, num_layers=2), normal(5, 3), h0=h0)
    assert given_part in str(refusal.value)
    assert accepted in str(refusal.value)


@pytest.mark.parametrize(
    ("tokens", "error", "message"),
    [
        (["I", "am"], ValueError, "tokens has 2 entries and x has 3 time steps"),
        ((), ValueError, "tokens has 0 entries and x has 3"),
        (7, TypeError, "tokens is a int; accepted: a sequence of 3 strings"),
        (torch.arange(3), TypeError, "tokens is a torch.Tensor; accepted: a sequence of 3 strings"),
    ],
)
def test_tokens_that_do_not_fit_are_refused(tokens: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        record(network("rnn"), normal(3, 3), tokens=tokens)


@pytest.mark.parametrize(
    ("tokens", "shown"),
    [
        (None, ("1", "2", "3")),
        (["나는", "a", ""], ("나는", "a", "")),
        ("abc", ("a", "b", "c")),
        (range(3), ("0", "1", "2")),
        (np.array(["x", "y", "z"]), ("x", "y", "z")),
    ],
)
def test_tokens_are_shown_as_given_and_are_numbers_from_one_otherwise(tokens: Any, shown: tuple[str, ...]) -> None:
    trace = record(network("rnn"), normal(3, 3), tokens=tokens)
    assert trace.tokens == shown
    assert {type(token) for token in trace.tokens} == {str}


@given(
    steps=st.integers(1, 9),
    classes=st.integers(2, 9),
    bidirectional=st.booleans(),
    dtype=st.sampled_from(list(TOLERANCE)),
    scale=st.floats(0, 100),
)
def test_a_head_gives_the_softmax_of_a_linear_layer(
    steps: int, classes: int, bidirectional: bool, dtype: torch.dtype, scale: float
) -> None:
    module = network("gru", bidirectional=bidirectional, dtype=dtype)
    x = normal(steps, 3, dtype=dtype)
    weight = nn.Parameter(scale * normal(classes, 4 * (1 + bidirectional), dtype=dtype))
    head = Head(weight, normal(classes, dtype=dtype, seed=1))
    readout = read_out(record(module, x), head)
    with torch.no_grad():
        logits = nn.functional.linear(module(x)[0], head.weight, head.bias)
    assert readout.y.shape == (steps, classes)
    assert_equal(readout.logits, logits, dtype)
    assert_equal(readout.y, torch.softmax(torch.tensor(readout.logits), -1), dtype)
    np.testing.assert_allclose(readout.y.sum(-1), 1, rtol=TOLERANCE[dtype])
    np.testing.assert_array_equal(readout.W_hy, head.weight.detach())
    np.testing.assert_array_equal(readout.b_y, head.bias.detach())


def test_a_head_reads_the_top_layer_and_takes_the_traces_dtype() -> None:
    trace = record(network("lstm", num_layers=2, dtype=torch.float64), normal(5, 3, dtype=torch.float64))
    readout = read_out(trace, Head(torch.eye(4), torch.zeros(4)))
    assert readout.logits.dtype == np.float64
    np.testing.assert_array_equal(readout.logits, trace["h"][1])


@pytest.mark.parametrize(
    ("weight", "bias", "given_part", "accepted"),
    [
        ((7, 5), (7,), "(7, 5)", "(V, 4)"),
        ((4,), (4,), "(4,)", "(V, 4)"),
        ((7, 4), (6,), "(6,)", "(7,)"),
        ((7, 4), (7, 1), "(7, 1)", "(7,)"),
    ],
)
def test_a_head_that_does_not_fit_is_refused(
    weight: tuple[int, ...], bias: tuple[int, ...], given_part: str, accepted: str
) -> None:
    trace = record(network("gru"), normal(5, 3))
    with pytest.raises(ValueError, match="the head's") as refusal:
        read_out(trace, Head(torch.ones(weight), torch.ones(bias)))
    assert given_part in str(refusal.value)
    assert accepted in str(refusal.value)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_a_linear_layer_is_a_head(bias: bool, dtype: torch.dtype) -> None:
    module, x = network("gru", bidirectional=True, dtype=dtype), normal(5, 3, dtype=dtype)
    linear = nn.Linear(8, 7, bias=bias, dtype=dtype)
    readout = read_out(record(module, x), linear)
    with torch.no_grad():
        assert_equal(readout.logits, linear(module(x)[0]), dtype)
    assert readout.b_y.any() == bias


def test_a_head_without_a_bias_adds_nothing() -> None:
    trace, weight = record(network("rnn"), normal(5, 3)), normal(7, 4)
    one, other = read_out(trace, Head(weight)), read_out(trace, Head(weight, torch.zeros(7)))
    np.testing.assert_array_equal(one.logits, other.logits)
    np.testing.assert_array_equal(one.b_y, np.zeros(7))


@pytest.mark.parametrize(
    ("head", "error", "told"),
    [
        (None, TypeError, "head is a NoneType; accepted: a rnnviz.Head or a torch.nn.Linear(4, V)"),
        (torch.ones(7, 4), TypeError, "head is a torch.Tensor; accepted"),
        (nn.Sequential(nn.Linear(4, 7)), TypeError, "Sequential; accepted"),
        (Head(np.ones((7, 4))), TypeError, "weight is a numpy.ndarray; accepted: a dense floating-point torch.Tensor"),
        (Head(None), TypeError, "weight is a NoneType; accepted"),
        (Head([[1.0] * 4]), TypeError, "weight is a list; accepted"),
        (Head(torch.ones(7, 4), np.ones(7)), TypeError, "bias is a numpy.ndarray; accepted"),
        (Head(torch.ones(7, 4), 0.0), TypeError, "bias is a float; accepted"),
        (Head(torch.ones(7, 4, dtype=torch.complex64)), TypeError, "torch.complex64 tensor; accepted"),
        (Head(torch.ones(7, 4, dtype=torch.int64)), TypeError, "torch.int64 tensor; accepted"),
        (Head(torch.ones(7, 4).to_sparse()), TypeError, "torch.sparse_coo, torch.float32 tensor; accepted"),
        (Head(torch.ones(7, 4, device="meta")), ValueError, "weight is on the meta device"),
        (Head(torch.ones(0, 4)), ValueError, "(0, 4); accepted: (V, 4) with V at least 1"),
        (nn.Linear(5, 7), ValueError, "(7, 5); accepted: (V, 4)"),
    ],
)
def test_what_is_no_head_is_refused_and_told_what_is(head: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error) as refusal:
        read_out(record(network("rnn"), normal(5, 3)), head)
    assert told in str(refusal.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "first", ["from rnnviz.core.record import Head", "import rnnviz.core.record", "import rnnviz.core.cells"]
)
def test_record_is_the_function_whatever_is_imported_first(first: str) -> None:
    code = f"import sys, rnnviz; assert not {{'torch', 'altair', 'streamlit', 'numpy'}} & sys.modules.keys(); {first}; "
    code += "import rnnviz; assert rnnviz.record.__name__ == 'record' and callable(rnnviz.record); "
    code += (
        "from rnnviz import record; assert callable(record); import rnnviz.core.record; assert callable(rnnviz.record)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_every_public_name_of_the_core_is_there() -> None:
    for name in ("CELLS", "Cell", "Head", "Op", "Readout", "Trace", "read_out", "record"):
        assert name in dir(rnnviz)
        assert getattr(rnnviz, name) is not None
        assert name not in vars(rnnviz) or not isinstance(vars(rnnviz)[name], ModuleType)
    with pytest.raises(AttributeError, match="nothing"):
        _ = rnnviz.nothing


@pytest.mark.parametrize("kind", KINDS)
def test_a_float32_module_can_be_computed_in_float64_as_if_it_had_been_converted(kind: str) -> None:
    module, x = network(kind, num_layers=2, bidirectional=True), normal(5, 3)
    h0 = initial(module)
    wide = tuple(state.double() for state in h0) if isinstance(h0, tuple) else h0.double()
    found = record(module, x, h0=h0, dtype=torch.float64)
    assert_equal(found.output, copy.deepcopy(module).double()(x.double(), wide)[0], torch.float64)
    assert next(module.parameters()).dtype == torch.float32
    with pytest.raises(TypeError, match=r"dtype is torch.float16; accepted: torch.float32 or torch.float64"):
        record(module, x, dtype=torch.float16)
