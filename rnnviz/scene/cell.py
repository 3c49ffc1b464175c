"""One cell as books draw it, from its declaration: the memory a belt along the top, gates under it, x below.

Where an operation stands follows from its role and from what it reads. Nothing here knows a cell by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from rnnviz.core.cell import Cell, Op, Role
from rnnviz.scene.wiring import LINES, Line, Spot, Way, lines, route

# Rows from the top. The belt; what is made of gates on the way to it; gates and candidates; their sums; products with
# the previous state, and with what is read; what is read.
BELT, MADE, GATES, SUMS, RECURRENT, INPUT, READ = range(7)
NODE, CHANNEL, TRACK = (
    (1.0, 1.0),
    (0.16, 0.42),
    (0.07, 0.16),
)  # wide and high: a node, an unused channel, each track used
Point = tuple[float, float]


@dataclass(frozen=True)
class Wire:
    source: str  # what is read; for what leaves the cell, `h` or `c`
    target: str  # the operation that reads it; `h_next`, `c_next` where it leaves the cell
    points: tuple[Point, ...]  # from the source's edge to the target's: where it begins, turns and ends


@dataclass(frozen=True)
class Drawing:
    """Places are 0 to 1, from the left and from the top, and so are sizes: a part of the drawing's width and height."""

    nodes: Mapping[str, Point]  # the middle of each: operations, `x`, `h_prev`, `h_next` ..., `logits` and `y`
    size: Point  # of every node, wide and high
    wires: tuple[Wire, ...]
    belt: tuple[str, ...]  # the nodes on the belt, from left to right; none where the cell has no gates
    frame: tuple[float, float, float, float]  # left, top, right, bottom of what belongs to the cell
    shape: tuple[int, int]  # how many columns and rows


@cache
def draw(cell: Cell, with_output: bool) -> Drawing:
    """The drawing of a cell. with_output: with what a head makes of h. Kept: it is the same for all texts."""
    spots, belt = _Spots(cell).all(with_output)
    spots = _dense(spots)
    pairs = list(_pairs(cell, with_output))
    straight = list(pairwise(belt))
    tracks, ways = route(spots, pairs, straight, [name for name in spots if _has_name_over(name)])
    return _drawing(spots, belt, tracks, ways)


def _has_name_over(node: str) -> bool:
    """Whether what a node is called stands over it: the states that are read and carried on, and what is expected."""
    return node.endswith(("_prev", "_next")) or node == "y"


def _pairs(cell: Cell, with_output: bool) -> Iterator[tuple[str, str]]:
    """What each node reads, each once; what is carried on to the next step."""
    parameters = {parameter.name for parameter in cell.parameters}
    for op in cell.ops:
        for name in dict.fromkeys(op.reads):
            if name not in parameters:
                yield name, op.name
    for state in cell.states:
        yield state, f"{state}_next"
    if with_output:
        yield from (("h", "logits"), ("logits", "y"))


@dataclass
class _Spots:
    """Columns and rows of a cell's nodes, while they are found."""

    cell: Cell
    spots: dict[str, Spot] = field(default_factory=dict)
    group: dict[str, str] = field(default_factory=dict)  # of an operation that leads to a gate or candidate: which

    def all(self, with_output: bool) -> tuple[dict[str, Spot], list[str]]:
        """The place of each node, and the names of those on the belt."""
        roots = self._roots()
        belt = self._belt(roots)
        self._place_states(belt)
        column = 1
        for root in self._order(roots, belt):
            column = self._place_group(root, column)
        of_x = [self.spots[op.name][0] for op in self.cell.ops if "x" in op.reads and op.name in self.spots]
        self.spots["x"] = (min(of_x, default=1), READ)
        rest = [op for op in self.cell.ops if op.name not in self.group and op.name not in belt]
        before = self._leading_to(belt[-1]) if belt else set()
        for op in rest:
            if op.name in before:
                self._put(op.name, max([1, *self._columns(op)]) + self._is_aside(op, belt), MADE)
        at = 0
        for name in belt[1:]:
            at = max(at + 1, *self._columns(self.cell.op(name)))
            self.spots[name] = (at, BELT)
        self._place_after([op.name for op in rest if op.name not in before])
        self._place_out(with_output)
        return self.spots, [*belt, *(f"{belt[-1]}_next" for _ in belt[:1])]

    def _roots(self) -> list[str]:
        """Gates and candidates; for a cell with neither, its state."""
        roots = [
            op.name
            for op in self.cell.ops
            if op.role is Role.CANDIDATE or (op.role is Role.GATE and op.kind != "one_minus")
        ]
        return roots or ["h"]

    def _belt(self, roots: list[str]) -> list[str]:
        """From the previous memory to the new one, by operations that are not part of a gate; empty without memory."""
        inner = set(roots).union(*(self._inner(root, roots) for root in roots))
        for state in reversed(self.cell.states):
            way = self._path(f"{state}_prev", state, inner)
            if way:
                return way
        return []

    def _path(self, start: str, end: str, obstacles: set[str]) -> list[str]:
        """The longest way from what is read to a result; empty where there is none."""
        longest: dict[str, list[str]] = {start: [start]}
        for op in self.cell.ops:
            ways = [longest[name] for name in op.reads if name in longest]
            if ways and op.name not in obstacles:
                longest[op.name] = [*max(ways, key=len), op.name]
        return longest.get(end, [])

    def _inner(self, root: str, roots: list[str]) -> set[str]:
        """The operations that lead to a root and to which no other root leads from there."""
        names = {op.name for op in self.cell.ops}
        inner: set[str] = set()
        ahead = [root]
        while ahead:
            for operand in self.cell.op(ahead.pop()).reads:
                if operand in names and operand not in roots and operand not in inner and not self._is_state(operand):
                    inner.add(operand)
                    ahead.append(operand)
        return inner

    def _is_state(self, name: str) -> bool:
        return name in self.cell.states

    def _leading_to(self, end: str) -> set[str]:
        names = {op.name for op in self.cell.ops}
        ancestors = {end}
        for op in reversed(self.cell.ops):
            if op.name in ancestors:
                ancestors |= names.intersection(op.reads)
        return ancestors

    def _order(self, roots: list[str], belt: list[str]) -> list[str]:
        """Roots in the order in which the belt meets them, each after those that it reads."""
        order: list[str] = []
        seen: set[str] = set()
        names = {op.name for op in self.cell.ops}

        def visit(name: str) -> None:
            if name in seen or name not in names:
                return
            seen.add(name)
            for operand in self.cell.op(name).reads:
                visit(operand)
            if name in roots:
                order.append(name)

        for name in [*belt, *(op.name for op in self.cell.ops)]:
            visit(name)
        for root in order:
            for name in self._inner(root, roots):
                if name not in belt:
                    self.group.setdefault(name, root)
            self.group[root] = root
        return order

    def _place_group(self, root: str, column: int) -> int:
        """A root and what leads to it, each under or beside what reads it; returns the next free column."""
        ops = [op for op in self.cell.ops if self.group.get(op.name) == root]
        readers: dict[str, list[str]] = {op.name: [o.name for o in ops if op.name in o.reads] for op in ops}
        places: dict[str, Spot] = {}
        for op in reversed(ops):
            row = GATES if op.name == root else _row(op)
            at = min([0, *(places[r][0] - (places[r][1] == row) for r in readers[op.name])])
            while (at, row) in places.values():
                at -= 1
            places[op.name] = (at, row)
        first = min(at for at, _ in places.values())
        self.spots |= {name: (column + at - first, row) for name, (at, row) in places.items()}
        return column + 1 - first

    def _columns(self, op: Op) -> list[int]:
        return [self.spots[name][0] for name in op.reads if name in self.spots]

    def _is_aside(self, op: Op, belt: list[str]) -> bool:
        """Whether it must leave free the way up from what it reads: 1 - z beside a z that the belt reads too."""
        on_belt = [self.cell.op(name) for name in belt[1:]]
        return len(op.reads) == 1 and any(op.reads[0] in other.reads for other in on_belt)

    def _put(self, name: str, column: int, row: int) -> None:
        """At a place, or right of it where that is taken."""
        while (column, row) in self.spots.values():
            column += 1
        self.spots[name] = (column, row)

    def _place_after(self, names: list[str]) -> None:
        """What is made of the new memory, downward at the right."""
        column, row = 1 + max(at for at, _ in self.spots.values()), MADE
        for name in names:
            self.spots[name] = (column, row)
            row += 1
            if row == READ:
                column, row = column + 1, MADE

    def _place_states(self, belt: list[str]) -> None:
        """The previous states, at the left."""
        free = [RECURRENT, SUMS, GATES, MADE, INPUT, BELT]
        for state in self.cell.states:
            name = f"{state}_prev"
            self.spots[name] = (0, BELT if name in belt[:1] else free.pop(0))

    def _place_out(self, with_output: bool) -> None:
        """What leaves the cell, at the right edge; a head beside h, above it where there is room."""
        last = max(at for at, _ in self.spots.values())
        row = self.spots["h"][1]
        if with_output:
            beside = row - 1 if row > MADE else row + 1
            self.spots |= {"logits": (last + 1, beside), "y": (last + 2, beside)}
            last += 1
        for state in ("h", *(name for name in self.cell.states if name != "h")):
            own = self.spots[state][1]
            free = [row for row in range(READ) if (last + 1, row) not in self.spots.values()]
            self.spots[f"{state}_next"] = (last + 1, min((abs(row - own), row) for row in free)[1])


def _row(op: Op) -> int:
    if op.kind != "matvec":
        return SUMS
    return INPUT if op.role is Role.INPUT else RECURRENT


def _dense(spots: Mapping[str, Spot]) -> dict[str, Spot]:
    """Without rows and columns that hold nothing."""
    columns, rows = (sorted({spot[axis] for spot in spots.values()}) for axis in (0, 1))
    return {name: (columns.index(column), rows.index(row)) for name, (column, row) in spots.items()}


def _drawing(spots: Mapping[str, Spot], belt: list[str], tracks: int, ways: list[Way]) -> Drawing:
    """Columns and rows as wide as their tracks need, in parts of the whole."""
    cells = [1 + max(spot[axis] for spot in spots.values()) for axis in (0, 1)]
    every = [lines(cells[axis], tracks) for axis in (0, 1)]
    at: list[list[float]] = []
    middles: list[list[float]] = []
    total: list[float] = []
    for axis in (0, 1):
        # A track counts where a wire runs along it, not where one only crosses it.
        along = {a[axis] for way in ways for a, b in pairwise(way.vertices) if a[axis] == b[axis]}
        places, centres, end = _axis(every[axis], along, axis)
        at.append(places)
        middles.append(centres)
        total.append(end)
    nodes = {name: (middles[0][c] / total[0], middles[1][r] / total[1]) for name, (c, r) in spots.items()}
    half = (NODE[0] / 2 / total[0], NODE[1] / 2 / total[1])
    wires = []
    for way in ways:
        points = [(at[0][x] / total[0], at[1][y] / total[1]) for x, y in way.vertices]
        first, last = points[0], points[-1]
        a, b = nodes[way.source], nodes[way.target]
        start = (
            (a[0] + way.leaves[0] * half[0], first[1]) if way.leaves[0] else (first[0], a[1] + way.leaves[1] * half[1])
        )
        stop = (
            (b[0] - way.arrives[0] * half[0], last[1]) if way.arrives[0] else (last[0], b[1] - way.arrives[1] * half[1])
        )
        wires.append(Wire(way.source, way.target, tuple(_turns([start, *points, stop]))))
    inside = [spot for name, spot in spots.items() if not name.endswith(("_prev", "_next")) and name not in _OUTSIDE]
    left, right = min(c for c, _ in inside), max(c for c, _ in inside)
    top, bottom = min(r for _, r in inside), max(r for _, r in inside)
    margin = (0.3 / total[0], 0.5 / total[1])
    frame = (
        middles[0][left] / total[0] - half[0] - margin[0] / 2,
        middles[1][top] / total[1] - half[1] - margin[1] / 2,
        middles[0][right] / total[0] + half[0] + margin[0] / 2,
        middles[1][bottom] / total[1] + half[1] + margin[1] / 2,
    )
    return Drawing(nodes, (2 * half[0], 2 * half[1]), tuple(wires), tuple(belt), frame, (cells[0], cells[1]))


_OUTSIDE = ("x", "logits", "y")


def _axis(every: list[Line], along: set[int], axis: int) -> tuple[list[float], list[float], float]:
    """Along one axis: where each line and track lies, the middle of each column (or row), and the whole length."""
    places = [0.0] * len(every)
    middles: list[float] = []
    end = 0.0
    cell = 0
    while True:
        track = [at for at, line in enumerate(every) if line.channel and line.cell == cell]
        tracks = [at for at in track if at in along]
        room = CHANNEL[axis] + TRACK[axis] * len(tracks)
        for at in track:
            number = sum(other < at for other in tracks)
            places[at] = end + room * (number + 1) / (len(tracks) + 1) if at in tracks else end + room * 0.5
        end += room
        inner = [at for at, line in enumerate(every) if not line.channel and line.cell == cell]
        if not inner:
            return places, middles, end
        for number, at in enumerate(inner):
            places[at] = end + NODE[axis] * (number + 1) / (LINES + 1)
        middles.append(end + NODE[axis] / 2)
        end += NODE[axis]
        cell += 1


def _turns(points: list[Point]) -> Iterator[Point]:
    """A polyline without the points at which it goes straight on."""
    points = [a for a, b in pairwise(points) if a != b] + points[-1:]
    yield points[0]
    for (ax, ay), (bx, by), (cx, cy) in zip(points, points[1:], points[2:], strict=False):
        if not ((ax == bx == cx) or (ay == by == cy)):
            yield bx, by
    yield points[-1]
