"""What the chart of a training run shows, as two tables: `bundle`, one row for all of it, and `runs`, one row a run.

Numbers travel as text, joined by commas, and as parts of a panel's width or height, so that the browser multiplies and
does nothing else. While a run goes on, only its newest iteration can be looked at and little is sent, four times a
second; of a run that rests, every row that was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import ceil, floor, inf, isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.charts import gradient_scale as scale
from rnnviz.charts import palette, training_series
from rnnviz.charts.bundle import SEPARATOR, Row, Tables
from rnnviz.charts.training_answers import answers, asked, sample_axis
from rnnviz.charts.training_axes import Axis, log
from rnnviz.charts.training_series import Axes
from rnnviz.charts.watched import indexed
from rnnviz.trace import Array

if TYPE_CHECKING:
    from rnnviz.training.history import Evaluation, Snapshot
    from rnnviz.training.view import View

TEXTS = (
    "zero",
    "infinite",
    "iteration",
    "step",
    "newest",
    "row_at",
    "measured",
    "theory",
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
    "truth",
    "output",
    "shades",
    "none_yet",
    "pin",
    "pin_help",
)
Labels = Mapping[str, str]


def tables(
    views: Sequence[View],
    names: Sequence[str],
    labels: Labels,
    *,
    layer: int,
    state: str,
    live: bool,
    dark: bool,
    number: int,
    status: str,
    notes: Sequence[str],
    zoom: float,
    linkable: bool,
) -> Tables:
    """Both tables. names: what each run is called.     number: of this picture, so that the browser sees a new one.
    notes: a line about each run, such as why it stopped.     dark: the page's theme, which pictures must be made for.
    """
    count = max((view.iteration for view in views), default=0)
    moments = sorted({row.iteration for view in views for row in view.rows})
    moments = moments[-1:] if live else moments
    flows = [_flow(view, layer, state) for view in views]
    axes = training_series.axes(views, [_shown_blocks(view, layer) for view in views])
    finite = np.concatenate([f[np.isfinite(f)] for f in flows] or [np.zeros(0)])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-5.0, 0.0)
    fit = Axis(max(-60, 10 * floor(low / 10)), min(40, max(0, 5 * ceil(high / 5))))
    powers = range(int(fit.low), int(fit.high) + 1, 10 if fit.high - fit.low > 20 else 5)
    sample = sample_axis(views)
    bundle = {
        "zoom": zoom,
        "n": number,
        "live": live,
        "linkable": linkable,
        "runs": len(views),
        "status": status,
        "moments": len(moments),
        "moment": ",".join(map(str, moments)),
        "last": count,
        "legend": _legend(dark),
        "zero": palette.ZERO[dark],
        "infinite_colour": palette.INFINITE[dark],
        "nan_colour": palette.NOT_A_NUMBER[dark],
        "low": fit.low,
        "high": fit.high,
        "rowTicks": fit.places(powers),
        "rowNames": SEPARATOR.join(map(scale.power, powers)),
        **training_series.shared(views, axes, labels),
        **asked(views, sample, labels),
        **{f"s_{name}": labels[f"train.{name}"] for name in TEXTS},
        "s_step": labels["train.step"].format(state=state),
    }
    runs = [
        _run(view, flow, name, note, colour, moments, axes, fit, sample, labels, layer, live, dark)
        for view, flow, name, note, colour in zip(views, flows, names, notes, _colours(len(views)), strict=True)
    ]
    return {"bundle": [bundle], "runs": runs}


def _run(
    view: View,
    flow: Array,
    name: str,
    note: str,
    colour: palette.Pair,
    moments: Sequence[int],
    axes: Axes,
    fit: Axis,
    sample: Axis,
    labels: Labels,
    layer: int,
    live: bool,
    dark: bool,
) -> Row:
    rows, iterations = view.rows, np.array([row.iteration for row in view.rows])
    # Of each moment, the last row that was measured by then; of each row, its moment.
    row_of = [int(i) for i in np.maximum(np.searchsorted(iterations, moments, side="right") - 1, 0)] if rows else []
    moment_of = [int(i) for i in np.searchsorted(moments, iterations)] if not live else []
    first = len(rows) - 1 if live else 0
    kept = rows[first:] if rows else ()
    known = _known(view, kept)
    slopes = [slope_of(values) for values in flow[first:]] if len(flow) else []
    theory = [nan if s is None or layer >= len(s) else s[layer].growth for s in (found[0] for found in known)]
    ends = [_last(values) for values in flow[first:]] if len(flow) else []
    block, before, after = _blocks(view, kept, layer, axes.block)
    with np.errstate(over="ignore"):
        picture = indexed(scale.index(10.0**flow), _colours_of(dark)) if len(flow) else ""
    return {
        "name": name,
        "note": note,
        "light": colour.light,
        "dark": colour.dark,
        "T": view.steps,
        "lossFrom": view.loss_from,
        "R": len(rows),
        "url": picture,
        "from": max(first, 0),
        "rowOf": ",".join(map(str, row_of)),
        "momentOf": ",".join(map(str, moment_of)),
        "iteration": ",".join(map(str, iterations.tolist())),
        "flow": ",".join(scale.number(log, 2) for log in flow[max(first, 0) :].ravel().tolist()),
        "slope": _numbers(slopes),
        "theory": _numbers(theory),
        "end": _numbers(ends),
        "said": SEPARATOR.join(_said(row, *found[1:], labels, layer) for row, found in zip(kept, known, strict=True)),
        "blocks": SEPARATOR.join(block),
        "before": before,
        "after": after,
        **training_series.series(view, axes, live=live),
        "atX": axes.steps.places(row.iteration for row in kept),
        "atY": ",".join("" if isnan(row.loss) else f"{axes.loss.place(log(row.loss)):.4g}" for row in kept),
        **answers(view, [found[1] for found in known], sample),
    }


@cache
def _colours_of(dark: bool) -> tuple[str, ...]:
    return tuple(scale.colours(dark))


@cache
def _legend(dark: bool) -> str:
    return indexed(np.arange(scale.STEPS, dtype=np.uint8)[None], _colours_of(dark))


def _colours(count: int) -> Sequence[palette.Pair]:
    return (palette.SYMBOLS["h"],) if count == 1 else (palette.NEGATIVE, palette.POSITIVE)


def _flow(view: View, layer: int, state: str) -> Array:
    """(rows, T): log10 of one layer's norms; h where the cell has no such state."""
    found = [row.flow for row in view.rows if row.flow]
    if not found:
        return np.zeros((0, view.steps))
    name = state if state in found[0] else "h"
    return np.stack([flow[name][layer] for flow in found])


def slope_of(row: Array) -> float:
    """Decades by which the norm grows for each step back from the end of a row (T,); NaN of fewer than two numbers."""
    k = np.flatnonzero(np.isfinite(row))
    if len(k) < 2:
        return nan
    away = k - k.mean()
    return float(-(away @ row[k]) / (away @ away))


def _last(row: Array) -> float:
    """The last number of a row: where the lines of the slopes begin."""
    numbers = row[np.isfinite(row)]
    return float(numbers[-1]) if len(numbers) else nan


def _known(view: View, rows: Sequence[Snapshot]) -> list[tuple[Any, Evaluation | None, float | None]]:
    """For each row the latest theory, evaluation and cut share at its iteration."""
    told = [s for s in view.snapshots if s.theory is not None or s.unseen is not None or s.cut is not None]
    found: list[tuple[Any, Evaluation | None, float | None]] = []
    theory, unseen, cut, place = None, None, None, 0
    for row in rows:
        while place < len(told) and told[place].iteration <= row.iteration:
            theory = told[place].theory or theory
            unseen = told[place].unseen or unseen
            cut = cut if told[place].cut is None else told[place].cut
            place += 1
        found.append((theory, unseen, cut))
    return found


def _said(row: Snapshot, unseen: Evaluation | None, cut: float | None, labels: Labels, layer: int) -> str:
    """The numbers of one row in three lines, parted by line breaks."""
    first = labels["train.said"].format(
        iteration=row.iteration,
        loss=row.loss,
        unseen=unseen.loss if unseen else nan,
        score=unseen.score if unseen else nan,
    )
    if unseen is None:
        return first + "\n"
    radius = ", ".join(
        f"{name.split('.')[1]} {value:.2f}" for name, value in unseen.radius.items() if name.startswith(f"{layer}.")
    )
    second = labels["train.said_state"].format(
        size=unseen.mean_h[layer],
        saturated=unseen.saturated[layer],
        cut="" if cut is None else labels["train.said_cut"].format(cut=cut),
        radius=radius,
    )
    return first + "\n" + second


def _shown_blocks(view: View, layer: int) -> list[int]:
    """Those of a layer and of the head."""
    return [i for i, name in enumerate(view.blocks) if "." not in name or name.startswith(f"{layer}.")]


def _blocks(view: View, rows: Sequence[Snapshot], layer: int, axis: Axis) -> tuple[list[str], str, str]:
    """The parameters of a layer and of the head, and their norms before and after clipping, of each row in turn."""
    places = _shown_blocks(view, layer)

    def of(norms: Callable[[Snapshot], Array | None]) -> str:
        found = [values for row in rows if (values := norms(row)) is not None]
        logs = scale.logs(np.stack(found)[:, places]).ravel().tolist() if found else []
        return ",".join(scale.number(log) if isnan(log) or log == inf else f"{axis.place(log):.4g}" for log in logs)

    names = [view.blocks[i].rpartition(".")[2] for i in places]
    return names, of(lambda row: row.before), of(lambda row: row.after)


def _numbers(values: Sequence[float]) -> str:
    return ",".join("n" if value != value else f"{value:.4f}" for value in values)
