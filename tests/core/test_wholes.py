"""The words of letters are what stands between spaces, in any text of either language."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnviz.core.wholes import Whole, is_space, of_letters
from rnnviz.zoo.vocabulary import BOUNDARY, JAMO, UNKNOWN, Vocabulary, wholes

COMMON = "사람은책을읽다가요"
ENGLISH = Vocabulary((UNKNOWN, BOUNDARY, *"abcdefghijklmnopqrstuvwxyz"), "char")
KOREAN = Vocabulary((UNKNOWN, BOUNDARY, ".", *COMMON, *JAMO), "char")
PARTS = Vocabulary((UNKNOWN, "i", "dog", "don't", "'s", ".", "-", *"0123456789"), "word")
letters = st.text(st.sampled_from([*"abxyz.,'", " ", " "]), min_size=1)
syllables = st.text(st.sampled_from([*COMMON, "뷁", "뙇", "의", ".", " ", " "]), min_size=1)


@given(st.one_of(st.tuples(st.just(ENGLISH), letters), st.tuples(st.just(KOREAN), syllables)))
@example((KOREAN, "사람뙇은 책 뷁뷁."))
def test_words_part_the_letters_of_a_text_at_its_spaces_and_are_its_words(of: tuple[Vocabulary, str]) -> None:
    vocabulary, text = of
    tokens = vocabulary.tokenize(text)
    found = wholes(tokens)
    words = [whole for whole in found if whole.kind == "word"]
    covered = [t for whole in words for t in range(whole.start, whole.stop)]
    assert covered == [t for t, token in enumerate(tokens) if token.text != BOUNDARY]
    assert [whole.text for whole in words] == text.split()
    for before, after in itertools.pairwise(words):
        assert [token.text for token in tokens[before.stop : after.start]] == [BOUNDARY]
    for whole in found:  # what was cut is within a word, and its parts are all of it
        if whole.kind == "cut":
            assert {token.of for token in tokens[whole.start : whole.stop]} == {whole.text}
            assert any(word.start <= whole.start and whole.stop <= word.stop for word in words)
    assert sum(whole.stop - whole.start for whole in found if whole.kind == "cut") == sum(bool(t.of) for t in tokens)


@given(st.lists(st.sampled_from(["I", "dog", "don't", "dog's", "27", "dog-27", "."]), min_size=1, max_size=8))
def test_of_words_only_those_that_were_cut_are_wholes(texts: list[str]) -> None:
    found = wholes(PARTS.tokenize(" ".join(texts)))
    assert [(whole.text, whole.kind) for whole in found] == [
        (text, "cut") for text in texts if text in ("dog's", "27", "dog-27")
    ]


def test_tokens_of_which_nothing_is_known_are_letters_where_there_is_a_space_among_them() -> None:
    assert of_letters(["t", "o", "␣", "b", "e"]) == of_letters(["t", "o", " ", "b", "e"])
    assert of_letters(["t", "o", " ", "b", "e"]) == (Whole(0, 2, "to", "word"), Whole(3, 5, "be", "word"))
    assert of_letters(["to", "be"]) == ()
    assert of_letters([]) == ()


@pytest.mark.parametrize("token", [" ", "\n", "\t", "␣", "↵", "⇥"])
def test_what_parts_words(token: str) -> None:
    assert is_space(token)
    assert not is_space(token + "a")
    assert not is_space("")
