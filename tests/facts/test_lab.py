"""What the gradient lab's sentences compute."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.gradients.table import honest_table
from rnnviz.facts.lab import past_rate


@given(rate=st.floats(0.5, 1.5), steps=st.integers(2, 60), first=st.floats(1e-3, 1e3))
def test_the_rate_of_a_geometric_series_is_its_ratio(rate: float, steps: int, first: float) -> None:
    assert past_rate(first * rate ** np.arange(steps)) == pytest.approx(rate, rel=1e-6)


def test_what_lies_in_the_noise_of_float64_does_not_count() -> None:
    norms = np.concatenate([0.1 ** np.arange(13), np.full(40, 1e-16)])
    assert past_rate(norms) == pytest.approx(0.1)


def test_what_is_said_of_the_cures_is_what_the_honest_table_shows() -> None:
    """`lab.why_cures`, over seeds that it does not name: the part of the gradient that is left at the first step."""
    table = honest_table(range(100, 120))
    left = dict(zip(table.rows, table.norms[:, :, 0] / table.norms[:, :, -1], strict=True))
    assert left["LSTM"].max() < 1e-17
    assert left["GRU"].max() < 1e-17
    assert 1e-9 < np.median(left["RNN, orthogonal"]) < 1e-7
    assert 0.3 < np.median(left["RNN (ReLU), identity"]) < 0.7
    for bias, gate in ((3, 0.95), (5, 0.99)):
        assert left[f"LSTM, forget bias {bias}"].min() > 1e-3
        assert 1 / (1 + np.exp(-bias)) == pytest.approx(gate, abs=0.005)
