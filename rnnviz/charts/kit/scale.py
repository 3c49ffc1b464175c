"""The one scale of gradient norms: log10, from 1e-30 to 1e10, the same for every cell, run and page, so that two
pictures can be compared. Exact zero, infinity and NaN are no places on it and have colours and letters of their own.
"""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.raster import indexed
from rnnviz.core.trace import Array
from rnnviz.words.numbers import logs

Mask = NDArray[np.bool_]
LOW, HIGH = -30, 10  # log10
STEPS = 4 * (HIGH - LOW) + 1  # four colours a decade
ZERO, INFINITE, NOT_A_NUMBER, NO_PATH = "z", "i", "n", "p"  # as `written` has them
_PLACE = {ZERO: STEPS, INFINITE: STEPS + 1, NOT_A_NUMBER: STEPS + 2, NO_PATH: STEPS + 3}


def colours(dark: bool) -> list[str]:
    """By the numbers that `index` gives: the scale from its low end, zero, infinity, NaN, and nothing at all."""
    special = (palette.ZERO[dark], palette.INFINITE[dark], palette.NOT_A_NUMBER[dark])
    return [*palette.flow(STEPS), *special, palette.PAPER[dark] + "00"]


def index(norms: Array, path: Mask | None = None) -> NDArray[np.uint8]:
    """The number of each norm's colour; what is beyond an end has the end's. path: where there is one, or all."""
    log = logs(norms)
    found = np.rint((np.clip(np.nan_to_num(log, posinf=0, neginf=0), LOW, HIGH) - LOW) * 4).astype(np.uint8)
    found[log == -np.inf] = _PLACE[ZERO]
    found[log == np.inf] = _PLACE[INFINITE]
    found[np.isnan(log)] = _PLACE[NOT_A_NUMBER]
    if path is not None:
        found[~path] = _PLACE[NO_PATH]
    return found


def picture(norms: Array, path: Mask | None = None, *, dark: bool) -> str:
    """Norms (rows, columns) as a PNG of one pixel each; a data URL."""
    return indexed(index(norms, path), colours(dark))


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
