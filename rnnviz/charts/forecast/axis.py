"""The axis of values over a window and its horizon: as high for every origin, so that one swing looks as large as the
next, and moved up and down by whole ticks to where the values are. And the places of the names at the ends of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

import numpy as np

from rnnviz.charts.kit.apart import apart
from rnnviz.core.forecast import Walk
from rnnviz.core.trace import Array
from rnnviz.words.numbers import size

INTERVALS = 6  # between ticks, about
BEYOND = 0.35  # of the largest swing of a window: how far outside of what came a forecast still has its place
APART = 0.092  # of the height, from one name to the next
MARGIN = 0.05  # of the height, above and below them


@dataclass(frozen=True, eq=False)
class ValueAxis:
    """Of every origin, in the series' unit."""

    low: Array  # (n,), the value at the lower edge
    step: float  # from one tick to the next
    intervals: int  # ticks but one

    @property
    def span(self) -> float:
        return self.intervals * self.step

    def parts(self, values: Array) -> Array:
        """(n, F, H) as parts of the height, 0 at the lower edge; what is beyond has the edge's."""
        return np.clip((values - self.low[:, None, None]) / self.span, 0, 1)

    def texts(self, i: int) -> list[str]:
        """The ticks of an origin in writing, from below."""
        most = max(abs(self.low[i]), abs(self.low[i] + self.span))
        digits = max(3, 2 + floor(log10(most)) - floor(log10(self.step)))
        values = (self.step * round(self.low[i] / self.step + k) for k in range(self.intervals + 1))
        return [size(value, digits) for value in values]


def value_axis(walk: Walk, forecasts: Sequence[Array]) -> ValueAxis:
    """The axis on which everything that came has its place, and each forecast that is not far outside of it."""
    read = np.stack([walk.values[at - walk.window : at] for at in walk.origins.tolist()])
    came = np.concatenate([read, walk.truth], 1)
    low, high = np.nanmin(came, 1), np.nanmax(came, 1)
    room = BEYOND * float((high - low).max())
    inside = np.concatenate([came, *(_within(forecast, low - room, high + room) for forecast in forecasts)], 1)
    low, high = np.nanmin(inside, 1), np.nanmax(inside, 1)
    step = _round_step(float((high - low).max()) / INTERVALS)
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    if (first == last).all():  # nothing moves
        first, last = first - 1, last + 1
    intervals = max(1, int((last - first).max()))
    if last.max() - first.min() <= intervals + 1:  # then it stands still
        first, intervals = np.full_like(first, first.min()), int(last.max() - first.min())
    else:
        first = first - np.floor((intervals - (last - first)) / 2)
    return ValueAxis(step * first, step, intervals)


def _within(forecast: Array, low: Array, high: Array) -> Array:
    """(n, H); NaN where it is outside."""
    return np.where((forecast >= low[:, None]) & (forecast <= high[:, None]), forecast, np.nan)


def _round_step(least: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, no less than this."""
    if least <= 0:
        return 1.0
    power = 10.0 ** floor(log10(least))
    return next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= least * (1 - 1e-9))


def label_places(parts: Array, drawn: Array) -> Array:
    """(n, F, H): where the name of each line stands when the line ends at a step, a part of the height.

    parts: (n, F, H), where the lines are; NaN where one has none, whose name stays at its last.
    drawn: (F,), which have a line. The place of those that have none, or have not begun, is NaN.
    """
    places = np.where(drawn[None, :, None], parts, np.nan)
    for k in range(1, places.shape[2]):
        places[:, :, k] = np.where(np.isnan(places[:, :, k]), places[:, :, k - 1], places[:, :, k])
    inner = 1 - 2 * MARGIN
    return MARGIN + inner * apart(places.swapaxes(1, 2), APART / inner).swapaxes(1, 2)
