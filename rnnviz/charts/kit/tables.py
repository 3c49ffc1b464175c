"""What a chart is sent: small tables of texts and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from rnnviz.core.trace import Array

DECIMALS = 3
SEPARATOR = "\u2063"  # shows nothing, and is a character that SVG may hold, as no control character is


Row = dict[str, Any]
Tables = dict[str, list[Row]]

_ONE = 10**DECIMALS
# From 0 to 4, then from -4 to 0: a negative place counts from the end.
_WRITTEN = [f"{number / _ONE:z.{DECIMALS}f}" for number in (*range(4 * _ONE), *range(-4 * _ONE, 0))]


def joined(parts: Iterable[Array], decimals: int = DECIMALS) -> str:
    """Numbers as one text, with commas between them, as a chart is sent them."""
    values = np.concatenate(list(parts)).astype(np.float64)
    if decimals != DECIMALS:
        return ",".join([f"{value:z.{decimals}f}" for value in values.tolist()])
    # Most numbers are small, and to look one up takes a third of the time that writing it does. Where the product is
    # nearly halfway between two, it may have been rounded to the middle; what is no number, or too large, is written.
    with np.errstate(invalid="ignore", over="ignore"):
        products = values * _ONE
        whole = np.rint(products)
        plain = (np.abs(whole) < len(_WRITTEN) // 2) & (np.abs(products - whole) < 0.4999)
    texts = [_WRITTEN[place] for place in np.where(plain, whole, 0).astype(np.int64).tolist()]
    for at in np.flatnonzero(~plain).tolist():
        texts[at] = f"{values[at]:z.{DECIMALS}f}"
    return ",".join(texts)


@lru_cache(maxsize=2**14)  # a head's thousands of words are the same on every stage
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
