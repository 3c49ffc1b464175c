"""Forecasts of a series of numbers: from where, of what, how far ahead, and how far off. NumPy only.

    walk = Walk(values, split=580, window=24, period=12, origins=origins, forecasts={"network": F, "last": L})
    walk.mae("network", 6), walk.skill("network", 6)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Walk:
    """Forecasts of one series from several origins, walking forward through what no model was trained on.

    All numbers are in the series' own unit.
    """

    values: Array  # (N,), the series
    split: int  # the first value (from 0) that no model was trained on
    window: int  # how many values are read: those before an origin
    period: int  # values of a season; 1 where there is none
    origins: NDArray[np.int_]  # (n,), rising: the first value (from 0) that is forecast
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
