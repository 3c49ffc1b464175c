"""Trains one small model, an iteration at a time, and tells what happened in each.

    for snapshot in Trainer(Config(task="adding", cell="lstm", forget_bias=1.0), iterations=500):
        print(snapshot.iteration, snapshot.loss)

A trainer is a job for a pool of workers: `advance()` does one iteration, `finished` says when there is no more to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf, isfinite
from zlib import crc32

import torch
from torch import Generator, Tensor

from rnnviz.core.refusal import required
from rnnviz.tasks.catalogue import task_of
from rnnviz.tasks.task import PADDING, Batch
from rnnviz.training import backwards, flow
from rnnviz.training.config import CHANGEABLE, OPTIMISERS, Config
from rnnviz.training.history import Evaluation, History, Snapshot
from rnnviz.training.model import TaskModel, blocks, build, spectral_radius
from rnnviz.training.rows import RowQueue

MOST_ITERATIONS = 100_000
EVALUATE_EVERY = 25
THEORY_EVERY = 200
CUT_EVERY = 25  # costs one more forward and backward pass, so a twenty-fifth of the speed
UNSEEN = 100  # sequences in the sample that is evaluated
STATISTICS = 16  # sequences of it whose states are summed up


def batch_generator(seed: int, iteration: int) -> Generator:
    """The source of one batch: it depends on nothing else, so two runs of a seed read the same batches."""
    return Generator().manual_seed(crc32(f"{seed} {iteration}".encode()))


class Trainer:
    """A training run and its present state.

    config: what is trained; `change` replaces its learning rate and clipping while it runs.     started: as it began.
    iterations: after how many it is finished, at most `MOST_ITERATIONS`.
    watched: whether the flow is measured; if not, no gradient is but the norm of the whole. The curve is the same.

    After that: iteration, how many are done.     last: the `Snapshot` of the latest.     history: the `History`.
    task, model: what is learned, and the `Model` that learns it.     unseen: the `Batch` that it is evaluated on.
    baseline, chance: loss and score of a model without memory on that sample.     blocks: what its norms are about.

    Raises `ValueError` for a number outside its bounds and for a length that the task does not accept, `TypeError` for
    a config that is none.
    """

    def __init__(self, config: Config, *, iterations: int = 10_000, watched: bool = True) -> None:
        required(config, Config, "config", "a rnnviz.training.Config")
        if not isinstance(iterations, int):
            raise TypeError(f"iterations is {iterations!r}; accepted: a whole number")
        if not 1 <= iterations <= MOST_ITERATIONS:
            raise ValueError(f"iterations is {iterations}; accepted: 1 to {MOST_ITERATIONS}")
        self.task = task_of(config.task, config.text)
        self.iterations = iterations
        self.watched = watched
        self.started = config
        self.unseen = self.task.batch(batch_generator(config.seed, -1), UNSEEN, config.length, unseen=True)
        # What its loss and score are to be held against: those of a model without memory, on the same sample.
        self.baseline, self.chance = self.task.without_memory(
            batch_generator(config.seed, -2), self.unseen, config.length
        )
        self.reset()

    def reset(self) -> None:
        """Back to the start, and to the settings it started with: the same curve follows, bit for bit."""
        self.config = self.started
        self.model = build(self.config, self.task.input_size, self.task.output_size)
        self._weights = dict(self.model.named())
        self._parameters = list(self._weights.values())
        self._optimiser = _optimiser(self.config, self._parameters)
        self.iteration = 0
        self.last: Snapshot | None = None
        # The gradient of all parameters, one after the other; that of each is a part of it.
        self._gradient = torch.zeros(sum(weight.numel() for weight in self._parameters))
        parts = self._gradient.split([weight.numel() for weight in self._parameters])
        for weight, part in zip(self._parameters, parts, strict=True):
            weight.grad = part.view_as(weight)
        blocks = block_sizes(self.model)
        self.blocks = tuple(blocks)
        self._queue = RowQueue(tuple(blocks.values()))
        self.history = History(self.config, self.blocks)

    @property
    def finished(self) -> bool:
        return self.iteration >= self.iterations or bool(self.last and self.last.stopped)

    def __iter__(self) -> Iterator[Snapshot]:
        while not self.finished:
            self.advance()
            assert self.last is not None
            yield self.last

    def change(self, **settings: float | str) -> None:
        """Set `learning_rate`, `clipping` or `clip_at` from the next iteration on. Raises `ValueError` for others."""
        if unknown := sorted(settings.keys() - set(CHANGEABLE)):
            raise ValueError(f"{', '.join(unknown)} cannot change in a run; accepted: {', '.join(CHANGEABLE)}")
        config = replace(self.config, **settings)  # type: ignore[arg-type]  # the config checks them
        if config == self.config:
            return
        self.config = config
        self.history.changes[self.iteration + 1] = config
        for group in self._optimiser.param_groups:
            group["lr"] = self.config.learning_rate

    def advance(self) -> None:
        """One iteration: a batch, its loss, the gradient, an update. Does nothing once finished."""
        if self.finished:
            return
        self.iteration += 1
        config, model = self.config, self.model
        batch = self.batch(self.iteration)
        unseen = self.evaluate() if self._due(EVALUATE_EVERY) else None
        theory = flow.theory(model, self.unseen.x[:, 0]) if self.watched and self._due(THEORY_EVERY) else None
        full = self._full_gradient(batch) if self.watched and config.truncation and self._due(CUT_EVERY) else None
        if self.watched:
            self.history.keep(self.iteration, self._weights)
        taps: list[list[flow.Tap]] | None = [[] for _ in range(config.num_layers)] if self.watched else None
        outputs, loss = self._loss(batch, config.truncation, taps)
        gradients = flow.gradient(loss, self._parameters, taps)
        torch.cat([part.flatten() for part in gradients], out=self._gradient)
        cut = None if full is None else _cut(full, model)
        norm = _norm(self._gradient)
        before = self._gradient.clone() if taps is not None else None
        clipped = self._clip(norm)
        row = None
        if taps is not None and before is not None:
            after = self._gradient.clone() if clipped else before
            ends = last_losses(batch) if len(batch.y) > 1 else None
            row = self._queue.add(backwards.raw(model.rnn, taps, ends), before, after)
        stopped = _divergence(loss.item(), norm)
        if not stopped:
            self._optimiser.step()
        self.last = Snapshot(
            iteration=self.iteration,
            loss=loss.item(),
            score=self.task.score(outputs.detach(), batch),
            learning_rate=config.learning_rate,
            norm=norm,
            clipped=clipped,
            row=row,
            cut=cut,
            theory=theory,
            unseen=unseen,
            stopped=stopped,
        )
        self.history.append(self.last)

    def batch(self, iteration: int) -> Batch:
        """What an iteration reads, whatever was read before."""
        config = self.config
        return self.task.batch(batch_generator(config.seed, iteration), config.batch_size, config.length)

    def _due(self, every: int) -> bool:
        return (self.iteration - 1) % every == 0

    def _loss(
        self, batch: Batch, truncation: int = 0, taps: list[list[flow.Tap]] | None = None
    ) -> tuple[Tensor, Tensor]:
        outputs = self._outputs(batch, truncation, taps)
        return outputs, self.task.criterion(outputs, batch.y)

    def _outputs(self, batch: Batch, truncation: int = 0, taps: list[list[flow.Tap]] | None = None) -> Tensor:
        h = flow.forward(self.model, batch.x, truncation, taps)
        return self.model.read_out(h[len(h) - len(batch.y) :])

    def _full_gradient(self, batch: Batch) -> list[Tensor]:
        """Of the recurrent weights, without truncation."""
        _, loss = self._loss(batch)
        return list(torch.autograd.grad(loss, list(self.model.rnn.parameters())))

    def _clip(self, norm: float) -> bool:
        """Clip the gradient, whose 2-norm is given; whether that changes it.

        As `torch.nn.utils.clip_grad_norm_` does it, but for a norm that float32 cannot hold, which that one takes for
        infinite.
        """
        config = self.config
        if config.clipping == "norm" and config.clip_at < norm < inf:
            self._gradient.mul_(config.clip_at / (norm + 1e-6))
            return True
        if config.clipping == "value" and bool(self._gradient.abs().max() > config.clip_at):
            self._gradient.clamp_(-config.clip_at, config.clip_at)
            return True
        return False

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """The present model on the unseen sample."""
        rnn, outputs = self.model.rnn, self._outputs(self.unseen)
        layers = flow.layers(self.model, self.unseen.x[:, :STATISTICS])
        return Evaluation(
            loss=float(self.task.criterion(outputs, self.unseen.y)),
            score=self.task.score(outputs, self.unseen),
            outputs=outputs[:, 0].double().numpy(),
            mean_h=tuple(float(states["h"].abs().mean()) for _, states in layers),
            saturated=tuple(flow.saturated(rnn, layer, x, states) for layer, (x, states) in enumerate(layers)),
            radius={
                f"{layer}.{name}": spectral_radius(W)
                for layer in range(rnn.num_layers)
                for name, W in blocks(rnn, layer).items()
                if name.startswith("W_h")
            },
        )


def last_losses(batch: Batch) -> Tensor:
    """(B,): the last step of each sequence that a loss enters; of a sequence without any the first."""
    steps = torch.arange(len(batch.x) - len(batch.y), len(batch.x))
    if batch.y.ndim > 2:
        return steps[-1:].expand(batch.y.shape[1])
    return (steps[:, None] * (batch.y != PADDING)).amax(0)


def block_sizes(model: TaskModel) -> dict[str, int]:
    """How many numbers each block of the parameters has, `0.W_xi` (layer 0) ... `W_hy`, `b_y`, in the order of
    `TaskModel.named`: what `Snapshot.before` and `after` are about."""
    sizes = {}
    for name, weight in model.rnn.named_parameters():
        torch_name, _, layer = name.rpartition("_l")
        parts = [part.name for part in model.cell.parameters if part.torch_name == torch_name]
        sizes.update({f"{layer}.{part}": weight.numel() // len(parts) for part in parts})
    return sizes | {"W_hy": model.W_hy.numel(), "b_y": model.b_y.numel()}


def _norm(numbers: Tensor) -> float:
    """In float64: neither 1e-23 nor 1e20, squared, is a float32."""
    return float(torch.linalg.vector_norm(numbers, dtype=torch.float64))


def _cut(full: list[Tensor], model: TaskModel) -> float:
    """Of the truncated gradient now in the recurrent weights: how much it lacks, as a share of the full one."""
    gradients = [p.grad for p in model.rnn.parameters() if p.grad is not None]
    whole, partial = (torch.cat([part.flatten() for part in parts]) for parts in (full, gradients))
    return _norm(whole - partial) / _norm(whole) if _norm(whole) else 0.0


def _divergence(loss: float, norm: float) -> str:
    if not isfinite(loss):
        return f"the loss is {loss}"
    return "" if isfinite(norm) else f"the gradient's norm is {norm}"


def _optimiser(config: Config, parameters: list[Tensor]) -> torch.optim.Optimizer:
    kind, settings = OPTIMISERS[config.optimiser]
    optimiser: torch.optim.Optimizer = getattr(torch.optim, kind)(parameters, lr=config.learning_rate, **settings)
    return optimiser
