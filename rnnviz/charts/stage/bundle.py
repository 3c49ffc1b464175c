"""A trace as the few small tables that the stage reads. All that differs between two stages is here, so the chart's
specification stays constant and a browser that has one stage only swaps its data for the next.

Numbers travel as one long comma-separated text per table, since arrays do not survive Streamlit's Arrow path as arrays;
the stage splits them once. Lists of words are joined by `SEPARATOR`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.draw import READS
from rnnviz.charts.kit.tables import SEPARATOR, Row, Tables, clean, joined
from rnnviz.core.cells import PLAIN, Cell, Kind, Op, plain_symbol
from rnnviz.core.trace import Array, Readout, Trace
from rnnviz.facts.remarks import step_lines

CANDIDATES = 5  # how many predictions are shown for a step
SWEEPS = 12  # of the diagram's ordering; it is steady well before


# How an element of a result is written with its operands' numbers in place: before, between, after.
WRITTEN: Mapping[Kind, tuple[str, str, str]] = {
    "matvec": ("", "", ""),
    "add": ("", " + ", ""),
    "hadamard": ("", " × ", ""),
    "one_minus": ("1 − ", "", ""),
    "tanh": ("tanh(", "", ")"),
    "sigmoid": ("σ(", "", ")"),
    "relu": ("ReLU(", "", ")"),
    "softmax": ("softmax(", "", ")"),
}
# What stands between the columns of an operation: operands, then the result.
GLYPHS: Mapping[Kind, tuple[str, str]] = {
    "matvec": ("", "="),
    "add": ("+", "="),
    "hadamard": ("⊙", "="),
    "one_minus": ("", "→"),
    "tanh": ("", "tanh"),
    "sigmoid": ("", "σ"),
    "relu": ("", "ReLU"),
    "softmax": ("", "→"),
}


@dataclass(frozen=True, eq=False)
class Rolled:
    """What is shown on a stage that folds between the chain and its loop.

    folded: whether it opens as the loop.     both: whether as the loop beside the chain.
    before: the states before a weight was edited, (T, H).
    gradient: dL/dh_k of the loss at step `loss_at` (from 1), (T, H).
    entry: a matrix, `W_hh`, `W_xf` ... or `W_hy`, and the value of the entry that is looked at; it stands beside every
        copy.
    """

    folded: bool = False
    both: bool = False
    before: Array | None = None
    gradient: Array | None = None
    loss_at: int = 0
    entry: tuple[str, float] | None = None


def tables(
    trace: Trace,
    readout: Readout | None,
    *,
    row: int,
    words: Sequence[str],
    targets: Sequence[int | None],
    labels: Mapping[str, str],
    start: int,
    zoom: float,
    quiz: bool,
    notes: Sequence[str],
    compact: bool,
    panels: bool,
    linkable: bool,
    rolled: Rolled | None,
) -> Tables:
    """The stage's data for one row (layer and direction) of a trace. `labels` are the texts of a language."""
    words = [clean(word) for word in words]
    vectors = _Vectors(trace, row)
    for name in ("x", *(f"{state}_prev" for state in trace.cell.states)):
        vectors.add(name)
    for parameter in trace.cell.parameters:
        if not parameter.name.startswith("W_"):
            vectors.add(parameter.name)
    for op in trace.cell.ops:
        vectors.add(op.name)

    matrices = _Matrices(trace.weights[row])
    ops = [_overview(trace.cell, vectors, labels)]
    ops += [_operation(trace.cell, op, vectors, matrices, labels) for op in trace.cell.ops]
    if readout is not None:
        ops.append(_softmax(len(ops), vectors, labels))
    nodes, edges = _diagram(trace.cell, vectors, with_output=readout is not None)
    terms = _terms(trace.cell, vectors, matrices, trace.hidden_size)
    reverse = bool(row % trace.num_directions)
    bundle: Row = {
        "T": len(trace),
        "H": trace.hidden_size,
        "K": len(ops) - 1,
        "start": min(max(start, 1), len(trace)) - 1 if start else (len(trace) - 1 if reverse else 0),
        "way": -1 if reverse else 1,
        "zoom": zoom,
        "quiz": quiz,
        "compact": compact,
        "panels": panels and not compact,
        "linkable": linkable,
        "depth": 0,
        "unit": 0,
        **_rolled(trace, row, rolled),
        "values": vectors.text(),
        "weights": matrices.text(),
        "scales": _scales(trace, row),
        "h": vectors.index["h"],
        "terms": max(term["of"] for term in terms),
        "columns": len({node["px"] for node in nodes}),
        "gap": _gap(nodes),
        "cellOps": len(trace.cell.ops),
        "memory": "c" in trace.cell.states,
        "lines": sum(op["line"] >= 0 for op in ops),
        "kind": trace.cell.title,
        "cell": _title(trace, row, labels),
        "reads": "xₜ",
        "tokens": SEPARATOR.join(map(clean, trace.tokens)),
        "notes": SEPARATOR.join(map(clean, [*notes, *[""] * (len(trace) - len(notes))])),
        "notice": SEPARATOR.join(step_lines(trace, readout, row=row, words=words, targets=targets, labels=labels)),
        **{f"s_{key}": labels[f"stage.{key}"] for key in STAGE_TEXTS},
        **_predictions(readout, words, targets, len(trace)),
    }
    tables: Tables = {
        "bundle": [bundle],
        "vecs": vectors.rows,
        "ops": ops,
        "nodes": nodes,
        "edges": edges,
        "terms": terms,
    }
    return _renamed(tables, {"ₜ₋₁": "ₜ₊₁"} if reverse else {}, layer=row // trace.num_directions)


# Keys of the catalogue that the stage shows as they are.
STAGE_TEXTS = (
    "first",
    "back",
    "play",
    "next",
    "last",
    "chain",
    "inside",
    "unit",
    "by_token",
    "by_operation",
    "prediction",
    "numbers",
    "notice",
    "quiz",
    "quiz_ask",
    "quiz_score",
    "right",
    "pin",
    "pin_help",
    "fold",
    "unfold",
    "both",
    "delay",
    "shared",
    "difference",
    "path",
    "is_held",
    "is_held",
    "hint_chain",
    "hint_cell",
    "hint_unit",
    "guess",
    "no_head",
)


def _rolled(trace: Trace, row: int, rolled: Rolled | None) -> Row:
    names = (
        {"w_x": "W_xh", "w_h": "W_hh", "w_y": "W_hy"}
        if len(trace.cell.blocks) == 1
        else {"w_x": "W_x·", "w_h": "W_h·", "w_y": "W_hy"}
    )
    matrices = [p.name for p in trace.cell.parameters if p.name.startswith("W_")]
    names |= {f"all_{part}": ", ".join(name for name in matrices if name[2] == part) for part in "xh"}
    names["all_y"] = "W_hy"
    if rolled is None:
        return {
            "fold": False,
            "folded": False,
            "both": False,
            "before": "",
            "path": "",
            "pathTop": 0.0,
            "diffMost": "",
            "lossAt": 0,
            "entry": "",
            "of": "",
            **names,
        }
    path, top = "", 0.0
    if rolled.gradient is not None:
        norms = np.linalg.norm(rolled.gradient, axis=1)
        top = float(np.log10(norms.max())) if norms.any() else 0.0
        path = ",".join("" if norm == 0 else f"{np.log10(norm):.2f}" for norm in norms)
    entry = of = ""
    if rolled.entry is not None:
        name, value = rolled.entry
        of = "w_y" if name == "W_hy" else f"w_{name[2]}"
        names[of], entry = name, f"{value:.2f}".replace("-", "−")
    return {
        "fold": True,
        "folded": rolled.folded and not rolled.both,
        "both": rolled.both,
        "before": "" if rolled.before is None else joined([rolled.before.reshape(-1)]),
        "path": path,
        "pathTop": top,
        "diffMost": "" if rolled.before is None else f"{np.abs(trace['h'][row] - rolled.before).max():.3g}",
        "lossAt": rolled.loss_at,
        "entry": entry,
        "of": of,
        **names,
    }


def _title(trace: Trace, row: int, labels: Mapping[str, str]) -> str:
    """`LSTM`, and which of its layers and directions where there are several."""
    parts = [trace.cell.title]
    if trace.num_layers > 1:
        parts.append(labels["stage.layer"].format(layer=row // trace.num_directions + 1))
    if row % trace.num_directions:
        parts.append(labels["stage.reverse"])
    return " · ".join(parts)


def _renamed(tables: Tables, renames: dict[str, str], *, layer: int) -> Tables:
    """Symbols as they are in this row: one that reads from the right has its previous state at t + 1, and a higher
    layer reads the states of the one below."""
    if layer:
        renames = {**renames, "xₜ": f"h{str(layer).translate(_SUPERSCRIPT)}ₜ"}
    named = ("label", "short", "symbol", "formula", "source", "reads")

    def rename(key: str, value: Any) -> Any:
        if key in named and isinstance(value, str):
            for old, new in renames.items():
                value = value.replace(old, new)
        return value

    if not renames:
        return tables
    return {name: [{k: rename(k, v) for k, v in row.items()} for row in rows] for name, rows in tables.items()}


_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _source(trace: Trace, row: int, name: str) -> str:
    """What a vector was computed from; for a parameter, where PyTorch keeps it."""
    if name in trace.weights[row]:
        start = _block(trace.cell, name) * trace.hidden_size
        return f"{_torch_name(trace, row, name)}[{start}:{start + trace.hidden_size}]"
    op = next((op for op in trace.cell.ops if op.name == name), None)
    return "" if op is None else _formula(trace.cell, op)


def _block(cell: Cell, name: str) -> int:
    return next(parameter.block for parameter in cell.parameters if parameter.name == name)


def _torch_name(trace: Trace, row: int, name: str) -> str:
    """A parameter's name in the PyTorch module: `weight_ih_l0`."""
    stem = next(parameter.torch_name for parameter in trace.cell.parameters if parameter.name == name)
    return f"{stem}_l{row // trace.num_directions}" + "_reverse" * (row % trace.num_directions)


class _Vectors:
    """Every vector an operation reads or makes, end to end: element j at step t is at `offset + stride * t + j`."""

    def __init__(self, trace: Trace, row: int) -> None:
        self.trace, self.row = trace, row
        self.rows: list[Row] = []
        self.index: dict[str, int] = {}
        self._parts: list[Array] = []
        self._length = 0

    def add(self, name: str) -> None:
        values = self.trace.operand(name, self.row)
        size = values.shape[-1]
        colour = palette.symbol(name)
        label = plain_label(self.trace.cell, name)
        self.index[name] = len(self.rows)
        self.rows.append(
            {
                "label": label,
                "offset": self._length,
                "stride": size if values.ndim == 2 else 0,
                "size": size,
                "light": colour.light,
                "dark": colour.dark,
                "source": _source(self.trace, self.row, name),
            }
        )
        self._parts.append(values.reshape(-1))
        self._length += values.size

    def text(self) -> str:
        return joined(self._parts)


class _Matrices:
    """Every weight matrix, end to end, row by row."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.offset: dict[str, int] = {}
        self.shape: dict[str, tuple[int, ...]] = {}
        self._parts: list[Array] = []
        length = 0
        for name, weight in weights.items():
            if weight.ndim == 2:
                self.offset[name], self.shape[name] = length, weight.shape
                self._parts.append(weight.reshape(-1))
                length += weight.size

    def text(self) -> str:
        return joined(self._parts)


def plain_label(cell: Cell, name: str) -> str:
    """A column's heading: what a textbook would write, without LaTeX."""
    op = next((op for op in cell.ops if op.name == name), None)
    if op is None or op.name in cell.quantities or op.kind == "add":
        return plain_symbol(name)
    return _formula(cell, op)


def _held(trace: Trace, row: int, name: str) -> str:
    """Which elements of a result were forced, `1` for each that was, step by step; empty where none was."""
    forces = [force for force in trace.forced if force.name == name and force.row in (None, row)]
    mask = np.zeros((len(trace), trace.hidden_size), int)
    for force in forces:
        first, last = force.steps or (1, len(trace))
        mask[first - 1 : last, slice(None) if force.units is None else list(force.units)] = 1
    return "".join(map(str, mask.ravel().tolist())) if forces else ""


def _formula(cell: Cell, op: Op) -> str:
    """What the operation computes, in plain text: `σ(a_f)`, `(1 − zₜ) ⊙ nₜ`."""
    operands = (plain_label(cell, name) for name in op.reads)
    inner = {"hadamard": "−", "matvec": "⊙"}.get(op.kind)
    bracketed = (f"({text})" if inner and inner in text else text for text in operands)
    return PLAIN.write(op.kind, tuple(bracketed))


def _operation(cell: Cell, op: Op, vectors: _Vectors, matrices: _Matrices, labels: Mapping[str, str]) -> Row:
    read = [vectors.index[name] for name in op.reads if name in vectors.index]
    matrix = next((name for name in op.reads if name in matrices.offset), None)
    between, before_result = GLYPHS[op.kind]
    before, sep, after = WRITTEN[op.kind]
    own = f"stage.op.{op.name}"
    formula = _formula(cell, op)
    return {
        "name": labels[own] if own in labels else labels[f"stage.role.{op.role}"],
        "symbol": plain_label(cell, op.name),
        "held": _held(vectors.trace, vectors.row, op.name),
        "formula": formula if plain_label(cell, op.name) == formula else f"{plain_label(cell, op.name)} = {formula}",
        "reads": len(read),
        **{f"r{n}": (read + [-1] * READS)[n] for n in range(READS)},
        "out": vectors.index[op.name],
        "slots": ",".join(map(str, [*read, vectors.index[op.name]])),
        "glyphs": SEPARATOR.join(["", *[between] * (len(read) - 1), before_result]),
        "matrix": matrix or "",
        "torch": _torch_name(vectors.trace, vectors.row, matrix) if matrix else "",
        "block": _block(cell, matrix) * vectors.trace.hidden_size if matrix else 0,
        "mo": matrices.offset[matrix] if matrix else -1,
        "mc": matrices.shape[matrix][1] if matrix else 0,
        "sum": _sum_of(cell, op),
        "line": -1 if op.kind == "matvec" else sum(o.kind != "matvec" for o in cell.ops[: cell.ops.index(op)]),
        "before": before,
        "sep": sep,
        "after": after,
    }


def _overview(cell: Cell, vectors: _Vectors, labels: Mapping[str, str]) -> Row:
    """Entry 0: the whole step, shown when one steps by token."""
    if cell.quantities == ("a", "h"):
        total = cell.op("a")
        shown = [*total.reads, "a", "h"]
        glyphs = ["", *["+"] * (len(total.reads) - 1), "=", GLYPHS[cell.op("h").kind][1]]
    else:
        shown = list(cell.quantities)
        glyphs = [""] * len(shown)
    return {
        "name": labels["stage.whole_step"],
        "symbol": "",
        "held": "",
        "formula": "",
        "reads": 0,
        **{f"r{n}": -1 for n in range(READS)},
        "out": vectors.index["h"],
        "slots": ",".join(str(vectors.index[name]) for name in shown),
        "glyphs": SEPARATOR.join(glyphs),
        "matrix": "",
        "torch": "",
        "block": 0,
        "mo": -1,
        "mc": 0,
        "sum": _sum_of(cell, cell.op("h")),
        "line": -1,
        "before": "",
        "sep": "",
        "after": "",
    }


def _softmax(index: int, vectors: _Vectors, labels: Mapping[str, str]) -> Row:
    """The last entry: the head turns the state into the prediction beside it."""
    row = {"name": labels["stage.role.output"], "symbol": "yₜ", "formula": "yₜ = softmax(W_hy hₜ + b_y)", "reads": 1}
    h = vectors.index["h"]
    return {
        **row,
        **{f"r{n}": h if n == 0 else -1 for n in range(READS)},
        "out": h,
        "slots": str(h),
        "glyphs": "",
        "matrix": "",
        "torch": "",
        "block": 0,
        "mo": -1,
        "mc": 0,
        "held": "",
        "sum": 0,
        "line": -1,
        "before": "",
        "sep": "",
        "after": "",
    }


def _sums(cell: Cell) -> list[Op]:
    """The operations that add up a matrix product: what one unit's own sum can be shown for."""
    products = {op.name for op in cell.ops if op.kind == "matvec"}
    return [op for op in cell.ops if op.kind == "add" and products & set(op.reads)]


def _sum_of(cell: Cell, op: Op) -> int:
    """The number (from 1) of the nearest sum that this operation is computed from or that it leads to."""
    sums = {s.name for s in _sums(cell)}
    numbers = {other.name: number for number, other in enumerate(cell.ops, 1)}
    queue = [op.name]
    while queue:
        name = queue.pop(0)
        if name in sums:
            return numbers[name]
        queue += [read for read in cell.op(name).reads if read in numbers]
    reader = next(other for other in cell.ops if op.name in other.reads)
    return _sum_of(cell, reader)


def _terms(cell: Cell, vectors: _Vectors, matrices: _Matrices, hidden_size: int) -> list[Row]:
    """For each sum, one row per term of one unit: weight times value for products, the bare value else."""
    numbers = {op.name: number for number, op in enumerate(cell.ops, 1)}
    rows = []
    for number, total in enumerate(_sums(cell)):
        terms: list[Row] = []
        for read in total.reads:
            op = next((op for op in cell.ops if op.name == read), None)
            if op is not None and op.kind == "matvec":
                matrix, vector = op.reads
                columns = matrices.shape[matrix][1]
                terms += [
                    {
                        "label": f"{plain_symbol(vector)}[{index + 1}]",
                        "weight": matrix,
                        "vec": vectors.index[vector],
                        "at": index,
                        "wo": matrices.offset[matrix] + index,
                        "wc": columns,
                    }
                    for index in range(columns)
                ]
            else:
                terms.append(
                    {
                        "label": plain_label(cell, read),
                        "weight": "",
                        "vec": vectors.index[read],
                        "at": -1,
                        "wo": -1,
                        "wc": 0,
                    }
                )
        place = {"sum": numbers[total.name], "of": len(terms), "scale": number * hidden_size}
        rows += [place | {"n": n} | term for n, term in enumerate(terms)]
    return rows


def _scales(trace: Trace, row: int) -> str:
    """For each sum and unit, the size of its largest term over all steps: what a full bar stands for."""
    weights = trace.weights[row]
    largest = []
    for total in _sums(trace.cell):
        sizes = [np.zeros(trace.hidden_size)]
        for read in total.reads:
            op = next((op for op in trace.cell.ops if op.name == read), None)
            if op is not None and op.kind == "matvec":
                matrix, vector = op.reads
                sizes.append((np.abs(weights[matrix]) * np.abs(trace.operand(vector, row)).max(0)).max(1))
            else:
                values = np.abs(trace.operand(read, row))
                sizes.append(values.max(0) if values.ndim == 2 else values)
        largest.append(np.max(sizes, axis=0))
    return joined(largest)


def _diagram(cell: Cell, vectors: _Vectors, *, with_output: bool) -> tuple[list[Row], list[Row]]:
    """The cell's operations as rows for the stage: its boxes, and their edges with one row per piece.

    Places are in 0 to 1; the stage stretches them to the room it has. The last piece of an edge has the arrow.
    """
    column, pieces, place = _graph(cell, with_output)
    last = max(column.values())
    numbers = {op.name: number for number, op in enumerate(cell.ops, 1)} | {"y": len(cell.ops) + 1}
    nodes = [
        {
            "k": numbers.get(name, 0),
            "vec": vectors.index.get(name, -1),
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


@cache
def _graph(
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


def _gap(nodes: Sequence[Row]) -> float:
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


def _predictions(readout: Readout | None, words: Sequence[str], targets: Sequence[int | None], steps: int) -> Row:
    """The best candidates of each step with probability and logit, and the right one where it is known."""
    if readout is None:
        return {
            "head": False,
            "candidates": 0,
            "top": "",
            "top_p": "",
            "top_z": "",
            "right": "",
            "right_p": "",
            "right_rank": "",
        }
    order = np.argsort(-readout.y, axis=1, kind="stable")
    best = order[:, :CANDIDATES]
    top = np.take_along_axis(readout.y, best, 1)
    logits = np.take_along_axis(readout.logits, best, 1)
    right = [targets[t] if t < len(targets) else None for t in range(steps)]
    rank = [0 if k is None else order[t].tolist().index(k) + 1 for t, k in enumerate(right)]
    return {
        "head": True,
        "candidates": best.shape[1],
        "top": SEPARATOR.join(words[index] for index in best.reshape(-1).tolist()),
        "top_p": joined([top.reshape(-1)], 6),
        "top_z": joined([logits.reshape(-1)]),
        "right": SEPARATOR.join("" if target is None else words[target] for target in right),
        "right_p": joined([np.array([0.0 if k is None else readout.y[t, k] for t, k in enumerate(right)])], 6),
        "right_rank": ",".join(map(str, rank)),
    }
