"""What is said to somebody who gives a public function something of another kind than it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

TRACE = "a rnnviz.Trace, as rnnviz.record(module, x) gives it, or of a batch one of its traces, traces[0]"


def type_name(value: object) -> str:
    """Of what was given."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def required(value: object, kind: type, name: str, accepted: str, *, projected: bool = False) -> None:
    """Raises `TypeError` unless a value is of a kind, and `ValueError` for a trace whose h has a projection.

    name: of the argument.     accepted: the kind in words.     projected: whether a trace may have one.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type_name(value)}; accepted: {accepted}")
    if not projected and (matrix := getattr(getattr(value, "cell", None), "projection", "")):
        raise ValueError(
            f"{name} is of a module with proj_size: its h is {matrix} m, and has other numbers than its units; "
            "accepted here: a trace of a module without. read_out, to_csv and the arrays themselves take it"
        )


def whole_number(name: str, given: object, accepted: str) -> int:
    """An integer of Python, of NumPy or a tensor of one, as Python's.

    name: of the argument.     accepted: what it may be, in words.     Raises `TypeError` for anything else, True too.
    """
    plain = _plain(given)
    if type(plain) is not int:
        raise TypeError(f"{name} is {given!r:.40}; accepted: {accepted}")
    return plain


def whole_numbers(name: str, given: object, accepted: str) -> tuple[int, ...]:
    """The integers of a list, an array or a tensor, as Python's. Raises `TypeError` for others, and for a mask."""
    plain = _plain(given)
    if isinstance(plain, str) or not isinstance(plain, Iterable):
        raise TypeError(f"{name} is a {type_name(given)}; accepted: {accepted}")
    return tuple(whole_number(f"one of the {name}", item, accepted) for item in plain)


def _plain(given: Any) -> Any:
    """Of NumPy's or PyTorch's what Python has for it."""
    return given.tolist() if hasattr(given, "tolist") else given
