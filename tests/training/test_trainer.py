"""A run: decided by its config, stopped by what cannot go on, and it really learns, or really does not."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from rnnviz import CELLS
from rnnviz.tasks.catalogue import TASK_NAMES
from rnnviz.training import Config, Trainer
from rnnviz.training.model import build, spectral_radius
from rnnviz.training.presets import PAIRS
from rnnviz.training.trainer import batch_generator

SMALL = Config(hidden_size=6, batch_size=4, length=12, clipping="norm", clip_at=0.5)
every_cell = pytest.mark.parametrize("cell", CELLS)


def losses(trainer: Trainer) -> list[float]:
    return [snapshot.loss for snapshot in trainer]


@every_cell
@pytest.mark.parametrize("truncation", [0, 5])
def test_reset_gives_the_same_bits_and_the_global_generator_is_not_touched(cell: str, truncation: int) -> None:
    state = torch.get_rng_state()
    trainer = Trainer(replace(SMALL, cell=cell, num_layers=2, truncation=truncation), iterations=40)
    first = losses(trainer)
    torch.manual_seed(7)
    after = torch.get_rng_state()
    trainer.reset()
    assert losses(trainer) == first
    assert torch.equal(torch.get_rng_state(), after)
    torch.set_rng_state(state)
    assert losses(Trainer(replace(SMALL, cell=cell, num_layers=2, seed=1), iterations=40)) != first


@every_cell
@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "rmsprop", "adam"])
def test_the_run_is_the_loop_that_a_pytorch_user_writes(cell: str, optimiser: str) -> None:
    config = replace(SMALL, cell=cell, optimiser=optimiser, learning_rate=0.01)
    trainer = Trainer(config, iterations=12)
    found = losses(trainer)
    model = build(config, 2, 1)
    parameters = [weight for _, weight in model.named()]
    update = {
        "sgd": lambda: torch.optim.SGD(parameters, lr=0.01),
        "momentum": lambda: torch.optim.SGD(parameters, lr=0.01, momentum=0.9),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, lr=0.01),
        "adam": lambda: torch.optim.Adam(parameters, lr=0.01),
    }[optimiser]()
    for iteration, loss_found in enumerate(found, 1):
        batch = trainer.task.batch(batch_generator(0, iteration), 4, 12)
        loss = nn.functional.mse_loss(model.read_out(model.rnn(batch.x)[0][-1:]), batch.y)
        assert loss_found == pytest.approx(loss.item(), rel=1e-4)
        update.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 0.5)
        update.step()


@pytest.mark.parametrize("clipping", ["none", "norm", "value"])
def test_norms_per_block_add_up_before_and_after_clipping(clipping: str) -> None:
    trainer = Trainer(replace(SMALL, cell="lstm", clipping=clipping, clip_at=0.02), iterations=3)
    for snapshot in trainer:
        assert snapshot.before is not None
        assert snapshot.after is not None
        assert len(snapshot.before) == len(trainer.blocks) == len(set(trainer.blocks))
        assert float((snapshot.before**2).sum() ** 0.5) == pytest.approx(snapshot.norm, rel=1e-4)
        grads = [weight.grad for _, weight in trainer.model.named()]
        assert float((snapshot.after**2).sum() ** 0.5) == pytest.approx(
            float(nn.utils.get_total_norm([g for g in grads if g is not None])), rel=1e-3
        )
        assert snapshot.clipped == (clipping != "none")
        forget = trainer.model.rnn.weight_hh_l0.grad[6:12]
        assert snapshot.after[trainer.blocks.index("0.W_hf")] == pytest.approx(float(forget.norm()), rel=1e-3)


def test_the_share_that_truncation_cuts_is_that_of_the_two_gradients() -> None:
    config = replace(SMALL, cell="gru", truncation=3)
    trainer, whole = Trainer(config, iterations=1), Trainer(replace(config, truncation=0), iterations=1)
    (snapshot,), (full,) = list(trainer), list(whole)
    assert full.cut is None
    a, b = (torch.cat([p.grad.flatten() for p in t.model.rnn.parameters()]) for t in (trainer, whole))
    a, b = a * max(1, snapshot.norm / 0.5), b * max(1, full.norm / 0.5)  # as they were before clipping
    assert snapshot.cut == pytest.approx(float((b - a).norm() / b.norm()), rel=1e-3)
    assert 0 < snapshot.cut < 1
    (uncut,) = Trainer(replace(config, truncation=12), iterations=1)
    assert uncut.cut == 0


@pytest.mark.parametrize("name", TASK_NAMES)
def test_every_task_trains(name: str) -> None:
    trainer = Trainer(replace(SMALL, task=name, length=20), iterations=3)
    for snapshot in trainer:
        assert not snapshot.stopped
    first = next(iter(trainer.history.snapshots)).unseen
    assert first is not None
    assert first.outputs.shape == (trainer.task.steps(20) - trainer.task.loss_from(20), trainer.task.output_size)
    assert trainer.finished


def test_an_explosion_is_recorded_and_stops_the_run_by_itself() -> None:
    trainer = Trainer(PAIRS["clipping"].a, iterations=200)
    snapshots = list(trainer)
    assert trainer.finished
    assert len(snapshots) < 100
    assert "loss is" in snapshots[-1].stopped or "norm is" in snapshots[-1].stopped
    assert not any(s.stopped for s in snapshots[:-1])
    trainer.advance()
    assert trainer.iteration == len(snapshots)
    assert all(weight.isfinite().all() for weight in trainer.model.keep().values()) or "loss" in trainer.last.stopped


@pytest.mark.parametrize("clipping", ["norm", "value"])
def test_clipping_saves_a_gradient_whose_square_is_no_float32(clipping: str) -> None:
    """A norm of 1e20 is a number; its square is not one in float32, in which `clip_grad_norm_` takes it."""
    config = Config(
        cell="rnn_relu",
        length=60,
        initialisation="spectral radius",
        spectral_radius=2.5,
        optimiser="sgd",
        clip_at=1.0,
    )
    (plain,) = Trainer(replace(config, clipping="none"), iterations=1)
    assert 1e20 < plain.norm < 1e30
    assert not plain.stopped
    (clipped,) = Trainer(replace(config, clipping=clipping), iterations=1)
    assert clipped.norm == pytest.approx(plain.norm)
    assert clipped.after is not None
    if clipping == "norm":
        assert float((clipped.after**2).sum() ** 0.5) == pytest.approx(1, rel=1e-5)
    else:
        assert 1 < float((clipped.after**2).sum() ** 0.5) < 100


def test_changes_are_kept_with_the_iteration_that_they_begin_at() -> None:
    trainer = Trainer(SMALL, iterations=4)
    trainer.advance()
    trainer.change(learning_rate=SMALL.learning_rate)
    assert trainer.history.changes == {}
    trainer.change(learning_rate=0.1)
    assert trainer.history.changes == {2: trainer.config}
    trainer.reset()
    assert trainer.history.changes == {}


def test_learning_rate_and_clipping_change_in_a_run_and_nothing_else_does() -> None:
    trainer = Trainer(SMALL, iterations=10)
    trainer.advance()
    trainer.change(learning_rate=0.5, clipping="none")
    before = trainer.model.keep()
    trainer.advance()
    assert trainer.last is not None
    assert trainer.last.learning_rate == 0.5
    assert not trainer.last.clipped
    moved = max(float((w.detach() - before[n]).abs().max()) for n, w in trainer.model.named())
    assert moved > 0.1
    with pytest.raises(ValueError, match="cell cannot change in a run; accepted: learning_rate, clipping, clip_at"):
        trainer.change(cell="gru")
    with pytest.raises(ValueError, match="learning_rate is -1"):
        trainer.change(learning_rate=-1)
    trainer.reset()
    assert trainer.config == SMALL


@pytest.mark.parametrize("initialisation", ["default", "orthogonal", "identity", "spectral radius"])
@every_cell
def test_first_weights_are_what_the_initialisation_says(cell: str, initialisation: str) -> None:
    config = Config(cell=cell, initialisation=initialisation, num_layers=2, spectral_radius=1.3, forget_bias=2.0)
    rnn = build(config, 3, 1).rnn
    for layer in range(2):
        for gate in getattr(rnn, f"weight_hh_l{layer}").detach().split(32):
            if initialisation == "orthogonal":
                torch.testing.assert_close(gate @ gate.T, torch.eye(32), atol=1e-5, rtol=0)
            elif initialisation == "identity":
                assert torch.equal(gate, torch.eye(32))
            elif initialisation == "spectral radius":
                assert spectral_radius(gate) == pytest.approx(1.3, rel=1e-4)
            else:
                assert gate.abs().max() <= 1 / 32**0.5
        if cell in ("lstm", "peephole"):
            bias = getattr(rnn, f"bias_ih_l{layer}") + getattr(rnn, f"bias_hh_l{layer}")
            assert (bias[32:64] == 2).all()


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_differs_in_what_it_names_and_reads_the_same_batches(name: str) -> None:
    pair = PAIRS[name]
    assert pair.a != pair.b
    assert all(getattr(pair.a, part) != getattr(pair.b, part) for part in pair.changed)
    back = replace(pair.b, **{part: getattr(pair.a, part) for part in pair.changed})
    assert back == pair.a
    assert len(pair.changed) == 1


def test_iterations_are_bounded() -> None:
    for iterations in (10.5, None):
        with pytest.raises(TypeError, match="a whole number"):
            Trainer(SMALL, iterations=iterations)
    with pytest.raises(TypeError, match=r"config is a dict; accepted: a rnnviz\.training\.Config"):
        Trainer({"cell": "rnn"})
    for iterations in (0, 100_001):
        with pytest.raises(ValueError, match=f"iterations is {iterations}; accepted: 1 to 100000"):
            Trainer(SMALL, iterations=iterations)
    with pytest.raises(ValueError, match=r"length is 2; accepted for Adding problem: 4 to 200"):
        Trainer(replace(SMALL, length=2))
