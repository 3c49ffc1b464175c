"""Dates as people write them in a column, and the step from one to the next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest
from statistics import median
from typing import NamedTuple

from rnnviz.tasks.series.series import Step

YEARS = range(1000, 3000)
LONGEST = 40  # characters: on longer ones the patterns would take long
# 2020-01, 2020-1-31, 2020/01/31, 2020. 1. 31., 2020년 1월 31일, 2020-01-31T05:00:00+09:00
_WRITTEN = re.compile(
    r"(\d{4})(?:\s*[-/.년]\s*(\d{1,2})(?:\s*[-/.월]\s*(\d{1,2})\s*[.일]?"
    r"(?:[T\s]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?)?\s*월?)?\s*년?",
    re.ASCII,
)
_ZONE = re.compile(r"\s*(?:Z|([+-])(0\d|1[0-4]):?([0-5]\d))$", re.ASCII)
_NUMBER = re.compile(r"\d+(\.\d*)?", re.ASCII)
_BARE = re.compile(r"(\d{4})(?:(\d{2})(\d{2})?)?", re.ASCII)  # 2020, 202001, 20200131
_BY_SECONDS: Mapping[float, Step] = {3600: "hour", 86_400: "day", 604_800: "week"}
_BY_MONTHS: Mapping[float, Step] = {1: "month", 12: "year"}
# What a series starts with, by its step.
_STARTS: Mapping[Step, str] = {
    "year": "%Y",
    "month": "%Y-%m",
    "week": "%Y-%m-%d",
    "day": "%Y-%m-%d",
    "hour": "%Y-%m-%dT%H:%M",
    "step": "",
}


class Stamp(NamedTuple):
    """A date, from the year to the second; what was not written is the first of it."""

    there: datetime  # as it was written, without a time zone
    ahead: timedelta  # of UTC; none where no zone was written

    @property
    def utc(self) -> datetime:
        return self.there - self.ahead


class Spacing(NamedTuple):
    """How dates follow one another."""

    step: Step  # "step" where they do so in another distance than those that have a name, as in 10 minutes
    start: str  # when the first was, as `Series` has it
    uneven: int | None  # the first that stands at another distance from the one before than most do; None: all alike


def date_of(cell: str) -> Stamp | None:
    """A date that is written with what parts it; None for anything else, a number too ("2020", "2020.01")."""
    if len(cell) > LONGEST:
        return None
    ahead = timedelta()
    if ":" in cell and (zone := _ZONE.search(cell)):
        sign, hours, minutes = zone.groups("0")
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        cell = cell[: zone.start()]
    found = None if _NUMBER.fullmatch(cell) else _WRITTEN.fullmatch(cell)
    return _stamp(found, ahead) if found else None


def bare_date_of(cell: str) -> Stamp | None:
    """A year, a month or a day that is written as a number: 2020, 202001, 20200131."""
    found = _BARE.fullmatch(cell)
    return _stamp(found, timedelta()) if found else None


def _stamp(found: re.Match[str], ahead: timedelta) -> Stamp | None:
    parts = [int(part or first) for part, first in zip_longest(found.groups(), (0, 1, 1, 0, 0, 0))]
    try:
        return Stamp(datetime(*parts), ahead) if parts[0] in YEARS else None  # type: ignore[arg-type]  # six of them
    except ValueError:  # there is no such day
        return None


def spacing(stamps: Sequence[Stamp]) -> Spacing:
    """Of two dates or more that rise.

    Months and years are counted by the calendar, whichever day of them is written; all else in seconds.
    """
    months = [12 * stamp.there.year + stamp.there.month for stamp in stamps]
    seconds = [(stamp.utc - datetime(YEARS.start, 1, 1)).total_seconds() for stamp in stamps]
    by_months, by_seconds = _gaps(months), _gaps(seconds)
    calendar = len(set(by_months)) == 1 and by_months[0] > 0
    if not calendar and len(set(by_seconds)) > 1:
        calendar = median(by_seconds) >= 28 * 86_400
    gaps, names = (by_months, _BY_MONTHS) if calendar else (by_seconds, _BY_SECONDS)
    ((usual, _),) = Counter(gaps).most_common(1)
    uneven = next((i for i, gap in enumerate(gaps, 1) if gap != usual or gap <= 0), None)
    step = names.get(usual, "step")
    return Spacing(step, stamps[0].there.strftime(_STARTS[step]), uneven)


def _gaps(places: Sequence[float]) -> list[float]:
    return [after - before for before, after in pairwise(places)]
