"""What an encoder and a decoder computed over one source and one target, as read-only arrays. No torch here.

Shapes: `S` source tokens, `U` written tokens, `H` units of both networks, `V` words that can be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.cell import Op, Role
from rnnviz.core.refusal import TRACE, required
from rnnviz.core.seq2seq.attention import Attention
from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array, Trace

if TYPE_CHECKING:
    from torch import Tensor

# Of a model whose scores are its own: the shares are given, and what is made of them is the context.
GIVEN = Attention(
    name="given",
    title="attention",
    ops=(Op("context", Role.ATTENTION, "mix", ("alpha", "h_j"), r"\bar h_t"),),
    quantities=("context",),
    shapes={},
    source="whoever computed the shares",
)


@dataclass(frozen=True, eq=False)
class Transduction:
    """One source that is read and the target that is written of it.

    Raises `ValueError` where the parts do not fit together.
    """

    __repr__ = short_repr

    encoder: Trace  # T = S; what is drawn is its output, the last layer in all its directions
    decoder: Trace  # T = U; its tokens are the words that it was fed
    attention: Attention
    weights: Mapping[str, Array]  # the attention's parameters, by their names
    values: Mapping[str, Array]  # all results of the attention's operations, by name, each (U, ...)
    rows: tuple[int, ...]  # of each written token its row of V
    vocabulary: tuple[str, ...]  # what each row of V is called; "" for the begin and the end
    fed: tuple[int, ...]  # the rows of V that the decoder was fed, U of them
    # By step, from 0: the shares, (S,), that were put in the place of its own.
    held: Mapping[int, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("weights", "values", "held"):
            arrays = {key: np.array(value) for key, value in getattr(self, name).items()}
            for array in arrays.values():
                array.setflags(write=False)
            object.__setattr__(self, name, MappingProxyType(arrays))
        U = len(self.decoder)
        if not len(self.rows) == len(self.fed) == U:
            counts = f"{len(self.rows)} rows, {len(self.fed)} fed"
            raise ValueError(f"the decoder has {U} steps, and there are {counts}; accepted: as many of each")
        if any(len(value) != U for value in self.values.values()):
            raise ValueError(f"a result has other steps than the decoder's {U}")

    def __len__(self) -> int:
        """U, how many tokens were written."""
        return len(self.decoder)

    def __getitem__(self, name: str) -> Array:
        """A result of the attention's operations, (U, ...); raises `KeyError` for another name."""
        if name not in self.values:
            raise KeyError(f"{self.attention.title} has no {name!r}; it has {', '.join(self.values)}")
        return self.values[name]

    @property
    def words(self) -> tuple[str, ...]:
        """The written tokens, U of them; "" where the end is."""
        return tuple(self.vocabulary[row] for row in self.rows)

    @property
    def shares(self) -> Array | None:
        """How much of each source token's state is in each context, (U, S): rows that sum to 1; None without any."""
        return self.values.get("alpha")

    def probability(self, step: int) -> float | None:
        """Of the token that was written at a step, from 0; None where it is not known."""
        y = self.values.get("y")
        return None if y is None else float(y[step, self.rows[step]])

    @property
    def y(self) -> Array:
        """The distribution over words at each step, (U, V)."""
        return self.values["y"]

    def operand(self, name: str, step: int) -> Array:
        """What an operation of the attention reads under a name at a step, from 0."""
        if name == "s":
            return self.decoder.output[step]
        if name == "h_j":
            return self.encoder.output
        return self.weights[name] if name in self.weights else self.values[name][step]


def aligned(encoder: Trace, decoder: Trace, shares: Array | Tensor, words: Sequence[str]) -> Transduction:
    """What a model of one's own read and wrote, to be shown by `rnnviz.stage` as the lesson shows it.

    encoder: as `rnnviz.record` gives it, T = S; its tokens are those of the source.
    decoder: the same, T = U; its tokens are the words that it was fed, one before each that it wrote.
    shares: how much of each source token's state was in each context, (U, S): none below 0, rows that sum to 1; an
        array, or a tensor on the CPU.
    words: that were written, U of them; "" for the end.
    Raises `ValueError` where these do not fit together, `TypeError` for what is no trace.
    """
    required(encoder, Trace, "encoder", TRACE)
    required(decoder, Trace, "decoder", TRACE)
    S, U = len(encoder), len(decoder)
    given = shares.detach() if hasattr(shares, "detach") else shares
    shares = np.asarray(given)
    if shares.shape != (U, S) or len(words) != U:
        raise ValueError(
            f"shares are {shares.shape} and there are {len(words)} words; accepted: ({U}, {S}), a row for each of the"
            f" decoder's {U} steps and a column for each of the encoder's {S}, and {U} words"
        )
    if not (shares >= 0).all() or not np.allclose(shares.sum(axis=1), 1, atol=1e-4):
        raise ValueError("shares do not sum to 1 in each row, or some are below 0; accepted: those of a softmax")
    values = {"alpha": shares, "context": shares @ encoder.output}
    rows = tuple(range(U))
    return Transduction(encoder, decoder, GIVEN, {}, values, rows, tuple(words), rows)
