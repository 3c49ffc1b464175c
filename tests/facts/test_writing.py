"""What is told of a transduction, and the questions about it, hold: each is recomputed from its arrays."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.attention import MECHANISMS
from rnnviz.core.transduce import asked_with, read, write
from rnnviz.core.transduction import Transduction
from rnnviz.facts.questions.explanation import HARDLY, MOVED, asked_of_explanation, exchanged, least_telling
from rnnviz.facts.writing import asked_of_order, attended, of_change, of_feeding, of_writing, parting
from tests.core.transducers import ROWS, V, both, transduced
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
    assert ("writing_blind" in facts) == (written.shares is None)
    wrong = [(row + 1) % V for row in written.rows]
    parts = next(fact for fact in of_writing(written, wrong[:1], "‹end›") if fact.kind == "writing_parts")
    assert parts.t == 1
    if "writing_back" in facts:
        path = attended(written)
        jumps = [b - a for a, b in pairwise(path)]
        assert facts["writing_back"].values["count"] == sum(jump < 0 for jump in jumps)
        assert jumps[facts["writing_back"].t - 2] == min(jumps)


@given(written=transductions)
def test_the_order_of_looking_is_that_of_the_largest_shares(written: Transduction) -> None:
    if written.shares is None:
        return
    question, path = asked_of_order(written), attended(written)
    if question is None:
        assert len(path) < 3
    elif question.answer == "forward":
        assert path == sorted(path)
    elif question.answer == "backward":
        assert path == sorted(path, reverse=True)
    else:
        assert path not in (sorted(path), sorted(path, reverse=True))


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


def test_a_change_is_told_where_it_begins() -> None:
    before = transduced(rows=(1, 2, 3), target=None)
    assert [fact.kind for fact in of_change(before, before, "‹end›")] == ["change_none"]
    after = transduced(rows=(3, 1, 2), target=None, seed=2)
    facts = list(of_change(before, after, "‹end›"))
    at = parting(after.rows, before.rows)
    assert at is not None
    assert facts[0].t == at + 1
    fed = list(of_feeding(before, before, before.rows))
    assert [fact.kind for fact in fed] == ["feeding_same"]
