"""What can be seen of a run at one moment: numbers only, which no later iteration changes. Needs no torch to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.training.config import Config

if TYPE_CHECKING:
    from rnnviz.training.history import Snapshot
    from rnnviz.training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class View:
    """One run at one moment.

    config: its present settings.     started: those it started with.     changes: what replaced them, each with the
        first iteration that it holds for.
    steps: T, the time steps of a sequence.     loss_from: the first (from 0) that a
        loss enters.
    baseline, chance: loss and score of the evaluated sample without memory.     loss: "mse" or "cross entropy".
    outputs: the name of each output or class.     truth: what the sample's first sequence asks for at the last
        n steps: (n,) numbers, or class numbers, -1 where it has ended.
    blocks: names of what `Snapshot.before` and `after` are about.
    snapshots, rows: as `History` keeps them, oldest first; rows have a flow.
    iteration, iterations: how far it is, and how far it goes at the most.
    stopped: why it stopped by itself, else empty.
    """

    config: Config
    started: Config
    changes: Mapping[int, Config]
    steps: int
    loss_from: int
    baseline: float
    chance: float
    loss: str
    outputs: tuple[str, ...]
    truth: NDArray[np.generic]
    blocks: tuple[str, ...]
    snapshots: tuple[Snapshot, ...] = field(repr=False)
    rows: tuple[Snapshot, ...] = field(repr=False)
    iteration: int
    iterations: int
    stopped: str


def view(trainer: Trainer) -> View:
    """The run as it is now. In a pool: while its job is being read."""
    task, length = trainer.task, trainer.config.length
    truth = trainer.unseen.y[:, 0].numpy()
    return View(
        config=trainer.config,
        started=trainer.started,
        changes=dict(trainer.history.changes),
        steps=task.steps(length),
        loss_from=task.loss_from(length),
        baseline=trainer.baseline,
        chance=trainer.chance,
        loss=task.loss,
        outputs=task.outputs,
        truth=truth[:, 0] if task.loss == "mse" else truth,
        blocks=trainer.blocks,
        snapshots=tuple(trainer.history.snapshots),
        rows=tuple(trainer.history.rows),
        iteration=trainer.iteration,
        iterations=trainer.iterations,
        stopped=trainer.last.stopped if trainer.last else "",
    )


def to_csv(views: Sequence[View]) -> str:
    """One line per kept iteration of each run, `run` from 1; empty where nothing was measured."""
    lines = ["run,iteration,loss,score,learning_rate,norm,clipped,cut,unseen_loss,unseen_score"]
    for run, shown in enumerate(views, 1):
        for s in shown.snapshots:
            unseen = (s.unseen.loss, s.unseen.score) if s.unseen else ("", "")
            cut = "" if s.cut is None else s.cut
            row = (run, s.iteration, s.loss, s.score, s.learning_rate, s.norm, int(s.clipped), cut, *unseen)
            lines.append(",".join(map(str, row)))
    return "\n".join(lines) + "\n"
