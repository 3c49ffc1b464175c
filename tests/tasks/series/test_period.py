"""The season that is found is the one that was put in; where none was, none is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rnnviz.tasks.series.catalogue import series_of
from rnnviz.tasks.series.period import period_of

seeds = st.integers(0, 2**32 - 1)
numbers = st.floats(-1e10, 1e10, allow_subnormal=False)


@given(seeds, st.integers(2, 24), st.integers(100, 400), st.floats(-1e6, 1e6), st.floats(-0.05, 0.05))
def test_of_a_wave_on_a_line_it_is_the_waves(seed: int, period: int, length: int, level: float, slope: float) -> None:
    phase = np.random.default_rng(seed).uniform(0.2, 1.3)
    t = np.arange(length)
    wave = np.cos(2 * np.pi * t / period + phase * (period > 2))
    assert period_of(level + slope * t + wave) == period


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=12))
def test_of_any_pattern_it_is_the_patterns(pattern: list[float]) -> None:
    """One that is not much like itself at another lag: by plain loops, and round in a circle."""
    of = np.array(pattern) - np.mean(pattern)
    assume(np.abs(of).max() > 1e-3)
    like = [sum(of[i] * of[i - k] for i in range(len(of))) / sum(of * of) for k in range(1, len(of))]
    assume(max(like) < 0.6)
    assert period_of(np.resize(pattern, 40 * len(pattern))) == len(pattern)


@pytest.mark.parametrize(("length", "least"), [(80, 0.85), (400, 0.95), (2000, 0.95)])
def test_with_noise_of_half_its_size_it_is_found_nearly_always(length: int, least: float) -> None:
    rng, t = np.random.default_rng(5), np.arange(length)
    right = []
    for _ in range(200):
        period = int(rng.integers(4, min(length // 6, 50)))
        values = np.sin(2 * np.pi * t / period) + 0.5 * rng.normal(size=length) + 0.02 * t
        right.append(abs(period_of(values) - period) <= 1)
    assert np.mean(right) >= least


@pytest.mark.parametrize("length", [80, 150, 400, 2000])
@pytest.mark.parametrize("kind", ["noise", "walk", "lasting"])
def test_where_there_is_none_hardly_one_in_ten_is_found(kind: str, length: int) -> None:
    rng = np.random.default_rng(11)
    found = []
    for _ in range(100):
        values = rng.normal(size=length)
        if kind == "walk":
            values = values.cumsum()
        elif kind == "lasting":
            for i in range(1, length):
                values[i] += 0.9 * values[i - 1]
        found.append(period_of(values) > 1)
    assert np.mean(found) <= 0.1


@given(numbers, numbers, st.integers(64, 200))
def test_a_line_has_none(level: float, slope: float, length: int) -> None:
    assert period_of(level + slope * np.arange(length)) == 1


@given(st.lists(st.floats(-1e12, 1e12), min_size=64, max_size=200))
def test_it_is_one_or_comes_four_times(values: list[float]) -> None:
    assert 1 <= period_of(np.array(values)) <= len(values) / 4


def test_of_what_ships_it_is_what_is_known_of_it() -> None:
    found = {name: period_of(series_of(name).values) for name in ("co2", "elnino", "sine", "growing", "sunspots")}
    assert found.pop("sunspots") in (10, 11)
    assert found == {name: series_of(name).period for name in found}
