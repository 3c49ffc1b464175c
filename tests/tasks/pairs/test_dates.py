"""Dates into YYYY-MM-DD: patterns, names and what is written against Babel, which has them of the CLDR too."""

import json
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version

import pytest
from babel.dates import format_date

from rnnviz.tasks.grammar.writing import Drawn
from rnnviz.tasks.pairs import SPACE, TASKS, pairs
from rnnviz.tasks.pairs.dates import FILE, YEARS, Pattern, patterns, right
from scripts import date_names

each_pattern = pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: f"{pattern.locale} {pattern.text}")


@cache
def days() -> list[date]:
    """Two hundred days of all years, and each day of a leap year."""
    dice, first = Drawn(1), date(YEARS[0], 1, 1)
    count = (date(YEARS[-1], 12, 31) - first).days + 1
    drawn = [first + timedelta(dice.below(count)) for _ in range(200)]
    return [*drawn, first, first + timedelta(count - 1), *(date(2024, 1, 1) + timedelta(n) for n in range(366))]


def tokens(text: str) -> tuple[str, ...]:
    return tuple(text.replace(" ", SPACE))


@each_pattern
def test_a_date_is_written_as_babel_writes_it_and_read_again(pattern: Pattern) -> None:
    for day in days():
        text = format_date(day, pattern.text, locale=pattern.locale)
        assert pattern.written(day) == text.lower()
        assert pattern.read(text.lower()) == day
        assert right(tokens(text)) == tuple(day.isoformat())


def test_the_file_is_what_the_script_writes_of_the_cldr() -> None:
    shipped, written = json.loads(FILE.read_text(encoding="utf-8")), date_names.content()
    assert shipped["licence"][0] == "UNICODE LICENSE V3"
    assert any("Permission is hereby granted" in line for line in shipped["licence"])
    if shipped["source"].endswith(version("babel")):
        assert shipped == written


@pytest.mark.parametrize(
    ("pattern", "certain"),
    [("M/d/y", False), ("dd/MM/y", False), ("yy. M. d.", False), ("M/d/yy", False), ("y/M/d", True), ("d MMM y", True)],
)
def test_a_pattern_is_kept_where_every_locale_reads_it_alike(pattern: str, certain: bool) -> None:
    assert date_names.is_certain(pattern) is certain
    assert not certain or pattern in {p.text for p in patterns()}


def test_what_one_reads_does_not_depend_on_who_reads() -> None:
    """No text is two dates."""
    for day in days():
        for pattern in patterns():
            text = pattern.written(day)
            assert {other.read(text) for other in patterns()} <= {day, None}


@pytest.mark.parametrize(
    "text",
    [
        "tuesday, march 3, 2026",
        "TUESDAY, 3 March 2026",
        "Tue, Mar 3, 2026",
        "3 mar 2026",
        "March 3, 2026",
        "2026년 3월 3일 화요일",
        "2026년 3월 3일 (화)",
        "2026년 3월 3일",
        "2026. 3. 3.",
        "2026/3/3",
    ],
)
def test_a_typed_date_is_read(text: str) -> None:
    assert right(tokens(text)) == tuple("2026-03-03")


@pytest.mark.parametrize(
    "text",
    [
        "monday, march 3, 2026",  # it is a Tuesday
        "2026년 3월 3일 월요일",
        "3/3/2026",
        "03 mar 2026",
        "february 29, 2026",
        "31 june 2026",
        "2026. 13. 3.",
        "march 3, 1899",
        "march 3, 2100",
        "march 3 2026",
        "2026-03-03",
        "3월 3일",
        "",
    ],
)
def test_what_is_no_date_of_the_task_is_not_read(text: str) -> None:
    assert right(tokens(text)) is None


def test_every_pattern_and_century_is_drawn() -> None:
    drawn = pairs("dates", 2000, seed=2)
    texts = ["".join(pair.source).replace(SPACE, " ") for pair in drawn]
    assert all(any(pattern.read(text) for text in texts) for pattern in patterns())
    assert {pair.target[0:2] for pair in drawn} == {("1", "9"), ("2", "0")}
    assert all("".join(pair.target) == pair.key for pair in drawn)
    assert set(TASKS["dates"].lengths) == {
        len(pattern.written(day)) for pattern in patterns() for day in days()[-366:]
    } | {29}
