"""Grammar that follows numbers, symbols and words, held against Babel and against Korean written out."""

from __future__ import annotations

import unicodedata

import pytest
from babel import Locale
from hypothesis import example, given
from hypothesis import strategies as st

from rnnviz.ui.text.prose import escape
from rnnviz.words.grammar import PARTICLES, final, particle, plural
from rnnviz.words.numbers import count, fixed, percent, size

DIGITS = "영일이삼사오육칠팔구"
HANGUL = st.text(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")), min_size=1, max_size=6)
ENGLISH = {  # by the consonant that ends it in Hangul: 걸, 애플, 와일 ...
    "ㄹ": ("girl", "apple", "while", "rule"),
    "ㅁ": ("time", "some", "climb", "Adam", "them"),
    "ㄴ": ("sun", "sign", "phone", "one", "seen"),
    "ㅇ": ("king", "reading"),
    "ㄱ": ("book", "music", "back"),
    "ㅅ": ("cat", "not", "quit", "foot"),
    "ㅂ": ("up", "club"),
    "": ("she", "me", "boy", "boat", "keys", "are", "walked", "cake", "good", "tanh", "desk", "read"),
}
FINALS = dict(
    zip(map(chr, range(0x11A8, 0x11C3)), "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ", strict=True)
)


def read_aloud(number: int) -> str:
    """A whole number below 10¹⁶ in Korean: 천사백오십이."""
    said = ""
    for place, myriad in reversed(list(enumerate(("", "만", "억", "조")))):
        four = number // 10 ** (4 * place) % 10_000
        group = ""
        for tens, unit in ((3, "천"), (2, "백"), (1, "십"), (0, "")):
            digit = four // 10**tens % 10
            group += "" if not digit else unit if digit == 1 and unit else DIGITS[digit] + unit
        said += group + myriad if group else ""
    return said or DIGITS[0]


def expected(read: str, name: str) -> str:
    """A particle behind a Korean word, whose last syllable Unicode takes apart."""
    end = FINALS.get(unicodedata.normalize("NFD", read[-1])[2:], "")
    if name == "으로":
        return "로" if end in ("", "ㄹ") else "으로"
    return name if end else PARTICLES[name]


@given(
    HANGUL,
    st.sampled_from(sorted(PARTICLES)),
    st.sampled_from(["{}", "‘{}’", "‘‹{}›’", "**{}**", "*‘{}’*(3%)", "“{}” "]),
)
def test_a_korean_word_by_its_last_syllable(word: str, name: str, around: str) -> None:
    assert particle(around.format(word), name) == expected(word, name)


@given(st.integers(0, 10**16 - 1), st.sampled_from(sorted(PARTICLES)))
def test_a_whole_number_as_it_is_read(number: int, name: str) -> None:
    for written in (str(number), f"{number:,}", f"−{number}", f"h{number}"):
        assert particle(written, name) == expected(read_aloud(number), name), (written, read_aloud(number))


@given(st.integers(0, 16), st.integers(1, 9999), st.sampled_from(sorted(PARTICLES)))
def test_a_round_number_by_its_last_place(zeros: int, leading: int, name: str) -> None:
    number = leading * 10**zeros % 10**16
    assert particle(f"{number:,}", name) == expected(read_aloud(number), name), read_aloud(number)


@given(st.floats(-1e6, 1e6), st.integers(1, 4), st.sampled_from(sorted(PARTICLES)))
def test_decimals_by_their_last_digit(value: float, decimals: int, name: str) -> None:
    written = fixed(value, decimals)
    assert particle(written, name) == expected(DIGITS[int(written[-1])], name)


@given(st.floats(0, 1), st.sampled_from(sorted(PARTICLES)))
def test_percent_is_read(share: float, name: str) -> None:
    assert particle(percent(share), name) == expected("퍼센트", name)


@given(st.floats(1e-200, 1e-5) | st.floats(1e6, 1e200), st.sampled_from(sorted(PARTICLES)))
def test_a_power_of_ten_is_read(value: float, name: str) -> None:
    assert particle(size(value), name) == expected("제곱", name)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("h", "에이치"), ("c", "시"), ("n", "엔"), ("r", "알"), ("W_hh", "에이치"), ("W_hn", "엔"), ("x_t", "티")),
        *(
            ("*f*", "에프"),
            ("hₜ", "티"),
            ("h₁", "일"),
            ("h₁₀", "십"),
            ("hₖ", "케이"),
            ("γσ", "시그마"),
            ("ε", "엡실론"),
        ),
        *(("RNN", "엔"), ("LSTM", "엠"), ("GRU", "유"), ("MGU", "유"), ("URL", "엘"), ("∞", "무한대"), ("NaN", "난")),
        *(("‖dhₜ/dh₁‖", "일"), ("W_hh[1, 13]", "삼"), ("(t, k)", "케이"), ("45°", "도"), (".", "마침표"), ("3…", "삼")),
    ],
)
@pytest.mark.parametrize("name", PARTICLES)
def test_a_symbol_as_it_is_read(written: str, read: str, name: str) -> None:
    assert particle(written, name) == expected(read, name)


@pytest.mark.parametrize(("end", "word"), [(end, word) for end, words in ENGLISH.items() for word in words])
def test_an_english_word_as_korean_writes_it(end: str, word: str) -> None:
    assert final(f"‘{word}’") == end


@example("0,", "과")  # a number with a comma behind it
@example("௦", "과")  # a digit of another script
@given(st.text(max_size=20), st.sampled_from(sorted(PARTICLES)))
def test_any_text_takes_some_form_and_escaping_it_changes_nothing(text: str, name: str) -> None:
    assert particle(text, name) in (name, PARTICLES[name])
    assert final(escape(text)) == final(" ".join(text.splitlines()))


@given(st.integers(0, 2000))
def test_english_has_the_plural_rule_that_babel_has(number: int) -> None:
    rule = Locale("en").plural_form
    assert plural(count(number), ["one", "other"]) == rule(number)


@given(st.decimals(0, 3, places=1))
def test_a_written_decimal_is_plural_as_babel_has_it(number: object) -> None:
    assert plural(str(number), ["one", "other"]) == Locale("en").plural_form(number)
