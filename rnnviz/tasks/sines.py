"""Forecasting one step ahead: a sine wave, or the sum of three divided by sqrt(3), of unknown frequency
and phase.

The usual first time-series exercise; one value cannot tell whether the wave rises or falls, two can, and from the third
on a sine is known for good. Frequencies are uniform between one period in 40 steps and one in 10, phases uniform.
"""

from math import pi, sin, sqrt

import torch
from torch import Generator

from rnnviz.tasks.task import Batch, Task, explained

SLOWEST, FASTEST = 2 * pi / 40, 2 * pi / 10  # radians per step


def _waves(count: int, generator: Generator, batch_size: int, length: int) -> Batch:
    frequency = SLOWEST + (FASTEST - SLOWEST) * torch.rand(count, batch_size, generator=generator)
    phase = 2 * pi * torch.rand(count, batch_size, generator=generator)
    t = torch.arange(length + 1.0)[:, None, None]
    values = (frequency * t + phase).sin().sum(1).div(sqrt(count))[..., None]
    return Batch(x=values[:-1], y=values[1:])


def _baseline() -> float:
    """The best guess from x_t is E[cos w] x_t, as E[x_t+1 | x_t, w] = x_t cos w; the variance of x_t is 1/2."""
    mean = (sin(FASTEST) - sin(SLOWEST)) / (FASTEST - SLOWEST)
    return (1 - mean**2) / 2


def _task(name: str, title: str, count: int) -> Task:
    return Task(
        name=name,
        title=title,
        source="the usual exercise",
        inputs=("value",),
        outputs=("next value",),
        loss="mse",
        shortest=4,
        longest=200,
        steps=lambda length: length,
        loss_from=lambda length: 0,
        make=lambda generator, batch_size, length, unseen: _waves(count, generator, batch_size, length),
        baseline=lambda length: _baseline(),
        chance=1 - 2 * _baseline(),
        measure=explained,
    )


SINE = _task("sine", "Sine wave", 1)
SINES = _task("sines", "Three sine waves", 3)
