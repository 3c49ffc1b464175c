"""A declared cell as a module and as tensors: the numbers of PyTorch's kernel where it has the cell."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz import CELLS, Head, Recurrent, Trace, read_out, record, weight_terms, with_entry
from rnnviz.core.network import build, cell_of
from tests.core.modules import HIDDEN, INPUT, declared, normal

KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
every_cell = pytest.mark.parametrize("name", CELLS)


def tensors(name: str, width: int = INPUT, seed: int = 0) -> dict[str, Tensor]:
    return {p.name: normal(*p.shape(width, HIDDEN), seed=seed + n) for n, p in enumerate(CELLS[name].parameters)}


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=15)
@given(steps=st.integers(1, 9), batch=st.integers(1, 4), layers=st.integers(1, 3), seed=st.integers(0, 999))
def test_a_batch_is_what_pytorchs_kernel_makes_of_it_forward_and_backward(
    name: str, steps: int, batch: int, layers: int, seed: int
) -> None:
    ours, theirs = declared(name, seed, layers), KINDS[name](INPUT, HIDDEN, layers, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    x = normal(steps, batch, INPUT, seed=seed)
    given_states = tuple(normal(layers, batch, HIDDEN, seed=seed + n) for n in range(len(CELLS[name].states)))
    h0 = given_states if len(given_states) > 1 else given_states[0]
    for state in (None, h0):
        found, expected = ours(x, state), theirs(x, state)
        torch.testing.assert_close(found, expected)
        for network_, (output, _) in ((ours, found), (theirs, expected)):
            network_.zero_grad()
            output.square().sum().backward()
        for parameter, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(parameter.grad, other.grad)


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_each_sequence_of_a_batch_is_what_is_recorded_of_it_alone(name: str, layers: int) -> None:
    module, x = declared(name, layers=layers), normal(6, 5, INPUT)
    with torch.no_grad():
        output, final = module(x)
    for b in range(5):
        trace = record(module, x[:, b])
        np.testing.assert_allclose(output[:, b], trace.output, rtol=0, atol=1e-12)
        for state, value in zip(trace.cell.states, final if isinstance(final, tuple) else (final,), strict=True):
            np.testing.assert_allclose(value[:, b], trace[state][:, -1], rtol=0, atol=1e-12)
    with torch.no_grad():
        alone, end = module(x[:, 0])
    assert alone.shape == (6, HIDDEN)
    assert {value.shape for value in (end if isinstance(end, tuple) else (end,))} == {(layers, HIDDEN)}


@every_cell
def test_a_network_has_as_many_numbers_as_its_declaration_and_draws_none(name: str) -> None:
    before = torch.get_rng_state()
    module = build(name, INPUT, HIDDEN)
    assert torch.equal(torch.get_rng_state(), before)
    cell = CELLS[name]
    peepholes = 3 * HIDDEN if name == "peephole" else 0
    expected = len(cell.blocks) * (HIDDEN * INPUT + HIDDEN * HIDDEN + 2 * HIDDEN) + peepholes
    assert sum(parameter.numel() for parameter in module.parameters()) == expected


@pytest.mark.parametrize("name", KINDS)
@given(seed=st.integers(0, 2**32), layers=st.integers(1, 3), hidden=st.integers(1, 9))
@settings(max_examples=10)
def test_a_new_network_has_the_numbers_that_pytorchs_own_would_have(
    name: str, seed: int, layers: int, hidden: int
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        theirs = KINDS[name](INPUT, hidden, layers)
        torch.manual_seed(seed)
        ours = Recurrent(CELLS[name], INPUT, hidden, layers)
        torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=0, atol=0)
    before = torch.get_rng_state()
    drawn = Recurrent(CELLS[name], INPUT, hidden, layers, generator=torch.Generator().manual_seed(seed))
    assert torch.equal(torch.get_rng_state(), before)
    torch.testing.assert_close(drawn.state_dict(), theirs.state_dict(), rtol=0, atol=0)
    drawn.reset_parameters(torch.Generator().manual_seed(seed + 1))
    assert not torch.equal(drawn.weight_hh_l0, ours.weight_hh_l0)


@every_cell
def test_every_parameter_of_a_new_network_is_drawn_within_pytorchs_bounds(name: str) -> None:
    module = Recurrent(CELLS[name], INPUT, 25, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for parameter in module.parameters():
        numbers = parameter.detach().flatten()
        assert numbers.abs().max() <= 0.2
        assert len(numbers.unique()) == len(numbers)  # none is left as it was
        assert abs(numbers.std().item() - 0.2 / 3**0.5) < 0.04  # of the uniform distribution


@pytest.mark.parametrize("sizes", [(0, 4, 1), (3, 0, 1), (3, 4, 0), (3, -1, 1)])
def test_a_network_without_units_inputs_or_layers_is_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"(input_size|hidden_size|num_layers) is -?\d; accepted: at least 1"):
        Recurrent(CELLS["mgu"], *sizes)


def test_what_pytorch_has_is_built_as_pytorchs_own() -> None:
    assert {name: type(build(name, INPUT, HIDDEN)) for name in CELLS} == {
        **KINDS,
        "rnn_relu": nn.RNN,
        "rnn_sigmoid": Recurrent,
        "peephole": Recurrent,
        "mgu": Recurrent,
    }
    assert all(cell_of(build(name, INPUT, HIDDEN)) is CELLS[name] for name in CELLS)
    with pytest.raises(ValueError, match=r"no cell 'gpt': rnn, .*peephole, mgu"):
        build("gpt", INPUT, HIDDEN)


@every_cell
def test_a_cell_given_as_tensors_is_recorded_as_its_module(name: str) -> None:
    module, x = declared(name), normal(6, INPUT)
    stacked = {key.removesuffix("_l0"): value for key, value in module.state_dict().items()}
    weights = {p.name: stacked[p.torch_name][p.block * HIDDEN : (p.block + 1) * HIDDEN] for p in CELLS[name].parameters}
    one, other = record(module, x, tokens="abcdef"), record(CELLS[name], x, weights=weights, tokens="abcdef")
    assert one.cell is other.cell is CELLS[name]
    for op in one.operations:
        np.testing.assert_array_equal(one[op], other[op])
    for key in weights:
        np.testing.assert_array_equal(other.weights[0][key], weights[key])


def test_rows_of_tensors_are_layers_and_directions_as_in_pytorch() -> None:
    for bidirectional in (False, True):
        module = nn.LSTM(INPUT, HIDDEN, num_layers=2, bidirectional=bidirectional, dtype=torch.float64)
        x, expected = normal(5, INPUT), record(module, normal(5, INPUT))
        weights = [{key: torch.tensor(array) for key, array in row.items()} for row in expected.weights]
        found = record(CELLS["lstm"], x, weights=weights, bidirectional=bidirectional)
        assert found.num_directions == expected.num_directions
        for op in found.operations:
            np.testing.assert_array_equal(found[op], expected[op])


def test_a_sigmoid_rnn_is_recorded_as_the_textbook_has_it() -> None:
    w, x, h = tensors("rnn_sigmoid"), normal(4, INPUT), normal(1, HIDDEN, seed=9)
    trace = record(CELLS["rnn_sigmoid"], x, weights=w, h0=h)
    for t in range(4):
        h = 1 / (1 + torch.exp(-(w["W_xh"] @ x[t] + w["b_xh"] + w["W_hh"] @ h.ravel() + w["b_hh"])))
        np.testing.assert_allclose(trace["h"][0, t], h, atol=1e-12)


@every_cell
def test_every_cell_goes_through_its_files(name: str, tmp_path: Path) -> None:
    trace = record(CELLS[name], normal(3, INPUT), weights=tensors(name), tokens=["=1", "나는", "."])
    readout = read_out(trace, Head(normal(2, HIDDEN)))
    file = io.BytesIO()
    trace.save(file, readout)
    file.seek(0)
    loaded = Trace.load(file)
    assert loaded.cell is trace.cell
    for op in trace.operations:
        np.testing.assert_array_equal(loaded[op], trace[op])
    assert loaded.weights[0].keys() == trace.weights[0].keys()
    lines = trace.to_csv(tmp_path / "t.csv", readout).splitlines()
    assert len(lines) == 1 + len(trace.operations) * 3 * HIDDEN + 2 * 3 * 2
    assert {line.split(",")[4] for line in lines[1:]} == {*trace.operations, "logits", "y"}


@pytest.mark.parametrize("name", ["peephole", "mgu", "rnn_sigmoid"])
def test_weights_of_our_own_cells_can_be_edited_and_have_their_gradient_taken_apart(name: str) -> None:
    module, x = declared(name), normal(6, INPUT)
    for parameter in CELLS[name].parameters:
        edited = with_entry(module, parameter.name, 1, 0, 7.5)
        now, then = record(edited, x).weights[0], record(module, x).weights[0]
        assert sum(int((now[key] != then[key]).sum()) for key in now) == 1
        assert now[parameter.name][1].flat[0] == 7.5
    head = Head(normal(5, HIDDEN), normal(5))
    loss = nn.functional.cross_entropy(head.weight @ module(x)[0][3] + head.bias, torch.tensor(2))
    loss.backward()
    for parameter in CELLS[name].parameters:
        gradient = getattr(module, f"{parameter.torch_name}_l0").grad
        rows = slice(parameter.block * HIDDEN, (parameter.block + 1) * HIDDEN)
        parts = weight_terms(module, x, head, 2, 4, parameter=parameter.name)
        np.testing.assert_allclose(parts.terms.sum(0), gradient[rows], rtol=0, atol=1e-12)


def without(key: str) -> dict[str, Tensor]:
    return {name: value for name, value in tensors("peephole").items() if name != key}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, TypeError, "weights is a NoneType; accepted for the Peephole LSTM: a mapping, .* of W_xi, W_hi"),
        ({"weights": torch.ones(3)}, TypeError, "weights is a torch.Tensor; accepted"),
        ({"weights": [1]}, TypeError, "weights is a list; accepted"),
        ({"weights": []}, ValueError, "weights has 0 rows and 1 directions"),
        ({"weights": tensors("peephole"), "bidirectional": True}, ValueError, "weights has 1 rows and 2 directions"),
        ({"weights": without("p_o")}, ValueError, "weights of row 0 lack p_o; accepted"),
        ({"weights": tensors("peephole") | {"p_g": 1}}, ValueError, "weights of row 0 hold p_g; accepted"),
        ({"weights": tensors("peephole") | {"p_i": [1.0] * 4}}, TypeError, "p_i of row 0 is a list; accepted: a dense"),
        ({"weights": tensors("peephole") | {"p_i": normal(4, 4)}}, ValueError, r"p_i of row 0 .*; accepted: \(4,\)"),
        ({"weights": tensors("peephole") | {"W_xi": normal(4)}}, ValueError, r"W_xi .*; accepted: \(H, input_size\)"),
        ({"weights": tensors("peephole") | {"W_hf": normal(4, 3)}}, ValueError, r"W_hf of row 0 .* accepted: \(4, 4\)"),
        ({"weights": [tensors("peephole"), tensors("peephole")]}, ValueError, r"W_xi of row 1 .*: \(4, 4\)"),
        (
            {"weights": {k: v.to(torch.complex64) for k, v in tensors("peephole").items()}},
            TypeError,
            "torch.complex64; accepted",
        ),
        ({"weights": tensors("peephole") | {"b_xi": torch.ones(4)}}, TypeError, "torch.float32 and torch.float64"),
        (
            {"weights": tensors("peephole") | {"b_xi": torch.ones(4, device="meta")}},
            ValueError,
            "b_xi of row 0 is on",
        ),
    ],
)
def test_tensors_that_do_not_fit_the_cell_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        record(CELLS["peephole"], normal(5, INPUT), **options)


def test_a_module_brings_its_own_weights() -> None:
    for options in ({"weights": tensors("lstm")}, {"bidirectional": True}):
        with pytest.raises(TypeError, match=r"weights and bidirectional are for a cell of rnnviz.CELLS"):
            record(nn.LSTM(3, 4), normal(5, INPUT), **options)


def test_not_finite_weights_are_recorded_as_they_are() -> None:
    trace = record(
        CELLS["mgu"], normal(3, INPUT), weights=tensors("mgu") | {"b_xf": torch.full((4,), torch.nan).double()}
    )
    assert np.isnan(trace["f"]).all()


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_both_directions_are_built_where_pytorch_has_the_cell(cell: str) -> None:
    module = build(cell, 3, 4, 2, bidirectional=True)
    assert isinstance(module, nn.RNNBase)
    assert (module.bidirectional, module.num_layers) == (True, 2)
    with pytest.raises(ValueError, match="one direction"):
        build("peephole", 3, 4, bidirectional=True)
