"""The arithmetic of one step as rows for the stage: vectors, operations with what they read, the terms of a sum.

Places of numbers are counted in the long texts that `Vectors` and `Matrices` make.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.tables import DECIMALS, SEPARATOR, Row, joined
from rnnviz.core.cell import PLAIN, READS, Cell, Op, OpKind, Role, plain_symbol
from rnnviz.core.trace import Array, Trace

# How an element of a result is written with its operands' numbers in place: before, between, after.
WRITTEN: Mapping[OpKind, tuple[str, str, str]] = {
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
GLYPHS: Mapping[OpKind, tuple[str, str]] = {
    "matvec": ("", "="),
    "add": ("+", "="),
    "hadamard": ("⊙", "="),
    "one_minus": ("", "→"),
    "tanh": ("", "tanh"),
    "sigmoid": ("", "σ"),
    "relu": ("", "ReLU"),
    "softmax": ("", "→"),
}


BLANK = "\u200b"  # of no width: Vega drops white space, and with it the line it is to stand for


class Vectors:
    """Every vector an operation reads or makes, end to end: element j at step t is at `offset + stride * t + j`.

    hidden_size: how many units the whole trace has.     reads: whether what is read is there number by number.
    """

    def __init__(self, trace: Trace, row: int, *, hidden_size: int, reads: bool) -> None:
        self.trace, self.row, self.hidden_size, self.reads = trace, row, hidden_size, reads
        self.rows: list[Row] = []
        self.index: dict[str, int] = {}
        self._parts: list[Array] = []
        self._beyond: list[str] = []
        self._length = 0

    def add(self, name: str) -> None:
        values = self.trace.operand(name, self.row)
        if name == "x" and not self.reads:
            values = values[:, :0]
        size = values.shape[-1]
        colour = palette.symbol(_coloured(self.trace.cell, name))
        scale = scaled(self.trace.cell, name, float(np.abs(values).max(initial=1.0)))
        label = plain_label(self.trace.cell, name)
        signs = _beyond((values - scale["mid"]) / scale["half"])
        self.index[name] = len(self.rows)
        self.rows.append(
            {
                "label": label,
                "offset": self._length,
                "stride": size if values.ndim == 2 else 0,
                "size": size,
                "light": colour.light,
                "dark": colour.dark,
                "source": _source(self, name),
                "marked": bool(signs.strip(BLANK)),
                **scale,
            }
        )
        self._beyond.append(signs)
        self._parts.append(values.reshape(-1))
        self._length += values.size

    def text(self) -> str:
        return joined(self._parts)

    def beyond(self) -> str:
        """For each number in turn a sign: `›` or `‹` beyond its scale, `»` or `«` beyond twice that, else
        `BLANK`."""
        return "".join(self._beyond)


def scaled(cell: Cell, name: str, largest: float) -> Row:
    """The scale on which a vector's numbers are coloured: which ramp, its middle, and how far it reaches from there.

    A gate lies between 0 and 1; a state reaches as far as it ever does in this text, at least to 1; all else to 1, and
    what is beyond is marked.
    """
    if any(op.name == name and op.role is Role.GATE for op in cell.ops):
        letter = _coloured(cell, name)
        return {"ramp": letter if letter in palette.GATES else "other", "mid": 0.5, "half": 0.5}
    return {
        "ramp": "values",
        "mid": 0.0,
        "half": float(np.ceil(largest)) if name.removesuffix("_prev") in cell.states else 1.0,
    }


def _coloured(cell: Cell, name: str) -> str:
    """Whose colour a vector has: its own, but for 1 - z, which is z's."""
    op = next((op for op in cell.ops if op.name == name), None)
    return op.reads[0] if op is not None and op.kind == "one_minus" else name


def _beyond(parts: Array) -> str:
    """One sign for each number, which is given as a part of what its scale reaches."""
    size = np.abs(parts) - 0.5 * 10**-DECIMALS
    once, twice = np.where(parts < 0, "‹", "›"), np.where(parts < 0, "«", "»")
    signs = np.where(size > 2, twice, np.where(size > 1, once, BLANK))
    return "".join(signs.ravel().tolist())


class Matrices:
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
        return joined(self._parts) if self._parts else ""


def _source(vectors: Vectors, name: str) -> str:
    """What a vector was computed from; for a parameter, where PyTorch keeps it."""
    trace, row, size = vectors.trace, vectors.row, vectors.hidden_size
    if name in trace.weights[row]:
        start = _block(trace.cell, name) * size
        return f"{_torch_name(trace, row, name)}[{start}:{start + size}]"
    op = next((op for op in trace.cell.ops if op.name == name), None)
    return "" if op is None else _formula(trace.cell, op)


def _block(cell: Cell, name: str) -> int:
    return next(parameter.block for parameter in cell.parameters if parameter.name == name)


def _torch_name(trace: Trace, row: int, name: str) -> str:
    """A parameter's name in the PyTorch module: `weight_ih_l0`."""
    stem = next(parameter.torch_name for parameter in trace.cell.parameters if parameter.name == name)
    return f"{stem}_l{row // trace.num_directions}" + "_reverse" * (row % trace.num_directions)


def plain_label(cell: Cell, name: str) -> str:
    """A column's heading: what a textbook would write, without LaTeX."""
    op = next((op for op in cell.ops if op.name == name), None)
    return _formula(cell, op) if op is not None and is_spelt_out(cell, op) else plain_symbol(name)


def is_spelt_out(cell: Cell, op: Op) -> bool:
    """Whether a result is called by how it is computed; a sum is called by its letter."""
    return cell.leads_on(op) and op.kind != "add"


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
    return cell.written(op, PLAIN, partial(is_spelt_out, cell))


def _complement(cell: Cell, op: Op) -> str:
    """What 1 minus a gate is a share of: `old` where it multiplies the past memory, else `new`; "" for all else."""
    if op.kind != "one_minus":
        return ""
    return "old" if cell.memory and cell.memory[1] == op.name else "new"


def operation(cell: Cell, op: Op, vectors: Vectors, matrices: Matrices, labels: Mapping[str, str]) -> Row:
    matrix = next((name for name in op.reads if name in matrices.offset), None)
    # A product of a matrix that is not there is shown as a whole, and reads nothing that is.
    whole = op.kind == "matvec" and matrix is None
    read = [vectors.index[name] for name in op.reads if name in vectors.index and not whole]
    between, before_result = GLYPHS[op.kind]
    before, sep, after = WRITTEN[op.kind]
    own = f"stage.op.{_complement(cell, op) or op.name}"
    formula = _formula(cell, op)
    return {
        "name": labels[own] if own in labels else labels[f"stage.role.{op.role}"],
        "symbol": plain_label(cell, op.name),
        "held": _held(vectors.trace, vectors.row, op.name),
        "fetch": "".join(name[0] for name in op.reads if name in ("x", *(f"{state}_prev" for state in cell.states))),
        "formula": formula if plain_label(cell, op.name) == formula else f"{plain_label(cell, op.name)} = {formula}",
        "reads": len(read),
        **{f"r{n}": (read + [-1] * READS)[n] for n in range(READS)},
        "out": vectors.index[op.name],
        "slots": ",".join(map(str, [*read, vectors.index[op.name]])),
        "glyphs": SEPARATOR.join(["", *[between] * (len(read) - 1), *[before_result] * bool(read)]),
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


# What an entry of `ops` has that is no operation of the cell: it reads nothing, and no line writes it out.
_NO_OPERATION: Row = {
    "symbol": "",
    "held": "",
    "fetch": "",
    "formula": "",
    "reads": 0,
    **{f"r{n}": -1 for n in range(READS)},
    "glyphs": "",
    "matrix": "",
    "torch": "",
    "block": 0,
    "mo": -1,
    "mc": 0,
    "sum": 0,
    "line": -1,
    "before": "",
    "sep": "",
    "after": "",
}


def overview(cell: Cell, vectors: Vectors, labels: Mapping[str, str]) -> Row:
    """Entry 0: the whole step, shown when one steps by token."""
    if cell.quantities == ("a", "h"):
        total = cell.op("a")
        shown = [*total.reads, "a", "h"]
        glyphs = ["", *["+"] * (len(total.reads) - 1), "=", GLYPHS[cell.op("h").kind][1]]
    else:
        shown = list(cell.quantities)
        glyphs = [""] * len(shown)
    return _NO_OPERATION | {
        "name": labels["stage.whole_step"],
        "out": vectors.index["h"],
        "slots": ",".join(str(vectors.index[name]) for name in shown),
        "glyphs": SEPARATOR.join(glyphs),
        "sum": _sum_of(cell, cell.op("h")),
    }


def head(vectors: Vectors, labels: Mapping[str, str]) -> list[Row]:
    """The last two entries: the head turns the state into scores, and these into the prediction beside it."""
    h = vectors.index["h"]
    reads_h = _NO_OPERATION | {"reads": 1, "r0": h, "out": h, "slots": str(h)}
    names = {"name": labels["stage.op.logits"], "symbol": "ℓₜ", "formula": "ℓₜ = W_hy hₜ + b_y"}
    prediction = {"name": labels["stage.role.output"], "symbol": "yₜ", "formula": "yₜ = softmax(ℓₜ)", "fetch": "y"}
    return [reads_h | names, reads_h | prediction]


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


def terms(cell: Cell, vectors: Vectors, matrices: Matrices, hidden_size: int) -> list[Row]:
    """For each sum, one row per term of one unit: weight times value for products, the bare value else."""
    numbers = {op.name: number for number, op in enumerate(cell.ops, 1)}
    rows = []
    for number, total in enumerate(_sums(cell)):
        terms: list[Row] = []
        for read in total.reads:
            op = next((op for op in cell.ops if op.name == read), None)
            if op is not None and op.kind == "matvec" and op.reads[0] in matrices.offset:
                matrix, vector = op.reads
                columns = matrices.shape[matrix][1]
                terms += [
                    {
                        "label": f"{plain_symbol(vector)}[{index + 1}]",
                        "by": numbers[read],
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
                        "by": numbers.get(read, 0),
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


def scales(trace: Trace, row: int) -> str:
    """For each sum and unit, the size of its largest term over all steps: what a full bar stands for."""
    weights = trace.weights[row]
    largest = []
    for total in _sums(trace.cell):
        sizes = [np.zeros(trace.hidden_size)]
        for read in total.reads:
            op = next((op for op in trace.cell.ops if op.name == read), None)
            if op is not None and op.kind == "matvec" and op.reads[0] in weights:
                matrix, vector = op.reads
                sizes.append((np.abs(weights[matrix]) * np.abs(trace.operand(vector, row)).max(0)).max(1))
            else:
                values = np.abs(trace.operand(read, row))
                sizes.append(values.max(0) if values.ndim == 2 else values)
        largest.append(np.max(sizes, axis=0))
    return joined(largest)
