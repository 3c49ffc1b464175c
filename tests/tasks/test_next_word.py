"""What the grammar has come next, held against the sentences that it writes."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks.grammar.next_word import next_words, rivals
from rnnviz.tasks.grammar.sentences import FAMILIES, GRAMMARS, LANGUAGES, SHARES, Sentence, sentences, written
from rnnviz.tasks.grammar.writing import END, Drawn

every_language = pytest.mark.parametrize("language", LANGUAGES)
ENOUGH = 300  # sentences with one beginning, to hold a distribution against


def drawn(language: str, count: int, seed: int) -> list[Sentence]:
    """Of all families in their shares, held out or not."""
    dice, chance = Drawn(seed), Random(seed)
    found = []
    for family in chance.choices(FAMILIES, list(SHARES.values()), k=count):
        shares, ways = zip(*GRAMMARS[language][family], strict=True)
        found.append(written(family, chance.choices(ways, shares)[0](dice)))
    return found


@every_language
def test_it_is_how_often_each_word_follows(language: str) -> None:
    """Within five standard errors, for some hundreds of words."""
    after: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for sentence in drawn(language, 20_000, seed=17):
        for i, word in enumerate(sentence.words):
            after[sentence.words[:i]][word] += 1
    compared = 0
    for beginning, counts in after.items():
        total = sum(counts.values())
        if total < ENOUGH:
            continue
        expected = next_words(language, beginning)
        assert counts.keys() <= expected.keys()
        for word, p in expected.items():
            assert abs(counts[word] / total - p) <= 5 * sqrt(p * (1 - p) / total) + 1e-9
            compared += 1
    assert compared > 100


@every_language
def test_every_word_that_is_written_may_come_and_the_shares_add_up(language: str) -> None:
    for sentence in drawn(language, 120, seed=19):
        for i, word in enumerate(sentence.words):
            after = next_words(language, sentence.words[:i])
            assert after[word] > 0
            assert sum(after.values()) == pytest.approx(1)
        assert not next_words(language, sentence.words)


@every_language
def test_where_the_sentence_decides_one_word_is_left_and_its_rivals_are_those_of_the_sentence(language: str) -> None:
    told = 0
    for sentence in drawn(language, 120, seed=20):
        beginning = sentence.words[: sentence.probe]
        found = rivals(language, beginning)
        (likely, p), *_ = sorted(next_words(language, beginning).items(), key=lambda item: -item[1])
        if found:
            assert p > 0.98
            assert likely in found
        if found and likely == sentence.words[sentence.probe]:
            assert set(found) == set(sentence.choices)
            told += 1
    assert told > 60


@given(st.sampled_from(LANGUAGES), st.integers(0, 10_000), st.integers(1, 30))
def test_a_beginning_that_no_sentence_has_has_nothing_after_it(language: str, seed: int, at: int) -> None:
    (sentence,) = sentences(language, 1, seed=seed)
    cut = min(at, len(sentence.words) - 1)
    broken = (*sentence.words[:cut], END, sentence.words[cut])
    assert not next_words(language, broken)
    assert not next_words(language, (*sentence.words[:cut], "xylophone"))
    assert not rivals(language, broken)
