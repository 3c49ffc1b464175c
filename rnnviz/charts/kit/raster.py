"""Arrays as pictures: a PNG of one pixel an entry, as a data URL."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.kit import palette
from rnnviz.core.trace import Array


def picture(values: Array, *, dark: bool, gate: str = "") -> str:
    """Numbers from -1 to 1 as a PNG of one pixel each, in the colours of the ramp, (rows, columns); a data URL.

    gate: the gate whose numbers, from 0 to 1, they are: in its own colours from closed to open.
    """
    steps = palette.RAMP_STEPS
    place = 2 * steps * np.clip(values, 0, 1) if gate else steps + steps * np.clip(values, -1, 1)
    return indexed(np.rint(place).astype(np.uint8), _ramp(gate, dark))


@cache
def _ramp(gate: str, dark: bool) -> tuple[str, ...]:
    return tuple(palette.gate_ramp(gate, dark) if gate else palette.ramp(dark))


def indexed(index: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """A PNG of one pixel per entry, (rows, columns), each the number of one of at most 256 colours, `#rrggbb` or, with
    its opacity, `#rrggbbaa`; a data URL.
    """
    high, wide = index.shape
    rows = np.zeros((high, wide + 1), np.uint8)  # each row begins with its filter, 0: none
    rows[:, 1:] = index
    size = struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)  # 8 bits, indexed
    chunks = [
        _SIGNATURE,
        _chunk(b"IHDR", size),
        _table(tuple(colours)),
        _chunk(b"IDAT", zlib.compress(rows.tobytes())),
        _END,
    ]
    return "data:image/png;base64," + base64.b64encode(b"".join(chunks)).decode("ascii")


@cache
def _table(colours: tuple[str, ...]) -> bytes:
    """The part of the file that has the colours, the same for many pictures."""
    chunk = _chunk(b"PLTE", bytes.fromhex("".join(colour[1:7] for colour in colours)))
    if all(len(colour) == 7 for colour in colours):
        return chunk
    return chunk + _chunk(b"tRNS", bytes.fromhex("".join(colour[7:] or "ff" for colour in colours)))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


_SIGNATURE, _END = b"\x89PNG\r\n\x1a\n", _chunk(b"IEND", b"")
