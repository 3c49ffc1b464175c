"""What to notice in the gradient lab: facts computed from what is shown, as in `notice`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.core.gradients.paths import decay, logs
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice, Values


def past_rate(norms: Array) -> float:
    """What one step multiplies by, on average over the steps that are above float64's noise of the states."""
    log = logs(norms)
    good = np.flatnonzero(np.isfinite(log) & (log > log[0] - 13))
    return float(10 ** ((log[good[-1]] - log[good[0]]) / max(1, good[-1] - good[0])))


def of_matrix(matrices: Mapping[str, Array], titles: Mapping[str, str]) -> Iterator[Notice]:
    """How fast each network's gradient shrinks or grows, how far back half of it reaches, and what is not a number."""
    for cell, matrix in matrices.items():
        rate, last = decay(matrix), len(matrix)
        if np.isfinite(rate):
            kind = "lab_shrinks" if rate < 0 else "lab_grows"
            values: Values = {"network": titles[cell], "factor": 10**rate, "first": float(matrix[-1, 0])}
            yield Notice(kind, last, {**values, "own": float(matrix[-1, -1])})
    lower = {cell: matrix[np.tril_indices(len(matrix))] for cell, matrix in matrices.items()}
    for cell, values_ in lower.items():
        zeros, not_finite = int((values_ == 0).sum()), int((~np.isfinite(values_)).sum())
        if zeros:
            yield Notice("lab_zero", 1, {"network": titles[cell], "count": zeros, "cells": len(values_)})
        if not_finite:
            yield Notice("lab_lost", 1, {"network": titles[cell], "count": not_finite, "cells": len(values_)})


def of_knobs(knobs: Knobs) -> Iterator[Notice]:
    """Before and after, and what the two bounds say of the matrix as it stands."""
    norms, last = knobs.norms[knobs.start], knobs.norms.shape[1]
    before_1, after_1 = float(knobs.before[0]), float(knobs.after[0])
    asked = knobs.clip is not None or knobs.window is not None
    turned = asked or not np.allclose(norms, knobs.before, rtol=1e-6, atol=0)
    yield Notice("lab_turned" if turned else "lab_unturned", 1, {"before": before_1, "after": after_1, "steps": last})
    # The bound is about the product of all factors, whatever is cut or clipped afterwards.
    log = logs(norms)
    factor = float(10 ** ((log[0] - log[-1]) / max(1, last - 1)))
    if knobs.factor is not None:
        kind = (
            "lab_border" if abs(knobs.factor - 1) < ALIKE else "lab_sufficient" if knobs.factor < 1 else "lab_necessary"
        )
        yield Notice(kind, last, {"bound": knobs.factor, "radius": knobs.radii[knobs.start], "measured": factor})
    if knobs.clip is not None and knobs.parameters is not None:
        size = float(knobs.parameters[knobs.start])
        yield Notice("lab_clipped" if size > knobs.clip else "lab_unclipped", last, {"norm": size, "clip": knobs.clip})
    if knobs.window is not None and knobs.window < last:
        reach = last - (last - 1) // knobs.window * knobs.window
        yield Notice("lab_window", last, {"window": knobs.window, "kept": reach, "steps": last})


ALIKE = 1e-9  # how near to 1 a computed gamma * sigma is 1


@dataclass(frozen=True, eq=False)
class Knobs:
    """What is turned, and what comes of it. R radii in order, T steps.

    matrices: (H, H) by name, as drawn.     eigenvalues: of each, complex (H,).     sigma: the first's largest singular
        value.
    radii: (R,), those that can be dragged to; `drawn` is the one among them at which every matrix is as it was drawn.
    start: the one it opens at.
    norms: (R, T), ‖dL/dh_k‖.     before: (T,), nothing turned.
    parameters: (R,), of the gradient that is clipped, if any.
    gamma: the largest slope of the activation; None for a cell with gates, for which the bound was not derived.
    clip, window: the norm clipped to and the steps of truncation; None for neither.
    """

    matrices: Mapping[str, Array]
    eigenvalues: Mapping[str, Array]
    sigma: float
    radii: Sequence[float]
    drawn: int
    start: int
    norms: Array
    parameters: Array | None
    before: Array
    gamma: float | None
    clip: float | None
    window: int | None

    @property
    def after(self) -> Array:
        """(T,), what is left of the norms at `start` once the window has cut and the clipping has shortened them."""
        last = self.norms.shape[1]
        after = self.norms[self.start].copy()
        if self.window is not None:
            after[: (last - 1) // self.window * self.window] = 0
        if self.clip is not None and self.parameters is not None and self.parameters[self.start] > self.clip:
            after *= self.clip / self.parameters[self.start]
        return after

    @property
    def factor(self) -> float | None:
        """gamma * sigma of the first matrix at `start`; None for a cell with gates."""
        own = float(np.abs(next(iter(self.eigenvalues.values()))).max())
        return None if self.gamma is None else self.gamma * self.sigma * (self.radii[self.start] / own if own else 0.0)
