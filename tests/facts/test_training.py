"""What is told of a training run is so: over many tasks, cells and seeds, each sentence is recomputed from the run."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.cells import CELLS
from rnnviz.facts.notice import Notice
from rnnviz.facts.training import explosion, facts
from rnnviz.tasks.catalogue import TASK_NAMES
from rnnviz.training import Config, Trainer
from rnnviz.training.view import RunView, view
from rnnviz.words import LANGUAGES, catalogue

pytestmark = pytest.mark.slow
ASKED_AT_THE_END = ("adding", "order", "sentiment-en", "gap-ko")


@st.composite
def runs(draw: st.DrawFn) -> RunView:
    """A short run of a small model, of any task and cell; some stop by themselves, some are not at their end."""
    config = Config(
        task=draw(st.sampled_from(TASK_NAMES)),
        cell=draw(st.sampled_from(sorted(CELLS))),
        hidden_size=draw(st.integers(2, 6)),
        length=draw(st.integers(12, 30)),
        batch_size=draw(st.integers(2, 6)),
        optimiser=draw(st.sampled_from(["adam", "sgd", "momentum", "rmsprop"])),
        learning_rate=draw(st.sampled_from([0.003, 0.05, 3.0])),
        initialisation=draw(st.sampled_from(["default", "identity", "orthogonal", "spectral radius"])),
        spectral_radius=draw(st.sampled_from([0.5, 1.5, 3.0])),
        clipping=draw(st.sampled_from(["none", "norm"])),
        truncation=draw(st.sampled_from([0, 0, 4])),
        seed=draw(st.integers(0, 10_000)),
    )
    trainer = Trainer(config, iterations=draw(st.sampled_from([1, 5, 30])))
    for _ in islice(trainer, draw(st.sampled_from([4, 30]))):
        pass
    return view(trainer)


def slope(row: np.ndarray) -> float:
    k = np.flatnonzero(np.isfinite(row))
    return float(-np.polyfit(k, row[k], 1)[0])


@settings(max_examples=60)
@given(runs())
def test_every_sentence_of_a_run_holds(seen: RunView) -> None:
    for fact in facts(seen):
        for language in LANGUAGES:
            assert catalogue(language)[f"notice.{fact.kind}"].format(t=fact.t, **fact.values)
        check(fact, seen)
    if seen.stopped:
        check_explosion(explosion(seen), seen)


def check(fact: Notice, seen: RunView) -> None:
    values, row = fact.values, seen.rows.flow["h"][-1, -1]
    score, part = seen.evaluations.score[-1], seen.evaluations.loss[-1] / seen.baseline
    match fact.kind.removeprefix("train_"):
        case "fades" | "grows" | "flat" as kind:
            found = slope(row)
            assert values["factor"] == pytest.approx(10**found, rel=1e-6)
            assert values["decades"] == pytest.approx(abs(found) * (len(row) - 1), abs=1e-6)
            if abs(abs(found) - 0.01) > 1e-9:
                assert kind == ("flat" if abs(found) < 0.01 else "grows" if found > 0 else "fades")
        case "zero":
            assert (row == -np.inf).sum() >= values["count"] > 0
            assert "relu" not in seen.config.cell, "a ReLU that is off gives a zero of its own"
        case "zero_plain" | "zero_cut" as kind:
            assert (row == -np.inf).sum() >= values["count"] > 0
            if kind == "zero_cut":
                assert seen.loss_from >= len(row) - seen.config.truncation
        case "closed":
            first = seen.rows.flow["h"][0, -1]
            assert CELLS[seen.config.cell].blocks == ("h",)
            assert abs(slope(first) * (len(first) - 1)) == pytest.approx(values["then"], abs=1e-6)
            assert slope(row) < slope(first)
            assert values["after"] > values["before"]
        case "untrained":
            assert len(seen.evaluations) == 1
            assert fact.t == 1
        case "learned":
            assert part == pytest.approx(values["part"])
            assert part < 0.25
            assert score > seen.chance
        case "learning":
            assert part < 0.85 or (part < 1.05 and score > seen.chance)
        case "stuck" | "arrives" | "arrived" as kind:
            assert 0.85 <= part < 1.05
            assert score < seen.chance + 0.1
            lost = slope(row) * (len(row) - 1) if np.isfinite(row).all() else np.inf
            if seen.loss_from > 0 and abs(abs(lost) - 3) > 1e-6:
                assert (kind != "stuck") == (abs(lost) < 3)
            if kind != "stuck":
                assert (values["done"], values["most"]) == (seen.iteration, seen.iterations)
                assert (kind == "arrived") == (seen.iteration >= seen.iterations), "at its end"
        case "worse":
            assert part >= 1.05
        case "last_fades" | "last_grows" | "last_flat" as kind:
            assert seen.loss_from == 0
            alone = seen.rows.last["h"][-1, -1]
            found, steps = slope(alone), int(np.flatnonzero(np.isfinite(alone))[-1])
            assert values["factor"] == pytest.approx(10**found, rel=1e-6)
            assert values["decades"] == pytest.approx(abs(found) * steps, abs=1e-6)
            assert values["steps"] == steps + 1
            assert values["all"] == pytest.approx(10 ** slope(row), rel=1e-6)
            if abs(abs(found) - 0.01) > 1e-9:
                assert kind == ("last_flat" if abs(found) < 0.01 else "last_grows" if found > 0 else "last_fades")
        case "theory" | "theory_last" as kind:
            assert (kind == "theory_last") == (seen.loss_from == 0)
            near = int(np.abs(seen.rows.iteration - fact.t).argmin())
            assert values["slope"] == pytest.approx(slope(seen.rows.last["h"][near, -1]), abs=1e-9)


def check_explosion(fact: Notice, seen: RunView) -> None:
    assert (fact.kind == "exploded_first") == (seen.iteration == 1)
    if seen.iteration == 1:
        return
    rows = [row for row in seen.rows.last["h"][:, -1] if np.isfinite(row).sum() > 1]
    first, last = (slope(rows[at]) if rows else 0.0 for at in (0, -1))
    assert fact.values["first"] == pytest.approx(10**first, rel=1e-6)
    assert fact.values["last"] == pytest.approx(10**last, rel=1e-6)
    assert fact.kind == f"exploded_{'grew' if first > 0.01 else 'later' if last > 0.01 else 'rate'}"
