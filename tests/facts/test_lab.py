"""What the gradient lab's sentences compute."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.gradients.table import honest_table
from rnnviz.facts.lab import Knobs, of_knobs, of_matrix, past_rate


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


@given(
    factor=st.floats(0.3, 2.5),
    steps=st.integers(2, 12),
    zeros=st.integers(0, 2),
    lost=st.integers(0, 2),
    own=st.floats(0.1, 9),
)
def test_what_is_said_of_a_matrix_is_counted_again(
    factor: float, steps: int, zeros: int, lost: int, own: float
) -> None:
    matrix = np.array([[own * factor ** (t - k) if k <= t else 0.0 for k in range(steps)] for t in range(steps)])
    corner = [(t, k) for t in range(steps) for k in range(t)][: zeros + lost]
    for place, (t, k) in enumerate(corner):
        matrix[t, k] = 0.0 if place < zeros else math.inf
    facts = {fact.kind: fact.values for fact in of_matrix({"a": matrix}, {"a": "A"})}
    below = [float(matrix[t, k]) for t in range(steps) for k in range(t + 1)]
    for kind, count in (("lab_zero", below.count(0.0)), ("lab_lost", sum(map(math.isinf, below)))):
        assert (kind in facts) == (count > 0)
        assert not count or (facts[kind]["count"], facts[kind]["cells"]) == (count, len(below))
    if any(0 < matrix[t, k] < math.inf for t in range(steps) for k in range(t)):
        kind = "lab_shrinks" if "lab_shrinks" in facts else "lab_grows"
        assert abs(factor - 1) < 1e-9 or kind == ("lab_shrinks" if factor < 1 else "lab_grows")
        assert facts[kind]["factor"] == pytest.approx(factor, rel=1e-6)
        assert (facts[kind]["first"], facts[kind]["own"]) == (matrix[-1, 0], matrix[-1, -1])


@given(
    rate=st.floats(0.3, 1.5),
    steps=st.integers(2, 30),
    scale=st.sampled_from([0.5, 1.0, 2.0]),
    gamma=st.sampled_from([None, 0.25, 1.0]),
    sigma=st.sampled_from([0.5, 1.0, 3.0]),
    clip=st.sampled_from([None, 0.5, 100.0]),
    window=st.sampled_from([None, 1, 7, 40]),
)
def test_what_is_said_of_the_knobs_holds_in_their_numbers(
    rate: float, steps: int, scale: float, gamma: float | None, sigma: float, clip: float | None, window: int | None
) -> None:
    before = rate ** np.arange(steps - 1, -1.0, -1)
    norms = np.array([before, (rate * scale) ** np.arange(steps - 1, -1.0, -1)])
    knobs = Knobs(
        matrices={"h": np.eye(2)},
        eigenvalues={"h": np.array([1.0, 0.5j])},
        sigma=sigma,
        radii=(1.0, scale),
        drawn=0,
        start=1,
        norms=norms,
        parameters=np.array([9.0, 2.0]),
        before=before,
        gamma=gamma,
        clip=clip,
        window=window,
    )
    facts = {fact.kind: fact.values for fact in of_knobs(knobs)}
    turned = clip is not None or window is not None or scale != 1
    values = facts["lab_turned" if turned else "lab_unturned"]
    shortened = clip / 2.0 if clip is not None and clip < 2 else 1.0
    reached = window is None or steps <= window
    after = norms[1, 0] * shortened if reached else 0.0
    assert (values["before"], values["after"]) == pytest.approx((before[0], after))
    bound = None if gamma is None else gamma * sigma * scale
    kinds = {"lab_sufficient": -1, "lab_border": 0, "lab_necessary": 1}
    said = [sign for kind, sign in kinds.items() if kind in facts]
    assert said == ([] if bound is None else [(bound > 1) - (bound < 1)])
    for kind in kinds.keys() & facts.keys():
        assert facts[kind]["bound"] == pytest.approx(bound)
        assert facts[kind]["radius"] == scale
        assert facts[kind]["measured"] == pytest.approx(rate * scale)
    assert ("lab_clipped" in facts, "lab_unclipped" in facts) == (clip == 0.5, clip == 100.0)
    assert ("lab_window" in facts) == (not reached)
    if not reached and window is not None:
        # The last window begins at the last multiple of its length that lies before the last step.
        begins = max(first for first in range(0, steps - 1 + 1, window) if first < steps)
        assert facts["lab_window"]["kept"] == sum(k >= begins for k in range(steps)) or begins == steps - 1
