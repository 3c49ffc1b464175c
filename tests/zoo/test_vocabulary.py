"""Any text becomes tokens without loss, and known words are found however they are typed."""

from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnviz.zoo.vocabulary import BOUNDARY, DIGITS, GAP, JAMO, NUMERALS, UNKNOWN, Vocabulary, jamo

WORDS = Vocabulary((UNKNOWN, "I", "am", "a", "boy", "don't", ".", ","), "word")
CHARS = Vocabulary((UNKNOWN, BOUNDARY, "a", "b", "김"), "char")
texts = st.text(st.characters(exclude_categories=("Cs",)))


def visible(text: str) -> str:
    """What can be seen of a text, in composed form, without spacing."""
    from unicodedata import category

    kept = (c for c in normalize("NFC", text) if not c.isspace() and category(c) not in ("Cc", "Cf"))
    return normalize("NFC", "".join(kept))  # without the space between them two marks may change places


@given(texts)
@example("I am_a boy. 👨‍👩‍👧 boy😀 \ufeffI don't ___")
@example("e\u0301 \u0301 a\u200db")
def test_no_visible_character_is_lost_in_words(text: str) -> None:
    assert visible("".join(token.text for token in WORDS.tokenize(text))) == visible(text)


@given(texts)
@example("\u0339 \u0334")  # two marks that change places where nothing is between them
def test_no_visible_character_is_lost_in_characters(text: str) -> None:
    spelled = "".join(token.text for token in CHARS.tokenize(text))
    assert visible(spelled.replace(BOUNDARY, "")) == visible(text.replace(BOUNDARY, ""))


@given(st.one_of(st.text(), texts))
def test_a_token_is_known_exactly_when_it_has_a_row_of_its_own(text: str) -> None:
    for vocabulary in (WORDS, CHARS):
        for token in vocabulary.tokenize(text):
            assert token.text
            assert token.known == (token.index > 0)
            assert token.gap == (set(token.text) == {GAP})
            assert 0 <= token.index < len(vocabulary)


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("I am a boy.", [1, 2, 3, 4, 6]),
        ("i AM a BOY .", [1, 2, 3, 4, 6]),
        ("\ufeffI\u00a0am\na\tbo\u200by", [1, 2, 3, 4]),
        ("a,boy", [3, 7, 4]),
        ("DON'T", [5]),
        ("boy😀😀", [4, 0]),
        ("I zebra", [1, 0]),
        ("<unk>", [0, 0, 0]),
    ],
)
def test_words_are_found_whatever_their_case_spacing_and_punctuation(text: str, indices: list[int]) -> None:
    assert [token.index for token in WORDS.tokenize(text)] == indices


def test_an_unknown_word_keeps_its_own_text() -> None:
    (token,) = WORDS.tokenize("Zebra")
    assert (token.text, token.index, token.known) == ("Zebra", 0, False)


@pytest.mark.parametrize("gap", ["_", "__", "___"])
def test_a_run_of_underscores_is_one_gap_among_words(gap: str) -> None:
    assert [token.gap for token in WORDS.tokenize(f"I {gap} a")] == [False, True, False]


def test_each_underscore_is_a_gap_among_characters() -> None:
    assert [token.gap for token in CHARS.tokenize("a__b")] == [False, True, True, False]


def test_spacing_between_names_is_the_boundary_and_around_them_is_nothing() -> None:
    assert [token.text for token in CHARS.tokenize("  a \n b ")] == ["a", BOUNDARY, "b"]


def test_hangul_typed_as_separate_jamo_is_composed() -> None:
    (token,) = CHARS.tokenize("\u1100\u1175\u11b7")
    assert token.index == 4


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\ufeff \u200d"])
def test_nothing_visible_is_no_token(text: str) -> None:
    assert WORDS.tokenize(text) == ()
    assert CHARS.tokenize(text) == ()


def test_a_lone_surrogate_and_ten_thousand_characters_do_no_harm() -> None:
    assert len(WORDS.tokenize("a\ud800")) == 2
    assert len(WORDS.tokenize("a " * 5000)) == 5000
    assert len(CHARS.tokenize("ab" * 5000)) == 10_000


def test_joining_sets_punctuation_close_and_names_apart() -> None:
    assert WORDS.join(["I", "am", ",", "a", "boy", "."]) == "I am, a boy."
    assert CHARS.join(["a", "b", BOUNDARY, "a", BOUNDARY]) == "ab a"


@pytest.mark.parametrize(("words", "kind"), [((), "word"), (("a",), "word"), ((UNKNOWN, "a", "a"), "word")])
def test_a_vocabulary_without_unk_or_with_a_word_twice_is_refused(words: tuple[str, ...], kind: str) -> None:
    with pytest.raises(ValueError, match="distinct and begin with <unk>"):
        Vocabulary(words, kind)


PARTS = Vocabulary((UNKNOWN, "know", "well", "Anna", "can't", "-", "'s", "n't", *DIGITS), "word")
SYLLABLES = Vocabulary((UNKNOWN, BOUNDARY, "김", "a", *JAMO), "char")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Anna's", "Anna 's"),
        ("anna’S", "anna ’S"),
        ("can't", "can't"),
        ("well-know", "well - know"),
        ("1995", "1 9 9 5"),
        ("1990's", "1 9 9 0 's"),
        ("Zelda's", "Zelda 's"),
        ("mustn't", "must n't"),
        ("4x4", "4 x 4"),
        ("'s", "' s"),
        ("zebra", "zebra"),
    ],
)
def test_a_word_without_a_row_is_cut_where_the_vocabulary_has_rows_for_that(text: str, parts: str) -> None:
    tokens = PARTS.tokenize(text)
    assert " ".join(token.text for token in tokens) == parts
    cut = [token for token in tokens if token.of]
    assert [token.part for token in cut] == list(range(len(cut)))
    assert all(token.of == text for token in cut)
    # A vocabulary that has none of them leaves a word whole.
    assert len(WORDS.tokenize("anna-7 1995 Zelda's")) == 3


def test_korean_numerals_are_cut_into_syllables_where_all_of_them_have_rows() -> None:
    whole, short = (Vocabulary((UNKNOWN, *NUMERALS[start:], *DIGITS, "."), "word") for start in (0, 1))
    for text, parts in (
        ("만 이천삼백사", "만 이 천 삼 백 사"),
        ("1.2만", "1 . 2 만"),
        ("서른다섯", "서 른 다 섯"),
        ("삼억", "삼 억"),
        ("강아지", "강 아 지"),  # as "4x4", wherever there is one of them
        ("나비", "나 비"),
    ):
        tokens = whole.tokenize(text)
        assert " ".join(token.text for token in tokens) == parts
        assert all(token.known == (token.text in (*NUMERALS, *DIGITS, ".")) for token in tokens)
    assert [token.text for token in short.tokenize("삼백")] == ["삼백"]


def test_a_syllable_without_a_row_is_its_jamo_and_any_korean_is_known() -> None:
    assert [token.text for token in SYLLABLES.tokenize("김뷁 의a")] == ["김", *"ㅂㅞㄺ", BOUNDARY, *"ㅇㅢ", "a"]
    assert [(token.of, token.part) for token in SYLLABLES.tokenize("뷁")] == [("뷁", 0), ("뷁", 1), ("뷁", 2)]
    every = "".join(chr(c) for c in range(ord("가"), ord("힣") + 1))
    assert all(token.known for token in SYLLABLES.tokenize(every + JAMO))
    assert [token.known for token in CHARS.tokenize("뷁")] == [False]


def test_jamo_are_those_that_unicode_composes_the_syllable_of() -> None:
    """Unicode's own decomposition gives conjoining jamo, whose names say which letters they are."""
    from unicodedata import name

    for code in range(ord("가"), ord("힣") + 1, 7):
        own = [name(c).split(maxsplit=2)[2] for c in normalize("NFD", chr(code))]
        typed = [name(c).split(maxsplit=2)[2] for c in jamo(chr(code))]
        assert typed == own
