"""The shapes' models ship as their cards say, and compute what PyTorch's modules do."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.shapes import train as training
from rnnviz.zoo.shapes.catalogue import NAMES, TAGGERS, WEIGHTS, ShapeCard, Shipped, describe, shipped
from rnnviz.zoo.shapes.examples import NOT_ASKED, Examples, Task, task
from rnnviz.zoo.shapes.model import assemble, load
from rnnviz.zoo.shapes.sources import SOURCES

MOST = 4_000_000  # bytes of them all


def data(name: str) -> Task:
    """A model's data, where they are written by the project itself or were fetched."""
    if not SOURCES[name].fetched():
        pytest.skip(f"the data are not fetched; {SOURCES[name].describe()}")
    return task(name)


def test_all_of_them_are_small() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.iterdir()) < MOST
    assert {file.stem for file in WEIGHTS.iterdir()} == set(NAMES) == set(SOURCES) == set(training.RECIPES)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_the_weights_are(name: str) -> None:
    card, recipe = shipped(name).card, training.RECIPES[name]
    assert card.parameters == sum(tensor.numel() for tensor in load_file(WEIGHTS / f"{name}.safetensors").values())
    sizes = (card.cell, card.width, card.hidden_size, card.steps, card.batch_size, card.learning_rate)
    wanted = (recipe.cell, recipe.width, recipe.hidden_size, recipe.steps, recipe.batch_size, recipe.learning_rate)
    assert sizes == wanted
    assert (card.dropout, card.decay) == (recipe.dropout, recipe.decay)
    assert card.score == card.scores[card.seed]
    assert len(card.scores) == 3
    # What a word is for the most part is known without memory; of the rest a tagger knows some.
    assert card.blind < min(card.scores) - (0.03 if name in TAGGERS else 0.1)
    assert (card.failed_at > 0) == (name in TAGGERS)
    assert card.seconds < 600
    assert all(card.failure)
    assert card.licence == SOURCES[name].licence
    assert f"{card.score:.1%}" in describe(card)


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_measured_again(name: str) -> None:
    what, card = data(name), shipped(name).card
    answered = training.right(load(name), what.unseen)
    assert (sum(answered) / len(answered), len(answered)) == (pytest.approx(card.score, abs=5e-5), card.count)
    assert training.blind(what) == pytest.approx(card.blind, abs=5e-5)
    share = training.without_order(what)
    assert (share is None) == (card.without_order is None)
    assert share is None or share == pytest.approx(card.without_order, abs=5e-5)


def test_what_is_held_out_of_the_english_tags_and_seen_all_the_same_is_as_the_page_says() -> None:
    what = data("tags-en-gru")
    seen = {tuple(x.tolist()) for x in what.seen.x}
    again = [tuple(x.tolist()) in seen for x in what.unseen.x]
    words = [int(torch.isin(y, torch.tensor(what.unseen.counted)).sum()) for y in what.unseen.y]
    shares = sum(again) / len(again), sum(n for n, both in zip(words, again, strict=True) if both) / sum(words)
    assert shares == (pytest.approx(0.11, abs=0.005), pytest.approx(0.025, abs=0.0005))
    for language in LANGUAGES:
        assert all(share in catalogue(language)["shapes.data_tags-en"] for share in ("11 %", "2.5 %"))


@pytest.mark.parametrize("name", TAGGERS)
def test_a_tagger_is_wrong_where_its_card_says_so(name: str) -> None:
    model, card = load(name), shipped(name).card
    text, right, said = card.failure
    tokens = shipped(name).vocabulary.tokenize(text)
    assert all(token.known for token in tokens)
    shown = model.read([token.index for token in tokens], [token.text for token in tokens])
    assert shown.readout is not None
    assert shown.words[int(shown.readout.y[card.failed_at - 1].argmax())] == said != right


def test_only_the_steps_that_count_are_scored_and_the_best_blind_guess_is_the_commonest_tag() -> None:
    outputs = ("NOUN", "VERB", "PUNCT")
    seen = [([1, 2, 3], [0, 1, 2]), ([1, 2, 3], [0, 1, 2]), ([2, 1, 3], [0, 1, 2]), ([1, 3], [0, NOT_ASKED])]
    unseen = [([1, 2, 3], [0, 0, 2]), ([2, 1, 3], [1, 1, NOT_ASKED]), ([4, 3], [0, 1])]
    parts = (
        Examples(tuple(torch.tensor(x) for x, _ in part), tuple(torch.tensor(y) for _, y in part), counted=(0, 1))
        for part in (seen, unseen)
    )
    what = Task("tag", ("<unk>", "a", "b", ".", "c"), outputs, *parts, texts=("a b .", "b a .", "c ."))
    # a is a noun, b a verb, what was never seen so a noun, which is commonest: right in three of the six that count.
    assert training.blind(what) == 3 / 6
    assert training.without_order(what) is None
    recipe = training.RECIPES["tags-en-rnn"]
    card = ShapeCard(
        "tags-en-rnn", "rnn", "", "", "", recipe.width, recipe.hidden_size, 0, 0, 1, 1, 0.1, 0.0, 0.0, 0.0, "", "", 0,
        0.0, (), 0.0, None, ("", "", ""),
    )  # fmt: skip
    model = assemble(training.fit("tags-en-rnn", what, 0), Shipped(card, what.inputs, outputs, None, {}))
    answers = training.right(model, what.unseen)
    assert len(answers) == 6
    said = [[outputs[int(k)] for k in row] for row in training.answered(model, what.unseen).T]
    wanted = [outputs[k] == said[i][t] for i, (_, y) in enumerate(unseen) for t, k in enumerate(y) if k in (0, 1)]
    assert sum(wanted) == sum(answers)


def test_what_is_held_out_is_not_in_training() -> None:
    what = data("sentiment-ko")
    seen, unseen = ({tuple(x.tolist()) for x in part.x} for part in (what.seen, what.unseen))
    assert not seen & unseen
    assert all((y[:-1] == NOT_ASKED).all() and y[-1] >= 0 for y in what.seen.y)


@pytest.mark.parametrize("name", NAMES)
def test_a_pass_is_what_the_module_computes(name: str) -> None:
    model, generator = load(name), torch.Generator().manual_seed(3)
    known, T = model.shipped, 5
    rows = torch.randint(0, max(len(known.inputs), 1), (T,), generator=generator)
    x = rows if known.inputs else torch.randn(T, known.card.width, generator=generator)
    seen = None
    if model.start is not None:
        seen = torch.rand(model.start.weight.shape[1], generator=generator)
    shown = model.read(x.tolist() if known.inputs else x, [str(t) for t in range(T)], seen)
    module = getattr(nn, known.card.cell.upper())(known.card.width, known.card.hidden_size)
    module.load_state_dict(dict(model.rnn.named_parameters()))
    numbers = model.embedding[rows] if model.embedding is not None else x
    h = None
    if model.start is not None and seen is not None:
        h = torch.tanh(model.start.weight @ seen + model.start.bias)[None]
    with torch.no_grad():
        output, _ = module(numbers, h)
        y = torch.softmax(output @ model.head.weight.T + model.head.bias, 1)
    assert shown.readout is not None
    torch.testing.assert_close(torch.tensor(shown.readout.y), y)


def test_without_a_loop_no_step_knows_of_another() -> None:
    model = load("pressure")
    assert not any(tensor.any() for key, tensor in model.rnn.named_parameters() if "hh" in key)
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    alone = [model.read(row[None], [""]).trace["h"][0, 0] for row in x]
    together = model.read(x, [""] * 4).trace["h"][0]
    np.testing.assert_allclose(together, alone, rtol=1e-6)


def test_the_same_seed_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(training.RECIPES, "sentiment-ko", training.Recipe(steps=4, dropout=0.2))
    what = task("sentiment-ko")
    first, again, other = (training.fit("sentiment-ko", what, seed) for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", ["sentiment-en", "pressure"])
def test_weights_that_do_not_fit_are_refused(name: str) -> None:
    tensors, known = load_file(WEIGHTS / f"{name}.safetensors"), shipped(name)
    key = "head.bias"
    for wrong in ({**tensors, "more": tensors[key]}, {k: v for k, v in tensors.items() if k != key}):
        with pytest.raises(ValueError, match="accepted"):
            assemble(wrong, known)
    for broken in (tensors[key][:1], tensors[key].double(), tensors[key] * float("nan")):
        with pytest.raises(ValueError, match=re.escape(key)):
            assemble({**tensors, key: broken}, known)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="sentiment-en"):
        shipped("sentiment-xx")
