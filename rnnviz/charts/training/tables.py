"""What the chart of a training run shows, as two tables: `bundle`, one row for all of it, and `runs`, one row a run.

Numbers travel as text, joined by commas, and as parts of a panel's width or height, so that the browser multiplies and
does nothing else. While a run goes on, only its newest iteration can be looked at and little is sent, four times a
second; of a run that rests, every row that was kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf, isnan, log10, nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.kit import palette, scale
from rnnviz.charts.kit.tables import SEPARATOR, Row, Tables
from rnnviz.charts.training import series as training_series
from rnnviz.charts.training.answers import answers, asked, sample_axis
from rnnviz.charts.training.axes import Axis, log
from rnnviz.charts.training.look import Losses, RunLook
from rnnviz.charts.training.picture import picture
from rnnviz.charts.training.series import Axes
from rnnviz.core.cells import CELLS
from rnnviz.core.gradients.paths import Mask, fit_of, logs
from rnnviz.core.trace import Array
from rnnviz.words import catalogue
from rnnviz.words.numbers import fixed, power

if TYPE_CHECKING:
    from rnnviz.training.view import RunView

WHOLE = 5  # decades: a run's span of colours ends at multiples of it
TICKS_APART = 0.1  # of the heatmap's height, at the least
TEXTS = (
    "zero",
    "infinite",
    "float32",
    "iteration",
    "newest",
    "row_at",
    "thinned",
    "keys",
    "ended",
    "untrained",
    "step",
    "step_last",
    "measured",
    "theory",
    "theory_every",
    "blocks",
    "before_after",
    "loss",
    "train",
    "baseline",
    "score",
    "chance",
    "norm",
    "clipped",
    "sample",
    "sample_at",
    "truth",
    "output",
    "picture_read",
    "shades",
    "none_yet",
)
Labels = Mapping[str, str]


@dataclass(frozen=True)
class _Shared:
    """What all runs of a chart have in common."""

    look: RunLook
    labels: Labels  # all texts in its language, by key
    moments: Sequence[int]  # the iterations that can be looked at
    axes: Axes  # of the curves and the norms
    sample: Axis  # of a sample's numbers
    span: scale.Span  # of the colours


def tables(views: Sequence[RunView], names: Sequence[str], look: RunLook) -> Tables:
    """Both tables. names: what each run is called."""
    if look.veil:
        views = [_without_flow(view) for view in views]
    moments = np.unique(np.concatenate([view.rows.iteration for view in views])).tolist()
    moments = moments[-1:] if look.live else moments
    flows = _flows(views, look.layer, look.state, look.losses)
    shared = _Shared(
        look,
        catalogue(look.language),
        moments,
        training_series.axes(views, [_shown_blocks(view, look.layer) for view in views]),
        sample_axis(views),
        look.span or span_of(views, look.layer, look.state, look.losses),
    )
    fit = _fit(flows, look.span)
    powers = range(int(fit.low), int(fit.high) + 1, 10 if fit.high - fit.low > 20 else 5)
    bundle = {
        "zoom": look.zoom,
        "n": look.number,
        "live": look.live,
        "alone": look.losses == "last" and views[0].several_losses,
        "placed": look.placed,
        "keys": look.keys,
        "runs": len(views),
        "status": look.status,
        "moments": len(moments),
        "moment": ",".join(map(str, moments)),
        "start": 0 if look.replays else _start(moments, look.row),
        "replays": look.replays,
        "veil": look.veil,
        "watched": views[0].watched,
        "dense": _dense(moments),
        "last": max((view.iteration for view in views), default=0),
        "low": fit.low,
        "high": fit.high,
        "rowTicks": fit.places(powers),
        "rowNames": SEPARATOR.join(map(power, powers)),
        **training_series.shared(views, shared.axes, shared.labels),
        **asked(views, shared.sample, shared.labels),
        **shared.span.row(look.span is not scale.FIXED),
        "spanned": look.spanned,
        **{f"s_{name}": shared.labels[f"train.{name}"] for name in TEXTS},
    }
    notes = look.notes or [view.stopped for view in views]
    parts = zip(views, flows, names, notes, _colours(len(views)), strict=True)
    return {
        "bundle": [bundle],
        "runs": [
            {"name": name, "note": note, "light": colour.light, "dark": colour.dark, **_run_row(view, flow, shared)}
            for view, flow, name, note, colour in parts
        ],
    }


def _fit(flows: Sequence[Array], span: scale.Span | None) -> Axis:
    """The axis of the row's plot, log10: whole decades around all norms, and no less than a span that is asked for.

    Where there is none yet, as far up as down: it must not tell which it will be.
    """
    finite = np.concatenate([flow[np.isfinite(flow)] for flow in flows])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-10.0, 10.0)
    if span is not None and span is not scale.FIXED:
        low, high = min(low, span.low), max(high, span.high)
    return Axis(max(-60, 10 * floor(low / 10)), min(40, max(0, 5 * ceil(high / 5))))


def span_of(views: Sequence[RunView], layer: int, state: str, losses: Losses) -> scale.Span:
    """The scale of colours that fits all rows of these runs.     layer, state, losses: as in `RunLook`."""
    with np.errstate(over="ignore"):
        return scale.span(*(10.0**flow for flow in _flows(views, layer, state, losses)), whole=WHOLE)


def _flows(views: Sequence[RunView], layer: int, state: str, losses: Losses) -> list[Array]:
    """Of each run (rows, T), log10."""
    flows = [view.rows.last if losses == "last" else view.rows.flow for view in views]
    return [flow[_drawn_state(view, state)][:, layer] for view, flow in zip(views, flows, strict=True)]


def _run_row(view: RunView, flow: Array, shared: _Shared) -> Row:
    """What one run has of its own. flow: (rows, T), log10."""
    look, axes, moments = shared.look, shared.axes, shared.moments
    rows, iterations = view.rows, view.rows.iteration
    # Of each moment, the last row that was measured by then; of each row, its moment.
    row_of = [int(i) for i in np.maximum(np.searchsorted(iterations, moments, side="right") - 1, 0)] if rows else []
    moment_of = [int(i) for i in np.searchsorted(moments, iterations)] if not look.live else []
    first = max(len(rows) - 1, 0) if look.live else 0
    sent_iterations = iterations[first:]
    evaluations = _latest(view.evaluations.iteration, sent_iterations)
    fits = [fit_of(values) for values in flow[first:]]
    theories = [_growth(view, place, look.layer) for place in _latest(view.theories.iteration, sent_iterations)]
    room = _room(len(rows), look.live and not view.stopped)
    dense = _dense(iterations.tolist())
    ticks = _row_ticks(iterations, dense, room)
    path = ~_past_ends(view, flow)
    blocks = _shown_blocks(view, look.layer)
    with np.errstate(over="ignore"):
        pixels = picture(10.0**flow, shared.span, path) if len(flow) and not look.veil else ""
    return {
        "T": view.steps,
        "lossFrom": view.loss_from,
        "state": _drawn_state(view, look.state),
        "R": len(rows),
        "span": room,
        "dense": dense,
        "stride": int(iterations[1] - iterations[0]) if dense else 1,
        "tickAt": ",".join(f"{at:.2f}" for at, _ in ticks),
        "tickIs": ",".join(str(iteration) for _, iteration in ticks),
        "url": pixels,
        "from": first,
        "rowOf": ",".join(map(str, row_of)),
        "momentOf": ",".join(map(str, moment_of)),
        "iteration": ",".join(map(str, iterations.tolist())),
        "flow": ""
        if look.veil
        else ",".join(
            scale.number(log, 2) if there else scale.NO_PATH
            for log, there in zip(flow[first:].ravel().tolist(), path[first:].ravel().tolist(), strict=True)
        ),
        "slope": _numbers(fit.slope for fit in fits),
        "end": _numbers(fit.end for fit in fits),
        "fitFrom": ",".join(str(fit.first) for fit in fits),
        "fitTo": ",".join(str(fit.last) for fit in fits),
        "theory": _numbers(growth for _, growth in theories),
        "theoryAt": ",".join(at for at, _ in theories),
        "said": _row_texts(view, first, evaluations, shared.labels, look.layer),
        "blocks": SEPARATOR.join(view.blocks[i].rpartition(".")[2] for i in blocks),
        "before": _sizes(rows.before[first:, blocks], axes.block),
        "after": _sizes(rows.after[first:, blocks], axes.block),
        **training_series.series(view, axes, live=look.live),
        "atX": axes.steps.places(sent_iterations),
        "atY": ",".join(
            "" if isnan(loss) else f"{axes.loss.place(log(loss)):.4g}" for loss in rows.loss[first:].tolist()
        ),
        "evaluated": ",".join("" if place < 0 else str(view.evaluations.iteration[place]) for place in evaluations),
        **answers(view, evaluations, shared.sample),
    }


def _without_flow(view: RunView) -> RunView:
    """The same without anything that tells how its gradient flows."""
    rows, theories = view.rows, view.theories
    flow = {name: np.full_like(log, nan) for name, log in rows.flow.items()}  # of all losses and of the last
    return replace(
        view,
        blocks=(),
        rows=replace(rows, flow=flow, last=flow, before=rows.before[:, :0], after=rows.after[:, :0]),
        theories=replace(
            theories, iteration=theories.iteration[:0], growth=theories.growth[:0], bound=theories.bound[:0]
        ),
    )


def _start(moments: Sequence[int], row: int) -> int:
    """The place of the moment that is nearest to an iteration; of 0 the last."""
    return int(np.abs(np.array(moments) - row).argmin()) if row and len(moments) else max(len(moments) - 1, 0)


def _colours(count: int) -> Sequence[palette.Pair]:
    return (palette.SYMBOLS["h"],) if count == 1 else (palette.NEGATIVE, palette.POSITIVE)


def _drawn_state(view: RunView, state: str) -> str:
    """The state that is drawn of a run: h where its cell has no such state."""
    return state if state in CELLS[view.config.cell].states else "h"


def _past_ends(view: RunView, flow: Array) -> Mask:
    """(rows, T): where every sequence of a row's batch has ended. A zero there is no gradient that has vanished: no
    loss comes after it. Only where a loss enters at every step can this be told from a gradient that is zero."""
    zero = np.isneginf(flow[:, ::-1])
    if view.loss_from > 0 or view.loss == "mse":
        return np.zeros_like(zero)
    return np.logical_and.accumulate(zero, 1)[:, ::-1] & ~zero.all(1, keepdims=True)


def _dense(iterations: Sequence[int]) -> int:
    """The place from which on no iteration is left out; 0 where none is, or where there are none."""
    gaps = np.flatnonzero(np.diff(iterations) != 1)
    return int(gaps[-1]) + 1 if len(gaps) else 0


def _room(rows: int, grows: bool) -> int:
    """How many rows the heatmap's height has room for: all that there are, and of one that grows some more, so that
    its rows do not become thinner at every iteration."""
    return next((room for room in (8, 16, 32, 64) if grows and rows <= room), max(rows, 1))


def _row_ticks(iterations: NDArray[np.int_], dense: int, span: int) -> list[tuple[float, int]]:
    """What stands at the left of a heatmap, as (rows from the top, iteration): the first and the last one, and between
    them round ones, which lie as far from each other as in each of its parts they can."""
    if not len(iterations):
        return []
    apart = span * TICKS_APART
    ticks = [(0.5, int(iterations[0]))]
    last = (len(iterations) - 0.5, int(iterations[-1]))
    for start, stop in ((0, dense), (dense, len(iterations))):
        part = iterations[start:stop]
        if len(part) < 2:
            continue
        each = max(1.0, apart * (part[-1] - part[0]) / (len(part) - 1))
        power = 10 ** floor(log10(each))
        step = next(power * n for n in (1, 2, 5, 10) if power * n >= each)
        for iteration in range(-(-int(part[0]) // step) * step, int(part[-1]) + 1, step):
            at = float(np.interp(iteration, part, np.arange(start, stop))) + 0.5
            if at - ticks[-1][0] >= apart and last[0] - at >= apart:
                ticks.append((at, iteration))
    return [*ticks, last] if len(iterations) > 1 else ticks


def _latest(measurements: NDArray[np.int_], iterations: NDArray[np.int_]) -> list[int]:
    """For each iteration the place of the latest that was measured by then; -1 where none was."""
    return [int(place) - 1 for place in np.searchsorted(measurements, iterations, side="right")]


def _growth(view: RunView, place: int, layer: int) -> tuple[str, float]:
    """At which iteration what the Jacobians say was measured, and what they say; empty and NaN without it."""
    growth = nan if place < 0 else float(view.theories.growth[place, layer])
    return ("", nan) if isnan(growth) else (str(view.theories.iteration[place]), growth)


def _row_texts(view: RunView, first: int, evaluations: Sequence[int], labels: Labels, layer: int) -> str:
    """The numbers of each row from the first on in four lines, parted by line breaks. What was evaluated last at an
    earlier iteration says at which."""
    places = np.flatnonzero(~np.isnan(view.curves.cut))
    cuts = _latest(view.curves.iteration[places], view.rows.iteration[first:])
    texts = []
    for row, (place, latest) in enumerate(zip(evaluations, cuts, strict=True), first):
        iteration, unseen = int(view.rows.iteration[row]), view.evaluations
        text = labels["train.said"].format(iteration=iteration, loss=float(view.rows.loss[row])) + "\n"
        if place >= 0:
            at = int(unseen.iteration[place])
            text += "" if at == iteration else labels["train.said_earlier"].format(iteration=at)
            text += labels["train.said_unseen"].format(unseen=float(unseen.loss[place]), score=unseen.score[place])
            cut = view.curves.cut[places[latest]] if latest >= 0 else None
            radius = {name: values[place] for name, values in unseen.radius.items() if name.startswith(f"{layer}.")}
            text += "\n" + labels["train.said_state"].format(
                size=unseen.mean_h[place, layer],
                saturated=unseen.saturated[place, layer],
                cut="" if cut is None else labels["train.said_cut"].format(cut=cut),
                radius=", ".join(f"{name.split('.')[1]} {fixed(value)}" for name, value in radius.items()),
            )
        texts.append(text)
    return SEPARATOR.join(texts)


def _shown_blocks(view: RunView, layer: int) -> list[int]:
    """Those of a layer and of the head."""
    return [i for i, name in enumerate(view.blocks) if "." not in name or name.startswith(f"{layer}.")]


def _sizes(norms: Array, axis: Axis) -> str:
    """Norms as parts of the axis, row by row; the letter of what has no place on it."""
    sizes = logs(norms).ravel().tolist()
    return ",".join(scale.number(log) if isnan(log) or log == inf else f"{axis.place(log):.4g}" for log in sizes)


def _numbers(values: Iterable[float]) -> str:
    return ",".join("n" if value != value else f"{value:.4f}" for value in values)
