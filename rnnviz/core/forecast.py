"""Forecasts of a series of numbers: from where, of what, how far ahead, and how far off. NumPy only.

coming = origins(len(values), split=580, horizon=12, most=60)
forecasts = {"network": F, **naive(values, coming, 12, window=24, period=12)}
walk = Walk(values, split=580, window=24, period=12, origins=coming, forecasts=forecasts)
walk.mae("network", 6), walk.skill("network", 6)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Places = NDArray[np.int_]


@dataclass(frozen=True, eq=False)
class Walk:
    """Forecasts of one series from several origins, walking forward through what no model was trained on.

    All numbers are in the series' own unit. Where a forecast or the truth is NaN, no score counts the place; a score of
    which nothing is left is NaN. Scores raise `KeyError` for a name that forecasts nothing here, `ValueError` for an
    `ahead` outside 1 to `horizon`.
    """

    values: Array  # (N,), the series
    split: int  # the first value (from 0) that no model was trained on
    window: int  # how many values are read: those before an origin
    period: int  # values of a season; 1 where there is none
    origins: Places  # (n,), rising: the first value (from 0) that is forecast
    forecasts: Mapping[str, Array]  # by the name of what forecasts: (n, H), of the values from the origin on; NaN
    # beyond what it forecasts

    @property
    def horizon(self) -> int:
        """H, how far ahead."""
        return next(iter(self.forecasts.values())).shape[1]

    @property
    def truth(self) -> Array:
        """(n, H), what came; NaN where the series has ended."""
        places = self.origins[:, None] + np.arange(self.horizon)
        truth = np.full(places.shape, np.nan)
        there = places < len(self.values)
        truth[there] = self.values[places[there]]
        return truth

    def error(self, name: str) -> Array:
        """(n, H), forecast minus truth; NaN where one of them is."""
        return self.forecasts[name] - self.truth

    def mae(self, name: str, ahead: int) -> float:
        """The mean absolute error over all origins and the steps 1 to `ahead`."""
        return float(_mean(np.abs(self._until(name, ahead)).ravel()))

    def by_step(self, name: str) -> Array:
        """(H,), the mean absolute error of each step ahead."""
        return _mean(np.abs(self.error(name)))

    def skill(self, name: str, ahead: int, against: str = "last") -> float:
        """1 - MAE / MAE of `against`, over the places that both forecast: 1 is exact, 0 no better, below 0 worse.

        Where both forecast every place it is made of the two numbers that `mae` gives. Otherwise it is not: what
        forecasts one step alone would be held against errors of twelve. NaN where `against` is exact.
        """
        own, other = np.abs(self._until(name, ahead)), np.abs(self._until(against, ahead))
        both = ~np.isnan(own + other)
        mae, other_mae = float(_mean(own[both])), float(_mean(other[both]))
        return 1 - mae / other_mae if other_mae > 0 else np.nan

    def _until(self, name: str, ahead: int) -> Array:
        """(n, ahead), the errors of the first steps."""
        if not 1 <= ahead <= self.horizon:
            raise ValueError(f"ahead is {ahead}; accepted: 1 to {self.horizon}")
        return self.error(name)[:, :ahead]


def _mean(errors: Array) -> Array:
    """The mean over the first axis of what is a number; NaN where nothing is."""
    count = (~np.isnan(errors)).sum(0)
    return np.where(count > 0, np.nansum(errors, 0) / np.maximum(count, 1), np.nan)


def origins(length: int, split: int, horizon: int, most: int) -> Places:
    """Where forecasts start, rising: evenly from `split` to the last origin with a whole horizon of truth after it.

    length: of the series.     most: how many at most, 2 or more; first and last are among them.
    Raises `ValueError` where no whole horizon of truth follows `split`.
    """
    last_origin = length - horizon
    if not split <= last_origin:
        raise ValueError(
            f"split is {split}; accepted: at most {last_origin}, with {horizon} values of {length} after it"
        )
    gaps = min(most - 1, last_origin - split)
    return split + np.arange(gaps + 1) * (last_origin - split) // max(gaps, 1)


def windows(values: Array, origins: Places, window: int) -> Array:
    """(n, window), the values before each origin, the oldest first.

    Raises `ValueError` for an origin with fewer values than that before it, or beyond the first after the series.
    """
    least, most = min(origins, default=window), max(origins, default=window)
    if not window <= least <= most <= len(values):
        raise ValueError(f"origins are {least} to {most}; accepted: {window} to {len(values)}")
    return np.lib.stride_tricks.sliding_window_view(values, window)[origins - window]


def last(values: Array, origins: Places, horizon: int) -> Array:
    """(n, horizon), the last value before an origin, again and again. Raises as `windows` does."""
    return np.repeat(windows(values, origins, 1), horizon, axis=1)


def season(values: Array, origins: Places, horizon: int, period: int) -> Array:
    """(n, horizon), the value at the same place of the last season before an origin. Raises as `windows` does."""
    return windows(values, origins, period)[:, np.arange(horizon) % period]


def trend(values: Array, origins: Places, horizon: int, window: int) -> Array:
    """(n, horizon), the least-squares line through the window before an origin, extended.

    window: 2 values or more. Raises as `windows` does.
    """
    read = windows(values, origins, window)
    t = np.arange(window + horizon) - (window - 1) / 2  # from the window's middle, where slope and level part
    slope = read @ t[:window] / (t[:window] @ t[:window])
    return read.mean(1)[:, None] + slope[:, None] * t[window:]


def naive(values: Array, origins: Places, horizon: int, window: int, period: int) -> Mapping[str, Array]:
    """The forecasts that need no model, (n, horizon) each: "last", "season" and "trend".

    No "season" where `period` is 1, or where an origin has no whole season before it.
    """
    found = {"last": last(values, origins, horizon)}
    if 1 < period <= min(origins, default=0):
        found["season"] = season(values, origins, horizon, period)
    return found | {"trend": trend(values, origins, horizon, window)}


def linear(values: Array, split: int, window: int, horizon: int) -> Array:
    """The best linear predictor of each step ahead: coefficients (window + 1, horizon), of the window's values from the
    oldest on and of 1, the constant.

    Least squares over every window whose horizon, too, lies before `split`; the coefficients of the least norm, where
    several are as good. Exact for the sum of k sines and a constant where 2 k + 1 values are read, or more: such a sum
    obeys a linear recurrence of that order. Raises `ValueError` where no window with its horizon lies before `split`.
    """
    if split < window + horizon:
        raise ValueError(f"split is {split}; accepted: {window + horizon} or more, a window and its horizon")
    level = values[:split].mean()  # taken out for the numbers' sake: it would be the largest in every row
    known = np.lib.stride_tricks.sliding_window_view(values[:split] - level, window + horizon)
    read, coming = known[:, :window], known[:, window:]
    coefficients = np.linalg.lstsq(np.column_stack([read, np.ones(len(read))]), coming)[0]
    coefficients[-1] += level * (1 - coefficients[:-1].sum(0))
    return coefficients


def linear_forecast(values: Array, origins: Places, coefficients: Array) -> Array:
    """(n, horizon), what the coefficients that `linear` gives make of the window before an origin.

    Raises as `windows` does.
    """
    return windows(values, origins, len(coefficients) - 1) @ coefficients[:-1] + coefficients[-1]
