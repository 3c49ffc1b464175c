"""The names: a few thousand real ones, split for good, drawn by seed."""

import sys

import pytest

from rnnviz.tasks.characters import FAMILIES, draw, words

pytest.importorskip("faker")
pytest.importorskip("babel")
every_language = pytest.mark.parametrize("language", FAMILIES)


@every_language
def test_there_are_a_few_thousand_words_whose_weights_sum_to_one(language: str) -> None:
    every = words(language)
    assert 2000 < len(every) < 10_000
    assert sum(word.weight for word in every) == pytest.approx(1)
    assert {word.family for word in every} == set(FAMILIES[language])


def test_english_is_lower_case_letters_and_korean_is_hangul_of_few_syllables() -> None:
    assert all(word.text.isascii() and word.text.islower() for word in words("en"))
    syllables = {c for word in words("ko") for c in word.text}
    assert all("가" <= c <= "힣" for c in syllables)
    assert 150 < len(syllables) < 400


@every_language
def test_no_held_out_word_is_drawn_for_training(language: str) -> None:
    seen = {word.text for word in draw(language, 5000, seed=1)}
    assert seen.isdisjoint(word.text for word in draw(language, 500, seed=2, unseen=True))


@every_language
def test_the_same_seed_draws_the_same_words(language: str) -> None:
    assert draw(language, 50, seed=3) == draw(language, 50, seed=3)
    assert draw(language, 50, seed=3) != draw(language, 50, seed=4)


def test_the_commonest_korean_surname_begins_most_names() -> None:
    people = draw("ko", 2000, seed=5, family="person")
    begins = [person.text[0] for person in people]
    assert max(set(begins), key=begins.count) == "김"


def test_without_the_packages_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    words.cache_clear()
    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(ImportError, match=r"requirements-dev\.txt"):
        words("en")
