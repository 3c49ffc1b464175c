"""What a run leaves behind: a snapshot of every iteration, thinned as it ages, so that its memory is bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.core import archive
from rnnviz.training.config import CHANGEABLE, Config
from rnnviz.training.flow import Theory
from rnnviz.training.model import Parameters
from rnnviz.training.rows import Array, Row

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Measured every `EVALUATE_EVERY` iterations on a fixed sample that training never sees, before the update.

    loss, score: of the sample.     outputs: for its first sequence, (n, output_size), where the loss enters.
    mean_h: mean |h| per layer.     saturated: per layer, the share of activations that are so (`core.terms`). Both
        over the sample's first `STATISTICS` sequences.
    radius: spectral radius of each gate's `W_h*`, by name, as `0.W_hf` (layer 0).
    """

    loss: float
    score: float
    outputs: Array
    mean_h: tuple[float, ...]
    saturated: tuple[float, ...]
    radius: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One iteration. All is measured on the weights before its update.

    iteration: from 1.     loss, score: of its batch; loss in nats or mean squared error, score as the task says.
    learning_rate: that its update used.
    norm: 2-norm of the whole gradient.     clipped: whether clipping changed it.
    cut: norm(full - truncated) / norm(full) of the recurrent weights' gradient; None if not measured.
    theory: per layer, how steep the flow must be; None if not measured.
    unseen: None if not evaluated.
    stopped: why training stopped by itself at this iteration, else empty. Its update was not made.
    row: of the heatmap; None if not watched.
    """

    iteration: int
    loss: float
    score: float
    learning_rate: float
    norm: float
    clipped: bool
    cut: float | None = None
    theory: tuple[Theory, ...] | None = None
    unseen: Evaluation | None = field(default=None, repr=False)
    stopped: str = ""
    row: Row | None = field(default=None, repr=False)

    @property
    def flow(self) -> Mapping[str, Array] | None:
        """By state (`h`, and `c` of an LSTM), (L, T): log10 of the norm of the total gradient of the loss with respect
        to the state after step k, as `rnnviz.training.flow` defines it; -inf is exact zero. None if not watched."""
        return None if self.row is None else self.row.norms.flow

    @property
    def before(self) -> Array | None:
        """2-norm per block, before clipping, in the order of `Trainer.blocks`; None if not watched."""
        return None if self.row is None else self.row.norms.before

    @property
    def after(self) -> Array | None:
        """The same after clipping."""
        return None if self.row is None else self.row.norms.after


class Thinned(Generic[T]):
    """The latest `recent` items, and of the older ones every 2^j-th, the smallest j that keeps at most `older`.

    What is kept depends on how many were put in and on nothing else; the first item always is.
    """

    def __init__(self, recent: int, older: int) -> None:
        self._recent: deque[tuple[int, T]] = deque()
        self._older: list[tuple[int, T]] = []
        self._limits = recent, older
        self._count, self._stride = 0, 1

    def append(self, item: T) -> None:
        recent, older = self._limits
        self._recent.append((self._count, item))
        self._count += 1
        if len(self._recent) > recent:
            place, old = self._recent.popleft()
            if place % self._stride == 0:
                self._older.append((place, old))
        while len(self._older) > older:
            self._stride *= 2
            self._older = [entry for entry in self._older if entry[0] % self._stride == 0]

    def __iter__(self) -> Iterator[T]:
        # A copy: a page reads while a worker appends.
        return iter([item for _, item in (*self._older.copy(), *self._recent.copy())])

    def __len__(self) -> int:
        return len(self._older) + len(self._recent)


SNAPSHOTS = 1000, 400  # the latest, and older ones
ROWS = 200, 200  # of the heatmap
WEIGHTS_BYTES = 8 * 2**20
LEAST_WEIGHTS = 8


class History:
    """What is kept of a run. All three series are `Thinned`: they depend on the iterations done, and on nothing else.

    config: as it started.     changes: what replaced it, each with the first iteration that it holds for.
    snapshots: of every iteration, for the curves.
    rows: the snapshots in which the flow was measured: the heatmap, top to bottom.
    weights: (iteration, the weights before its update, one after the other): those of the rows, as far as they fit
        into `WEIGHTS_BYTES`, or about `LEAST_WEIGHTS` of them.
    """

    def __init__(self, config: Config, blocks: tuple[str, ...]) -> None:
        self.config, self.blocks = config, blocks
        self.changes: dict[int, Config] = {}
        self.snapshots: Thinned[Snapshot] = Thinned(*SNAPSHOTS)
        self.rows: Thinned[Snapshot] = Thinned(*ROWS)
        self.weights: Thinned[tuple[int, Tensor]] | None = None
        self._shapes: dict[str, torch.Size] = {}

    def append(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        if snapshot.row is not None:
            self.rows.append(snapshot)

    @torch.no_grad()
    def keep(self, iteration: int, weights: Mapping[str, Tensor]) -> None:
        """Keep a copy of the model's weights as they are before this iteration's update."""
        vector = torch.cat([weight.flatten() for weight in weights.values()])
        if self.weights is None:
            self._shapes = {name: weight.shape for name, weight in weights.items()}
            most = max(WEIGHTS_BYTES // vector.nbytes, LEAST_WEIGHTS) // 2
            self.weights = Thinned(*(min(most, rows) for rows in ROWS))
        self.weights.append((iteration, vector))

    @property
    def kept(self) -> dict[int, Parameters]:
        """Parameters by iteration, to be put into a model by `TaskModel.load`."""
        return {iteration: self._by_name(weights) for iteration, weights in self.weights or ()}

    def nearest(self, iteration: int) -> tuple[int, Parameters]:
        """The kept weights that are nearest, and their iteration. Raises `LookupError` where none are kept yet."""
        if self.weights is None:
            raise LookupError("no weights are kept yet; accepted: a run of at least one iteration")
        at, weights = min(self.weights, key=lambda entry: abs(entry[0] - iteration))
        return at, self._by_name(weights)

    def _by_name(self, weights: Tensor) -> Parameters:
        parts = weights.split([shape.numel() for shape in self._shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self._shapes.items(), parts, strict=True)}

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """All of it under plain names.

        `iteration`, `loss`, `score`, `learning_rate`, `norm`, `clipped`, `cut`: per snapshot, (n,); NaN where not
            measured.     `unseen.iteration`, `unseen.loss`, `unseen.score`, `unseen.outputs`: per evaluation.
        `row.iteration`, `row.h`, `row.c` (rows, L, T), `row.before`, `row.after` (rows, blocks). Where a loss enters at
            several steps, row.last_h and row.last_c (rows, L, T): of the last one alone.
        `weights.iteration` and `weights.NAME`, (kept, ...).
        """
        snapshots, rows, sets = list(self.snapshots), list(self.rows), self.kept
        columns = {name: np.array([getattr(s, name) for s in snapshots]) for name in ("iteration", "clipped")}
        for name in ("loss", "score", "learning_rate", "norm"):
            columns[name] = np.array([getattr(s, name) for s in snapshots], float)  # a learning rate of 1 too
        columns["cut"] = np.array([np.nan if s.cut is None else s.cut for s in snapshots])
        evaluations = [(s.iteration, s.unseen) for s in snapshots if s.unseen is not None]
        columns["unseen.iteration"] = np.array([iteration for iteration, _ in evaluations])
        for name in ("loss", "score", "outputs"):
            columns[f"unseen.{name}"] = np.array([getattr(unseen, name) for _, unseen in evaluations])
        columns["row.iteration"] = np.array([s.iteration for s in rows])
        for name in ("before", "after"):
            columns[f"row.{name}"] = np.array([getattr(s, name) for s in rows])
        norms = [s.row.norms for s in rows if s.row is not None]
        for state in norms[0].flow if norms else ():
            columns[f"row.{state}"] = np.array([row.flow[state] for row in norms])
            if norms[0].last is not norms[0].flow:
                columns[f"row.last_{state}"] = np.array([row.last[state] for row in norms])
        columns["weights.iteration"] = np.array(list(sets))
        for name in next(iter(sets.values()), {}):
            columns[f"weights.{name}"] = torch.stack([weights[name] for weights in sets.values()]).numpy()
        return columns

    def save(self, file: archive.File) -> None:
        """Write `arrays` as an NPZ under exactly this name, and `about` as JSON: config, blocks, why it stopped, and
        of each change the settings that can change, as they are from then on (a default is left out)."""
        last = list(self.snapshots)[-1:]
        changes = {iteration: config.to_text() for iteration, config in self.changes.items()}
        about = {
            "config": self.config.to_text(),
            "changes": {
                iteration: {name: value for name, value in text.items() if name in CHANGEABLE}
                for iteration, text in changes.items()
            },
            "blocks": self.blocks,
            "stopped": last[0].stopped if last else "",
        }
        archive.write(file, about, self.arrays())
