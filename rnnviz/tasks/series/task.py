"""The task of forecasting a series: windows of what is trained on, and of what is not.

A target never lies before a value that is read, and what is trained on lies wholly before what is tested: the first
four fifths of the series, in time. A window of a test may begin there: at that time it was known.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from rnnviz.core.forecast import Array
from rnnviz.tasks.series.catalogue import series_of, split_of
from rnnviz.tasks.series.setup import Setup
from rnnviz.tasks.task import Batch, Task, explained


@dataclass(frozen=True)
class Scaling:
    """Between a series' own unit and what a network reads, about 0 and of deviation 1."""

    mean: float  # own unit
    deviation: float  # own unit, above 0

    def scaled(self, values: Array) -> Array:
        return (values - self.mean) / self.deviation


def scaling(setup: Setup) -> Scaling:
    """By what a setup standardises its series. Raises `ValueError` for a series that is not there."""
    series = series_of(setup.series)
    known = series.values if setup.scaled == "all" else series.values[: split_of(series)]
    return Scaling(float(known.mean()), float(known.std()) or 1.0)


def read(setup: Setup, windows: Array) -> tuple[Array, Array]:
    """What a network reads of windows (n, window) of scaled values: (n, T), and what its outputs are to be added to,
    (n, 1): the last value where they are differences to it, else 0."""
    base = windows[:, -1:] if setup.relative == "change" else windows[:, -1:] * 0
    if setup.shape != "point":
        return windows - base, base
    # One value at the first step, and nothing after that. A difference to itself would say nothing: it stays as it is.
    steps = windows[:, -1:].repeat(setup.horizon, axis=1)
    steps[:, 1:] = 0
    return steps, base


def series_task(text: str) -> Task:
    """The task of a setup in writing. Raises `ValueError` for a text that is none, for a series that is not there and
    for one that is too short for the window and the horizon."""
    setup = Setup.from_text(text)
    series = series_of(setup.series)
    split, ahead = split_of(series), setup.outputs if setup.shape != "point" else setup.horizon
    whole = setup.window + ahead
    most = min(split, len(series.values) - split + setup.window)
    if whole > most:
        raise ValueError(f"window and horizon are {whole} values together; accepted for this series: at most {most}")
    scaled = scaling(setup).scaled(series.values)

    def pairs(values: Array) -> tuple[Tensor, Tensor]:
        """Every window of some values as (T, n, 1), and its targets, (asked steps, n, outputs)."""
        parts = torch.tensor(values).unfold(0, whole, 1).numpy()
        x, base = read(setup, parts[:, : setup.window])
        y = parts[:, setup.window :] - base
        inputs, targets = torch.tensor(x.T[..., None]).float(), torch.tensor(y).float()
        return inputs, targets.T[..., None] if setup.shape == "point" else targets[None]

    sides = pairs(scaled[:split]), pairs(scaled[split - setup.window :])

    def make(generator: Generator, batch_size: int, length: int, unseen: bool) -> Batch:
        x, y = sides[unseen]
        chosen = torch.randint(0, x.shape[1], (batch_size,), generator=generator)
        return Batch(x=x[:, chosen], y=y[:, chosen])

    variance = float(sides[0][1].double().var(correction=0))
    return Task(
        name="series",
        title="A series",
        source=series.source,
        inputs=("value",),
        outputs=tuple(f"+{step}" for step in range(1, setup.outputs + 1)),
        loss="mse",
        shortest=setup.steps,
        longest=setup.steps,
        steps=lambda length: setup.steps,
        loss_from=lambda length: 0 if setup.shape == "point" else setup.window - 1,
        make=make,
        baseline=lambda length: variance,
        chance=0.0,
        measure=explained,
    )
