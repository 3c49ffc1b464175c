"""A real time series: the yearly mean number of sunspots, 1700 to 2008, one year ahead.

Source: National Geophysical Data Center (NOAA), public domain; `rnnviz.tasks.series.shipped` says by what way.
The cycle of about 11 years makes the next value depend on more than the present one. Training sees windows of the years
before 1940; the years from then on are unseen. Numbers are standardised with the mean and deviation of the first part.
"""

from functools import cache

import torch
from torch import Generator, Tensor

from rnnviz.tasks.series.catalogue import series_of
from rnnviz.tasks.task import Batch, Task, explained

FIRST, SPLIT = 1700, 1940


@cache
def _parts() -> tuple[Tensor, Tensor]:
    """Standardised values before `SPLIT` and from then on."""
    values = torch.tensor(series_of("sunspots").values, dtype=torch.float32)
    training_part = values[: SPLIT - FIRST]
    values = (values - training_part.mean()) / training_part.std()
    return values[: SPLIT - FIRST], values[SPLIT - FIRST :]


def _make(generator: Generator, batch_size: int, length: int, unseen: bool) -> Batch:
    windows = _parts()[unseen].unfold(0, length + 1, 1)
    series = windows[torch.randint(0, len(windows), (batch_size,), generator=generator)].T[..., None]
    return Batch(x=series[:-1], y=series[1:])


@cache
def _baseline() -> float:
    """What the best straight line from this year's number to the next year's leaves, on the years trained on."""
    years = _parts()[0].double()
    x, y = years[:-1], years[1:]
    correlation = torch.corrcoef(torch.stack([x, y]))[0, 1]
    return float(y.var(correction=0) * (1 - correlation**2))


SUNSPOTS = Task(
    name="sunspots",
    title="Sunspots",
    source="National Geophysical Data Center, NOAA",
    inputs=("this year",),
    outputs=("next year",),
    loss="mse",
    shortest=4,
    longest=60,
    steps=lambda length: length,
    loss_from=lambda length: 0,
    make=_make,
    baseline=lambda length: _baseline(),
    chance=1 - _baseline(),
    measure=explained,
)
