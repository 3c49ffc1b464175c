"""A run's model as it was at one iteration, read step by step."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.core import network
from rnnviz.core.forward import Pass
from rnnviz.core.gradients.flow import MOST_NUMBERS, gradient_flow
from rnnviz.core.record import Head, read_out, record
from rnnviz.core.trace import Array
from rnnviz.tasks.catalogue import task_of
from rnnviz.tasks.task import PADDING, Batch, Task, named, visible
from rnnviz.training.config import Config
from rnnviz.training.model import Parameters, TaskModel, build
from rnnviz.training.trainer import UNSEEN, Trainer, batch_generator


@dataclass(frozen=True, eq=False)
class Moment:
    """The sample's first sequence through the model of one iteration.

    iteration: whose weights they are, before its update.
    shown: with the inputs as tokens; without a readout for a task whose output is a number.
    """

    iteration: int
    shown: Pass


def moment(trainer: Trainer, iteration: int) -> Moment:
    """Of the iterations whose weights were kept, the nearest one. Raises `LookupError` where none were yet, and
    `ValueError` for weights that are not finite."""
    at, weights = trainer.history.nearest(iteration)
    model = build(trainer.config, trainer.task.input_size, trainer.task.output_size)
    model.load(weights)
    x, y = trainer.unseen.x[:, 0], trainer.unseen.y[:, 0]
    trace = record(model.rnn, x, tokens=named(x, trainer.task.inputs))
    readout = read_out(trace, Head(model.W_hy.detach(), model.b_y.detach()))
    if trainer.task.loss == "mse":
        return Moment(at, Pass(trace, outputs=readout.logits, asked=_numbers(y, len(x))))
    return Moment(at, Pass(trace, readout, tuple(trainer.task.outputs), _targets(y, len(x))))


@dataclass(frozen=True, eq=False)
class SampleReading:
    """One layer of a run's model, and what it reads of one sequence that the run never trains on.

    rnn: that layer alone, as a module of one layer, frozen.
    x: (T, width), the sequence, or above the first layer what the layer below makes of it.
    tokens: the sequence as one writes it.     outputs: what each of the V outputs means.
    head: reads the top layer; None for another.
    targets: per step the right class, None where none is asked; empty for a task whose output is a number.
    numbers: (T, V), what is asked, NaN where nothing is; None for a task that asks for a class.
    """

    rnn: network.Layer
    x: Tensor
    tokens: tuple[str, ...]
    outputs: tuple[str, ...]
    head: Head | None
    targets: tuple[int | None, ...]
    numbers: Array | None


def unseen(config: Config) -> tuple[Task, Batch]:
    """The task of a run, and the sample that it is evaluated on. Raises `ValueError` for a length or a text that the
    task does not take."""
    task = task_of(config.task, config.text)
    return task, task.batch(batch_generator(config.seed, -1), UNSEEN, config.length, unseen=True)


def reading(config: Config, parameters: Parameters, sample: int, layer: int) -> SampleReading:
    """sample: which sequence, from 1 to `UNSEEN`.     layer: from 1. Raises what `unseen` and `record` raise."""
    task, batch = unseen(config)
    x, y = batch.x[:, sample - 1], batch.y[:, sample - 1]
    model = build(config, task.input_size, task.output_size)
    model.load(parameters)
    whole = model.rnn.requires_grad_(False).eval()
    head = None
    tokens = named(x, task.inputs)
    if layer == config.num_layers:
        head = Head(model.W_hy.detach(), model.b_y.detach())
    inputs = x if layer == 1 else torch.tensor(record(whole, x).input(layer - 1))
    rnn = whole if config.num_layers == 1 else _alone(whole, config, layer - 1, inputs.shape[1])
    outputs = tuple(visible(name) for name in task.outputs)
    if task.loss == "mse":
        return SampleReading(rnn, inputs, tokens, outputs, head, (), _numbers(y, len(x)))
    return SampleReading(rnn, inputs, tokens, outputs, head, _targets(y, len(x)), None)


def _alone(rnn: network.Layer, config: Config, layer: int, width: int) -> network.Layer:
    """One layer (from 0) of a stack as a module of its own."""
    end = f"_l{layer}"
    weights = {name.removesuffix(end): weight for name, weight in rnn.named_parameters() if name.endswith(end)}
    alone = network.build(config.cell, width, config.hidden_size)
    alone.load_state_dict({f"{name}_l0": weight for name, weight in weights.items()})
    return alone.requires_grad_(False).eval()


def _targets(y: Tensor, steps: int) -> tuple[int | None, ...]:
    """Per step the class that is asked for, None where none is."""
    classes = [None if int(kind) == PADDING else int(kind) for kind in y]
    return (*[None] * (steps - len(classes)), *classes)


def _numbers(y: Tensor, steps: int) -> Array:
    """(steps, V): what is asked for, NaN where nothing is."""
    numbers: Array = torch.cat([y.new_full((steps - len(y), y.shape[1]), float("nan")), y]).numpy()
    return numbers


def matrix(trainer: Trainer, layer: int) -> Array | None:
    """(T, T): the norm of dL_t/dh_k of the present model on the sample's first sequence, [t, k].

    Where the task asks at the end only, L_t is what the loss would be if it asked after step t. None where it is too
    large to be computed in passing, and where the weights are not finite.
    """
    model, x, y = trainer.model, trainer.unseen.x[:, 0], trainer.unseen.y[:, 0]
    steps = len(x)
    if trainer.config.num_layers * steps**2 * trainer.config.hidden_size > MOST_NUMBERS or not _finite(model):
        return None
    targets = y[(torch.arange(steps) - (steps - len(y))).clamp(min=0)]

    def losses(h: Tensor) -> Tensor:
        outputs = model.read_out(h)
        if trainer.task.loss == "mse":
            return (outputs - targets).square().mean(-1)
        return torch.nn.functional.cross_entropy(outputs, targets, ignore_index=PADDING, reduction="none")

    return gradient_flow(model.rnn, x, losses).matrix[layer]


def _finite(model: TaskModel) -> bool:
    return all(bool(weight.isfinite().all()) for _, weight in model.named())
