"""A batch is what PyTorch's kernels make of it, padded, masked or packed, whatever its lengths, cell and layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from rnnviz.core.batch import batch, batch_cost, kept_bytes, pad_loss
from rnnviz.core.network import build
from rnnviz.core.record import Head
from rnnviz.core.sheet import Handling, Sheet, Side

E, H, V = 3, 4, 5
CELLS = ("rnn", "lstm", "gru")
LENGTHS = st.lists(st.integers(1, 7), min_size=1, max_size=5)


def network(cell: str, layers: int = 1, seed: int = 0, *, both: bool = False) -> nn.RNNBase:
    module = build(cell, E, H, layers, bidirectional=both).double()
    assert isinstance(module, nn.RNNBase)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            weight.uniform_(-0.9, 0.9, generator=generator)
    return module


def sequences(lengths: list[int], seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed + 100)
    return [torch.randn(length, E, generator=generator, dtype=torch.float64) for length in lengths]


def last(module: nn.RNNBase, x: object) -> tuple[Tensor, Tensor]:
    """The output, and h_n, (L * D, B, H)."""
    with torch.no_grad():
        output, state = module(x)
    return output, state[0] if isinstance(state, tuple) else state


def handed_on(sheets: tuple[Sheet, ...]) -> np.ndarray:
    return np.stack([sheet.handed_on for sheet in sheets], 1)


@settings(max_examples=60)
@given(LENGTHS, st.sampled_from(CELLS), st.integers(1, 3), st.booleans(), st.integers(0, 99))
def test_packed_is_pytorchs_packed_run_at_every_real_step(
    lengths: list[int], cell: str, layers: int, both: bool, seed: int
) -> None:
    module, xs = network(cell, layers, seed, both=both), sequences(lengths, seed)
    packed = pack_padded_sequence(pad_sequence(xs), torch.tensor(lengths), enforce_sorted=False)
    output, h_n = last(module, packed)
    padded, _ = pad_packed_sequence(output)
    for handling in ("packed", "mask"):
        sheets = batch(module, xs, handling=handling)
        np.testing.assert_allclose(handed_on(sheets), h_n, atol=1e-12)
        D = 1 + both
        for number, sheet in enumerate(sheets):
            top = np.concatenate(sheet.states[-D:], -1)
            np.testing.assert_allclose(top[list(sheet.real)], padded[: lengths[number], number], atol=1e-12)
            assert sheet.drift(0) == 0


@settings(max_examples=60)
@given(LENGTHS, st.sampled_from(CELLS), st.integers(1, 3), st.booleans(), st.sampled_from(["right", "left"]))
def test_pads_that_are_read_are_pytorchs_run_over_the_padded_block(
    lengths: list[int], cell: str, layers: int, both: bool, side: Side
) -> None:
    module, xs = network(cell, layers, both=both), sequences(lengths)
    output, h_n = last(module, pad_sequence(xs, padding_side=side))
    sheets = batch(module, xs, side=side)
    np.testing.assert_allclose(handed_on(sheets), h_n, atol=1e-12)
    D = 1 + both
    for number, sheet in enumerate(sheets):
        np.testing.assert_allclose(np.concatenate(sheet.states[-D:], -1), output[:, number], atol=1e-12)
        alone = last(module, xs[number][:, None])[1][:, 0]
        np.testing.assert_allclose(sheet.alone, alone, atol=1e-12)
        assert sheet.drift(0) == pytest.approx(float((h_n[0, number] - alone[0]).norm()), abs=1e-10)
        assert (sheet.words, sheet.pads) == (lengths[number], max(lengths) - lengths[number])


@settings(max_examples=40)
@given(LENGTHS, st.sampled_from(CELLS), st.booleans(), st.sampled_from(["right", "left"]))
def test_under_a_mask_a_state_stays_where_a_pad_is(lengths: list[int], cell: str, both: bool, side: Side) -> None:
    """Step by step with `where`, in the order in which each chain reads."""
    module, xs = network(cell, both=both), sequences(lengths)
    widest = max(lengths)
    for sheet, x in zip(batch(module, xs, side=side, handling="mask"), xs, strict=True):
        first = widest - len(x) if side == "left" else 0
        assert sheet.real == tuple(first <= t < first + len(x) for t in range(widest))
        alone = last(module, x[:, None])[0][:, 0].numpy()
        for row in range(1 + both):
            held, order = np.zeros(H), range(widest) if row == 0 else reversed(range(widest))
            for t in order:
                held = alone[t - first, row * H :][:H] if sheet.real[t] else held
                np.testing.assert_allclose(sheet.states[row, t], held, atol=1e-12)


@settings(max_examples=30)
@given(LENGTHS)
def test_the_work_is_counted(lengths: list[int]) -> None:
    module, xs = network("gru"), sequences(lengths)
    work = {h: sum(sheet.cells for sheet in batch(module, xs, handling=h)) for h in ("pads", "mask", "packed")}
    assert work == {"pads": max(lengths) * len(xs), "mask": max(lengths) * len(xs), "packed": sum(lengths)}
    steps = pack_padded_sequence(pad_sequence(xs), torch.tensor(lengths), enforce_sorted=False).batch_sizes
    assert work["packed"] == int(steps.sum())


def test_a_batch_without_a_sequence_is_refused() -> None:
    with pytest.raises(ValueError, match="no sequence"):
        batch(network("gru"), [])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("handling", ["pads", "mask", "packed"])
def test_the_loss_of_the_words_is_that_of_the_states_that_are_shown(cell: str, side: Side, handling: Handling) -> None:
    module, xs = network(cell), sequences([2, 5, 3])
    generator = torch.Generator().manual_seed(7)
    head = Head(torch.randn(V, H, generator=generator, dtype=torch.float64), torch.ones(V, dtype=torch.float64))
    targets = [[1, None], [0, 1, 2, 3, None], [4, 4, None]]
    found = pad_loss(module, head, xs, targets, side=side, handling=handling, over_pads=False)
    losses = []
    for sheet, asked in zip(batch(module, xs, side=side, handling=handling), targets, strict=True):
        y = torch.softmax(torch.tensor(sheet.states[0]) @ head.weight.T + 1, -1)
        losses += [-float(y[sheet.first + t, k].log()) for t, k in enumerate(asked) if k is not None]
    assert found.count == len(losses) == 7
    assert found.loss == pytest.approx(np.mean(losses), abs=1e-10)
    if handling == "pads":
        assert (found.into_pads > 0) == (side == "left"), "a pad that is read before a word has a part in its loss"
    else:
        assert found.into_pads == 0
    assert found.into_words > 0


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("side", ["right", "left"])
def test_the_gradient_into_pads_is_what_a_change_of_them_does(cell: str, side: Side) -> None:
    """By finite differences of a loss that counts the pads too, all of them with class 0 as the right one."""
    module, xs = network(cell), sequences([2, 4])
    generator = torch.Generator().manual_seed(8)
    head = Head(torch.randn(V, H, generator=generator, dtype=torch.float64))
    targets = [[1, 2], [3, 0, 1, 2]]
    found = pad_loss(module, head, xs, targets, side=side, handling="pads", over_pads=True)
    assert found.count == 8
    padded = pad_sequence(xs, padding_side=side)
    asked = torch.tensor([[1, 2, 0, 0] if side == "right" else [0, 0, 1, 2], targets[1]]).T

    def loss(x: Tensor) -> float:
        with torch.no_grad():
            return float(nn.functional.cross_entropy((module(x)[0] @ head.weight.T).flatten(0, 1), asked.flatten()))

    assert found.loss == pytest.approx(loss(padded), abs=1e-10)
    squares = 0.0
    for t in range(2, 4) if side == "right" else range(2):
        for k in range(E):
            step = torch.zeros_like(padded)
            step[t, 0, k] = 1e-6
            squares += ((loss(padded + step) - loss(padded - step)) / 2e-6) ** 2
    assert found.into_pads == pytest.approx(squares**0.5, rel=1e-5)


def test_a_loss_that_asks_nothing_is_refused() -> None:
    module, xs = network("gru"), sequences([1])
    head = Head(torch.zeros(V, H, dtype=torch.float64))
    with pytest.raises(ValueError, match="nothing is asked"):
        pad_loss(module, head, xs, [[None]], side="right", handling="pads", over_pads=False)


@pytest.mark.parametrize("cell", CELLS)
def test_what_is_kept_for_the_way_back_grows_in_proportion_to_length_and_size(cell: str) -> None:
    """Each further step adds as much as the one before it, and nothing much is kept but what steps add."""
    module = network(cell)
    kept = {(T, B): kept_bytes(module, torch.zeros(T, B, E, dtype=torch.float64)) for T in (8, 16, 32) for B in (1, 4)}
    assert kept[8, 1] > 8 * H * 8, "at least a state for each step"
    for B in (1, 4):
        assert kept[32, B] - kept[16, B] == 2 * (kept[16, B] - kept[8, B])
        assert kept[32, B] == pytest.approx(4 * kept[8, B], rel=0.15)
    assert kept[16, 4] == pytest.approx(4 * kept[16, 1], rel=0.15)


def test_a_cost_is_measured_for_each_shape_and_too_much_is_refused() -> None:
    shapes = [(2, 1), (4, 1), (2, 3)]
    cost = batch_cost(shapes, 4, 1)
    assert set(cost.seconds) == set(cost.kept) == set(shapes)
    assert min(cost.seconds.values()) > 0
    assert cost.kept[4, 1] == 2 * cost.kept[2, 1]
    for wrong in ([], [(0, 1)], [(2**15, 33)]):
        with pytest.raises(ValueError, match="shapes are"):
            batch_cost(wrong, 32, 1)
