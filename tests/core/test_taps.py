"""Taps that are open and closed have one name, and what flows between them is what autograd says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.core.gradients.flow import flow_of
from rnnviz.core.record import record
from rnnviz.core.taps import SHAPES, Taps, example


def sets(most: int, least: int = 1) -> Iterator[Taps]:
    """Every set of taps over so many steps."""
    for steps in range(least, most + 1):
        for bits in product((False, True), repeat=2 * steps):
            yield Taps(bits[:steps], bits[steps:])


def expected(taps: Taps) -> str:
    """The name by a table of which input reaches which question."""
    T = len(taps)
    reaches = np.outer(taps.inputs, taps.asks) & np.triu(np.ones((T, T), bool))
    read, answered = reaches.any(1), reaches.any(0)
    if not sum(taps.asks):
        return "nothing"
    many_in, many_out = int(read.sum()), int(answered.sum())
    if not many_in:
        return "blind"
    if many_in == 1 or many_out == 1:
        return f"{'one' if many_in == 1 else 'many'}_to_{'one' if many_out == 1 else 'many'}"
    if (read == answered).all():
        return "in_step"
    return "after_reading" if np.flatnonzero(read).max() <= np.flatnonzero(answered).min() else "mixed"


def test_every_set_of_up_to_six_steps_has_the_name_of_what_reaches_what() -> None:
    found = set()
    for taps in sets(6):
        assert taps.shape == expected(taps), taps
        found.add(taps.shape)
    assert found == set(SHAPES)


def test_a_tap_through_which_nothing_flows_changes_no_name() -> None:
    for taps in sets(5):
        if taps.shape not in ("nothing", "blind"):
            alone = Taps(
                tuple(t in taps.read for t in range(len(taps))), tuple(t in taps.answered for t in range(len(taps)))
            )
            assert alone.shape == taps.shape
            assert (alone.read, alone.answered) == (taps.read, taps.answered)


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_autograd_finds_the_same_taps(cell: str) -> None:
    torch.manual_seed(0)
    module = getattr(nn, cell)(3, 4).double()
    numbers = torch.randn(3, 3, dtype=torch.float64)
    for taps in sets(3, least=3):
        x = (numbers * torch.tensor(taps.inputs)[:, None]).requires_grad_()
        states, state = [], None
        for row in x:  # one step at a time, so that each h is a tensor of its own
            _, state = module(row[None], state)
            h = (state[0] if isinstance(state, tuple) else state).squeeze(0)
            h.retain_grad()
            states.append(h)
            state = (h[None], state[1]) if isinstance(state, tuple) else h[None]
        asked = [h.square().sum() for h, open_ in zip(states, taps.asks, strict=True) if open_]
        if not asked:
            continue
        torch.stack(asked).sum().backward()
        assert x.grad is not None
        felt = [bool(row.any()) and open_ for row, open_ in zip(x.grad, taps.inputs, strict=True)]
        assert tuple(np.flatnonzero(felt)) == taps.read
        reached = [h.grad is not None and bool(h.grad.any()) for h in states]
        last = max(t for t, open_ in enumerate(taps.asks) if open_)
        assert reached == [t <= last for t in range(3)]


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_the_gradient_of_the_asked_losses_is_autograds(cell: str) -> None:
    """What a page shows is `flow_of` with the losses of the open taps."""
    torch.manual_seed(1)
    module, head = getattr(nn, cell)(3, 4).double(), nn.Linear(4, 5).double()
    numbers, right = torch.randn(4, 3, dtype=torch.float64), torch.tensor([0, 3, 1, 4])
    for taps in list(sets(4, least=4))[1::7]:
        asks = torch.tensor(taps.asks, dtype=torch.float64)
        x = numbers * torch.tensor(taps.inputs)[:, None]

        def losses(output: torch.Tensor, asks: torch.Tensor = asks) -> torch.Tensor:
            return nn.functional.cross_entropy(head(output), right, reduction="none") * asks

        found = flow_of(record(module, x), losses).total[0]
        states, state = [], None
        for row in x:
            _, state = module(row[None], state)
            h = (state[0] if isinstance(state, tuple) else state).squeeze(0)
            h.retain_grad() if h.requires_grad else None
            states.append(h)
            state = (h[None], state[1]) if isinstance(state, tuple) else h[None]
        losses(torch.stack(states)).sum().backward()
        expected = [0.0 if h.grad is None else float(h.grad.norm()) for h in states]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES[:5])
def test_each_name_has_an_example_where_there_is_room(shape: str) -> None:
    least = {"one_to_one": 1, "after_reading": 3}.get(shape, 2)
    for steps in range(1, 9):
        if steps < least:
            with pytest.raises(ValueError, match="too few"):
                example(shape, steps)
        else:
            made = example(shape, steps)
            assert (made.shape, len(made)) == (shape, steps)


def test_what_fits_together_is_asked_for() -> None:
    with pytest.raises(ValueError, match="as many"):
        Taps((True,), (True, False))
    with pytest.raises(ValueError, match="at least one"):
        Taps((), ())
    with pytest.raises(ValueError, match="no example"):
        example("blind", 4)
