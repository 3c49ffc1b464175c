"""The traces of a batch that was run in one pass, each made when it is asked for. No torch here, as in `trace`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import index
from typing import TYPE_CHECKING, overload

from rnnviz.core.trace import Trace

if TYPE_CHECKING:
    from rnnviz.core.batched import Batch


@dataclass(frozen=True, eq=False, repr=False)
class Traces(Sequence[Trace]):
    """A trace for each sequence of a batch, in the batch's order: `traces[3]`, `traces[-1]`, `traces[:4]`, `len`.

    batch: what was run. It keeps each layer's states; the other results are computed as a trace is asked for.
    order: which of its sequences these are, from 0.
    """

    batch: Batch
    order: tuple[int, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many steps each sequence has."""
        return tuple(self.batch.sequences.lengths[place] for place in self.order)

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, key: int) -> Trace: ...

    @overload
    def __getitem__(self, key: slice) -> Traces: ...

    def __getitem__(self, key: int | slice) -> Trace | Traces:
        if isinstance(key, slice):
            return replace(self, order=self.order[key])
        try:
            place = self.order[index(key)]
        except TypeError:
            raise TypeError(f"traces[{key!r}] is no place; accepted: a whole number, as in traces[0]['h']") from None
        except IndexError:
            raise IndexError(f"there is no sequence {key}; accepted: 0 to {len(self) - 1}") from None
        return self.batch.trace(place)

    def __repr__(self) -> str:
        layers, steps = self.batch.layers, sorted({*self.lengths})
        T = f"T={steps[0]}" + f" to {steps[-1]}" * (len(steps) > 1) if steps else "none"
        size = f"layers={len(layers.rows) // layers.directions}, directions={layers.directions}"
        dtype = str(layers.dtype).removeprefix("torch.")
        names = " ".join(layers.cell.quantities)
        return f"<Traces {layers.cell.title}: {len(self)} x {T}, {size}, hidden={layers.hidden_size}, {dtype}; {names}>"
