"""What is kept is bounded however long a run is; kept weights are those of their iteration; a file holds all."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.training import Config, Trainer, load
from rnnviz.training.history import Thinned

SMALL = Config(hidden_size=5, batch_size=3, length=10, cell="lstm")


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 3000))
def test_thinning_keeps_the_latest_and_bounds_the_rest_evenly(recent: int, older: int, count: int) -> None:
    thinned: Thinned[int] = Thinned(recent, older)
    for item in range(count):
        thinned.append(item)
    kept = list(thinned)
    assert len(kept) == len(thinned) <= recent + older
    assert kept[-recent:] == list(range(max(0, count - recent), count))
    old = kept[:-recent] if count > recent else []
    if old:
        assert old[0] == 0
        gaps = set(np.diff(old).tolist())
        assert len(gaps) <= 1
        assert all(gap & (gap - 1) == 0 for gap in gaps)
        assert len(old) > (older - 1) // 2 or gaps == {1} or len(old) == 1


def test_the_model_as_it_was_gives_the_loss_it_had() -> None:
    trainer = Trainer(SMALL, iterations=60)
    seen = {s.iteration: s for s in trainer}
    assert sorted(trainer.history.kept) == list(range(1, 61))
    for iteration in (1, 51):
        trainer.model.load(trainer.history.kept[iteration])
        again, before = trainer.evaluate(), seen[iteration].unseen
        assert before is not None
        assert (again.loss, again.score) == (before.loss, before.score)


def test_a_row_is_kept_for_each_of_the_last_two_hundred_and_memory_is_bounded() -> None:
    trainer = Trainer(replace(SMALL, cell="rnn"), iterations=1300)
    for _ in trainer:
        pass
    rows = [s.iteration for s in trainer.history.rows]
    assert rows[-200:] == list(range(1101, 1301))
    assert rows[0] == 1
    assert len(rows) <= 400
    snapshots = [s.iteration for s in trainer.history.snapshots]
    assert snapshots[-1000:] == list(range(301, 1301))
    assert len(snapshots) <= 1400
    assert sorted(trainer.history.kept) == rows, "every row can be opened"


def test_a_big_model_keeps_few_weights() -> None:
    config = Config(cell="lstm", num_layers=3, hidden_size=128, batch_size=1, length=4, task="adding")
    trainer = Trainer(config, iterations=121)
    for _ in trainer:
        pass
    assert 4 < len(trainer.history.kept) <= 8


def test_a_saved_history_is_loaded_as_it_was() -> None:
    trainer = Trainer(SMALL, iterations=60)
    for _ in trainer:
        pass
    file = io.BytesIO()
    trainer.history.save(file)
    file.seek(0)
    config, arrays = load(file)
    assert config == SMALL
    for name, array in trainer.history.arrays().items():
        np.testing.assert_array_equal(arrays[name], array)
    assert arrays["row.h"].shape == arrays["row.c"].shape == (60, 1, 10)
    assert arrays["iteration"].tolist() == list(range(1, 61))
    found = torch.from_numpy(arrays["weights.weight_hh_l0"][30])
    assert torch.equal(found, trainer.history.kept[31]["weight_hh_l0"])


def test_another_file_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, x=np.zeros(3))
    file.seek(0)
    with pytest.raises(ValueError, match=r"no history that `History.save` wrote"):
        load(file)
