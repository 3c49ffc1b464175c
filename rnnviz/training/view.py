"""What can be seen of a run at one moment: plain arrays, which can be sent elsewhere and need no torch to be read.

    seen = view(trainer)
    seen.rows.flow["h"][-1, 0]      # log10 of the norm at each step, of the newest row and the first layer

All that a page, a chart or another machine gets of a run is a `RunView`. It is made where the run is; nothing is
computed when it is read, and no later iteration changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rnnviz.core.cells import CELLS
from rnnviz.training.config import Config

if TYPE_CHECKING:
    from rnnviz.training.history import Snapshot
    from rnnviz.training.rows import Norms
    from rnnviz.training.trainer import Trainer

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """Some of a run's iterations, oldest first; its length is their number n."""

    iteration: NDArray[np.int_]  # (n,), from 1

    def __len__(self) -> int:
        return len(self.iteration)


@dataclass(frozen=True, eq=False)
class Curves(Table):
    """Every iteration that is kept, measured on the weights before its update."""

    loss: Array  # (n,), of its batch: nats, or mean squared error
    score: Array  # (n,), of its batch, as the task says
    learning_rate: Array  # (n,), that its update used
    norm: Array  # (n,), 2-norm of the whole gradient before clipping
    clipped: NDArray[np.bool_]  # (n,), whether clipping changed the gradient
    cut: Array  # (n,), norm(full - truncated) / norm(full) of the recurrent weights' gradient; NaN if not measured


@dataclass(frozen=True, eq=False)
class Evaluations(Table):
    """The kept iterations in which the model was evaluated on the unseen sample, as `Evaluation` says."""

    loss: Array  # (n,), of the sample
    score: Array  # (n,), of the sample
    outputs: Array  # (n, asked steps, output_size), for the sample's first sequence
    mean_h: Array  # (n, L), mean |h| of each layer
    saturated: Array  # (n, L), share of each layer's activations that are saturated
    radius: Mapping[str, Array]  # by the name of a gate's weights, `0.W_hf` (layer 0): (n,), spectral radius


@dataclass(frozen=True, eq=False)
class Theories(Table):
    """The kept iterations in which the Jacobians were measured, as `rnnviz.training.flow.Theory` says."""

    growth: Array  # (n, L), decades per step
    bound: Array  # (n, L), decades per step


@dataclass(frozen=True, eq=False)
class Rows(Table):
    """The kept iterations in which the gradient's flow was measured: the heatmap, top to bottom."""

    loss: Array  # (n,), of its batch
    flow: Mapping[str, Array]  # by state (h, and c of an LSTM): (n, L, T), log10 of the norm; -inf is exact zero
    last: Mapping[str, Array]  # the same of the last loss of each sequence alone; `flow` itself where there is no other
    before: Array  # (n, blocks), 2-norm of each block's gradient before clipping
    after: Array  # (n, blocks), the same after clipping


@dataclass(frozen=True, eq=False)
class RunView:
    """One run at one moment."""

    config: Config  # its present settings
    started: Config  # those it started with
    changes: Mapping[int, Config]  # what replaced them, by the first iteration that each holds for
    steps: int  # T, the time steps of a sequence
    loss_from: int  # the first step (from 0) that a loss enters
    baseline: float  # loss of the unseen sample without memory
    chance: float  # its score without memory
    loss: str  # "mse" or "cross entropy"
    outputs: tuple[str, ...]  # the name of each output or class
    read: tuple[str, ...]  # (T,), what the sample's first sequence is, step by step
    values: Array  # (T,), the number that each of its steps brings; empty for a task that reads kinds
    counts: NDArray[np.bool_]  # (T,), its steps that decide what is asked; none where no few of them do
    truth: NDArray[np.generic]  # (n,), what the sample's first sequence asks for at its last n steps: numbers, or
    # class numbers, -1 where it has ended
    blocks: tuple[str, ...]  # names of what `Rows.before` and `after` are about
    iteration: int  # how far it is
    iterations: int  # how far it goes at the most
    stopped: str  # why it stopped by itself, else empty
    curves: Curves = field(repr=False)
    evaluations: Evaluations = field(repr=False)
    theories: Theories = field(repr=False)
    rows: Rows = field(repr=False)
    watched: bool = False  # whether it is somebody's own loop, of which no task, baseline and sample are known

    @property
    def several_losses(self) -> bool:
        """Whether a loss enters at more than one step, so that a row is of all of them or of the last alone."""
        return self.loss_from < self.steps - 1


def view(trainer: Trainer) -> RunView:
    """The run as it is now. In a pool: while its job is being read."""
    return capture(trainer)()


def capture(trainer: Trainer) -> Callable[[], RunView]:
    """Take hold of the run as it is now, in passing; the arrays are made where the result is called, which may be
    beside a worker that goes on."""
    task, config, history = trainer.task, trainer.config, trainer.history
    changes, iteration = dict(history.changes), trainer.iteration
    stopped = trainer.last.stopped if trainer.last else ""
    snapshots, rows = tuple(history.snapshots), tuple(history.rows)

    def made() -> RunView:
        steps, loss_from = task.steps(config.length), task.loss_from(config.length)
        from rnnviz.tasks.task import named

        truth, read = trainer.unseen.y[:, 0].numpy(), trainer.unseen.x[:, 0]
        measured = [(snapshot, snapshot.row.norms) for snapshot in rows if snapshot.row is not None]
        counts = task.counts(read).numpy() if task.counts else np.zeros(steps, bool)
        return RunView(
            config=config,
            started=trainer.started,
            changes=changes,
            steps=steps,
            loss_from=loss_from,
            baseline=trainer.baseline,
            chance=trainer.chance,
            loss=task.loss,
            outputs=task.outputs,
            read=named(read, task.inputs),
            values=np.zeros(0) if len(task.inputs) > 2 else read[:, 0].double().numpy(),
            counts=counts,
            truth=(truth[:, 0] if task.loss == "mse" else truth).copy(),
            blocks=trainer.blocks,
            iteration=iteration,
            iterations=trainer.iterations,
            stopped=stopped,
            curves=curves(snapshots),
            evaluations=_evaluations(snapshots, config.num_layers, steps - loss_from, len(task.outputs)),
            theories=_theories(snapshots, config.num_layers),
            rows=rows_of(measured, CELLS[config.cell].states, config.num_layers, steps, len(trainer.blocks)),
        )

    return made


def _array(values: Sequence[object], *shape: int) -> Array:
    """(number of values, *shape), also of none."""
    return np.array(values, float).reshape(len(values), *shape)


def _iterations(snapshots: Sequence[Snapshot]) -> NDArray[np.int_]:
    return np.array([s.iteration for s in snapshots], int)


def curves(snapshots: Sequence[Snapshot]) -> Curves:
    return Curves(
        iteration=_iterations(snapshots),
        loss=_array([s.loss for s in snapshots]),
        score=_array([s.score for s in snapshots]),
        learning_rate=_array([s.learning_rate for s in snapshots]),
        norm=_array([s.norm for s in snapshots]),
        clipped=np.array([s.clipped for s in snapshots], bool),
        cut=_array([np.nan if s.cut is None else s.cut for s in snapshots]),
    )


def _evaluations(snapshots: Sequence[Snapshot], layers: int, question_count: int, outputs: int) -> Evaluations:
    """question_count: steps at which the task asks.     outputs: of the model at each."""
    evaluations = [s for s in snapshots if s.unseen is not None]
    unseen = [s.unseen for s in evaluations if s.unseen is not None]
    return Evaluations(
        iteration=_iterations(evaluations),
        loss=_array([one.loss for one in unseen]),
        score=_array([one.score for one in unseen]),
        outputs=_array([one.outputs for one in unseen], question_count, outputs),
        mean_h=_array([one.mean_h for one in unseen], layers),
        saturated=_array([one.saturated for one in unseen], layers),
        radius={name: _array([one.radius[name] for one in unseen]) for name in (unseen[0].radius if unseen else ())},
    )


def _theories(snapshots: Sequence[Snapshot], layers: int) -> Theories:
    theories = [(s, s.theory) for s in snapshots if s.theory is not None]
    return Theories(
        iteration=_iterations([s for s, _ in theories]),
        growth=_array([[layer.growth for layer in theory] for _, theory in theories], layers),
        bound=_array([[layer.bound for layer in theory] for _, theory in theories], layers),
    )


def rows_of(
    measured: Sequence[tuple[Snapshot, Norms]], states: Sequence[str], layers: int, steps: int, blocks: int
) -> Rows:
    """measured: the snapshots with a row, each with it.     states: of the cell.     blocks: how many there are."""
    norms = [row for _, row in measured]
    flow = {state: _array([row.flow[state] for row in norms], layers, steps) for state in states}
    alone = any(row.last is not row.flow for row in norms)
    return Rows(
        iteration=_iterations([s for s, _ in measured]),
        loss=_array([s.loss for s, _ in measured]),
        flow=flow,
        last={state: _array([row.last[state] for row in norms], layers, steps) for state in states} if alone else flow,
        before=_array([row.before for row in norms], blocks),
        after=_array([row.after for row in norms], blocks),
    )


def to_csv(views: Sequence[RunView]) -> str:
    """One line per kept iteration of each run, `run` from 1; empty where nothing was measured."""
    lines = ["run,iteration,loss,score,learning_rate,norm,clipped,cut,unseen_loss,unseen_score"]
    for run, view in enumerate(views, 1):
        curves, unseen = view.curves, view.evaluations
        scores = zip(unseen.loss.tolist(), unseen.score.tolist(), strict=True)
        by_iteration = dict(zip(unseen.iteration.tolist(), scores, strict=True))
        cut = ["" if share != share else share for share in curves.cut.tolist()]
        columns = (
            curves.iteration,
            curves.loss,
            curves.score,
            curves.learning_rate,
            curves.norm,
            curves.clipped.astype(int),
        )
        for *numbers, share in zip(*(column.tolist() for column in columns), cut, strict=True):
            lines.append(",".join(map(str, (run, *numbers, share, *by_iteration.get(numbers[0], ("", ""))))))
    return "\n".join(lines) + "\n"
