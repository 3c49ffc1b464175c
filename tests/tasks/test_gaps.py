"""What decides a missing word: held against the alphabet, and against what a person reads off the grammar."""

from __future__ import annotations

import pytest

from rnnviz.tasks import gaps
from rnnviz.tasks.grammar.next_word import next_words

A = ord("A")
OTHERS = ("cat", "fox", "cow", "horse", "mouse")  # than the dog


@pytest.mark.parametrize("language", ["en", "ko"])
def test_of_three_letters_in_even_steps_two_give_the_third_and_one_does_not(language: str) -> None:
    """The alphabet itself says what fits: whoever knows first and middle knows the last one."""
    every = gaps.about_letters(language)
    assert len(every) == 24 + 22 + 20
    at = 3 if language == "en" else 2
    for sentence in every:
        words, place = sentence.words, sentence.probe
        assert place == at
        letters = [w[0].upper() for w in words if w[0].upper() == w[0] and w[0].isascii() and w[0].isalpha()]
        if language == "en":
            letters = [words[k].upper() for k in (1, 3, 5)]
            letters = [letters[0], letters[2], letters[1]]
        else:
            letters = [letters[0], letters[2], letters[1]]
        first, middle, last = (ord(letter) - A for letter in letters)
        assert last - middle == middle - first in gaps.STRIDES
        assert gaps.from_both(language, words, place) == {words[place]: 1.0}
        before = gaps.from_before(language, words[:place])
        lasts = {chr(A + first + 2 * by) for by in gaps.STRIDES if first + 2 * by < 26}
        assert {word.upper() for word in before} == lasts
        assert gaps.decides(language, words, place) == ("after" if len(lasts) > 1 else "before")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "_ am a boy .", {"I": 1.0}),
        ("en", "I _ a boy .", {"am": 1.0}),
        ("en", "you _ a boy .", {"are": 1.0}),
        ("en", "_ is hungry .", {"he": 0.5, "she": 0.5}),
        (
            "en",
            "the dog chased the _ because the dog was hungry .",
            dict.fromkeys(OTHERS, 0.2),
        ),
        ("en", "the dog chased the _ so the mouse ran away .", {"mouse": 1.0}),
        ("en", "_ came , we sang , and every day was cold .", {"winter": 1.0}),
        ("en", "the film was _ good so I hated it .", {"not": 1.0}),
        ("en", "apples _ so .", {}),
        ("ko", "_ 소년입니다 .", {"저는": 1.0}),
        ("ko", "_ 소년이야 .", {"나는": 0.5, "너는": 0.5}),
        ("ko", "개가 _ 쫓아가서 쥐가 도망쳤다 .", {"쥐를": 1.0}),
        ("ko", "_ 밥을 먹고 놀았는데 매일 날씨가 추웠다 .", {"겨울에는": 1.0}),
    ],
)
def test_all_words_around_a_gap_leave_what_a_person_reads_off_the_grammar(
    language: str, text: str, expected: dict[str, float]
) -> None:
    words = tuple(text.split())
    found = gaps.from_both(language, words, words.index("_"))
    assert {word: round(p, 9) for word, p in found.items()} == expected


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_stands_in_the_gap_is_not_looked_at_and_what_fits_is_among_what_may_follow(language: str) -> None:
    drawn = gaps.sentences(language, 60, seed=5)
    for sentence, place in zip(drawn, gaps.places(drawn, 6), strict=True):
        words = sentence.words
        found = gaps.from_both(language, words, place)
        other = (*words[:place], "<unk>", *words[place + 1 :])
        assert gaps.from_both(language, other, place) == found
        assert sum(found.values()) == pytest.approx(1)
        assert found[words[place]] > 0
        assert found.keys() <= gaps.from_before(language, words[:place]).keys()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_beginnings_of_the_grammar_are_its_own_and_the_first_word_has_the_letters_share(language: str) -> None:
    first = gaps.from_before(language, ())
    plain = next_words(language, ())
    assert sum(first.values()) == pytest.approx(1)
    (opening,) = first.keys() - plain.keys()
    assert first[opening] == gaps.BETWEEN_SHARE
    for word, p in plain.items():
        assert first[word] == pytest.approx(p * (1 - gaps.BETWEEN_SHARE))
        assert gaps.from_before(language, (word,)) == next_words(language, (word,))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_drawn_is_seen_or_unseen_as_asked_short_and_the_same_again(language: str) -> None:
    for unseen in (False, True):
        drawn = gaps.sentences(language, 200, seed=1, unseen=unseen)
        assert len(drawn) == 200
        assert all(s.unseen == unseen and len(s.words) <= gaps.LONGEST for s in drawn)
        assert drawn == gaps.sentences(language, 200, seed=1, unseen=unseen)
        assert {word for s in drawn for word in s.words} <= set(gaps.words(language))
        assert 0 < sum(s.family == "between" for s in drawn) / 200 < 0.4


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_may_stand_at_the_first_word_that_no_sentence_has_makes_one_begin(language: str) -> None:
    drawn = gaps.sentences(language, 40, seed=17)
    for number, sentence in enumerate(drawn):
        words = list(sentence.words)
        place = number % (len(words) - 1)
        text: list[str | None] = [*words[:place], "<unk>", *words[place + 1 :]]
        at, proposed = gaps.proposals(language, text)
        assert at == place
        assert words[place] in proposed
        assert set(proposed) == set(gaps.from_before(language, sentence.words[:place]))
        assert gaps.proposals(language, words) == (len(words), ())
        if place:  # with a gap before it, whatever fills that may come first
            gapped: list[str | None] = [None, *text[1:]]
            at, more = gaps.proposals(language, gapped)
            assert at == place
            assert set(proposed) <= set(more)
