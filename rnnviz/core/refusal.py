"""What is said to somebody who gives a public function something of another kind than it takes."""

from __future__ import annotations

TRACE = "a rnnviz.Trace, as rnnviz.record(module, x) gives it, or of a batch one of its traces, traces[0]"


def type_name(value: object) -> str:
    """Of what was given."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def required(value: object, kind: type, name: str, accepted: str) -> None:
    """Raises `TypeError` unless a value is of a kind.     name: of the argument.     accepted: the kind in words."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type_name(value)}; accepted: {accepted}")
