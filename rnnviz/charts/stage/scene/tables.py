"""Any scene as tables: where its rows and wires lie, which pieces a wire has, and what of a row is still to come.

Places across are columns, which the chart stretches to the page's width; places down are px before zoom, counted from
the region's top.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.raster import picture
from rnnviz.charts.kit.tables import SEPARATOR, Row, Tables, clean
from rnnviz.charts.kit.wrap import BREAK, breakable
from rnnviz.charts.stage.scene import spans
from rnnviz.core.trace import Array
from rnnviz.scene import Block, Scene, Wire

TALL, FLAT, NOTED = 38, 20, 34  # px before zoom: a row with vectors, of texts, of texts with notes under them
LABEL = 19  # of a text's own line, without the note under it
GAP, DETOUR_GAP, FAN_GAP = 20, 36, 68  # between rows: for straight wires, for wires that turn, for wires that spread
SHARP = 8  # pixels of a picture for an element
MEANING = 5.0  # widths of a Hangul syllable of 9.5 px: what a symbol means has that room beside the columns of a phone
IN_GAP = 12  # how far from the block a wire turns
SHARED = 17  # over the blocks that shares are taken of, for those of the present step


def meanings(labels: Mapping[str, str]) -> Mapping[str, str]:
    """What the symbols in the gutter stand for.     labels: the texts of a language."""
    return {symbol: labels[f"stage.name_{symbol}"] for symbol in "xhcy"}


def tables(scene: Scene, *, heat: bool, part: int = 0, names: Mapping[str, str] | None = None) -> Tables:
    """A scene's tables. heat: whether the chart has a state's heatmap under it, in the same columns.
    part: the row of a trace's first axis that the first entry of the chart's `bundle` is about.
    names: what is written beside a row's label, by its symbol.

    blocks: one row a block.     wires: one row a straight piece of a wire, the last of each with the arrow.
    covers: one row a run of blocks of a row that are computed column by column.     labels: the names of the rows.
    spans: one row a run of units that have been read, while it stays that run.
    """
    layout = _Layout(scene)
    blocks = []
    for block in scene.blocks:
        vector = scene.vectors.get(block.vector)
        blocks.append(
            {
                "name": clean(block.name),
                "kind": block.kind,
                "column": block.column,
                "step": block.step,
                "y": layout.top[block.row],
                "tall": LABEL if block.kind == "token" else layout.height[block.row],
                "label": clean(block.label),
                "note": clean(block.note),
                "part": -1 if block.part is None else block.part,
                "urlLight": "" if vector is None else _barcode(vector, dark=False),
                "urlDark": "" if vector is None else _barcode(vector, dark=True),
                **palette.symbol(block.symbol or "?")._asdict(),
            }
        )
    computed = [caption.name for caption in scene.captions] or [
        ",  ".join(b.label or b.name for b in scene.blocks if b.step == step) for step in range(scene.steps)
    ]
    covers = list(_covers(scene, layout))
    whole: Row = {
        "columns": scene.columns,
        "steps": scene.steps,
        "high": layout.bottom,
        "longest": max((len(label) for row in scene.rows for label in row.labels), default=0),
        "heat": heat,
        "part": part,
        # Whether every row is computed column by column together, so that one frame marks the present of them all.
        "whole": heat and len({(c["from"], c["to"], c["step"], c["by"]) for c in covers}) == 1,
        "columnOf": ",".join(str(_column(scene, step)) for step in range(scene.steps)),
        "names": SEPARATOR.join(map(clean, computed)),
        "lines": SEPARATOR.join(BREAK.join(map(clean, caption.lines)) for caption in scene.captions),
        "most": max((len(caption.lines) for caption in scene.captions), default=0),
        "asked": len(scene.grid),
        "askedY": layout.asked,
        "named": bool(names),
    }
    return {
        "picture": [whole],
        "blocks": blocks,
        "wires": [piece for wire, lane, lanes in _lanes(scene) for piece in layout.pieces(wire, lane, lanes)],
        "covers": covers,
        "spans": spans.table(scene, layout.under),
        "labels": [
            {
                "label": label,
                "part": -1 if row.part is None else row.part,
                "y": layout.top[at]
                + (10 if layout.height[at] == NOTED else layout.height[at] * (number + 0.5) / len(row.labels)),
                "top": layout.top[at],
                "tall": layout.height[at],
                "first": number == 0,
                "means": breakable(_meaning(label, symbol, names or {}), MEANING),
                # Under a last row without notes is no room, unless a heatmap follows.
                "over": number < len(row.labels) - 1 or (at > 0 and not heat and layout.height[-1] == FLAT),
                **palette.symbol(symbol)._asdict(),
            }
            for at, row in enumerate(scene.rows)
            for number, (label, symbol) in enumerate(zip(row.labels, row.symbols, strict=True))
        ],
    }


def _meaning(label: str, symbol: str, names: Mapping[str, str]) -> str:
    """What a row's label means; nothing where it only has the colour of its symbol, as a gradient has."""
    return names.get(symbol, "") if label.strip("→← ").startswith(symbol) else ""


def _barcode(vector: Array, *, dark: bool) -> str:
    """A vector as a picture, several pixels an element: what shows a saved one may not keep its edges sharp."""
    return picture(np.repeat(vector, SHARP)[None], dark=dark)


def _column(scene: Scene, step: int) -> int:
    """Where the window is to look at a step: at what is computed last in it, or at what was before."""
    done = [block for block in scene.blocks if block.step <= step]
    return max(done, key=lambda block: block.step).column if done else 0


def _lanes(scene: Scene) -> Iterator[tuple[Wire, int, int]]:
    """Each wire, its number among those between the same two blocks, and how many those are."""
    together: dict[tuple[str, str], list[Wire]] = {}
    for wire in scene.wires:
        together.setdefault((wire.source, wire.target), []).append(wire)
    for wires in together.values():
        yield from ((wire, number, len(wires)) for number, wire in enumerate(wires))


@dataclass(frozen=True)
class _Point:
    """Where a wire begins, turns or ends."""

    column: float  # whose middle it is counted from
    side: float  # in half widths of a box: -1 its left edge, 1 its right one
    lane: float  # and further, in the room between two boxes: -1 or 1 for the lane there
    y: float  # px before zoom from the region's top


class _Layout:
    """Where rows and wires of a scene lie."""

    def __init__(self, scene: Scene) -> None:
        self.block = {block.name: block for block in scene.blocks}
        self.taken = {(block.column, block.row) for block in scene.blocks}
        first: dict[int, int] = {}  # the column of each row that is computed first
        self.way: dict[int, int] = {}  # of each row: 1 where it is computed to the right, else -1
        for block in scene.blocks:
            self.way[block.row] = 1 if block.column >= first.setdefault(block.row, block.column) else -1
        of_row = [[block for block in scene.blocks if block.row == row] for row in range(len(scene.rows))]
        self.height = [
            TALL
            if any(block.kind in ("state", "operation") for block in blocks)
            else NOTED
            if any(block.note for block in blocks)
            else FLAT
            for blocks in of_row
        ]
        room = [GAP] * (len(scene.rows) + 1)  # above each row, and under the last
        into = Counter(wire.target for wire in scene.wires if self._kind(wire) == "fan")
        for wire in scene.wires:
            source, target = self._ends(wire)
            kind = self._kind(wire)
            upper, lower = sorted((source.row, target.row))
            if kind == "fan" and into[wire.target] > 1:
                room[lower] = FAN_GAP
            elif kind == "fan":
                room[lower] = max(room[lower], DETOUR_GAP)
            elif kind == "detour":
                for gap in {upper + 1, lower} if upper != lower else {upper}:
                    room[gap] = max(room[gap], DETOUR_GAP)
        self.top: list[float] = []
        self.under: list[float] = []  # where the lines of a row's spans begin
        y, many = float(room[0] if room[0] > GAP else 4), spans.lines(scene)
        for row, height in enumerate(self.height):
            self.top.append(y)
            self.under.append(y + height)
            y += height + spans.LINE * many.get(row, 0) + room[row + 1]
        self.bottom = y - (room[-1] if room[-1] == GAP else 0)
        # The upper edge of the blocks that the rows of the grid are about, where each is of a step of its own; else 0.
        self.asked = 0.0
        shared = [wire for wire in scene.wires if wire.amount is not None]
        if shared and len({row.told for row in scene.grid}) == len(scene.grid):
            self.asked = self.top[self.block[shared[0].source].row]

    def _ends(self, wire: Wire) -> tuple[Block, Block]:
        """Where a wire begins and ends; one from or to nowhere at the column beside its row's first or last block."""
        at = self.block[wire.source or wire.target]
        way = self.way[at.row]
        return (
            self.block[wire.source] if wire.source else replace(at, column=at.column - way),
            self.block[wire.target] if wire.target else replace(at, column=at.column + way, kind="operation"),
        )

    def _kind(self, wire: Wire) -> str:
        """along: within a row.     up: straight, in one column.     fan: to another column of the next row.
        detour: around what stands between, and a main one to another column and row in any case."""
        source, target = self._ends(wire)
        columns, rows = sorted((source.column, target.column)), sorted((source.row, target.row))
        if source.row == target.row:
            between = ((column, source.row) for column in range(columns[0] + 1, columns[1]))
            return "detour" if self.taken.intersection(between) else "along"
        if source.column == target.column:
            between = ((source.column, row) for row in range(rows[0] + 1, rows[1]))
            return "detour" if self.taken.intersection(between) else "up"
        return "fan" if rows[1] - rows[0] == 1 and not wire.main else "detour"

    def pieces(self, wire: Wire, lane: int, lanes: int) -> Iterator[Row]:
        """The straight pieces of a wire, in order. lane, lanes: its number of those between the same two blocks."""
        source, target = self._ends(wire)
        kind = self._kind(wire)
        points = self._points(source, target, kind, (lane + 0.5) / lanes)
        if wire.main and kind == "detour":
            points = self._handed_on(source, target)
        if wire.amount is not None and self.asked:
            points[0] = replace(points[0], y=points[0].y - SHARED)
        for number, (a, b) in enumerate(pairwise(points)):
            yield {
                "wire": clean(f"{wire.source}>{wire.target}"),
                "kind": kind,
                **{f"{key}1": value for key, value in vars(a).items()},
                **{f"{key}2": value for key, value in vars(b).items()},
                "ends": number == len(points) - 2,
                "step": target.step,
                "shared": wire.amount is not None,
                "main": wire.main,
                "amount": 1.0 if wire.amount is None else round(wire.amount, 3),
                "weight": wire.weight,
                # What an operation of the block that it enters fetches over it: see `fetch` of the table `ops`.
                "carries": "y" if target.kind == "output" else wire.symbol if kind == "along" else "x",
                "into": -1 if target.part is None or not wire.target else target.part,
                **palette.symbol(wire.symbol or "?")._asdict(),
            }

    def _points(self, source: Block, target: Block, kind: str, part: float) -> list[_Point]:
        if kind == "along":
            way = 1 if target.column > source.column else -1
            y = self.top[source.row] + self.height[source.row] * part
            return [_Point(source.column, way, 0, y), _Point(target.column, -way, 0, y)]
        up = target.row <= source.row
        start = self._edge(source, up)
        if source.row == target.row:  # over the blocks of the row, and down
            over = start - IN_GAP
            turns = ((source.column, start), (source.column, over), (target.column, over), (target.column, start))
            return [_Point(column, 0, 0, y) for column, y in turns]
        end = self._edge(target, not up)
        shift = (part - 0.5) * 0.6
        if kind in ("up", "fan"):
            side = shift if kind == "up" else 0
            return [_Point(source.column, side, 0, start), _Point(target.column, side, 0, end)]
        # Out into the room beside the column, past what stands between, and in again under (or over) the target.
        side, lane = (-0.5, -1) if source.kind == "token" else (0.5, 1)
        out, back = (start - IN_GAP, end + IN_GAP) if up else (start + IN_GAP, end - IN_GAP)
        return [
            _Point(source.column, side, 0, start),
            _Point(source.column, side, 0, out),
            _Point(source.column, lane, lane, out),
            _Point(source.column, lane, lane, back),
            _Point(target.column, side, 0, back),
            _Point(target.column, side, 0, end),
        ]

    def _handed_on(self, source: Block, target: Block) -> list[_Point]:
        """Out of the block as along its row, past what stands between, and in under the target."""
        middle, end = self.top[source.row] + self.height[source.row] / 2, self._edge(target, source.row < target.row)
        back = end + IN_GAP if target.row < source.row else end - IN_GAP
        return [
            _Point(source.column, 1, 0, middle),
            _Point(source.column, 1, 1, middle),
            _Point(source.column, 1, 1, back),
            _Point(target.column, 0.5, 0, back),
            _Point(target.column, 0.5, 0, end),
        ]

    def _edge(self, block: Block, upper: bool) -> float:
        return self.top[block.row] - 2 if upper else self.top[block.row] + self.height[block.row] + 2


def _covers(scene: Scene, layout: _Layout) -> Iterator[Row]:
    """Runs of blocks that stand side by side in a row and are computed one after the other, to the right or to the
    left, or together: what is still to come of a run is one rectangle at any step."""
    for at in range(len(scene.rows)):
        row = sorted((block for block in scene.blocks if block.row == at), key=lambda block: block.column)
        for kind, members in groupby(row, key=lambda block: block.kind):
            for run in _runs(list(members)):
                yield _cover(run, kind, layout)


def _runs(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    run: list[Block] = []
    for block in blocks:
        side_by_side = bool(run) and block.column == run[-1].column + 1 and block.part == run[-1].part
        by = block.step - run[-1].step if run else 0
        if run and not (side_by_side and abs(by) <= 1 and (len(run) < 2 or by == run[1].step - run[0].step)):
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _cover(run: Sequence[Block], kind: str, layout: _Layout) -> Row:
    row = run[0].row
    return {
        "from": run[0].column,
        "to": run[-1].column,
        "step": run[0].step,
        "by": run[1].step - run[0].step if len(run) > 1 else 0,
        "part": -1 if run[0].part is None else run[0].part,
        "y": layout.top[row],
        "tall": layout.height[row],
        # How far down it hides; of a text that is read the line under it, its place, stays.
        "under": LABEL
        if kind == "token"
        else (layout.top[row + 1] if row + 1 < len(layout.top) else layout.bottom + 4) - layout.top[row] - 2,
    }
