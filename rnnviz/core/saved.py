"""What a saved trace holds, and what is refused of it: `Trace.save`, `Trace.load` and `Readout.load` ask here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.core import archive, declaration
from rnnviz.core.archive import Header, entry
from rnnviz.core.cell import Cell, Role
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced, checked_forcing

Array = NDArray[np.floating]


def check_words(words: Sequence[str], classes: int) -> None:
    """Raises `ValueError` where there are words and not one for each class of a readout."""
    if words and len(words) != classes:
        raise ValueError(f"there are {len(words)} words and {classes} classes; accepted: a word for each class")


def fields(about: Mapping[str, Any], headers: Mapping[str, Header]) -> dict[str, Any]:
    """The fields of a saved trace that are no arrays, once they, the arrays and their sizes fit together."""
    cell = _cell(about)
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
    notes = entry({"notes": [], **about}, "notes", list)
    if not all(isinstance(note, str) for note in notes):
        raise ValueError(f"notes are {notes!r:.60}; accepted: texts")
    return {"cell": cell, "tokens": tuple(tokens), "num_directions": D, "forced": forced, "notes": tuple(notes)}


def _cell(about: Mapping[str, Any]) -> Cell:
    """What the file says that was computed; in older files only a name."""
    name = entry(about, "cell", str)
    if "declaration" in about:
        return declaration.from_json(name, entry(about, "declaration", dict))
    if name not in CELLS:
        raise ValueError(f"cell is {name!r:.40} and there is no declaration of it; accepted: {', '.join(CELLS)}")
    return CELLS[name]


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
            (_number(value) or (isinstance(value, list) and all(map(_number, value))))
            and (units is None or _whole(units))
            and (steps is None or (_whole(steps) and len(steps) == 2))
            and (row is None or type(row) is int)
        ):
            first_and_last = None if steps is None else (steps[0], steps[1])
            return Forced(name, value, units, first_and_last, row)
    raise ValueError(
        f"forced holds {item!r:.60}; accepted: [name, value, units, [first, last], row], the last three or null"
    )


def check_activation(activation: str, outputs: int) -> None:
    """Raises `ValueError` for a softmax of one number."""
    if activation in ("softmax", "log-softmax") and outputs == 1:
        raise ValueError(
            f"activation is {activation} and there is one output, of which it is the same whatever the logit is; "
            "accepted: sigmoid for a probability, identity for a number, or a function"
        )


def _number(value: Any) -> bool:
    return type(value) in (int, float)


def _whole(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(number) is int for number in numbers)


def check_numbers(cell: Cell, values: Mapping[str, Array], causes: Iterable[Array]) -> None:
    """Raises `ValueError` for numbers that no pass could give. NaN is none of them: what diverged can be saved.

    values: all results by name.     causes: what they come from: what was read, the initial state and the weights.
    """
    check_shares({op.name: values[op.name] for op in cell.ops if op.role is Role.GATE})
    if not all(np.isfinite(cause).all() for cause in causes) and all(
        np.isfinite(result).all() for result in values.values()
    ):
        raise ValueError("x, initial or weight holds NaN or infinity and no value does; accepted: finite ones there")


def check_shares(arrays: Mapping[str, Array]) -> None:
    """Raises `ValueError` where a number is below 0 or above 1."""
    for name, array in arrays.items():
        if ((array < 0) | (array > 1)).any():
            raise ValueError(f"{name} goes from {np.nanmin(array)} to {np.nanmax(array)}; accepted: 0 to 1")
