"""What is read of single steps, TorchScript and dynamically quantized modules is what they compute."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz import Traces, record
from tests.core.modules import HIDDEN, INPUT, KINDS, network, normal

STEPS: dict[str, Any] = {
    "rnn": nn.RNNCell,
    "rnn_relu": lambda *sizes, **options: nn.RNNCell(*sizes, nonlinearity="relu", **options),
    "lstm": nn.LSTMCell,
    "gru": nn.GRUCell,
}
OLD = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning", "ignore::torch.jit.TracerWarning"
)


def single(kind: str, seed: int = 0, **options: Any) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module: nn.Module = STEPS[kind](INPUT, HIDDEN, dtype=torch.float64, **options)
        return module


def looped(cell: nn.Module, x: Tensor, state: Any) -> tuple[Tensor, Tensor | None]:
    """h and c after every step."""
    h, c = [], []
    with torch.no_grad():
        for x_t in x:
            state = cell(x_t, state)
            h.append(state[0] if isinstance(state, tuple) else state)
            c += [state[1]] if isinstance(state, tuple) else []
    return torch.stack(h), torch.stack(c) if c else None


@settings(max_examples=40)
@given(
    kind=st.sampled_from(list(STEPS)),
    bias=st.booleans(),
    steps=st.integers(1, 6),
    count=st.integers(0, 3),
    given_state=st.booleans(),
    seed=st.integers(0, 999),
)
def test_a_single_step_is_recorded_as_a_loop_of_it(
    kind: str, bias: bool, steps: int, count: int, given_state: bool, seed: int
) -> None:
    """count: of the batch; with none, one sequence."""
    cell, batch = single(kind, seed, bias=bias), (count,) if count else ()
    x = normal(steps, *batch, INPUT, seed=seed)
    states = tuple(normal(*batch, HIDDEN, seed=seed + n) for n in (1, 2))
    h0 = None if not given_state else states if kind == "lstm" else states[0]
    h, c = looped(cell, x, h0)
    found = record(cell, x, h0=h0)
    assert isinstance(found, Traces) == bool(count)
    for place, trace in enumerate(found if count else [found]):
        mine = (slice(None), place) if count else slice(None)
        np.testing.assert_allclose(trace["h"][0], h[mine], atol=1e-12)
        if c is not None:
            np.testing.assert_allclose(trace["c"][0], c[mine], atol=1e-12)


def test_a_single_steps_state_has_no_axis_of_layers() -> None:
    with pytest.raises(ValueError, match=r"h0 has shape \(1, 4\); accepted: \(4,\), that is \(H,\)"):
        record(single("gru"), normal(3, INPUT), h0=normal(1, HIDDEN))
    with pytest.raises(ValueError, match=r"accepted: \(2, 4\), that is \(B, H\)"):
        record(single("gru"), normal(3, 2, INPUT), h0=normal(1, 2, HIDDEN))


def assert_equal_traces(found: Any, expected: Any) -> None:
    for name in expected.operations:
        np.testing.assert_array_equal(found[name], expected[name])


@OLD
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_script_is_read_as_the_module_that_it_was_made_of(kind: str, batch_first: bool) -> None:
    module = network(kind, num_layers=2, bidirectional=True, bias=not batch_first, batch_first=batch_first)
    x = normal(3, 5, INPUT)
    script = torch.jit.script(module)
    file = io.BytesIO()
    torch.jit.save(script, file)
    file.seek(0)
    for other in (script, torch.jit.load(file)):
        assert_equal_traces(record(other, x[0]), record(module, x[0]))
        for found, expected in zip(record(other, x), record(module, x), strict=True):
            assert_equal_traces(found, expected)


@OLD
@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_of_torchs_is_read_but_does_not_say_how_a_batch_lies(kind: str) -> None:
    module, x = network(kind, bidirectional=True), normal(3, 5, INPUT)
    script = torch.jit.trace(module, (x,))
    assert_equal_traces(record(script, x[0]), record(module, x[0]))
    assert_equal_traces(record(script, list(x))[2], record(module, list(x))[2])
    with pytest.raises(ValueError, match=r"no batch of this module; accepted: .* list of these"):
        record(script, x)


@OLD
@pytest.mark.parametrize("kind", STEPS)
def test_a_scripted_step_is_read(kind: str) -> None:
    cell, x = single(kind), normal(3, 2, INPUT)
    assert_equal_traces(record(torch.jit.script(cell), x)[1], record(cell, x)[1])


class LSTM(nn.Module):
    """A class of one's own that is called as PyTorch's."""

    def __init__(self) -> None:
        super().__init__()
        self.weight_ih_l0 = nn.Parameter(torch.ones(16, 3))

    def forward(self, x: Tensor) -> Tensor:
        return x


@OLD
def test_a_script_of_another_class_is_refused() -> None:
    for module in (torch.jit.script(nn.Linear(3, 4)), torch.jit.script(LSTM())):
        with pytest.raises(TypeError, match=r"accepted: a torch\.nn\.RNN"):
            record(module, torch.ones(2, 3))


@OLD
@pytest.mark.parametrize("dtype", [torch.qint8, torch.float16])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_dynamically_quantized_module_is_computed_from_its_stored_weights(kind: str, dtype: torch.dtype) -> None:
    module = network(kind, num_layers=2, bidirectional=True, batch_first=True, dtype=torch.float32)
    x = normal(3, 5, INPUT, dtype=torch.float32)
    quantized = torch.ao.quantization.quantize_dynamic(nn.Sequential(module), {type(module)}, dtype=dtype)[0]
    traces = record(quantized, x)
    with torch.no_grad():
        output = quantized(x)[0]
        exact = module(x)[0]
    np.testing.assert_allclose([trace.output for trace in traces], output, atol=0.02)
    assert np.abs(traces[0].output - exact[0].numpy()).max() > 0, "of the rounded weights, not of the first ones"
    assert "dynamically quantized" in traces[0].notes[0]
    state = normal(4, HIDDEN, dtype=torch.float32)
    h0 = (state, state) if kind == "lstm" else state
    assert len(record(quantized, x[0], h0=h0)) == 5


@OLD
@pytest.mark.parametrize("kind", STEPS)
def test_a_dynamically_quantized_step_is_computed_from_its_stored_weights(kind: str) -> None:
    cell, x = single(kind).float(), normal(4, 2, INPUT, dtype=torch.float32)
    quantized = torch.ao.quantization.quantize_dynamic(nn.Sequential(cell), {type(cell)}, dtype=torch.qint8)[0]
    h, _ = looped(quantized, x, None)
    traces = record(quantized, x)
    np.testing.assert_allclose([trace["h"][0] for trace in traces], h.transpose(0, 1), atol=0.03)
