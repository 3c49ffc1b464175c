"""The rows of the heatmap: what each iteration's gradient was like, measured when somebody asks.

An iteration only copies what its row needs, a few thousand numbers, and goes on. Whoever looks measures all rows that
wait, sixteen at a time, since sixteen norms of small tensors cost little more than one; making a `RunView` does so,
beside the thread that trains. Where nobody looks, the run measures once as many wait as may.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.training import backwards

Array = NDArray[np.float64]
TOGETHER = 16
MOST_NUMBERS, MOST_ROWS = 2**22, 256  # that may wait: 16 MB, half a second of a small model


class Norms(NamedTuple):
    """flow: by state, log10 of the norm at each step, (L, T).     last: the same of the last loss of each sequence
    alone; `flow` itself where there is no other.     before, after: 2-norm per block, around clipping."""

    flow: Mapping[str, Array]
    last: Mapping[str, Array]
    before: Array
    after: Array


class Queue(Protocol):
    """What measures rows."""

    def measure(self) -> None:
        """All rows of it that wait."""


class Row:
    """The gradient of one iteration, measured by now or when it is asked for."""

    def __init__(self, queue: Queue) -> None:
        self._queue: Queue | None = queue
        self._norms: Norms | None = None

    @property
    def norms(self) -> Norms:
        if (queue := self._queue) is not None:
            queue.measure()
        assert self._norms is not None
        return self._norms

    def settle(self, norms: Norms) -> None:
        self._norms, self._queue = norms, None


class RowQueue:
    """Rows of one run that are not measured yet. One thread adds while others ask.

    sizes: how many numbers each block has, in the order in which they make up the gradient.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._rows: deque[tuple[Row, backwards.Raw, Tensor, Tensor]] = deque()
        self._most = 0
        self._measuring = Lock()

    def add(self, raw: backwards.Raw, before: Tensor, after: Tensor) -> Row:
        """raw: of the flow.     before, after: the gradient of all parameters around clipping, (P,), copies."""
        row = Row(self)
        self._rows.append((row, raw, before, after))
        if not self._most:
            # Chunks share a layer's weights.
            sizes = {id(part): part.numel() for part in (before, after, *raw.tensors)}
            self._most = min(MOST_ROWS, MOST_NUMBERS // sum(sizes.values()) + 1)
        if len(self._rows) > self._most:
            self.measure()
        return row

    def measure(self) -> None:
        """All that wait now."""
        with self._measuring:
            count = len(self._rows)
            while count > 0:
                together = [self._rows[place] for place in range(min(count, TOGETHER))]
                self._settle(together)
                for _ in together:  # not before: what fails is asked for again
                    self._rows.popleft()
                count -= len(together)

    def _settle(self, entries: Sequence[tuple[Row, backwards.Raw, Tensor, Tensor]]) -> None:
        rows, raws, before, after = zip(*entries, strict=True)
        flow, last = backwards.log_norms(raws)
        norms = [self._of_blocks(torch.stack(gradients)) for gradients in (before, after)]
        for place, row in enumerate(rows):
            # Copies: a row that is kept must not keep the others.
            every = {name: table[place].copy() for name, table in flow.items()}
            alone = every if last is None else {name: table[place].copy() for name, table in last.items()}
            row.settle(Norms(every, alone, *(table[place].copy() for table in norms)))

    def _of_blocks(self, gradients: Tensor) -> Array:
        """(n, P) -> (n, blocks). In float64: 1e-23 squared is no float32."""
        return np.sqrt(np.add.reduceat(np.square(gradients.double().numpy()), self._starts, axis=1))
