"""What the words of the pages mean in numbers: saturated, open, still, learned. Every fact and sentence asks here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from rnnviz.core.cells import Kind

SATURATED = 0.95  # of the way from the middle of its range to a bound
SLOPE = 1 - SATURATED**2  # of the largest: what is left of a tanh's or a sigmoid's derivative there, less than a tenth
OPEN, SHUT = 0.95, 0.05  # a gate beyond these at every step is stuck
KEEPS = 0.9  # a gate that keeps does so above this
STILL = 0.01  # a state that moves over less than this never changes

# By squashing function: how far its results `y` are to where it is flat, from 0 to 1. Of NumPy's arrays and PyTorch's.
NEARNESS: Mapping[Kind, Callable[[Any], Any]] = {
    "tanh": abs,
    "sigmoid": lambda y: abs(2 * y - 1),
    "relu": lambda y: 1.0 * (y == 0),
}
# The results beyond which each is saturated; ReLU is so at zero.
BOUNDS: Mapping[Kind, tuple[float, float]] = {
    "tanh": (-SATURATED, SATURATED),
    "sigmoid": ((1 - SATURATED) / 2, (1 + SATURATED) / 2),
    "relu": (0.0, 0.0),
}


def saturated(kind: Kind, y: Any) -> Any:
    """Which results of a squashing function are saturated: booleans of y's shape, an array's or a tensor's."""
    return NEARNESS[kind](y) > SATURATED


LEARNED = 1 / 4  # a loss below this part of that of a model without memory
NO_MEMORY = 0.85, 1.05  # between these parts of it, it is as good as one without memory; above, worse
Progress = Literal["learned", "learning", "stuck", "worse"]


def progress(loss: float, without_memory: float) -> Progress:
    """How far a model has come. without_memory: the loss of the best guess that knows only the present input and step,
    on the same sample.
    """
    part = loss / without_memory
    if part < LEARNED:
        return "learned"
    return "learning" if part < NO_MEMORY[0] else "stuck" if part < NO_MEMORY[1] else "worse"
