"""A moment of a run: which weights, one layer and one sequence of it, and a run trained again up to there."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.core.cells import CELLS
from rnnviz.core.network import build
from rnnviz.training import Config, Trainer, retraining
from rnnviz.training.config import CHANGEABLE, Changes, Checkpoint, changes, kernels
from rnnviz.training.model import Parameters
from rnnviz.training.moment import reading
from rnnviz.training.retraining import Retraining
from rnnviz.training.trainer import UNSEEN

SMALL = Config(task="reber", cell="lstm", length=14, hidden_size=5, batch_size=4)
# An LSTM in float32, some operations apart from the fused kernel.
CLOSE = 1e-5


def run(config: Config, iterations: int) -> Trainer:
    """A trainer after so many iterations."""
    trainer = Trainer(config, iterations=iterations)
    while not trainer.finished:
        trainer.advance()
    return trainer


def same(one: Parameters, other: Parameters) -> bool:
    return one.keys() == other.keys() and all(torch.equal(weight, other[name]) for name, weight in one.items())


def done(config: Config, at: int, changes: Changes = ()) -> Retraining:
    job = Retraining(Checkpoint(config, at, changes))
    while not job.finished:
        job.advance()
    return job


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept from another test."""
    monkeypatch.setattr(retraining, "_kept", type(retraining._kept)())


class TestReading:
    @settings(max_examples=15)
    @given(
        task=st.sampled_from(["reber", "adding", "order", "sine", "characters", "sentiment-ko"]),
        cell=st.sampled_from(tuple(CELLS)),
        layers=st.integers(1, 3),
        sample=st.integers(1, UNSEEN),
        data=st.data(),
    )
    def test_a_layer_read_alone_is_what_the_whole_model_computes(
        self, task: str, cell: str, layers: int, sample: int, data: st.DataObject
    ) -> None:
        config = Config(task=task, cell=cell, num_layers=layers, length=12, hidden_size=4, seed=sample)
        layer = data.draw(st.integers(1, layers))
        trainer = Trainer(config, iterations=1)
        model, x = trainer.model, trainer.unseen.x[:, sample - 1]
        read = reading(config, model.keep(), sample, layer)
        trace = rnnviz.record(read.rnn, read.x)
        # What the modules themselves give: fused kernels, where PyTorch has the cell.
        with torch.no_grad():
            below = x[:, None]
            for row in range(layer):
                single = build(cell, below.shape[-1], 4)
                weights = dict(model.rnn.named_parameters())
                single.load_state_dict({f"{n[:-1]}0": w for n, w in weights.items() if n.endswith(f"_l{row}")})
                below = single(below)[0]
            assert trace["h"][0] == pytest.approx(below[:, 0].numpy(), abs=CLOSE)
            outputs = model.read_out(model.rnn(x[:, None])[0])[:, 0].numpy()
        assert (read.head is None) == (layer < layers)
        if read.head is not None:
            assert rnnviz.read_out(trace, read.head).logits == pytest.approx(outputs, abs=CLOSE)
        assert len(read.tokens) == len(read.x) == 12

    def test_what_is_asked_is_the_samples(self) -> None:
        for task in ("reber", "order", "adding", "sine"):
            config = Config(task=task, length=12, hidden_size=3)
            trainer = Trainer(config)
            kept, y = trainer.model.keep(), trainer.unseen.y
            for sample in (1, 7, UNSEEN):
                read = reading(config, kept, sample, 1)
                mine = y[:, sample - 1]
                if trainer.task.loss == "mse":
                    assert read.targets == ()
                    assert read.numbers is not None
                    assert np.isnan(read.numbers[: 12 - len(y)]).all()
                    np.testing.assert_array_equal(read.numbers[12 - len(y) :], mine.numpy())
                else:
                    assert read.numbers is None
                    assert read.targets[: 12 - len(y)] == (None,) * (12 - len(y))
                    assert [-1 if k is None else k for k in read.targets[12 - len(y) :]] == mine.tolist()

    def test_the_global_generator_is_not_moved(self) -> None:
        kept = Trainer(SMALL).model.keep()
        before = torch.get_rng_state()
        reading(SMALL, kept, 3, 1)
        done(SMALL, 3)
        assert torch.equal(torch.get_rng_state(), before)

    def test_a_space_can_be_seen(self) -> None:
        config = Config(task="characters", length=60, hidden_size=3)
        read = reading(config, Trainer(config).model.keep(), 1, 1)
        assert "␣" in read.tokens
        assert " " not in (*read.tokens, *read.outputs)


class TestAgain:
    @settings(max_examples=8)
    @given(
        cell=st.sampled_from((*kernels(), "mgu")),
        layers=st.integers(1, 2),
        clipping=st.sampled_from(["none", "norm", "value"]),
        truncation=st.sampled_from([0, 5]),
        asked=st.sampled_from([1, 2, 11, 21]),
    )
    def test_it_gives_the_weights_that_the_run_kept_bit_for_bit(
        self, cell: str, layers: int, clipping: str, truncation: int, asked: int
    ) -> None:
        config = replace(SMALL, cell=cell, num_layers=layers, clipping=clipping, clip_at=0.05, truncation=truncation)
        job = done(config, asked)
        watched = run(config, 21)
        found, kept = watched.history.nearest(asked)
        assert job.iteration == asked
        if found == asked:
            assert same(job.weights(), kept)

    def test_it_makes_the_updates_before_and_no_more(self) -> None:
        job = Retraining(Checkpoint(SMALL, 5))
        count = 0
        while not job.finished:
            with pytest.raises(LookupError, match="not trained yet"):
                job.weights()
            job.advance()
            count += 1
        assert count == 4

    def test_a_run_that_stops_by_itself_ends_there(self) -> None:
        config = Config(
            task="adding",
            cell="rnn_relu",
            length=40,
            hidden_size=8,
            optimiser="sgd",
            learning_rate=10.0,
            initialisation="spectral radius",
            spectral_radius=2.5,
        )
        stopped = run(config, 200)
        assert stopped.last is not None
        assert stopped.last.stopped
        assert stopped.iteration < 200
        job = done(config, 200)
        assert job.iteration == stopped.iteration
        assert same(job.weights(), stopped.model.keep())

    def test_those_who_ask_together_train_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[Trainer] = []
        begin = Trainer.__init__

        def count(self: Trainer, *arguments: object, **options: object) -> None:
            made.append(self)
            begin(self, *arguments, **options)

        monkeypatch.setattr(Trainer, "__init__", count)
        jobs = [Retraining(Checkpoint(SMALL, 40)) for _ in range(4)]
        threads = [threading.Thread(target=lambda job=job: [job.advance() for _ in range(40)]) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(job.finished for job in jobs)
        assert len(made) == 1
        assert made[0].iteration == 39
        assert all(same(job.weights(), jobs[0].weights()) for job in jobs)
        assert Retraining(Checkpoint(SMALL, 40)).finished, "and it is kept for who comes later"
        assert len(made) == 1
        for other in (
            Checkpoint(SMALL, 41),
            Checkpoint(replace(SMALL, seed=1), 40),
            Checkpoint(SMALL, 40, ((3, (("clip_at", 2.0),)),)),
        ):
            assert not Retraining(other).finished

    def test_only_so_many_are_kept(self) -> None:
        for seed in range(retraining.MOST_KEPT + 2):
            assert Retraining(Checkpoint(replace(SMALL, seed=seed), 1)).finished, (
                "before any update there is nothing to train"
            )
        assert len(retraining._kept) == retraining.MOST_KEPT
        assert Checkpoint(replace(SMALL, seed=0), 1) not in retraining._kept

    def test_a_length_that_the_task_does_not_take_is_refused(self) -> None:
        with pytest.raises(ValueError, match="length is 5"):
            Retraining(Checkpoint(Config(task="reber", length=5), 2))


class TestChanges:
    @settings(max_examples=12)
    @given(data=st.data())
    def test_a_run_that_was_changed_on_the_way_is_made_again_bit_for_bit(self, data: st.DataObject) -> None:
        trainer = Trainer(replace(SMALL, clipping="norm", clip_at=0.05), iterations=60)
        values = {"learning_rate": (0.003, 0.05, 0.1), "clipping": ("none", "norm", "value"), "clip_at": (0.02, 0.05)}
        assert tuple(values) == CHANGEABLE
        for _ in range(data.draw(st.integers(0, 4))):
            for _ in range(data.draw(st.integers(0, 9))):
                trainer.advance()
            for _ in range(data.draw(st.integers(1, 2))):  # twice in one pause
                name = data.draw(st.sampled_from(CHANGEABLE))
                trainer.change(**{name: data.draw(st.sampled_from(values[name]))})
        while trainer.iteration < 41:
            trainer.advance()
        for at in (21, 41):
            kept = trainer.history.kept[at]
            told = changes(trainer.started, trainer.history.changes, at)
            assert all(first < at for first, _ in told)
            assert same(done(trainer.started, at, told).weights(), kept)

    def test_only_what_differs_is_told(self) -> None:
        trainer = run(SMALL, 3)
        assert changes(trainer.started, trainer.history.changes, 3) == ()
        trainer.change(learning_rate=0.05)
        trainer.change(clip_at=2.0, learning_rate=SMALL.learning_rate)
        trainer.iterations = 9
        for _ in range(2):
            trainer.advance()
        trainer.change(clipping="norm")
        assert changes(trainer.started, trainer.history.changes, 4) == ()
        assert changes(trainer.started, trainer.history.changes, 5) == ((4, (("clip_at", 2.0),)),)
        assert changes(trainer.started, trainer.history.changes, 7) == (
            (4, (("clip_at", 2.0),)),
            (6, (("clipping", "norm"),)),
        )
