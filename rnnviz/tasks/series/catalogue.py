"""Every series by name, when each of its values was, and where its last fifth begins. Without torch."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

from rnnviz.tasks.series.exact import EXACT
from rnnviz.tasks.series.kept import kept
from rnnviz.tasks.series.series import Series
from rnnviz.tasks.series.shipped import SHIPPED, shipped

SERIES_NAMES = (*SHIPPED, *EXACT)


def series_of(name: str) -> Series:
    """The series of this name, or a visitor's own that is kept. Its values cannot be written to.

    Raises `ValueError` for another name, and for one of a visitor's that is forgotten.
    """
    own = None if name in SERIES_NAMES else kept(name)
    if own is None and name not in SERIES_NAMES:
        raise ValueError(f"no series {name!r}; accepted: {', '.join(SERIES_NAMES)}, or one that is kept")
    return own or _built_in(name)


@cache
def _built_in(name: str) -> Series:
    series = shipped(name) if name in SHIPPED else EXACT[name]
    series.values.setflags(write=False)
    return series


def when(series: Series, index: int) -> str:
    """When a value was, or will be, beyond the end too.

    index: from 0. "1957-03" of months, "1700" of years, "2012-01-31" of days and weeks, "2012-01-31 05:00" of hours;
    of plain steps the index itself.
    """
    if series.step == "year":
        return str(int(series.start) + index)
    if series.step == "month":
        year, month = map(int, series.start.split("-"))
        years, month = divmod(month - 1 + index, 12)
        return f"{year + years}-{month + 1:02}"
    if series.step == "hour":
        return (datetime.fromisoformat(series.start) + timedelta(hours=index)).isoformat(" ", "minutes")
    if series.step in ("day", "week"):
        days = index * (7 if series.step == "week" else 1)
        return (date.fromisoformat(series.start) + timedelta(days)).isoformat()
    return str(index)


def split_of(series: Series) -> int:
    """The first value (from 0) of the last fifth, which no model is trained on."""
    return len(series.values) * 4 // 5
