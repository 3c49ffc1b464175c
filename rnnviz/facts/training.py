"""What to notice in a training run: computed, so that what the page says is what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.terms import progress
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice

if TYPE_CHECKING:
    from rnnviz.training.view import RunView

THIRDS = ("start", "middle", "end", "none")
EVEN = 3.0  # decades within which no third of the steps counts as dark
FLAT = 0.01  # decades per step
RECENT = 100  # iterations


def darkest(view: RunView) -> str | None:
    """Which third of the steps has the smallest gradient in the first row: what fades first; `none` where the thirds
    are within `EVEN` decades. None before the first row."""
    if not view.rows:
        return None
    row = np.clip(np.nan_to_num(view.rows.flow["h"][0, -1], nan=300.0, posinf=300.0, neginf=-300.0), -300, 300)
    means = [float(part.mean()) for part in np.array_split(row, 3)]
    return "none" if max(means) - min(means) < EVEN else THIRDS[int(np.argmin(means))]


def facts(view: RunView) -> Iterator[Notice]:
    """Of one run, of its last layer's h. `t` is the iteration it is about."""
    if not view.rows:
        return
    curves, last = view.curves, int(view.rows.iteration[-1])
    if view.stopped:
        broken = {"norm": float(curves.norm[-1]), "loss": float(curves.loss[-1])}
        yield Notice("train_stopped", int(curves.iteration[-1]), broken)
    yield from _shape(view.rows.flow["h"][-1, -1], view, last)
    yield from _theory(view)
    recent = curves.clipped[-RECENT:]
    if recent.any():
        yield Notice("train_clipped", last, {"count": int(recent.sum()), "of": len(recent)})
    cut = np.flatnonzero(np.isfinite(curves.cut))
    if len(cut):
        values = {"share": float(curves.cut[cut[-1]]), "steps": view.config.truncation}
        yield Notice("train_cut", int(curves.iteration[cut[-1]]), values)
    yield from _learned(view)


def explosion(view: RunView) -> str:
    """Why a run stopped by itself: `first` without any update, `grew` where the gradient grew on its way back in the
    last row that tells, else `rate`: the learning rate was too large."""
    if view.iteration == 1:
        return "first"
    slopes = map(slope_of, view.rows.flow["h"][::-1, -1])
    slope = next((slope for slope in slopes if isfinite(slope)), 0.0)
    return "grew" if slope > FLAT else "rate"


def _theory(view: RunView) -> Iterator[Notice]:
    """The Jacobians' growth beside the slope of the row nearest to it: of one model, not of two."""
    if not view.theories or view.loss_from == 0 or view.config.truncation:
        return
    at = int(view.theories.iteration[-1])
    growth, bound = float(view.theories.growth[-1, -1]), float(view.theories.bound[-1, -1])
    nearest = int(np.abs(view.rows.iteration - at).argmin())
    slope = slope_of(view.rows.flow["h"][nearest, -1])
    if isfinite(growth) and isfinite(slope):
        yield Notice("train_theory", at, {"growth": growth, "bound": bound, "slope": slope})


def _shape(row: Array, view: RunView, iteration: int) -> Iterator[Notice]:
    finite = np.flatnonzero(np.isfinite(row))
    zeros = np.flatnonzero(row[: finite[-1]] == -np.inf) if len(finite) else finite  # none after a sequence's end
    if len(zeros):
        window = view.config.truncation
        whole = len(row) - window  # steps that lie before what is gone back through
        if window and view.loss_from >= whole > zeros[-1]:
            kind = "train_zero_cut"
        else:  # a ReLU that is off gives a zero too, and so may a cut between losses
            kind = "train_zero_plain" if window or view.config.cell == "rnn_relu" else "train_zero"
        yield Notice(kind, iteration, {"count": len(zeros), "steps": len(row), "window": window})
        return
    if len(row) < 2 or not np.isfinite(row[[0, -1]]).all() or view.loss_from == 0:
        return  # where a loss enters at every step, a row is no single path
    decades = float(row[0] - row[-1])
    each = decades / (len(row) - 1)
    kind = "train_flat" if abs(each) < FLAT else "train_fades" if each < 0 else "train_grows"
    yield Notice(kind, iteration, {"factor": 10.0**each, "decades": abs(decades), "steps": len(row)})


def _learned(view: RunView) -> Iterator[Notice]:
    """The last evaluation beside what a model without memory reaches."""
    loss = float(view.evaluations.loss[-1]) if view.evaluations else nan
    if view.stopped or not isfinite(loss):
        return
    values = {"loss": loss, "baseline": view.baseline, "ratio": view.baseline / max(loss, 1e-12)}
    yield Notice(f"train_{progress(loss, view.baseline)}", int(view.evaluations.iteration[-1]), values)


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


def fit_of(row: Array) -> Fit:
    """The line through a row (T,) of log10, as it is gone back; what has no logarithm is left out."""
    k = np.flatnonzero(np.isfinite(row))
    if len(k) < 2:
        return Fit()
    away = k - k.mean()
    slope = float(-(away @ row[k]) / (away @ away))
    return Fit(slope, float(row[k].mean()) - slope * float(away[-1]), int(k[0]), int(k[-1]))


def slope_of(row: Array) -> float:
    """Decades by which the norm grows for each step back from the end of a row (T,); NaN of fewer than two numbers."""
    return fit_of(row).slope
