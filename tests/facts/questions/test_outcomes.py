"""How a run ends is answered by the run: over many runs each answer and each reason is recomputed from its curves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnnviz.facts.questions.outcomes import outcome, outcome_asked
from rnnviz.training import Config, Trainer
from rnnviz.training.view import RunView, view
from tests.facts.questions.test_question import fills

pytestmark = pytest.mark.slow
SMALL: dict[str, Any] = {"hidden_size": 8, "batch_size": 8, "clipping": "norm", "learning_rate": 0.01}


def run(config: Config, iterations: int) -> RunView:
    trainer = Trainer(config, iterations=iterations)
    for _ in trainer:
        pass
    return view(trainer)


def standing(seen: RunView, place: int) -> str:
    """How good an evaluation is, by the words of the page."""
    part = seen.evaluations.loss[place] / seen.baseline
    better = seen.evaluations.score[place] - seen.chance >= min(0.1, (1 - seen.chance) / 2)
    if part < 0.25 and better:
        return "learned"
    if part < 0.85 or (part < 1.05 and better):
        return "learning"
    return "stuck" if part < 1.05 else "worse"


def test_how_good_a_network_is_where_its_gradient_is_smallest_is_counted_again_and_each_answer_occurs() -> None:
    answers: Counter[str] = Counter()
    runs: tuple[tuple[str, str, int, int, dict[str, Any]], ...] = (
        ("adding", "rnn", 40, 102, {}),
        ("sine", "gru", 12, 102, {}),
        ("sine", "gru", 12, 402, {"batch_size": 32}),
        ("adding", "rnn", 20, 77, {"learning_rate": 1.0, "optimiser": "adam"}),
        ("order", "lstm", 20, 52, {}),
    )
    for seed in range(410, 413):
        for task, cell, length, iterations, more in runs:
            config = Config(task=task, cell=cell, length=length, seed=seed, **{**SMALL, **more})
            assert outcome(view(Trainer(config, iterations=iterations))) is None
            seen = run(config, iterations)
            before, question = outcome_asked(seen), outcome(seen)
            assert before.name == "norm"
            assert question is not None
            fills(question)
            assert question.options == before.options
            answers[question.answer] += 1
            norms = {int(at): float(norm) for at, norm in zip(seen.curves.iteration, seen.curves.norm, strict=True)}
            after = [int(at) for at in seen.evaluations.iteration if at > 1]
            smallest = min(after, key=norms.__getitem__)
            place = seen.evaluations.iteration.tolist().index(smallest)
            assert question.answer == standing(seen, place)
            for option, (reason, values) in question.reasons.items():
                assert values["norm"] == norms[smallest]
                assert (values["at"], values["first"], values["count"]) == (smallest, norms[1], len(after))
                assert values["part"] == pytest.approx(seen.evaluations.loss[place] / seen.baseline)
                expected = "right" if option == question.answer else f"is_{question.answer}"
                assert reason == ("flat" if option == "learned" != question.answer else expected)
    assert set(answers) == {"learned", "learning", "stuck", "worse"}, answers


def test_a_run_that_ends_before_it_is_evaluated_again_says_so() -> None:
    config = Config(task="sine", cell="rnn_relu", length=60, initialisation="spectral radius", spectral_radius=3.0)
    stopped = run(replace(config, optimiser="sgd", learning_rate=1.0, seed=411), 50)
    assert stopped.stopped
    for seen in (stopped, run(Config(length=12, **SMALL), 20)):
        question = outcome(seen)
        assert question is not None
        fills(question)
        assert question.answer == "worse"
        assert {reason for reason, _ in question.reasons.values()} == {"stopped"}
        assert seen.evaluations.iteration.tolist() == [1]


def test_whether_what_arrives_is_learned_from_is_counted_again_and_each_answer_occurs() -> None:
    answers: Counter[str] = Counter()
    runs: tuple[tuple[str, str, int, int, dict[str, Any]], ...] = (
        ("sine", "gru", 12, 402, {"initialisation": "orthogonal", "batch_size": 32}),
        ("order", "lstm", 20, 30, {"forget_bias": 3.0}),
        ("adding", "rnn", 30, 60, {"initialisation": "identity", "learning_rate": 0.1}),
        ("adding", "rnn_relu", 60, 60, {"initialisation": "identity", "clipping": "none", "learning_rate": 3.0}),
    )
    for seed in range(420, 423):
        for task, cell, length, iterations, more in runs:
            config = Config(task=task, cell=cell, length=length, seed=seed, **{**SMALL, **more})
            seen = run(config, iterations)
            assert outcome_asked(seen).name == "arrives"
            question = outcome(seen)
            assert question is not None
            fills(question)
            answers[question.answer] += 1
            learned = [n for n in range(1, len(seen.evaluations)) if standing(seen, n) == "learned"]
            row = seen.rows.last["h"][-1, -1]
            k = np.flatnonzero(np.isfinite(row))
            lost = np.polyfit(k, row[k], 1)[0] * (k[-1] - k[0]) if len(k) == len(row) else np.inf
            expected = "learns" if learned else "stops" if seen.stopped else "still" if lost < 3 else "closes"
            assert question.answer == expected
            values = question.reasons["learns"][1]
            place = learned[0] if learned else len(seen.evaluations) - 1
            assert values["at"] == seen.evaluations.iteration[place]
            assert values["part"] == pytest.approx(seen.evaluations.loss[place] / seen.baseline)
            first = seen.rows.last["h"][0, -1]
            assert values["first"] == pytest.approx(np.polyfit(np.arange(len(first)), first, 1)[0] * (len(first) - 1))
            if expected in ("still", "closes") and np.isfinite(lost):
                assert values["last"] == pytest.approx(lost)
            told = {"learns": "learned", "still": "still", "closes": "closed", "stops": "stopped"}[expected]
            assert [reason for reason, _ in question.reasons.values()] == [
                told if expected in ("learns", "stops") else "not_learned",
                told,
                told,
                "stopped" if expected == "stops" else "ran_on",
            ]
    assert set(answers) == {"learns", "still", "closes", "stops"}, answers
