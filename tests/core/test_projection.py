"""An LSTM with a projection is recorded as PyTorch computes it; what needs an h of as many numbers as units says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

import rnnviz
from rnnviz import Forced, capture, read_out, record, watch
from tests.core.modules import HIDDEN, INPUT, normal
from tests.core.test_refused import CALLS

P = 2


def projected(seed: int = 0, **options: Any) -> nn.LSTM:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.LSTM(INPUT, HIDDEN, proj_size=P, dtype=torch.float64, **options)


@settings(max_examples=40)
@given(
    layers=st.integers(1, 3),
    both=st.booleans(),
    bias=st.booleans(),
    steps=st.integers(1, 6),
    given_state=st.booleans(),
    seed=st.integers(0, 99),
)
def test_it_is_recorded_as_pytorch_computes_it(
    layers: int, both: bool, bias: bool, steps: int, given_state: bool, seed: int
) -> None:
    module = projected(seed, num_layers=layers, bidirectional=both, bias=bias)
    x, rows = normal(steps, INPUT, seed=seed), layers * (1 + both)
    h0 = (normal(rows, P, seed=1), normal(rows, HIDDEN, seed=2)) if given_state else None
    trace = record(module, x, h0=h0)
    with torch.no_grad():
        output, (h_n, c_n) = module(x, h0)
    np.testing.assert_allclose(trace.output, output, atol=1e-12)
    ends = [0 if row % trace.num_directions else -1 for row in range(rows)]
    for name, state in (("h", h_n), ("c", c_n)):
        np.testing.assert_allclose([trace[name][row, t] for row, t in enumerate(ends)], state, atol=1e-12)
    assert (trace["h"].shape, trace["m"].shape, trace.hidden_size) == ((rows, steps, P), (rows, steps, HIDDEN), HIDDEN)
    for row, weights in enumerate(trace.weights):
        np.testing.assert_allclose(trace["m"][row], trace["o"][row] * np.tanh(trace["c"][row]), atol=1e-12)
        np.testing.assert_allclose(trace["h"][row], trace["m"][row] @ weights["W_hr"].T, atol=1e-12)


@settings(max_examples=20)
@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4), both=st.booleans(), layers=st.integers(1, 2))
def test_a_batch_of_it_too(lengths: list[int], both: bool, layers: int) -> None:
    module = projected(num_layers=layers, bidirectional=both, batch_first=True)
    xs = [normal(length, INPUT, seed=n) for n, length in enumerate(lengths)]
    for found, x in zip(record(module, pad_sequence(xs, batch_first=True), lengths=lengths), xs, strict=True):
        alone = record(module, x)
        for name in alone.operations:
            np.testing.assert_allclose(found[name], alone[name], atol=1e-12)


def holder() -> tuple[nn.Module, Tensor]:
    return nn.Sequential(nn.Linear(INPUT, INPUT, dtype=torch.float64), projected()), normal(4, INPUT)


def test_it_is_captured_and_read_out_and_written(tmp_path: Path) -> None:
    model, x = holder()
    trace = capture(model, x)["1"]
    head = nn.Linear(P, 3, dtype=torch.float64)
    with torch.no_grad():
        expected = head(model(x)[0])
    np.testing.assert_allclose(read_out(trace, head).logits, expected, atol=1e-12)
    assert f",h,{P}," in trace.to_csv()
    assert f",h,{P + 1}," not in trace.to_csv()
    with pytest.raises(ValueError, match="with proj_size: its h is W_hr m"):
        trace.save(tmp_path / "trace.npz")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_a_script_of_it_is_read() -> None:
    module, x = projected(num_layers=2), normal(4, INPUT)
    np.testing.assert_array_equal(record(torch.jit.script(module), x)["h"], record(module, x)["h"])


@pytest.mark.parametrize("call", [name for name in CALLS if name not in ("read_out", "scene_chart")])
def test_what_needs_as_many_numbers_as_units_says_so(call: str) -> None:
    with pytest.raises(ValueError, match=r"with proj_size: its h is W_hr m.*; accepted here: a trace"):
        CALLS[call](record(projected(), normal(5, INPUT)))


def test_so_do_stage_gradients_forcing_and_watching() -> None:
    module, x = projected(), normal(5, INPUT)
    refused: list[Any] = [
        lambda: rnnviz.stage(record(module, x)),
        lambda: rnnviz.gradient_flow(module, x, lambda output: output.sum(-1)),
        lambda: rnnviz.weight_terms(module, x, rnnviz.Head(torch.ones(3, P)), 0, 5, parameter="W_hi"),
        lambda: record(module, x, forced=[Forced("f", 1.0)]),
        lambda: watch(module),
    ]
    for call in refused:
        with pytest.raises(ValueError, match=r"proj_size.*accepted"):
            call()


def test_a_state_that_does_not_fit_is_told_the_sizes_of_both() -> None:
    with pytest.raises(ValueError, match=r"h0 has shape \(1, 4\); accepted: \(1, 2\)"):
        record(projected(), normal(5, INPUT), h0=(normal(1, HIDDEN), normal(1, HIDDEN)))
    with pytest.raises(TypeError, match=r"of shape \(1, 2\) and \(1, 4\)"):
        record(projected(), normal(5, INPUT), h0=normal(1, P))
