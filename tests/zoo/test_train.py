"""Training is decided by its seed alone."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import torch

from rnnviz import zoo
from rnnviz.zoo import data, train


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> train.Recipe:
    """A training run of three steps on a hundredth of the data."""
    monkeypatch.setattr(data, "DRAWS", 400)
    monkeypatch.setattr(data, "PROBED_SENTENCES", 5)
    return replace(train.RECIPES["words-en"], steps=3)


@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
def test_the_same_seed_trains_the_same_bits_whatever_the_global_state(small: train.Recipe, cell: str) -> None:
    torch.manual_seed(1)
    first = train.train("words-en", cell, recipe=small)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = train.train("words-en", cell, recipe=small)
    assert torch.equal(torch.get_rng_state(), state)
    assert first.card == second.card
    for a, b in zip(first.rnn.parameters(), second.rnn.parameters(), strict=True):
        assert torch.equal(a, b)
    assert torch.equal(first.embedding, second.embedding)
    assert torch.equal(first.head.weight, second.head.weight)


def test_another_seed_trains_other_weights(small: train.Recipe) -> None:
    first = train.train("words-en", "rnn", recipe=small)
    second = train.train("words-en", "rnn", recipe=replace(small, seed=1))
    assert not torch.equal(first.embedding, second.embedding)


def test_what_is_saved_is_what_loads(small: train.Recipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # By name: the function `rnnviz.zoo.catalogue` hides the module it comes from.
    catalogue, model = (import_module(f"rnnviz.zoo.{name}") for name in ("catalogue", "model"))
    for module in (train, catalogue, model):
        monkeypatch.setattr(module, "WEIGHTS", tmp_path)
    for cached in (catalogue.shipped, model.load):
        cached.cache_clear()
    trained = train.train("words-en", "gru", recipe=small)
    train.save(trained)
    loaded = zoo.load("words-en", "gru")
    assert loaded.card == trained.card
    assert loaded.vocabulary == trained.vocabulary
    assert torch.equal(loaded.embedding, trained.embedding)
    for cached in (catalogue.shipped, model.load):
        cached.cache_clear()


@pytest.mark.parametrize("name", train.RECIPES)
def test_training_data_holds_nothing_that_is_measured(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "DRAWS", 4000)
    what = data.task(name, seed=0)
    closing = what.unseen[0][-1]
    seen = set()
    for row in what.seen:
        text: tuple[str, ...] = ()
        for token in row:
            text += (token,)
            if token == closing:
                seen.add(text)
                text = ()
    assert seen.isdisjoint(what.unseen)
    assert seen.isdisjoint(probe.words for found in data.probes(name).values() for probe in found)


def test_every_model_has_a_recipe() -> None:
    assert set(train.RECIPES) == set(zoo.catalogue())
