"""What is said of layers above each other, held against PyTorch's modules, over many networks and texts."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz import record
from rnnviz.core.forced import Forced
from rnnviz.core.record import Head, read_out
from rnnviz.core.trace import Trace
from rnnviz.facts.stack import (
    apart,
    asked_of_silence,
    asked_of_size,
    asked_of_weights,
    clearly,
    lives,
    of_lives,
    of_score,
    of_silence,
    of_weights,
)
from rnnviz.zoo.stacks import NAMES, WIDE, WIDTH, stacks
from tests.core.test_batch import CELLS, E, H, V, network, sequences
from tests.facts.questions.test_question import fills

GATED = ("lstm", "gru")
NETWORK = (st.sampled_from(CELLS), st.integers(1, 3), st.integers(1, 6), st.integers(0, 99))


def head(seed: int) -> Head:
    generator = torch.Generator().manual_seed(seed + 7)
    return Head(torch.randn(V, H, generator=generator, dtype=torch.float64), torch.zeros(V, dtype=torch.float64))


def known(seed: int, T: int) -> list[int | None]:
    """The right classes of T steps, of the last one none."""
    generator = torch.Generator().manual_seed(seed + 8)
    return [*torch.randint(V, (T - 1,), generator=generator).tolist(), None]


def recurrent(module: nn.RNNBase, layer: int) -> np.ndarray:
    """The first block of PyTorch's weights from h, (H, H)."""
    return getattr(module, f"weight_hh_l{layer}")[:H].detach().numpy()


@settings(max_examples=60)
@given(*NETWORK)
def test_whose_weights_are_whose_is_what_pytorchs_parameters_say(cell: str, layers: int, T: int, seed: int) -> None:
    module, (x,) = network(cell, layers, seed), sequences([T], seed)
    trace = record(module, x)
    notices, question = list(of_weights(trace)), asked_of_weights(trace)
    counts = {1, layers, T, layers * T}
    assert (question is None) == (len(counts) == 1)
    if question is not None:
        fills(question)
        assert question.labels is not None
        sets = {name.rpartition("_l")[2] for name, _ in module.named_parameters()}
        assert question.labels[question.answer] == str(len(sets)), "each has a layer's number in PyTorch's name of it"
        assert sorted(question.labels.values(), key=int) == [str(count) for count in sorted(counts)]
    if layers == 1:
        assert not notices
        with pytest.raises(ValueError, match="two or more"):
            apart(trace)
        return
    pairs = combinations([recurrent(module, layer) for layer in range(layers)], 2)
    least = min(np.abs(a - b).max() for a, b in pairs)
    (notice,) = notices
    assert question is not None
    for values in (dict(notice.values), *(dict(told) for _, told in question.reasons.values())):
        assert values["least"] == pytest.approx(least)
        assert (values["layers"], values["first"], values["higher"]) == (layers, E, H)
    assert notice.values["size"] == max(np.abs(recurrent(module, layer)).max() for layer in range(layers))


def test_how_many_sets_of_weights_and_how_many_rows_without_words_is_not_always_the_same() -> None:
    """Of one to three layers, of which none or each one is silent, as the page has them."""
    sets, rows = set(), set()
    for layers in (1, 2, 3):
        module, (x, other) = network("gru", layers), sequences([4, 4])
        question = asked_of_weights(record(module, x))
        assert question is not None
        assert question.labels is not None
        sets.add(question.labels[question.answer])
        for silent in range(1, layers + 1):
            force = [Forced("h", 0.0, row=silent - 1)]
            asked = asked_of_silence(*(record(module, one, forced=force) for one in (x, other)), silent)
            assert asked is not None
            assert asked.labels is not None
            rows.add(asked.labels[asked.answer])
    assert sets == {"1", "2", "3"}
    assert rows == {"0", "1", "2"}


def test_of_layers_that_share_their_weights_nothing_is_said() -> None:
    module, (x,) = nn.GRU(H, H, 2).double(), [torch.zeros(3, H, dtype=torch.float64)]
    with torch.no_grad():
        for name, weight in module.named_parameters():
            weight.copy_(torch.linspace(-1, 1, weight.numel(), dtype=torch.float64).reshape(weight.shape))
            assert name[-1] in "01"
    trace = record(module, x)
    assert asked_of_weights(trace) is None
    assert not list(of_weights(trace))


def followed(trace: Trace, row: int, unit: int) -> float:
    """The half-life of one unit by its definition, one content after the other; a constant is read off each step."""
    gate = trace[trace.cell.required_memory[1]][row][:, unit].astype(float)
    watched = halvings = 0.0
    halved = False
    for k in range(1, len(gate) + 1):  # nothing is there before the first step
        left = 1.0
        for f in gate[k:]:
            if left * f <= 0.5:
                part = 1 - math.log(left * f * 2) / math.log(f) if f > 0 else 0.0
                watched, halvings, halved = watched + part, halvings + 1, True
                break
            left, watched = left * f, watched + 1
        else:
            halvings -= math.log2(left)
    return watched / halvings if halved else math.inf


@settings(max_examples=60)
@given(st.sampled_from(GATED), st.integers(1, 3), st.integers(1, 8), st.integers(0, 99))
def test_the_layer_that_keeps_longest_is_found_by_following_each_content(
    cell: str, layers: int, T: int, seed: int
) -> None:
    trace = record(network(cell, layers, seed), sequences([T], seed)[0])
    found = lives(trace)
    again = [max(followed(trace, row, unit) for unit in range(H)) for row in range(layers)]
    assert found == pytest.approx(again, rel=1e-6)
    told = list(of_lives(trace))
    if not math.isfinite(min(again)) or round(min(again), 1) == round(max(again), 1):
        assert not told
        return
    (notice,) = told
    values: dict[str, Any] = dict(notice.values)
    assert again[values["longest"] - 1] == max(again)
    assert again[values["shortest"] - 1] == min(again)
    assert values["short"] == pytest.approx(min(again))
    assert notice.kind == ("stack_lives" if math.isfinite(max(again)) else "stack_outlasts")
    if math.isfinite(max(again)):
        assert values["long"] == pytest.approx(max(again))


def layer_by_layer(module: nn.RNNBase, x: torch.Tensor, silent: int) -> torch.Tensor:
    """What the last layer gives, (T, ..., H), by PyTorch's modules of one layer.

    silent: the layer that gives zeros, from 1; 0 for none.
    """
    for layer in range(module.num_layers):
        one = type(module)(x.shape[-1], module.hidden_size, dtype=x.dtype)
        own = {f"{name[:-1]}0": weight for name, weight in module.named_parameters() if name.endswith(str(layer))}
        one.load_state_dict(own)
        x = one(x)[0].detach()
        if layer + 1 == silent:
            x = torch.zeros_like(x)
    return x


def read_up_to(module: nn.RNNBase, x: torch.Tensor, layer: int, silent: int) -> torch.Tensor:
    """What a layer, from 1, gives while one is silent."""
    below = type(module)(x.shape[1], module.hidden_size, layer, dtype=x.dtype)
    own = {name: weight for name, weight in module.named_parameters() if int(name[-1]) < layer}
    below.load_state_dict(own)
    return layer_by_layer(below, x, silent)


def distribution(h: torch.Tensor, seed: int) -> np.ndarray:
    return torch.softmax(h @ head(seed).weight.T, -1).numpy()


@settings(max_examples=60, deadline=None)
@given(*NETWORK, st.data())
def test_a_silent_layer_leaves_nothing_of_what_was_read(
    cell: str, layers: int, T: int, seed: int, data: st.DataObject
) -> None:
    silent = data.draw(st.integers(1, layers))
    module, (x, other) = network(cell, layers, seed), sequences([T, T], seed)
    force = [Forced("h", 0.0, row=silent - 1)]
    traces = [record(module, one, forced=forced) for one, forced in ((x, []), (x, force), (other, force))]
    before, after, elsewhere = (read_out(trace, head(seed)) for trace in traces)
    y = distribution(layer_by_layer(module, x, silent), seed)
    np.testing.assert_allclose(after.y, y, atol=1e-12)
    assert np.array_equal(elsewhere.y, after.y), "whatever is read"
    rows = [[read_up_to(module, one, layer, silent) for layer in range(1, layers + 1)] for one in (x, other)]
    felt = [float((a - b).abs().max()) for a, b in zip(*rows, strict=True)]
    question = asked_of_silence(traces[1], traces[2], silent)
    assert question is not None
    fills(question)
    assert question.labels is not None
    assert question.labels[question.answer] == str(sum(move > 0 for move in felt))
    counts = {silent - 1, layers - 1, layers, 0}
    assert sorted(question.labels.values()) == [str(count) for count in sorted(counts)]
    values: dict[str, Any] = dict(question.reasons["below"][1])
    assert values["moved"] == 0
    assert values["least"] == pytest.approx(min(felt[: silent - 1], default=0.0))
    words = [f"w{k}" for k in range(V)]
    targets = known(seed, T)
    said = {notice.kind: dict(notice.values) for notice in of_silence(before, after, targets, words, silent)}
    told = said.pop("stack_silent")
    assert told["word"] == words[int(y[-1].argmax())]
    assert told["p"] == pytest.approx(float(y[-1].max()))
    plain = distribution(module(x)[0].detach(), seed)
    assert told["before"] == words[int(plain[-1].argmax())]
    assert told["q"] == pytest.approx(float(plain[-1].max()))
    if T == 1:
        assert not said
        return
    ((kind, cost),) = said.items()
    right = targets[:-1]
    was, now = (float(-np.log(one[range(T - 1), right]).mean()) for one in (plain, y))
    assert (cost["was"], cost["now"]) == (pytest.approx(was), pytest.approx(now))
    assert kind == ("stack_cost" if now > was else "stack_no_cost")


def test_where_other_words_are_not_felt_below_a_silent_layer_nothing_is_asked() -> None:
    module, (x,) = network("gru", 2), sequences([3])
    trace = record(module, x, forced=[Forced("h", 0.0, row=1)])
    assert asked_of_silence(trace, trace, 2) is None


@given(st.integers(1, 6), st.integers(0, 99))
def test_the_words_that_came_are_counted_again(T: int, seed: int) -> None:
    trace = record(network("gru", 2, seed), sequences([T], seed)[0])
    readout, targets = read_out(trace, head(seed)), known(seed, T)
    told = list(of_score(readout, targets))
    if T == 1:
        assert not told
        return
    logits = torch.from_numpy(readout.logits[:-1].copy())
    right = torch.tensor([k for k in targets if k is not None])
    assert told[0].values == {
        "loss": pytest.approx(float(nn.functional.cross_entropy(logits, right))),
        "right": int((logits.argmax(1) == right).sum()),
        "count": T - 1,
    }


LOSSES = st.lists(st.floats(0.1, 2.0), min_size=3, max_size=3)


@given(LOSSES, LOSSES)
def test_a_larger_network_helps_where_every_seed_says_so(large: list[float], small: list[float]) -> None:
    question = asked_of_size(large, small, (2, 24), (1, 24))
    fills(question)
    wins, losses = ([sign * (b - a) > 0 for a in large for b in small] for sign in (1, -1))
    assert question.answer == ("lower" if all(wins) else "higher" if all(losses) else "alike")
    assert question.options == ("lower", "alike", "higher")
    assert {reason for reason, _ in question.reasons.values()} == {
        f"is_{question.answer}",
        *(f"not_{option}" for option in question.options if option != question.answer),
    }
    values: dict[str, Any] = dict(question.reasons["lower"][1])
    ends = [values[name] for name in ("best", "worst", "least", "most")]
    assert ends == [min(large), max(large), min(small), max(small)]
    assert [values["large"], values["small"]] == pytest.approx([sum(large) / 3, sum(small) / 3])
    assert [values[name] for name in ("layers", "units", "fewer", "narrow")] == [2, 24, 1, 24]
    assert clearly(large, small) == all(wins)


def test_whether_a_larger_network_helps_is_not_always_the_same() -> None:
    """Over what the page asks of the shipped networks: as many layers beside one fewer, and a layer beside a wider."""
    found = {
        asked_of_size(cards.by_size[size].losses, cards.by_size[other].losses, size, other).answer
        for cards in map(stacks, NAMES)
        for size, other in (((1, WIDE), (1, WIDTH)), ((2, WIDTH), (1, WIDTH)), ((3, WIDTH), (2, WIDTH)))
    }
    assert len(found) > 1
