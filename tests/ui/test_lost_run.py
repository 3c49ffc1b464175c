"""A run that was lost is trained again to the same numbers; what a tab hands in is checked like what a link says."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.lessons.train import lost_run as train_lost
from rnnviz.training import Config, Trainer
from rnnviz.training.config import Changes, changes
from rnnviz.ui.runs import tab
from rnnviz.ui.runs.train_run import SideBySide

WRITTEN: dict[str, Any] = {
    "preset": "clipping",
    "started": "task~adding~cell~rnn~length~12~hidden_size~5",
    "iterations": 2000,
    "at": 12,
    "done": 24,
    "now": {"learning_rate": "0.05", "clipping": "norm", "clip_at": "0.5"},
    "changes": ["5~learning_rate~0.02~9~clipping~norm~clip_at~0.5", ""],
}


def pair() -> str:
    from rnnviz.training.presets import PAIRS

    return next(iter(PAIRS))


def finished(trainers: tuple[Trainer, ...], again: tuple[Changes, ...], n: int) -> str:
    job = SideBySide(trainers, again)
    for _ in range(n):
        job.advance()
    return str([[snapshot.loss for snapshot in trainer.history.snapshots] for trainer in trainers])


def on_the_way(trainers: tuple[Trainer, ...]) -> tuple[Changes, ...]:
    return tuple(changes(trainer.started, trainer.history.changes, trainer.iteration + 1) for trainer in trainers)


RATES = st.sampled_from([0.001, 0.01, 0.1])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), RATES), max_size=4), st.integers(1, 2), st.integers(0, 5))
def test_a_run_that_is_repeated_has_the_losses_that_it_had(when: list[tuple[int, float]], runs: int, seed: int) -> None:
    cells = ("rnn", "gru")[:runs]
    configs = tuple(Config(cell=cell, length=6, hidden_size=3, batch_size=4, seed=seed) for cell in cells)
    trainers = tuple(Trainer(config, iterations=30) for config in configs)
    job = SideBySide(trainers)
    for k in range(10 * runs):
        for iteration, rate in when:
            if k == iteration * runs:
                for trainer in trainers:
                    trainer.change(learning_rate=rate)
        job.advance()
    happened = on_the_way(trainers)
    had = str([[snapshot.loss for snapshot in trainer.history.snapshots] for trainer in trainers])
    again = tuple(Trainer(config, iterations=30) for config in configs)
    assert finished(again, happened, 10 * runs) == had
    assert on_the_way(again) == happened


def test_what_the_page_writes_it_reads() -> None:
    lost = train_lost._read(WRITTEN | {"preset": pair()}, "secret", "restarted")
    assert (lost.at, lost.done, lost.started.length) == (12, 24, 12)
    assert lost.changes[0] == ((5, (("learning_rate", 0.02),)), (9, (("clipping", "norm"), ("clip_at", 0.5))))


ODD: list[Any] = [
    None,
    "",
    "x",
    -1,
    0,
    10**30,
    1.5,
    float("nan"),
    True,
    [],
    {},
    [[]],
    ["~"],
    {"a": 1},
    "1~task~x",
    "\x00",
]


@pytest.mark.parametrize("seed", range(10))
def test_what_a_hostile_tab_hands_in_is_refused_or_can_be_trained(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        run: Any = copy.deepcopy(WRITTEN | {"preset": pair()})
        for _ in range(rng.randint(1, 3)):
            run[rng.choice([*WRITTEN, "other"])] = rng.choice(ODD)
        if rng.random() < 0.1:
            run.pop(rng.choice(list(run)))
        if rng.random() < 0.1:
            run = rng.choice(ODD)
        try:
            lost = train_lost._read(run, "secret", "forgotten")
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
        assert len(lost.changes) == 2
        assert lost.done >= 0
        json.dumps(run)


def test_the_longest_run_can_be_handed_in() -> None:
    from rnnviz.training.config import TEXT_LIMIT

    run = WRITTEN | {"started": "task~characters~cell~rnn~text~" + "\N{HANGUL SYLLABLE GAG}" * TEXT_LIMIT}
    assert len(json.dumps({"secret": "s" * 40, "boot": "b" * 20, "run": run})) < tab.KEPT_LIMIT
