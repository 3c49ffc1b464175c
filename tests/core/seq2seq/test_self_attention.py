"""One layer of self-attention against PyTorch's own, and what is said of order and reach."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from rnnviz.core.batch import drawn_gru
from rnnviz.core.seq2seq.self_attention import SelfAttention, length_cost, positions, reach, shuffled

sizes = st.tuples(st.integers(1, 9), st.integers(1, 4).map(lambda half: 2 * half), st.integers(0, 50))


def drawn(T: int, E: int, seed: int) -> tuple[SelfAttention, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return SelfAttention(E, generator), torch.randn(T, E, generator=generator)


@given(size=sizes)
def test_it_is_pytorchs_scaled_dot_product(size: tuple[int, int, int]) -> None:
    layer, x = drawn(*size)
    out, shares = layer(x)
    q, k, v = (F.linear(x, weight)[None] for weight in (layer.W_q, layer.W_k, layer.W_v))
    torch.testing.assert_close(out, F.scaled_dot_product_attention(q, k, v)[0], atol=1e-5, rtol=1e-4)
    head = nn.utils.skip_init(nn.MultiheadAttention, x.shape[1], 1, bias=False)
    with torch.no_grad():
        head.in_proj_weight.copy_(torch.cat([layer.W_q, layer.W_k, layer.W_v]))
        head.out_proj.weight.copy_(torch.eye(x.shape[1]))
        theirs, weights = head.eval()(x, x, x)
    torch.testing.assert_close(out, theirs, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(shares, weights, atol=1e-6, rtol=1e-4)
    batched, _ = layer(torch.stack([x, 2 * x], 1))
    torch.testing.assert_close(batched[:, 0], out, atol=1e-6, rtol=1e-5)


@given(size=sizes)
def test_positions_are_sinusoids(size: tuple[int, int, int]) -> None:
    T, E, _ = size
    table = positions(T, E).double()
    for t in range(T):
        for pair in range(E // 2):
            angle = torch.tensor(t / 10000 ** (2 * pair / E), dtype=torch.float64)
            assert float(table[t, 2 * pair]) == pytest.approx(float(angle.sin()), abs=1e-5)
            assert float(table[t, 2 * pair + 1]) == pytest.approx(float(angle.cos()), abs=1e-5)


@given(size=sizes, data=st.data())
def test_without_positions_the_order_means_nothing(size: tuple[int, int, int], data: st.DataObject) -> None:
    layer, x = drawn(*size)
    gru = drawn_gru(x.shape[1], torch.Generator().manual_seed(1))
    order = data.draw(st.permutations(range(len(x) - 1)))
    moved = shuffled(gru, layer, x, order)
    assert moved["without"] < 1e-5
    if order == sorted(order):
        assert max(moved.values()) < 1e-6
    elif len(x) > 2:
        assert moved["chain"] > 0


@given(size=sizes)
def test_a_token_that_stays_moves_nothing_and_the_last_one_moves_both(size: tuple[int, int, int]) -> None:
    layer, x = drawn(*size)
    gru = drawn_gru(x.shape[1], torch.Generator().manual_seed(1))
    same = reach(gru, layer, x, x)
    assert max(same.chain.max(), same.attention.max()) == 0
    moved = reach(gru, layer, x, x + 1)
    assert moved.chain[-1] > 0
    assert len(moved.chain) == len(moved.attention) == len(x)


def test_what_is_kept_grows_with_the_length_in_a_chain_and_with_its_square_in_attention() -> None:
    before = torch.get_rng_state()
    cost = length_cost((32, 64, 128), 8, 1)
    assert torch.equal(before, torch.get_rng_state())
    chain = [cost.kept["chain", T] for T in (32, 64, 128)]
    attention = [cost.kept["attention", T] for T in (32, 64, 128)]
    assert chain[2] / chain[1] == pytest.approx(2, rel=0.02)
    assert attention[2] / attention[1] > attention[1] / attention[0] > 2
    assert all(seconds > 0 for seconds in cost.seconds.values())
