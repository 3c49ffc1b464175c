"""The diagram of a cell as rows for the stage: a box an operation, and what it reads as lines between boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rnnviz.charts.kit.tables import Row
from rnnviz.charts.stage.arithmetic import plain_label
from rnnviz.core.cell import Cell
from rnnviz.scene.layered import graph


def diagram(cell: Cell, index: Mapping[str, int], *, with_output: bool) -> tuple[list[Row], list[Row]]:
    """The cell's operations as rows for the stage: its boxes, and their edges with one row per piece.

    Places are in 0 to 1; the stage stretches them to the room it has. The last piece of an edge has the arrow.
    """
    column, pieces, place = graph(cell, with_output)
    last = max(column.values())
    numbers = {op.name: number for number, op in enumerate(cell.ops, 1)} | {"y": len(cell.ops) + 1}
    nodes = [
        {
            "k": numbers.get(name, 0),
            "vec": index.get(name, -1),
            "label": _node_label(cell, name),
            "short": _short(cell, name),
            "px": column[name] / last,
            "py": place[name],
        }
        for name in column
        if "@" not in name
    ]
    edges = [
        {
            "k": numbers[name],
            "x1": column[a] / last,
            "y1": place[a],
            "x2": column[b] / last,
            "y2": place[b],
            "starts": "@" not in a,
            "ends": b == name,
        }
        for name, a, b in pieces
    ]
    return nodes, edges


def least_gap(nodes: Sequence[Row]) -> float:
    """The least distance between two boxes that stand one above the other, of the diagram's height."""
    places: dict[float, list[float]] = {}
    for node in nodes:
        places.setdefault(node["px"], []).append(node["py"])
    return min((b - a for column in places.values() for a, b in pairwise(sorted(column))), default=1.0)


def _node_label(cell: Cell, name: str) -> str:
    """Biases have no box of their own, so the sum that takes them says so."""
    if name == "y":
        return "yₜ"
    biased = any(op.name == name and any(read.startswith("b_") for read in op.reads) for op in cell.ops)
    return plain_label(cell, name) + " (+b)" * biased


def _short(cell: Cell, name: str) -> str:
    """A node's label where there is little room: `W_xi` for `W_xi xₜ`, `⊙` for a product."""
    op = next((op for op in cell.ops if op.name == name and op.name not in cell.quantities), None)
    shorter = {"matvec": op.reads[0], "hadamard": "⊙", "tanh": "tanh"} if op is not None else {}
    return shorter.get(op.kind if op is not None else "", _node_label(cell, name).replace(" ", ""))
