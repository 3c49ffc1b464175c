"""A scene: blocks in columns and rows, the wires between them, and the vectors that they hold.

Columns are counted from the left and rows from the top, both from 0. Steps are counted from 0 in the order in which the
network computes. A block says what it is and what it holds, a wire what is computed from what; how that is drawn is a
matter of `rnnviz.charts.stage.scene.marks`, which draws any scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array

# token: a text that is read.   state: a vector.   operation: a sign without a vector of its own, such as `+`.
# output: a text that is predicted, so that nobody is to see it before its step.
BlockKind = Literal["token", "state", "operation", "output"]
SLACK = 1e-4  # by which the sum of some shares in float32 may miss 1


@dataclass(frozen=True)
class Block:
    name: str  # what wires call it by; no two blocks of a scene share it
    kind: BlockKind  # what it is: see `BlockKind`
    column: int  # from the left, 0 to columns - 1
    row: int  # from the top, 0 to rows - 1
    step: int  # when it is computed, 0 to steps - 1; for a token, when it is first read
    symbol: str = ""  # whose colour it has: x, h, c, y, or a gate's letter
    label: str = ""  # what is written in it, or on hovering where it holds a vector
    note: str = ""  # a second, quieter line under the label of a token or an output
    vector: str = ""  # the name of the vector that it holds, in `Scene.vectors`; "" for none
    part: int | None = None  # the row of a trace's first axis (layer and direction) whose cell it is; None for none


@dataclass(frozen=True)
class Wire:
    source: str  # the block that is read; "" for what was there before the first step, as an initial state
    target: str  # the block that is computed from it; "" for what is handed on after the last step, as a final state
    symbol: str = ""  # whose colour it has
    weight: str = ""  # the matrix that what it carries is multiplied by; "" for none
    amount: float | None = None  # its share in a weighted sum, 0 to 1, as an attention's; None where nothing is shared
    main: bool = False  # whether it is drawn as strongly as one along a row though it goes round others


@dataclass(frozen=True)
class Row:
    labels: tuple[str, ...] = ()  # what is carried along it, from the top: written beside it
    symbols: tuple[str, ...] = ()  # whose colour each label has
    part: int | None = None  # the row of a trace's first axis that it shows; None for none


@dataclass(frozen=True)
class Span:
    tokens: tuple[str, ...]  # the names of the blocks that are its units, of one row, side by side from the left
    text: str  # the whole that they are units of, as a word of its letters
    line: int = 0  # where it stands under them: 0 nearest, a higher one under what is a unit of it itself


@dataclass(frozen=True)
class Caption:
    name: str  # what is computed at this step
    lines: tuple[str, ...] = ()  # with which numbers, from the top


@dataclass(frozen=True)
class Asking:
    """A row of the grid under a scene: what one step took from each of the scene's first columns."""

    label: str  # what came of it, as the word that was written
    scores: tuple[float, ...]  # one a column, from the left; none where they are not known
    shares: tuple[float, ...]  # one a column: 0 to 1, their sum 1
    scored: int  # the step at which the scores are computed
    shared: int  # at which the shares are
    told: int  # at which the label is known
    held: bool = False  # whether the shares were put in the place of what the scores make
    # How many columns, from the first, the state has read that most was taken from; 0 where that is not told.
    read: int = 0


@dataclass(frozen=True, eq=False)
class Scene:
    """Raises `ValueError` where its parts do not fit together."""

    __repr__ = short_repr

    steps: int  # how many moments there are
    columns: int  # how many places from left to right
    rows: tuple[Row, ...]  # from the top
    blocks: tuple[Block, ...]  # in the order in which they are computed: those of one step too
    wires: tuple[Wire, ...]  # in any order; those between the same two blocks lie above each other in this one
    vectors: Mapping[str, Array] = field(default_factory=dict)  # by name, each one-dimensional and finite
    spans: tuple[Span, ...] = ()  # what several tokens are units of; those of one line share no token
    captions: tuple[Caption, ...] = ()  # what each step is called; none where its blocks say it
    grid: tuple[Asking, ...] = ()  # from the top

    def __post_init__(self) -> None:
        arrays = {name: np.array(vector) for name, vector in self.vectors.items()}
        for array in arrays.values():
            array.setflags(write=False)
        object.__setattr__(self, "vectors", MappingProxyType(arrays))
        for name, array in arrays.items():
            if array.ndim != 1 or not array.size or not np.isfinite(array).all():
                raise ValueError(f"vector {name!r} is {array.shape}; accepted: one axis, not empty, of finite numbers")
        for row in self.rows:
            if len(row.labels) != len(row.symbols):
                raise ValueError(f"a row has the labels {row.labels} and the symbols {row.symbols}; accepted: as many")
        self._check_blocks()
        self._check_wires()
        self._check_spans()
        self._check_grid()

    def _check_blocks(self) -> None:
        bounds = {"column": self.columns, "row": len(self.rows), "step": self.steps}
        places: dict[tuple[int, int], str] = {}
        names: set[str] = set()
        for block in self.blocks:
            if block.name in names:
                raise ValueError(f"two blocks have the name {block.name!r}")
            names.add(block.name)
            if block.kind not in get_args(BlockKind):
                raise ValueError(f"{block.name!r} is a {block.kind!r}; accepted: {', '.join(get_args(BlockKind))}")
            for what, bound in bounds.items():
                if not 0 <= getattr(block, what) < bound:
                    at = getattr(block, what)
                    raise ValueError(f"{what} of {block.name!r} is {at}; accepted: 0 to {bound - 1}")
            if (other := places.setdefault((block.column, block.row), block.name)) != block.name:
                raise ValueError(f"{other!r} and {block.name!r} are both in column {block.column}, row {block.row}")
            if (block.kind == "state") != bool(block.vector) or (block.vector and block.vector not in self.vectors):
                raise ValueError(
                    f"{block.name!r} is of kind {block.kind} and holds {block.vector!r}; accepted: for a state"
                    f" one of {', '.join(self.vectors) or 'no vector'}, for any other none"
                )

    def _check_wires(self) -> None:
        place = {block.name: (block.step, number) for number, block in enumerate(self.blocks)}
        for wire in self.wires:
            ends = [end for end in (wire.source, wire.target) if end]
            for end in ends or ("",):
                if end not in place:
                    raise ValueError(f"a wire from {wire.source!r} to {wire.target!r}: there is no block {end!r}")
            if len(ends) == 2 and place[wire.source] >= place[wire.target]:
                (source, _), (target, _) = place[wire.source], place[wire.target]
                raise ValueError(
                    f"{wire.target!r} of step {target} reads {wire.source!r} of step {source}; accepted: what is"
                    " computed at an earlier step, or stands before it among the blocks of the same step"
                )
            if wire.amount is not None and not 0 <= wire.amount <= 1:
                raise ValueError(f"{wire.source!r} has a share of {wire.amount} in {wire.target!r}; accepted: 0 to 1")

    def _check_spans(self) -> None:
        blocks = {block.name: block for block in self.blocks if block.kind == "token"}
        seen: set[tuple[int, str]] = set()
        for span in self.spans:
            places = [(blocks[name].row, blocks[name].column) for name in span.tokens if name in blocks]
            if not places or places != [(places[0][0], places[0][1] + k) for k in range(len(span.tokens))]:
                raise ValueError(f"{span.text!r} spans {span.tokens}; accepted: tokens side by side, at least one")
            if span.line < 0 or any((span.line, name) in seen for name in span.tokens):
                raise ValueError(f"{span.text!r} is on line {span.line}; accepted: from 0, none over another there")
            seen |= {(span.line, name) for name in span.tokens}

    def _check_grid(self) -> None:
        if len(self.captions) not in (0, self.steps):
            raise ValueError(
                f"there are {len(self.captions)} captions; accepted: none, or one for each of {self.steps}"
            )
        for row in self.grid:
            if not 0 < len(row.shares) <= self.columns or len(row.scores) not in (0, len(row.shares)):
                counts = f"{len(row.scores)} scores and {len(row.shares)} shares"
                raise ValueError(f"{row.label!r} has {counts}; accepted: as many, 1 to {self.columns}")
            if not 0 <= row.scored <= row.shared <= row.told < self.steps:
                steps = (row.scored, row.shared, row.told)
                raise ValueError(f"the steps of {row.label!r} are {steps}; accepted: in this order, below {self.steps}")
            if min(row.shares) < 0 or abs(sum(row.shares) - 1) > SLACK:
                raise ValueError(f"the shares of {row.label!r} sum to {sum(row.shares)}; accepted: 1, none below 0")
