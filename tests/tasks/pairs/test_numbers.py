"""Numbers into digits: what is written against ICU, num2words and Babel, and what is read against what is written."""

import re
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from time import process_time

import pytest
from babel.numbers import format_compact_decimal, format_decimal
from num2words import num2words

from rnnviz.tasks.grammar.writing import Drawn
from rnnviz.tasks.pairs import TASKS, pairs
from rnnviz.tasks.pairs.numbers import DECIMALS, DIGITS, FORMS, NATIVE, NUMBERS, ROUND, right, spelled, tokens
from rnnviz.tasks.pairs.pair import is_held_out
from rnnviz.zoo.vocabulary import NUMERALS
from tests.tasks.pairs.icu import speller

each_form = pytest.mark.parametrize("form", FORMS)
# A set of rules here: the locale and the set of the CLDR.
SETS = {
    "cardinal": ("en", "spellout-cardinal"),
    "verbose": ("en", "spellout-cardinal-verbose"),
    "sinokorean": ("ko", "spellout-cardinal-sinokorean"),
    "native": ("ko", "spellout-cardinal-native"),
}
COMPACT = {"short": ("en", "short"), "long": ("en", "long"), "korean": ("ko", "short")}
NAMES = {"K": 1000, "M": 10**6, " thousand": 1000, " million": 10**6, "천": 1000, "만": 10**4, "억": 10**8, "": 1}


@cache
def numbers() -> tuple[int, ...]:
    """All small ones, those around each power of ten, drawn ones of each count of digits, and round ones."""
    dice = Drawn(1)
    drawn = [dice.below(10**digits) for digits in range(3, DIGITS + 1) for _ in range(100)]
    rounded = [n // 10**zeros * 10**zeros for n in drawn[::3] for zeros in range(1, DIGITS)]
    around = [10**power + more for power in range(2, DIGITS) for more in (-1, 0, 1, 10, 100)]
    every = {*range(1, 1200), *drawn, *rounded, *around, 10**DIGITS - 1}
    return tuple(sorted(n for n in every if 1 <= n < 10**DIGITS))


@pytest.mark.parametrize("name", SETS)
def test_words_are_those_of_icu(name: str) -> None:
    icu = speller(*SETS[name])
    if icu is None:  # a library of the system that no package brings; num2words is compared with everywhere
        pytest.skip("no ICU here")
    for n in numbers():
        if name != "native" or n in NATIVE:
            assert spelled(n, name) == icu(n)


def test_words_are_those_of_num2words() -> None:
    """It sets a comma in English where the CLDR has none, and always says "and"."""
    for n in numbers():
        assert spelled(n, "sinokorean") == num2words(n, lang="ko")
        english = num2words(n, lang="en").replace(",", "")
        assert spelled(n, "verbose").replace(",", "") == english
        assert spelled(n, "cardinal") == english.replace(" and ", " ")


def test_native_names_are_a_ten_and_a_unit() -> None:
    tens = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
    units = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
    assert [spelled(n, "native").replace(" ", "") for n in NATIVE] == [
        tens[n // 10] + units[n % 10] for n in range(1, 100)
    ]


def test_digits_are_grouped_as_babel_groups_them_in_both_languages() -> None:
    for n in numbers():
        assert FORMS["grouped"](n) == format_decimal(n, locale="en") == format_decimal(n, locale="ko")


@pytest.mark.parametrize("form", COMPACT)
def test_a_rounded_form_is_babels_and_is_left_where_it_would_not_say_the_number(form: str) -> None:
    locale, kind = COMPACT[form]
    written = 0
    for n in numbers():
        text = format_compact_decimal(n, format_type=kind, locale=locale, fraction_digits=DECIMALS)
        match = re.fullmatch(r"([\d.]+)(\D*)", text)
        assert match
        says = n >= 1000 and Fraction(match[1]) * NAMES[match[2]] == n
        assert FORMS[form](n) == (text if says else None)
        written += says
    assert 100 < written < len(numbers()) - 1000
    assert format_compact_decimal(12_300, format_type="long", locale="ko", fraction_digits=2) == FORMS["korean"](12_300)


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (999, None),
        (9999, None),
        (10_000, "1만"),
        (12_304, "1만 2304"),
        (34_567_898, "3456만 7898"),
        (20_000_003, "2000만 3"),
    ],
)
def test_ten_thousands_stand_apart_as_the_orthography_has_it(n: int, text: str | None) -> None:
    assert FORMS["mixed"](n) == text


@each_form
def test_what_is_written_is_read_again_in_any_case(form: str) -> None:
    for n in numbers():
        if text := FORMS[form](n):
            assert right(tokens(text)) == right(tuple(t.upper() for t in tokens(text))) == tuple(str(n)), text


def test_no_text_is_two_numbers() -> None:
    found: dict[tuple[str, ...], int] = {}
    for n in numbers():
        for write in FORMS.values():
            if text := write(n):
                assert found.setdefault(tokens(text), n) == n


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("Twelve thousand three hundred four", 12304),
        ("twelve thousand three hundred and four", 12304),
        ("TWO MILLION AND THREE", 2_000_003),
        ("one hundred thousand, two hundred", 100_200),
        ("12,304", 12304),
        ("304", 304),
        ("12.3K", 12300),
        ("12.3k", 12300),
        ("1.25 million", 1_250_000),
        ("만 이천삼백사", 12304),
        ("이천만 오", 20_000_005),
        ("이천만오", 20_000_005),
        ("백", 100),
        ("1.23만", 12300),
        ("1200만", 12_000_000),
        ("1만 2304", 12304),
        ("3.5천", 3500),
        ("서른다섯", 35),
        ("열하나", 11),
    ],
)
def test_a_typed_number_is_read(text: str, n: int) -> None:
    assert right(tokens(text)) == tuple(str(n))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zero",
        "0",
        "공",
        "12304",  # neither language's pattern leaves the comma out
        "12,30",
        "1,2304",
        "012",
        "12.304K",  # more decimals than are written
        "12.30K",
        "0.5K",
        "1.5",
        "1000K",
        "thousand",
        "one hundred million",
        "twenty four",
        "four twenty",
        "three and four",
        "hundred three",
        "one thousand thousand",
        "일만",  # the CLDR has 만
        "이십만만",
        "삼사",
        "백하나",
        "서른열",
        "1만 02",
        "12만 34567",
        "만 two",
        ",",
        "-",
        "and",
    ],
)
def test_what_is_no_number_of_the_task_is_not_read(text: str) -> None:
    assert right(tokens(text)) is None


@pytest.mark.parametrize(
    "source",
    ["9" * 5000, ("9" * 5000,), "1." + "0" * 5000, ("million",) * 3000, "만" * 5000, "1٣", "１２", "五", ("",)],
)
def test_whatever_is_typed_is_refused_at_once(source: Iterable[str]) -> None:
    """Python makes no number of more than 4,300 digits, and of words in a row one that grows with each."""
    started = process_time()
    assert right(tuple(source)) is None
    assert process_time() - started < 1


def test_every_number_fits_into_the_lengths() -> None:
    lengths = {len(tokens(text)) for n in numbers() for write in FORMS.values() if (text := write(n))}
    assert lengths <= set(NUMBERS.lengths)
    longest = 77_777_777
    assert len(tokens(FORMS["verbose"](longest) or "")) == NUMBERS.lengths[-1]


def test_tokens_in_another_order_are_read_only_as_what_is_written_so() -> None:
    dice, read = Drawn(2), 0
    for pair in pairs("numbers", 2000, seed=2):
        source = list(pair.source)
        for at in range(len(source) - 1, 0, -1):
            other = dice.below(at + 1)
            source[at], source[other] = source[other], source[at]
        if found := right(tuple(source)):
            written = {tokens(text) for form in FORMS.values() if (text := form(int("".join(found))))}
            assert tuple(source) in written
            read += 1
    assert 0 < read < 1400


def test_each_form_and_each_count_of_digits_is_drawn() -> None:
    drawn = pairs("numbers", 4000, seed=3)
    numbers_of = {pair: int("".join(pair.target)) for pair in drawn}
    for write in FORMS.values():
        assert sum(tokens(write(numbers_of[pair]) or "") == pair.source for pair in drawn) >= 300
    counts = Counter(len(pair.target) for pair in drawn)
    assert set(counts) == set(range(1, DIGITS + 1))
    assert min(counts.values()) >= 100
    assert {len(pair.source) for pair in drawn} <= set(NUMBERS.lengths)


def test_korean_numerals_are_cut_into_the_syllables_of_this_task() -> None:
    korean = {token for token in TASKS["numbers"].sources if "가" <= token <= "힣"}
    assert set(NUMERALS) == korean
    assert len(NUMERALS) == len(korean)


def test_what_names_say_by_themselves_is_in_training_and_all_else_is_held_out_by_its_number() -> None:
    assert not is_held_out(ROUND)
    for unseen in (False, True):
        for pair in pairs("numbers", 2000, seed=4, unseen=unseen):
            digits = "".join(pair.target)
            assert pair.key == (ROUND if int(digits) == int(digits[0]) * 10 ** (len(digits) - 1) else digits)
