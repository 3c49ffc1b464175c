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
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rnnviz.core import archive, declaration, saved
from rnnviz.core.archive import Header
from rnnviz.core.cell import Cell
from rnnviz.core.forced import Forced
from rnnviz.core.nonfinite import NonFinite, first_nonfinite
from rnnviz.core.refusal import TRACE, required
from rnnviz.core.short import short_repr

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.floating]


# A leading apostrophe keeps a spreadsheet from running a token such as =1+1 as a formula. East Asian editions of Excel
# take the full-width signs for the plain ones.
_FORMULA_STARTS = tuple("=+-@\t\r\n\0＝＋－＠")


def _frozen(array: Array) -> Array:
    if isinstance(array, np.ndarray) and array.flags.owndata and not array.flags.writeable:
        return array
    array = np.array(array)  # a copy, since what is frozen must not be reachable by another name
    array.setflags(write=False)
    return array


def _frozen_mapping(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    return MappingProxyType({name: _frozen(array) for name, array in arrays.items()})


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
    notes: what the reader is to know of the numbers, such as "the module is bfloat16; computed in float32 ...".
    """

    cell: Cell
    x: Array
    tokens: tuple[str, ...]
    values: Mapping[str, Array]
    initial: Mapping[str, Array]
    weights: tuple[Mapping[str, Array], ...]
    num_directions: int = 1
    forced: tuple[Forced, ...] = ()
    notes: tuple[str, ...] = ()

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
        return Trace, (self.cell, self.x, self.tokens, values, initial, weights, *self._last)

    @property
    def _last(self) -> tuple[int, tuple[Forced, ...], tuple[str, ...]]:
        """The fields that have a default."""
        return self.num_directions, self.forced, self.notes

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
        """How many units there are; an h that is projected (`proj_size`) has other numbers than they."""
        return int(self.values[self.cell.ops[0].name].shape[-1])

    @property
    def final(self) -> Mapping[str, Array]:
        """Each state after all that a row read, by name, (L * D, H): `module(x)[1]`, h_n and of an LSTM c_n."""
        last = np.arange(len(self.weights)) % self.num_directions - 1  # a reverse direction ends at the first token
        return {name: self.values[name][np.arange(len(last)), last] for name in self.cell.states}

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
        saved.check_words(words, 0 if readout is None else readout.y.shape[1])
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

    def to_dataframe(self) -> pd.DataFrame:
        """The numbers of `to_csv` as a pandas data frame, with its columns: layer and unit, which count from 1 here as
        there, direction ("forward", "reverse"), t (from 1), token, quantity, value. One row a number; all operations.

        Raises `ImportError` where pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_dataframe needs pandas, which is not installed; accepted: after `pip install pandas`, or to_csv, "
                "which needs nothing"
            ) from error
        tokens = np.array(self.tokens, dtype=object)
        frames = []
        for name, array in self.values.items():
            row, t, unit = (places.ravel() for places in np.indices(array.shape))
            columns = {
                "layer": row // self.num_directions + 1,
                "direction": np.where(row % self.num_directions, "reverse", "forward"),
                "t": t + 1,
                "token": tokens[t],
                "quantity": name,
                "unit": unit + 1,
                "value": array.ravel(),
            }
            frames.append(pd.DataFrame(columns))
        return pd.concat(frames, ignore_index=True)

    def first_nonfinite(self) -> NonFinite | None:
        """Where the first NaN or infinity is, in the order of computing: which operation, step, row and units; None
        where all is finite."""
        return first_nonfinite(self)

    def save(self, file: archive.File, readout: Readout | None = None, words: Sequence[str] = ()) -> None:
        """Write an NPZ under exactly this name. `Trace.load` and, for the readout, `Readout.load` read it.

        Plain `numpy.load` opens it too, without pickle: `value.h`, `initial.h`, `weight.0.W_xh`, `readout.y` ...
        words: the names of the readout's classes, kept as `words` in the JSON of `about`. The cell is there too, with
        all its operations (`rnnviz.core.declaration`), so that one of your own is loaded as it was.
        Raises `ValueError` for what `load` would refuse, parts that do not fit together or are too large, and as above.
        """
        required(self, Trace, "trace", TRACE)
        saved.check_words(words, 0 if readout is None else readout.y.shape[1])
        arrays: dict[str, Array] = {"x": self.x}
        arrays |= {f"value.{name}": array for name, array in self.values.items()}
        arrays |= {f"initial.{name}": array for name, array in self.initial.items()}
        for row, weights in enumerate(self.weights):
            arrays |= {f"weight.{row}.{name}": array for name, array in weights.items()}
        if readout is not None:
            arrays |= {f"readout.{name}": getattr(readout, name) for name in READOUT_ARRAYS}
        about = {
            "cell": self.cell.name,
            "declaration": declaration.to_json(self.cell),
            "tokens": self.tokens,
            "num_directions": self.num_directions,
            "forced": [astuple(force) for force in self.forced],
        }
        about |= {"words": list(words)} if words else {}
        about |= {"activation": readout.activation} if readout is not None else {}
        about |= {"notes": list(self.notes)} if self.notes else {}
        about = json.loads(json.dumps(about))  # as it will be read
        saved.fields(about, {name: Header(array.dtype, array.shape) for name, array in arrays.items()})
        saved.check_numbers(self.cell, self.values, self._causes)
        if readout is not None:
            readout.check_numbers()
        archive.write(file, about, arrays)

    @property
    def _causes(self) -> list[Array]:
        """What all results come from."""
        return [self.x, *self.initial.values(), *(weight for row in self.weights for weight in row.values())]

    @classmethod
    def load(cls, file: archive.File) -> Trace:
        """Read what `save` wrote, from a path or a stream; no pickle is run.

        Raises `ValueError` for a file that is no saved trace, for one whose parts do not fit together, and beyond the
        bounds of `rnnviz.core.archive`; as it is the `OSError` of a file that cannot be read.
        """
        with archive.opened(file, "trace that `Trace.save` wrote") as content:
            parts = saved.fields(content.about, content.headers)
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
            saved.check_numbers(cell, trace.values, trace._causes)
        return trace


Activation = Literal["softmax", "sigmoid", "identity", "log-softmax"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
Meaning = Literal["class", "probability", "number"]


@dataclass(frozen=True, eq=False)
class Readout:
    """What a head made of the output at every step.

    logits, y: (T, V), before and after the head's activation.     W_hy: (V, D * H).     b_y: (V,).
    activation: one of `ACTIVATIONS`, or "custom" for a function of the head's own.

    Raises `ValueError` for another activation, and for a softmax of one logit, which is 1 whatever that is.
    """

    __repr__ = short_repr

    logits: Array
    y: Array
    W_hy: Array = field(repr=False)
    b_y: Array = field(repr=False)
    activation: Activation | Literal["custom"] = "softmax"

    def __post_init__(self) -> None:
        if self.activation not in (*ACTIVATIONS, "custom"):
            raise ValueError(f"activation is {self.activation!r:.40}; accepted: {', '.join(ACTIVATIONS)}, custom")
        saved.check_activation(self.activation, np.shape(self.logits)[-1])
        for name in READOUT_ARRAYS:
            object.__setattr__(self, name, _frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[object, ...]:
        return Readout, (self.logits, self.y, self.W_hy, self.b_y, self.activation)  # a copy is frozen too

    @property
    def meaning(self) -> Meaning:
        """What y is: the probabilities of classes of which one is right, probabilities each by itself, or numbers."""
        if self.activation in ("softmax", "log-softmax"):
            return "class"
        return "probability" if self.activation == "sigmoid" else "number"

    @property
    def as_probabilities(self) -> Readout:
        """Of a log-softmax the softmax; else the readout itself."""
        return replace(self, y=np.exp(self.y), activation="softmax") if self.activation == "log-softmax" else self

    def check_numbers(self) -> None:
        """Raises `ValueError` where y is none that its activation could give. NaN is none of these."""
        if self.activation in ("softmax", "sigmoid"):
            saved.check_shares({"readout.y": self.y})
        if self.activation == "log-softmax" and (self.y > 0).any():
            raise ValueError(f"readout.y goes up to {np.nanmax(self.y)}; accepted of a log-softmax: at most 0")
        if self.activation == "identity" and not np.array_equal(self.y, self.logits, equal_nan=True):
            raise ValueError("readout.y is not readout.logits; accepted of an identity: the same numbers")

    @classmethod
    def load(cls, file: archive.File) -> Readout:
        """Read the readout that `Trace.save` wrote beside a trace, as `Trace.load` reads.

        Raises `ValueError` for a file that has none, too.
        """
        with archive.opened(file, "readout that `Trace.save` wrote") as content:
            saved.fields(content.about, content.headers)
            if "readout.y" not in content.headers:
                raise ValueError("it lacks readout.logits, readout.y ...; accepted: a trace saved with its readout")
            arrays = {name: content[f"readout.{name}"] for name in READOUT_ARRAYS}
            activation = content.about.get("activation", "softmax")
            if "activation" not in content.about and arrays["y"].shape[1] == 1:  # an older file: 1 at every step
                activation, arrays["y"] = "identity", arrays["logits"]
            readout = cls(**arrays, activation=activation)
            readout.check_numbers()
        return readout


READOUT_ARRAYS = ("logits", "y", "W_hy", "b_y")
