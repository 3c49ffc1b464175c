"""The curves of a training run as rows of the tables: what is on an axis as points, what is not as stretches,
and what was clipped and changed on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.kit.tables import SEPARATOR, Row
from rnnviz.charts.training.axes import Axis, log, log_axis, ticks
from rnnviz.core.gradients.paths import logs
from rnnviz.core.terms import LEARNED
from rnnviz.core.trace import Array
from rnnviz.words.numbers import size

if TYPE_CHECKING:
    from rnnviz.training.config import Config
    from rnnviz.training.view import RunView

LIVE_POINTS = 160  # of a curve, while it grows
STRETCHES = 100  # of the iterations, for each the share that was clipped
TOGETHER = 0.03  # changes that lie closer, as a part of the width, are one
NEAR = 0.015  # and so are stretches that are off an axis
LOSSES = 1e4  # times the baseline, which the axis of the loss holds at the most
DECADES = 12  # which it holds at the most
LEAST = 4  # decades, of the blocks' norms
ABOVE, BELOW, INFINITE, NOT_A_NUMBER = "^", "v", "i", "n"  # why a value is not on an axis
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Axes:
    """Of all runs of a chart: iterations, and log10 of losses, of the whole gradient's norms and of its blocks'."""

    steps: Axis
    loss: Axis
    norm: Axis
    block: Axis


def axes(views: Sequence[RunView], blocks: Sequence[Sequence[int]]) -> Axes:
    """The norms' axis holds every norm and every limit that they were clipped at. blocks: those shown, of each run."""
    count = max((view.iteration for view in views), default=0)
    losses = np.concatenate([_losses(view) for view in views])
    limits = [limit for view in views for _, _, limit in _limits(view)]
    norms = np.concatenate([*(view.curves.norm for view in views), limits])
    return Axes(
        Axis(1, max(2, count)),
        log_axis(losses, most=LOSSES * max(view.baseline for view in views), decades=DECADES),
        log_axis(norms),
        _block_axis(views, blocks),
    )


def shared(views: Sequence[RunView], axes: Axes, labels: Labels) -> Row:
    """What the runs have in common."""
    changes = _changes(views, axes.steps, labels)
    most = max(float(np.nanmax(_losses(view))) for view in views)
    limits = {size(run_limits[-1][2]): None for view in views if (run_limits := _limits(view))}
    return {
        **ticks("loss", axes.loss),
        **ticks("norm", axes.norm),
        **ticks("block", axes.block, most=6),
        "clips": any(config.clipping != "none" for view in views for _, config in _configs(view)),
        "changeX": axes.steps.places(iteration for iteration, _ in changes),
        "changes": SEPARATOR.join(words for _, words in changes),
        "baselineIs": size(views[0].baseline),
        "learnedIs": labels["train.learned_line"].format(at=size(LEARNED * views[0].baseline), part=LEARNED),
        "lossMost": labels["train.beyond"].format(most=size(most)) if most > 10.0**axes.loss.high else "",
        "limitIs": labels["train.limit"].format(at=", ".join(limits)) if limits else "",
    }


def series(view: RunView, axes: Axes, *, live: bool) -> Row:
    """The curves of one run."""
    steps, every, sparse = axes.steps, view.curves.iteration, view.evaluations.iteration
    losses, norms, unseen = logs(view.curves.loss), logs(view.curves.norm), logs(view.evaluations.loss)
    here = _evenly(every, LIVE_POINTS if live else None)
    limits = _limits(view)
    return {
        "trainX": steps.places(every[here]),
        "trainY": axes.loss.points(losses[here]),
        "normY": axes.norm.points(norms[here]),
        "unseenX": steps.places(sparse),
        "unseenY": axes.loss.points(unseen),
        "scoreY": ",".join(f"{score:.4g}" for score in view.evaluations.score.tolist()),
        "lossOff": _off(axes.loss, steps, (every, losses), (sparse, unseen)),
        "normOff": _off(axes.norm, steps, (every, norms)),
        "clip": _clip_shares(view),
        "limit": ",".join(
            f"{steps.place(start):.4g},{steps.place(end):.4g},{axes.norm.place(log(at)):.4g}"
            for start, end, at in limits
        ),
        "baseline": axes.loss.place(log(view.baseline)),
        "learned": axes.loss.place(log(LEARNED * view.baseline)),
        "chance": view.chance,
        "broken": steps.place(view.iteration) if view.stopped else -1.0,
    }


def _block_axis(views: Sequence[RunView], blocks: Sequence[Sequence[int]]) -> Axis:
    """Whole decades around every norm of every row, and no fewer than `LEAST`."""
    norms_shown = [
        norms[:, columns].ravel()
        for view, columns in zip(views, blocks, strict=True)
        for norms in (view.rows.before, view.rows.after)
    ]
    values = logs(np.concatenate(norms_shown))
    values = values[np.isfinite(values)]
    low, high = (floor(values.min()), ceil(values.max())) if len(values) else (-3, 1)
    return Axis(min(low, high - LEAST), high)


def _losses(view: RunView) -> Array:
    """All that are on the axis of the loss."""
    return np.concatenate([[view.baseline, LEARNED * view.baseline], view.evaluations.loss, view.curves.loss])


def _evenly(iterations: NDArray[np.int_], most: int | None) -> NDArray[np.intp]:
    """The places of those that lie equally far apart, as far as the oldest do, and of the last: a noisy curve that has
    more points where it is newer would look as if the noise had grown."""
    if len(iterations) < 3:
        return np.arange(len(iterations))
    stride = iterations[1] - iterations[0]
    while most and iterations[-1] > most * stride:
        stride *= 2
    return np.append(np.flatnonzero((iterations[:-1] - 1) % stride == 0), len(iterations) - 1)


def _off(axis: Axis, steps: Axis, *curves: tuple[NDArray[np.int_], Array]) -> str:
    """The stretches of iterations whose values are not on the axis: where each begins and ends, and why. Those that are
    so close that their marks would touch are one."""

    points = []
    for iterations, values in curves:
        for at in np.flatnonzero(~((values >= axis.low) & (values <= axis.high))):
            value = float(values[at])
            points.append((_why(value, axis), steps.place(float(iterations[at]))))
    near = max(NEAR, 1.5 / (steps.high - steps.low))
    stretches: list[tuple[str, float, float]] = []
    for kind, place in sorted(points):
        if stretches and stretches[-1][0] == kind and place - stretches[-1][2] < near:
            stretches[-1] = (kind, stretches[-1][1], place)
        else:
            stretches.append((kind, place, place))
    return ",".join(f"{start:.4g},{end:.4g},{kind}" for kind, start, end in stretches)


def _why(value: float, axis: Axis) -> str:
    if value != value:
        return NOT_A_NUMBER
    return INFINITE if value == inf else ABOVE if value > axis.high else BELOW


def _clip_shares(view: RunView) -> str:
    """The share of clipped iterations in each of equal stretches, of those that were kept: the thinned ones are as good
    a sample as the newest."""
    if not view.curves:
        return ""
    iterations = view.curves.iteration
    count = int(iterations[-1])
    stretches = min(count, STRETCHES)
    place = (iterations - 1) * stretches // count
    counts = np.bincount(place, minlength=stretches)
    cut = np.bincount(place, view.curves.clipped, minlength=stretches)
    return ",".join([f"{share:.2g}" for share in (cut / np.maximum(counts, 1)).tolist()])


def _configs(view: RunView) -> list[tuple[int, Config]]:
    """Each with the first iteration that it holds for."""
    return [(1, view.started), *sorted(view.changes.items())]


def _limits(view: RunView) -> list[tuple[int, int, float]]:
    """Where the norm is clipped: first iteration, last one, limit. Of a value's limit, the norm says nothing."""
    configs = _configs(view)
    ends = [*(start for start, _ in configs[1:]), max(2, view.iteration)]
    return [
        (start, end, config.clip_at)
        for (start, config), end in zip(configs, ends, strict=True)
        if config.clipping == "norm"
    ]


def _changes(views: Sequence[RunView], steps: Axis, labels: Labels) -> list[tuple[int, str]]:
    """What was changed in the runs, and from which iteration on. Changes close together are one, and so are those that
    two runs had together."""
    changes: list[tuple[int, str]] = []
    for view in views:
        configs = _configs(view)
        before, start = configs[0][1], -inf
        for place, (iteration, config) in enumerate(configs[1:], 1):
            start = iteration if start == -inf else start
            after = configs[place + 1][0] if place + 1 < len(configs) else inf
            if after - start < TOGETHER * (steps.high - steps.low):
                continue
            words = _words(before, config, labels)
            if words and not any(words == text and abs(int(start) - at) <= 1 for at, text in changes):
                changes.append((int(start), words))
            before, start = config, -inf
    return sorted(changes)


def _words(before: Config, after: Config, labels: Labels) -> str:
    parts = []
    if before.learning_rate != after.learning_rate:
        parts.append(labels["train.changed_rate"].format(rate=size(after.learning_rate)))
    clipping = after.clipping, after.clip_at
    if before.clipping != after.clipping or (after.clipping != "none" and before.clip_at != after.clip_at):
        how = labels[f"train.clipping_{clipping[0]}"]
        at = size(clipping[1])
        parts.append(how if clipping[0] == "none" else labels["train.changed_clipping"].format(how=how, at=at))
    return ", ".join(parts)
