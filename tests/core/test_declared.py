"""A cell has the weights that its declaration reads, and what holds of cells holds of one declared at run time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import rnnviz
from rnnviz.core.cell import Cell, Op, Role
from rnnviz.core.cells import CELLS
from rnnviz.core.gates import measured_half_life, memory_shares
from rnnviz.core.gradients.factors import step_jacobians
from rnnviz.core.gradients.flow import gradient_flow
from rnnviz.core.gradients.lab import last_sum
from rnnviz.core.network import Recurrent, build, with_forget_bias
from rnnviz.core.sharing import parameter_counts, weight_terms
from tests.charts.networks import draw
from tests.declared import MINGRU, summing

T, INPUT, HIDDEN = 6, 3, 4


class MinGRU(nn.Module):
    """The paper's own, in a few lines."""

    def __init__(self, layer: Recurrent) -> None:
        super().__init__()
        self.W_z, self.W_h = layer.weight_ih_l0.chunk(2)
        self.b_z, self.b_h = layer.bias_ih_l0.chunk(2)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        found = []
        for x_t in x:
            z = torch.sigmoid(self.W_z @ x_t + self.b_z)
            h = (1 - z) * h + z * (self.W_h @ x_t + self.b_h)
            found.append(h)
        return torch.stack(found)


@pytest.fixture
def network() -> Recurrent:
    layer = Recurrent(MINGRU, INPUT, HIDDEN, dtype=torch.float64)
    with torch.no_grad():
        for number, parameter in enumerate(layer.parameters()):
            parameter.copy_(draw(number, *parameter.shape))
    return layer


@pytest.fixture
def x() -> Tensor:
    return draw(9, T, INPUT).double()


def test_it_has_the_weights_that_it_reads_and_no_others(network: Recurrent) -> None:
    assert [parameter.name for parameter in MINGRU.parameters] == ["W_xz", "b_xz", "W_xn", "b_xn"]
    shapes = {name: tuple(value.shape) for name, value in network.named_parameters()}
    assert shapes == {"weight_ih_l0": (2 * HIDDEN, INPUT), "bias_ih_l0": (2 * HIDDEN,)}
    assert MINGRU.matrices == ("W_xz", "W_xn")
    assert (MINGRU.memory, MINGRU.keeping, MINGRU.gates) == (("h", "u"), ("z", -1), ("z",))


def test_a_cell_says_which_matrix_makes_its_new_content() -> None:
    assert {cell.name: cell.content for cell in (*CELLS.values(), MINGRU)} == {
        **dict.fromkeys(("rnn", "rnn_relu", "rnn_sigmoid"), ("h", "W_hh")),
        **dict.fromkeys(("lstm", "peephole"), ("g", "W_hg")),
        **dict.fromkeys(("gru", "mgu"), ("n", "W_hn")),
        "mingru": ("n", "W_xn"),
    }


def test_a_weight_stands_among_those_of_its_kind() -> None:
    """A gate f that does not see h beside a candidate that does: W_hn is the first W_h, and W_xn the second W_x."""
    ops = [op for op in CELLS["mgu"].ops if op.name not in ("hf", "a_f")]
    ops.insert(1, Op("a_f", Role.SUM, "add", ("xf", "b_xf"), "a_{f}"))
    cell = Cell("half", "Half", ("f", "n"), ("h",), ("f", "n", "h"), tuple(ops), "none")
    places = {parameter.name: (parameter.torch_name, parameter.block) for parameter in cell.parameters}
    assert places == {
        "W_xf": ("weight_ih", 0),
        "b_xf": ("bias_ih", 0),
        "W_xn": ("weight_ih", 1),
        "W_hn": ("weight_hh", 0),
        "b_xn": ("bias_ih", 1),
        "b_hn": ("bias_hh", 0),
    }


def test_its_numbers_are_the_papers(network: Recurrent, x: Tensor) -> None:
    h0 = draw(10, 1, HIDDEN).double()
    expected = MinGRU(network)(x, h0[0])
    torch.testing.assert_close(network(x, h0)[0], expected)
    trace = rnnviz.record(network, x, h0=h0)
    np.testing.assert_allclose(trace["h"][0], expected.detach())
    weights = {name: torch.tensor(value) for name, value in trace.weights[0].items()}
    np.testing.assert_allclose(rnnviz.record(MINGRU, x, weights=weights, h0=h0)["h"][0], expected.detach())
    batch = torch.stack([x, -x], 1)
    torch.testing.assert_close(network(batch)[0][:, 1], MinGRU(network)(-x, torch.zeros(HIDDEN).double()))


def test_its_gradients_are_autograds(network: Recurrent, x: Tensor) -> None:
    trace = rnnviz.record(network, x)
    states = [torch.zeros(HIDDEN, dtype=torch.float64, requires_grad=True)]
    theirs = MinGRU(network)
    for x_t in x:
        states.append(theirs(x_t[None], states[-1])[0])
    found = torch.autograd.grad(states[-1].sum(), states[1:], retain_graph=True)
    flow = gradient_flow(network, x, last_sum)
    np.testing.assert_allclose(flow.gradients[0][-1], torch.stack(found))
    step = torch.func.jacrev(lambda h: theirs(x[2][None], h)[0])(states[2])
    np.testing.assert_allclose(step_jacobians(trace).jacobians[2], step.detach())
    np.testing.assert_allclose(np.einsum("tii->ti", step_jacobians(trace).jacobians), trace["u"][0])


@pytest.mark.parametrize("parameter", [parameter.name for parameter in MINGRU.parameters])
def test_the_terms_of_a_weight_add_up_to_autograds_gradient(network: Recurrent, x: Tensor, parameter: str) -> None:
    head = rnnviz.Head(draw(11, 5, HIDDEN).double())
    terms = weight_terms(network, x, head, 2, T, parameter=parameter)
    h = MinGRU(network)(x, torch.zeros(HIDDEN, dtype=torch.float64))[-1]
    nn.functional.cross_entropy(head.weight @ h, torch.tensor(2)).backward()
    stacked = network.weight_ih_l0.grad if parameter.startswith("W") else network.bias_ih_l0.grad
    assert stacked is not None
    own = stacked.chunk(2)[parameter.endswith("n")]
    np.testing.assert_allclose(terms.total, own)
    np.testing.assert_allclose(terms.terms.sum(0), own)


def test_its_memory_is_measured(network: Recurrent, x: Tensor) -> None:
    trace = rnnviz.record(with_forget_bias(network, 2.0), x)
    np.testing.assert_allclose(memory_shares(trace).sum(1), trace["h"][0])
    assert (measured_half_life(trace).steps > 0).all()
    assert with_forget_bias(network, 2.0).bias_ih_l0.tolist()[:HIDDEN] == [-2.0] * HIDDEN


def test_it_is_built_and_counted_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CELLS, MINGRU.name, MINGRU)
    assert isinstance(build("mingru", INPUT, HIDDEN), Recurrent)
    counts = parameter_counts(INPUT, HIDDEN, 5, [2], cell="mingru")
    assert counts.recurrent == 2 * (HIDDEN * INPUT + HIDDEN) + 5 * HIDDEN + 5


def test_a_number_of_operands_that_cannot_be_shown_or_computed_is_refused() -> None:
    assert [len(summing(terms).op("a").reads) for terms in (1, 8)] == [1, 8]
    with pytest.raises(ValueError, match=r"a = add\(...\) reads 9 operands; accepted: 1 to 8"):
        summing(9)
    with pytest.raises(ValueError, match=r"h = hadamard\(...\) reads 3 operands; accepted: 2"):
        Op("h", Role.STATE, "hadamard", ("i", "f", "o"), "h_t")


def test_a_cell_that_reads_no_input_is_refused() -> None:
    cell = Cell("deaf", "Deaf", ("h",), ("h",), ("h",), (Op("h", Role.STATE, "tanh", ("h_prev",), "h_t"),), "none")
    with pytest.raises(ValueError, match="Deaf reads no W_x of its blocks; accepted: a cell that reads x"):
        rnnviz.record(cell, torch.zeros(2, 1), weights={})
