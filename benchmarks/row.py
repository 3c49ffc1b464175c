"""One line of the table, and how a Python call is timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """`figure` and `reference` are in `unit`. A `promise` is a limit: the run fails when the figure is above it."""

    what: str
    figure: float
    unit: str
    against: str
    reference: float
    promise: bool = False

    @property
    def ratio(self) -> float | None:
        """`figure / reference`; none where the limit is zero."""
        return self.figure / self.reference if self.reference else None

    @property
    def broken(self) -> bool:
        return self.promise and not self.figure <= self.reference


def promise(what: str, figure: float, unit: str, limit: float) -> Row:
    """A row with a limit that the project promises."""
    return Row(what, figure, unit, "limit", limit, promise=True)


def median_ms(call: Callable[[], object], *, repeat: int = 50, warm_up: int = 5) -> float:
    """Median time of one call in milliseconds."""
    times = []
    for _ in range(warm_up + repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * median(times[warm_up:])
