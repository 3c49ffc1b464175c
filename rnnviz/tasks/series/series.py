"""What a series of numbers is: its values, when each was, and what one of them is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Step = Literal["hour", "day", "week", "month", "year", "step"]


@dataclass(frozen=True, eq=False)
class Series:
    """One number after the other, at equal distances in time."""

    name: str  # its key, "elnino"; "own" of a visitor's
    values: NDArray[np.float64]  # (N,), finite
    step: Step  # from one value to the next
    start: str  # when the first was: "1950-01" of months, "1700" of years, an ISO date; empty of plain steps
    period: int  # values of a season; 1 where there is none
    unit: str  # behind a number: "°C", "ppm"; empty where there is none
    source: str  # whom to name, and where it was published
    licence: str
