"""Visitors' own series, kept in memory while their pages are open: the latest few of the whole process, on no disk."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from rnnviz.tasks.series.series import Series

MOST = 64
_SERIES: OrderedDict[str, Series] = OrderedDict()  # by name, the one asked for last at the end
_LOCK = Lock()


def keep(series: Series) -> str:
    """Keeps a series under its name, and returns that. Beyond `MOST`, the one not asked for longest is forgotten."""
    with _LOCK:
        _SERIES[series.name] = series
        _SERIES.move_to_end(series.name)
        while len(_SERIES) > MOST:
            _SERIES.popitem(last=False)
    return series.name


def kept(name: str) -> Series | None:
    """The series that was kept under a name; None where there was none, or it is forgotten."""
    with _LOCK:
        if name in _SERIES:
            _SERIES.move_to_end(name)
        return _SERIES.get(name)
