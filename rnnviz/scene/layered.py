"""The layered layout of a cell's diagram: which column each operation stands in, and where in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations, pairwise

import numpy as np

from rnnviz.core.cell import Cell

SWEEPS = 12  # of the ordering; it is steady well before


@cache
def graph(
    cell: Cell, with_output: bool
) -> tuple[Mapping[str, int], Sequence[tuple[str, str, str]], Mapping[str, float]]:
    """The cell's operations as a layered graph (Sugiyama, Tagawa & Toda 1981): columns by the longest way from a
    source, a stand-in in every column that a long edge passes, places by repeated barycentres.

    Returns the column of each name, the pieces (operation, from, to), and the place in the column. Kept: it is the same
    for every text.
    """
    parameters = {parameter.name for parameter in cell.parameters}
    reads = {op.name: [name for name in op.reads if name not in parameters] for op in cell.ops}
    if with_output:
        reads["y"] = ["h"]
    column = dict.fromkeys([*(f"{state}_prev" for state in reversed(cell.states)), "x"], 0)
    for name, read in reads.items():
        column[name] = 1 + max(column[source] for source in read)

    ways = []
    for name, read in reads.items():
        for source in read:
            passed = [f"{source}>{name}@{at}" for at in range(column[source] + 1, column[name])]
            column |= {stand_in: int(stand_in.rpartition("@")[2]) for stand_in in passed}
            ways.append((name, [source, *passed, name]))
    pieces = [(name, a, b) for name, way in ways for a, b in pairwise(way)]

    place = _places([[name for name in column if column[name] == at] for at in range(max(column.values()) + 1)], pieces)
    return column, pieces, place


def _places(columns: list[list[str]], pieces: list[tuple[str, str, str]]) -> dict[str, float]:
    """Where each name stands in its column, 0 to 1: of the orders met in some sweeps, the one with fewest crossings."""
    place = {name: (at + 0.5) / len(names) for names in columns for at, name in enumerate(names)}
    column = {name: at for at, names in enumerate(columns) for name in names}
    near: dict[str, tuple[list[str], list[str]]] = {name: ([], []) for name in place}
    for _, a, b in pieces:
        near[a][1].append(b)
        near[b][0].append(a)

    def crossings() -> int:
        return sum(
            column[a] == column[c] and (place[a] - place[c]) * (place[b] - place[d]) < 0
            for (_, a, b), (_, c, d) in combinations(pieces, 2)
        )

    best, fewest = dict(place), crossings()
    for sweep in range(SWEEPS):
        onward = sweep % 2 == 0
        for names in columns[1:] if onward else reversed(columns[:-1]):
            by = {name: [place[other] for other in near[name][0 if onward else 1]] for name in names}
            names.sort(key=lambda name: float(np.mean(by[name] or [place[name]])))
            place |= {name: (at + 0.5) / len(names) for at, name in enumerate(names)}
        if (now := crossings()) < fewest:
            best, fewest = dict(place), now
    return best
