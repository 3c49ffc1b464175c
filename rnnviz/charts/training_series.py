"""The curves of a training run as rows of `training_tables`: what is on an axis as points, what is not as stretches,
and what was clipped and changed on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.charts.bundle import SEPARATOR, Row
from rnnviz.charts.training_axes import Axis, log, log_axis, ticks, written

if TYPE_CHECKING:
    from rnnviz.training.config import Config
    from rnnviz.training.history import Snapshot
    from rnnviz.training.view import View

LIVE_POINTS = 160  # of a curve, while it grows
STRETCHES = 100  # of the iterations, for each the share that was clipped
TOGETHER = 0.03  # changes that lie closer, as a part of the width, are one
LOSSES = 1e4  # times the baseline, which the axis of the loss holds at the most
DECADES = 12  # which it holds at the most
ABOVE, BELOW, INFINITE, NOT_A_NUMBER = "^", "v", "i", "n"  # why a value is not on an axis
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Axes:
    """Of all runs of a chart: iterations, and log10 of losses and of norms."""

    steps: Axis
    loss: Axis
    norm: Axis


def axes(views: Sequence[View]) -> Axes:
    """The norms' axis holds every norm and every limit that they were clipped at."""
    count = max((view.iteration for view in views), default=0)
    losses = [number for view in views for number in _losses(view)]
    norms = [s.norm for view in views for s in view.snapshots]
    norms += [limit for view in views for _, _, limit in _limits(view)]
    return Axes(
        Axis(1, max(2, count)),
        log_axis(losses, most=LOSSES * max(view.baseline for view in views), decades=DECADES),
        log_axis(norms),
    )


def shared(views: Sequence[View], axes: Axes, labels: Labels) -> Row:
    """What the runs have in common."""
    changed = _changes(views, axes.steps, labels)
    return {
        **ticks("loss", axes.loss),
        **ticks("norm", axes.norm),
        "clips": any(config.clipping != "none" for view in views for _, config in _configs(view)),
        "changeX": axes.steps.places(iteration for iteration, _ in changed),
        "changes": SEPARATOR.join(words for _, words in changed),
        "baselineIs": written(views[0].baseline),
    }


def series(view: View, axes: Axes, labels: Labels, *, live: bool) -> Row:
    """The curves of one run."""
    steps = axes.steps
    shown = _evenly(view.snapshots, LIVE_POINTS if live else None)
    evaluated = [(s.iteration, s.unseen) for s in view.snapshots if s.unseen is not None]
    losses = [(s.iteration, log(s.loss)) for s in view.snapshots]
    unseen = [(iteration, log(found.loss)) for iteration, found in evaluated]
    norms = [(s.iteration, log(s.norm)) for s in view.snapshots]
    limits = _limits(view)
    above = [number for number in _losses(view) if log(number) > axes.loss.high]
    return {
        "trainX": steps.places(s.iteration for s in shown),
        "trainY": axes.loss.inside(log(s.loss) for s in shown),
        "normY": axes.norm.inside(log(s.norm) for s in shown),
        "unseenX": steps.places(iteration for iteration, _ in unseen),
        "unseenY": axes.loss.inside(value for _, value in unseen),
        "scoreY": ",".join(f"{found.score:.4g}" for _, found in evaluated),
        "lossOff": _off(axes.loss, steps, losses, unseen),
        "normOff": _off(axes.norm, steps, norms),
        "lossMost": labels["train.beyond"].format(most=written(max(above))) if above else "",
        "clip": _clipped(view),
        "limit": ",".join(
            f"{steps.place(start):.4g},{steps.place(end):.4g},{axes.norm.place(log(at)):.4g}"
            for start, end, at in limits
        ),
        "limitIs": labels["train.limit"].format(at=written(limits[-1][2])) if limits else "",
        "baseline": axes.loss.place(log(view.baseline)),
        "chance": view.chance,
        "broken": steps.place(view.iteration) if view.stopped else -1.0,
    }


def _losses(view: View) -> list[float]:
    unseen = [s.unseen.loss for s in view.snapshots if s.unseen]
    return [view.baseline, *unseen, *[s.loss for s in view.snapshots]]


def _evenly(snapshots: Sequence[Snapshot], most: int | None) -> Sequence[Snapshot]:
    """Those that lie equally far apart, as far as the oldest do, and the last: a noisy curve that has more points where
    it is newer would look as if the noise had grown."""
    if len(snapshots) < 3:
        return snapshots
    stride = snapshots[1].iteration - snapshots[0].iteration
    while most and snapshots[-1].iteration > most * stride:
        stride *= 2
    return [*(s for s in snapshots[:-1] if (s.iteration - 1) % stride == 0), snapshots[-1]]


def _off(axis: Axis, steps: Axis, *curves: Sequence[tuple[int, float]]) -> str:
    """The stretches of iterations whose values are not on the axis: where each begins and ends, and why."""

    def why(value: float) -> str:
        if not isfinite(value):
            return NOT_A_NUMBER if value != value else INFINITE if value > 0 else BELOW
        return ABOVE if value > axis.high else BELOW if value < axis.low else ""

    found = []
    for curve in curves:
        for kind, points in groupby(((iteration, why(value)) for iteration, value in curve), key=lambda p: p[1]):
            if kind:
                iterations = [iteration for iteration, _ in points]
                found.append(f"{steps.place(iterations[0]):.4g},{steps.place(iterations[-1]):.4g},{kind}")
    return ",".join(found)


def _clipped(view: View) -> str:
    """The share of clipped iterations in each of equal stretches, of those that were kept: the thinned ones are as good
    a sample as the newest."""
    if not view.snapshots:
        return ""
    iterations = np.array([s.iteration for s in view.snapshots])
    count = int(iterations[-1])
    stretches = min(count, STRETCHES)
    place = (iterations - 1) * stretches // count
    kept = np.bincount(place, minlength=stretches)
    cut = np.bincount(place, [s.clipped for s in view.snapshots], minlength=stretches)
    return ",".join([f"{share:.2g}" for share in (cut / np.maximum(kept, 1)).tolist()])


def _configs(view: View) -> list[tuple[int, Config]]:
    """Each with the first iteration that it holds for."""
    return [(1, view.started), *sorted(view.changes.items())]


def _limits(view: View) -> list[tuple[int, int, float]]:
    """Where the norm is clipped: first iteration, last one, limit. Of a value's limit, the norm says nothing."""
    configs = _configs(view)
    ends = [*(start for start, _ in configs[1:]), max(2, view.iteration)]
    return [
        (start, end, config.clip_at)
        for (start, config), end in zip(configs, ends, strict=True)
        if config.clipping == "norm"
    ]


def _changes(views: Sequence[View], steps: Axis, labels: Labels) -> list[tuple[int, str]]:
    """What was changed in the runs, and from which iteration on. Changes close together are one, and so are those that
    two runs had together."""
    found: list[tuple[int, str]] = []
    for view in views:
        configs = _configs(view)
        before, start = configs[0][1], -inf
        for place, (iteration, config) in enumerate(configs[1:], 1):
            start = iteration if start == -inf else start
            after = configs[place + 1][0] if place + 1 < len(configs) else inf
            if after - start < TOGETHER * (steps.high - steps.low):
                continue
            words = _words(before, config, labels)
            if words and not any(words == said and abs(int(start) - at) <= 1 for at, said in found):
                found.append((int(start), words))
            before, start = config, -inf
    return sorted(found)


def _words(before: Config, after: Config, labels: Labels) -> str:
    said = []
    if before.learning_rate != after.learning_rate:
        said.append(labels["train.changed_rate"].format(rate=written(after.learning_rate)))
    clipping = after.clipping, after.clip_at
    if before.clipping != after.clipping or (after.clipping != "none" and before.clip_at != after.clip_at):
        how = labels[f"train.clipping_{clipping[0]}"]
        at = written(clipping[1])
        said.append(how if clipping[0] == "none" else labels["train.changed_clipping"].format(how=how, at=at))
    return ", ".join(said)
