"""Every iteration has its row, of the weights before its update, whoever asks for it and when."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz import CELLS
from rnnviz.training import Config, Trainer, backwards, flow, rows
from rnnviz.training.model import build
from rnnviz.training.trainer import block_sizes

SMALL = Config(cell="lstm", hidden_size=6, batch_size=5, length=12, clipping="norm", clip_at=0.5)
every_cell = pytest.mark.parametrize("cell", CELLS)


def alone(trainer: Trainer, iteration: int = 1) -> tuple[dict[str, np.ndarray], Sequence[torch.Tensor]]:
    """The flow and the gradient of the first weights on an iteration's batch, outside of any run."""
    model = build(trainer.started, trainer.task.input_size, trainer.task.output_size)
    taps: list[list[flow.Tap]] = [[] for _ in range(trainer.config.num_layers)]
    batch = trainer.batch(iteration)
    h = flow.forward(model, batch.x, trainer.config.truncation, taps)
    loss = trainer.task.criterion(model.read_out(h[len(h) - len(batch.y) :]), batch.y)
    gradients = flow.gradient(loss, [weight for _, weight in model.named()], taps)
    measured = backwards.log_norms([backwards.raw(model.rnn, taps)])
    return {name: norms[0] for name, norms in measured.every.items()}, gradients


@every_cell
@pytest.mark.parametrize("learning_rate", [1e-6, 1.0])
def test_a_row_is_of_the_weights_before_the_update_however_large_that_was(cell: str, learning_rate: float) -> None:
    trainer = Trainer(replace(SMALL, cell=cell, learning_rate=learning_rate, num_layers=2), iterations=1)
    (snapshot,) = trainer
    expected, gradients = alone(trainer)
    assert snapshot.flow is not None
    for name, norms in expected.items():
        np.testing.assert_allclose(snapshot.flow[name], norms, rtol=0, atol=1e-5)
    sizes = block_sizes(trainer.model)
    flat = torch.cat([gradient.flatten() for gradient in gradients]).double()
    assert sum(sizes.values()) == len(flat)
    norms = [float(part.norm()) for part in flat.split(list(sizes.values()))]
    np.testing.assert_allclose(snapshot.before, norms, rtol=1e-5)


@every_cell
def test_asked_one_by_one_or_all_at_the_end_the_rows_are_the_same(cell: str) -> None:
    config = replace(SMALL, cell=cell)
    each, late = Trainer(config, iterations=50), Trainer(config, iterations=50)
    asked = [(snapshot.flow, snapshot.before, snapshot.after) for snapshot in each]
    assert len(list(late)) == 50
    for (known, before, after), row in zip(asked, late.history.rows, strict=True):
        assert known is not None
        assert row.flow is not None
        for name, norms in known.items():
            np.testing.assert_allclose(row.flow[name], norms, rtol=0, atol=1e-5)
        np.testing.assert_allclose(row.before, before, rtol=1e-6)
        np.testing.assert_allclose(row.after, after, rtol=1e-6)


def test_a_page_asks_while_a_worker_trains_and_every_row_is_there() -> None:
    quiet = list(Trainer(SMALL, iterations=400))
    trainer = Trainer(SMALL, iterations=400)
    worker = threading.Thread(target=lambda: [None for _ in trainer])
    worker.start()
    while worker.is_alive():
        for snapshot in trainer.history.rows:
            assert snapshot.flow is not None
    worker.join()
    shown = list(trainer.history.rows)
    assert [snapshot.iteration for snapshot in shown[-200:]] == list(range(201, 401))
    for snapshot in shown:
        known = quiet[snapshot.iteration - 1].flow
        assert known is not None
        assert snapshot.flow is not None
        np.testing.assert_allclose(snapshot.flow["c"], known["c"], rtol=0, atol=1e-4)


def test_where_nobody_asks_no_more_rows_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_NUMBERS", 300_000)
    trainer, most = Trainer(replace(SMALL, hidden_size=20), iterations=300), 0
    per_row = 2 * sum(block_sizes(trainer.model).values())
    for _ in trainer:
        most = max(most, len(trainer._queue._rows))
    assert rows.TOGETHER <= most <= 300_000 / per_row + 1


def test_a_large_truncated_lstm_keeps_no_gigabytes_waiting() -> None:
    """Sixty chunks a layer share its weights, and the limit holds from the first row on."""
    config = Config(cell="lstm", hidden_size=128, num_layers=3, length=60, batch_size=2, truncation=1)
    trainer = Trainer(config, iterations=6)
    for _ in trainer:
        assert sum(_bytes(raw) for _, raw, *_ in trainer._queue._rows) <= 4 * rows.MOST_NUMBERS


def _bytes(raw: backwards.Raw) -> int:
    return sum({part.data_ptr(): part.untyped_storage().nbytes() for part in raw.tensors}.values())


def test_a_row_keeps_no_other() -> None:
    trainer = Trainer(SMALL, iterations=40)
    for snapshot in list(trainer):
        assert snapshot.flow is not None
        assert all(array.base is None for array in (*snapshot.flow.values(), snapshot.before, snapshot.after))


def test_not_watched_there_is_no_row() -> None:
    trainer = Trainer(SMALL, iterations=3, watched=False)
    assert all(s.flow is s.before is s.after is None for s in trainer)
    assert len(trainer.history.rows) == 0
