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
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import IO
from zipfile import BadZipFile

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from rnnviz.cells import CELLS, Cell

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
        put = object.__setattr__  # the one way to set a field of a frozen dataclass
        put(self, "x", _frozen(self.x))
        put(self, "values", _frozen_mapping(self.values))
        put(self, "initial", _frozen_mapping(self.initial))
        put(self, "weights", tuple(_frozen_mapping(row) for row in self.weights))

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

    def to_csv(self, file: str | os.PathLike[str] | None = None, readout: Readout | None = None) -> str:
        """One line a number: layer, direction, t (from 1), token, quantity, unit (from 1), value. All operations.

        file: where to write the text as well, in UTF-8.
        readout: adds its `logits` and `y`; their unit is the number of the class, and no layer or direction is theirs.
        """
        out = io.StringIO()
        writer = csv.writer(out)  # its own line end, CRLF: with another, Python 3.11 leaves a token's "\r" unquoted
        writer.writerow(["layer", "direction", "t", "token", "quantity", "unit", "value"])
        tokens = ["'" + token if token.startswith(_FORMULA_STARTS) else token for token in self.tokens]
        for name, array in self.values.items():
            for (row, t, unit), value in np.ndenumerate(array):
                direction = "reverse" if row % self.num_directions else "forward"
                layer = row // self.num_directions + 1
                writer.writerow([layer, direction, t + 1, tokens[t], name, unit + 1, repr(value.item())])
        for name, array in {} if readout is None else {"logits": readout.logits, "y": readout.y}.items():
            for (t, unit), value in np.ndenumerate(array):
                writer.writerow(["", "", t + 1, tokens[t], name, unit + 1, repr(value.item())])
        if file is not None:
            Path(file).write_text(out.getvalue(), encoding="utf-8", newline="")
        return out.getvalue()

    def save(self, file: str | os.PathLike[str] | IO[bytes], readout: Readout | None = None) -> None:
        """Write an NPZ under exactly this name. `Trace.load` and, for the readout, `Readout.load` read it.

        Plain `numpy.load` opens it too, without pickle: `value.h`, `initial.h`, `weight.0.W_xh`, `readout.y` ...
        """
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
        # Given a name, NumPy would add .npz to it.
        with Path(file).open("wb") if isinstance(file, str | os.PathLike) else nullcontext(file) as out:
            np.savez_compressed(out, about=np.array(json.dumps(about, ensure_ascii=False)), **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, file: str | os.PathLike[str] | IO[bytes]) -> Trace:
        """Read what `save` wrote; no pickle is run. Raises `ValueError` for a file that is no saved trace."""
        with _opened(file, "trace") as archive:
            about = json.loads(str(archive["about"]))
            weights: dict[int, dict[str, Array]] = {}
            named: dict[str, dict[str, Array]] = {"value": {}, "initial": {}}
            for key in archive.files:
                kind, _, name = key.partition(".")
                if kind == "weight":
                    row, _, name = name.partition(".")
                    weights.setdefault(int(row), {})[name] = archive[key]
                elif kind in named:
                    named[kind][name] = archive[key]
            cell = CELLS[about["cell"]]
            return cls(
                cell=cell,
                x=archive["x"],
                tokens=tuple(about["tokens"]),
                values={op.name: named["value"][op.name] for op in cell.ops},
                initial={name: named["initial"][name] for name in cell.states},
                weights=tuple(weights[row] for row in sorted(weights)),
                num_directions=about["num_directions"],
                forced=tuple(_forced(*force) for force in about.get("forced", ())),  # older files have none
            )


def _forced(name: str, value: float, units: list[int] | None, steps: list[int] | None, row: int | None) -> Forced:
    """One that has been through JSON, which has no tuples."""
    return Forced(
        name, value, None if units is None else tuple(units), None if steps is None else (steps[0], steps[1]), row
    )


@contextmanager
def _opened(file: str | os.PathLike[str] | IO[bytes], what: str) -> Iterator[NpzFile]:
    """The arrays of a saved trace. Whatever goes wrong while they are read says that the file is none."""
    try:
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, NpzFile):
            raise ValueError("it holds a single array")
        with archive:
            yield archive
    except (ValueError, KeyError, TypeError, EOFError, NotImplementedError, BadZipFile, zlib.error) as error:
        name = os.fspath(file) if isinstance(file, str | os.PathLike) else "the file"
        raise ValueError(f"{name} holds no {what} that `Trace.save` wrote: {error}") from error


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
    def load(cls, file: str | os.PathLike[str] | IO[bytes]) -> Readout:
        """Read the readout that `Trace.save` wrote beside a trace. Raises `ValueError` for a file that has none."""
        with _opened(file, "readout") as archive:
            return cls(**{part.name: archive[f"readout.{part.name}"] for part in fields(cls)})
