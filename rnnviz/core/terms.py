"""What the words of the pages mean in numbers: saturated, open, still, learned. Every fact and sentence asks here."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isinf
from typing import Any, Literal

from rnnviz.core.cell import BOUNDS as RANGES
from rnnviz.core.cell import OpKind

SATURATED = 0.95  # of the way from the middle of its range to a bound
SLOPE = 1 - SATURATED**2  # of the largest: what is left of a tanh's or a sigmoid's derivative there, less than a tenth
OPEN, SHUT = 0.95, 0.05  # a gate beyond these at every step is stuck
KEEPS = 0.9  # a gate that keeps does so above this
MOVES = 1.25  # times the mean change: what moves a state by less than this moves it about as much as the rest
WRONG = 0.2  # a prediction that is so far from the true probability of some word is wrong
STILL = 0.01  # a state that moves over less than this never changes


def nearness(kind: OpKind, y: Any) -> Any:
    """How far results are to where their squashing is flat, from 0 to 1: of ReLU 1 at zero, without squashing 0. Of
    y's shape, an array's or a tensor's.
    """
    least, most = RANGES.get(kind, (-inf, inf))
    if isinf(most):
        return 1.0 * (y == least)
    return abs(y - (least + most) / 2) / ((most - least) / 2)


def _beyond(least: float, most: float) -> tuple[float, float]:
    """The results of that range beyond which one is saturated; without an upper bound, at the lower one."""
    if isinf(most):
        return least, least
    middle, away = (least + most) / 2, SATURATED * (most - least) / 2
    return middle - away, middle + away


BOUNDS: Mapping[OpKind, tuple[float, float]] = {kind: _beyond(*ends) for kind, ends in RANGES.items()}
"""By squashing function: the results beyond which each is saturated."""


def saturated(kind: OpKind, y: Any) -> Any:
    """Which results of a squashing function are saturated: booleans of y's shape, an array's or a tensor's."""
    return nearness(kind, y) > SATURATED


LEARNED = 1 / 4  # a loss below this part of that of a model without memory, and a score that is `BETTER`
NO_MEMORY = 0.85, 1.05  # between these parts of it, it is as good as one without memory; above, worse
BETTER = 0.1  # by which a score is no chance's: two standard errors of 100 answers
Progress = Literal["untrained", "learned", "learning", "stuck", "worse"]


def progress(loss: float, without_memory: float, score: float, chance: float, *, updates: int = 1) -> Progress:
    """How far a model has come.

    loss, score: of a sample.     without_memory, chance: loss and score, on the same sample, of the best guess that
        knows only the present input and step.     updates: that were made; without one nothing is learned or missed.
    """
    if not updates:
        return "untrained"
    part, better = loss / without_memory, score - chance >= min(BETTER, (1 - chance) / 2)
    if part < LEARNED and better:
        return "learned"
    if part < NO_MEMORY[0] or (better and part < NO_MEMORY[1]):
        return "learning"
    return "stuck" if part < NO_MEMORY[1] else "worse"
