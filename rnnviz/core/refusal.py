"""What is said to somebody who gives a public function something of another kind than it takes."""

from __future__ import annotations

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
