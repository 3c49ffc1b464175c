"""What is captured of a model is what its parts computed while it ran, and the model is left as it was."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz
from rnnviz import Trace, Traces, capture, record
from tests.core.modules import HIDDEN, INPUT, KINDS, declared, network, normal


class Tagger(nn.Module):
    """Words in, tags out; its outputs are kept, to be held against what is captured."""

    def __init__(self, rnn: nn.Module, *, packed: bool = False) -> None:
        super().__init__()
        self.embed = nn.Embedding(9, INPUT, dtype=torch.float64)
        self.inner = nn.ModuleDict({"rnn": rnn})
        self.packed = packed
        self.seen: list[Any] = []

    def forward(self, words: Tensor, lengths: Tensor | None = None, *, h0: Any = None) -> Tensor:
        x, rnn = self.embed(words), self.inner["rnn"]
        if lengths is not None:
            x = pack_padded_sequence(x, lengths, batch_first=rnn.batch_first, enforce_sorted=False)
        output, state = rnn(x, hx=h0)
        self.seen.append((output, state))
        return pad_packed_sequence(output)[0] if lengths is not None else output


def words(*shape: int, seed: int = 0) -> Tensor:
    return torch.randint(9, shape, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=40)
@given(
    kind=st.sampled_from(list(KINDS)),
    layers=st.integers(1, 2),
    both=st.booleans(),
    bias=st.booleans(),
    first=st.booleans(),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    packed=st.booleans(),
    given_state=st.booleans(),
    training=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_part_is_captured_with_what_it_read_and_gives_what_it_gave(
    kind: str,
    layers: int,
    both: bool,
    bias: bool,
    first: bool,
    lengths: list[int],
    packed: bool,
    given_state: bool,
    training: bool,
    seed: int,
) -> None:
    rnn = network(kind, seed, num_layers=layers, bidirectional=both, bias=bias, batch_first=first)
    model, count = Tagger(rnn).train(training), len(lengths)
    state = tuple(normal(layers * (1 + both), count, HIDDEN, seed=seed + n) for n in (1, 2))
    h0 = None if not given_state else state if kind == "lstm" else state[0]
    size = (count, max(lengths)) if first else (max(lengths), count)
    arguments = (words(*size, seed=seed), torch.tensor(lengths)) if packed else (words(*size, seed=seed),)
    captured = capture(model, *arguments, h0=h0)
    ((output, _),) = model.seen
    assert list(captured) == ["inner.rnn"]
    traces = captured["inner.rnn"]
    assert isinstance(traces, Traces)
    assert traces[0].notes == ()
    if packed:
        columns, _ = pad_packed_sequence(output)
        torch.testing.assert_close(captured.output, columns)
    else:
        columns = output.transpose(0, 1) if first else output
        assert captured.output is output
    for place, trace in enumerate(traces):
        length = lengths[place] if packed else max(lengths)
        np.testing.assert_allclose(trace.output, columns[:length, place].detach(), atol=1e-12)
        read = arguments[0][place] if first else arguments[0][:, place]
        np.testing.assert_array_equal(trace.x, model.embed(read[:length]).detach())
        if h0 is not None:
            np.testing.assert_array_equal(trace.initial["h"], state[0][:, place])


class Looped(nn.Module):
    """Two cells above each other and one that reads backwards, unrolled by hand; what each step gave is kept."""

    def __init__(self, kind: str, seed: int = 0) -> None:
        super().__init__()
        cell = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}[kind]
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.low, self.high, self.back = cell(INPUT, HIDDEN), cell(HIDDEN, HIDDEN), cell(INPUT, HIDDEN)

    def forward(self, x: Tensor, *, given: bool = True) -> dict[str, list[Tensor]]:
        h: dict[str, list[Tensor]] = {"low": [], "high": [], "back": []}
        states: dict[str, Any] = dict.fromkeys(h)

        def step(name: str, x_t: Tensor) -> Tensor:
            state = states[name]
            after = getattr(self, name)(x_t) if state is None else getattr(self, name)(x_t, state)
            states[name] = after
            h[name].append(after[0] if isinstance(after, tuple) else after)
            return h[name][-1]

        for x_t in x:
            step("high", step("low", x_t))
        for x_t in x.flip(0):
            step("back", x_t)
        return h


@settings(max_examples=30)
@given(
    kind=st.sampled_from(["lstm", "gru", "rnn"]),
    steps=st.integers(1, 6),
    count=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_a_loop_over_cells_is_one_trace_of_each(kind: str, steps: int, count: int, seed: int) -> None:
    model = Looped(kind, seed).double()
    x = normal(steps, *((count,) if count else ()), INPUT, seed=seed)
    captured = capture(model, x)
    assert set(captured) == {"low", "high", "back"}
    for name, h in captured.output.items():
        found = captured[name]
        for place, trace in enumerate(found if count else [found]):
            expected = torch.stack(h)[:, place] if count else torch.stack(h)
            np.testing.assert_allclose(trace["h"][0], expected.detach(), atol=1e-12)
            assert trace.notes == ()
    lower, upper = captured["low"], captured["high"]
    for low, high in zip(lower, upper, strict=True) if count else [(lower, upper)]:
        np.testing.assert_allclose(high.x, low["h"][0], atol=1e-12)


class Decoder(nn.Module):
    """Whole layers, a step at a time."""

    def __init__(self, rnn: nn.RNNBase) -> None:
        super().__init__()
        self.rnn = rnn

    def forward(self, x: Tensor, steps: int, state: Any) -> Tensor:
        axis, h = (1 if self.rnn.batch_first else 0) if x.ndim == 3 else 0, []
        for _ in range(steps):
            output, state = self.rnn(x, state)
            h.append(output)
            x = output[..., :INPUT]
        return torch.cat(h, axis)


@settings(max_examples=20)
@given(
    kind=st.sampled_from(list(KINDS)),
    layers=st.integers(1, 2),
    first=st.booleans(),
    count=st.integers(0, 3),
    steps=st.integers(1, 5),
    given_state=st.booleans(),
)
def test_layers_that_a_decoder_runs_step_by_step_are_one_trace(
    kind: str, layers: int, first: bool, count: int, steps: int, given_state: bool
) -> None:
    model = Decoder(network(kind, num_layers=layers, batch_first=first))
    batch = (count,) if count else ()
    state = tuple(normal(layers, *batch, HIDDEN, seed=n) for n in (1, 2))
    h0 = None if not given_state else state if kind == "lstm" else state[0]
    shape = (count, 1, INPUT) if count and first else (1, *batch, INPUT)
    captured = capture(model, normal(*shape), steps, h0)
    found = captured["rnn"]
    output = captured.output.detach()
    output = output.transpose(0, 1) if count and first else output
    for place, trace in enumerate(found if count else [found]):
        np.testing.assert_allclose(trace.output, output[:, place] if count else output, atol=1e-12)
        assert len(trace) == steps
        assert trace.notes == ()


class Beam(nn.Module):
    """A cell whose state goes on twice, and one step whose state the model makes itself."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(INPUT, HIDDEN)

    def forward(self, x: Tensor) -> None:
        first = self.cell(x[0])
        self.cell(x[2], self.cell(x[1], first))
        self.cell(x[2], first)
        self.cell(x[1], first / 2)


def test_a_state_that_goes_on_twice_or_is_changed_begins_a_trace_of_its_own() -> None:
    x = torch.ones(3, 2, INPUT) * torch.arange(3)[:, None, None]
    captured = capture(Beam(), x)
    calls = captured.calls["cell"]
    assert [len(traces[0]) for traces in calls] == [3, 1, 1]
    assert [len(traces[0].notes) for traces in calls] == [0, 1, 1]
    assert "no step before it returned" in calls[2][0].notes[0]
    np.testing.assert_allclose(calls[2][0].initial["h"][0], calls[0][0]["h"][0, 0] / 2, atol=1e-7)
    with pytest.raises(KeyError, match=r"ran 3 times; accepted: .calls\['cell'\]\[0\]"):
        captured["cell"]


class Several(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used, self.unused = nn.LSTM(INPUT, HIDDEN), nn.GRU(INPUT, HIDDEN)

    def forward(self, x: Tensor) -> Tensor:
        h, state = self.used(x)
        with torch.no_grad():
            self.used.bias_ih_l0 += 1
        return self.used(x, state)[0] + h


def test_a_part_that_runs_twice_has_two_traces_each_with_the_weights_that_it_had_then() -> None:
    model, x = Several(), normal(4, INPUT, dtype=torch.float32)
    before = copy.deepcopy(model.used)
    captured = capture(model, x)
    first, second = captured.calls["used"]
    np.testing.assert_array_equal(first["h"], record(before, x)["h"])
    np.testing.assert_allclose(second.weights[0]["b_xi"] - first.weights[0]["b_xi"], 1, atol=1e-6)
    np.testing.assert_allclose(first.output + second.output, captured.output.detach(), atol=1e-6)
    for name in ("h", "c"):
        np.testing.assert_allclose(second.initial[name], first[name][:, -1], atol=1e-6)
    assert captured.passed_over == {"unused": "it was not called in this run"}
    with pytest.raises(KeyError, match=r"nothing is captured of 'unused' \(it was not called"):
        captured["unused"]
    assert repr(captured).startswith("<Captured 'used': <Trace LSTM")
    assert repr(captured).endswith("and 1 more; without 'unused'>")


def test_the_model_is_left_as_it_was() -> None:
    def made() -> Tagger:
        torch.manual_seed(2)
        rnn = parametrizations.spectral_norm(network("gru", num_layers=2, dropout=0.5), "weight_hh_l0")
        return Tagger(rnn).train()

    model, twin = made(), made()
    handle = model.inner["rnn"].register_forward_hook(lambda *_: None)

    def state() -> list[object]:
        hooks = [(dict(m._forward_hooks), dict(m._forward_pre_hooks)) for m in model.modules()]
        flags = [(m.training, list(vars(m))) for m in model.modules()]
        return [*hooks, *flags, [p.grad is None for p in model.parameters()]]

    before, weights = state(), copy.deepcopy(model.state_dict())
    torch.manual_seed(3)
    captured = capture(model, words(5, 2))
    drawn = torch.get_rng_state()
    assert state() == before
    torch.manual_seed(3)
    expected = twin(words(5, 2))
    torch.testing.assert_close(captured.output, expected, rtol=0, atol=0)
    assert torch.equal(torch.get_rng_state(), drawn), "it draws what the model draws and no more"
    torch.testing.assert_close(model.state_dict(), twin.state_dict(), rtol=0, atol=0)
    assert weights.keys() == model.state_dict().keys()
    assert "dropout between its layers" in captured["inner.rnn"][0].notes[0]
    assert captured.output.requires_grad
    handle.remove()


def test_a_model_that_fails_is_left_as_it_was_too() -> None:
    model = Tagger(network("gru"))
    with pytest.raises(IndexError):
        capture(model, torch.full((3, 2), 99))
    assert not any(module._forward_hooks for module in model.modules())


def test_hooks_and_old_reparametrisations_of_the_part_have_had_their_say() -> None:
    pruned = prune.l1_unstructured(network("gru"), "weight_hh_l0", 0.5)
    hooked = network("gru")
    hooked.register_forward_pre_hook(lambda _, args: (2 * args[0],))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        normed = nn.utils.weight_norm(network("gru"), "weight_hh_l0")
    for rnn in (pruned, hooked, normed):
        model = Tagger(rnn)
        traces = capture(model, words(4, 2))["inner.rnn"]
        np.testing.assert_allclose(traces[1].output, model.seen[0][0][:, 1].detach(), atol=1e-12)
        assert traces[1].notes == ()


def in_place(module: nn.Module, args: Any, output: Any) -> None:
    output[0].mul_(3)


@pytest.mark.parametrize(
    ("hook", "told"),
    [
        (lambda _, args, output: (output[0] * 3, output[1]), True),
        (lambda _, args, output: output[:1], True),
        (in_place, True),
        (lambda _, args, output: None, False),
        (lambda _, args, output: (output[0] * 1, output[1]), False),
    ],
)
@pytest.mark.parametrize("steps", [1, 4])
@pytest.mark.parametrize("inference", [False, True])
def test_a_forward_hook_of_the_part_is_told_of_where_it_changed_what_the_model_reads(
    hook: Any, told: bool, steps: int, inference: bool
) -> None:
    rnn = network("gru")
    plain = record(rnn, normal(steps, 2, INPUT))
    rnn.register_forward_hook(hook)
    with torch.inference_mode(inference), torch.no_grad():
        found = capture(nn.Sequential(rnn), normal(steps, 2, INPUT))["0"]
    np.testing.assert_allclose(found[1].output, plain[1].output, atol=1e-12)
    assert [("forward hook" in note) for note in found[1].notes] == [True] * told


class Doubled(nn.LSTM):
    def forward(self, x: Tensor, hx: Any = None) -> Any:
        output, state = super().forward(x, hx)
        return 2 * output, state


def test_what_cannot_be_recorded_is_named_with_the_reason() -> None:
    model = nn.ModuleList([Doubled(INPUT, HIDDEN, dtype=torch.float64), network("gru")])
    model.forward = lambda x: [part(x)[0] for part in model]
    captured = capture(model, normal(4, INPUT))
    assert list(captured) == ["1"]
    assert "forward of its own" in captured.passed_over["0"]
    with pytest.raises(
        ValueError, match=r"'': module is a .*Doubled with a forward of its own.*; accepted: a model that"
    ):
        capture(model[0], normal(4, INPUT))
    with pytest.raises(ValueError, match="no recurrent part that could be recorded; accepted"):
        capture(nn.Linear(3, 4), torch.ones(3))
    with pytest.raises(TypeError, match=r"model is a int; accepted: a torch\.nn\.Module"):
        capture(3)


@pytest.mark.parametrize("name", ["mgu", "peephole"])
def test_a_declared_cell_and_a_module_alone_are_captured(name: str) -> None:
    module, x = declared(name, layers=2), normal(5, INPUT)
    found = capture(module, x)[""]
    assert isinstance(found, Trace)
    np.testing.assert_array_equal(found["h"], record(module, x)["h"])


def test_under_autocast_a_part_is_recorded_in_its_own_precision() -> None:
    model = Tagger(network("lstm", dtype=torch.float32)).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        captured = capture(model, words(4, 2))
    trace = captured["inner.rnn"][0]
    assert trace.x.dtype == np.float32
    np.testing.assert_allclose(trace.output, captured.output[:, 0].detach().float(), atol=0.05)
    with torch.inference_mode():
        assert capture(model, words(4, 2))["inner.rnn"][0].notes == ()


@pytest.mark.parametrize("whole", [False, True])
def test_a_loop_that_ran_in_another_precision_says_how_far_it_is_from_what_ran(whole: bool) -> None:
    x = 3 * normal(40, 2, INPUT, dtype=torch.float32)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        if whole:
            captured = capture(Decoder(network("lstm", dtype=torch.float32)), x[:1], 40, None)
            found, ran = captured["rnn"], captured.output
        else:
            captured = capture(Looped("lstm"), x)
            found, ran = captured["low"], torch.stack(captured.output["low"])
    far = max(np.abs(trace.output - ran[:, place].detach().float().numpy()).max() for place, trace in enumerate(found))
    assert far > 1e-3
    assert found[0].notes == (f"what the module itself returned differs by up to {far:.2g}",)


class Wrapped(nn.Module):
    def __init__(self, rnn: nn.LSTM) -> None:
        super().__init__()
        self.rnn = rnn

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(x)[0]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")
def test_a_quantized_part_is_captured_and_a_scripted_one_is_told_of() -> None:
    plain = network("lstm", dtype=torch.float32)
    x = normal(4, 2, INPUT, dtype=torch.float32)
    quantized = torch.ao.quantization.quantize_dynamic(nn.Sequential(plain), {nn.LSTM}, dtype=torch.qint8)
    trace = capture(quantized, x)["0"][1]
    assert len(trace.notes) == 1
    assert "quantized" in trace.notes[0]
    model = torch.jit.script(Wrapped(plain))
    with pytest.raises(ValueError, match=r"'rnn': TorchScript lets nobody listen .*; rnnviz\.record"):
        capture(model, x)
    np.testing.assert_array_equal(record(model.rnn, x)[1]["h"], record(plain, x)[1]["h"])


def test_it_is_public() -> None:
    assert rnnviz.capture is capture
    assert isinstance(capture(network("rnn"), normal(2, INPUT)), rnnviz.Captured)
