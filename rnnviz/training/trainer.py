"""Trains one small model, an iteration at a time, and tells what happened in each.

    for snapshot in Trainer(Config(task="adding", cell="lstm", forget_bias=1.0), iterations=500):
        print(snapshot.iteration, snapshot.loss)

A trainer is a job for a pool of workers: `advance()` does one iteration, `finished` says when there is no more to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite
from zlib import crc32

import torch
from torch import Generator, Tensor, nn

from rnnviz.tasks.catalogue import task_of
from rnnviz.tasks.task import Batch
from rnnviz.training import flow
from rnnviz.training.config import Config
from rnnviz.training.history import Array, Evaluation, History, Snapshot
from rnnviz.training.model import Model, blocks, build, spectral_radius

MOST_ITERATIONS = 100_000
EVALUATE_EVERY = 25
THEORY_EVERY = 500
CUT_EVERY = 25  # costs one more forward and backward pass, so a twenty-fifth of the speed
UNSEEN = 100  # sequences in the sample that is evaluated
WEIGHTS_EVERY = 10
# How often the flow is measured by default, so that watching costs less than a tenth of the speed. A row of an RNN or
# GRU costs a fifth of an iteration or less, one of an LSTM, whose kernel is the fastest, as much as an iteration.
FLOW_EVERY = {"rnn": 3, "rnn_relu": 3, "gru": 2, "lstm": 20}


def batch_generator(seed: int, iteration: int) -> Generator:
    """The source of one batch: it depends on nothing else, so two runs of a seed read the same batches."""
    return Generator().manual_seed(crc32(f"{seed} {iteration}".encode()))


class Trainer:
    """A training run and its present state.

    config: what is trained; `change` replaces its learning rate and clipping while it runs.     started: as it began.
    iterations: after how many it is finished, at most `MOST_ITERATIONS`.
    flow_every: measure the flow at every so many iterations, from the first; 0 measures no gradient but its norm, and
        1 is right for single steps. None is `FLOW_EVERY`. The curve is the same whatever it is.

    Raises `ValueError` for a number outside its bounds and for a length that the task does not accept.
    """

    def __init__(self, config: Config, *, iterations: int = 10_000, flow_every: int | None = None) -> None:
        if not 1 <= iterations <= MOST_ITERATIONS:
            raise ValueError(f"iterations is {iterations}; accepted: 1 to {MOST_ITERATIONS}")
        self.task = task_of(config.task, config.text)
        self.iterations = iterations
        self.flow_every = FLOW_EVERY[config.cell] if flow_every is None else flow_every
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
        self._parameters = [weight for _, weight in self.model.named()]
        self._optimiser = _optimiser(self.config, self._parameters)
        self.iteration = 0
        self.last: Snapshot | None = None
        self.blocks = block_names(self.model)
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
        if unknown := sorted(settings.keys() - {"learning_rate", "clipping", "clip_at"}):
            raise ValueError(f"{', '.join(unknown)} cannot change in a run; accepted: learning_rate, clipping, clip_at")
        self.config = replace(self.config, **settings)  # type: ignore[arg-type]  # the config checks them
        for group in self._optimiser.param_groups:
            group["lr"] = self.config.learning_rate

    def advance(self) -> None:
        """One iteration: a batch, its loss, the gradient, an update. Does nothing once finished."""
        if self.finished:
            return
        self.iteration += 1
        config, model = self.config, self.model
        batch = self.task.batch(batch_generator(config.seed, self.iteration), config.batch_size, config.length)
        measured = bool(self.flow_every) and (self.iteration - 1) % self.flow_every == 0
        unseen = self.evaluate() if self._due(EVALUATE_EVERY) else None
        theory = flow.theory(model, self.unseen.x[:, 0]) if self.flow_every and self._due(THEORY_EVERY) else None
        full = self._full_gradient(batch) if config.truncation and self._due(CUT_EVERY) else None
        if self.flow_every and self._due(WEIGHTS_EVERY):
            self.history.keep(self.iteration, model)
        taps: list[list[flow.Tap]] | None = [[] for _ in range(config.num_layers)] if measured else None
        outputs, loss = self._loss(batch, config.truncation, taps)
        self._optimiser.zero_grad()
        loss.backward()
        cut = None if full is None else _cut(full, model)
        before = self._norms() if measured else None
        norm, norm_after = self._clip()
        stopped = _diverged(loss.item(), norm)
        if not stopped:
            self._optimiser.step()
        if before is None:
            after = None
        else:
            after = self._norms() if config.clipping == "value" else before * (norm_after / norm if norm else 1.0)
        self.last = Snapshot(
            iteration=self.iteration,
            loss=loss.item(),
            score=self.task.score(outputs.detach(), batch),
            learning_rate=config.learning_rate,
            norm=norm,
            clipped=norm_after < norm,  # NaN is not
            before=before,
            after=after,
            flow=None if taps is None else {name: row.numpy() for name, row in flow.flow(model.rnn, taps).items()},
            cut=cut,
            theory=theory,
            unseen=unseen,
            stopped=stopped,
        )
        self.history.append(self.last)

    def _due(self, every: int) -> bool:
        return (self.iteration - 1) % every == 0

    def _loss(
        self, batch: Batch, truncation: int = 0, taps: list[list[flow.Tap]] | None = None
    ) -> tuple[Tensor, Tensor]:
        h = flow.forward(self.model, batch.x, truncation, taps)
        outputs = self.model.read_out(h[len(h) - len(batch.y) :])
        return outputs, self.task.criterion(outputs, batch.y)

    def _full_gradient(self, batch: Batch) -> list[Tensor]:
        """Of the recurrent weights, without truncation."""
        _, loss = self._loss(batch)
        return list(torch.autograd.grad(loss, list(self.model.rnn.parameters())))

    def _norms(self) -> Array:
        """2-norm of the gradient per block, in the order of `blocks`. In float64: 1e-23 squared is no float32."""
        size = len(self.model.cell.blocks)
        parts = [
            torch.linalg.vector_norm(weight.grad.view(rows, -1), dim=1, dtype=torch.float64)
            for weight, rows in zip(self._parameters, [size] * (len(self._parameters) - 2) + [1, 1], strict=True)
            if weight.grad is not None
        ]
        return torch.cat(parts).numpy()

    def _clip(self) -> tuple[float, float]:
        """Clip the gradient. Its 2-norm before and after."""
        config, parameters = self.config, self._parameters
        if config.clipping == "norm":
            norm = float(nn.utils.clip_grad_norm_(parameters, config.clip_at))
            return norm, min(norm, config.clip_at)
        norm = _norm(parameters)
        if config.clipping == "value":
            nn.utils.clip_grad_value_(parameters, config.clip_at)
            return norm, _norm(parameters)
        return norm, norm

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """The present model on the unseen sample."""
        rnn, found = self.model.rnn, flow.layers(self.model, self.unseen.x)
        top = found[-1][1]
        outputs = self.model.read_out(top[len(top) - len(self.unseen.y) :])
        return Evaluation(
            loss=float(self.task.criterion(outputs, self.unseen.y)),
            score=self.task.score(outputs, self.unseen),
            outputs=outputs[:, 0].double().numpy(),
            mean_h=tuple(float(h.abs().mean()) for _, h in found),
            saturated=tuple(flow.saturated(rnn, layer, x, h) for layer, (x, h) in enumerate(found)),
            radius={
                f"{layer}.{name}": spectral_radius(W)
                for layer in range(rnn.num_layers)
                for name, W in blocks(rnn, layer).items()
                if name.startswith("W_h")
            },
        )


def block_names(model: Model) -> tuple[str, ...]:
    """`0.W_xi` (layer 0) ... `W_hy`, `b_y`: what `Snapshot.before` and `after` are about, in their order."""
    prefix = {"weight_ih": "W_x", "weight_hh": "W_h", "bias_ih": "b_x", "bias_hh": "b_h"}
    names = [
        f"{layer}.{prefix[name]}{gate}"
        for layer in range(model.rnn.num_layers)
        for name in prefix
        for gate in model.cell.blocks
    ]
    return (*names, "W_hy", "b_y")


def _norm(parameters: list[Tensor]) -> float:
    return float(nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None]))


def _cut(full: list[Tensor], model: Model) -> float:
    """Of the truncated gradient now in the recurrent weights: how much it lacks, as a share of the full one."""
    missing = [whole - p.grad for whole, p in zip(full, model.rnn.parameters(), strict=True) if p.grad is not None]
    whole = float(nn.utils.get_total_norm(full))
    return float(nn.utils.get_total_norm(missing)) / whole if whole else 0.0


def _diverged(loss: float, norm: float) -> str:
    if not isfinite(loss):
        return f"the loss is {loss}"
    return "" if isfinite(norm) else f"the gradient's norm is {norm}"


def _optimiser(config: Config, parameters: list[Tensor]) -> torch.optim.Optimizer:
    lr = config.learning_rate
    if config.optimiser == "adam":
        return torch.optim.Adam(parameters, lr)
    if config.optimiser == "rmsprop":
        return torch.optim.RMSprop(parameters, lr)
    return torch.optim.SGD(parameters, lr, momentum=0.9 if config.optimiser == "momentum" else 0.0)
