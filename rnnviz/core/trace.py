"""What a recurrent network computed over one sequence, as read-only NumPy arrays. No torch here: charts read this.

Shapes: `D` directions, `L` layers, `T` time steps, `H` hidden units, `V` classes. The first axis, of length L * D, is
ordered as PyTorch orders it (layer 0 forward, layer 0 reverse, layer 1 forward ...), and every row is aligned to the
token that was read, so row `t` of a reverse direction was computed from row `t + 1`.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.core import archive
from rnnviz.core.archive import Header, entry
from rnnviz.core.cell import Cell, Role
from rnnviz.core.cells import CELLS

Array = NDArray[np.floating]


# A leading apostrophe keeps a spreadsheet from running a token such as =1+1 as a formula. East Asian editions of Excel
# take the full-width signs for the plain ones.
_FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")


def _frozen(array: Array) -> Array:
    array = np.array(array)  # a copy, since what is frozen must not be reachable by another name
    array.setflags(write=False)
    return array


def _frozen_mapping(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    return MappingProxyType({name: _frozen(array) for name, array in arrays.items()})


@dataclass(frozen=True)
class Forced:
    """A quantity that was taken hold of: `Forced("f", 1.0)`, `Forced("z", 0.0, units=(3,), steps=(4, 9))`.

    name: a quantity of the cell.     value: finite, and from 0 to 1 for a gate.
    units: from 0, as arrays count; None for all.
    steps: the first and the last one, from 1; None for all. They are tokens' numbers in a reverse direction too.
    row: of the trace's first axis, from 0; None for every layer and direction.
    """

    name: str
    value: float
    units: tuple[int, ...] | None = None
    steps: tuple[int, int] | None = None
    row: int | None = None


def checked_forcing(
    cell: Cell, forced: Sequence[Forced], *, steps: int, rows: int, hidden_size: int, most: float
) -> tuple[Forced, ...]:
    """What is to be forced in a trace of these sizes; `most` is the greatest number of its dtype.

    Raises `TypeError` for something that is no `Forced` and `ValueError` for one that does not fit.
    """
    for force in forced:
        if not isinstance(force, Forced):
            raise TypeError(f"forced holds a {type(force).__name__}; accepted: rnnviz.Forced(name, value, ...)")
        if force.name not in cell.quantities:
            raise ValueError(f"{cell.title} has no {force.name!r} to force; accepted: {', '.join(cell.quantities)}")
        gate = cell.op(force.name).role is Role.GATE
        least, greatest = (0, 1) if gate else (-most, most)
        if not least <= force.value <= greatest:  # nor is NaN
            raise ValueError(
                f"{force.name} is forced to {force.value}; accepted: "
                + ("0 to 1, since it is a gate" if gate else f"a finite number, at most {most:.3g} in size")
            )
        if force.units is not None and not (force.units and all(0 <= unit < hidden_size for unit in force.units)):
            raise ValueError(
                f"units of {force.name} are {force.units}; accepted: at least one of 0 to {hidden_size - 1}"
            )
        if force.steps is not None and not 1 <= force.steps[0] <= force.steps[1] <= steps:
            raise ValueError(
                f"steps of {force.name} are {force.steps}; accepted: the first and the last one, from 1 to {steps}"
            )
        if force.row is not None and not 0 <= force.row < rows:
            raise ValueError(f"row of {force.name} is {force.row}; accepted: 0 to {rows - 1}")
    return tuple(forced)


@dataclass(frozen=True, eq=False)
class Trace:
    """Every intermediate of a forward pass; `trace["h"]` is a named result, `(L * D, T, H)`.

    cell: the declaration that was run.
    x: what was read, (T, input_size).     tokens: the words shown for it, T of them.
    values: all operations' results by name, each (L * D, T, H).
    initial: the state before the first token that a row read, by name, each (L * D, H).
    weights: per row of the first axis, the cell's parameters by name.
    num_directions: 1 or 2.
    forced: what was taken hold of; there a result is not what its operation makes of its operands.
    """

    cell: Cell
    x: Array
    tokens: tuple[str, ...]
    values: Mapping[str, Array]
    initial: Mapping[str, Array]
    weights: tuple[Mapping[str, Array], ...]
    num_directions: int = 1
    forced: tuple[Forced, ...] = ()

    def __post_init__(self) -> None:
        assign = object.__setattr__  # the one way to set a field of a frozen dataclass
        assign(self, "x", _frozen(self.x))
        assign(self, "values", _frozen_mapping(self.values))
        assign(self, "initial", _frozen_mapping(self.initial))
        assign(self, "weights", tuple(_frozen_mapping(row) for row in self.weights))

    def __getitem__(self, name: str) -> Array:
        if name not in self.values:
            raise KeyError(f"{self.cell.title} has no {name!r}; it has {', '.join(self.operations)}")
        return self.values[name]

    def __repr__(self) -> str:
        size = f"T={len(self)}, layers={self.num_layers}, directions={self.num_directions}, hidden={self.hidden_size}"
        return f"<Trace {self.cell.title}: {size}, {self.x.dtype}; {' '.join(self.quantities)}>"

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled, and an unpickled array can be written to; so a copy is built anew.
        weights = tuple(map(dict, self.weights))
        values, initial = dict(self.values), dict(self.initial)
        return Trace, (self.cell, self.x, self.tokens, values, initial, weights, self.num_directions, self.forced)

    def __len__(self) -> int:
        """T, the number of time steps."""
        return len(self.x)

    @property
    def quantities(self) -> tuple[str, ...]:
        """The results that the literature names: `a h`, `i f g o c h` or `r z n h`."""
        return self.cell.quantities

    @property
    def operations(self) -> tuple[str, ...]:
        """All that can be asked for by name, in the order in which it is computed."""
        return tuple(op.name for op in self.cell.ops)

    @property
    def num_layers(self) -> int:
        return len(self.weights) // self.num_directions

    @property
    def hidden_size(self) -> int:
        return int(self.values["h"].shape[-1])

    @property
    def output(self) -> Array:
        """The top layer's states, directions side by side, (T, D * H): what `module(x)[0]` returns."""
        return np.concatenate(self.values["h"][-self.num_directions :], axis=-1)

    def previous(self, state: str) -> Array:
        """The state that each step started from, (L * D, T, H); `state` is `h`, or `c` for an LSTM."""
        if state not in self.initial:
            raise KeyError(f"{self.cell.title} carries {' and '.join(self.initial)} from step to step, not {state!r}")
        now = self.values[state]
        before = np.empty_like(now)
        for row in range(len(now)):
            if row % self.num_directions:  # a reverse direction reads from the right
                before[row, :-1], before[row, -1] = now[row, 1:], self.initial[state][row]
            else:
                before[row, 1:], before[row, 0] = now[row, :-1], self.initial[state][row]
        return before

    def input(self, row: int) -> Array:
        """What this row of the first axis read: `x` in the first layer, else the layer below, (T, width)."""
        layer = row // self.num_directions
        if layer == 0:
            return self.x
        below = self.values["h"][(layer - 1) * self.num_directions : layer * self.num_directions]
        return np.concatenate(below, axis=-1)

    def operand(self, name: str, row: int) -> Array:
        """What an operation reads under this name: (T, width) for a vector that changes, the parameter itself else."""
        if name in self.weights[row]:
            return self.weights[row][name]
        if name == "x":
            return self.input(row)
        if name.endswith("_prev"):
            return self.previous(name.removesuffix("_prev"))[row]
        return self.values[name][row]

    @property
    def top(self) -> int:
        """The row of the first axis that is the last layer's forward direction."""
        return len(self.weights) - self.num_directions

    def to_csv(
        self,
        file: str | os.PathLike[str] | None = None,
        readout: Readout | None = None,
        words: Sequence[str] = (),
    ) -> str:
        """One line a number: layer, direction, t (from 1), token, quantity, unit (from 1), value. All operations.

        file: where to write the text as well, in UTF-8.
        readout: adds its `logits` and `y`; their unit is the number of the class, and no layer or direction is theirs.
        words: the classes' names, in a further column `word`. Raises `ValueError` where one class has none.
        """
        _check_words(words, readout)
        out = io.StringIO()
        writer = csv.writer(out)  # its own line end, CRLF: with another, Python 3.11 leaves a token's "\r" unquoted
        blank = [""] * bool(words)
        writer.writerow(["layer", "direction", "t", "token", "quantity", "unit", "value", *["word"] * len(blank)])
        tokens, names = (["'" * t.startswith(_FORMULA_STARTS) + t for t in texts] for texts in (self.tokens, words))
        for name, array in self.values.items():
            for (row, t, unit), value in np.ndenumerate(array):
                direction = "reverse" if row % self.num_directions else "forward"
                layer = row // self.num_directions + 1
                writer.writerow([layer, direction, t + 1, tokens[t], name, unit + 1, repr(value.item()), *blank])
        for name, array in {} if readout is None else {"logits": readout.logits, "y": readout.y}.items():
            for (t, unit), value in np.ndenumerate(array):
                word = names[unit : unit + 1]
                writer.writerow(["", "", t + 1, tokens[t], name, unit + 1, repr(value.item()), *word])
        if file is not None:
            Path(file).write_text(out.getvalue(), encoding="utf-8", newline="")
        return out.getvalue()

    def save(self, file: archive.File, readout: Readout | None = None, words: Sequence[str] = ()) -> None:
        """Write an NPZ under exactly this name. `Trace.load` and, for the readout, `Readout.load` read it.

        Plain `numpy.load` opens it too, without pickle: `value.h`, `initial.h`, `weight.0.W_xh`, `readout.y` ...
        words: the names of the readout's classes, kept as `words` in the JSON of `about`.
        Raises `ValueError` for what `load` would refuse, parts that do not fit together or are too large, and as above.
        """
        _check_words(words, readout)
        arrays: dict[str, Array] = {"x": self.x}
        arrays |= {f"value.{name}": array for name, array in self.values.items()}
        arrays |= {f"initial.{name}": array for name, array in self.initial.items()}
        for row, weights in enumerate(self.weights):
            arrays |= {f"weight.{row}.{name}": array for name, array in weights.items()}
        if readout is not None:
            arrays |= {f"readout.{part.name}": getattr(readout, part.name) for part in fields(readout)}
        about = {
            "cell": self.cell.name,
            "tokens": self.tokens,
            "num_directions": self.num_directions,
            "forced": [astuple(force) for force in self.forced],
        }
        about |= {"words": list(words)} if words else {}
        about = json.loads(json.dumps(about))  # as it will be read
        _fields(about, {name: Header(array.dtype, array.shape) for name, array in arrays.items()})
        _check_numbers(self)
        _check_shares({} if readout is None else {"readout.y": readout.y})
        archive.write(file, about, arrays)

    @classmethod
    def load(cls, file: archive.File) -> Trace:
        """Read what `save` wrote, from a path or a stream; no pickle is run.

        Raises `ValueError` for a file that is no saved trace, for one whose parts do not fit together, and beyond the
        bounds of `rnnviz.core.archive`; as it is the `OSError` of a file that cannot be read.
        """
        with archive.opened(file, "trace that `Trace.save` wrote") as content:
            parts = _fields(content.about, content.headers)
            cell = parts["cell"]
            trace = cls(
                x=content["x"],
                values={op.name: content[f"value.{op.name}"] for op in cell.ops},
                initial={name: content[f"initial.{name}"] for name in cell.states},
                weights=tuple(
                    {part.name: content[f"weight.{row}.{part.name}"] for part in cell.parameters}
                    for row in range(content.headers["value.h"].shape[0])
                ),
                **parts,
            )
            _check_numbers(trace)
        return trace


def _check_words(words: Sequence[str], readout: Readout | None) -> None:
    """Raises `ValueError` where there are words and not one for each class of the readout."""
    classes = 0 if readout is None else readout.y.shape[1]
    if words and len(words) != classes:
        raise ValueError(f"there are {len(words)} words and {classes} classes; accepted: a word for each class")


def _fields(about: Mapping[str, Any], headers: Mapping[str, Header]) -> dict[str, Any]:
    """The fields of a saved trace that are no arrays, once they, the arrays and their sizes fit together."""
    if (cell := CELLS.get(name := entry(about, "cell", str))) is None:
        raise ValueError(f"cell is {name!r:.40}; accepted: {', '.join(CELLS)}")
    (T, inputs), (rows, _, H) = archive.axes(headers, "x", 2), archive.axes(headers, "value.h", 3)
    V = archive.axes(headers, "readout.y", 2)[1] if any(name.startswith("readout.") for name in headers) else None
    D, dtype = entry(about, "num_directions", int), headers["x"].dtype
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"x is {headers['x']}; accepted: float32 or float64")
    if 0 in (T, inputs, rows, H, V):
        raise ValueError(f"x is {headers['x']} and value.h {headers['value.h']}; accepted: at least one of each")
    if D not in (1, 2) or rows % D or rows > len(headers):
        raise ValueError(f"num_directions is {D} and there are {rows} rows; accepted: 1 or 2, as many in each layer")
    archive.require(headers, {name: Header(dtype, shape) for name, shape in _shapes(cell, T, inputs, rows, H, D, V)})
    tokens = entry(about, "tokens", list)
    if len(tokens) != T or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f"tokens are {tokens!r:.60}; accepted: {T} texts, one for each step")
    items = entry({"forced": [], **about}, "forced", list)  # older files have none
    forces = [_force_from_json(item) for item in items]
    most = float(np.finfo(dtype).max)
    forced = checked_forcing(cell, forces, steps=T, rows=rows, hidden_size=H, most=most)
    return {"cell": cell, "tokens": tuple(tokens), "num_directions": D, "forced": forced}


def _shapes(
    cell: Cell, T: int, inputs: int, rows: int, H: int, D: int, V: int | None
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Of every array of a saved trace. V: None where no readout is beside it."""
    yield "x", (T, inputs)
    yield from ((f"value.{op.name}", (rows, T, H)) for op in cell.ops)
    yield from ((f"initial.{name}", (rows, H)) for name in cell.states)
    for row in range(rows):
        width = inputs if row < D else D * H
        yield from ((f"weight.{row}.{part.name}", part.shape(width, H)) for part in cell.parameters)
    if V is not None:
        yield from {"readout.logits": (T, V), "readout.y": (T, V), "readout.W_hy": (V, D * H)}.items()
        yield "readout.b_y", (V,)


def _force_from_json(item: Any) -> Forced:
    """One that has been through JSON, which has no tuples and may have anything anywhere."""
    match item:
        case [str(name), value, units, steps, row] if (
            type(value) in (int, float)
            and (units is None or _whole(units))
            and (steps is None or (_whole(steps) and len(steps) == 2))
            and (row is None or type(row) is int)
        ):
            first_and_last = None if steps is None else (steps[0], steps[1])
            return Forced(name, value, None if units is None else tuple(units), first_and_last, row)
    raise ValueError(
        f"forced holds {item!r:.60}; accepted: [name, value, units, [first, last], row], the last three or null"
    )


def _whole(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(number) is int for number in numbers)


def _check_numbers(trace: Trace) -> None:
    """Raises `ValueError` for numbers that no pass could give. NaN is none of them: what diverged can be saved."""
    _check_shares({op.name: trace.values[op.name] for op in trace.cell.ops if op.role is Role.GATE})
    causes = [trace.x, *trace.initial.values(), *(weight for row in trace.weights for weight in row.values())]
    if not all(np.isfinite(cause).all() for cause in causes) and all(
        np.isfinite(result).all() for result in trace.values.values()
    ):
        raise ValueError("x, initial or weight holds NaN or infinity and no value does; accepted: finite ones there")


def _check_shares(arrays: Mapping[str, Array]) -> None:
    """Raises `ValueError` where a number is below 0 or above 1."""
    for name, array in arrays.items():
        if ((array < 0) | (array > 1)).any():
            raise ValueError(f"{name} goes from {np.nanmin(array)} to {np.nanmax(array)}; accepted: 0 to 1")


@dataclass(frozen=True, eq=False)
class Readout:
    """What a head made of the output at every step.

    logits, y: (T, V), before and after the softmax.     W_hy: (V, D * H).     b_y: (V,).
    """

    logits: Array
    y: Array
    W_hy: Array = field(repr=False)
    b_y: Array = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("logits", "y", "W_hy", "b_y"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[object, ...]:
        return Readout, (self.logits, self.y, self.W_hy, self.b_y)  # a copy is frozen too

    @classmethod
    def load(cls, file: archive.File) -> Readout:
        """Read the readout that `Trace.save` wrote beside a trace, as `Trace.load` reads.

        Raises `ValueError` for a file that has none, too.
        """
        with archive.opened(file, "readout that `Trace.save` wrote") as content:
            _fields(content.about, content.headers)
            if "readout.y" not in content.headers:
                raise ValueError("it lacks readout.logits, readout.y ...; accepted: a trace saved with its readout")
            readout = cls(**{part.name: content[f"readout.{part.name}"] for part in fields(cls)})
            _check_shares({"readout.y": readout.y})
        return readout
