"""What the chart of a training run shows, as two tables: `bundle`, one row for all of it, and `runs`, one row a run.

Numbers travel as text, joined by commas, and as parts of a panel's width or height, so that the browser multiplies and
does nothing else. While a run goes on, only its newest iteration can be looked at and little is sent, four times a
second; of a run that rests, every row that was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, floor, inf, log10, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.charts import gradient_scale as scale
from rnnviz.charts import palette
from rnnviz.charts.bundle import SEPARATOR, Row, Tables, clean
from rnnviz.charts.watched import indexed
from rnnviz.trace import Array

if TYPE_CHECKING:
    from rnnviz.training.history import Evaluation, Snapshot
    from rnnviz.training.view import View

LIVE_POINTS = 160  # of a curve, while it grows
SAMPLE = 24  # of a sample's classes, the last that are asked for
BLOCK_LOW, BLOCK_HIGH = -12, 6  # log10, of the norms per parameter
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
    "loss",
    "train",
    "score",
    "chance",
    "norm",
    "clipped",
    "sample",
    "truth",
    "output",
    "none_yet",
    "pin",
    "pin_help",
)
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high` become parts from 0 to 1; what is beyond, or no number, has the end's place."""

    low: float
    high: float

    def place(self, value: float) -> float:
        if value != value or value == inf:
            return 1.0
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def places(self, values: Iterable[float]) -> str:
        numbers = np.array(list(values), float)
        parts = np.clip((numbers - self.low) / (self.high - self.low), 0, 1)
        return ",".join([f"{part:.4g}" for part in np.where(np.isnan(parts), 1.0, parts).tolist()])


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
    steps = Axis(1, max(2, count))
    losses = _log_axis(
        [number for view in views for number in _losses(view)], most=1e4 * max(view.baseline for view in views)
    )
    norms = _log_axis([s.norm for view in views for s in view.snapshots])
    finite = np.concatenate([f[np.isfinite(f)] for f in flows] or [np.zeros(0)])
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (-5.0, 0.0)
    fit = Axis(max(-60, 10 * floor(low / 10)), min(40, max(0, 5 * ceil(high / 5))))
    powers = range(int(fit.low), int(fit.high) + 1, 10 if fit.high - fit.low > 20 else 5)
    sample = _sample_axis(views)
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
        **_ticks("loss", losses),
        **_ticks("norm", norms),
        "kind": _kind(views[0]),
        "sampleLow": sample.low,
        "sampleHigh": sample.high,
        **{f"s_{name}": labels[f"train.{name}"] for name in TEXTS},
        "s_step": labels["train.step"].format(state=state),
    }
    runs = [
        _run(view, flow, name, note, colour, moments, steps, losses, norms, fit, sample, labels, layer, live, dark)
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
    steps: Axis,
    losses: Axis,
    norms: Axis,
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
    snapshots = _thinned(view.snapshots, LIVE_POINTS) if live else view.snapshots
    known = _known(view, kept)
    slopes = [slope_of(values) for values in flow[first:]] if len(flow) else []
    theory = [nan if s is None or layer >= len(s) else s[layer].growth for s in (found[0] for found in known)]
    ends = [_last(values) for values in flow[first:]] if len(flow) else []
    block, before, after = _blocks(view, kept, layer)
    evaluated = [s for s in view.snapshots if s.unseen is not None]
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
        "trainX": steps.places(s.iteration for s in snapshots),
        "trainY": losses.places(_log(s.loss) for s in snapshots),
        "normY": norms.places(_log(s.norm) for s in snapshots),
        "clip": steps.places(s.iteration for s in snapshots if s.clipped),
        "unseenX": steps.places(s.iteration for s in evaluated),
        "unseenY": losses.places(_log(s.unseen.loss) for s in evaluated if s.unseen),
        "scoreY": ",".join(f"{s.unseen.score:.4g}" for s in evaluated if s.unseen),
        "baseline": losses.place(_log(view.baseline)),
        "baselineIs": view.baseline,
        "chance": view.chance,
        "atX": steps.places(row.iteration for row in kept),
        "atY": losses.places(_log(row.loss) for row in kept),
        "broken": steps.place(view.iteration) if view.stopped else -1.0,
        **_sample(view, [found[1] for found in known], sample),
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
    """The numbers of one row in two lines, parted by a line break."""
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
        size=unseen.mean_h[layer], saturated=unseen.saturated[layer], radius=radius
    )
    return first + "\n" + second + ("" if cut is None else labels["train.said_cut"].format(cut=cut))


def _blocks(view: View, rows: Sequence[Snapshot], layer: int) -> tuple[list[str], str, str]:
    """The parameters of a layer and of the head, and their norms before and after clipping, of each row in turn."""
    places = [i for i, name in enumerate(view.blocks) if "." not in name or name.startswith(f"{layer}.")]
    axis = Axis(BLOCK_LOW, BLOCK_HIGH)

    def of(norms: Callable[[Snapshot], Array | None]) -> str:
        found = [values for row in rows if (values := norms(row)) is not None]
        return axis.places(scale.logs(np.stack(found)[:, places]).ravel().tolist()) if found else ""

    names = [view.blocks[i].rpartition(".")[2] for i in places]
    return names, of(lambda row: row.before), of(lambda row: row.after)


def _kind(view: View) -> str:
    if view.loss != "mse":
        return "classes"
    return "series" if len(view.truth) > 1 else "number"


def _sample_axis(views: Sequence[View]) -> Axis:
    """Of the sample's numbers: what is asked for, and a fifth of its range around."""
    if not views or views[0].loss != "mse":
        return Axis(0, 1)
    low, high = float(views[0].truth.min()), float(views[0].truth.max())
    room = 0.2 * (high - low) if high > low else 1.0
    return Axis(low - room, high + room)


def _sample(view: View, evaluations: Sequence[Evaluation | None], axis: Axis) -> Row:
    """What the model gave for the unseen sample's first sequence, of each row in turn, and what was asked for.

    Numbers are parts of the axis; of classes, the name of the likeliest and its probability.
    """
    if view.loss == "mse":
        outs = [[nan] * len(view.truth) if e is None else e.outputs[:, 0].tolist() for e in evaluations]
        return {
            "asked": len(view.truth),
            "truth": axis.places(view.truth.tolist()),
            "truthIs": ",".join(f"{value:.3g}" for value in view.truth.tolist()),
            "out": ",".join(axis.places(out) for out in outs),
            "outIs": ",".join(f"{value:.3g}" for out in outs for value in out),
        }
    asked = np.flatnonzero(view.truth != -1)[-SAMPLE:]
    names, sure = [], []
    for evaluation in evaluations:
        if evaluation is None:
            names += [""] * len(asked)
            sure += ["0"] * len(asked)
            continue
        outputs = evaluation.outputs[asked]
        y = np.exp(outputs - outputs.max(1, keepdims=True))
        y /= y.sum(1, keepdims=True)
        names += [clean(view.outputs[best]) for best in y.argmax(1)]
        sure += [f"{p:.2f}" for p in y.max(1).tolist()]
    return {
        "asked": len(asked),
        "truth": SEPARATOR.join(clean(view.outputs[int(kind)]) for kind in view.truth[asked].tolist()),
        "truthIs": "",
        "out": SEPARATOR.join(names),
        "outIs": ",".join(sure),
    }


def _losses(view: View) -> list[float]:
    unseen = [s.unseen.loss for s in view.snapshots if s.unseen]
    return [view.baseline, *unseen, *[s.loss for s in view.snapshots]]


def _log_axis(values: Sequence[float], most: float = inf) -> Axis:
    """A logarithmic axis, from and to whole or half decades so that it moves seldom; what is beyond `most` stands at
    its end, so that an explosion leaves room for what comes after it."""
    numbers = np.array(values, float)
    numbers = numbers[np.isfinite(numbers) & (numbers > 0)]
    if not len(numbers):
        return Axis(-1, 0)
    low, high = log10(min(float(numbers.min()), most)), log10(min(float(numbers.max()), most))
    low, high = floor(2 * low - 0.1) / 2, ceil(2 * high + 0.1) / 2
    return Axis(max(low, high - 12), high)


def _log(value: float) -> float:
    return log10(value) if 0 < value < inf else (nan if value != 0 else -inf)


def _ticks(name: str, axis: Axis) -> Row:
    """Powers of ten on an axis, and their halves where there are few, each with its place."""
    each = 1 if axis.high - axis.low < 5 else ceil((axis.high - axis.low) / 4)
    exponents = [e for e in range(ceil(axis.low), floor(axis.high) + 1) if e % each == 0]
    values = [10.0**e for e in exponents]
    if len(values) < 3 and each == 1:
        values = sorted({*values, *(3 * 10.0**e for e in range(floor(axis.low), ceil(axis.high) + 1))})
    shown = [value for value in values if axis.low <= log10(value) <= axis.high]
    return {
        f"{name}Ticks": axis.places(log10(value) for value in shown),
        f"{name}Names": SEPARATOR.join(f"{value:g}" for value in shown),
    }


def _thinned(snapshots: Sequence[Snapshot], most: int) -> Sequence[Snapshot]:
    """Every so many, and the last."""
    stride = -(-len(snapshots) // most)
    return [*snapshots[:-1:stride], snapshots[-1]] if len(snapshots) > most else snapshots


def _numbers(values: Sequence[float]) -> str:
    return ",".join("n" if value != value else f"{value:.4f}" for value in values)
