"""Where the names at the ends of lines stand: a chart cannot move its texts out of each other's way."""

from __future__ import annotations

import numpy as np

from rnnviz.core.trace import Array


def apart(places: Array, gap: float) -> Array:
    """Places from 0 to 1, moved so far that any two along the last axis are `gap` apart, in the order that they have;
    where there is no room for all, they begin at 0 and go beyond 1. NaN stays.
    """
    order = np.argsort(places, -1, kind="stable")  # NaN last
    wanted = np.moveaxis(np.take_along_axis(places, order, -1), -1, 0)
    up, down = wanted.copy(), wanted.copy()
    for f in range(1, len(wanted)):
        up[f] = np.maximum(up[f], up[f - 1] + gap)
    for f in range(len(wanted) - 2, -1, -1):
        down[f] = np.fmin(down[f], down[f + 1] - gap)
    moved = (up + down) / 2
    limit = np.ones(wanted.shape[1:])
    for f in range(len(moved) - 1, -1, -1):
        moved[f] = np.minimum(moved[f], limit)
        limit = np.where(np.isnan(moved[f]), 1.0, moved[f] - gap)
    limit = np.zeros_like(limit)
    for f in range(len(moved)):
        moved[f] = np.maximum(moved[f], limit)
        limit = moved[f] + gap
    found = np.empty_like(places)
    np.put_along_axis(found, order, np.moveaxis(moved, 0, -1), -1)
    return found
