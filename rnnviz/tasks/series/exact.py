"""Series that are known exactly: a sine, a sum of three, and a straight line with a season on it. Of plain steps.

`sine` repeats itself after 20 values. The periods of `sines`, 23, 11 and 7.3, do not divide one another: it
repeats itself after 18,469 values only, so that it has no season here; each value is a linear sum of the six before.
`growing` adds a season of 12 to a line that climbs on, until its last values lie above all that was trained on.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from rnnviz.tasks.series.series import Series

LENGTH = 400
PERIODS = {"sine": (20.0,), "sines": (23.0, 11.0, 7.3)}
SLOPE, SEASON = 0.1, 12


def _wave(t: NDArray[np.int_], period: float) -> NDArray[np.float64]:
    return np.sin(2 * np.pi * t / period)


def _exact(name: str, values: NDArray[np.float64], period: int) -> Series:
    return Series(name, values, step="step", start="", period=period, unit="", source="", licence="")


def _all() -> Mapping[str, Series]:
    t = np.arange(LENGTH)
    sums = {name: sum((_wave(t, period) for period in periods), np.zeros(LENGTH)) for name, periods in PERIODS.items()}
    growing = 10 + SLOPE * t + 2.5 * _wave(t, SEASON) + 0.8 * _wave(t + 1, SEASON / 2)
    return {
        "sine": _exact("sine", sums["sine"], 20),
        "sines": _exact("sines", sums["sines"], 1),
        "growing": _exact("growing", growing, SEASON),
    }


EXACT = _all()
