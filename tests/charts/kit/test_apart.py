"""The names at the ends of lines: apart, in order, and moved no further than that needs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.kit.apart import apart

PLACES = st.lists(st.floats(0, 1) | st.just(np.nan), max_size=8)


@given(places=PLACES, gap=st.floats(0.01, 0.12))
def test_names_are_apart_in_the_order_of_their_lines_and_in_the_panel(places: list[float], gap: float) -> None:
    """Eight names, 0.12 apart, have room."""
    moved = apart(np.array(places), gap)
    assert (np.isnan(moved) == np.isnan(places)).all()
    there = [(place, to) for place, to in zip(places, moved.tolist(), strict=True) if place == place]
    ordered = [to for _, to in sorted(there)]
    assert min(np.diff(sorted(ordered)), default=gap) >= gap - 1e-9
    for (place, to), (other, its) in pairwise(there):
        assert place == other or (place < other) == (to < its)
    assert all(-1e-9 <= to <= 1 + 1e-9 for to in ordered)


@given(places=st.lists(st.integers(0, 10), min_size=1, max_size=6, unique=True))
def test_names_that_are_apart_stay_where_they_are(places: list[int]) -> None:
    parts = np.array(places) / 10
    assert apart(parts, 0.1) == pytest.approx(parts)


@given(rows=st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=1, max_size=4), gap=st.floats(0.01, 0.3))
def test_each_row_is_for_itself(rows: list[tuple[float, ...]], gap: float) -> None:
    together = apart(np.array(rows), gap)
    for row, alone in zip(together, rows, strict=True):
        assert row == pytest.approx(apart(np.array(alone), gap))


def test_two_of_one_place_go_one_up_and_one_down() -> None:
    assert sorted(apart(np.array([0.5, 0.5]), 0.2)) == pytest.approx([0.4, 0.6])
