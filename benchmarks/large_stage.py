"""A stage of a network that has no room on a screen (1,024 units, 2,000 steps, four layers), beside an ordinary one in
the same run: from the trace to the tables, from a file to the drawn picture, from a key to the painted step.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import torch
from playwright.sync_api import Browser

import rnnviz
from benchmarks.row import Row, promise
from benchmarks.stepping import key_to_paint, walk
from rnnviz.core.trace import Trace
from tests.browser.harness import chromium, visit

STEPS = 60
ORDINARY, LARGE = (24, 20, 4), (1024, 2000, 4)  # units, steps, layers
MOST_TO_OPEN, MOST_TO_STEP = 3.0, 1.5  # times the ordinary stage
DRAWN = """() => new Promise(done => {
  const drawn = () => document.querySelector("g.rowName_marks path");
  const look = () => drawn() ? done(performance.now()) : requestAnimationFrame(look);
  look();
})"""


@dataclass
class Measured:
    """Of one stage, in ms."""

    made: float  # from the trace to what a page is sent
    drawn: float  # from the file to the picture
    painted: float  # from a key to the painted step, the median


def trace_of(hidden: int, steps: int, layers: int) -> Trace:
    generator = torch.Generator().manual_seed(0)
    lstm = torch.nn.LSTM(16, hidden, layers)
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter.copy_(2 * hidden**-0.5 * torch.randn(parameter.shape, generator=generator))
    return rnnviz.record(lstm, torch.randn(steps, 16, generator=generator))


def measured(browser: Browser, folder: Path, size: tuple[int, int, int]) -> Measured:
    trace = trace_of(*size)
    start = time.perf_counter()
    stage = rnnviz.stage(trace)
    stage.to_dict()
    made = 1000 * (time.perf_counter() - start)
    file = folder / f"{size[0]}.html"
    stage.save(str(file), inline=True)
    drawn = []
    for _ in range(3):
        with visit(browser, file.as_uri(), wait=False) as seen:
            drawn.append(float(seen.page.evaluate(DRAWN)))
            seen.page.wait_for_timeout(1000)
            painted = median(key_to_paint(seen.page, walk(STEPS, 20)))
    return Measured(made, median(drawn), painted)


def measure() -> Iterator[Row]:
    rnnviz.stage(trace_of(2, 2, 2)).to_dict()  # what every stage shares is made once
    with chromium() as browser, TemporaryDirectory() as folder:
        small = measured(browser, Path(folder), ORDINARY)
        large = measured(browser, Path(folder), LARGE)
    what = "{} of the stage of 1,024 units, 2,000 steps, 4 layers"
    plain = "24 units, 20 steps, 4 layers"
    yield promise(
        what.format("opening"), (large.made + large.drawn) / (small.made + small.drawn), "times", MOST_TO_OPEN
    )
    yield Row(what.format("making the tables"), large.made, "ms", plain, small.made)
    yield Row(what.format("drawing the file"), large.drawn, "ms", plain, small.drawn)
    yield promise(what.format("stepping"), large.painted / small.painted, "times", MOST_TO_STEP)
    yield Row(what.format("key to paint"), large.painted, "ms", plain, small.painted)
