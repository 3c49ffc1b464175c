"""Training is decided by its seed alone."""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import torch

from rnnviz import zoo
from rnnviz.tasks import everyday
from rnnviz.zoo import data, held_out, probe, train
from rnnviz.zoo.model import assemble, read_weights


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> train.Recipe:
    """A training run of three steps on a hundredth of the data."""
    monkeypatch.setattr(data, "DRAWS", 400)
    monkeypatch.setattr(data, "PROBED_SENTENCES", 5)
    monkeypatch.setattr(data, "FIRST_WORD_SENTENCES", 40)
    monkeypatch.setattr(probe, "DISTANCES", (0, 3))
    return replace(train.RECIPES["words-en"], steps=3)


@pytest.mark.parametrize("cell", [*zoo.CELL_NAMES, *zoo.FURTHER_CELLS])
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


def test_measuring_writes_the_card_alone(small: train.Recipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(train, "WEIGHTS", tmp_path)
    trained = train.train("words-en", "mgu", recipe=small)
    train.save(trained)
    weights = (tmp_path / "words-en-mgu.safetensors").read_bytes()
    before = json.loads((tmp_path / "words-en.json").read_text("utf-8"))
    train.save_card(replace(trained, card=replace(trained.card, first_word=None)))
    after = json.loads((tmp_path / "words-en.json").read_text("utf-8"))
    assert after["cards"]["mgu"].pop("first_word") is None
    assert before["cards"]["mgu"].pop("first_word")["counts"][0] == 40
    assert after == before
    train.save_card(train.measured(trained))
    assert (tmp_path / "words-en-mgu.safetensors").read_bytes() == weights


def test_what_is_saved_is_what_loads(small: train.Recipe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # By name: the function `rnnviz.zoo.catalogue` hides the module it comes from.
    catalogue, model = (import_module(f"rnnviz.zoo.{name}") for name in ("catalogue", "model"))
    for module in (train, catalogue, model):
        monkeypatch.setattr(module, "WEIGHTS", tmp_path)
    for cached in (catalogue.shipped, model.load):
        cached.cache_clear()
    for cell in ("peephole", "gru"):
        trained = train.train("words-en", cell, recipe=small)
        train.save(trained)
    assert list(catalogue.shipped("words-en")[1]) == ["gru", "peephole"]
    loaded = zoo.load("words-en", "gru")
    assert loaded.card == trained.card
    assert loaded.card.first_word is not None
    assert loaded.vocabulary == trained.vocabulary
    assert torch.equal(loaded.embedding, trained.embedding)
    for cached in (catalogue.shipped, model.load):
        cached.cache_clear()


@pytest.mark.parametrize("name", [name for name in train.RECIPES if not name.startswith("everyday")])
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


@pytest.mark.parametrize("cell", [*zoo.CELL_NAMES, *zoo.FURTHER_CELLS])
def test_what_keeps_is_open_at_the_start(cell: str) -> None:
    """A bias of 1: sigmoid(1) of the memory is kept at rest (Gers et al. 2000 begin with f open)."""
    layer, *_ = train.initial(cell, 10, train.Recipe())
    H, biases = 24, dict(layer.named_parameters())
    block, value = {"rnn": (0, None), "lstm": (1, 1.0), "gru": (1, 1.0), "peephole": (1, 1.0), "mgu": (0, -1.0)}[cell]
    rows = slice(block * H, (block + 1) * H)
    if value is None:
        assert biases["bias_ih_l0"].abs().max() <= H**-0.5
    else:
        assert (biases["bias_ih_l0"][rows] == value).all()
        assert (biases["bias_hh_l0"][rows] == 0).all()
    assert all(p.requires_grad and p.abs().max() > 0 for p in biases.values())


def test_every_model_has_a_recipe() -> None:
    assert set(train.RECIPES) >= set(zoo.catalogue())


EVERYDAY = [name for name in train.RECIPES if name.startswith("everyday")]


def _chat(name: str, _seed: int) -> data.Task:
    """Data in the shape of everyday text, without the packages that it comes from."""
    kind = "word" if name == "everyday-en" else "char"
    words = ("<unk>", *"abcdefghij")
    rows = tuple(tuple("abcdefghij"[(n * k) % 10] for k in range(5 + n % 7)) for n in range(60))
    return data.Task(words, kind, rows[:50], rows[50:], "predict", "made up", "none")


@pytest.mark.parametrize("name", EVERYDAY)
def test_a_model_of_everyday_text_is_trained_by_its_seed_alone_and_ships_in_16_bits(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in (train, held_out):
        monkeypatch.setattr(module, "task", _chat)
    held_out.beside.cache_clear()
    monkeypatch.setattr(train, "WEIGHTS", tmp_path)
    monkeypatch.setattr(everyday, "elsewhere", lambda _: (["a b x"], "a line"))
    recipe = replace(train.RECIPES[name], steps=12, rivals=3)
    first = train.train(name, "gru", recipe=recipe)
    torch.manual_seed(5)
    state = torch.get_rng_state()
    second = train.train(name, "gru", recipe=recipe)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.head.weight, second.head.weight)
    assert torch.equal(first.embedding, second.embedding)
    assert not torch.equal(first.embedding, train.train(name, "gru", recipe=replace(recipe, seed=1)).embedding)
    train.save(first)
    saved = read_weights(tmp_path / f"{name}-gru.safetensors")
    assert all(value.dtype == torch.float16 for value in saved.values())
    card = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))["cards"]["gru"]
    loaded = assemble(saved, first.vocabulary, zoo.Card.from_json(card))
    assert loaded.card == first.card
    assert torch.equal(loaded.head.weight, first.head.weight)
    assert all(torch.equal(a, b) for a, b in zip(loaded.rnn.parameters(), first.rnn.parameters(), strict=True))
    block = first.card.everyday
    assert block is not None
    assert block.losses == {"0": first.card.loss}
    held_out.beside.cache_clear()
    assert block.known == pytest.approx(2 / 3 if name == "everyday-en" else 0.4, abs=1e-4)
