"""Numbers as a chart is sent them: the text that writing each of them gives, however it is made."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from rnnviz.charts.kit.tables import joined

HALVES = st.integers(-10_000, 10_000).map(lambda n: (n + 0.5) / 1000)  # between two texts, or next to it
NUMBERS = st.lists(st.floats(-5, 5) | st.floats() | st.floats(width=32) | HALVES, min_size=1)


@given(NUMBERS)
@example([3.9994, 3.9995, 4.0, -3.9994, -3.9995, -4.0, -0.0, -0.0004, 0.0005, 0.0015])
@example([1.8e305, -1.7e308, float("inf"), float("nan")])
def test_each_number_is_written_with_three_decimals_and_no_zero_is_negative(values: list[float]) -> None:
    assert joined([np.array(values[:1]), np.array(values[1:])]) == ",".join(f"{value:z.3f}" for value in values)


def test_other_numbers_of_decimals_are_written_likewise() -> None:
    assert joined([np.array([0.123456789, -1e-9])], 6) == "0.123457,0.000000"
