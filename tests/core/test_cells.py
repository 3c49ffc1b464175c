"""A cell's declaration: what is displayed is what is computed."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from rnnviz.core import cells
from rnnviz.core.cell import LATEX, PLAIN, Cell, Role, latex_symbol, plain_symbol
from rnnviz.core.cells import CELLS, READOUT
from rnnviz.core.network import FUNCTIONS, run
from rnnviz.core.seq2seq.attention import MECHANISMS

every_cell = pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)


def one_step(cell: Cell, inputs: int = 3, hidden: int = 5, seed: int = 0) -> dict[str, torch.Tensor]:
    """Everything known after one step of a cell with random parameters and states."""
    random = torch.Generator().manual_seed(seed)
    shapes: dict[str, tuple[int, ...]] = {"x": (inputs,)}
    shapes.update({f"{state}_prev": (hidden,) for state in cell.states})
    shapes.update({parameter.name: parameter.shape(inputs, hidden) for parameter in cell.parameters})
    known = {name: torch.randn(shape, generator=random, dtype=torch.float64) for name, shape in shapes.items()}
    return run(cell.ops, known)


Array = NDArray[np.float64]
TOKEN = re.compile(r"\\odot|\\,|\\tanh|\\sigma|\\mathrm\{\w+\}|[A-Za-z\\]+_(?:\{[^}]+\}|\w)|[-+()1]|\S")
NAMED: dict[str, Callable[[Array], Array]] = {
    r"\tanh": np.tanh,
    r"\sigma": lambda a: 1 / (1 + np.exp(-a)),
    r"\mathrm{ReLU}": lambda a: np.where(a > 0, a, 0),
    r"\mathrm{softmax}": lambda a: np.exp(a) / np.exp(a).sum(),
}


class Reader:
    """Evaluates displayed LaTeX as a reader would: a product with a matrix binds tighter than `odot`, `odot` than +."""

    def __init__(self, latex: str, values: Mapping[str, Array]) -> None:
        self.tokens, self.values = TOKEN.findall(latex), values

    def evaluate(self) -> Array:
        value = self.sum()
        assert not self.tokens, f"cannot read from {self.tokens[0]!r}"
        return value

    def take(self, *wanted: str) -> str | None:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else None

    def sum(self) -> Array:
        value = self.product()
        while sign := self.take("+", "-"):
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self) -> Array:
        value = self.matrix_product()
        while self.take(r"\odot"):
            other = self.matrix_product()
            assert value.shape == other.shape, "a product of elements needs equal shapes"
            value = value * other
        return value

    def matrix_product(self) -> Array:
        value = self.factor()
        while self.take(r"\,"):
            value = value @ self.factor()
        return value

    def factor(self) -> Array:
        token = self.tokens.pop(0)
        if token in NAMED:
            assert self.tokens[0] == "(", "a function needs brackets"
            return NAMED[token](self.factor())
        if token == "(":
            value = self.sum()
            assert self.take(")"), "a bracket is not closed"
            return value
        return np.float64(1) if token == "1" else self.values[token]


def as_displayed(known: Mapping[str, torch.Tensor]) -> dict[str, Array]:
    """What a reader knows, by the symbol that stands for it: `h_{t-1}`, `W_{xh}`, `i_t`, `a_{i}` or `a_i`."""
    shown: dict[str, Array] = {}
    for name, tensor in known.items():
        value = tensor.numpy()
        if name.endswith("_prev"):
            shown[name.replace("_prev", "_{t-1}")] = value
        elif "_" in name:
            shown[name.replace("_", "_{") + "}"] = shown[name] = value
        else:
            shown[name + "_t"] = value
    return shown


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_a_displayed_equation_gives_the_recorded_number(cell: Cell) -> None:
    known = one_step(cell)
    shown = as_displayed(known)
    for equation, name in zip(cell.equations(), cell.quantities, strict=True):
        result, _, expression = equation.partition(" = ")
        assert result == name + "_t"
        np.testing.assert_allclose(Reader(expression, shown).evaluate(), known[name], rtol=1e-12, err_msg=equation)


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_a_displayed_operation_gives_its_recorded_number(cell: Cell) -> None:
    known = one_step(cell)
    shown = as_displayed(known)
    for op in cell.ops:
        for side in cell.latex(op).split(" = "):  # a result with a letter has two sides, and both must be true
            np.testing.assert_allclose(Reader(side, shown).evaluate(), known[op.name], rtol=1e-12, err_msg=side)


def test_the_reader_notices_a_missing_bracket() -> None:
    """The oracle above can fail: these are the two ways in which an equation could lie."""
    known = one_step(CELLS["gru"])
    shown = as_displayed(known)
    lie = Reader(r"1 - z_t \odot n_t + z_t \odot h_{t-1}", shown).evaluate()
    assert not np.allclose(lie, known["h"])
    lie = Reader(r"(1 - z_t) \odot h_{t-1} + z_t \odot n_t", shown).evaluate()  # Cho's convention, not PyTorch's
    assert not np.allclose(lie, known["h"])


def test_the_readout_as_displayed_gives_its_numbers() -> None:
    random = torch.Generator().manual_seed(0)
    known = {
        name: torch.randn(shape, generator=random, dtype=torch.float64)
        for name, shape in (("W_hy", (7, 5)), ("h", (5,)), ("b_y", (7,)))
    }
    known = run(READOUT, known)
    shown = as_displayed(known) | {r"\ell_t": known["logits"].numpy()}
    readout = dataclasses.replace(CELLS["rnn"], ops=READOUT, quantities=("logits", "y"))
    for op in READOUT:
        for side in readout.latex(op).split(" = "):
            np.testing.assert_allclose(Reader(side, shown).evaluate(), known[op.name], rtol=1e-12, err_msg=side)


@every_cell
def test_an_operation_reads_only_what_is_known_before_it(cell: Cell) -> None:
    known = {"x"} | {f"{state}_prev" for state in cell.states} | {parameter.name for parameter in cell.parameters}
    for op in cell.ops:
        assert set(op.reads) <= known, f"{op.name} reads {set(op.reads) - known} too early"
        assert op.name not in known, f"{op.name} is computed twice"
        known.add(op.name)


@every_cell
def test_every_parameter_is_read_once_and_every_result_is_used(cell: Cell) -> None:
    reads = [name for op in cell.ops for name in op.reads]
    assert all(reads.count(parameter.name) == 1 for parameter in cell.parameters)
    assert {op.name for op in cell.ops} <= {*reads, *cell.states}
    assert {f"{state}_prev" for state in cell.states} <= set(reads)


@every_cell
def test_quantities_and_states_are_results(cell: Cell) -> None:
    names = [op.name for op in cell.ops]
    assert set(cell.quantities) <= set(names)
    assert set(cell.states) <= set(cell.quantities)
    assert cell.states[0] == cell.quantities[-1] == names[-1] == "h"
    assert sorted(cell.quantities, key=names.index) == list(cell.quantities), "listed in the order of computing"


def test_quantities_are_those_that_the_literature_names() -> None:
    assert {name: " ".join(cell.quantities) for name, cell in CELLS.items()} == {
        "rnn": "a h",
        "rnn_relu": "a h",
        "rnn_sigmoid": "a h",
        "lstm": "i f g o c h",
        "gru": "r z n h",
        "peephole": "i f g c o h",
        "mgu": "f n h",
    }


@pytest.mark.parametrize(
    ("cell", "module"), [("rnn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU), ("peephole", nn.LSTM)]
)
def test_parameters_are_pytorchs_stacked_rows(cell: str, module: type[nn.RNNBase]) -> None:
    for stack in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        blocks = [parameter.block for parameter in CELLS[cell].parameters if parameter.torch_name == stack]
        assert blocks == list(range(getattr(module(3, 5), f"{stack}_l0").shape[0] // 5))


@every_cell
def test_a_cell_says_what_its_memory_is_and_what_keeps_it(cell: Cell) -> None:
    """By the definition: with its other operands held, the state moves with its own past as much as the gate says."""
    known = one_step(cell)
    if cell.memory is None:
        assert cell.name.startswith("rnn")
        for name in ("required_memory", "keeping"):
            with pytest.raises(ValueError, match=r"RNN.* has no gates; accepted: a cell with a memory"):
                getattr(cell, name)
        return
    state, gate = cell.memory
    torch.testing.assert_close(known[state], known[gate] * known[f"{state}_prev"] + known["write"])
    assert cell.op(gate).role is Role.GATE
    assert cell.required_memory == cell.memory
    named, sign = cell.keeping
    assert named in cell.gates
    torch.testing.assert_close(known[gate], known[named] if sign > 0 else 1 - known[named])


def test_the_gates_are_those_that_papers_name() -> None:
    found = {name: " ".join(cell.gates) for name, cell in CELLS.items()}
    rnns = dict.fromkeys(("rnn", "rnn_relu", "rnn_sigmoid"), "")
    assert found == {**rnns, "lstm": "i f o", "gru": "r z", "peephole": "i f o", "mgu": "f"}


@every_cell
def test_a_role_says_where_the_numbers_lie(cell: Cell) -> None:
    known = one_step(cell)
    for op in cell.ops:
        if op.role is Role.GATE:
            assert ((known[op.name] > 0) & (known[op.name] < 1)).all()
        if op.role is Role.CANDIDATE:
            assert (known[op.name].abs() < 1).all()
        if op.role is Role.INPUT:
            assert "x" in op.reads
        assert op.role is not Role.OUTPUT


@every_cell
def test_one_symbol_means_one_thing(cell: Cell) -> None:
    symbols = [op.symbol for op in (*cell.ops, *READOUT)] + [latex_symbol(p.name) for p in cell.parameters]
    assert len(symbols) == len(set(symbols))


@every_cell
def test_a_declaration_cannot_be_changed(cell: Cell) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        cell.name = "other"
    with pytest.raises(dataclasses.FrozenInstanceError):
        cell.ops[0].kind = "tanh"
    assert hash(cell) == hash(dataclasses.replace(cell))


def test_every_kind_of_operation_can_be_run_and_written() -> None:
    programs = [READOUT, *(one.ops for one in (*CELLS.values(), *MECHANISMS.values()))]
    used = {op.kind for ops in programs for op in ops}
    assert used == set(FUNCTIONS)
    assert used - {"add"} == set(LATEX.templates) == set(PLAIN.templates)
    assert PLAIN.write("add", ("aₜ", "bₜ")) == "aₜ + bₜ"


@pytest.mark.parametrize(
    ("name", "latex", "plain"),
    [
        ("W_xh", "W_{xh}", "W_xh"),
        ("h_prev", "h_{t-1}", "hₜ₋₁"),
        ("c_prev", "c_{t-1}", "cₜ₋₁"),
        ("x", "x_t", "xₜ"),
        ("i", "i_t", "iₜ"),
        ("b_hn", "b_{hn}", "b_hn"),
        ("a_i", "a_{i}", "a_i"),
    ],
)
def test_symbols(name: str, latex: str, plain: str) -> None:
    assert (latex_symbol(name), plain_symbol(name)) == (latex, plain)


def test_an_unknown_operation_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        CELLS["gru"].op("nothing")


def test_a_sigmoid_rnn_is_the_textbooks() -> None:
    known = one_step(CELLS["rnn_sigmoid"])
    a = known["W_xh"] @ known["x"] + known["b_xh"] + known["W_hh"] @ known["h_prev"] + known["b_hh"]
    torch.testing.assert_close(known["h"], 1 / (1 + torch.exp(-a)))


def test_the_minimal_gated_unit_is_its_papers() -> None:
    """Zhou et al. 2016, eq. 6: one gate forgets, masks the state that the candidate reads, and writes."""
    known = one_step(CELLS["mgu"])
    W, h = known.__getitem__, known["h_prev"]
    f = torch.sigmoid(W("W_xf") @ W("x") + W("b_xf") + W("W_hf") @ h + W("b_hf"))
    n = torch.tanh(W("W_xn") @ W("x") + W("b_xn") + W("W_hn") @ (f * h) + W("b_hn"))
    torch.testing.assert_close(known["h"], torch.lerp(h, n, f))
    assert list(CELLS["mgu"].equations())[1] == (
        r"n_t = \tanh(W_{xn}\,x_t + b_{xn} + W_{hn}\,(f_t \odot h_{t-1}) + b_{hn})"
    )


def test_the_peephole_lstm_is_its_papers() -> None:
    """Gers, Schraudolph & Schmidhuber 2002: i and f see the memory before this step writes it, o sees it after."""
    known = one_step(CELLS["peephole"])
    W, h, c = known.__getitem__, known["h_prev"], known["c_prev"]

    def total(block: str) -> torch.Tensor:
        return W(f"W_x{block}") @ W("x") + W(f"b_x{block}") + W(f"W_h{block}") @ h + W(f"b_h{block}")

    i, f = (torch.sigmoid(total(gate) + torch.diag(W(f"p_{gate}")) @ c) for gate in "if")
    c = f * c + i * torch.tanh(total("g"))
    o = torch.sigmoid(total("o") + torch.diag(W("p_o")) @ c)
    torch.testing.assert_close(known["c"], c)
    torch.testing.assert_close(known["h"], o * torch.tanh(c))


def test_a_further_cell_is_one_short_declaration() -> None:
    source = inspect.getsource(cells)
    for name in ("PEEPHOLE", "MGU"):
        (found,) = re.findall(rf"^{name} = Cell\(\n.*?^\)$", source, re.DOTALL | re.MULTILINE)
        assert len(found.splitlines()) <= 25
