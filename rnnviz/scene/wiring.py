"""Orthogonal wires between nodes on a grid: a cheap way for each reader, over tracks between the nodes.

Nodes stand in cells of a grid. Between two columns, and between two rows, is a channel with some tracks; through each
column and row run three lines, which meet its nodes at their edges. Wires follow tracks and lines; those of one source
share their way as far as it is the same, and those of two sources meet only where they cross. The first column and the
last row are for what is read from outside: no wire passes through them, and in the channel over that row only its own.
A node may have a word over it: there, too, no wire passes.
Each way is found by the A* method (Hart, Nilsson & Raphael 1968) with a price for bends and crossings.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Spot = tuple[int, int]  # a column from the left, a row from the top
Vertex = tuple[int, int]  # a line or track across, one down: places in what `lines` gives
Heading = tuple[int, int]  # a step across, a step down
Pose = tuple[Vertex, Heading]

LINES = 3  # through a column or a row
TRACKS = (2, 3, 5, 8)  # in a channel, tried one after the other: with more there is a way where there was none
RETRIES = 8  # with as many tracks, in another order
STEP, BEND, CROSSING, BRANCH = 6, 40, 150, 12  # prices: of the way to a neighbour, and what is added to it
OFF_MIDDLE = 8  # the price of a place at an edge that is not its middle
SIDES: tuple[Heading, ...] = ((1, 0), (0, 1), (0, -1), (-1, 0))  # of a node: right, under, over, left
LEAVING, ARRIVING = (0, 14, 0, 20), (60, 0, 10, 0)  # the price of each


@dataclass(frozen=True)
class Line:
    channel: bool  # a track of a channel, else a line through a column or row
    cell: int  # the column or row that it runs through, or before which its channel lies
    number: int  # among the tracks or lines there, from 0


@dataclass(frozen=True)
class Way:
    source: str  # the node that is read
    target: str  # the node that reads it
    leaves: Heading  # the direction in which it leaves its source's edge
    vertices: tuple[Vertex, ...]  # all that it passes, the last before its target's edge
    arrives: Heading  # the direction in which it arrives there


@dataclass(frozen=True)
class _Place:
    """A place at a node's edge where a wire may begin or end."""

    vertex: Vertex  # the one before it
    side: int  # of `SIDES`
    number: int  # of the line there
    price: int


def lines(cells: int, tracks: int) -> list[Line]:
    """All tracks and lines across so many columns, or down so many rows, in order."""
    all_lines: list[Line] = []
    for cell in range(cells):
        all_lines += [Line(True, cell, number) for number in range(tracks)]
        all_lines += [Line(False, cell, number) for number in range(LINES)]
    return [*all_lines, *(Line(True, cells, number) for number in range(tracks))]


def route(
    nodes: Mapping[str, Spot],
    pairs: Sequence[tuple[str, str]],
    straight: Sequence[tuple[str, str]] = (),
    label_nodes: Collection[str] = (),
) -> tuple[int, list[Way]]:
    """A way for each pair (source, target), no pair twice; and the number of tracks with which they were found.

    straight: pairs of one row with nothing between them, which are joined from middle to middle before all others.
    label_nodes: the nodes with a word over them.
    Raises `ValueError` where no number of tracks suffices.
    """
    order = _order(nodes, pairs, straight)
    for tracks in TRACKS:
        for _ in range(RETRIES):
            router = _Router(nodes, tracks, label_nodes)
            routes = {}
            for pair in order:
                way = router.lay(*pair, straight=pair in straight)
                if way is None:  # it was walled in: it goes first the next time
                    order = [*straight, pair, *(other for other in order if other != pair and other not in straight)]
                    break
                routes[pair] = way
            else:
                return tracks, [routes[pair] for pair in pairs]
    raise ValueError(f"no way for {len(pairs)} wires between {len(nodes)} nodes with {TRACKS[-1]} tracks")


def _order(
    nodes: Mapping[str, Spot], pairs: Sequence[tuple[str, str]], straight: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Short wires first; then one source after the other, from below, whose wires many share: the longest first, along
    which the others lie."""
    readers = Counter(source for source, _ in pairs)

    def key(pair: tuple[str, str]) -> tuple[bool, bool, int, int]:
        (a, b), (c, d) = nodes[pair[0]], nodes[pair[1]]
        far = abs(a - c) + 2 * abs(b - d)
        many = readers[pair[0]] > 2
        return pair not in straight, many, -b if many else 0, -far if many else far

    return sorted(pairs, key=key)


class _Router:
    """The wires of a drawing while they are laid: what is taken, and by which source."""

    def __init__(self, nodes: Mapping[str, Spot], tracks: int, label_nodes: Collection[str]) -> None:
        self.nodes, self.tracks = nodes, tracks
        self.across = lines(1 + max(column for column, _ in nodes.values()), tracks)
        self.down = lines(1 + max(row for _, row in nodes.values()), tracks)
        self.x = {line: place for place, line in enumerate(self.across)}
        self.y = {line: place for place, line in enumerate(self.down)}
        cells = set(nodes.values())
        self.last = max(row for _, row in cells)
        words = {nodes[name] for name in label_nodes}
        self.over = {  # where these words stand
            (x, y)
            for x, a in enumerate(self.across)
            for y, d in enumerate(self.down)
            if not a.channel and d.channel and (a.cell, d.cell) in words
        }
        self.blocked = self.over | {
            (x, y)
            for x, a in enumerate(self.across)
            for y, d in enumerate(self.down)
            if (not a.channel and not d.channel and (a.cell, d.cell) in cells)
            or a.cell == 0
            or d.cell > self.last
            or (d.cell == self.last and not d.channel)
        }
        self.used: dict[Vertex, set[str]] = {}  # the sources whose wires pass a vertex
        self.turns: set[Vertex] = set()  # where a wire turns or branches or ends, so that no other may cross
        self.edges: dict[tuple[Vertex, Vertex], str] = {}  # whose wire runs between two neighbours
        self.places: set[tuple[str, int, int]] = set()  # the places at nodes' edges that are taken
        self.before: dict[str, dict[Vertex, Vertex | None]] = {}  # of each source: from where its wires reach a vertex
        self.left: dict[str, Heading] = {}  # the direction in which a source is left

    def _edge(self, name: str, prices: Sequence[int], side: int | None) -> Iterator[_Place]:
        """The free places at a node's edge. side: the only side, by its middle; None for all."""
        column, row = self.nodes[name]
        for at, price in enumerate(prices) if side is None else [(side, 0)]:
            for number in range(LINES):
                if (name, at, number) in self.places or (side is not None and number != 1):
                    continue
                if SIDES[at][0]:
                    outside = Line(True, column + (SIDES[at][0] > 0), 0 if SIDES[at][0] > 0 else self.tracks - 1)
                    vertex = self.x[outside], self.y[Line(False, row, number)]
                else:
                    outside = Line(True, row + (SIDES[at][1] > 0), 0 if SIDES[at][1] > 0 else self.tracks - 1)
                    vertex = self.x[Line(False, column, number)], self.y[outside]
                if vertex in self.over:
                    continue
                yield _Place(vertex, at, number, price + OFF_MIDDLE * (number != 1))

    def lay(self, source: str, target: str, *, straight: bool) -> Way | None:
        """The cheapest way from a source, or from where its wires are already, to a target; it is taken then."""
        goals: dict[Vertex, list[_Place]] = {}
        for place in self._edge(target, ARRIVING, 3 if straight else None):
            goals.setdefault(place.vertex, []).append(place)
        starts: list[tuple[int, Pose]] = []
        doors: dict[Pose, _Place] = {}
        if source in self.before:
            own = [vertex for vertex in self.before[source] if len(self.used[vertex]) == 1]
            starts = [(BRANCH, (vertex, heading)) for vertex in own for heading in SIDES]
        else:
            for place in self._edge(source, LEAVING, 0 if straight else None):
                state = place.vertex, SIDES[place.side]
                if place.vertex not in self.turns:
                    starts.append((place.price + CROSSING * len(self.used.get(place.vertex, ())), state))
                    doors[state] = place
        way = self._search(source, starts, goals)
        if way is None:
            return None
        states, goal = way
        return self._take(source, target, states, doors.get(states[0]), goal)

    def _search(
        self, source: str, starts: Sequence[tuple[int, Pose]], goals: Mapping[Vertex, Sequence[_Place]]
    ) -> tuple[list[Pose], _Place] | None:
        """A*: the states from a start to a goal, and the place at the edge that is reached."""
        best: dict[Pose, int] = {}
        came: dict[Pose, Pose | None] = {}
        queue: list[tuple[int, Pose]] = []
        done: set[Pose] = set()
        left, right = min(x for x, _ in goals), max(x for x, _ in goals)
        top, bottom = min(y for _, y in goals), max(y for _, y in goals)

        def ahead(vertex: Vertex) -> int:
            """The least that the way from a vertex to a goal can cost."""
            x, y = vertex
            return STEP * (max(left - x, 0, x - right) + max(top - y, 0, y - bottom))

        def push(cost: int, state: Pose, back: Pose | None) -> None:
            if cost < best.get(state, cost + 1):
                best[state], came[state] = cost, back
                heapq.heappush(queue, (cost + ahead(state[0]), state))

        for cost, state in starts:
            push(cost, state, None)
        ends: tuple[int, Pose, _Place] | None = None
        while queue and (ends is None or queue[0][0] < ends[0]):
            _, state = heapq.heappop(queue)
            if state in done:
                continue
            done.add(state)
            cost = best[state]
            vertex, heading = state
            foreign = self._is_foreign(vertex, source)
            for place in goals.get(vertex, ()):
                inward = (-SIDES[place.side][0], -SIDES[place.side][1])
                whole = cost + place.price + BEND * (inward != heading)
                if (inward == heading or (not foreign and _turnable(inward, heading))) and (
                    ends is None or whole < ends[0]
                ):
                    ends = whole, state, place
            for onward in SIDES:
                if onward == heading or (not foreign and _turnable(onward, heading)):
                    after = (vertex[0] + onward[0], vertex[1] + onward[1])
                    price = self._price(source, vertex, after)
                    if price is not None:
                        push(cost + price + BEND * (onward != heading), (after, onward), state)
        if ends is None:
            return None
        states: list[Pose] = []
        state_or_none: Pose | None = ends[1]
        while state_or_none is not None:
            states.append(state_or_none)
            state_or_none = came[state_or_none]
        return states[::-1], ends[2]

    def _price(self, source: str, vertex: Vertex, after: Vertex) -> int | None:
        """What it costs to go on to a neighbour; None where that is not allowed."""
        x, y = after
        if not (0 <= x < len(self.across) and 0 <= y < len(self.down)) or after in self.blocked:
            return None
        if self.down[y].cell == self.last and self.nodes[source][1] != self.last:
            return None
        if self.edges.get((min(vertex, after), max(vertex, after)), source) != source:
            return None
        if not self._is_foreign(after, source):
            return STEP
        return None if after in self.turns else STEP + CROSSING

    def _is_foreign(self, vertex: Vertex, source: str) -> bool:
        """Whether a wire of another source passes there."""
        sources = self.used.get(vertex)
        return sources is not None and (len(sources) > 1 or source not in sources)

    def _take(self, source: str, target: str, states: Sequence[Pose], door: _Place | None, goal: _Place) -> Way:
        tree = self.before.setdefault(source, {states[0][0]: None})
        if door is not None:
            self.places.add((source, door.side, door.number))
            self.left[source] = SIDES[door.side]
        self.places.add((target, goal.side, goal.number))
        inward = (-SIDES[goal.side][0], -SIDES[goal.side][1])
        path = [vertex for vertex, _ in states]
        headings = [*(heading for _, heading in states[1:]), inward]
        if door is None:
            self.turns.add(path[0])
        last = self.left[source] if door is not None else headings[0]
        for vertex, heading in zip(path, headings, strict=True):
            self.used.setdefault(vertex, set()).add(source)
            if heading != last:
                self.turns.add(vertex)
            last = heading
        for a, b in pairwise(path):
            self.edges[min(a, b), max(a, b)] = source
            if b not in tree:
                tree[b] = a
        return Way(source, target, self.left[source], tuple(self._from_source(source, path)), inward)

    def _from_source(self, source: str, path: Sequence[Vertex]) -> list[Vertex]:
        """A path that begins at a branch, from the source on."""
        tree, way = self.before[source], [path[0]]
        while (back := tree[way[-1]]) is not None:
            way.append(back)
        return [*way[::-1], *path[1:]]


def _turnable(onward: Heading, heading: Heading) -> bool:
    return onward[0] * heading[0] + onward[1] * heading[1] == 0
