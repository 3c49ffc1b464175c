"""What the cards claim, measured again from the shipped weights on data that training did not see."""

from functools import cache

import pytest
import torch

from rnnviz import zoo
from rnnviz.zoo.__main__ import describe
from rnnviz.zoo.data import Probe, probes
from rnnviz.zoo.train import measure

pytest.importorskip("faker")
pytest.importorskip("babel")
CARDS = [
    pytest.param(card, id=f"{info.name}-{card.cell}")
    for info in zoo.catalogue().values()
    for card in info.cards.values()
]
every_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: f"{card.model}-{card.cell}")
WORDS = ["words-en", "words-ko"]
LETTERS = ["letters-en", "letters-ko"]


@cache
def held_out(name: str) -> dict[str, tuple[Probe, ...]]:
    return probes(name)


@every_card
def test_the_scores_are_what_the_weights_reach(card: zoo.Card) -> None:
    torch.set_num_threads(1)
    found = held_out(card.model)
    assert set(found) == set(card.scores)
    for family, claimed in card.scores.items():
        again = measure(zoo.load(card.model, card.cell), found[family])
        assert (again.count, again.chance) == (claimed.count, claimed.chance)
        assert again.accuracy == pytest.approx(claimed.accuracy, abs=0.01)
        assert again.probability == pytest.approx(claimed.probability, abs=0.01)


@pytest.mark.parametrize("name", WORDS)
def test_only_gates_carry_the_first_word_to_the_end_of_a_long_sentence(name: str) -> None:
    memory = {cell: card.scores["memory"] for cell, card in zoo.catalogue()[name].cards.items()}
    assert memory["rnn"].chance == 0.25
    assert memory["rnn"].accuracy < 0.35
    assert memory["lstm"].accuracy > 0.97
    assert memory["gru"].accuracy > 0.97


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
def test_every_cell_learns_what_is_near(name: str, cell: str) -> None:
    scores = zoo.catalogue()[name].cards[cell].scores
    for family in ("be", "agreement", "negation"):
        assert scores[family].accuracy > 0.95, family
    # Harder: two animals that training never showed in this order.
    assert scores["order"].accuracy > 0.8


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
def test_every_cell_predicts_unseen_names_better_than_the_commonest_symbol(name: str, cell: str) -> None:
    card = zoo.catalogue()[name].cards[cell]
    for family, score in card.scores.items():
        # Countries hardly foretell one another: what a model knows there is what it saw.
        assert score.accuracy > score.chance * (1.0 if family == "country" else 1.3)
    assert card.loss < 0.75 * card.loss_untrained


@every_card
def test_a_card_says_how_to_make_the_weights_again_and_is_printed_whole(card: zoo.Card) -> None:
    assert card.command == f"python -m rnnviz.zoo train {card.model} --cell {card.cell}"
    text = describe(card)
    for piece in (card.data, card.licence, card.command, f"seed {card.seed}", *card.scores):
        assert piece in text


@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("words-en", "I", "am"),
        ("words-en", "you", "are"),
        ("words-en", "she", "is"),
        ("words-en", "yesterday I", "was"),
        ("words-en", "the song was not good so everyone", "left"),
        ("words-en", "the song was not bad so everyone", "smiled"),
        ("words-en", "the dog chased the cat so the cat ran", "away"),
        ("words-ko", "저는 소년이", "아닙니다"),
        ("words-ko", "동생이 좋아하는 할머니께서 책을", "읽으신다"),
        ("words-ko", "할머니께서 좋아하시는 동생이 책을", "읽는다"),
        ("words-ko", "영화가 재미있지 않아서 모두", "나갔다"),
        ("words-ko", "영화가 지루하지 않아서 모두", "웃었다"),
    ],
)
def test_the_prediction_visibly_depends_on_what_came_before(cell: str, name: str, text: str, word: str) -> None:
    model = zoo.load(name, cell)
    y = model.predict([token.index for token in model.read(text).tokens])
    asked = model.vocabulary.indices[word]
    assert y.argmax() == asked
    if word in ("am", "are", "is", "아닙니다"):
        assert y[asked] > 0.9


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_long_example_ends_as_its_first_word_says(cell: str) -> None:
    model = zoo.load("words-en", cell)
    example = zoo.catalogue()["words-en"].examples[-1]
    for season, weather in {"Winter": "cold", "Summer": "hot", "Spring": "warm", "Autumn": "cool"}.items():
        y = model.predict([token.index for token in model.read(example.replace("Winter", season)).tokens])
        assert y[model.vocabulary.indices[weather]] > 0.9
