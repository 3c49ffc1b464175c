"""A watched loop is measured as autograd measures it through single steps, and goes as it would unwatched."""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

import rnnviz
from rnnviz import watch
from rnnviz.training import Config, Trainer
from rnnviz.training.history import Snapshot
from tests.core.modules import HIDDEN, INPUT, KINDS, declared, network, normal


class Written(nn.LSTMCell):
    """As its documentation writes it: what flows from h into c is inside PyTorch's kernel."""

    def forward(self, x: Tensor, state: Any = None) -> Any:
        h, c = state if state is not None else (x.new_zeros(HIDDEN), x.new_zeros(HIDDEN))
        sums = self.weight_ih @ x + self.bias_ih + self.weight_hh @ h + self.bias_hh
        i, f, g, o = sums.chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


CELLS: dict[str, Any] = {"lstm": Written, "gru": nn.GRUCell, "rnn": nn.RNNCell, "rnn_relu": nn.RNNCell}


def cells_of(module: nn.RNNBase, kind: str) -> Iterator[nn.Module]:
    """Each layer and direction as a single step with the very parameters."""
    options = {"nonlinearity": "relu"} if kind == "rnn_relu" else {}
    for row in range(module.num_layers * (1 + module.bidirectional)):
        suffix = f"_l{row // (1 + module.bidirectional)}" + "_reverse" * (row % (1 + module.bidirectional))
        width = getattr(module, f"weight_ih{suffix}").shape[1]
        cell = CELLS[kind](width, HIDDEN, dtype=torch.float64, **options)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            setattr(cell, name, getattr(module, name + suffix))
        yield cell


def by_steps(
    module: nn.RNNBase, kind: str, xs: list[Tensor], h0: Any
) -> tuple[list[Tensor], list[Tensor], list[list[list[Any]]]]:
    """Each sequence alone, step by step: its outputs, the last states (R, B, H), and of each row, sequence and step the
    states."""
    D = 1 + module.bidirectional
    states: list[list[list[Any]]] = []
    reads = xs
    for row, cell in enumerate(cells_of(module, kind)):
        mine = []
        for place, x in enumerate(reads):
            state = None if h0 is None else tuple(part[row, place] for part in h0)
            after: dict[int, Any] = {}
            for t in reversed(range(len(x))) if row % D else range(len(x)):
                given_state = state if state is None or len(state) > 1 else state[0]
                found = cell(x[t]) if given_state is None else cell(x[t], given_state)
                state = found if isinstance(found, tuple) else (found,)
                after[t] = state
            mine.append([after[t] for t in range(len(x))])
        states.append(mine)
        if row % D == D - 1:
            both = states[-D:]
            reads = [
                torch.cat([torch.stack([step[0] for step in rows[place]]) for rows in both], -1)
                for place in range(len(xs))
            ]
    count = 2 if kind == "lstm" else 1
    last = [
        torch.stack([torch.stack([s[0 if row % D else -1][n] for s in rows]) for row, rows in enumerate(states)])
        for n in range(count)
    ]
    return reads, last, states


class Reader(nn.Module):
    def __init__(self, rnn: nn.Module) -> None:
        super().__init__()
        self.rnn = rnn
        width = HIDDEN * (1 + rnn.bidirectional)
        self.head = nn.Linear(width, 2, dtype=torch.float64)


def saved_whole(model: nn.Module) -> Any:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@settings(max_examples=40)
@given(
    kind=st.sampled_from(list(KINDS)),
    layers=st.integers(1, 2),
    both=st.booleans(),
    first=st.booleans(),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    packed=st.booleans(),
    given_state=st.booleans(),
    uses=st.sampled_from(["outputs", "last states", "both"]),
    seed=st.integers(0, 99),
)
def test_what_flows_into_a_state_is_what_autograd_finds_through_single_steps(
    kind: str,
    layers: int,
    both: bool,
    first: bool,
    lengths: list[int],
    packed: bool,
    given_state: bool,
    uses: str,
    seed: int,
) -> None:
    model = Reader(network(kind, seed, num_layers=layers, bidirectional=both, batch_first=first))
    rnn, count = model.rnn, len(lengths)
    lengths = lengths if packed else [max(lengths)] * count
    xs = [normal(length, INPUT, seed=seed + n) for n, length in enumerate(lengths)]
    rows = layers * (1 + both)
    h0 = tuple(normal(rows, count, HIDDEN, seed=n) for n in range(2 if kind == "lstm" else 1)) if given_state else None

    def loss_of(outputs: list[Tensor], last: list[Tensor]) -> Tensor:
        loss = torch.zeros((), dtype=torch.float64)
        if uses != "last states":
            loss = loss + sum(model.head(output).pow(2).sum() for output in outputs)
        if uses != "outputs":
            loss = loss + sum(part.pow(3).sum() for part in last)
        return loss / count

    with watch(model) as log:
        x = pad_sequence(xs, batch_first=first)
        read = pack_padded_sequence(x, torch.tensor(lengths), batch_first=first, enforce_sorted=False) if packed else x
        output, final = rnn(read, h0 if h0 is None or kind == "lstm" else h0[0])
        columns = pad_packed_sequence(output)[0] if packed else output.transpose(0, 1) if first else output
        finals = list(final) if isinstance(final, tuple) else [final]
        loss = loss_of([columns[:length, n] for n, length in enumerate(lengths)], finals)
        loss.backward()
    view = log.view("rnn")

    outputs, last, states = by_steps(rnn, kind, xs, h0)
    model.zero_grad()
    flat = [state for sequences in states for steps in sequences for step in steps for state in step]
    gradients = iter(torch.autograd.grad(loss_of(outputs, last), flat, allow_unused=True))
    squares = {name: np.zeros((rows, max(lengths))) for name in ("h", "c")}
    for row, sequences in enumerate(states):
        for steps in sequences:
            for t, step in enumerate(steps):
                for name, _ in zip(("h", "c"), step, strict=False):
                    gradient = next(gradients)
                    squares[name][row, t] += 0 if gradient is None else float(gradient.square().sum())
    assert view.rows.iteration.tolist() == [1]
    ends = [0] if uses != "last states" or both else [min(lengths) - 1]
    assert view.loss_from == ends[0]
    for name, found in view.rows.flow.items():
        expected = np.sqrt(squares[name] * count)  # a sequence's own loss is count times its share of the mean
        np.testing.assert_allclose(10 ** found[0], expected, rtol=1e-7, atol=1e-14)


def train(model: nn.Module, log: Any, clip: float, *, steps: int = 4) -> list[float]:
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for n in range(steps):
        loss = model.head(model.rnn(normal(5, 3, INPUT, seed=n))[0]).pow(2).mean()
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        losses.append(loss.item())
        if log is not None:
            log.step(loss)
    return losses


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clip", [1e9, 0.01])
def test_a_loop_goes_as_it_would_unwatched_and_a_row_has_its_numbers(kind: str, clip: float) -> None:
    model = Reader(network(kind, num_layers=2, bidirectional=True))
    twin, drawn = copy.deepcopy(model), torch.get_rng_state()
    with watch(model) as log:
        losses = train(model, log, clip)
    assert losses == train(twin, None, clip)
    for one, other in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert not any(module._forward_hooks for module in model.modules())
    curves, rows = log.view().curves, log.view().rows
    assert curves.iteration.tolist() == rows.iteration.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(curves.loss, losses)
    np.testing.assert_allclose(rows.loss, losses)
    assert curves.learning_rate.tolist() == [0.01] * 4
    assert curves.clipped.tolist() == [clip < 1] * 4
    np.testing.assert_allclose(np.sqrt(np.square(rows.before).sum(1)), curves.norm)
    after = np.sqrt(np.square(rows.after).sum(1))
    np.testing.assert_allclose(after, [clip] * 4 if clip < 1 else curves.norm, rtol=1e-3)
    assert log.iteration == 4
    assert repr(log) == "<Log 'rnn': 4 iterations>"


@pytest.mark.parametrize("kind", KINDS)
def test_a_blocks_norm_is_that_of_its_part_of_the_gradient(kind: str) -> None:
    model = Reader(network(kind, num_layers=2))
    with watch(model) as log:
        train(model, log, 1e9, steps=1)
    view, cell = log.view(), rnnviz.record(model.rnn, normal(2, INPUT)).cell
    gradient = dict(model.named_parameters())
    found = dict(zip(view.blocks, view.rows.before[0], strict=True))
    for layer in range(2):
        for parameter in cell.parameters:
            whole = gradient[f"rnn.{parameter.torch_name}_l{layer}"].grad
            part = whole[parameter.block * HIDDEN : (parameter.block + 1) * HIDDEN]
            assert found.pop(f"{layer}.{parameter.name}") == pytest.approx(float(part.norm()), rel=1e-9)
    assert {name: round(norm, 12) for name, norm in found.items()} == {
        f"head/{name}": round(float(weight.grad.norm()), 12) for name, weight in model.head.named_parameters()
    }


def test_hooks_alone_give_a_row_for_each_update_or_backward_pass() -> None:
    model = Reader(network("gru"))
    with watch(model) as log:
        train(model, None, 1.0)
    assert [s.iteration for s in log.snapshots] == [1, 2, 3, 4]
    assert all(math.isnan(s.loss) for s in log.snapshots)
    by_hand = Reader(network("gru"))
    with watch(by_hand) as log:
        for n in range(3):
            by_hand.zero_grad()
            by_hand.head(by_hand.rnn(normal(5, 3, INPUT, seed=n))[0]).pow(2).mean().backward()
            with torch.no_grad():
                for weight in by_hand.parameters():
                    weight -= 0.1 * weight.grad
    assert [s.iteration for s in log.snapshots] == [1, 2, 3]
    assert len(log.view().rows) == 3


def test_a_backward_pass_in_an_optimisers_closure_is_a_row_with_what_was_used() -> None:
    """As Lightning has it, clipping in the closure too."""
    model = Reader(network("gru"))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model) as log:
        for n in range(3):

            def closure(n: int = n) -> Tensor:
                optimiser.zero_grad()
                loss = model.head(model.rnn(normal(5, 3, INPUT, seed=n))[0]).pow(2).mean()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 0.01)
                return loss

            log.step(optimiser.step(closure))
    curves, rows = log.view().curves, log.view().rows
    assert curves.iteration.tolist() == rows.iteration.tolist() == [1, 2, 3]
    assert curves.learning_rate.tolist() == [0.1] * 3
    assert np.isfinite(curves.loss).all()
    assert curves.clipped.all()
    np.testing.assert_allclose(np.sqrt(np.square(rows.after).sum(1)), 0.01, rtol=1e-3)


def test_a_backward_pass_that_fails_is_no_row_and_the_next_one_is() -> None:
    model = Reader(network("gru"))
    with watch(model) as log:
        x = normal(5, 3, INPUT).requires_grad_()
        x.register_hook(lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            model.rnn(x)[0].sum().backward()
        model.zero_grad()
        model.rnn(x.detach())[0].sum().backward()
    assert log.iteration == len(log.view().rows) == 1


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("updates", [True, False])
def test_the_loss_may_be_told_before_or_after_the_update_or_without_one(before: bool, updates: bool) -> None:
    model = Reader(network("rnn"))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    with watch(model) as log:
        for n in range(3):
            loss = model.head(model.rnn(normal(5, 3, INPUT, seed=n))[0]).pow(2).mean()
            losses.append(loss.item())
            optimiser.zero_grad()
            loss.backward()
            if before:
                log.step(loss, score=0.5)
            if updates:
                optimiser.step()
            if not before:
                log.step(losses[-1], score=0.5)
    assert [s.loss for s in log.snapshots] == losses
    assert [s.score for s in log.snapshots] == [0.5] * 3
    assert log.view().rows.loss.tolist() == losses


def test_validation_accumulation_and_another_models_update_are_no_rows() -> None:
    model, other = Reader(network("lstm")), nn.Linear(2, 2)
    optimiser, elsewhere = torch.optim.Adam(model.parameters()), torch.optim.Adam(other.parameters())
    with watch(model) as log:
        for n in range(4):
            for part in range(2):
                model.head(model.rnn(normal(5, 3, INPUT, seed=2 * n + part))[0]).pow(2).mean().backward()
                if n == 0 and part == 0:
                    optimiser.step()
            optimiser.step()
            optimiser.zero_grad()
            with torch.no_grad():
                model.rnn(normal(9, 3, INPUT))
            other(torch.ones(2)).sum().backward()
            elsewhere.step()
    assert log.iteration == 5
    assert log.view().steps == 5


def loss_of(model: nn.Module, seed: int) -> Tensor:
    loss: Tensor = model.head(model.rnn(normal(5, 3, INPUT, seed=seed))[0]).pow(2).mean()
    return loss


def norm_of(model: nn.Module) -> float:
    return math.sqrt(sum(float(weight.grad.square().sum()) for weight in model.parameters()))


@settings(max_examples=40)
@given(
    told=st.sampled_from(["before its backward pass", "after it", "after the update", "never"]),
    every=st.integers(1, 2),
    accumulated=st.integers(1, 3),
    updates=st.booleans(),
    cleared_late=st.booleans(),
    between=st.sampled_from(["nothing", "before the backward pass", "after it", "after the update"]),
)
def test_a_row_has_the_loss_and_the_gradient_of_one_update_wherever_the_loss_is_told(
    told: str, every: int, accumulated: int, updates: bool, cleared_late: bool, between: str
) -> None:
    """Whether gradients accumulate, and whatever else passes through the model; without an optimiser of each pass."""
    every = 1 if told == "before its backward pass" else every
    model = Reader(network("gru"))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    losses, norms = [], []
    with watch(model) as log:

        def tell(place: str, loss: Tensor) -> None:
            if told == place and n % every == 0:
                log.step(loss)

        def pass_by(place: str) -> None:
            if between == place:
                model.rnn(normal(7, 1, INPUT))

        for n in range(4):
            if not cleared_late:
                model.zero_grad()
            for part in range(accumulated):
                loss = loss_of(model, 3 * n + part)
                if cleared_late and part == 0:
                    model.zero_grad()
                tell("before its backward pass", loss)
                pass_by("before the backward pass")
                loss.backward()
                pass_by("after it")
                tell("after it", loss)
                if updates and part == accumulated - 1:
                    optimiser.step()
                    pass_by("after the update")
                if updates is False or part == accumulated - 1:
                    tell("after the update", loss)
                    losses.append(loss.item() if told != "never" and n % every == 0 else math.nan)
                    norms.append(norm_of(model))
    assert [s.iteration for s in log.snapshots] == list(range(1, len(losses) + 1))
    np.testing.assert_allclose([s.loss for s in log.snapshots], losses)
    np.testing.assert_allclose([s.norm for s in log.snapshots], norms)
    assert [s.learning_rate for s in log.snapshots] == pytest.approx(
        [0.1 if updates else math.nan] * len(losses), nan_ok=True
    )
    view = log.view()
    assert view.rows.iteration.tolist() == view.curves.iteration.tolist()
    assert view.steps == 5


def test_the_backward_passes_that_an_optimiser_asks_for_are_one_row() -> None:
    model = Reader(network("gru"))
    optimiser = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=4)
    passes = []
    with watch(model) as log:
        for n in range(3):

            def closure(n: int = n) -> Tensor:
                optimiser.zero_grad()
                loss = loss_of(model, n)
                loss.backward()
                passes.append(n)
                return loss

            log.step(optimiser.step(closure))
    assert len(passes) > 6
    assert log.view().rows.iteration.tolist() == [1, 2, 3]
    assert [s.learning_rate for s in log.snapshots] == [0.1] * 3
    assert all(math.isfinite(s.loss) for s in log.snapshots)


def test_a_long_run_by_hand_is_kept_where_an_optimiser_follows() -> None:
    model = Reader(network("rnn"))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model) as log:
        for n in range(70):
            model.zero_grad()
            loss_of(model, n).backward()
        optimiser.step()
    assert log.iteration == 70
    assert math.isnan(log.snapshots[0].learning_rate)
    assert log.snapshots[-1].learning_rate == 0.1


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("clip", [None, 1e9, 1e-3])
def test_a_scaled_loss_has_the_row_of_the_loss_itself(fused: bool, clip: float | None) -> None:
    """But for the norm before clipping where it clips: that of the scaled loss, as the docstring says."""
    plain = Reader(network("gru", dtype=torch.float32)).float()
    scaled = copy.deepcopy(plain)
    logs = []
    for model, scaler in ((plain, None), (scaled, torch.amp.GradScaler("cpu", init_scale=2.0**10))):
        optimiser = torch.optim.Adam(model.parameters(), lr=0.01, fused=fused)
        with watch(model) as log:
            for n in range(3):
                optimiser.zero_grad()
                loss = model.head(model.rnn(normal(5, 3, INPUT, seed=n, dtype=torch.float32))[0]).pow(2).mean()
                (loss if scaler is None else scaler.scale(loss)).backward()
                if clip is not None:
                    if scaler is not None:
                        scaler.unscale_(optimiser)
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                if scaler is None:
                    optimiser.step()
                else:
                    scaler.step(optimiser)
                    scaler.update()
                log.step(loss)
        logs.append(log)
    expected, found = (log.view() for log in logs)
    assert found.curves.clipped.tolist() == expected.curves.clipped.tolist() == [clip == 1e-3] * 3
    np.testing.assert_allclose(found.rows.after, expected.rows.after, rtol=1e-4)
    factor = 1024 if clip == 1e-3 else 1
    np.testing.assert_allclose(found.curves.norm, factor * expected.curves.norm, rtol=1e-4)
    np.testing.assert_allclose(found.rows.before, factor * expected.rows.before, rtol=1e-4)
    np.testing.assert_allclose(found.rows.flow["h"], expected.rows.flow["h"] + math.log10(factor), atol=1e-4)


@pytest.mark.parametrize("optimised", [False, True])
def test_the_flow_is_that_of_the_last_pass_that_the_loss_came_back_through(optimised: bool) -> None:
    """Not of one that began later, and whichever of them autograd comes to first."""
    model = Reader(network("lstm"))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.0)
    one, other = normal(5, 2, INPUT, seed=1), normal(7, 2, INPUT, seed=2)

    def flow(x: Tensor, y: Tensor, later: Tensor | None) -> Any:
        with watch(model) as log:
            for _ in range(2):
                model.zero_grad()
                outputs = [model.rnn(read)[0] for read in (x, y)]
                if later is not None:
                    model.rnn(later)
                sum(model.head(output).pow(2).sum() for output in outputs).backward()
                if optimised:
                    optimiser.step()
        assert len(log.view().rows) == log.iteration == 2
        return log.view().rows.flow

    for x, y in ((one, other), (other, one)):
        expected = flow(x.flip(0), y, None)
        assert expected["h"].shape[-1] == len(y)
        for later in (None, x):
            found = flow(x, y, later)
            for name in ("h", "c"):
                np.testing.assert_allclose(found[name], expected[name])


def test_two_backward_passes_through_one_pass_are_two_rows_by_hand() -> None:
    model = Reader(network("gru"))
    with watch(model) as log:
        loss = loss_of(model, 0)
        loss.backward(retain_graph=True)
        model.zero_grad()
        (10 * loss).backward()
    flow = log.view().rows.flow["h"]
    np.testing.assert_allclose(flow[1], flow[0] + 1)


@pytest.mark.parametrize("copied", [copy.deepcopy, torch.optim.swa_utils.AveragedModel, saved_whole])
def test_a_watched_model_is_copied_and_saved_and_the_copy_is_not_watched(copied: Any) -> None:
    model = Reader(network("gru"))
    with watch(model) as log:
        twin = copied(model)
        twin = getattr(twin, "module", twin)
        loss_of(twin, 0).backward()
        copy.deepcopy(twin)
        assert log.iteration == 0
        loss_of(model, 0).backward()
    assert log.iteration == 1
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        assert torch.equal(mine.grad, theirs.grad)


def test_where_the_loss_enters_is_told() -> None:
    model = Reader(network("gru"))
    with watch(model) as log:
        model.head(model.rnn(normal(6, 3, INPUT))[0][4:]).pow(2).mean().backward()
    assert log.view().loss_from == 4


class Twice(nn.Module):
    """An encoder whose states a decoder begins with."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = network("lstm"), network("lstm", seed=1)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.decoder(x[:2], self.encoder(x)[1])[0]
        return output


def test_an_encoder_and_a_decoder_are_two_parts() -> None:
    model = Twice()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    with watch(model) as log:
        for n in range(2):
            loss = model(normal(6, 3, INPUT, seed=n)).pow(2).mean()
            loss.backward()
            optimiser.step()
            log.step(loss)
    assert log.parts == ("encoder", "decoder")
    assert (log.view("encoder").steps, log.view("decoder").steps) == (6, 2)
    assert (
        log.view("encoder").blocks
        == log.view("decoder").blocks
        == tuple(f"0.{part}{gate}" for gate in "ifgo" for part in ("W_x", "W_h", "b_x", "b_h"))
    )
    assert np.isfinite(log.view("encoder").rows.flow["h"]).all(), "through the state that is handed on"
    with pytest.raises(ValueError, match=r"no part 'rnn' is watched; accepted: 'encoder', 'decoder'"):
        log.view("rnn")


def test_sequences_of_several_lengths_stand_in_one_picture() -> None:
    model = Reader(network("gru"))
    with watch(model) as log:
        for steps in (3, 5, 4):
            model.head(model.rnn(normal(steps, 2, INPUT))[0]).pow(2).mean().backward()
    flow = log.view().rows.flow["h"][:, 0]
    assert np.isneginf(flow).tolist() == [[t >= steps for t in range(5)] for steps in (3, 5, 4)]


@pytest.mark.parametrize("name", ["mgu", "peephole"])
def test_a_declared_cell_is_watched_too(name: str) -> None:
    module = declared(name, layers=2)
    with watch(module) as log:
        module(normal(4, 2, INPUT))[0].pow(2).sum().backward()
    assert np.isfinite(log.view().rows.flow["h"]).all()
    assert log.view().blocks[0].startswith("0.W_x")


def test_a_row_is_the_one_that_a_run_of_train_live_has() -> None:
    """The same network, batch and loss."""
    trainer = Trainer(Config(task="adding", cell="lstm", num_layers=2, hidden_size=6, length=8, batch_size=5))
    model = copy.deepcopy(trainer.model)
    batch = trainer.batch(1)
    trainer.advance()
    with watch(model.rnn) as log:
        h, _ = model.rnn(batch.x)
        trainer.task.criterion(model.read_out(h[len(h) - len(batch.y) :]), batch.y).backward()
    (mine,) = log.rows[""]
    theirs = trainer.last
    assert isinstance(theirs, Snapshot)
    assert theirs.flow is not None
    assert mine.flow is not None
    for name in ("h", "c"):
        np.testing.assert_allclose(mine.flow[name], theirs.flow[name], atol=1e-3)


def test_rows_that_nobody_looks_at_take_a_bounded_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.training.watch.BYTES", 1)
    model = Reader(network("gru"))
    with watch(model) as log:
        train(model, log, 1.0, steps=60)
    assert len(log.rows["rnn"]) <= 16
    assert len(log._replays["rnn"]._waiting) <= 32
    assert len(log.view().rows) == len(log.rows["rnn"])


def test_what_cannot_be_watched_is_refused() -> None:
    with pytest.raises(TypeError, match=r"model is a int; accepted: a torch\.nn\.Module"):
        watch(3)
    with pytest.raises(ValueError, match=r"no recurrent layer that can be watched; accepted: a model with an nn\.RNN"):
        watch(nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"GRUCell; accepted: whole layers.*; accepted"):
        watch(nn.Sequential(nn.GRUCell(2, 2)))
    mixed = nn.ModuleDict({"step": nn.GRUCell(2, 2), "rnn": nn.GRU(2, 2)})
    log = watch(mixed)
    assert list(log.passed_over) == ["step"]
    with pytest.raises(ValueError, match=r"no part 'step' is watched \(module is a .*GRUCell"):
        log.view("step")
    for wrong in ("high", torch.ones(2), None):
        with pytest.raises(TypeError, match="accepted: a number, or a tensor with one"):
            log.step(wrong)


def test_its_chart_is_that_of_train_live_without_what_is_not_known() -> None:
    model = Reader(network("lstm", num_layers=2))
    with watch(model) as log:
        train(model, log, 0.01, steps=3)
    for layer, state in ((0, "h"), (1, "c")):
        figure = rnnviz.training_chart(log, layer=layer, state=state, language="ko")
        assert figure.tables["bundle"][0]["watched"]
        assert figure.tables["runs"][0]["R"] == 3
    pair = rnnviz.training_chart(log.view(), log, names=["one", "other"])
    assert [run["name"] for run in pair.tables["runs"]] == ["one", "other"]
    with pytest.raises(ValueError, match="layer is 2; accepted: 0 to 1"):
        rnnviz.training_chart(log, layer=2)
    with pytest.raises(ValueError, match="state is 'z'; accepted: 'h' or 'c'"):
        rnnviz.training_chart(log, state="z")
    assert rnnviz.training_chart(watch(model)).tables["runs"][0]["R"] == 0


def test_weights_that_are_replaced_in_the_middle_are_the_ones_that_are_kept() -> None:
    """In place, by other data, by another parameter: the row is of those that the pass was computed with."""
    model = Reader(network("gru"))
    with watch(model) as log:
        for change in ("none", "in place", "data", "parameter"):
            weight = model.rnn.weight_hh_l0
            if change == "in place":
                with torch.no_grad():
                    weight.mul_(3)
            elif change == "data":
                weight.data = weight.data * 3
            elif change == "parameter":
                model.rnn.weight_hh_l0 = nn.Parameter(weight.detach() * 3)
            model.zero_grad()
            model.head(model.rnn(normal(5, 3, INPUT))[0][-1:]).pow(2).mean().backward()
    flows = log.view().rows.flow["h"][:, 0, 0]
    alone = Reader(network("gru"))
    assert isinstance(log, rnnviz.Log)
    alone.load_state_dict(model.state_dict())
    with watch(alone) as other:
        alone.head(alone.rnn(normal(5, 3, INPUT))[0][-1:]).pow(2).mean().backward()
    assert len({*flows.tolist()}) == 4
    assert flows[-1] == pytest.approx(other.view().rows.flow["h"][0, 0, 0])
