"""What is told of a transduction, and the questions about it, hold: each is recomputed from its arrays."""

from __future__ import annotations

from functools import partial
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduce import asked_with, read, write
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.facts.questions.explanation import HARDLY, MOVED, asked_of_explanation, exchanged, least_telling
from rnnviz.facts.writing import (
    SPREAD,
    STAYS,
    asked_of_order,
    asked_of_reach,
    attended,
    of_change,
    of_feeding,
    of_writing,
    parting,
)
from rnnviz.lessons.attention import run
from rnnviz.lessons.attention.contrast import compared
from rnnviz.lessons.attention.parameters import SOURCES
from rnnviz.zoo.seq2seq import NAMES
from tests.core.seq2seq.transducers import ROWS, V, both, transduced
from tests.scene.test_transduction import transductions

rows = st.lists(st.integers(0, 4), max_size=6)


@given(first=rows, second=rows)
def test_two_texts_part_at_their_first_difference(first: list[int], second: list[int]) -> None:
    at = parting(first, second)
    if at is None:
        assert first == second
    else:
        assert first[:at] == second[:at]
        assert first[at : at + 1] != second[at : at + 1]


@given(written=transductions)
def test_what_is_told_of_the_writing_is_so(written: Transduction) -> None:
    facts = {fact.kind: fact for fact in of_writing(written, written.rows, "‹end›")}
    assert facts["writing_right"].values["count"] == len(written) - 1
    unsure = facts["writing_unsure"]
    assert unsure.values["p"] == pytest.approx(float(written.y.max(axis=1).min()))
    assert written.y[unsure.t - 1].max() == written.y.max(axis=1).min()
    assert ("writing_blind" in facts) == (written.shares is None)
    wrong = [(row + 1) % V for row in written.rows]
    parts = next(fact for fact in of_writing(written, wrong, "‹end›") if fact.kind == "writing_parts")
    assert parts.t == 1
    assert parts.values["p"] == pytest.approx(float(written.y[0, wrong[0]]))
    assert parts.values["word"] == (written.words[0] or "‹end›")
    assert parts.values["right"] == (written.vocabulary[wrong[0]] or "‹end›")
    if written.shares is None or len(path := attended(written)) < 2:
        return
    jumps = [b - a for a, b in pairwise(path)]
    assert ("writing_onward" in facts) == (min(jumps) >= 0 and max(jumps) > 0)
    assert ("writing_back" in facts) == (min(jumps) < 0)
    if "writing_back" in facts:
        back = facts["writing_back"]
        assert back.values["count"] == sum(jump < 0 for jump in jumps)
        assert jumps[back.t - 2] == min(jumps)
        for name, t in (("token", back.t - 1), ("before", back.t - 2)):
            assert back.values[name] == written.encoder.tokens[path[t]]
            assert back.values[f"{name}_place"] == path[t] + 1
    runs = [(a, b) for a, b in combinations(range(len(path) + 1), 2) if len({*path[a:b]}) == 1]
    most = max(b - a for a, b in runs)
    assert ("writing_stays" in facts) == (most >= STAYS and len(written.encoder) > 1)
    if "writing_stays" in facts:
        stays = facts["writing_stays"]
        a, b = stays.t - 1, int(stays.values["last"])
        assert (a, b) in runs
        assert stays.values["count"] == b - a == most
        assert stays.values["first"] == stays.t
        assert stays.values["token"] == written.encoder.tokens[path[a]]
        assert stays.values["words"] == " ".join(word or "‹end›" for word in written.words[a:b])
    largest = [float(written.shares[t].max()) for t in range(len(path))]
    assert ("writing_spread" in facts) == (min(largest) < SPREAD)
    if "writing_spread" in facts:
        assert facts["writing_spread"].values["p"] == pytest.approx(min(largest))


@given(seed=st.integers(0, 40))
def test_what_feeding_the_right_words_changes_is_counted_again(seed: int) -> None:
    own = transduced(rows=(1, 2, 3), target=None, seed=seed)
    assert [fact.kind for fact in of_feeding(own, own, own.rows)] == ["feeding_same"]
    target = [*((row % (V - 1)) + 1 for row in own.rows[:-1]), 0]
    right = transduced(rows=(1, 2, 3), target=target[:-1], seed=seed)
    (fact,) = of_feeding(own, right, target)
    if fact.kind == "feeding_same":
        assert list(own.rows) == target
        return
    assert fact.values["own"] == sum(a != b for a, b in zip(own.rows, target, strict=True))
    assert fact.values["right"] == sum(a != b for a, b in zip(right.rows, target, strict=True))
    assert fact.values["count"] == len(target)


@given(far=st.lists(st.floats(0, 2), min_size=1, max_size=12))
def test_where_another_word_is_felt_most_is_found_again(far: list[float]) -> None:
    tokens = [str(t) for t in range(len(far))]
    question = asked_of_reach(np.array(far), tokens)
    reason, evidence = question.reasons[question.answer]
    assert reason == "is"
    assert evidence["far"] == max(far)
    place = int(evidence["place"]) - 1
    assert far[place] == max(far)
    assert (evidence["first"], evidence["last"]) == (far[0], far[-1])
    thirds = {"start": 0, "middle": 1, "end": 2}
    if len(far) > 2:
        assert thirds[question.answer] == 3 * place // len(far)
    assert {reason for option, (reason, _) in question.reasons.items() if option != question.answer} == {"not"}


def test_the_answers_to_what_is_asked_of_writing_are_not_always_the_same() -> None:
    """Of the shipped models, over the sources that the page offers."""
    looking, explanation, felt = set(), set(), set()
    for name in NAMES:
        for text in SOURCES[name]:
            written = run.written(name, "multiplicative", text)
            question = asked_of_order(written)
            looking.add(question.answer if question else "")
            tokens = [token.text for token in run.tokens(name, text)]
            felt.add(asked_of_reach(compared(name, text).chain, tokens).answer)
    for seed in range(30):
        _, model = both(MECHANISMS["multiplicative"], seed)
        written = write(model, read(model, [1, 2, 3], "abc"), target=[1, 2])
        one = least_telling(written, partial(asked_with, model, written))
        if one:
            explanation.add(asked_of_explanation(one, written.encoder.tokens, "‹end›").answer)
    assert {"forward", "backward", "jumps"} <= looking
    assert len(explanation) > 1
    assert len(felt) > 1


@given(written=transductions)
def test_the_order_of_looking_is_that_of_the_largest_shares(written: Transduction) -> None:
    if written.shares is None:
        return
    question, path = asked_of_order(written), attended(written)
    if question is None:
        assert len(path) < 3 or len(set(path)) == 1
        return
    told = (sum(a < b for a, b in pairwise(path)), sum(a > b for a, b in pairwise(path)))
    for option, (reason, evidence) in question.reasons.items():
        assert reason == (option if option == question.answer else f"not_{option}")
        assert (evidence["forth"], evidence["back"]) == told
    assert question.answer == "forward" or told[1]
    assert question.answer == "backward" or told[0]
    if question.answer == "forward":
        assert path == sorted(path)
    elif question.answer == "backward":
        assert path == sorted(path, reverse=True)
    else:
        assert path not in (sorted(path), sorted(path, reverse=True))


@pytest.mark.parametrize("attention", ["additive", "multiplicative"])
@pytest.mark.parametrize("text", ["천", "만", "백", "K"])
def test_where_there_is_one_token_nothing_is_asked_or_told_of_an_order(text: str, attention: str) -> None:
    written = run.written("numbers", attention, text)
    assert len(attended(written)) > 2
    assert asked_of_order(written) is None
    assert not {"writing_onward", "writing_back"} & {fact.kind for fact in of_writing(written, None, "‹end›")}


@given(seed=st.integers(0, 40), source=st.lists(st.integers(0, ROWS - 1), min_size=2, max_size=5))
def test_the_exchange_that_is_asked_about_does_what_is_said(seed: int, source: list[int]) -> None:
    _, model = both(MECHANISMS["multiplicative"], seed)
    written = write(model, read(model, source, "abcde"[: len(source)]), target=[1, 2])
    one = least_telling(written, lambda step, shares: asked_with(model, written, step, shares))
    assert written.shares is not None
    changes = []
    for t, shares in enumerate(written.shares):
        for a, b in combinations(range(len(source)), 2):
            if abs(shares[a] - shares[b]) >= MOVED and written.words[t]:
                held = write(model, written.encoder, target=[1, 2], held={t: exchanged(shares, a, b)})
                changes.append(float(np.abs(held.y[t] - written.y[t]).sum() / 2))
    if one is None:
        assert not changes
        return
    held = write(
        model,
        written.encoder,
        target=[1, 2],
        held={one.step: exchanged(written.shares[one.step], one.first, one.second)},
    )
    assert one.changed == pytest.approx(float(np.abs(held.y[one.step] - written.y[one.step]).sum() / 2))
    assert one.after == held.words[one.step]
    assert (one.changed < HARDLY) == (min(changes) < HARDLY)
    question = asked_of_explanation(one, written.encoder.tokens, "‹end›")
    assert (question.answer == "other") == (one.word != one.after)
    assert (question.answer == "hardly") == (one.word == one.after and one.changed < HARDLY)


@given(seed=st.integers(0, 40), other=st.integers(0, 40))
def test_a_change_is_told_where_it_begins(seed: int, other: int) -> None:
    before = transduced(rows=(1, 2, 3), target=None, seed=seed)
    assert [fact.kind for fact in of_change(before, before, "‹end›")] == ["change_none"]
    after = transduced(rows=(3, 1, 2), target=None, seed=other)
    (fact,) = of_change(before, after, "‹end›")
    at = parting(after.rows, before.rows)
    if at is None:
        changes = [float(np.abs(a - b).sum() / 2) for a, b in zip(before.y, after.y, strict=True)]
        assert fact.values["change"] == pytest.approx(max(changes))
        assert changes[fact.t - 1] == pytest.approx(max(changes))
        return
    assert fact.t == at + 1
    assert fact.values["same"] == sum(a == b for a, b in zip(before.rows, after.rows, strict=False))
    assert fact.values["count"] == len(before)
