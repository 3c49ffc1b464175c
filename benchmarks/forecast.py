"""The lesson on forecasts: a visitor's own series of the largest size from its text to the skill that is shown, and a
window that is moved until it is painted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

import numpy as np
import torch

from benchmarks.row import Row, promise
from benchmarks.stepping import key_to_paint, p95
from rnnviz.core.forecast import Walk, naive, origins
from rnnviz.tasks.catalogue import SERIES
from rnnviz.tasks.series.catalogue import split_of
from rnnviz.tasks.series.kept import keep
from rnnviz.tasks.series.own import LONGEST, read
from rnnviz.tasks.series.setup import Setup
from rnnviz.training import Config, Trainer
from rnnviz.training.forecast import forecaster
from tests.browser.harness import chromium, leave_fields, link, serve, settle, visit

WINDOW, HORIZON, ITERATIONS, ORIGINS = 32, 24, 400, 200
OWN_LIMIT, MOVED_LIMIT = 60.0, 150.0  # s, ms
MOVES = 60


def own() -> tuple[float, float]:
    """Seconds from a pasted text of the largest size to the skill of a trained GRU of 24 units; and that skill."""
    draw, t = np.random.default_rng(0), np.arange(LONGEST)
    values = 20 + 5 * np.sin(2 * np.pi * t / 24) + draw.normal(size=LONGEST)
    text = "\n".join(f"{value:.4f}" for value in values)
    start = time.perf_counter()
    series = read(text).series
    setup = Setup(keep(series), WINDOW, HORIZON)
    config = Config(
        task=SERIES,
        text=setup.to_text(),
        cell="gru",
        hidden_size=24,
        length=WINDOW,
        learning_rate=0.01,
        clipping="norm",
    )
    trainer = Trainer(config, iterations=ITERATIONS, watched=False)
    while not trainer.finished:
        trainer.advance()
    split = split_of(series)
    places = origins(LONGEST, split, HORIZON, ORIGINS)
    forecasts = {"network": forecaster(config, trainer.model.keep())(series.values, places, HORIZON)}
    plain = naive(series.values, places, HORIZON, WINDOW, series.period)
    walk = Walk(series.values, split, WINDOW, series.period, places, {**forecasts, **plain})
    return time.perf_counter() - start, walk.skill("network", HORIZON)


def moved() -> tuple[list[float], int]:
    """Milliseconds from a press that moves the window to its paint, and how many frames were sent meanwhile."""
    address = link("/forecast", lang="en", series="temperature", window=WINDOW, horizon=HORIZON, hide="question")
    with chromium() as browser, serve() as server, visit(browser, server.url(address), wait=False) as seen:
        seen.page.wait_for_selector("g.whereabouts_marks text", state="attached")
        settle(seen.page)
        leave_fields(seen.page)
        before = len(seen.frames_sent)
        times = key_to_paint(seen.page, ["."] * MOVES, "g.whereabouts_marks text")
        return times, len(seen.frames_sent) - before


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    seconds, skill = own()
    yield promise(
        f"forecast, {LONGEST} pasted values to the skill of a trained GRU ({skill:.2f})", seconds, "s", OWN_LIMIT
    )
    times, sent = moved()
    what = f"forecast, a window of {WINDOW} moved over {ORIGINS} origins to its paint, {MOVES} times"
    yield promise(f"{what}: median", median(times), "ms", MOVED_LIMIT)
    yield promise(f"{what}: 95th percentile", p95(times), "ms", MOVED_LIMIT)
    yield promise(f"{what}: frames sent", sent, "frames", 0)
