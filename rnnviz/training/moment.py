"""A run's model as it was at one iteration, read step by step."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.gradients.flow import MOST_NUMBERS, gradient_flow
from rnnviz.record import Head, read_out, record
from rnnviz.trace import Array, Readout, Trace
from rnnviz.training.model import Model, build
from rnnviz.training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class Moment:
    """The sample's first sequence through the model of one iteration.

    iteration: whose weights they are, before its update.     trace: with the inputs as tokens.
    readout: None for a task whose output is a number.     targets: per step the right class, None where none is asked.
    """

    iteration: int
    trace: Trace
    readout: Readout | None
    targets: tuple[int | None, ...]


def moment(trainer: Trainer, iteration: int) -> Moment:
    """Of the iterations whose weights were kept, the nearest one. Raises `LookupError` where none were yet, and
    `ValueError` for weights that are not finite."""
    kept = trainer.history.kept
    if not kept:
        raise LookupError("no weights are kept yet; accepted: a run of at least one iteration")
    nearest = min(kept, key=lambda there: abs(there - iteration))
    model = build(trainer.config, trainer.task.input_size, trainer.task.output_size)
    model.load(kept[nearest])
    x, y = trainer.unseen.x[:, 0], trainer.unseen.y[:, 0]
    trace = record(model.rnn, x, tokens=_tokens(x, trainer.task.inputs))
    if trainer.task.loss == "mse":
        return Moment(nearest, trace, None, ())
    asked = [None if int(kind) < 0 else int(kind) for kind in y]
    targets = (*[None] * (len(x) - len(asked)), *asked)
    return Moment(nearest, trace, read_out(trace, Head(model.W_hy.detach(), model.b_y.detach())), targets)


def _tokens(x: Tensor, names: tuple[str, ...]) -> list[str]:
    """The name of the one input that is on, else the numbers."""
    if len(names) > 2 and bool(((x == 0) | (x == 1)).all()):
        return ["·" if not step.any() else names[int(step.argmax())] for step in x]
    return [" ".join(f"{value:.2f}".removesuffix(".00") for value in step.tolist()) for step in x]


def matrix(trainer: Trainer, layer: int) -> Array | None:
    """(T, T): the norm of dL_t/dh_k of the present model on the sample's first sequence, [t, k].

    Where the task asks at the end only, L_t is what the loss would be if it asked after step t. None where it is too
    large to be computed in passing, and where the weights are not finite.
    """
    model, x, y = trainer.model, trainer.unseen.x[:, 0], trainer.unseen.y[:, 0]
    steps = len(x)
    if trainer.config.num_layers * steps**2 * trainer.config.hidden_size > MOST_NUMBERS or not _finite(model):
        return None
    asked = y[(torch.arange(steps) - (steps - len(y))).clamp(min=0)]

    def losses(h: Tensor) -> Tensor:
        outputs = model.read_out(h)
        if trainer.task.loss == "mse":
            return (outputs - asked).square().mean(-1)
        return torch.nn.functional.cross_entropy(outputs, asked, ignore_index=-1, reduction="none")

    return gradient_flow(model.rnn, x, losses).matrix[layer]


def _finite(model: Model) -> bool:
    return all(bool(weight.isfinite().all()) for _, weight in model.named())
