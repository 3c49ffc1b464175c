"""How the gradient flowed back through a layer in an iteration of somebody's own loop, from what was kept of it.

An iteration keeps what its part read, its weights, and what its outputs and last states got of the loss. Whoever looks
has the cell's program run again over all kept iterations at once, and autograd gives what flows into each state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import log10
from threading import Lock
from weakref import ref

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.cell import Cell
from rnnviz.core.network import states_over_time
from rnnviz.core.weights import by_block
from rnnviz.training.rows import Array, Norms, Row

SAMPLE = 4  # sequences of a batch that are measured, as in `flow`
Read = Callable[[], tuple[Array, Array, float]]  # as `Replays.add` is given it
MOST_NUMBERS = 2**24  # results of operations that are held at once: 64 MB


@dataclass(eq=False)
class Kept:
    """One iteration of one part, of the first S sequences of its batch: copies, as they came.

    x: (T, S, input_size).     lengths: of each sequence of a packed batch, (B,).     batch: B.
    state: each state before the first step, (R, S, H), R being layers times directions; None for zeros.
    stems, shapes: PyTorch's names of a row's weights, and the shapes of all.     flat: all weights, end to end.
    into_output: (T, S, D * H), what the outputs get of the loss.     into_last: the same of the last states, by name,
        each (R, S, H). What gets nothing is not there.
    """

    cell: Cell
    directions: int
    hidden_size: int
    x: Tensor
    lengths: Tensor | None
    batch: int
    state: Sequence[Tensor] | None
    stems: Sequence[str]
    shapes: Sequence[torch.Size]
    flat: Tensor
    into_output: Tensor | None = None
    into_last: dict[str, Tensor] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """R."""
        return len(self.shapes) // len(self.stems)

    @property
    def rows(self) -> list[dict[str, Tensor]]:
        """The weights of each layer and direction, by the cell's names."""
        parts = _plain(self.flat).split([shape.numel() for shape in self.shapes])
        whole = [part.view(shape) for part, shape in zip(parts, self.shapes, strict=True)]
        n = len(self.stems)
        stacked = (dict(zip(self.stems, whole[row * n : (row + 1) * n], strict=True)) for row in range(self.count))
        return [by_block(self.cell, each) for each in stacked]

    @property
    def first(self) -> dict[str, Tensor]:
        """Each state before the first step, (R, S, H)."""
        zeros = _plain(self.x).new_zeros(self.count, self.x.shape[1], self.hidden_size)
        states = [zeros] * len(self.cell.states) if self.state is None else map(_plain, self.state)
        return dict(zip(self.cell.states, states, strict=True))

    @property
    def direct(self) -> Tensor:
        """What the outputs get, zeros where it is nothing."""
        T, S, _ = self.x.shape
        nothing = _plain(self.x).new_zeros(T, S, self.directions * self.hidden_size)
        return nothing if self.into_output is None else _plain(self.into_output)

    @property
    def loss_from(self) -> int | None:
        """The first step, from 0, that a loss enters; None where it enters none."""
        steps = self.direct.flatten(1).any(1).nonzero()[:1, 0].tolist()
        if any(bool(into.any()) for into in self.into_last.values()):
            steps.append(0 if self.directions == 2 else int(self.ends.min()) - 1)
        return min(steps, default=None)

    @property
    def ends(self) -> Tensor:
        """How long each sequence is, (S,)."""
        T, S, _ = self.x.shape
        return torch.full((S,), T) if self.lengths is None else self.lengths[:S]

    @property
    def unit(self) -> float:
        """What turns the 2-norm over the sequences into the unit of a row, as `flow.unit`."""
        return float(self.batch / self.x.shape[1] ** 0.5)

    @property
    def kind(self) -> tuple[object, ...]:
        """Iterations of one kind can be run together."""
        return tuple(self.x.shape), self.flat.dtype, tuple(self.into_last)

    @property
    def nbytes(self) -> int:
        tensors = (self.x, self.flat, self.into_output, *(self.state or ()), *self.into_last.values())
        return sum(tensor.nbytes for tensor in tensors if tensor is not None)


def _plain(tensor: Tensor) -> Tensor:
    """Its numbers on the CPU, a half in float32."""
    return tensor.to("cpu", torch.float64 if tensor.dtype == torch.float64 else torch.float32)


class Replays:
    """The rows of one part that are not measured yet, as long as anybody has them.

    loss_from: the first step, from 0, that a loss has entered in any row that was measured; None without one.
    """

    def __init__(self) -> None:
        self.loss_from: int | None = None
        self._waiting: list[tuple[ref[Row], Kept, Read]] = []
        self._measuring = Lock()

    def add(self, kept: Kept, read: Read) -> Row:
        """read: gives the 2-norm of each block's gradient before clipping and after, and by what the loss that came
        back was multiplied."""
        row = Row(self)
        self._waiting.append((ref(row), kept, read))
        return row

    def forget(self) -> None:
        """What nobody has any more."""
        self._waiting = [entry for entry in self._waiting if entry[0]() is not None]

    def measure(self) -> None:
        """All that wait now."""
        with self._measuring:
            self.forget()
            groups: dict[tuple[object, ...], list[tuple[Row, Kept, Read]]] = {}
            for reference, kept, read in self._waiting:
                if (row := reference()) is not None:
                    groups.setdefault(kept.kind, []).append((row, kept, read))
            for entries in groups.values():
                kept = entries[0][1]
                size = kept.x.shape[0] * kept.x.shape[1] * kept.count * len(kept.cell.ops) * kept.hidden_size
                together = max(1, MOST_NUMBERS // size)
                for start in range(0, len(entries), together):
                    some = entries[start : start + together]
                    flows = flow_of([entry[1] for entry in some])
                    entered = [step for entry in some if (step := entry[1].loss_from) is not None]
                    self.loss_from = min(
                        [*entered, *([] if self.loss_from is None else [self.loss_from])], default=None
                    )
                    for place, (row, _, read) in enumerate(some):
                        before, after, scale = read()
                        flow = {name: table[place] - log10(scale) for name, table in flows.items()}  # a copy
                        row.settle(Norms(flow, flow, before, after))
            self._waiting = []


def flow_of(kept: Sequence[Kept]) -> dict[str, Array]:
    """By state, (n, R, T): log10 of the norm of what flows into it at each step, by whatever way; -inf is exact zero.

    kept: n iterations of one kind.
    """
    one, D = kept[0], kept[0].directions
    networks, firsts = [each.rows for each in kept], [each.first for each in kept]
    x = torch.stack([_plain(each.x) for each in kept], 1)
    lengths = torch.stack([each.ends for each in kept])
    flip = _flip(lengths, len(x))
    ends = {0: (lengths - 1)[None], 1: torch.zeros_like(lengths)[None]}
    states: list[dict[str, Tensor]] = []
    sources: list[list[Tensor]] = []
    with torch.enable_grad(), torch.inference_mode(False), torch.autocast("cpu", enabled=False):
        read = x
        for row in range(one.count):
            weights = {name: _stacked([rows[row][name] for rows in networks]) for name in networks[0][row]}
            first = {name: torch.stack([each[name][row] for each in firsts]) for name in one.cell.states}
            first = {name: value.requires_grad_() for name, value in first.items()}
            by_step = states_over_time(one.cell, weights, _turned(read, flip) if row % D else read, first)
            sources.append([step for steps in by_step.values() for step in steps])
            in_order = {name: torch.stack(steps) for name, steps in by_step.items()}
            states.append({n: _turned(state, flip) for n, state in in_order.items()} if row % D else in_order)
            if row % D == D - 1:
                read = torch.cat([both["h"] for both in states[-D:]], -1)
        loss = (read * torch.stack([each.direct for each in kept], 1)).sum()
        for name in one.into_last:
            into = torch.stack([_plain(each.into_last[name]) for each in kept], 1)
            for row, state in enumerate(states):
                size = state[name].shape[-1]
                last = state[name].gather(0, ends[row % D][..., None].expand(-1, -1, -1, size))[0]
                loss = loss + (last * into[row]).sum()
        flat = [source for row in sources for source in row]
        gradients = torch.autograd.grad(loss, flat, allow_unused=True, materialize_grads=True)
    return _norms(one, gradients, len(x), flip, [each.unit for each in kept])


def _norms(
    one: Kept, gradients: Sequence[Tensor], steps: int, flip: Tensor, units: Sequence[float]
) -> dict[str, Array]:
    """gradients: of each row, state and step, in the order in which they were computed."""
    found: dict[str, list[Array]] = {name: [] for name in one.cell.states}
    place = 0
    for row in range(one.count):
        for name in one.cell.states:
            into = torch.stack(list(gradients[place : place + steps]))
            into = _turned(into, flip) if row % one.directions else into
            norms = torch.linalg.vector_norm(into, dim=(-2, -1), dtype=torch.float64) * torch.tensor(units)
            found[name].append(norms.T.numpy())
            place += steps
    with np.errstate(divide="ignore"):
        return {name: np.log10(np.stack(rows, 1)) for name, rows in found.items()}


def _stacked(weights: Sequence[Tensor]) -> Tensor:
    """(n, H, width) of matrices, (n, 1, H) of vectors."""
    whole = torch.stack(list(weights))
    return whole if whole.ndim == 3 else whole[:, None]


def _flip(lengths: Tensor, steps: int) -> Tensor:
    """(T, n, S): at each step of a sequence read backwards which of its steps that is.     lengths: (n, S)."""
    step = torch.arange(steps)[:, None, None]
    return torch.where(step < lengths, lengths - 1 - step, step)


def _turned(x: Tensor, flip: Tensor) -> Tensor:
    return x.gather(0, flip[..., None].expand(-1, -1, -1, x.shape[-1]))
