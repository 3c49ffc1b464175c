"""What a word means is one number, for arrays and tensors, and the same in every fact and sentence."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz
from rnnviz.core import terms
from rnnviz.core.gates import extremes
from rnnviz.core.gradients.pullback import SLOPES
from rnnviz.core.gradients.squash import LARGEST_SLOPE, saturated
from rnnviz.facts.consequences import of_extremes
from rnnviz.facts.notice import notices
from rnnviz.facts.remarks import step_lines
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import case
from tests.written import numbers

KINDS = pytest.mark.parametrize("kind", ["tanh", "sigmoid"])
SEEDS = pytest.mark.parametrize("seed", range(50))


def test_every_squashing_function_has_a_meaning() -> None:
    assert set(terms.BOUNDS) == set(SLOPES)


@KINDS
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=50))
def test_saturated_is_beyond_the_bounds_where_little_slope_is_left(kind: str, values: list[float]) -> None:
    y = np.array(values) if kind == "tanh" else (np.array(values) + 1) / 2
    found = terms.saturated(kind, y)
    low, high = terms.BOUNDS[kind]
    near = np.isclose(y, low) | np.isclose(y, high)
    assert (found == ((y < low) | (y > high)))[~near].all()
    assert (found == (SLOPES[kind](y) < terms.SLOPE * LARGEST_SLOPE[kind]))[~near].all()
    assert terms.saturated(kind, torch.tensor(y)).tolist() == found.tolist()


def test_a_relu_is_saturated_where_it_is_off() -> None:
    y = np.array([0.0, 1e-9, 3.0])
    assert (
        terms.saturated("relu", y).tolist() == terms.saturated("relu", torch.tensor(y)).tolist() == [True, False, False]
    )


@given(st.floats(0, 2), st.floats(0.1, 10), st.floats(0, 1), st.floats(0, 0.99), st.integers(0, 3))
def test_a_loss_and_a_score_are_held_against_those_without_memory(
    part: float, baseline: float, score: float, chance: float, updates: int
) -> None:
    found = terms.progress(part * baseline, baseline, score, chance, updates=updates)
    limits = (terms.LEARNED, *terms.NO_MEMORY)
    margin = min(0.1, (1 - chance) / 2)
    if min(abs(part - limit) for limit in limits) < 1e-9 or abs(score - chance - margin) < 1e-9:
        return
    better = score - chance > margin
    if updates == 0:
        assert found == "untrained"
    elif found == "learned":
        assert better
        assert part < 0.25
    elif found == "worse":
        assert part > 1.05
    elif found == "stuck":
        assert not better
        assert 0.85 < part < 1.05
    else:
        assert part < 1.05
        assert better or part < 0.85
        assert not (better and part < 0.25)


@SEEDS
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_of_a_step_says_the_bound_by_which_it_counts(language: str, seed: int) -> None:
    for cell in ("rnn", "rnn_sigmoid"):
        trace = case(cell, steps=4, hidden=8, seed=seed, scale=2).trace
        said = step_lines(rnnviz.Pass(trace), 0, catalogue(language))
        for t, line in enumerate(text.split("\n")[1] for text in said):
            found = numbers(line)
            bounds = [number for number in found if number % 1]
            low, high = bounds if len(bounds) == 2 else (-bounds[0], bounds[0])
            h = trace["h"][0, t]
            assert int(((h < low) | (h > high)).sum()) in found
            assert int(((h < low) | (h > high)).sum()) == saturated(trace)["h"][0, t]


@SEEDS
def test_a_notice_says_the_bound_by_which_it_counts(seed: int) -> None:
    for cell, quantity in (("rnn", "h"), ("rnn_sigmoid", "h"), ("lstm", "f"), ("gru", "z")):
        trace = case(cell, steps=8, hidden=6, seed=seed, scale=2).trace
        held = [n for n in notices(rnnviz.Pass(trace), [False] * 8) if "held" in n.kind]
        for notice in held:
            text = re.sub(
                r"\*\*.*?\*\*", "", catalogue("en")[f"notice.{notice.kind}"].format(t=notice.t, **notice.values)
            )
            bounds = [number for number in numbers(text) if number % 1]
            high, low = bounds[-1], bounds[0] if len(bounds) == 2 else -bounds[0]
            values = trace[quantity][0, :, int(notice.values["unit"]) - 1]
            assert int(((values < low) | (values > high)).sum()) == notice.values["count"]


@SEEDS
def test_an_extreme_says_the_bound_by_which_it_counts(seed: int) -> None:
    trace = case("lstm", steps=6, hidden=6, seed=seed, scale=2).trace
    for extreme, notice in zip(extremes(trace), of_extremes(trace), strict=True):
        text = catalogue("en")[f"notice.{notice.kind}"].format(t=1, **notice.values)
        bound = next(number for number in numbers(text) if number % 1)
        values = np.abs(trace[extreme.quantity][0])
        beyond = {
            "open": (values > bound).all(0),
            "shut": (values < bound).all(0),
            "saturated": (values > bound).mean(0) >= 0.5,
            "still": np.ptp(trace[extreme.quantity][0], axis=0) < bound,
        }[extreme.kind]
        assert tuple(np.flatnonzero(beyond).tolist()) == extreme.units
