"""What to notice in a training run: computed, so that what the page says is what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.trace import Array
from rnnviz.words.numbers import spoken

if TYPE_CHECKING:
    from rnnviz.training.view import View

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from rnnviz.facts.notice import Notice

if TYPE_CHECKING:
    from rnnviz.training.view import View

THIRDS = ("start", "middle", "end", "none")
EVEN = 3.0  # decades within which no third of the steps counts as dark
FLAT = 0.01  # decades per step
RECENT = 100  # iterations


def darkest(view: View) -> str | None:
    """Which third of the steps has the smallest gradient in the first row: what fades first; `none` where the thirds
    are within `EVEN` decades. None before the first row."""
    flow = view.rows[0].flow if view.rows else None
    if not flow:
        return None
    row = np.clip(np.nan_to_num(flow["h"][-1], nan=300.0, posinf=300.0, neginf=-300.0), -300, 300)
    means = [float(part.mean()) for part in np.array_split(row, 3)]
    return "none" if max(means) - min(means) < EVEN else THIRDS[int(np.argmin(means))]


def facts(view: View) -> Iterator[Notice]:
    """Of one run, of its last layer's h. `t` is the iteration it is about."""
    if not view.rows:
        return
    last = view.rows[-1]
    if view.stopped:
        at = view.snapshots[-1]
        yield Notice("train_stopped", at.iteration, {"norm": spoken(at.norm), "loss": spoken(at.loss)})
    row = (last.flow or {})["h"][-1]
    yield from _shape(row, view, last.iteration)
    yield from _theory(view)
    recent = view.snapshots[-RECENT:]
    if clipped := sum(s.clipped for s in recent):
        yield Notice("train_clipped", last.iteration, {"count": clipped, "of": len(recent)})
    cut = next((s for s in reversed(view.snapshots) if s.cut is not None), None)
    if cut is not None and cut.cut is not None and isfinite(cut.cut):
        yield Notice("train_cut", cut.iteration, {"share": cut.cut, "steps": view.config.truncation})
    yield from _learned(view)


def explosion(view: View) -> str:
    """Why a run stopped by itself: `first` without any update, `grew` where the gradient grew on its way back in the
    last row that tells, else `rate`: the learning rate was too large."""
    if view.iteration == 1:
        return "first"
    slopes = (slope_of((row.flow or {})["h"][-1]) for row in reversed(view.rows))
    slope = next((slope for slope in slopes if isfinite(slope)), 0.0)
    return "grew" if slope > FLAT else "rate"


def _theory(view: View) -> Iterator[Notice]:
    """The Jacobians' growth beside the slope of the row nearest to it: of one model, not of two."""
    found = next((s for s in reversed(view.snapshots) if s.theory), None)
    if found is None or not found.theory or view.loss_from == 0 or view.config.truncation:
        return
    theory = found.theory[-1]
    row = min(view.rows, key=lambda row: abs(row.iteration - found.iteration))
    slope = slope_of((row.flow or {})["h"][-1])
    if isfinite(theory.growth) and isfinite(slope):
        yield Notice("train_theory", found.iteration, {"growth": theory.growth, "bound": theory.bound, "slope": slope})


def _shape(row: Array, view: View, iteration: int) -> Iterator[Notice]:
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


def _learned(view: View) -> Iterator[Notice]:
    """The last evaluation beside what a model without memory reaches."""
    found = next((s for s in reversed(view.snapshots) if s.unseen), None)
    if view.stopped or found is None or found.unseen is None or not isfinite(found.unseen.loss):
        return
    values = {
        "loss": found.unseen.loss,
        "baseline": view.baseline,
        "ratio": view.baseline / max(found.unseen.loss, 1e-12),
    }
    part = found.unseen.loss / view.baseline
    kinds = {0.5: "train_learned", 0.85: "train_learning", 1.05: "train_stuck"}
    yield Notice(next((kind for most, kind in kinds.items() if part < most), "train_worse"), found.iteration, values)


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
