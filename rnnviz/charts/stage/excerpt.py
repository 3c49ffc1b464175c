"""What of a trace stands on a stage: all of it where that has room, else a window of its steps and some of its units.

Steps and units keep their own numbers. A window of steps is a trace of its own, whole in every unit, which starts from
the state that was there; what is counted over all units (a gate's mean, what is to be noticed) is taken from it. Some
units of that have no sums: the other units' terms would be missing in them, so each product is shown as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.stage.look import Look
from rnnviz.core.forced import Forced
from rnnviz.core.forward import Pass
from rnnviz.core.refusal import whole_numbers
from rnnviz.core.trace import Array, Trace
from rnnviz.core.wholes import Whole, of_letters

MAX_STEPS = 200  # beyond it the tables grow past a few hundred kilobytes
MAX_HIDDEN = 128  # beyond it a unit's row is thinner than two pixels
MAX_STATES = MAX_STEPS * MAX_HIDDEN  # of all rows on a stage together
FEW_UNITS = 32  # so many at least are kept before steps are left out
MAX_WEIGHTS = 2**19  # of all rows on a stage together; a table of more takes megabytes
MAX_READ = 2**18  # numbers of x


@dataclass(frozen=True)
class Excerpt:
    """What is shown of a trace."""

    first: int  # the first step, from 1
    last: int  # the last one
    units: tuple[tuple[int, ...], ...]  # of each row of the trace's first axis, from 0 in ascending order
    steps_of: int  # how many steps the trace has
    units_of: int  # how many units a row of it has
    chosen: bool  # whether the units were chosen here: those that change most in these steps
    sums: bool  # whether weights and what is read are shown, number by number

    @property
    def shift(self) -> int:
        """How many steps stand before the first."""
        return self.first - 1

    @property
    def all_steps(self) -> bool:
        return self.last - self.first + 1 == self.steps_of

    @property
    def all_units(self) -> bool:
        return len(self.units[0]) == self.units_of

    def said(self, labels: Mapping[str, str]) -> str:
        """What of the trace is shown, in words; nothing where all of it is."""
        count, parts = len(self.units[0]), []
        if not self.all_steps:
            steps = {"first": self.first, "last": self.last, "all": self.steps_of}
            parts.append(labels["stage.excerpt_steps"].format(**steps))
        if not self.all_units:
            key = "stage.excerpt_units_most" if self.chosen else "stage.excerpt_units"
            parts.append(labels[key].format(count=count, all=self.units_of))
        return " · ".join([*parts, labels["stage.excerpt_all"]]) if parts else ""

    def window(self, shown: Pass) -> Pass:
        """The steps of a pass, with all units."""
        if self.all_steps:
            return shown
        cut, trace = slice(self.shift, self.last), shown.trace
        changed: dict[str, Any] = {
            name: part[cut]
            for name in ("targets", "truth", "outputs", "asked", "rows")
            if (part := getattr(shown, name)) is not None
        }
        if shown.readout is not None:
            readout = shown.readout
            changed["readout"] = replace(readout, logits=readout.logits[cut], y=readout.y[cut])
        part = replace(
            trace,
            x=trace.x[cut],
            tokens=trace.tokens[cut],
            values={name: values[:, cut] for name, values in trace.values.items()},
            initial={name: self._before(trace, name) for name in trace.initial},
            weights=trace.weights if self.sums else tuple(map(_biases, trace.weights)),
            forced=tuple(self._moved(trace.forced)),
        )
        return replace(shown, trace=part, **changed)

    def _before(self, trace: Trace, state: str) -> Array:
        """The state that each row's first step in the window started from, (L * D, H)."""
        values, found = trace[state], trace.initial[state].copy()
        for row in range(len(found)):
            if row % trace.num_directions == 0 and self.shift:
                found[row] = values[row, self.shift - 1]
            elif row % trace.num_directions and self.last < self.steps_of:
                found[row] = values[row, self.last]
        return found

    def _moved(self, forced: Sequence[Forced]) -> list[Forced]:
        """What was forced in the window, by its own steps."""
        moved = []
        for force in forced:
            first, last = force.steps or (1, self.steps_of)
            first, last = max(first, self.first) - self.shift, min(last, self.last) - self.shift
            if first <= last:
                moved.append(replace(force, steps=(first, last)))
        return moved

    def picked(self, trace: Trace) -> Trace:
        """The units of a window, for what is shown unit by unit; without matrices where `sums` is false."""
        if self.sums and self.all_units:
            return trace
        keep = np.array(self.units)
        forced = [
            replace(force, value=0.0, units=places, row=row)
            for force in trace.forced
            for row, units in enumerate(self.units)
            if force.row in (None, row)
            and (places := tuple(k for k, unit in enumerate(units) if force.units is None or unit in force.units))
        ]
        return replace(
            trace,
            values={name: _of(values, keep[:, None]) for name, values in trace.values.items()},
            initial={name: _of(values, keep) for name, values in trace.initial.items()},
            weights=tuple(
                {name: bias[list(units)] for name, bias in _biases(row).items()}
                for row, units in zip(trace.weights, self.units, strict=True)
            ),
            forced=tuple(forced),
        )

    def opened(self, look: Look, row: int) -> Look:
        """How the part opens, its steps and units counted as it counts them."""
        place = self.units[row].index(look.unit) if look.unit in self.units[row] else 0
        return replace(
            look,
            unit=place,
            start=look.start and max(look.start - self.shift, 1),
            notes=look.notes[self.shift : self.last],
            withheld=[t - self.shift for t in look.withheld],
        )

    def wholes(self, look: Look, tokens: Sequence[str]) -> list[Whole]:
        """What tokens in the window are units of, where all of it is there.     tokens: those of the whole trace."""
        every = of_letters(tokens) if look.wholes is None else look.wholes
        return [
            replace(whole, start=whole.start - self.shift, stop=whole.stop - self.shift)
            for whole in every
            if self.shift <= whole.start and whole.stop <= self.last
        ]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A pass as a stage draws it. Raises `ValueError` for numbers that are not finite."""

    part: Excerpt  # what of the whole is shown
    shown: Pass  # the steps that are shown, all units
    trace: Trace  # the units of those that are shown
    before: Pass | None  # the same steps before something was changed
    was: Trace | None  # the units of those that are shown
    look: Look  # how it opens, as it was asked for
    wholes: Sequence[Whole]  # what the tokens of the window are units of

    def __post_init__(self) -> None:
        finite = [np.isfinite(values).all((0, 2)) for values in self.trace.values.values()]
        if not np.all(finite):
            bad = int(np.argmin(np.all(finite, axis=0))) + self.part.first
            raise ValueError(
                f"the trace holds values that are not finite, at step {bad} first; a stage shows finite numbers only:"
                f" ask for others by steps=(first, last){f', such as (1, {bad - 1})' if bad > 1 else ''}"
            )

    @classmethod
    def of(cls, part: Excerpt, shown: Pass, before: Pass | None, look: Look) -> Drawn:
        """The part of a pass, and of the same before something was changed."""
        window, earlier = part.window(shown), None if before is None else part.window(before)
        was = None if earlier is None else part.picked(earlier.trace)
        wholes = part.wholes(look, shown.tokens)
        return cls(part, window, part.picked(window.trace), earlier, was, look, wholes)


def _biases(weights: Mapping[str, Array]) -> dict[str, Array]:
    """Those of a row's weights that are no matrix."""
    return {name: weight for name, weight in weights.items() if weight.ndim == 1}


def _of(values: Array, units: NDArray[np.intp]) -> Array:
    """The units of each row.     values: (L * D, ..., H).     units: (L * D, ..., n), from 0."""
    return np.take_along_axis(values, units, axis=-1)


def excerpt(
    shown: Pass,
    look: Look,
    rows: Sequence[int],
    units: Sequence[int] | None,
    steps: tuple[int, int] | None,
) -> Excerpt:
    """What of a pass is shown: what is asked for, else all of it, else what has room.

    rows: those on the stage.     units, steps: as `rnnviz.stage` has them.
    Raises `ValueError` for what is not in the trace, or has no room, and `TypeError` for what is no whole number.
    """
    trace = shown.trace
    T, H, many = len(trace), trace.hidden_size, len(rows)
    asked = None if units is None else _asked_units(units, H)
    steps = None if steps is None else _asked_steps(steps, T)
    high = len(asked) if asked else None
    if high is None:
        wide = min(T, MAX_STEPS) if steps is None else steps[1] - steps[0] + 1
        high = min(H, MAX_HIDDEN, max(FEW_UNITS, MAX_STATES // (many * wide)))
    room = min(MAX_STEPS, MAX_STATES // (many * high))
    if steps is None and room:
        steps = _window(T, room, look, reverse=many == 1 and bool(rows[0] % trace.num_directions))
    if steps is None or steps[1] - steps[0] + 1 > room:
        raise ValueError(
            f"the stage would have {many} {'row' if many == 1 else 'rows'} of "
            f"{T if steps is None else steps[1] - steps[0] + 1} steps and {high} units; accepted: {MAX_STEPS} steps and"
            f" {MAX_HIDDEN} units, {MAX_STATES} states of all rows: fewer by steps=(first, last) or units=(...), or one"
            " row by Look(layer=..., reverse=...)"
        )
    cut = slice(steps[0] - 1, steps[1])
    of_row = asked or tuple(range(H))
    by_row = [of_row] * len(trace.weights)
    if asked is None and high < H:
        by_row = [_changing(trace["h"][row, cut], high, look.unit) for row in range(len(trace.weights))]
    weights = sum(w.size for row in rows for w in trace.weights[row].values() if w.ndim == 2)
    read = trace.x.shape[1] * (steps[1] - steps[0] + 1)
    return Excerpt(
        first=steps[0],
        last=steps[1],
        units=tuple(by_row),
        steps_of=T,
        units_of=H,
        chosen=asked is None,
        sums=len(by_row[0]) == H and weights <= MAX_WEIGHTS and read <= MAX_READ,
    )


def _asked_units(units: Sequence[int], hidden_size: int) -> tuple[int, ...]:
    accepted = f"1 to {MAX_HIDDEN} of 0 to {hidden_size - 1}, each once, as in units=(0,), None for all that have room"
    asked = sorted(whole_numbers("units", units, accepted))
    once = len(set(asked)) == len(asked)
    if not once or not 0 < len(asked) <= MAX_HIDDEN or not 0 <= asked[0] <= asked[-1] < hidden_size:
        raise ValueError(f"units are {asked!s:.60}; accepted: {accepted}")
    return tuple(asked)


def _asked_steps(steps: Sequence[int], T: int) -> tuple[int, int]:
    accepted = f"the first and the last one, from 1 to {T}, as in steps=(1, {T}), None for all"
    asked = whole_numbers("steps", steps, accepted)
    if len(asked) != 2 or not 1 <= asked[0] <= asked[1] <= T:
        raise ValueError(f"steps are {asked}; accepted: {accepted}")
    return asked[0], asked[1]


def _window(T: int, room: int, look: Look, *, reverse: bool) -> tuple[int, int]:
    """The steps around the one that it opens at; where it says none, those that are read first."""
    start = look.start or (T if reverse else 1)
    first = min(max(1, start - room // 2), max(1, T - room + 1))
    return first, min(T, first + room - 1)


def _changing(h: Array, many: int, unit: int) -> tuple[int, ...]:
    """The units whose value has the widest range, and the one that is to be picked, in ascending order.

    h: (T, H).     unit: 0 where none is asked for.
    """
    order = np.argsort(-np.ptp(h, axis=0), kind="stable")[:many].tolist()
    if 0 < unit < h.shape[1] and unit not in order:
        order[-1] = unit
    return tuple(sorted(order))
