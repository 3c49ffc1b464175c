"""The row of the last loss alone is what autograd gives of that loss, through a loop of single steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from rnnviz import CELLS
from rnnviz.tasks.catalogue import TASK_NAMES
from rnnviz.tasks.task import PADDING, Batch
from rnnviz.training import Config, Trainer, backwards, flow
from rnnviz.training.model import TaskModel, blocks, build
from rnnviz.training.moment import matrix
from rnnviz.training.trainer import last_losses

T, B, INPUT, SIZE = 23, 5, 3, 7
ENDS = (22, 9, 3, 17, 22)  # the last step of each sequence that has a loss
every_cell = pytest.mark.parametrize("cell", CELLS)


def stepped(model: TaskModel, x: Tensor, truncation: int) -> tuple[list[dict[str, list[Tensor]]], Tensor]:
    """Each layer's states after every step, and the top one's h (T, B, H): by the cell's formulas, a step at a time."""
    starts = set(range(T % truncation or truncation, T, truncation)) if truncation else set()
    found, flowing = [], list(x)
    for layer in range(model.rnn.num_layers):
        before = [torch.zeros(B, SIZE, requires_grad=True) for _ in model.cell.states]
        states: dict[str, list[Tensor]] = {name: [] for name in model.cell.states}
        for k in range(T):
            before = [part.detach().requires_grad_() for part in before] if k in starts else before
            before = formulas(model, layer, flowing[k], before)
            for name, part in zip(states, before, strict=True):
                states[name].append(part)
        found.append(states)
        flowing = states["h"]
    return found, torch.stack(flowing)


def formulas(model: TaskModel, layer: int, x: Tensor, before: list[Tensor]) -> list[Tensor]:
    """One step as the literature writes it."""
    W, h = blocks(model.rnn, layer), before[0]

    def a(block: str, state: Tensor = h) -> Tensor:
        return x @ W[f"W_x{block}"].T + W[f"b_x{block}"] + state @ W[f"W_h{block}"].T + W[f"b_h{block}"]

    match model.cell.name:
        case "rnn":
            return [a("h").tanh()]
        case "rnn_relu":
            return [a("h").relu()]
        case "rnn_sigmoid":
            return [a("h").sigmoid()]
        case "lstm" | "peephole" as name:
            c, peep = before[1], float(name == "peephole")
            p = {gate: W[f"p_{gate}"] if peep else torch.zeros(SIZE) for gate in "ifo"}
            new = (a("f") + p["f"] * c).sigmoid() * c + (a("i") + p["i"] * c).sigmoid() * a("g").tanh()
            return [(a("o") + p["o"] * new).sigmoid() * new.tanh(), new]
        case "gru":
            z, reset = a("z").sigmoid(), a("r").sigmoid() * (h @ W["W_hn"].T + W["b_hn"])
            return [(1 - z) * (x @ W["W_xn"].T + W["b_xn"] + reset).tanh() + z * h]
        case "mgu":
            f = a("f").sigmoid()
            return [(1 - f) * h + f * a("n", f * h).tanh()]
    raise AssertionError(f"no formulas of {model.cell.name} are written here")


def squares(model: TaskModel, h: Tensor, y: Tensor, at: Tensor) -> Tensor:
    """The losses that enter where `at` (T, B) says, as a part of the mean of all."""
    return ((model.read_out(h) - y).square().sum(-1) * at).sum() / B


@every_cell
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("truncation", [0, 1, 5])
def test_the_last_losses_flow_back_as_autograd_says_and_those_before_them_as_ever(
    cell: str, num_layers: int, truncation: int
) -> None:
    """Two iterations together: of another seed each, as their weights differ in a run."""
    raws, known = [], []
    last = torch.zeros(T, B, dtype=torch.bool)
    last[list(ENDS), range(B)] = True
    there = (last.flip(0).cumsum(0).flip(0) > 0).float()  # up to a sequence's end
    for seed in (0, 1):
        model = build(Config(cell=cell, num_layers=num_layers, hidden_size=SIZE, seed=seed), INPUT, 2)
        generator = torch.Generator().manual_seed(seed + 10)
        x, y = torch.randn(T, B, INPUT, generator=generator), torch.randn(T, B, 2, generator=generator)
        taps: list[list[flow.Tap]] = [[] for _ in range(num_layers)]
        h = flow.forward(model, x, truncation, taps)
        flow.gradient(squares(model, h, y, there), list(model.rnn.parameters()), taps)
        raws.append(backwards.raw(model.rnn, taps, torch.tensor(ENDS)))
        states, top = stepped(model, x, truncation)
        torch.testing.assert_close(top, h, rtol=1e-4, atol=1e-5)
        known.append([gradients_of(model, states, top, y, at) for at in (there, last.float())])
    measured = backwards.log_norms(raws)
    assert measured.last is not None
    for found, which in ((measured.every, 0), (measured.last, 1)):
        assert found.keys() == set(CELLS[cell].states)
        for name, norms in found.items():
            assert norms.shape == (2, num_layers, T)
            for row in (0, 1):
                expected = known[row][which][name]
                np.testing.assert_allclose(10 ** norms[row], expected, rtol=2e-4, atol=1e-9 * expected.max())
                assert ((norms[row] == -np.inf) == (expected == 0)).all()


def gradients_of(
    model: TaskModel, states: list[dict[str, list[Tensor]]], h: Tensor, y: Tensor, at: Tensor
) -> dict[str, np.ndarray]:
    """By state, (L, T): the root mean square, over the first sequences, of the norm of B times each one's gradient."""
    flat = [part for layer in states for steps in layer.values() for part in steps]
    grads = torch.autograd.grad(
        squares(model, h, y, at), flat, retain_graph=True, allow_unused=True, materialize_grads=True
    )
    whole = torch.stack(grads).view(len(states), len(model.cell.states), T, B, SIZE)[:, :, :, : flow.SAMPLE]
    norms = (B * whole.double()).norm(dim=-1).square().mean(-1).sqrt().numpy()
    return {name: norms[:, place] for place, name in enumerate(model.cell.states)}


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_last_loss_is_where_a_sequence_is_asked_for_the_last_time(task: str) -> None:
    trainer = Trainer(Config(task=task, length=14, hidden_size=4, batch_size=6), iterations=1)
    batch = trainer.batch(1)
    found = last_losses(batch)
    offset = len(batch.x) - len(batch.y)
    for b in range(batch.x.shape[1]):
        asked = [n for n in range(len(batch.y)) if batch.y.ndim == 3 or int(batch.y[n, b]) != PADDING]
        assert int(found[b]) == offset + asked[-1]


@pytest.mark.parametrize("task", TASK_NAMES)
def test_where_there_is_no_other_loss_it_is_the_row_itself_else_it_meets_it_at_the_last_step(task: str) -> None:
    for cell in ("rnn", "lstm", "gru"):
        trainer = Trainer(Config(task=task, cell=cell, length=14, hidden_size=4, batch_size=6), iterations=2)
        for snapshot in trainer:
            assert snapshot.row is not None
            norms = snapshot.row.norms
            if trainer.task.loss_from(14) > 0:
                assert norms.last is norms.flow
                continue
            if trainer.task.name == "reber":
                continue
            for state in norms.flow:
                assert norms.last[state][-1, -1] == pytest.approx(norms.flow[state][-1, -1], abs=1e-6)
            assert not np.allclose(norms.last["h"][-1, 0], norms.flow["h"][-1, 0], atol=0.01)


@every_cell
def test_what_a_run_measures_is_the_lowest_row_of_every_loss_and_every_state(cell: str) -> None:
    """Of a batch of one: the matrix is of the unseen sample's first sequence."""
    config = Config(task="sine", cell=cell, length=12, hidden_size=5, batch_size=1, num_layers=2)
    trainer = Trainer(config, iterations=1)
    trainer.batch = lambda iteration: Batch(trainer.unseen.x[:, :1], trainer.unseen.y[:, :1])
    before = [matrix(trainer, layer) for layer in (0, 1)]
    trainer.advance()
    assert trainer.last is not None
    assert trainer.last.row is not None
    for layer, found in enumerate(before):
        assert found is not None
        row = 10 ** trainer.last.row.norms.last["h"][layer]
        np.testing.assert_allclose(row, found[-1] / len(found), rtol=1e-3)  # its share of the mean


def test_asked_later_or_at_once_the_rows_are_the_same() -> None:
    config = Config(task="reber", cell="gru", length=20, hidden_size=5, batch_size=4)
    each, late = Trainer(config, iterations=40), Trainer(replace(config), iterations=40)
    asked = [snapshot.row.norms.last for snapshot in each if snapshot.row is not None]
    assert len(list(late)) == 40
    for known, snapshot in zip(asked, late.history.rows, strict=True):
        assert snapshot.row is not None
        np.testing.assert_allclose(snapshot.row.norms.last["h"], known["h"], rtol=0, atol=1e-5)


@pytest.mark.parametrize(("task", "hidden_size", "length", "seed"), [("sines", 2, 27, 37), ("sunspots", 3, 30, 35)])
def test_a_gradient_beyond_float32_is_measured_as_infinite_or_no_number_and_warns_of_nothing(
    task: str, hidden_size: int, length: int, seed: int
) -> None:
    config = Config(
        task=task,
        cell="rnn_relu",
        hidden_size=hidden_size,
        length=length,
        batch_size=4,
        optimiser="sgd",
        learning_rate=3.0,
        initialisation="spectral radius",
        spectral_radius=3.0,
        clipping="none",
        seed=seed,
    )
    trainer = Trainer(config, iterations=30)
    rows = [snapshot.row.norms.last["h"] for snapshot in trainer if snapshot.row is not None]
    assert not np.isfinite(rows[-1]).all()
