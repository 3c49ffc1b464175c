"""One real sequence of a task, short enough to be drawn whole: what each step brings, what counts, what is asked."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator

from rnnviz.tasks.task import PADDING, Task

STEPS = 16  # about as many as are drawn
DRAWN = 20  # sequences from which the shortest is taken, of those that begin where they like


@dataclass(frozen=True)
class Picture:
    """A sequence of T steps. Texts are the task's names of its inputs and outputs, and empty where there is none."""

    read: tuple[str, ...]  # (T,), what each step brings, for a task that reads kinds; else empty texts
    values: tuple[float, ...]  # (T,), the number that each step brings; empty for a task that reads kinds
    counts: tuple[bool, ...]  # (T,), the steps that decide what is asked, as the task marks or means them
    asked: tuple[str, ...]  # (T,), the class that is asked for at each step
    numbers: tuple[float | None, ...]  # (T,), the number that is; empty for a task that asks for classes


def picture(task: Task, seed: int) -> Picture:
    """A sequence that the task draws as it draws those that are trained on, and that no run of it reads."""
    whole = task.loss == "cross entropy" and task.loss_from(task.longest) > 0 and task.pool  # a sentence is not cut
    length = task.longest if whole else min(max(task.shortest, STEPS), task.longest)
    length -= min(task.steps(length) - length, length - task.shortest)  # the steps that a task adds
    batch = task.batch(Generator().manual_seed(seed), DRAWN, length, unseen=True)
    is_read = batch.x.abs().sum(-1) > 0
    column = int(is_read.sum(0).argmin()) if whole else 0
    x, y = batch.x[:, column], batch.y[:, column]
    start = int(is_read[:, column].float().argmax()) if whole else 0
    steps, kinds = len(x) - start, len(task.inputs) > 2
    x = x[start:]
    none = steps - len(y)
    numbers = task.loss == "mse"
    return Picture(
        read=tuple(task.inputs[int(step.argmax())] if kinds and step.any() else "" for step in x),
        values=() if kinds else tuple(x[:, 0].tolist()),
        counts=tuple((task.counts(x) if task.counts else torch.zeros(steps, dtype=torch.bool)).tolist()),
        asked=("",) * steps
        if numbers
        else ("",) * none + tuple("" if int(kind) == PADDING else task.outputs[int(kind)] for kind in y),
        numbers=(None,) * none + tuple(y[:, 0].tolist()) if numbers else (),
    )
