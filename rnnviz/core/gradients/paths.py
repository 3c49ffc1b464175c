"""What is counted in the norms ‖dL_t/dh_k‖ of all pairs of a loss and a state: numpy only, so that charts read it too.

A matrix of them is (T, T), [t, k].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan

import numpy as np
from numpy.typing import NDArray

from rnnviz.core.trace import Array

Mask = NDArray[np.bool_]


def logs(norms: Array) -> Array:
    """log10, with -infinity for zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(np.asarray(norms, float))


def paths(steps: int) -> Mask:
    """(T, T) bool: where the state at k comes before the loss at t or with it."""
    return np.tri(steps, dtype=bool)


def kept(steps: int, window: int, *, overlapping: bool = False) -> Mask:
    """(T, T) bool: the paths that a window leaves whole: those within one, or where windows overlap, of less than
    `window` steps."""
    step = np.arange(steps)
    near = step[:, None] - step < window if overlapping else step[:, None] // window == step // window
    return near & paths(steps)


def arrivals(matrix: Array, distances: Sequence[int]) -> Array:
    """(T, distances): for each k, the share of all gradient norms arriving there that come from losses so far ahead:
    from each of the distances to below the next, and from the last one on; 0 where one of them is not finite."""
    steps = len(matrix)
    ahead = np.subtract.outer(np.arange(steps), np.arange(steps))
    bins = [*distances, steps]
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.where(paths(steps), matrix, 0)
        largest = norms.max(0)
        parts = norms / np.where(largest > 0, largest, 1)
        sums = np.stack(
            [np.where((ahead >= low) & (ahead < high), parts, 0).sum(0) for low, high in pairwise(bins)],
            axis=1,
        )
        return np.nan_to_num(sums / np.maximum(sums.sum(1, keepdims=True), 1e-300))


def decay(matrix: Array) -> float:
    """How many decades the gradient gains with each step back: the slope of log10 of its norm, averaged over all
    losses by least squares on the distance; NaN where nothing finite is left.
    """
    t, k = np.tril_indices(len(matrix))
    log = logs(matrix[t, k]) - logs(np.diagonal(matrix))[t]
    good = np.isfinite(log)
    distance = (t - k)[good].astype(float)
    return float(distance @ log[good] / (distance @ distance)) if distance.any() else nan


@dataclass(frozen=True)
class Fit:
    """The line through a row's numbers: log10 against the step, by least squares.

    slope: decades for each step back.     end: its log10 at the last step that has a number.
    first, last: the steps, from 0, that have one. NaN and 0 of fewer than two numbers.
    """

    slope: float = nan
    end: float = nan
    first: int = 0
    last: int = 0

    @property
    def decades(self) -> float:
        """By which it grows from the last of its steps to the first."""
        return self.slope * (self.last - self.first)


def fit_of(row: Array) -> Fit:
    """The line through a row (T,) of log10, as it is gone back; what has no logarithm is left out."""
    k = np.flatnonzero(np.isfinite(row))
    if len(k) < 2:
        return Fit()
    away = k - k.mean()
    slope = float(-(away @ row[k]) / (away @ away))
    return Fit(slope, float(row[k].mean()) - slope * float(away[-1]), int(k[0]), int(k[-1]))
