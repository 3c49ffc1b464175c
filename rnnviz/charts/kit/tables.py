"""What a chart is sent: small tables of texts and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from rnnviz.core.trace import Array

DECIMALS = 3
SEPARATOR = "\u2063"  # shows nothing, and is a character that SVG may hold, as no control character is


Row = dict[str, Any]


Tables = dict[str, list[Row]]


def joined(parts: Iterable[Array], decimals: int = DECIMALS) -> str:
    """Numbers as they travel: one text."""
    return ",".join([f"{value:z.{decimals}f}" for value in np.concatenate(list(parts)).tolist()])


def clean(text: str) -> str:
    """A text without the separator, and without what no file can hold: control characters, halves of characters."""
    return text.encode("utf-8", "replace").decode().translate(_CONTROL)


# The ASCII ones have symbols of their own: a line break is shown as such.
_CONTROL: dict[int, str | int | None] = {
    ord(SEPARATOR): None,
    **{code: 0x2400 + code for code in range(32)},
    127: "␡",
    **dict.fromkeys(range(128, 160), " "),
    **dict.fromkeys((0xFFFE, 0xFFFF), "\ufffd"),
}
