"""A dataclass in one line, whatever its size: of an array its type and shape, of what is long how long it is."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import fields
from typing import Any

import numpy as np

ROOM = 60  # characters of one field
FEW = 8  # names of a mapping that are written out


def short_repr(thing: Any) -> str:
    """The `__repr__` of a dataclass that holds arrays: `__repr__ = short_repr` in its body."""
    parts = (f"{field.name}={_short(getattr(thing, field.name))}" for field in fields(thing) if field.repr)
    return f"{type(thing).__name__}({', '.join(parts)})"


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"<{value.dtype} {value.shape}>"
    if isinstance(value, Mapping):
        names = " ".join(map(str, [*value][:FEW])) + " ..." * (len(value) > FEW)
        return f"<{len(value)}: {names}>"
    if isinstance(value, list | tuple | str | bytes) and len(value) > ROOM:
        return f"<{type(value).__name__} of {len(value)}>"
    written = repr(value)
    if len(written) <= ROOM or written.startswith("<"):  # what has a short form of its own
        return written
    return f"<{type(value).__name__} of {len(value)}>" if isinstance(value, Sized) else f"<{type(value).__name__}>"
