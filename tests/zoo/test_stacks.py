"""The networks of one to three layers: their cards are true by PyTorch's modules, and a seed decides a training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnviz.zoo import Model, data
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.held_out import encoded
from rnnviz.zoo.model import read_weights
from rnnviz.zoo.probe import first_word
from rnnviz.zoo.stacks import (
    DEPTHS,
    FAMILIES,
    LANGUAGES,
    NAMES,
    SEEDS,
    SIZES,
    WIDE,
    WIDTH,
    describe_stacks,
    stacks,
    words_model,
)
from rnnviz.zoo.stacks.model import load_stack
from rnnviz.zoo.stacks.training import MEASURED, RECIPE, into_embeddings, train
from rnnviz.zoo.train import initial
from tests.facts.test_stack import layer_by_layer

NAME = pytest.mark.parametrize("name", NAMES)
DEPTH = pytest.mark.parametrize("layers", DEPTHS)


def unseen(name: str) -> list[Tensor]:
    return encoded(data.task(words_model(name), 0).unseen, stacks(name).vocabulary)


def surprise(model: Model, rows: list[Tensor], silent: int = 0) -> float:
    """The mean loss in nats by PyTorch's modules, of sentences of one length at a time.

    silent: a layer, from 1; 0 for none.
    """
    losses = []
    for length in sorted({len(row) for row in rows}):
        tokens = torch.stack([row for row in rows if len(row) == length], 1)
        h = layer_by_layer(model.rnn, model.embedding[tokens[:-1]], silent)
        logits = torch.cat([torch.zeros_like(h[:1]), h]) @ model.head.weight.T + model.head.bias
        losses.append(nn.functional.cross_entropy(logits.flatten(0, 1), tokens.flatten(), reduction="none"))
    return float(torch.cat(losses).mean())


@NAME
@DEPTH
def test_the_losses_of_the_card_are_those_of_the_shipped_weights(name: str, layers: int) -> None:
    model, card, rows = load_stack(name, layers), stacks(name).of(layers), unseen(name)
    assert surprise(model, rows) == pytest.approx(card.losses[0], abs=1e-4)
    assert sum(map(len, rows)) == stacks(name).tokens
    for silent, loss in enumerate(card.silent, 1):
        assert surprise(model, rows, silent) == pytest.approx(loss, abs=1e-4)


@NAME
@DEPTH
def test_the_right_answers_of_the_card_are_counted_again(name: str, layers: int) -> None:
    model, card = load_stack(name, layers), stacks(name).of(layers)
    rows = model.vocabulary.indices
    for family in FAMILIES:
        right = []
        for probe in data.probes(words_model(name))[family]:
            begun = torch.tensor([rows[word.casefold()] for word in probe.words[: probe.position]])
            scores = model.head.weight @ model.rnn(model.embedding[begun])[0][-1] + model.head.bias
            best = max(probe.choices, key=lambda word: float(scores[rows[word.casefold()]]))
            right.append(best == probe.words[probe.position])
        assert card.right[family][0] == pytest.approx(np.mean(right), abs=0.003), family


@NAME
@pytest.mark.parametrize("layers", [1, 3])
def test_the_gradient_at_the_bottom_is_autograds_one_sentence_after_the_other(name: str, layers: int) -> None:
    model, card, rows = load_stack(name, layers), stacks(name).of(layers), unseen(name)[:MEASURED]
    norms = []
    for row in rows:
        x = model.embedding[row[:-1]].clone().requires_grad_()
        logits = model.rnn(x)[0] @ model.head.weight.T + model.head.bias
        nn.functional.cross_entropy(logits, row[1:], reduction="sum").backward()
        assert x.grad is not None
        norms.append(float(x.grad.norm()))
    assert card.after[0] == pytest.approx(np.mean(norms), abs=1e-4)
    recipe = replace(RECIPE, num_layers=layers, hidden_size=WIDTH)
    rnn, embedding, weight, bias = initial("gru", len(model.vocabulary), recipe)
    before = replace(model, rnn=rnn, embedding=embedding.detach(), head=replace(model.head, weight=weight, bias=bias))
    assert card.before[0] == pytest.approx(into_embeddings(before, rows), abs=6e-5)


@NAME
def test_a_card_compares_what_can_be_compared(name: str) -> None:
    found = stacks(name)
    assert tuple(found.by_size) == SIZES
    deepest, wide = found.of(DEPTHS[-1]), found.by_size[1, WIDE]
    assert wide.card.parameters == pytest.approx(deepest.card.parameters, rel=0.02)
    for layers, units in SIZES:
        one = found.by_size[layers, units]
        assert one.seeds == SEEDS
        assert len(one.losses) == len(one.seconds) == len(one.before) == len(one.after) == len(SEEDS)
        assert len(one.silent) == layers
        assert set(one.right) == set(FAMILIES)
        assert (one.card.steps, one.card.batch_size) == (RECIPE.steps, RECIPE.batch_size)
        assert max(one.seconds) < 600
        assert len(one.first_word) == (layers if units == WIDTH else 0)
        assert one.losses[0] == one.card.loss
        assert max(one.losses) < found.unigram
    for layers in DEPTHS:
        weights = read_weights(WEIGHTS / f"{name}-{layers}.safetensors")
        assert found.of(layers).card.parameters == sum(value.numel() for value in weights.values())
    assert describe_stacks(name).count("\n") == 4 + len(SIZES)


def test_what_a_layer_still_knows_of_the_first_word_is_read_again() -> None:
    card = stacks("stack-en").of(2)
    assert card.first_word[0] == first_word(load_stack("stack-en", 2), "words-en", 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_layer_has_weights_of_its_own(language: str) -> None:
    """What the lesson sets against the introductions."""
    for layers in DEPTHS[1:]:
        rnn = load_stack(f"stack-{language}", layers).rnn
        for a in range(layers):
            for b in range(a):
                own, other = getattr(rnn, f"weight_hh_l{a}"), getattr(rnn, f"weight_hh_l{b}")
                assert float((own - other).abs().max()) > 0.5


def test_all_weights_together_are_small() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.glob("stack-*")) < 2**19


def test_the_same_seed_trains_the_same_weights_and_another_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "DRAWS", 300)
    monkeypatch.setattr(data, "PROBED_SENTENCES", 4)
    small = replace(RECIPE, steps=3, batch_size=8)
    size = (2, 5)
    found, ship = train("stack-en", recipe=small, seeds=(4, 4, 5), sizes=(size,))
    one = found.by_size[size]
    for first, again, other in (one.losses, one.before, one.after):
        assert first == again != other
    assert not ship, "it is no size that ships"


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no model 'stack-xx'"):
        load_stack("stack-xx", 1)
    with pytest.raises(ValueError, match="no weights of 4 layers: 1, 2, 3"):
        load_stack("stack-en", 4)
