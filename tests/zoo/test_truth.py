"""The true distribution beside a prediction stands at the words it is of, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz import zoo
from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.tasks.grammar.sentences import LANGUAGES, sentences
from rnnviz.zoo.catalogue import shipped
from rnnviz.zoo.truth import beginnings, proposals, truth


@given(st.sampled_from(LANGUAGES), st.integers(0, 10_000), st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_it_is_the_grammars_of_the_sentence_so_far(language: str, seed: int, cut: int) -> None:
    """Two sentences, the second one cut short, in capitals."""
    name = f"words-{language}"
    first, second = (s.words for s in sentences(language, 2, seed=seed, family="order"))
    vocabulary, _ = shipped(name)
    tokens = vocabulary.tokenize(" ".join([*first, *second[:cut]]).upper())
    found = truth(name, tokens)
    assert found is not None
    assert found.shape == (len(first) + cut, len(vocabulary))
    for t in range(len(tokens)):
        sentence = first[: t + 1] if t < len(first) else second[: t - len(first) + 1]
        expected = next_words(language, sentence)
        if t == len(first) - 1:
            assert np.isnan(found[t]).all()
        else:
            assert found[t].sum() == pytest.approx(1)
            assert {vocabulary.words[k]: p for k, p in enumerate(found[t]) if p} == pytest.approx(expected)


def test_nothing_is_known_after_an_unknown_word_until_the_next_sentence() -> None:
    tokens = shipped("words-en")[0].tokenize("The penguin chased the cat. The dog")
    found = truth("words-en", tokens)
    assert found is not None
    assert (~np.isnan(found[:, 0])).tolist() == [True, False, False, False, False, False, True, True]
    assert beginnings("words-en", tokens)[:2] == [("the",), None]
    assert beginnings("words-en", tokens)[-1] == ("the", "dog")


def test_letters_have_no_grammar() -> None:
    for name, info in zoo.catalogue().items():
        if info.kind == "char":
            assert truth(name, shipped(name)[0].tokenize(info.examples[0])) is None


@given(st.sampled_from(LANGUAGES), st.integers(0, 10_000), st.integers(0, 40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_proposed_keeps_the_text_a_sentence(language: str, seed: int, at: int, spoil: bool) -> None:
    """At the end, or in the place of an unknown word; and no known word beside the proposed ones does."""
    name = f"words-{language}"
    (sentence,) = sentences(language, 1, seed=seed)
    at %= len(sentence.words)
    texts = [*sentence.words[:at], *(["xylophone", *sentence.words[at + 1 :]] if spoil else [])]
    vocabulary, _ = shipped(name)
    place, words = proposals(name, vocabulary.tokenize(" ".join(texts)))
    assert place == at
    assert words == tuple(sorted(next_words(language, sentence.words[:at])))
    for word in words:
        assert proposals(name, vocabulary.tokenize(" ".join([*texts[:at], word])))[0] == at + 1


def test_letters_are_proposed_where_they_can_be_shown() -> None:
    tokens = shipped("letters-en")[0].tokenize("an7a")
    assert proposals("letters-en", tokens) == (2, shipped("letters-en")[0].words[1:])
    assert proposals("letters-ko", shipped("letters-ko")[0].tokenize("김Q수")) == (1, ())
