"""What can be seen of a watched loop: a `RunView`, without what only a `Trainer` knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np

from rnnviz.core.cells import CELLS
from rnnviz.training.config import Config
from rnnviz.training.history import Snapshot
from rnnviz.training.rows import Norms
from rnnviz.training.view import Evaluations, RunView, Theories, curves, rows_of


@dataclass(frozen=True)
class WatchedConfig(Config):
    """As far as it is known: cell, units and layers; and whether gradients were clipped, not at what. Of any size."""

    def __post_init__(self) -> None:
        """Nothing is refused: it has run."""


def watched_view(
    cell: str,
    hidden_size: int,
    layers: int,
    blocks: tuple[str, ...],
    snapshots: Sequence[Snapshot],
    rows: Sequence[Snapshot],
    loss_from: Callable[[], int | None],
) -> RunView:
    """One part of a watched model.

    cell: its name.     layers: rows of `Trace`'s first axis.     blocks: what `before` and `after` are about.
    rows: the snapshots with a row of this part.     loss_from: as `Replays` has it, once the rows are measured.
    """
    config = WatchedConfig(
        task="",
        cell=cell,
        hidden_size=hidden_size,
        num_layers=layers,
        length=1,
        clipping="value" if any(snapshot.clipped for snapshot in snapshots) else "none",
    )
    measured = [(snapshot, snapshot.row.norms) for snapshot in rows if snapshot.row is not None]
    steps = max((flow.shape[1] for _, norms in measured for flow in norms.flow.values()), default=1)
    whole = [(snapshot, _filled(norms, steps)) for snapshot, norms in measured]
    losses = [snapshot.loss for snapshot in snapshots if isfinite(snapshot.loss) and snapshot.loss > 0]
    none, count = np.zeros(0), len(snapshots)
    iterations = np.zeros(0, int)
    return RunView(
        config=config,
        started=config,
        changes={},
        steps=steps,
        loss_from=loss_from() or 0,
        baseline=losses[0] if losses else 1.0,
        chance=0.0,
        loss="cross entropy",
        outputs=(),
        read=(),
        values=none,
        counts=np.zeros(steps, bool),
        truth=np.zeros(0, int),
        blocks=blocks,
        iteration=snapshots[-1].iteration if count else 0,
        iterations=snapshots[-1].iteration if count else 0,
        stopped="",
        curves=curves(snapshots),
        evaluations=Evaluations(
            iterations, none, none, np.zeros((0, 0, 0)), np.zeros((0, layers)), np.zeros((0, layers)), {}
        ),
        theories=Theories(iterations, np.zeros((0, layers)), np.zeros((0, layers))),
        rows=rows_of(whole, CELLS[cell].states, layers, steps, len(blocks)),
        watched=True,
    )


def _filled(norms: Norms, steps: int) -> Norms:
    """After the end of a shorter sequence nothing flows: exact zero."""
    flow = {
        name: np.pad(table, ((0, 0), (0, steps - table.shape[1])), constant_values=-inf)
        for name, table in norms.flow.items()
    }
    return norms._replace(flow=flow, last=flow)
