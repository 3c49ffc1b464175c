"""The drawing of a cell as rows for the stage: a node an operation; of the wires, a row a straight piece."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, pairwise
from math import atan2, degrees, dist

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.tables import Row, Tables, joined
from rnnviz.charts.stage.cell.arithmetic import is_spelt_out, plain_label
from rnnviz.core.cell import Cell, Op, Role, plain_symbol
from rnnviz.core.trace import Trace
from rnnviz.scene.cell import Drawing, draw

SIGNS = {"add": "+", "hadamard": "×", "tanh": "tanh", "sigmoid": "σ", "relu": "ReLU"}


def diagram(
    trace: Trace, row: int, index: Mapping[str, int], labels: Mapping[str, str], *, with_output: bool
) -> tuple[Row, Tables]:
    """What the stage's one row says of the drawing, and its tables `nodes` and `edges`.

    Places are in 0 to 1; the stage stretches them to the room it has. The last piece of a wire has the arrow.
    index: the number of each vector, by name.     labels: the texts of a language.
    """
    cell = trace.cell
    drawing = draw(cell, with_output)
    left, top, right, bottom = drawing.frame
    gates = [op for op in cell.ops if op.role is Role.GATE]
    means = [trace[gate.name][row].mean(axis=1) for gate in gates]
    said: Row = {
        "columns": drawing.shape[0],
        "rows": drawing.shape[1],
        "nodeWide": drawing.size[0],
        "nodeHigh": drawing.size[1],
        "frameLeft": left,
        "frameTop": top,
        "frameRight": right,
        "frameBottom": bottom,
        "means": joined(means) if means else "",
        "readX": drawing.nodes["x"][0],
        "readY": drawing.nodes["x"][1],
        "gate": index[gates[0].name] if gates else -1,
    }
    of_gate = {gate.name: number * len(trace) for number, gate in enumerate(gates)}
    numbers = _numbers(cell)
    nodes = [
        {
            "k": numbers.get(name, 0),
            "vec": index.get(name.removesuffix("_next"), -1),
            "px": x,
            "py": y,
            "read": name == "x",
            "mean": of_gate.get(name, -1),
            **_named(cell, name, labels),
        }
        for name, (x, y) in drawing.nodes.items()
    ]
    return said, {"nodes": nodes, "edges": list(_edges(drawing, numbers))}


def _numbers(cell: Cell) -> dict[str, int]:
    """After which operation each node's value is known, from 1; a node that is not there is known from the start."""
    numbers = {op.name: number for number, op in enumerate(cell.ops, 1)}
    carried = {f"{state}_next": numbers[state] for state in cell.states}
    return numbers | carried | {"logits": len(cell.ops) + 1, "y": len(cell.ops) + 2}


def _edges(drawing: Drawing, numbers: Mapping[str, int]) -> list[Row]:
    rows = []
    for wire in drawing.wires:
        on_belt = (wire.source, wire.target) in list(pairwise(drawing.belt))
        colour = palette.symbol(drawing.belt[0] if on_belt else wire.source)
        pieces = list(pairwise(wire.points))
        ways = [0.0, *accumulate(dist(a, b) for a, b in pieces)]
        for number, ((x1, y1), (x2, y2)) in enumerate(pieces):
            rows.append(
                {
                    "k": numbers[wire.target],
                    "x1": x1,
                    "y1": y1,
                    "x2": x2,
                    "y2": y2,
                    "angle": degrees(atan2(y2 - y1, x2 - x1)),
                    "from": ways[number] / ways[-1],
                    "to": ways[number + 1] / ways[-1],
                    "ends": number == len(pieces) - 1,
                    "belt": on_belt,
                    "light": colour.light,
                    "dark": colour.dark,
                }
            )
    return rows


def _named(cell: Cell, name: str, labels: Mapping[str, str]) -> Row:
    """How a node looks, and what is written in it (`label` with much room, `short` with little) and over it (`name`).

    look: port for what is read or carried on, weights for a matrix product, point for an operation on pairs of
    numbers, squash for a squashing, gate for what lies between 0 and 1, head for what predicts.
    """
    state = name.removesuffix("_prev").removesuffix("_next")
    if name == "x" or name != state:
        label = plain_symbol(name if name.endswith("_prev") or name == "x" else state)
        called = f"stage.name_{state}"
        return {"look": "port", "label": label, "short": label, "title": label, "name": labels.get(called, "")}
    if name in ("logits", "y"):
        label, short = ("W_hy hₜ + b_y", "W_hy+b") if name == "logits" else ("yₜ = softmax", "yₜ")
        called = labels["stage.name_y"] if name == "y" else ""
        return {"look": "head", "label": label, "short": short, "title": label, "name": called}
    op = cell.op(name)
    title = plain_label(cell, name) + " (+b)" * _has_bias(op)
    return {"look": _look(op), "label": _label(cell, op), "short": _short(cell, op), "title": title, "name": ""}


def _look(op: Op) -> str:
    if op.role is Role.GATE:
        return "gate"
    return {"matvec": "weights", "add": "point", "hadamard": "point", "one_minus": "point"}.get(op.kind, "squash")


def _label(cell: Cell, op: Op) -> str:
    """`fₜ = σ`, `a_f = Σ + b`, `×`, `W_xf xₜ`."""
    symbol = plain_symbol(op.name)
    if op.kind in ("matvec", "one_minus"):
        return plain_label(cell, op.name)
    sign = "Σ + b" if _has_bias(op) else SIGNS[op.kind]
    return sign if is_spelt_out(cell, op) else f"{symbol} = {sign}"


def _has_bias(op: Op) -> bool:
    return any(read.startswith("b_") for read in op.reads)


def _short(cell: Cell, op: Op) -> str:
    """The same where there is little room: `W_xf` for `W_xf xₜ`, `fₜ` for `fₜ = σ`, and `Σ+b` for `a_f = Σ + b`, since
    no letter says that a bias is added."""
    if op.kind == "matvec":
        return op.reads[0]
    if _has_bias(op):
        return "Σ+b"
    return _label(cell, op).replace(" ", "") if is_spelt_out(cell, op) else plain_symbol(op.name)
