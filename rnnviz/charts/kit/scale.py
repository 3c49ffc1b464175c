"""The scale of gradient norms: log10, one for all that is compared on a screen. Its `Span` is fitted to what is there,
or is `FIXED`, the same for every cell, run and page. Exact zero, infinity and NaN are no places on it and have colours
and letters of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.raster import indexed
from rnnviz.charts.kit.tables import Row
from rnnviz.core.gradients.paths import Mask, logs
from rnnviz.core.trace import Array
from rnnviz.words.numbers import power

LOW, HIGH = -30, 10  # log10, of the fixed span
STEPS = 4 * (HIGH - LOW) + 1  # colours, of the fixed span four a decade
FLOAT32 = log10(2.0**-149)  # the smallest number that float32 holds: what is below is 0 there
LEAST = 4  # decades of a fitted span
LOWEST = -120  # log10, to which a span is fitted at the most: below, one outlier would take all colours
ZERO, INFINITE, NOT_A_NUMBER, NO_PATH = "z", "i", "n", "p"  # as `written` has them
_PLACE = {ZERO: STEPS, INFINITE: STEPS + 1, NOT_A_NUMBER: STEPS + 2, NO_PATH: STEPS + 3}


@dataclass(frozen=True)
class Span:
    """The sizes that have a colour of their own, log10, whole decades; what is beyond an end has the end's."""

    low: int
    high: int

    def with_(self, other: Span) -> Span:
        """The smallest scale that holds both."""
        return Span(min(self.low, other.low), max(self.high, other.high))

    def row(self, fitted: bool) -> Row:
        """What `legend` reads of a chart's bundle. fitted: whether nothing that is shown lies beyond an end."""
        signs = ("", "") if fitted and self.low > LOWEST else ("≤ ", "≥ ")
        return {
            "flowFrom": signs[0] + power(self.low),
            "flowTo": signs[1] + power(self.high),
            "flowLimit": round((FLOAT32 - self.low) / (self.high - self.low), 4),
        }


FIXED = Span(LOW, HIGH)


def span(*norms: Array, fixed: bool = False, whole: int = 1) -> Span:
    """The scale that fits all norms. norms: of any shapes.     whole: decades to whose multiples its ends are drawn, so
    that it seldom changes while more norms come."""
    if fixed:
        return FIXED
    log = np.concatenate([logs(part).ravel() for part in norms]) if norms else np.empty(0)
    log = log[np.isfinite(log)]
    if not len(log):
        return Span(-LEAST, 0)
    high = max(whole * ceil(log.max() / whole), LOWEST + LEAST)
    return Span(max(min(whole * floor(log.min() / whole), high - LEAST), LOWEST), high)


def colours(dark: bool) -> list[str]:
    """By the numbers that `index` gives: the scale from its low end, zero, infinity, NaN, and nothing at all."""
    special = (palette.ZERO[dark], palette.INFINITE[dark], palette.NOT_A_NUMBER[dark])
    return [*palette.flow(STEPS), *special, palette.PAPER[dark] + "00"]


def index(norms: Array, path: Mask | None = None, span: Span = FIXED) -> NDArray[np.uint8]:
    """The number of each norm's colour; what is beyond an end has the end's. path: where there is one, or all."""
    log = logs(norms)
    part = (np.clip(np.nan_to_num(log, posinf=0, neginf=0), span.low, span.high) - span.low) / (span.high - span.low)
    places = np.rint(part * (STEPS - 1)).astype(np.uint8)
    places[log == -np.inf] = _PLACE[ZERO]
    places[log == np.inf] = _PLACE[INFINITE]
    places[np.isnan(log)] = _PLACE[NOT_A_NUMBER]
    if path is not None:
        places[~path] = _PLACE[NO_PATH]
    return places


def picture(norms: Array, path: Mask | None = None, span: Span = FIXED, *, dark: bool) -> str:
    """Norms (rows, columns) as a PNG of one pixel each; a data URL."""
    return indexed(index(norms, path, span), colours(dark))


def written(norms: Array, path: Mask | None = None) -> str:
    """log10 of each norm with four decimals, three digits of it, or the letter of what has none; by commas."""
    log = np.where(True if path is None else path, logs(norms), np.nan).ravel()
    there = np.ones(log.shape, bool) if path is None else path.ravel()
    return ",".join(
        number(value) if exists else NO_PATH for value, exists in zip(log.tolist(), there.tolist(), strict=True)
    )


def number(log: float, digits: int = 4) -> str:
    """One log10 as `written` has it."""
    if isfinite(log):
        return f"{log:.{digits}f}"
    return NOT_A_NUMBER if log != log else INFINITE if log > 0 else ZERO


def named(log: str, number: str) -> str:
    """An expression: `0`, `∞`, `NaN` or `–` where `log` is the letter of what has no logarithm, else `number`."""
    special = "{z: '0', i: '∞', n: 'NaN', p: '–'}"
    return f"(indexof(['z','i','n','p'], {log}) >= 0 ? ({special})[{log}] : {number})"


def size(log: str) -> str:
    """An expression that writes a norm from its log10, a number or digits, or its letter; `–` without a path."""
    return named(log, numbers.size(f"pow(10, toNumber({log}))"))
