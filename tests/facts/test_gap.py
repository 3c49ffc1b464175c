"""What is said of a gap, held against the grammar's sentences and PyTorch's states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz import record
from rnnviz.facts.gap import Known, asked_of_gap, of_gap, of_writing
from rnnviz.tasks import gaps
from tests.core.test_batch import CELLS, network, sequences
from tests.facts.questions.test_question import fills

ANSWERS = {
    "before": {"one_before", "not_needed", "one_left"},
    "after": {"many_before", "needed", "one_left"},
    "open": {"many_before", "not_enough", "stays_open"},
}


def known(language: str, words: tuple[str, ...], place: int) -> Known:
    return Known(gaps.from_before(language, words[:place]), gaps.from_both(language, words, place))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_decides_a_word_is_answered_by_the_sentences_of_the_grammar(language: str) -> None:
    """Every word that is said to be left makes a sentence of the grammar, and every other one makes none."""
    answers = set()
    drawn = gaps.sentences(language, 60, seed=11)
    for sentence, place in zip(drawn, gaps.places(drawn, 12), strict=True):
        words = sentence.words
        asked = asked_of_gap(known(language, words, place))
        fills(asked)
        told = dict(asked.reasons["open"][1])
        assert {reason for reason, _ in asked.reasons.values()} == ANSWERS[asked.answer]

        def makes_one(word: str, words: tuple[str, ...] = words, place: int = place) -> bool:
            whole = (*words[:place], word, *words[place + 1 :])
            return all(whole[t] in gaps.from_before(language, whole[:t]) for t in range(place, len(whole)))

        fit = {word for word in gaps.words(language) if makes_one(word)}
        follow = {word for word in gaps.words(language) if word in gaps.from_before(language, words[:place])}
        assert (told["both"], told["before"]) == (len(fit), len(follow))
        assert told["word"] in fit
        assert asked.answer == ("before" if len(follow) == 1 else "after" if len(fit) == 1 else "open")
        answers.add(asked.answer)
    assert answers == set(ANSWERS)


def test_what_readers_expect_is_held_against_what_fits() -> None:
    filled = {"forward": ("the", 0.3), "backward": ("I", 0.9), "both": ("I", 0.8)}
    told, one = of_gap(filled, Known({"I": 0.5, "the": 0.5}, {"I": 1.0}))
    assert told.kind == "gap_filled"
    assert told.values == {
        "forward": "the",
        "p_forward": 0.3,
        "backward": "I",
        "p_backward": 0.9,
        "both": "I",
        "p_both": 0.8,
    }
    assert (one.kind, one.values["word"], one.values["fitting"], one.values["count"]) == ("gap_one", "I", 2, 1)
    _, several = of_gap(filled, Known({"I": 0.5, "the": 0.5}, {"I": 0.5, "the": 0.5}))
    assert (several.kind, several.values["fitting"], several.values["count"]) == ("gap_several", 3, 2)
    _, outside = of_gap(filled, None)
    assert outside.kind == "gap_outside"


@settings(max_examples=40)
@given(st.sampled_from(CELLS), st.integers(1, 6), st.integers(0, 50))
def test_a_further_word_leaves_the_forward_chain_and_changes_the_reverse_one(cell: str, T: int, seed: int) -> None:
    module, (x,) = network(cell, seed=seed, both=True), sequences([T + 1], seed)
    before, after = (record(module, part)["h"] for part in (x[:T], x))
    told: dict[str, Any] = dict(of_writing(before, after).values)
    with torch.no_grad():
        short, long = (module(part[:, None])[0][:T, 0].numpy() for part in (x[:T], x))
    moved = np.abs(long - short)
    assert told["count"] == T
    assert told["forward"] == 0.0 == pytest.approx(moved[:, :4].max(), abs=1e-12)
    assert told["reverse"] == pytest.approx(moved[:, 4:].max(), abs=1e-10)
    assert told["changed"] == T == (moved[:, 4:].max(1) > 0).sum()
