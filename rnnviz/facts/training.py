"""What to notice in a training run: computed, so that what the page says is what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, isinf, nan
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.cell import BOUNDS
from rnnviz.core.cells import CELLS
from rnnviz.core.gradients.paths import Fit, fit_of
from rnnviz.core.terms import LEARNED, NO_MEMORY, progress
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice

if TYPE_CHECKING:
    from rnnviz.training.view import RunView

FLAT = 0.01  # decades per step
ARRIVES = 2.0  # decades that a gradient may lose on its way to the first step and still reach it
FAR = 3.0  # decades from the last step to the first from which on a gradient has shrunk or grown
RECENT = 100  # iterations


def facts(view: RunView) -> Iterator[Notice]:
    """Of one run, of its last layer's h. `t` is the iteration it is about."""
    if not view.rows:
        return
    curves, last = view.curves, int(view.rows.iteration[-1])
    if view.stopped:
        last_numbers = {"norm": float(curves.norm[-1]), "loss": float(curves.loss[-1])}
        yield Notice("train_stopped", int(curves.iteration[-1]), last_numbers)
    yield from _shape(view.rows.flow["h"][-1, -1], view, last)
    if view.several_losses:
        yield from _last_loss(view, last)
    yield from _lost_gradient(view)
    yield from _theory(view)
    recent = curves.clipped[-RECENT:]
    if recent.any():
        yield Notice("train_clipped", last, {"count": int(recent.sum()), "of": len(recent)})
    measured_at = np.flatnonzero(np.isfinite(curves.cut))
    if len(measured_at):
        values = {"share": float(curves.cut[measured_at[-1]]), "steps": view.config.truncation}
        yield Notice("train_cut", int(curves.iteration[measured_at[-1]]), values)
    yield from _progress(view)


def explosion(view: RunView) -> Notice:
    """Why a run stopped by itself: `first` without any update; `grew` where the gradient grew on its way back before
    the first update; `later` where it came to grow, in the last row that tells; else `rate`, the updates were too long.

    first, last: what each step back multiplied the gradient of the last loss by in the first row and in the last one
    that tells, at iteration `at`.
    decades: by which it grew in the first row.     rate, norm: of the last update that was made.
    """
    if view.iteration == 1:
        return Notice("exploded_first", 1, {})
    rows = view.rows.last["h"][:, -1]
    fits = [fit_of(row) for row in rows]
    finite_rows = [n for n, fit in enumerate(fits) if isfinite(fit.slope)]
    first, at = (fits[finite_rows[0]], finite_rows[-1]) if finite_rows else (Fit(slope=0.0), 0)
    last = fits[at] if finite_rows else first
    values = {
        "first": 10.0**first.slope,
        "last": 10.0**last.slope,
        "at": int(view.rows.iteration[at]),
        "decades": first.decades,
        "rate": float(view.curves.learning_rate[-1]),
        "norm": float(view.curves.norm[-2]),
    }
    kind = "grew" if first.slope > FLAT else "later" if last.slope > FLAT else "rate"
    return Notice(f"exploded_{kind}", view.iteration, values)


def _theory(view: RunView) -> Iterator[Notice]:
    """The Jacobians' growth beside the slope of the row nearest to it, of the last loss: of one model, not of two."""
    if not view.theories or view.config.truncation:
        return
    at = int(view.theories.iteration[-1])
    growth, bound = float(view.theories.growth[-1, -1]), float(view.theories.bound[-1, -1])
    nearest = int(np.abs(view.rows.iteration - at).argmin())
    slope = fit_of(view.rows.last["h"][nearest, -1]).slope
    if isfinite(growth) and isfinite(slope):
        kind = "train_theory_last" if view.several_losses else "train_theory"
        yield Notice(kind, at, {"growth": growth, "bound": bound, "slope": slope})


def _last_loss(view: RunView, iteration: int) -> Iterator[Notice]:
    """What the last loss alone sends back, beside the row of all, in which near losses hide it."""
    row, whole = view.rows.last["h"][-1, -1], fit_of(view.rows.flow["h"][-1, -1])
    fit = fit_of(row)
    if not isfinite(fit.slope) or not isfinite(whole.slope) or not np.isfinite(row[: fit.last + 1]).all():
        return
    kind = "flat" if abs(fit.slope) < FLAT else "fades" if fit.slope < 0 else "grows"
    values = {"factor": 10.0**fit.slope, "decades": abs(fit.decades), "steps": fit.last + 1, "all": 10.0**whole.slope}
    yield Notice(f"train_last_{kind}", iteration, values)


def _shape(row: Array, view: RunView, iteration: int) -> Iterator[Notice]:
    finite = np.flatnonzero(np.isfinite(row))
    zeros = np.flatnonzero(row[: finite[-1]] == -np.inf) if len(finite) else finite  # none after a sequence's end
    if len(zeros):
        window = view.config.truncation
        whole = len(row) - window  # steps that lie before what is gone back through
        if window and view.loss_from >= whole > zeros[-1]:
            kind = "train_zero_cut"
        else:  # a unit without slope gives a zero too, as a ReLU that is off, and so may a cut between losses
            kind = "train_zero_plain" if window or _may_be_flat(view) else "train_zero"
        yield Notice(kind, iteration, {"count": len(zeros), "steps": len(row), "window": window})
        return
    if len(finite) < len(row) or len(row) < 2 or view.loss_from == 0:
        return  # where a loss enters at every step, a row is no single path
    fit = fit_of(row)
    kind = "train_flat" if abs(fit.slope) < FLAT else "train_fades" if fit.slope < 0 else "train_grows"
    yield Notice(kind, iteration, {"factor": 10.0**fit.slope, "decades": abs(fit.decades), "steps": len(row)})


def _lost_gradient(view: RunView) -> Iterator[Notice]:
    """Of a tanh without gates: a gradient that reached the first step before the first update and no longer does, as
    the states have come nearer to where tanh is flat."""
    cell = CELLS[view.config.cell]
    if cell.memory or cell.op("h").kind != "tanh" or view.loss_from == 0 or not view.evaluations:
        return
    then, now = (fit_of(view.rows.flow["h"][at, -1]).decades for at in (0, -1))
    before, after = (float(view.evaluations.mean_h[at, -1]) for at in (0, -1))
    if abs(then) < ARRIVES and now < then - ARRIVES and after > before:
        yield Notice(
            "train_closed", int(view.rows.iteration[-1]), {"then": abs(then), "before": before, "after": after}
        )


def _may_be_flat(view: RunView) -> bool:
    """Whether a squashing of the run's cell has a slope of exactly zero somewhere: one without an upper bound has."""
    return any(isinf(BOUNDS[op.kind][1]) for op in CELLS[view.config.cell].ops if op.kind in BOUNDS)


def _progress(view: RunView) -> Iterator[Notice]:
    """The last evaluation beside what a model without memory reaches."""
    loss = float(view.evaluations.loss[-1]) if view.evaluations else nan
    if view.stopped or not isfinite(loss):
        return
    at, score = int(view.evaluations.iteration[-1]), float(view.evaluations.score[-1])
    values = {"loss": loss, "baseline": view.baseline, "part": loss / view.baseline}
    values |= {"score": score, "chance": view.chance, "learned": LEARNED, "low": NO_MEMORY[0], "high": NO_MEMORY[1]}
    kind: str = progress(loss, view.baseline, score, view.chance, updates=at - 1)
    if kind == "stuck" and _arrives(view):
        kind = "arrives" if view.iteration < view.iterations else "arrived"
        values |= {"done": view.iteration, "most": view.iterations}
    yield Notice(f"train_{kind}", at, values)


def _arrives(view: RunView) -> bool:
    """Whether in the newest row the gradient of a loss at the end comes to every step, within a thousandfold."""
    row = view.rows.flow["h"][-1, -1]
    return view.loss_from > 0 and bool(np.isfinite(row).all()) and abs(fit_of(row).decades) < FAR
