"""Shipped models: what they read, predict and generate, and what the loader refuses."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from rnnviz import zoo
from rnnviz.words import catalogue
from rnnviz.zoo.catalogue import WEIGHTS, shipped
from rnnviz.zoo.model import Model, assemble, read_weights

EVERY_CELL = (*zoo.CELL_NAMES, *zoo.FURTHER_CELLS)
MODELS = [(name, cell) for name, info in zoo.catalogue().items() for cell in info.cards]
every_model = pytest.mark.parametrize(("name", "cell"), MODELS)
gated = pytest.mark.parametrize("cell", ["lstm", "gru"])


def after(model: Model, text: str) -> dict[str, float]:
    """The distribution of the token after a text, by word."""
    y = model.predict([token.index for token in model.read(text).tokens])
    return dict(zip(model.vocabulary.words, y.tolist(), strict=True))


def test_the_catalogue_needs_no_torch() -> None:
    code = "import sys, rnnviz.zoo as zoo; zoo.catalogue(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


@every_model
def test_every_model_ships_with_a_card_titles_and_examples_that_it_can_read(name: str, cell: str) -> None:
    info = zoo.catalogue()[name]
    model = zoo.load(name, cell)
    assert model.card is info.cards[cell] or model.card == info.cards[cell]
    said = catalogue("en")
    assert f"model.{name}.title" in said
    assert 4 <= len(info.examples) <= 6
    for text, shows in info.shows.items():
        assert f"model.{name}.{shows}" in said
        assert all(token.known for token in model.read(text).tokens)


@pytest.mark.parametrize("name", zoo.catalogue())
def test_the_cells_of_a_model_differ_in_nothing_but_the_cell(name: str) -> None:
    cards, everyday = zoo.catalogue()[name].cards, zoo.catalogue()[name].reads == "everyday"
    assert tuple(cards) == (zoo.CELL_NAMES if everyday else EVERY_CELL)
    told_apart = {"cell", "parameters", "initialisation", "command", "loss", "scores", "first_word", "everyday"}
    common = [{key: value for key, value in vars(card).items() if key not in told_apart} for card in cards.values()]
    assert all(card == common[0] for card in common)
    assert cards["rnn"].embedding_size == (32 if everyday else 8)
    assert cards["rnn"].hidden_size <= (64 if everyday else 24)


@every_model
def test_loading_and_using_leaves_the_global_random_state_alone(name: str, cell: str) -> None:
    before = torch.get_rng_state()
    zoo.load.cache_clear()
    zoo.load(name, cell).generate("", 5, seed=1)
    assert torch.equal(torch.get_rng_state(), before)


@every_model
def test_reading_gives_the_embedding_of_each_token_and_the_true_next_one(name: str, cell: str) -> None:
    model = zoo.load(name, cell)
    reading = model.read(zoo.catalogue()[name].examples[1])
    indices = [token.index for token in reading.tokens]
    assert torch.equal(reading.x, model.embedding[indices])
    assert reading.targets == (*indices[1:], None)
    assert not model.rnn.training
    assert not any(p.requires_grad for p in model.rnn.parameters())


def test_the_target_is_open_before_an_unknown_word_and_before_a_gap() -> None:
    model = zoo.load("words-en", "lstm")
    am, a = model.vocabulary.indices["am"], model.vocabulary.indices["a"]
    assert model.read("I am zebra .").targets[1] is None
    assert model.read("I am a").targets == (am, a, None)
    assert model.read("I ___ a").targets == (None, a, None)


@pytest.mark.parametrize("cell", EVERY_CELL)
@pytest.mark.parametrize(("text", "filled"), [("I ___ a boy.", "am"), ("you _ a girl", "are"), ("she __ tired", "is")])
def test_a_gap_is_filled_by_what_came_before(cell: str, text: str, filled: str) -> None:
    token = zoo.load("words-en", cell).read(text).tokens[1]
    assert (token.text, token.known, token.gap) == (filled, True, True)


@pytest.mark.parametrize("cell", EVERY_CELL)
def test_a_korean_gap_follows_the_speech_level_of_the_first_word(cell: str) -> None:
    model = zoo.load("words-ko", cell)
    assert model.read("저는 소년이 ___.").tokens[2].text == "아닙니다"
    assert model.read("나는 소년이 ___.").tokens[2].text == "아니야"


@every_model
def test_a_gap_may_stand_first_and_several_may_follow_one_another(name: str, cell: str) -> None:
    tokens = zoo.load(name, cell).read("_ _ _").tokens
    assert all(token.known and token.gap for token in tokens if token.text != "␣")


@every_model
def test_what_is_read_is_bounded_and_the_refusal_says_how_much_it_was(name: str, cell: str) -> None:
    model = zoo.load(name, cell)
    assert len(model.read("," * 40).tokens) == 40
    with pytest.raises(ValueError, match=r"10000 tokens and at most 40"):
        model.read("," * 10_000)
    with pytest.raises(ValueError, match="empty"):
        model.read(" \u200b ")


@given(st.text(max_size=60))
@settings(max_examples=40, deadline=None)
def test_no_text_harms_a_model(text: str) -> None:
    for name in ("words-en", "letters-ko"):
        model = zoo.load(name, "gru")
        if model.vocabulary.tokenize(text):
            assert model.read(text, limit=1000).x.isfinite().all()


@every_model
def test_generating_is_decided_by_the_seed(name: str, cell: str) -> None:
    model = zoo.load(name, cell)
    drawn = [model.generate("", 12, seed=seed) for seed in range(8)]
    assert drawn == [model.generate("", 12, seed=seed) for seed in range(8)]
    assert len(set(drawn)) > 3
    assert not any("<unk>" in text for text in drawn)
    assert all(drawn)


@pytest.mark.parametrize("cell", EVERY_CELL)
def test_a_generated_text_continues_the_prompt_and_ends_with_the_sentence(cell: str) -> None:
    text = zoo.load("words-en", cell).generate("The keys near", 30, seed=3)
    assert text.startswith("The keys near ")
    assert text.count(".") == 1
    assert text.endswith(".")


def test_a_low_temperature_takes_the_most_probable_word() -> None:
    model = zoo.load("words-en", "lstm")
    assert model.generate("I", 1, seed=0, temperature=1e-300) == "I am"


@pytest.mark.parametrize(
    ("length", "temperature", "message"),
    [
        (0, 1.0, "1 to 200"),
        (201, 1.0, "1 to 200"),
        (5, 0.0, "above 0"),
        (5, float("nan"), "above 0"),
        (5, float("inf"), "finite"),
    ],
)
def test_a_length_or_temperature_out_of_range_is_refused(length: int, temperature: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        zoo.load("words-en", "rnn").generate("I", length, seed=0, temperature=temperature)


@pytest.mark.parametrize(("name", "cell"), [("words-fr", "rnn"), ("words-en", "elman")])
def test_an_unknown_model_or_cell_is_refused_by_name(name: str, cell: str) -> None:
    with pytest.raises(ValueError, match=r"words-fr.*words-en|elman.*rnn, lstm, gru, peephole, mgu"):
        zoo.load(name, cell)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda tensors: tensors.pop("rnn.weight_hh_l0"), r"missing rnn\.weight_hh_l0"),
        (lambda tensors: tensors.update({"rnn.weight_hh_l1": torch.zeros(1)}), r"unexpected rnn\.weight_hh_l1"),
        (lambda tensors: tensors.update({"head.bias": torch.zeros(3)}), r"head\.bias is \(3,\) and should be"),
        (lambda tensors: tensors.update({"head.bias": tensors["head.bias"].double()}), r"head\.bias is torch\.float64"),
        (lambda tensors: tensors["embedding"][3].fill_(torch.nan), r"embedding holds NaN"),
        (lambda tensors: tensors["rnn.weight_ih_l0"][0].fill_(torch.inf), r"weight_ih_l0 holds NaN or infinity"),
    ],
)
def test_weights_that_do_not_fit_are_refused(spoil: Callable[[dict[str, Tensor]], object], message: str) -> None:
    tensors = read_weights(WEIGHTS / "words-en-gru.safetensors")
    spoil(tensors)
    vocabulary, cards = shipped("words-en")
    with pytest.raises(ValueError, match=message):
        assemble(tensors, vocabulary, cards["gru"])


def test_a_file_that_is_no_safetensors_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"PK\x03\x04 not tensors")
    with pytest.raises(ValueError, match=r"x\.safetensors is no readable"):
        read_weights(tmp_path / "x.safetensors")
    with pytest.raises(ValueError, match="is no readable"):
        read_weights(tmp_path / "absent.safetensors")


def test_weights_go_through_a_file_unchanged(tmp_path: Path) -> None:
    tensors = read_weights(WEIGHTS / "words-en-rnn.safetensors")
    save_file(tensors, tmp_path / "copy.safetensors")
    assert all(torch.equal(v, tensors[k]) for k, v in read_weights(tmp_path / "copy.safetensors").items())


@pytest.mark.parametrize("name", ["letters-en", "letters-ko"])
def test_an_example_that_is_said_to_be_open_first_and_clear_later_is_so_in_every_cell(name: str) -> None:
    info = zoo.catalogue()[name]
    text = next(text for text, shows in info.shows.items() if shows == "narrows")
    for cell in info.cards:
        model = zoo.load(name, cell)
        indices = [token.index for token in model.read(text).tokens]
        first, last = (model.predict(indices[:n]).double() for n in (1, len(indices)))
        bits = [float(-(y * y.log2()).sum()) for y in (first, last)]
        assert bits[1] < bits[0] - 1
