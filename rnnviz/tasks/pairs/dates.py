"""Dates as people write them in English and Korean, into `YYYY-MM-DD`.

The patterns and names are those of the Unicode CLDR (`dates.json`, which `scripts/date_names.py` writes). Of a locale's
patterns those are left out that have two digits for the year or numbers alone with the day or the month first: 3/4/2026
is the third of April in London and the fourth of March in New York. All is in lower case, as models read it.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from rnnviz.tasks.grammar.writing import Drawn, pick
from rnnviz.tasks.pairs.pair import SPACE, Pair, PairTask, Words

FILE = Path(__file__).with_name("dates.json")
YEARS = range(1900, 2100)
_FIRST, _LAST = date(YEARS[0], 1, 1).toordinal(), date(YEARS[-1], 12, 31).toordinal()
_FIELD = re.compile(r"([yMdE])\1*")
_PARTS = re.compile(r"y+|M+|d+|E+|[^yMdE]+")
_NUMBERS = {"y": r"\d{4}", "M": r"\d\d?", "d": r"\d\d?"}


@dataclass(frozen=True, eq=False)
class Pattern:
    """One way to write a date: `text` is a pattern of CLDR, as "EEEE, d MMMM y"; names are by their field, from 1 (of
    months) or Monday on."""

    locale: str
    text: str
    names: Mapping[str, Sequence[str]]

    def written(self, day: date) -> str:
        """A date in this pattern, in lower case."""
        values = {"y": day.year, "M": day.month, "d": day.day}

        def field(match: re.Match[str]) -> str:
            letters = match[0]
            if names := self.names.get(letters):
                return names[day.weekday() if letters[0] == "E" else day.month - 1]
            return str(values[letters])

        return _FIELD.sub(field, self.text).lower()

    def read(self, text: str) -> date | None:
        """The date that is written so in this pattern, None for anything else."""
        if not (match := self._expression.fullmatch(text)):
            return None
        found = match.groupdict()
        month = found.get("M") or 1 + [name.lower() for name in self.names[self._month]].index(found[self._month])
        try:
            day = date(int(found["y"]), int(month), int(found["d"]))
        except ValueError:
            return None
        return day if day.year in YEARS and self.written(day) == text else None  # a wrong weekday is written otherwise

    @cached_property
    def _month(self) -> str:
        return next(match[0] for match in _FIELD.finditer(self.text) if match[0][0] == "M")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        """Of what is written so, with a group for each field."""

        def group(match: re.Match[str]) -> str:
            names = "|".join(re.escape(name.lower()) for name in self.names.get(match[0], ()))
            return f"(?P<{match[0]}>{names or _NUMBERS[match[0]]})"

        return re.compile(
            "".join(
                group(part) if (part := _FIELD.fullmatch(text)) else re.escape(text)
                for text in _PARTS.findall(self.text)
            )
        )


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every way to write a date."""
    locales = json.loads(FILE.read_text(encoding="utf-8"))["locales"]
    return tuple(Pattern(name, text, own["names"]) for name, own in locales.items() for text in own["patterns"])


def _pair(pattern: Pattern, day: date) -> Pair:
    """The date is the key: one that is held out is not in training in any pattern."""
    text = pattern.written(day)
    return Pair(tuple(text.replace(" ", SPACE)), tuple(day.isoformat()), day.isoformat())


def _draw(dice: Drawn, length: int | None) -> Pair:
    """Any day in any pattern; of those so long each month, day and weekday in a pattern is as likely."""
    if length is None:
        return _pair(pick(dice, patterns()), date.fromordinal(_FIRST + dice.below(_LAST + 1 - _FIRST)))
    pattern, days = pick(dice, _by_length()[length])
    return _pair(pattern, pick(dice, days))


@cache
def _by_length() -> Mapping[int, Sequence[tuple[Pattern, Sequence[date]]]]:
    """By number of characters: each pattern with the days of a month, day and weekday that are so long in it."""
    alike: dict[tuple[int, int, int], list[date]] = defaultdict(list)
    for ordinal in range(_FIRST, _LAST + 1):
        day = date.fromordinal(ordinal)
        alike[day.month, day.day, day.weekday()].append(day)
    found: dict[int, list[tuple[Pattern, Sequence[date]]]] = defaultdict(list)
    for pattern in patterns():
        for days in alike.values():
            found[len(pattern.written(days[0]))].append((pattern, days))
    return dict(found)


@cache
def _vocabulary(side: int) -> Words:
    if side:
        return tuple(sorted("0123456789-"))
    around = {character for pattern in patterns() for character in _FIELD.sub("", pattern.text)}
    named = {
        character
        for pattern in patterns()
        for field in _FIELD.finditer(pattern.text)
        for name in pattern.names.get(field[0], ())
        for character in name
    }
    return tuple(sorted({*"0123456789", *"".join(around | named).lower().replace(" ", SPACE)}))


def right(source: Words) -> Words | None:
    """The date of a source; None where there is no such date, or it falls on another weekday than is written."""
    text = "".join(source).replace(SPACE, " ").lower()
    day = next((day for pattern in patterns() if (day := pattern.read(text))), None)
    return tuple(day.isoformat()) if day else None


DATES = PairTask(
    "dates", ("character", "character"), ("en", "ko"), "", range(8, 30), range(8, 30), _vocabulary, _draw, right
)
