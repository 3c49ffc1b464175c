"""Arrays as pictures: a PNG of one pixel an entry, as a data URL."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence

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
    return indexed(np.rint(place).astype(np.uint8), palette.gate_ramp(gate, dark) if gate else palette.ramp(dark))


def indexed(index: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """A PNG of one pixel per entry, (rows, columns), each the number of one of at most 256 colours, `#rrggbb` or, with
    its opacity, `#rrggbbaa`; a data URL.
    """
    rows = np.pad(index, ((0, 0), (1, 0))).tobytes()  # each row begins with its filter, 0: none
    size = struct.pack(">IIBBBBB", index.shape[1], index.shape[0], 8, 3, 0, 0, 0)  # 8 bits, indexed
    parts = [(b"IHDR", size), (b"PLTE", bytes.fromhex("".join(colour[1:7] for colour in colours)))]
    if any(len(colour) > 7 for colour in colours):
        parts.append((b"tRNS", bytes.fromhex("".join(colour[7:] or "ff" for colour in colours))))
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in parts]
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).decode("ascii")
