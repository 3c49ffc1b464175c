"""What a task is: input and target sequences drawn from a generator, where the loss enters, what counts as solved.

A task is data for one trainer (`rnnviz.training`): a number to reach at some steps ("mse") or a class to choose
("cross entropy"). The time axis comes first, as in PyTorch: `T` steps, `B` sequences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

Loss = Literal["mse", "cross entropy"]
# A target that no loss is taken of: the sequence has ended.
PADDING = -1
FITTED = 500  # sequences


@dataclass(frozen=True, eq=False)
class Batch:
    """x: (T, B, input_size).
    y: targets at the n = T - loss_from last steps: (n, B, output_size) for "mse", class numbers (n, B) for
        "cross entropy", `PADDING` where a sequence has ended.
    asked: (n, B), True at the targets that the score is about; all of them by default.
    """

    x: Tensor
    y: Tensor
    asked: Tensor | None = None


@dataclass(frozen=True)
class Task:
    """name: its key in `TASK_NAMES`.     title: its name on a page.     source: who described it.
    inputs, outputs: what each number of x_t and each output means, `input_size` and `output_size` of them.
    loss: mean squared error, or mean cross-entropy in nats, over the steps where it enters.
    shortest, longest: the lengths that can be asked for.
    steps: length -> T, the time steps of a sequence.
    loss_from: length -> the first step (from 0) that a loss enters; it enters at every step from there on.
    make: (generator, batch_size, length, unseen) -> Batch. Unseen data shares nothing with what is trained on, or
        comes from another generator where sequences are drawn at random. The global generator is not used.
    baseline: length -> the loss that a predictor without memory reaches on what is trained on: it sees x_t and t and
        nothing before, and is the best one, or for "mse" the best constant or straight line.
    chance: what `score`, in [0, 1], gives without memory.
    pool: what is trained on and what is not were taken once from two parts of one text or set, so that a model without
        memory meets on the second what it never met on the first.
    counts: x (T, input_size) -> the steps that decide what is asked, (T,) bool; None where no few of them do.
    """

    name: str
    title: str
    source: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    loss: Loss
    shortest: int
    longest: int
    steps: Callable[[int], int]
    loss_from: Callable[[int], int]
    make: Callable[[Generator, int, int, bool], Batch]
    baseline: Callable[[int], float]
    chance: float
    measure: Callable[[Tensor, Batch], float]
    pool: bool = False
    counts: Callable[[Tensor], Tensor] | None = None

    @property
    def input_size(self) -> int:
        return len(self.inputs)

    @property
    def output_size(self) -> int:
        return len(self.outputs)

    def batch(self, generator: Generator, batch_size: int, length: int, *, unseen: bool = False) -> Batch:
        """`batch_size` sequences. Raises `ValueError` for a length outside `shortest` to `longest`."""
        if not self.shortest <= length <= self.longest:
            raise ValueError(f"length is {length}; accepted for {self.title}: {self.shortest} to {self.longest}")
        return self.make(generator, batch_size, length, unseen)

    def criterion(self, outputs: Tensor, y: Tensor) -> Tensor:
        """The loss of outputs (n, B, output_size), a scalar that can be differentiated."""
        if self.loss == "mse":
            return F.mse_loss(outputs, y)
        return F.cross_entropy(outputs.flatten(0, 1), y.flatten(), ignore_index=PADDING)

    def without_memory(self, generator: Generator, sample: Batch, length: int) -> tuple[float, float]:
        """Loss and score on this very sample of a predictor without memory.

        For "mse" it is the best straight line from x_t to the target, fitted to `FITTED` sequences that are trained
        on: a small sample is easier or harder than `baseline`, and unseen years are not those trained on. For
        "cross entropy", where no sample of that size strays far, it is `baseline` and `chance`; from a `pool` it is
        `Blind`, fitted to so many sequences that are trained on.
        """
        if self.loss != "mse":
            if not self.pool:
                return self.baseline(length), self.chance
            training_batch = self.batch(generator, FITTED, length)
            guess = Blind(_kinds_at_targets(training_batch), training_batch.y, self.output_size)
            outputs = guess(_kinds_at_targets(sample))
            return float(self.criterion(outputs, sample.y)), self.score(outputs, sample)

        def design(batch: Batch) -> Tensor:
            x = batch.x[len(batch.x) - len(batch.y) :].double()
            return torch.cat([x, torch.ones_like(x[..., :1])], -1)

        training_batch = self.batch(generator, FITTED, length)
        line = torch.linalg.lstsq(
            design(training_batch).flatten(0, 1), training_batch.y.double().flatten(0, 1), driver="gelsd"
        ).solution
        outputs = (design(sample) @ line).float()
        return float(self.criterion(outputs, sample.y)), self.score(outputs, sample)

    def score(self, outputs: Tensor, batch: Batch) -> float:
        """How well outputs (n, B, output_size) solve the task, 0 to 1."""
        return self.measure(outputs, batch)


def accuracy(outputs: Tensor, batch: Batch) -> float:
    """The share of asked targets whose class is the likeliest one."""
    counts = batch.y != PADDING
    if batch.asked is not None:
        counts &= batch.asked
    return float((outputs.argmax(-1) == batch.y)[counts].float().mean())


def within(tolerance: float) -> Callable[[Tensor, Batch], float]:
    """The share of targets that the output misses by less than `tolerance`."""
    return lambda outputs, batch: float(((outputs - batch.y).abs() < tolerance).float().mean())


def explained(outputs: Tensor, batch: Batch) -> float:
    """The share of the targets' variance that the outputs explain (R squared), 0 where they explain none."""
    error = (outputs - batch.y).square().mean() / batch.y.var(correction=0)
    return max(0.0, 1.0 - float(error))


PULLS = tuple(10.0**power for power in range(-2, 4))  # tried: how many targets the prior is worth


class Blind:
    """The best guess of a class from the present input alone: how often each class followed each kind, drawn towards
    how often it came at all, by as much as predicts best each target from all others (leave one out).

    x, y: kinds and classes as whole numbers of one shape, over many sequences; where y is `PADDING` nothing is counted.
    """

    def __init__(self, x: Tensor, y: Tensor, classes: int) -> None:
        counts = y != PADDING
        kind, target = x[counts] + 1, y[counts]  # a kind of -1 is none
        pairs = torch.bincount(kind * classes + target, minlength=(int(kind.max()) + 1) * classes)
        self._counts = pairs.view(-1, classes).double()
        every = self._counts.sum(0) + 1
        self._prior = every / every.sum()
        self._pull = max(PULLS, key=self._left_out)

    def _left_out(self, pull: float) -> float:
        """The log-likelihood of each target counted, with itself left out."""
        before = (self._counts - 1).clamp(min=0) + pull * self._prior
        whole = self._counts.sum(1, keepdim=True) - 1 + pull
        return float((self._counts * (before / whole.clamp(min=1e-300)).log()).sum())

    def __call__(self, x: Tensor) -> Tensor:
        """Log-probabilities of the classes, (*x's shape, classes), float32; of a kind never met the prior."""
        in_table = x + 1 < len(self._counts)
        counts = self._counts[(x + 1) * in_table] * in_table[..., None]
        return ((counts + self._pull * self._prior) / (counts.sum(-1, keepdim=True) + self._pull)).log().float()


def _kinds_at_targets(batch: Batch) -> Tensor:
    """The kinds that are read where a target stands, (n, B); -1 where none is."""
    x = batch.x[len(batch.x) - len(batch.y) :]
    return torch.where(x.any(-1), x.argmax(-1), -1)


def blind(x: Tensor, y: Tensor, *, at_each_step: bool = False) -> float:
    """The least mean cross-entropy, in nats, of a predictor of y that sees only x, and the step too if `at_each_step`.

    x, y: kinds as whole numbers, (n, N), over many sequences; where y is `PADDING` nothing is predicted. It is the
    conditional entropy of what was counted.
    """
    steps = torch.arange(len(x))[:, None].expand_as(x) if at_each_step else torch.zeros_like(x)
    counts = y != PADDING
    kinds = int(max(x.max(), y.max())) + 2  # PADDING may be read
    context = (steps * kinds + x + 1)[counts]
    pairs = torch.bincount(context * kinds + y[counts], minlength=(int(context.max()) + 1) * kinds)
    joint = pairs.view(-1, kinds).double()
    entropy = torch.special.entr(joint / joint.sum()).sum() - torch.special.entr(joint.sum(1) / joint.sum()).sum()
    return float(entropy)


PAD = "<pad>"  # what stands where a sequence has not begun or has ended
_SHOWN = {" ": "␣", "\n": "↵", "\t": "⇥"}


def visible(name: str) -> str:
    """A name that can be seen where it stands alone: `␣` of a space."""
    return _SHOWN.get(name, name)


def named(x: Tensor, names: tuple[str, ...]) -> tuple[str, ...]:
    """What each step of a sequence, (T, input_size), is called: the one input that is on, else the numbers."""
    if len(names) > 2 and bool(((x == 0) | (x == 1)).all()):
        return tuple(visible(names[int(step.argmax())]) if step.any() else PAD for step in x)
    return tuple(" ".join(f"{value:.2f}".removesuffix(".00") for value in step.tolist()) for step in x)
