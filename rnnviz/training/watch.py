"""Watches somebody's own training loop: what `Trainer` keeps of a run, of any model with recurrent layers.

    with rnnviz.watch(model) as log:
        for x, y in batches:
            loss = criterion(model(x), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            log.step(loss)
    rnnviz.training_chart(log)

Hooks take what is needed as it passes by: what each recurrent layer reads and gets back of the loss, each parameter's
gradient as it is complete, and again as it is used. Nothing of the loop is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite, isnan, nan
from types import TracebackType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from rnnviz.core.modules import is_recurrent
from rnnviz.core.network import Layer
from rnnviz.core.refusal import required, type_name
from rnnviz.training.gradient_norms import GradientNorms, Measured, scale_of, total
from rnnviz.training.history import ROWS, SNAPSHOTS, Snapshot, Thinned
from rnnviz.training.part import Part
from rnnviz.training.replay import Replays
from rnnviz.training.rows import Array, Row
from rnnviz.training.view import RunView
from rnnviz.training.watched_view import watched_view

BYTES = 64 * 2**20  # that the rows of a part take until they are measured
LEAST_ROWS = 16
MOST_OTHERS = 8  # parameters beside a part that have a line of their own
MOST_PASSES = 64  # backward passes before the first update that are counted to it
SAME = 1e-6  # of the norm, which is not clipped if it differs by less
STEP_ONLY = "accepted: whole layers; what a loop over single steps computes, rnnviz.capture records"


def watch(model: nn.Module) -> Log:
    """A log of a training loop, to be used in a `with`: `with rnnviz.watch(model) as log`.

    A row is an iteration: an update by any of PyTorch's optimisers, or where there is none a backward pass. Until the
    first update each backward pass is a row; up to 64 of them are then taken back, as they were part of that update.
    `log.step(loss)` tells its loss: before its backward pass, after it, or after the update; of several for one update,
    as where gradients accumulate, the last counts. Without it, as in a framework whose loop one does not write
    (Lightning: `with rnnviz.watch(module) as log: trainer.fit(module)`), there is a row for each update all the same,
    with a loss of NaN.

    The gradient's flow is that of the last pass through a part that the loss came back through, in the last backward
    pass before the update: where a part reads two inputs for one loss, that of the second. The norms are of the whole.

    With torch.amp.GradScaler norms and flow are of the loss itself where the scale is a power of two, as by default,
    and nothing was clipped. Where gradients were both unscaled and clipped, the scale cannot be told from the clipping:
    the norm before it, and the flow, are then those of the scaled loss.

    A copy of the model, or a file of `torch.save(model, ...)`, is not watched; to open such a file takes rnnviz.

    Raises `TypeError` for what is no module, `ValueError` for one without a recurrent layer.
    """
    return Log(model)


class Log:
    """What is kept of a loop: as `Trainer.history` has it, of each recurrent part of the model.

    parts: their names in `model.named_modules()`.     passed_over: those that are not measured, with the reason.
    snapshots: of every iteration, thinned as they age.     rows: by part, those with its gradient's flow.
    iteration: how many there are.
    """

    def __init__(self, model: nn.Module) -> None:
        required(model, nn.Module, "model", "a torch.nn.Module")
        self.passed_over: dict[str, str] = {}
        self._parts: dict[str, Part] = {}
        for name, module in model.named_modules():
            if not is_recurrent(module):
                continue
            try:
                if not isinstance(module, Layer):
                    raise TypeError(f"module is a {type_name(module)}; {STEP_ONLY}")
                self._parts[name] = Part(name, module, self._begun, self._came_back)
            except (TypeError, ValueError) as refusal:
                self.passed_over[name] = str(refusal)
        if not self._parts:
            told = "; ".join(f"{name!r}: {reason}" for name, reason in self.passed_over.items())
            raise ValueError(
                f"model has no recurrent layer that can be watched{': ' * bool(told)}{told}; accepted: a model with an "
                "nn.RNN, nn.LSTM, nn.GRU or a rnnviz.Recurrent"
            )
        self._model = model
        own = {name: count for part in self._parts.values() for name, _, count in part.blocks.values()}
        self._norms = GradientNorms(model, own)
        self._blocks = {name: _Blocks(part, self._parts.values(), self._norms) for name, part in self._parts.items()}
        self._start()
        self._weights = set(map(id, model.parameters()))
        self._handles: list[Any] = []
        self._passing = False  # a pass has begun, of which nothing has come back
        self._pending = False  # a backward pass has ended that is in no row yet
        self._asked = self._optimised = False
        self._backward = 0  # backward passes so far
        self._ahead: tuple[float, float] | None = None  # loss and score of the pass that has begun
        self._loss: tuple[float, float] | None = None  # those of the pending one
        self._after = True  # the last loss was told after its update

    def _start(self) -> None:
        """There is no row."""
        self.iteration = 0
        self._replays = {name: Replays() for name in self._parts}
        self._measured: Thinned[_Iteration] = Thinned(*SNAPSHOTS)
        self._rows: dict[str, Thinned[tuple[_Iteration, Row]]] = {}
        self._open: _Iteration | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self._parts)

    @property
    def snapshots(self) -> list[Snapshot]:
        self._settle()
        return [self._snapshot(one) for one in self._measured]

    @property
    def rows(self) -> dict[str, list[Snapshot]]:
        self._settle()
        return {name: [self._snapshot(one, row) for one, row in self._rows.get(name, ())] for name in self._parts}

    def __enter__(self) -> Log:
        for part in self._parts.values():
            self._handles.append(part.module.register_forward_hook(part, with_kwargs=True))
        # Before an update; and after it, where the backward pass was in the closure that the optimiser was given.
        self._handles.append(register_optimizer_step_pre_hook(self._updates))
        self._handles.append(register_optimizer_step_post_hook(self._updates))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if self._pending and not self._optimised:
            self._close(nan)
        self._settle()

    def __repr__(self) -> str:
        return f"<Log {', '.join(map(repr, self.parts))}: {self.iteration} iterations>"

    def step(self, loss: Tensor | float, score: float = nan) -> None:
        """Tell the loss of the present iteration, and a score from 0 to 1, if there is one.

        Before its backward pass, after it, or after its update: always at the same place of the loop.

        Raises `TypeError` for what is no number.
        """
        try:
            said = float(loss.detach() if isinstance(loss, Tensor) else loss), float(score)
        except (TypeError, ValueError, RuntimeError):
            raise TypeError(f"loss is a {type_name(loss)}; accepted: a number, or a tensor with one") from None
        untold = self._open is not None and isnan(self._open.loss)
        if self._pending and (self._loss is None or not self._passing):
            self._loss = said
        elif self._passing and (self._pending or not (untold and self._after)):
            self._ahead, self._after = said, False
        elif self._open is not None and untold:
            (self._open.loss, self._open.score), self._after = said, True
        else:
            self._loss = said
            self._close(nan)

    def view(self, part: str | None = None) -> RunView:
        """What is seen of one part now, as of a `Trainer`'s run; of the first by default.

        Its layers are rows as `Trace` counts them: layer 0, its reverse direction if it has one, layer 1 ...
        """
        self._settle()
        name = self._named(part)
        own = self._parts[name]
        return watched_view(
            own.cell.name,
            own.module.hidden_size,
            own.count,
            self._blocks[name].names,
            self.snapshots,
            self.rows[name],
            lambda: self._replays[name].loss_from,
        )

    def _named(self, part: str | None) -> str:
        name = next(iter(self._parts)) if part is None else part
        if name not in self._parts:
            told = f" ({self.passed_over[name]})" if name in self.passed_over else ""
            raise ValueError(f"no part {name!r} is watched{told}; accepted: {', '.join(map(repr, self._parts))}")
        return name

    def _begun(self) -> None:
        """A pass begins."""
        self._passing = True
        self._asked = False  # of a backward pass that failed, nobody calls the end

    def _came_back(self) -> int:
        """A gradient is on its way back, in which backward pass is returned; as all of it has arrived it is measured.

        What came back before it is an iteration of its own, if no optimiser will say so.
        """
        if not self._asked:
            self._asked = True
            self._backward += 1
            if self._pending and not self._optimised:
                self._close(nan)
            if self._passing:
                self._passing, self._loss, self._ahead = False, self._ahead, None
            # Distributed training waits for the end of a backward pass in this way too.
            torch.autograd.Variable._execution_engine.queue_callback(self._complete)
        return self._backward

    def _complete(self) -> None:
        self._asked = self._passing = False
        self._pending = True
        self._norms.complete()

    def _updates(self, optimiser: Optimizer, args: object, kwargs: object) -> None:
        groups = optimiser.param_groups
        if not any(id(weight) in self._weights for group in groups for weight in group["params"]):
            return
        if not self._optimised and self.iteration <= MOST_PASSES:
            self._start()
        self._optimised = True
        if self._pending:
            self._norms.use()
            scale = getattr(optimiser, "grad_scale", None)  # what a fused optimiser will divide by itself
            self._passing, self._ahead = False, None
            self._close(float(groups[0]["lr"]), 1.0 if scale is None else float(scale))

    def _close(self, learning_rate: float, scale: float = 1.0) -> None:
        """An iteration is complete."""
        self._settle()
        self.iteration += 1
        before, after = self._norms.take()
        loss, score = self._loss or (nan, nan)
        last = self._open = _Iteration(self.iteration, loss, score, learning_rate, before, after, scale, {})
        for name, part in self._parts.items():
            if (kept := part.take()) is not None:
                last.rows[name] = self._replays[name].add(kept, self._reader(name, last))
                if name not in self._rows:
                    most = max(LEAST_ROWS, BYTES // kept.nbytes) // 2
                    self._rows[name] = Thinned(*(min(count, most) for count in ROWS))
        self._pending, self._loss = False, None

    def _reader(self, name: str, one: _Iteration) -> Callable[[], tuple[Array, Array, float]]:
        def read() -> tuple[Array, Array, float]:
            before, after, scale = self._around(one)
            return self._blocks[name].of(before), self._blocks[name].of(after), scale

        return read

    def _around(self, one: _Iteration) -> tuple[Array, Array, float]:
        """The norms around clipping, of the gradient of the loss itself, and by what it was multiplied."""
        before, after = self._known(one.before), self._known(one.after)
        scale = scale_of(before, after)
        return before / (scale * one.scale), after / one.scale, scale * one.scale

    def _known(self, measured: Measured) -> Array:
        if measured.norms is None:
            self._norms.measure()
        assert measured.norms is not None
        return measured.norms

    def _snapshot(self, one: _Iteration, row: Row | None = None) -> Snapshot:
        norm, used = map(total, self._around(one)[:2])
        clipped = isfinite(norm) and abs(used - norm) > SAME * norm
        return Snapshot(one.iteration, one.loss, one.score, one.learning_rate, norm, clipped, row=row)

    def _settle(self) -> None:
        """The last iteration is as it will stay."""
        if (last := self._open) is None:
            return
        rows, last.rows, self._open = last.rows, {}, None
        self._measured.append(last)
        for name, row in rows.items():
            self._rows[name].append((last, row))
            if self.iteration % LEAST_ROWS == 0:
                self._replays[name].forget()


@dataclass
class _Iteration:
    """What `Snapshot` has of an iteration; its loss may still be told.

    before, after: as `GradientNorms.take` gives them.     scale: by what both are multiplied.
    rows: of each part, until it is settled.
    """

    iteration: int
    loss: float
    score: float
    learning_rate: float
    before: Measured
    after: Measured
    scale: float
    rows: dict[str, Row]


class _Blocks:
    """What the norms of one part's rows are about.

    names: its own blocks, `0.W_xi` ..., then the parameters beside the parts, as one where they are many.
    """

    def __init__(self, part: Part, parts: Iterable[Part], norms: GradientNorms) -> None:
        place = {block: place for place, block in enumerate(norms.names)}
        own = {name: (weight, block) for name, (weight, block, _) in part.blocks.items() if (weight, block) in place}
        of_parts = {weight for each in parts for weight, _, _ in each.blocks.values()}
        others = {name: place[name, 0] for name, _ in norms.names if name not in of_parts}
        self._own, self._others = [place[block] for block in own.values()], list(others.values())
        self._together = len(others) > MOST_OTHERS
        self.names = (*own, *(["others"] if self._together else [name.replace(".", "/") for name in others]))

    def of(self, norms: Array) -> Array:
        if not self._together:
            return norms[self._own + self._others]
        return np.append(norms[self._own], total(norms[self._others]))
