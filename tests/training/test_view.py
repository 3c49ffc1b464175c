"""What is seen of a run is plain: it can be sent, is read without torch, and no later iteration changes it."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from rnnviz.core.cells import CELLS
from rnnviz.training import Config, Trainer
from rnnviz.training.history import ROWS, SNAPSHOTS
from rnnviz.training.view import RunView, capture, view

SMALL = Config(cell="lstm", hidden_size=5, batch_size=3, length=10)
KINDS = {
    "plain": SMALL,
    "layers": replace(SMALL, num_layers=2, truncation=4, clipping="norm", clip_at=0.1),
    "classes": replace(SMALL, cell="gru", task="reber", length=20),
    "explodes": Config(
        cell="rnn_relu",
        initialisation="spectral radius",
        spectral_radius=2.5,
        length=40,
        optimiser="sgd",
        learning_rate=0.01,
    ),
}


def trained(config: Config, iterations: int = 30) -> Trainer:
    trainer = Trainer(config, iterations=iterations)
    for snapshot in trainer:
        if snapshot.iteration == 10:
            trainer.change(learning_rate=0.5)
    return trainer


def leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """All that a view is made of, by the way to it."""
    if is_dataclass(value) and not isinstance(value, Config):
        for part in fields(value):
            yield from leaves(getattr(value, part.name), f"{name}.{part.name}")
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from leaves(part, f"{name}[{key}]")
    else:
        yield name, value


def assert_same(one: RunView, other: RunView) -> None:
    np.testing.assert_equal(dict(leaves(one)), dict(leaves(other)))


@pytest.mark.parametrize("config", KINDS.values(), ids=KINDS)
def test_it_is_plain_and_comes_back_from_a_pickle_as_it_was(config: Config) -> None:
    seen = view(trained(config))
    assert_same(pickle.loads(pickle.dumps(seen)), seen)
    for name, value in leaves(seen):
        assert type(value) in (np.ndarray, Config, bool, int, float, str, tuple), name
        if isinstance(value, np.ndarray):
            assert value.dtype != object, name
    assert b"torch" not in pickle.dumps(seen)


READ = """
import pickle, sys
seen = pickle.load(open(sys.argv[1], "rb"))
from rnnviz.charts.training.chart import chart
from rnnviz.facts.training import facts
from rnnviz.facts.questions.training import answered_question
from rnnviz.training.view import to_csv
assert chart([seen], ["run"]).to_dict()["datasets"]["runs"]
assert len(to_csv([seen]).splitlines()) == 31
assert answered_question([seen], ["run"]) and list(facts(seen))
assert not {"torch", "streamlit"} & sys.modules.keys()
"""


def test_it_is_read_drawn_and_told_where_there_is_no_torch(tmp_path: Path) -> None:
    file = tmp_path / "run"
    file.write_bytes(pickle.dumps(view(trained(SMALL))))
    subprocess.run([sys.executable, "-c", READ, str(file)], check=True, timeout=120)


def test_no_later_iteration_changes_it_also_where_its_arrays_are_made_later() -> None:
    trainer, twin = Trainer(SMALL, iterations=60), Trainer(SMALL, iterations=20)
    for _ in range(20):
        trainer.advance()
        twin.advance()
    late, seen = capture(trainer), view(trainer)
    before = pickle.loads(pickle.dumps(seen))
    trainer.change(learning_rate=0.5)
    while not trainer.finished:
        trainer.advance()
    assert_same(seen, before)
    expected = replace(view(twin), iterations=60)
    for name, value in leaves(late()):
        if name.startswith(
            (".rows.flow", ".rows.last", ".rows.before", ".rows.after")
        ):  # sixteen together or one: rounding
            np.testing.assert_allclose(value, dict(leaves(expected))[name], rtol=1e-5, atol=1e-5)
        else:
            np.testing.assert_equal(value, dict(leaves(expected))[name])


@pytest.mark.parametrize("config", KINDS.values(), ids=KINDS)
def test_it_is_what_the_history_keeps(config: Config) -> None:
    """Under the names of the saved file, which other tests hold against autograd."""
    trainer = trained(config)
    seen, kept = view(trainer), trainer.history.arrays()
    for name in ("iteration", "loss", "score", "learning_rate", "norm", "clipped", "cut"):
        np.testing.assert_array_equal(getattr(seen.curves, name), kept[name])
    for name in ("iteration", "loss", "score", "outputs"):
        np.testing.assert_array_equal(getattr(seen.evaluations, name), kept[f"unseen.{name}"])
    for name in ("iteration", "before", "after"):
        np.testing.assert_array_equal(getattr(seen.rows, name), kept[f"row.{name}"])
    for state in CELLS[config.cell].states:
        np.testing.assert_array_equal(seen.rows.flow[state], kept[f"row.{state}"])
        assert (f"row.last_{state}" in kept) == seen.several_losses
        np.testing.assert_array_equal(seen.rows.last[state], kept.get(f"row.last_{state}", kept[f"row.{state}"]))
    last = [s for s in trainer.history.snapshots if s.unseen is not None][-1].unseen
    assert last is not None
    assert tuple(seen.evaluations.mean_h[-1]) == last.mean_h
    assert tuple(seen.evaluations.saturated[-1]) == last.saturated
    assert {name: values[-1] for name, values in seen.evaluations.radius.items()} == last.radius
    first = next(iter(trainer.history.snapshots)).theory
    assert first is not None
    assert seen.theories.growth[0].tolist() == [layer.growth for layer in first]
    assert seen.theories.bound[0].tolist() == [layer.bound for layer in first]


def test_before_the_first_iteration_and_unwatched_its_tables_are_empty_in_their_shapes() -> None:
    for seen in (view(Trainer(SMALL)), view(trained(SMALL, 1)), view(Trainer(SMALL, watched=False))):
        assert bool(seen.rows) == bool(seen.curves) == (seen.iteration > 0)
        assert seen.rows.flow["c"].shape == (seen.iteration, 1, 10)
        assert seen.rows.before.shape == (seen.iteration, len(seen.blocks))
        assert seen.evaluations.outputs.shape == (seen.iteration, 1, 1)
        assert seen.theories.growth.shape == (seen.iteration, 1)


def test_however_long_a_run_is_a_view_is_bounded() -> None:
    trainer = trained(replace(SMALL, cell="rnn"), 1500)
    seen, file = view(trainer), io.BytesIO()
    pickle.dump(seen, file)
    assert len(seen.curves) <= sum(SNAPSHOTS)
    assert len(seen.rows) <= sum(ROWS)
    per_row = 8 * (seen.steps + 2 * len(seen.blocks) + 2)
    assert file.tell() < 1.1 * (sum(ROWS) * per_row + sum(SNAPSHOTS) * 8 * 7) + 10_000


class TestSample:
    @pytest.mark.parametrize("seed", range(40))
    def test_what_counts_in_the_adding_problem_adds_up_to_what_is_asked(self, seed: int) -> None:
        """The sequence that is shown is the one whose answer is."""
        seen = view(Trainer(replace(SMALL, task="adding", length=20 + 4 * seed, seed=seed)))
        assert seen.values.shape == seen.counts.shape == (seen.steps,)
        assert seen.counts.sum() == 2
        assert seen.values[seen.counts].sum() == pytest.approx(seen.truth[0], abs=1e-6)
        assert np.all((seen.values >= 0) & (seen.values <= 1))

    @pytest.mark.parametrize("task", ["sine", "sines", "sunspots"])
    def test_each_step_of_a_series_is_asked_at_the_step_before(self, task: str) -> None:
        seen = view(Trainer(replace(SMALL, task=task, length=30)))
        np.testing.assert_allclose(seen.values[1:], seen.truth[:-1], rtol=1e-6)
        assert not seen.counts.any()

    @pytest.mark.parametrize("task", ["reber", "order", "copy"])
    def test_a_task_that_reads_kinds_has_no_values(self, task: str) -> None:
        trainer = Trainer(replace(SMALL, task=task, length=20))
        seen = view(trainer)
        assert seen.values.shape == (0,)
        assert trainer.task.counts is not None
        np.testing.assert_array_equal(seen.counts, trainer.task.counts(trainer.unseen.x[:, 0]))
        assert seen.counts.any()
