"""What watching the gradient costs while a model trains: iterations with the flow on and off, interleaved.

With the flow on a second thread makes a view of it, every row measured, five times a second, as the page does. Where
nobody asks, the run measures its rows itself: the row "on its own" is what a notebook sees, on one core.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from statistics import median

import torch
from torch import nn

from benchmarks.row import Row
from rnnviz.training import Config, Trainer
from rnnviz.training.trainer import batch_generator
from rnnviz.training.view import view

LEAST_SHARE = 0.9
SLICES, SLICE = 30, 20  # SLICE iterations of one, then of the other, SLICES times


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    for task, cell in product(("adding", "sine"), ("rnn", "lstm", "gru")):
        config = Config(task=task, cell=cell, hidden_size=32, batch_size=32, length=50, clipping="norm")
        watching, alone = Trainer(config), Trainer(config)
        runs = {
            "on": watching.advance,
            "off": Trainer(config, watched=False).advance,
            "alone": alone.advance,
            "bare": plain(config).__next__,
        }
        speed: dict[str, list[float]] = {name: [] for name in runs}
        with asking(watching):
            for _ in range(SLICES):
                for name, run in runs.items():
                    start = time.perf_counter()
                    for _ in range(SLICE):
                        run()
                    speed[name].append(SLICE / (time.perf_counter() - start))
        on, off, own, bare = (median(speed[name]) for name in runs)
        what = f"{cell}: train, {task}, T = 50, batch 32, hidden 32, a row every iteration"
        # A promise is an upper limit, so it is held in milliseconds per iteration.
        yield Row(what, 1000 / on, "ms", f"flow off / {LEAST_SHARE}", 1000 / off / LEAST_SHARE, promise=True)
        yield Row(what, 1000 / on, "ms", "a bare PyTorch loop", 1000 / bare)
        yield Row(f"{what}, on its own", 1000 / own, "ms", "flow off", 1000 / off)


@contextmanager
def asking(trainer: Trainer) -> Iterator[None]:
    """Meanwhile another thread looks at all of it, as often as the page draws."""
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.2):
            view(trainer)

    thread = threading.Thread(target=ask)
    thread.start()
    yield
    done.set()
    thread.join()


def plain(config: Config) -> Iterator[None]:
    """The same loop as a PyTorch user writes it, on the same batches, with nothing watching."""
    trainer = Trainer(config)
    task, model = trainer.task, trainer.model
    parameters = [weight for _, weight in model.named()]
    adam = torch.optim.Adam(parameters, config.learning_rate)
    iteration = 0
    while True:
        iteration += 1
        batch = task.batch(batch_generator(config.seed, iteration), config.batch_size, config.length)
        h, _ = model.rnn(batch.x)
        loss = task.criterion(model.read_out(h[-len(batch.y) :]), batch.y)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, config.clip_at)
        adam.step()
        loss.item()
        yield
