"""The ways from a written word back to a read one, against autograd of a plain PyTorch module and finite steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnnviz.core.gradients.attention import WAYS, ways_back
from rnnviz.core.seq2seq.attention import MECHANISMS, Attention
from rnnviz.core.seq2seq.transduce import EDGE
from tests.core.seq2seq.transducers import ROWS, Plain, V, both

every_attention = pytest.mark.parametrize("attention", MECHANISMS.values(), ids=lambda one: one.name)
sources = st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=8)
targets = st.lists(st.integers(0, V - 1), max_size=6)


def log_p(plain: Plain, memory: Tensor, bridge: Tensor, fed: list[int]) -> Tensor:
    """(V,), after the last fed step, with a memory (S, H) that need not be the encoder's, and a bridge (H,)."""
    state = bridge[None]
    for row in fed:
        state = plain.decoder(plain.target(torch.tensor([row])), state)
    top = state
    if plain.kind != "none":
        if plain.kind == "additive":
            scores = plain.score(torch.tanh(plain.query(state) + plain.key(memory)))[:, 0]
        else:
            scores = memory @ (plain.query.weight @ state[0])
        context = torch.softmax(scores, 0) @ memory
        top = torch.tanh(plain.combine(torch.cat([context[None], state], 1)))
    return torch.log_softmax(plain.out(top)[0], 0)


def chain(plain: Plain, rows: list[int]) -> list[Tensor]:
    """The encoder's states, each a tensor that autograd knows."""
    state = torch.zeros(1, 1, plain.encoder.hidden_size, dtype=torch.float64)
    states = []
    for row in rows:
        _, state = plain.encoder(plain.source(torch.tensor([[row]])), state)
        if not state.requires_grad:
            state.requires_grad_()
        states.append(state)
    return states


@every_attention
@given(rows=sources, target=targets, word=st.integers(0, V - 1), seed=st.integers(0, 50))
def test_the_three_ways_sum_to_autograds_derivative_and_each_is_autograds_with_the_others_cut(
    attention: Attention, rows: list[int], target: list[int], word: int, seed: int
) -> None:
    plain, model = both(attention, seed)
    fed = [EDGE, *target]
    ways = ways_back(model, rows, target, len(fed), word)
    states = chain(plain, rows)
    memory = torch.cat(states)[:, 0]

    def derivative(memory: Tensor, bridge: Tensor) -> np.ndarray:
        every = log_p(plain, memory, bridge, fed)
        value = every[word] - every[ways.rival]
        assert float(value.detach()) == pytest.approx(ways.log_odds, abs=1e-9)
        assert float(every[word].detach().exp()) == pytest.approx(ways.p, abs=1e-9)
        assert ways.rival != word
        others = every.detach().tolist()[:word] + every.detach().tolist()[word + 1 :]
        assert float(every[ways.rival].detach()) == pytest.approx(max(others), abs=1e-9)
        grads = torch.autograd.grad(value, states, retain_graph=True, allow_unused=True)
        return np.stack([np.zeros(memory.shape[1]) if g is None else g[0, 0].numpy() for g in grads])

    size = max(1e-3, float(np.abs(ways.total).max()))
    np.testing.assert_allclose(ways.total, derivative(memory, memory[-1]), atol=1e-9 * size)
    np.testing.assert_array_equal(ways.total, ways.alpha + ways.along + ways.bridge)
    np.testing.assert_allclose(ways.bridge, derivative(memory.detach(), memory[-1]), atol=1e-9 * size)
    if attention.asks:
        through_memory = derivative(memory, memory[-1].detach())
        np.testing.assert_allclose(ways.alpha + ways.along, through_memory, atol=1e-9 * size)
        apart = memory.detach().clone().requires_grad_()
        every = log_p(plain, apart, memory[-1].detach(), fed)
        (alpha,) = torch.autograd.grad(every[word] - every[ways.rival], apart)
        np.testing.assert_allclose(ways.alpha, alpha.numpy(), atol=1e-9 * size)
    else:
        assert not ways.alpha.any()
        assert not ways.along.any()


@every_attention
@settings(max_examples=15)
@given(rows=sources, target=targets, seed=st.integers(0, 50), data=st.data())
def test_the_whole_is_what_finite_differences_find(
    attention: Attention, rows: list[int], target: list[int], seed: int, data: st.DataObject
) -> None:
    """A state is pushed a little, and all that follows it is computed again."""
    plain, model = both(attention, seed)
    j, unit = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, plain.encoder.hidden_size - 1))
    fed, word, little = [EDGE, *target], 1, 1e-5
    ways = ways_back(model, rows, target, len(fed), word)

    @torch.no_grad()
    def pushed(by: float) -> float:
        state = torch.zeros(1, 1, plain.encoder.hidden_size, dtype=torch.float64)
        states = []
        for at, row in enumerate(rows):
            _, state = plain.encoder(plain.source(torch.tensor([[row]])), state)
            if at == j:
                state[0, 0, unit] += by
            states.append(state[0, 0])
        every = log_p(plain, torch.stack(states), states[-1], fed)
        return float(every[word] - every[ways.rival])

    found = (pushed(little) - pushed(-little)) / (2 * little)
    assert ways.total[j, unit] == pytest.approx(found, abs=1e-6 + 1e-6 * abs(found))


@given(rows=sources, target=targets)
def test_a_ways_steps_are_the_states_between(rows: list[int], target: list[int]) -> None:
    S, t = len(rows), len(target) + 1
    for attention in MECHANISMS.values():
        ways = ways_back(both(attention)[1], rows, target, t, 1)
        for j in range(S):
            assert ways.steps("bridge")[j] == len(range(j + 1, S)) + t
            assert ways.steps("alpha")[j] == (1 if attention.asks else 0)
            assert ways.steps("along")[j] == (2 if attention.asks and j < S - 1 else 0)
        for way in WAYS:
            np.testing.assert_allclose(ways.norms(way), np.linalg.norm(getattr(ways, way), axis=1), rtol=1e-9)
            assert not ways.norms(way)[ways.steps(way) == 0].any()


def test_what_is_tiny_beside_another_way_is_not_rounded_away() -> None:
    """The state after the last but one token goes on with a factor far below what float64 tells beside 1."""
    _, model = both(MECHANISMS["multiplicative"], 3)
    closed = {name: weight * 1e-30 if name.startswith("W_h") else weight for name, weight in model.encoder.items()}
    closed["b_xz"] = closed["b_xz"] - 60  # the update gate of the encoder: h is overwritten with new content
    model = type(model)(**{**vars(model), "encoder": closed})
    ways = ways_back(model, [1, 2, 3], [1], 2, 2)
    assert 0 < ways.norms("along")[0] < 1e-20 * ways.norms("alpha")[0]


@pytest.mark.parametrize(("step", "word", "match"), [(0, 1, "step is 0"), (4, 1, "1 to 3"), (1, V, "word is")])
def test_what_cannot_be_is_refused(step: int, word: int, match: str) -> None:
    _, model = both(MECHANISMS["additive"])
    with pytest.raises(ValueError, match=match):
        ways_back(model, [1, 2], [1, 2], step, word)
