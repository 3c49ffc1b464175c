"""Grammar that waits for what a sentence is filled with: English number, Korean particles.

A library was looked for. Babel knows plurals and no particles; of the Korean ones josa was last released in 2012 and
tjosa is new in 2026, and how decimals and symbols such as W_hh are read would be ours to say with any of them. The
tests hold this file against Babel, and against Korean written out.
"""

from __future__ import annotations

import re

PARTICLES = dict(zip("은이을과", "는가를와", strict=True))
PARTICLES |= {"으로": "로", "이고": "고", "이라": "라", "이라고": "라고", "이나": "나", "이며": "며"}
PARTICLES |= {"이었습니다": "였습니다"}
"""Each particle as it stands after a consonant: as it stands after a vowel."""

FINALS = (*" ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ",)  # of a syllable, in the order of Unicode
_DIGITS = dict(zip("0123456789", ("ㅇ", "ㄹ", "", "ㅁ", "", "", "ㄱ", "ㄹ", "ㄹ", ""), strict=True))  # 영 일 이 ... 구
_TENS = ("", "ㅂ", "ㄱ", "ㄴ")  # 십, 백, 천
_MYRIADS = ("", "ㄴ", "ㄱ", "", "ㅇ")  # 만, 억, 조, 경
_LETTERS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}  # 엘, 엠, 엔, 알; the names of all others end in a vowel
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₖₜ", "0123456789kt")
_ESCAPES = dict.fromkeys(map(ord, "\\\u2060"))
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ"
# Ends of English words as Korean writes them: 애플, 타임, 사인, 킹, 캣 and 뮤직; any other is taken to end in a vowel.
_WORDS = (
    (r"le?$", "ㄹ"),
    (r"([aeiouy]me|mb?|mn)$", "ㅁ"),
    (r"ng$", "ㅇ"),
    (r"([aeiouy]ne|g?n)$", "ㄴ"),
    (r"(^|[^aeiou]|qu)[aeiouy]p$|(^|[^aeiou])[aeiouy]b$", "ㅂ"),
    (r"((^|[^aeiou]|qu)[aeiouy]|oo)t$", "ㅅ"),
    (r"((^|[^aeiou]|qu)[aeiouy]|oo)(ck?|k)$", "ㄱ"),
)
# What is not read: quotes, marks of Markdown, what stands in brackets, and what `ui.text.prose` escapes a text with.
_SILENT = re.compile(r"([\s’‘“”‹›«»'\"*_`…|‖]|(?<=.)\([^()]*\))+$")


def plural(number: str, forms: list[str]) -> str:
    """The first of two forms for 1, the second for every other number as it is written: `1.0` steps."""
    one, other = forms
    return one if number.lstrip("−-") == "1" else other


def particle(before: str, name: str) -> str:
    """A particle of `PARTICLES` in the form that stands behind a text: `girl`을, `1.36`으로, `97%`로."""
    end = final(before)
    return name if end and not (name == "으로" and end == "ㄹ") else PARTICLES[name]


def final(text: str) -> str:
    """The consonant with which a text ends when it is read aloud in Korean; empty where it ends in a vowel."""
    plain = text.translate(_ESCAPES)
    sounds = (_SILENT.sub("", plain) or re.sub(r"\W", "", plain)).rstrip(")]}").translate(_LOWERED)
    if not sounds:
        return ""
    last = sounds[-1]
    if "가" <= last <= "힣":
        return FINALS[(ord(last) - ord("가")) % len(FINALS)].strip()
    if last in _RAISED:
        return "ㅂ"  # 제곱
    if number := re.search(r"[0-9][0-9,]*(\.[0-9]+)?$", sounds):
        return _of_number(number[0])
    if letters := re.search(r"[A-Za-z]+$", sounds):
        return _of_letters(letters[0], symbol=sounds[: letters.start()].endswith("_"))
    return "ㄴ" if last in "εΕ" else ""  # 엡실론; %, °, ∞ and the other Greek letters end in a vowel


def _of_number(text: str) -> str:
    """`1.36` by its last digit; `1,450` by the place of its last digit that is not zero: 천사백오십."""
    digits = text.replace(",", "")
    whole, _, decimals = digits.partition(".")
    zeros = len(whole) - len(whole.rstrip("0"))
    if decimals or not zeros or zeros == len(whole):
        return _DIGITS[digits[-1]]
    myriads = zeros // 4
    return _TENS[zeros] if not myriads else _MYRIADS[min(myriads, len(_MYRIADS) - 1)]


def _of_letters(word: str, symbol: bool) -> str:
    """A symbol and what is all capitals by its last letter's name, RNN: 엔; any other as a word."""
    if symbol or len(word) == 1 or word.isupper():
        return _LETTERS.get(word[-1].lower(), "")
    return next((end for pattern, end in _WORDS if re.search(pattern, word.lower())), "")
