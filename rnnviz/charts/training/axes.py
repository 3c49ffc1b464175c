"""The axes of a training run's chart, and how numbers are written at them: a value becomes a part of a panel's width or
height, from 0 to 1, which the browser multiplies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, log10, nan

import numpy as np

from rnnviz.charts.kit.tables import SEPARATOR, Row
from rnnviz.core.trace import Array
from rnnviz.words.numbers import PLAIN, fixed, power, size


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

    def points(self, values: Iterable[float]) -> str:
        """Of a curve: the same, but nothing for infinity and for what is no number."""
        numbers = np.array(list(values), float)
        parts = np.clip((numbers - self.low) / (self.high - self.low), 0, 1).tolist()
        there = (numbers < inf).tolist()
        return ",".join([f"{part:.4g}" if number else "" for part, number in zip(parts, there, strict=True)])


def bar_axis(numbers: Sequence[float]) -> Axis:
    """For bars that begin at 0: at least from 0 to 1."""
    return Axis(min([0.0, *numbers]), max([1.0, *numbers]))


def bars(values: Sequence[float], counts: Sequence[bool], axis: Axis) -> Row:
    """The number that each step of a sequence brings, and in writing those of the steps that count."""
    return {
        "values": axis.places(values),
        "counts": ",".join(str(int(one)) for one in counts),
        "written": SEPARATOR.join(
            fixed(value) if one else "" for value, one in zip(values, counts, strict=bool(values))
        ),
        "zero": axis.place(0.0),
    }


def log(value: float) -> float:
    """log10; -infinity for zero, NaN for no number."""
    return log10(value) if value > 0 else (-inf if value == 0 else nan)


def log_axis(values: Sequence[float] | Array, *, most: float = inf, decades: float = inf) -> Axis:
    """A logarithmic axis, from and to whole or half decades so that it moves seldom. What is above `most`, or more than
    `decades` below the top, is not on it, so that an explosion leaves room for what comes after it."""
    numbers = np.array(values, float)
    numbers = numbers[np.isfinite(numbers) & (numbers > 0)]
    if not len(numbers):
        return Axis(-1, 0)
    low, high = log10(min(float(numbers.min()), most)), log10(min(float(numbers.max()), most))
    low, high = floor(2 * low - 0.1) / 2, ceil(2 * high + 0.1) / 2
    return Axis(max(low, high - decades), high)


def ticks(name: str, axis: Axis, most: int = 4) -> Row:
    """Powers of ten on a logarithmic axis, and numbers between them where there are few, each with its place. All are
    written in one way. most: steps from one to the next."""
    each = 1 if axis.high - axis.low < most + 1 else ceil((axis.high - axis.low) / most)
    marks = [(1, e) for e in range(ceil(axis.low), floor(axis.high) + 1) if e % each == 0]
    if len(marks) < 3 and each == 1:
        between = (1, 3) if axis.high - axis.low > 1 else (1, 2, 5)
        marks = [(n, e) for e in range(floor(axis.low), ceil(axis.high) + 1) for n in between]
    marks = [(n, e) for n, e in marks if axis.low <= log10(n) + e <= axis.high]
    plain = all(PLAIN[0] <= e < PLAIN[1] for _, e in marks)
    names = [size(n * 10.0**e) if plain else power(e) if n == 1 else f"{n}·{power(e)}" for n, e in marks]
    return {
        f"{name}Ticks": axis.places(log10(n) + e for n, e in marks),
        f"{name}Names": SEPARATOR.join(names),
    }


def even_ticks(name: str, axis: Axis) -> Row:
    """Three to six round numbers on a plain axis, each with its place."""
    step = 10.0 ** floor(log10((axis.high - axis.low) / 2))
    while (axis.high - axis.low) / step > 5:
        step *= 2.5 if f"{step:e}"[0] == "2" else 2
    marks = [n * step for n in range(ceil(axis.low / step - 1e-9), floor(axis.high / step + 1e-9) + 1)]
    digits = max(3, 2 + floor(log10(max(map(abs, marks)))) - floor(log10(step)))
    return {f"{name}Ticks": axis.places(marks), f"{name}Names": SEPARATOR.join(size(mark, digits) for mark in marks)}
