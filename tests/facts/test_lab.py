"""What the gradient lab's sentences compute."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.facts.lab import past_rate


@given(rate=st.floats(0.5, 1.5), steps=st.integers(2, 60), first=st.floats(1e-3, 1e3))
def test_the_rate_of_a_geometric_series_is_its_ratio(rate: float, steps: int, first: float) -> None:
    assert past_rate(first * rate ** np.arange(steps)) == pytest.approx(rate, rel=1e-6)


def test_what_lies_in_the_noise_of_float64_does_not_count() -> None:
    norms = np.concatenate([0.1 ** np.arange(13), np.full(40, 1e-16)])
    assert past_rate(norms) == pytest.approx(0.1)
