"""What the picture of a lesson on forecasts shows: a walk through a series, and what the network holds and computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rnnviz.core.forecast import Walk
from rnnviz.core.trace import Array

UNITS = 12  # rows of the heatmap, at the most
EMPTY = np.zeros((0, 0, 0))


@dataclass(frozen=True, eq=False)
class ForecastData:
    """Forecasts from several origins, each with its window, its network's states and its gates.

    Raises `ValueError` where shapes do not fit each other.
    """

    walk: Walk  # with one origin at least; forecasts that are not there yet are NaN
    names: Mapping[str, str]  # what each of its forecasters is called on the page, by its name in the walk
    whens: Sequence[str]  # N + H texts: when each value was, and when those after the series' end would be
    main: str = "network"  # which of the forecasts is the network's
    unit: str = ""  # of a value, behind a number; empty where there is none
    units: Sequence[int] = ()  # the U units that are shown, from 0; at most `UNITS`
    hidden: int = 0  # units that the network has; 0 is as many as are shown
    h: Array = field(default_factory=lambda: EMPTY)  # (n, w, U), what they hold after each value of a window
    gates: Mapping[str, Array] = field(default_factory=dict)  # by symbol (n, w), a gate's mean over all units
    trained: int = 0  # how many steps ahead it was trained for; 0 is all
    said: Sequence[str] = ()  # lines under the errors

    def __post_init__(self) -> None:
        walk, states = self.walk, (len(self.walk.origins), self.walk.window)
        if not len(walk.origins) or walk.origins.min() < walk.window:
            raise ValueError(f"origins are {walk.origins.tolist()}; accepted: from {walk.window} on, one at least")
        if self.main not in walk.forecasts or walk.forecasts.keys() - self.names.keys():
            raise ValueError(f"names are {[*self.names]}; accepted: with {self.main} and all of {[*walk.forecasts]}")
        if len(self.whens) != len(walk.values) + walk.horizon:
            raise ValueError(f"there are {len(self.whens)} times; accepted: {len(walk.values) + walk.horizon}")
        if len(self.units) > UNITS:
            raise ValueError(f"there are {len(self.units)} units; accepted: {UNITS} at the most")
        if len(self.units) and self.h.shape != (*states, len(self.units)):
            raise ValueError(f"h is {self.h.shape}; accepted: {(*states, len(self.units))}")
        for symbol, means in self.gates.items():
            if means.shape != states:
                raise ValueError(f"gate {symbol} is {means.shape}; accepted: {states}")


def errors(walk: Walk) -> dict[str, Array]:
    """By forecaster (n, H): the mean absolute error of the first k values from each origin, in the series' unit; NaN
    from the first on that it does not forecast, or that never came."""
    counts = np.arange(1, walk.horizon + 1)
    return {
        name: np.cumsum(np.abs(forecast - walk.truth), axis=1) / counts for name, forecast in walk.forecasts.items()
    }


def mean_errors(walk: Walk) -> dict[str, Array]:
    """By forecaster (H,): the same over all origins, of all that came within the first k values."""
    came = np.isfinite(walk.truth)
    counts = np.maximum(np.cumsum(came.sum(0)), 1)
    return {
        name: np.cumsum(np.where(came, np.abs(forecast - walk.truth), 0.0).sum(0)) / counts
        for name, forecast in walk.forecasts.items()
    }
