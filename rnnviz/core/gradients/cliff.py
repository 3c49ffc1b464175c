"""The wall in the loss of one recurrent unit: why gradients are clipped. NumPy only, float64.

    x_t = w * sigmoid(x_{t-1}) + b, T steps from x_0 = 0.5, and the loss (sigmoid(x_T) - 0.7)**2

Pascanu, Mikolov & Bengio 2013, On the difficulty of training recurrent neural networks, figure 6. Where x_0 crosses the
unit's unstable fixed point, b = 0.5 - 0.622 w for w above 4 or so, the state goes to another attractor and the loss
jumps; there the gradient is a product of many factors above 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rnnviz.core.trace import Array

START, TARGET, STEPS = 0.5, 0.7, 50
# A path that meets the wall: from w = 5.0, b = -2.3 with learning rate 1, thrown off unless clipped to 0.1 or so.
EXAMPLE_W, EXAMPLE_B, EXAMPLE_RATE, EXAMPLE_NORM = 5.0, -2.3, 1.0, 0.1
MOST_POINTS, MOST_STEPS, MOST_UPDATES = 250_000, 500, 1000


@dataclass(frozen=True, eq=False)
class Surface:
    """At every w and b, shaped as they broadcast: the loss, its derivatives by w and b, and the last state x_T."""

    loss: Array
    by_w: Array
    by_b: Array
    state: Array

    @property
    def slope(self) -> Array:
        """The gradient's 2-norm."""
        return np.hypot(self.by_w, self.by_b)


def surface(w: ArrayLike, b: ArrayLike, *, steps: int = STEPS) -> Surface:
    """The loss and its gradient, carried forward beside the state (real-time recurrent learning, Williams & Zipser
    1989).

    w, b: numbers or arrays that broadcast, as `w[None, :], b[:, None]` for a grid of at most 250,000 points.
    steps: 1 to 500.     Raises `ValueError` outside these.
    """
    w, b = np.broadcast_arrays(np.asarray(w, float), np.asarray(b, float))
    if w.size > MOST_POINTS:
        raise ValueError(f"w and b make {w.size} points; accepted: at most {MOST_POINTS}")
    if not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps is {steps}; accepted: 1 to {MOST_STEPS}")
    x, by_w, by_b = np.full_like(w, START), np.zeros_like(w), np.zeros_like(w)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            y = _sigmoid(x)
            factor = w * y * (1 - y)  # dx_t/dx_{t-1}
            x, by_w, by_b = w * y + b, y + factor * by_w, 1 + factor * by_b
        y = _sigmoid(x)
        outer = 2 * (y - TARGET) * y * (1 - y)
        return Surface(np.square(y - TARGET), outer * by_w, outer * by_b, x)


def _sigmoid(x: Array) -> Array:
    return 0.5 + 0.5 * np.tanh(0.5 * x)  # the exponential form overflows


@dataclass(frozen=True, eq=False)
class Path:
    """Gradient descent, point by point: `updates` + 1 of them. NaN once a number has left float64's range.

    w, b, loss, slope: each (updates + 1,); slope is the gradient's norm before clipping.
    clipped: (updates + 1,), whether the step that leaves this point is shortened. Of the last point none is taken.
    """

    w: Array
    b: Array
    loss: Array
    slope: Array
    clipped: Array

    @property
    def longest(self) -> float:
        """The length of the longest step, of those that are numbers."""
        return float(np.nanmax(np.hypot(np.diff(self.w), np.diff(self.b))))


def descend(
    w: float, b: float, *, learning_rate: float, updates: int, max_norm: float | None = None, steps: int = STEPS
) -> Path:
    """Gradient descent from (w, b). max_norm: what the gradient's norm is clipped to; None clips nothing.

    Raises `ValueError` for a start or learning rate that is not finite, a max_norm that is not positive, and updates
    outside 0 to 1000.
    """
    if not 0 <= updates <= MOST_UPDATES:
        raise ValueError(f"updates is {updates}; accepted: 0 to {MOST_UPDATES}")
    for name, value in (("w", w), ("b", b), ("learning_rate", learning_rate)):
        if not np.isfinite(value):
            raise ValueError(f"{name} is {value}; accepted: a finite number")
    if max_norm is not None and not max_norm > 0:
        raise ValueError(f"max_norm is {max_norm}; accepted: a number above 0, or None for no clipping")
    points = []
    for _ in range(updates + 1):
        here = surface(w, b, steps=steps)
        slope = float(here.slope)
        clipped = max_norm is not None and slope > max_norm
        points.append((w, b, float(here.loss), slope, clipped))
        rate = learning_rate * (max_norm / slope if clipped and max_norm else 1)
        w, b = w - rate * float(here.by_w), b - rate * float(here.by_b)
    columns = [np.array(column) for column in zip(*points, strict=True)]
    columns[-1][-1] = False
    return Path(*columns)
