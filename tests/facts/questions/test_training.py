"""What Train live asks is answered by the run: over many runs each answer and each reason is recomputed from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.training import answered_question, open_question
from rnnviz.training import Config, Trainer
from rnnviz.training.presets import PAIRS, PRESETS
from rnnviz.training.view import RunView, view
from rnnviz.words import LANGUAGES, catalogue

pytestmark = pytest.mark.slow
AT_THE_END = ("adding", "order", "gap-en", "sentiment-ko")


def run(config: Config, iterations: int = 1) -> RunView:
    trainer = Trainer(config, iterations=iterations)
    for _ in trainer:
        pass
    return view(trainer)


def said(question: Question) -> None:
    for language in LANGUAGES:
        labels = catalogue(language)
        for option, (reason, values) in question.reasons.items():
            assert labels[f"ask.{question.name}_{option}"].format(**question.values)
            assert labels[f"ask.{question.name}_why_{reason}"].format(**values)


def test_the_answer_to_the_first_rows_question_is_the_rows_own_and_differs_between_runs() -> None:
    answers: Counter[str] = Counter()
    runs: tuple[tuple[str, int, dict[str, Any]], ...] = (
        ("rnn", 12, {}),
        ("rnn", 80, {}),
        ("lstm", 50, {}),
        ("lstm", 50, {"forget_bias": 4.0}),
        ("gru", 15, {}),
        ("rnn_relu", 40, {"initialisation": "spectral radius", "spectral_radius": 2.3}),
        ("lstm", 40, {"truncation": 9}),
    )
    for seed in range(12):
        for cell, length, more in runs:
            task = AT_THE_END[seed % 4] if length <= 40 else AT_THE_END[seed % 2]
            seen = run(Config(task=task, cell=cell, length=length, seed=seed, hidden_size=16, batch_size=8, **more))
            question = answered_question([seen], ["run"])
            row = seen.rows.flow["h"][0, -1]
            if question is None:
                assert np.isnan(row[0])
                continue
            said(question)
            kind = {"carried": "stays"}.get(question.answer, question.answer)
            answers[kind] += 1
            if row[0] == -np.inf:
                assert kind == "shrinks"
                continue
            k = np.flatnonzero(np.isfinite(row))
            decades = -np.polyfit(k, row[k], 1)[0] * (k[-1] - k[0])
            assert kind == ("shrinks" if decades <= -3 else "grows" if decades >= 3 else "stays")
            for reason, values in question.reasons.values():
                if reason == "right":
                    assert values["decades"] == pytest.approx(abs(decades))
                assert float(values["low"]) ** float(values["back"]) == pytest.approx(1e-3)
                assert values["factor"] == pytest.approx(10 ** (decades / (len(row) - 1)))
    assert min(answers[kind] for kind in ("shrinks", "stays", "grows")) >= 5, answers


def test_with_a_loss_at_every_step_the_first_row_is_asked_about_too_and_the_answer_differs() -> None:
    answers: Counter[str] = Counter()
    for seed in range(8):
        for task, cell, length in (
            ("sine", "rnn", 40),
            ("copy", "lstm", 10),
            ("reber", "gru", 30),
            ("sine", "rnn_relu", 40),
        ):
            grown: dict[str, Any] = {"initialisation": "spectral radius", "spectral_radius": 2.3}
            more = grown if cell == "rnn_relu" else {}
            seen = run(Config(task=task, cell=cell, length=length, seed=seed, hidden_size=16, batch_size=8, **more))
            assert open_question([seen], ["run"]).name == "every"
            question = answered_question([seen], ["run"])
            assert question is not None
            said(question)
            row = seen.rows.flow["h"][0, -1]
            k = np.flatnonzero(np.isfinite(row))
            decades = -np.polyfit(k, row[k], 1)[0] * (k[-1] - k[0])
            assert question.answer == ("shrinks" if decades <= -3 else "grows" if decades >= 3 else "stays")
            reason, values = question.reasons[question.answer]
            assert float(values["factor"]) ** float(values["back"]) == pytest.approx(10**decades)
            alone = seen.rows.last["h"][0, -1]
            there = np.flatnonzero(np.isfinite(alone))
            assert reason == ("right_last" if len(there) > 1 else "right")
            if len(there) > 1:
                assert values["alone"] == pytest.approx(10 ** -np.polyfit(there, alone[there], 1)[0])
            answers[question.answer] += 1
    assert min(answers["stays"], answers["grows"]) >= 5, answers


@pytest.mark.parametrize(("truncation", "reason"), [(0, "nothing"), (4, "nothing_cut")])
def test_where_nothing_at_all_arrives_at_step_1_it_is_said(truncation: int, reason: str) -> None:
    for seed in range(4):
        seen = run(Config(task="sine", length=12, seed=seed, hidden_size=4, batch_size=4, truncation=truncation))
        flow = seen.rows.flow["h"].copy()
        flow[0, -1, 0] = -np.inf  # a log10
        question = answered_question([replace(seen, rows=replace(seen.rows, flow={"h": flow}))], ["run"])
        assert question is not None
        said(question)
        assert (question.name, question.answer, question.reasons["shrinks"][0]) == ("every", "shrinks", reason)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
@pytest.mark.parametrize("clipping", ["norm", "value"])
def test_clipping_changes_nothing_of_what_flows_back_and_only_shortens_the_weights_gradient(
    cell: str, clipping: str
) -> None:
    for seed in range(300, 306):
        plain = Config(task="adding", cell=cell, length=20, seed=seed, hidden_size=8, batch_size=4, clip_at=1e-3)
        free, held = run(plain), run(replace(plain, clipping=clipping))
        np.testing.assert_array_equal(held.rows.flow["h"][0], free.rows.flow["h"][0])
        before, question = answered_question([free], ["run"]), answered_question([held], ["run"])
        assert before is not None
        assert question is not None
        said(question)
        assert open_question([held], ["run"]).options == question.options == (*before.options, "clipped")
        assert question.answer == before.answer
        assert question.reasons["clipped"][1]["factor"] == before.reasons["grows"][1]["factor"]
        np.testing.assert_array_equal(held.rows.before[0], free.rows.before[0])
        assert (held.rows.after[0] <= held.rows.before[0] * (1 + 1e-6)).all()
        assert held.rows.after[0].sum() < held.rows.before[0].sum()


def test_nothing_is_answered_before_there_is_a_row() -> None:
    before = view(Trainer(PRESETS["vanishes"]))
    assert open_question([before], ["run"]).name == "row"
    assert answered_question([before], ["run"]) is None


@pytest.mark.parametrize(("name", "answer"), [("clipping", "b"), ("truncation", "b"), ("rnn-lstm", None)])
def test_which_of_a_pair_learns_first_is_answered_as_soon_as_one_has(name: str, answer: str | None) -> None:
    """Over seeds that no text names; the third is asked about too early to be answered."""
    pair, seed = PAIRS[name], 137
    trainers = [Trainer(replace(side, seed=seed), iterations=900) for side in (pair.a, pair.b)]
    found = None
    for iteration in range(1, 101 if answer is None else 901):
        for trainer in trainers:
            trainer.advance()
        if iteration % 25 == 1:
            found = answered_question([view(trainer) for trainer in trainers], ["A", "B"])
            if found:
                break
    if answer is None:
        assert found is None
        return
    assert found is not None
    assert found.answer == answer
    said(found)
    last = trainers[1].last
    assert last is not None
    assert last.unseen is not None
    assert last.unseen.loss < trainers[1].baseline / 4
    assert found.reasons["b"][0] == "learned"
    assert found.reasons["b"][1]["at"] == last.iteration
    assert found.reasons["a"][0] == {"clipping": "stopped", "truncation": "cut"}[name]


def ended(seen: RunView, parts: tuple[float, ...], better: bool = True) -> RunView:
    """A run that has ended, its losses on unseen data these parts of that without memory."""
    at = np.arange(len(parts)) * 25 + 1
    score = np.full(len(parts), seen.chance + (0.9 * (1 - seen.chance) if better else 0.0))
    unseen = replace(seen.evaluations, iteration=at, loss=np.array(parts) * seen.baseline, score=score)
    return replace(seen, iteration=60, iterations=60, evaluations=unseen)


def test_every_reason_for_which_of_a_pair_learned_first_holds() -> None:
    """Runs as they begin, and every way in which they may end."""
    reasons: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    base = Config(length=20, hidden_size=8, batch_size=4, seed=311)
    runs = [
        run(replace(base, **more))
        for more in (
            {"initialisation": "identity"},  # arrives
            {"length": 60},  # fades
            {"truncation": 5},
            {"task": "sine"},
            {"cell": "lstm", "forget_bias": 4.0},
        )
    ]
    stopped = replace(runs[0], stopped="the loss is inf", iteration=2)
    ways = ((1.2, 0.9, 0.1), (1.2, 0.1, 0.05), (1.2, 0.9, 0.9))
    for a, b in product([(seen, parts) for seen in runs for parts in ways], repeat=2):
        sides = [ended(*a), ended(*b)]
        question = answered_question(sides, ["A", "B"])
        assert question is not None
        said(question)
        times = [next((25 * n + 1 for n, part in enumerate(parts) if part < 0.25), None) for _, parts in (a, b)]
        known = [time for time in times if time is not None]
        first = min(known, default=60)
        expected = "neither" if not known else "both" if times[0] == times[1] else "ab"[times.index(first)]
        assert question.answer == expected
        answers[expected] += 1
        for side, (seen, parts), time in zip("ab", (a, b), times, strict=True):
            reason, told = question.reasons[side]
            reasons[reason] += 1
            place = (min(first, 51) - 1) // 25
            assert (told["at"], told["part"]) == (25 * place + 1, pytest.approx(parts[place]))
            row = seen.rows.flow["h"][0, -1]
            whole = np.isfinite(row).all()
            lost = np.polyfit(np.arange(len(row)), row, 1)[0] * (len(row) - 1) if whole else 0.0
            if time is not None and time == first:
                assert reason == "learned"
            elif seen.config.truncation:
                assert reason == "cut"
                assert told["cut"] == (~np.isfinite(row)).sum() == 15
            elif seen.loss_from == 0:
                assert reason == "not_yet"
            else:
                assert reason == ("arrived" if lost < 2 else "faded")
                assert told["decades"] == pytest.approx(abs(lost))
        for option in ("both", "neither"):
            assert question.reasons[option][0] == {"both": "both", "neither": "none"}.get(expected, "one")
            reasons[question.reasons[option][0]] += 1
    assert set(answers) == {"a", "b", "both", "neither"}
    question = answered_question(
        [replace(ended(stopped, ways[2]), stopped=stopped.stopped, iteration=2), ended(runs[4], ways[0])], ["A", "B"]
    )
    assert question is not None
    said(question)
    assert (question.answer, question.reasons["a"][0]) == ("b", "stopped")
    assert question.reasons["a"][1]["at"] == 2
    assert set(reasons) == {"learned", "cut", "arrived", "faded", "not_yet", "both", "one", "none"}


def test_two_that_end_without_having_learned_are_told_so() -> None:
    seen = [run(replace(PAIRS["forget-bias"].a, seed=seed), 3) for seed in (200, 201)]
    found = answered_question(seen, ["A", "B"])
    assert found is not None
    assert found.answer == "neither"
    said(found)
