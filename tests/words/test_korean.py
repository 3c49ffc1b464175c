"""Korean as a textbook writes it: one word for each term, particles that fit, no symbol standing alone."""

from __future__ import annotations

import re

import pytest

from rnnviz.words import catalogue
from rnnviz.words.grammar import PARTICLES

KOREAN = catalogue("ko")
# What may not stand, with what stands instead.
FORBIDDEN = {
    "기울기 클리핑 (clipping) or 절단 (truncation)": r"자르|자름|자릅|잘라|잘린|잘림|잘렸|끊",
    "피드포워드(순방향) 신경망, 순전파": r"(?<!피드포워드\()순방향",
    "셀 상태": r"메모리|기억 \*?c(?![A-Za-z])|c\(기억\)",
    "히트맵": r"열지도",
    "기본(바닐라) RNN, then 기본 RNN": r"단순 RNN|(?<!기본\()바닐라",
    "내 예측": r"나의 예측|내 추측|나의 추측",
    "nat": r"냇|내트(?!\))|비트",
    "{t}번째 반복": r"반복 \*{0,2}[\{0-9]",
    "bold or quotes, since Hangul does not slant": r"(?<![*\w])\*(?![*\s])[^*]*[가-힣][^*]*(?<!\s)\*(?!\*)",
    "a particle that fits, {은} or {으로}": r"[은을이과]\([는를가와]\)|\(으\)로|\(이\)",
    "what the symbol is, before it: 입력 게이트 i의 값이": (
        r"(?:^|[.?!:] |\*\*)(?:\*?(?:[a-z]|W(?:_\w+)?|[γσρθ])\*?(?:은|는|이|가)|\{(?:q|gate|weight|kept)\}\{[은이]\}) "
    ),
}
# A particle in one form behind a value. Percent always ends in a vowel (퍼센트), so its form is known.
FIXED = re.compile(
    rf"\{{(?!\w+:percent)\w+[^|{{}}]*\}}[’”*]*({'|'.join({*PARTICLES, *PARTICLES.values()})})(?![가-힣])"
)


@pytest.mark.parametrize("instead", FORBIDDEN)
def test_each_term_has_one_word(instead: str) -> None:
    found = {key: re.findall(FORBIDDEN[instead], said) for key, said in KOREAN.items()}
    assert {key: words for key, words in found.items() if words} == {}


def test_every_particle_behind_a_value_follows_it() -> None:
    assert {key: m[0] for key, said in KOREAN.items() if (m := FIXED.search(said))} == {}


def test_a_particle_that_follows_stands_behind_a_value() -> None:
    """Behind words that are always the same its form is known, and a chart fills sentences without this grammar."""
    marker = re.compile(rf"(?<!\}})(?<!\}}[’”*])(?<!\}}[’”*][’”*])(?<!\}}[’”*]{{3}})\{{(?:{'|'.join(PARTICLES)})\}}")
    assert [key for key, said in KOREAN.items() if marker.search(said)] == []
    assert [
        key for key, said in catalogue("en").items() if re.search("|".join(rf"\{{{p}\}}" for p in PARTICLES), said)
    ] == []


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ("기울기 클리핑 (clipping) or 절단 (truncation)", "기울기를 자르지 않음"),
        ("피드포워드(순방향) 신경망, 순전파", "순방향 신경망"),
        ("셀 상태", "기억 c에 더합니다"),
        ("{t}번째 반복", "반복 {t:count}에서"),
        ("bold or quotes, since Hangul does not slant", "이것은 *반드시* 사라집니다"),
        ("a particle that fits, {은} or {으로}", "{value}(으)로"),
        ("what the symbol is, before it: 입력 게이트 i의 값이", "*f*는 남깁니다"),
        ("what the symbol is, before it: 입력 게이트 i의 값이", "그렇습니다. {weight}{은} 곱해집니다"),
    ],
)
def test_a_form_that_may_not_stand_is_found(instead: str, said: str) -> None:
    assert re.search(FORBIDDEN[instead], said)


@pytest.mark.parametrize("said", ["{value:fixed 2}로 바뀝니다", "‘{word}’는 왔습니다", "**{loss:size}**이 되어"])
def test_a_particle_in_one_form_is_found(said: str) -> None:
    assert FIXED.search(said)
