"""The loss of one unit has the wall that the paper shows, and clipping keeps a descent from being thrown off it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.gradients.cliff import EXAMPLE_B, EXAMPLE_NORM, EXAMPLE_RATE, EXAMPLE_W, descend, surface

EXAMPLE = {"w": EXAMPLE_W, "b": EXAMPLE_B, "learning_rate": EXAMPLE_RATE, "updates": 200}
W, B = st.floats(-8, 8), st.floats(-6, 6)


@given(w=W, b=B, steps=st.integers(1, 60))
@settings(max_examples=60)
def test_loss_and_gradient_are_autograds(w: float, b: float, steps: int) -> None:
    at = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    x = torch.tensor(0.5, dtype=torch.float64)
    for _ in range(steps):
        x = at[0] * torch.sigmoid(x) + at[1]
    loss = (torch.sigmoid(x) - 0.7) ** 2
    loss.backward()
    found = surface(w, b, steps=steps)
    if found.slope > 1e3:  # on the wall a rounding of the state is magnified as the gradient is
        return
    assert found.loss == pytest.approx(loss.item(), rel=1e-6, abs=1e-12)
    assert found.state == pytest.approx(x.item(), rel=1e-6, abs=1e-9)
    assert found.by_w == pytest.approx(at.grad[0].item(), rel=1e-4, abs=1e-9)
    assert found.by_b == pytest.approx(at.grad[1].item(), rel=1e-4, abs=1e-9)


@given(w=W, b=B)
@settings(max_examples=60)
def test_the_gradient_is_the_slope_between_two_near_points(w: float, b: float) -> None:
    d = 1e-6
    here = surface(w, b)
    slopes = [
        (surface(w + d * i, b + d * j).loss - surface(w - d * i, b - d * j).loss) / (2 * d) for i, j in ((1, 0), (0, 1))
    ]
    if here.slope < 100:  # on the wall itself the slope changes within d
        np.testing.assert_allclose([here.by_w, here.by_b], slopes, rtol=1e-3, atol=1e-6)
    assert here.slope == pytest.approx(np.hypot(here.by_w, here.by_b))


def test_the_wall_stands_where_the_first_state_is_the_unstable_fixed_point() -> None:
    for w in (5.0, 6.0, 7.0):
        wall = 0.5 - w / (1 + np.exp(-0.5))
        below, on, above = (surface(w, wall + d) for d in (-1e-3, 0, 1e-3))
        assert below.loss - above.loss > 0.2
        assert on.state == pytest.approx(0.5, abs=1e-3)
        assert on.slope > 500 * max(below.slope, above.slope)


def test_a_grid_is_the_points_it_is_made_of() -> None:
    w, b = np.linspace(3, 8, 7), np.linspace(-5, -1, 5)
    grid = surface(w[None], b[:, None])
    assert grid.loss.shape == (5, 7)
    assert grid.by_w[3, 2] == surface(w[2], b[3]).by_w


def test_descent_is_thrown_off_the_wall_and_the_clipped_one_is_not() -> None:
    plain, clipped = descend(**EXAMPLE), descend(**EXAMPLE, max_norm=EXAMPLE_NORM)
    assert plain.loss[-1] > 0.08
    assert clipped.loss[-1] < 0.005
    assert plain.longest == pytest.approx(EXAMPLE_RATE * plain.slope[:-1].max()), "the learning rate times the gradient"
    assert plain.longest > 5
    assert clipped.longest <= EXAMPLE_RATE * EXAMPLE_NORM * (1 + 1e-9)
    assert not plain.clipped.any()
    np.testing.assert_array_equal(clipped.clipped[:-1], clipped.slope[:-1] > EXAMPLE_NORM)
    assert (plain.w[0], plain.b[0]) == (clipped.w[0], clipped.b[0])
    assert len(plain.w) == 201


def test_every_step_is_what_pytorchs_sgd_and_clip_grad_norm_take() -> None:
    path = descend(**EXAMPLE, max_norm=EXAMPLE_NORM)
    for n in range(0, 200, 10):
        at = torch.tensor([path.w[n], path.b[n]], requires_grad=True)
        x = torch.tensor(0.5, dtype=torch.float64)
        for _ in range(50):
            x = at[0] * torch.sigmoid(x) + at[1]
        ((torch.sigmoid(x) - 0.7) ** 2).backward()
        torch.nn.utils.clip_grad_norm_([at], EXAMPLE_NORM)
        torch.optim.SGD([at], lr=EXAMPLE_RATE).step()
        np.testing.assert_allclose([path.w[n + 1], path.b[n + 1]], at.detach(), atol=1e-6)
    assert 0 < path.clipped[:200:10].sum() < 20


def test_the_last_point_takes_no_step_and_so_none_that_is_clipped() -> None:
    path = descend(**{**EXAMPLE, "updates": 1}, max_norm=1e-3)
    assert (path.slope > 1e-3).all()
    assert path.clipped.tolist() == [True, False]


def test_a_descent_that_leaves_float64_ends_in_nan_without_a_warning() -> None:
    path = descend(5.5, -2.6, learning_rate=1e200, updates=5)
    assert len(path.loss) == 6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: surface(np.zeros(250_001), 0), "250001 points; accepted: at most 250000"),
        (lambda: surface(0, 0, steps=0), "steps is 0; accepted: 1 to 500"),
        (lambda: descend(**{**EXAMPLE, "updates": 1001}), "updates is 1001; accepted: 0 to 1000"),
        (lambda: descend(**{**EXAMPLE, "w": float("nan")}), "w is nan; accepted: a finite number"),
        (lambda: descend(**EXAMPLE, max_norm=0), "max_norm is 0; accepted: a number above 0"),
    ],
)
def test_what_cannot_be_computed_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
