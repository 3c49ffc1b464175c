"""A chart's pictures read back: PNGs of indexed colours, by the format's specification (RFC 2083) and without the code
that wrote them."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pixels(url: str) -> NDArray[Any]:
    """The colours of a data URL, (rows, columns, 4): red, green, blue and opacity, from 0 to 255."""
    kind, _, text = url.partition(",")
    assert kind == "data:image/png;base64"
    raw = base64.b64decode(text, validate=True)
    assert raw[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    chunks, at = {}, 8
    while at < len(raw):
        (size,) = struct.unpack(">I", raw[at : at + 4])
        name, data = raw[at + 4 : at + 8], raw[at + 8 : at + 8 + size]
        assert struct.unpack(">I", raw[at + 8 + size : at + 12 + size]) == (zlib.crc32(name + data),)
        chunks[name.decode()] = data
        at += 12 + size
    assert list(chunks) in (["IHDR", "PLTE", "IDAT", "IEND"], ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"])
    width, height, *rest = struct.unpack(">IIBBBBB", chunks["IHDR"])
    assert rest == [8, 3, 0, 0, 0], "8 bits, indexed, neither filtered nor interlaced in another way than the usual"
    rows = np.frombuffer(zlib.decompress(chunks["IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any(), "no row is filtered"
    colours = np.frombuffer(chunks["PLTE"], np.uint8).reshape(-1, 3)
    opacity = np.full(len(colours), 255)
    given = np.frombuffer(chunks.get("tRNS", b""), np.uint8)
    opacity[: len(given)] = given
    return np.concatenate([colours[rows[:, 1:]], opacity[rows[:, 1:], None]], -1)


def colours(url: str) -> list[list[str]]:
    """The same as `#rrggbb`, row by row, whatever their opacity."""
    return [["#" + bytes(pixel[:3].tolist()).hex() for pixel in row] for row in pixels(url)]
