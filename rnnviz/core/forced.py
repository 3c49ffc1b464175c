"""What is taken hold of in a network: a quantity whose value is replaced before anything reads it. No torch here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rnnviz.core.cell import Cell, Role
from rnnviz.core.refusal import type_name, whole_number, whole_numbers
from rnnviz.core.short import short_repr

UNITS = "a list of whole numbers from 0, such as (3,), None for all"
STEPS = "the first and the last one, whole numbers from 1, such as (4, 9), None for all"
ROW = "a whole number from 0, None for every layer and direction"


@dataclass(frozen=True)
class Forced:
    """A quantity that was taken hold of: `Forced("f", 1.0)`, `Forced("z", 0.0, units=(3,), steps=(4, 9))`.

    name: a quantity of the cell.
    value: finite, and from 0 to 1 for a gate. One number for all units, or one for each of `units`, in their order:
        `Forced("h", clean["h"][0, 3], steps=(4, 4))` puts what another run had after step 4 into this one.
    units: from 0, as arrays count; None for all.
    steps: the first and the last one, from 1; None for all. They are tokens' numbers in a reverse direction too.
    row: of the trace's first axis, from 0; None for every layer and direction.

    All are kept as Python's own numbers, also of arrays and tensors. Raises `TypeError` for what is none, and
    `ValueError` for a value of another shape.
    """

    __repr__ = short_repr

    name: str
    value: float | tuple[float, ...]
    units: tuple[int, ...] | None = None
    steps: tuple[int, int] | None = None
    row: int | None = None

    def __init__(
        self,
        name: str,
        value: ArrayLike,
        units: Sequence[int] | NDArray[np.integer] | None = None,
        steps: tuple[int, int] | None = None,
        row: int | None = None,
    ) -> None:
        assign = object.__setattr__  # the one way to set a field of a frozen dataclass
        assign(self, "name", name)
        assign(self, "value", _numbers(name, value))
        assign(self, "units", None if units is None else whole_numbers(f"units of {name}", units, UNITS))
        assign(self, "steps", None if steps is None else whole_numbers(f"steps of {name}", steps, STEPS))
        assign(self, "row", None if row is None else whole_number(f"row of {name}", row, ROW))

    @property
    def numbers(self) -> tuple[float, ...]:
        """All of its value: one number, or one for each of its units."""
        return self.value if isinstance(self.value, tuple) else (self.value,)


def _numbers(name: str, value: Any) -> float | tuple[float, ...]:
    """The value of a quantity as Python's numbers. A tensor is read without its history, whatever its dtype."""
    hint = "accepted: a number, or a vector with one for each unit"
    if isinstance(value, Real):
        try:
            return float(value)
        except OverflowError:
            message = f"value of {name} is {value!s:.40} ..., which no float64 can hold; accepted: a finite number"
            raise ValueError(message) from None
    if hasattr(value, "detach"):  # NumPy reads no tensor with a history and no bfloat16
        try:
            value = value.detach().cpu()
            value = value.double().numpy() if value.is_floating_point() else value.numpy()
        except (RuntimeError, TypeError):  # sparse, or on the meta device
            raise TypeError(f"value of {name} is a tensor without numbers of its own, or sparse; {hint}") from None
    try:
        numbers = np.asarray(value)
    except ValueError:  # lists of several lengths
        raise ValueError(f"value of {name} is {value!r:.40}, which has no one shape; {hint}") from None
    if numbers.ndim == 0 and numbers.dtype.kind not in "fiub":
        raise TypeError(f"value of {name} is {value!r:.40}; {hint}")
    if numbers.ndim > 1 or (numbers.ndim and numbers.dtype.kind not in "fiu"):
        raise ValueError(f"value of {name} has shape {numbers.shape}, {numbers.dtype}; {hint}")
    return tuple(map(float, numbers)) if numbers.ndim else float(numbers)


def checked_forcing(
    cell: Cell, forced: Iterable[Forced], *, steps: int, rows: int, hidden_size: int, most: float
) -> tuple[Forced, ...]:
    """What is to be forced in a trace of these sizes; `most` is the greatest number of its dtype.

    Raises `TypeError` for something that is no list of `Forced` and `ValueError` for one that does not fit.
    """
    if isinstance(forced, Forced) or not isinstance(forced, Iterable):
        raise TypeError(f"forced is a {type_name(forced)}; accepted: a list, [rnnviz.Forced(name, value, ...)], or []")
    forced = tuple(forced)
    for force in forced:
        if not isinstance(force, Forced):
            raise TypeError(f"forced holds a {type_name(force)}; accepted: rnnviz.Forced(name, value, ...)")
        if force.name not in cell.quantities:
            raise ValueError(f"{cell.title} has no {force.name!r} to force; accepted: {', '.join(cell.quantities)}")
        gate = cell.op(force.name).role is Role.GATE
        least, greatest = (0, 1) if gate else (-most, most)
        for number in force.numbers:
            if not least <= number <= greatest:  # nor is NaN
                raise ValueError(
                    f"{force.name} is forced to {number}; accepted: "
                    + ("0 to 1, since it is a gate" if gate else f"a finite number, at most {most:.3g} in size")
                )
        if force.units is not None and not (force.units and all(0 <= unit < hidden_size for unit in force.units)):
            raise ValueError(
                f"units of {force.name} are {force.units}; accepted: at least one of 0 to {hidden_size - 1}"
            )
        units = hidden_size if force.units is None else len(force.units)
        if force.units is not None and len(set(force.units)) < units:
            raise ValueError(f"units of {force.name} are {force.units}; accepted: each of them once")
        if isinstance(force.value, tuple) and len(force.value) != units:
            raise ValueError(
                f"value of {force.name} has {len(force.value)} numbers; accepted: one number, or {units}, one a unit"
            )
        if force.steps is not None and not (len(force.steps) == 2 and 1 <= force.steps[0] <= force.steps[1] <= steps):
            raise ValueError(
                f"steps of {force.name} are {force.steps}; accepted: the first and the last one, from 1 to {steps}"
            )
        if force.row is not None and not 0 <= force.row < rows:
            raise ValueError(f"row of {force.name} is {force.row}; accepted: 0 to {rows - 1}")
    return forced


class Places(NamedTuple):
    """Where one quantity of a row is forced, and to what."""

    mask: NDArray[np.bool_]  # (T, H)
    values: NDArray[np.float64]  # (T, H), zero elsewhere


def places(forced: Sequence[Forced], row: int, steps: int, hidden_size: int) -> Mapping[str, Places]:
    """By quantity, what is forced in one row of a trace; a later entry goes over an earlier one."""
    found: dict[str, Places] = {}
    for force in forced:
        if force.row not in (None, row):
            continue
        shape = (steps, hidden_size)
        mask, values = found.setdefault(force.name, Places(np.zeros(shape, bool), np.zeros(shape)))
        first, last = force.steps or (1, steps)
        units = slice(None) if force.units is None else list(force.units)
        mask[first - 1 : last, units], values[first - 1 : last, units] = True, force.value
    return found
