"""The models of everyday text read whatever is typed, and do what their cards say."""

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz
from rnnviz import zoo
from rnnviz.core.gates import separating_units
from rnnviz.tasks import everyday
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.catalogue import everyday_model, shipped
from rnnviz.zoo.data import Task, task
from rnnviz.zoo.held_out import MEASURED_ROWS, encoded, loss_and_accuracy, without_memory
from rnnviz.zoo.vocabulary import JAMO, jamo

EVERYDAY = [info for info in zoo.catalogue().values() if info.reads == "everyday"]
CARDS = [pytest.param(card, id=f"{info.name}-{cell}") for info in EVERYDAY for cell, card in info.cards.items()]
every_card = pytest.mark.parametrize("card", CARDS)
ENGLISH, KOREAN = "everyday-en", "everyday-ko"
# Of the tests' own; what a unit is said to tell is told in them too.
SPOKEN = ['그는 "문이 열렸다." 하고 말했다.', '나는 "빵 주세요." 하고 웃었다.', '"오늘은 아주 좋아." 친구가 말했다.']


@cache
def held_out(name: str) -> Task:
    """What a card was measured on, where the packages were fetched."""
    try:
        return task(name, 0)
    except FileNotFoundError as error:
        pytest.skip(str(error))


@given(
    st.text(st.one_of(st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")), st.sampled_from(JAMO + " .?!")))
)
def test_every_korean_text_is_known(text: str) -> None:
    assert all(token.known for token in shipped(KOREAN)[0].tokenize(text))


def test_latin_letters_digits_and_marks_are_known_too() -> None:
    text = "Wi-Fi 비밀번호는 ABC123! (010) \"네?\" '응' 50% 3.5, a/b: 1 & 2 …"
    assert all(token.known for token in shipped(KOREAN)[0].tokenize(text))


def test_of_each_language_at_most_one_model_reads_whatever_is_typed() -> None:
    for language in LANGUAGES:
        found = [info.name for info in EVERYDAY if info.language == language]
        assert everyday_model(language) == next(iter(found), None)
        assert len(found) <= 1


@every_card
def test_it_predicts_unseen_text_better_than_any_guess_without_memory(card: zoo.Card) -> None:
    beside = card.everyday
    assert beside is not None
    assert card.loss == beside.losses[str(card.seed)]
    assert max(beside.losses.values()) < beside.bigram < beside.unigram < card.loss_untrained
    assert beside.accuracy > beside.bigram_accuracy
    assert beside.known > 0.95
    assert 0 < beside.seconds < 600


@every_card
def test_the_card_says_what_the_weights_reach(card: zoo.Card) -> None:
    torch.set_num_threads(1)
    what, beside = held_out(card.model), card.everyday
    assert beside is not None
    model, asked = zoo.load(card.model, card.cell), what.unseen[:MEASURED_ROWS]
    assert model.vocabulary.words == what.words
    assert (card.data, card.licence) == (what.data, what.licence)
    loss, accuracy, count = loss_and_accuracy(model, encoded(asked, model.vocabulary))
    assert (loss, accuracy, count) == (
        pytest.approx(card.loss, abs=1e-3),
        pytest.approx(beside.accuracy, abs=1e-3),
        beside.tokens,
    )
    guesses = without_memory(what.seen, asked, model.vocabulary)
    assert guesses == pytest.approx((beside.unigram, beside.bigram, beside.bigram_accuracy), abs=1e-3)
    lines, named = everyday.elsewhere(card.model.split("-")[1])
    tokens = [token for line in lines for token in model.vocabulary.tokenize(line)]
    assert (sum(token.known for token in tokens) / len(tokens), named) == (
        pytest.approx(beside.known, abs=1e-4),
        beside.known_from,
    )


def marks(tokens: tuple[str, ...], asked: str) -> list[bool]:
    """Which of a text's syllables are inside quotation marks, the opening one with them, or not the first of a word."""
    found, inside, since = [], False, 0
    for token in tokens:
        inside ^= token == '"'
        since = 0 if token == "␣" else since + 1
        found.append(inside if asked == "quoted" else since > 1)
    return found


@pytest.mark.parametrize(
    ("cell", "unit", "asked", "sign", "share"),
    [
        ("gru", 17, "quoted", 1, 0.99),
        ("gru", 16, "later", 1, 0.94),
        ("lstm", 63, "later", -1, 0.94),
        ("rnn", 56, "later", 1, 0.92),
    ],
)
def test_a_unit_that_the_card_names_tells_what_it_says(
    cell: str, unit: int, asked: str, sign: int, share: float
) -> None:
    model = zoo.load(KOREAN, cell)
    for text in SPOKEN:
        reading = model.read(text)
        trace = rnnviz.record(model.rnn, reading.x, tokens=[token.text for token in reading.tokens])
        found = {one.unit + 1: one for one in separating_units(trace, "h", marks(trace.tokens, asked))}
        assert found[unit].sign == sign
        assert found[unit].auc > 0.8
    for language in LANGUAGES:
        said = catalogue(language)[f"model.{KOREAN}.units_{cell}"]
        assert f"{unit}" in said
        assert f"{share:.0%}".rstrip("%") in said


@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
def test_the_shares_that_the_cards_say_are_those_of_unseen_sentences(cell: str) -> None:
    model, rows = zoo.load(KOREAN, cell), held_out(KOREAN).unseen[:150]
    traces = [
        rnnviz.record(model.rnn, model.embedding[[model.vocabulary.row(w) for w in row]], tokens=row) for row in rows
    ]
    shares = {}
    for asked in ("quoted", "later"):
        marked = np.array([mark for row in rows for mark in marks(row, asked)])
        best = 0.0
        for state in traces[0].cell.states:
            for values in np.concatenate([trace[state][0] for trace in traces]).T:
                high, low = values[marked], np.sort(values[~marked])
                below, up_to = (np.searchsorted(low, high, side) for side in ("left", "right"))
                auc = float((below + up_to).mean()) / (2 * len(low))
                best = max(best, auc, 1 - auc)
        shares[asked] = round(100 * best)
    said = catalogue("en")[f"model.{KOREAN}.units_{cell}"]
    assert all(f"{share} %" in said or f"{share}%" in said for share in shares.values()), shares


@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
def test_it_expects_the_verb_that_fits_the_subject(cell: str) -> None:
    """What the examples of English say: of the forms of be, the one that agrees; and after I a verb of its person."""
    model = zoo.load(ENGLISH, cell)

    def after(text: str) -> np.ndarray:
        return model.predict([token.index for token in model.read(text).tokens])

    row, right = model.vocabulary.row, []
    for subject, fits in {
        "I": "am",
        "He": "is",
        "She": "is",
        "It": "is",
        "That": "is",
        "We": "are",
        "They": "are",
        "You": "are",
        "My sister": "is",
        "My friends": "are",
        "People": "are",
    }.items():
        y = after(subject)
        right += [bool(y[row(fits)] > y[row(form)]) for form in ("am", "is", "are") if form != fits]
    assert np.mean(right) > 0.85
    assert model.vocabulary.words[after("I").argmax()] in {"am", "was", "think", "have", "know", "love", "like"}


def test_a_rare_number_is_read_by_digits_and_a_rare_possessive_in_two() -> None:
    vocabulary, example = shipped(ENGLISH)[0], "My dog's birthday is on May 27."
    assert example in zoo.catalogue()[ENGLISH].examples
    parts = [(token.of, token.text) for token in vocabulary.tokenize(example) if token.of]
    assert parts == [("dog's", "dog"), ("dog's", "'s"), ("27", "2"), ("27", "7")]
    assert all(token.known for token in vocabulary.tokenize(example))


@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
def test_it_expects_the_particle_that_fits_the_final_consonant(cell: str) -> None:
    model = zoo.load(KOREAN, cell)
    right = []
    for word in ("사람", "문", "물", "집", "책", "나무", "친구", "차", "머리", "도시"):
        closed = len(jamo(word[-1])) == 3
        y = model.predict([token.index for token in model.read(word).tokens])
        for after_consonant, after_vowel in ("은는", "이가", "을를"):
            better = y[model.vocabulary.row(after_consonant)] > y[model.vocabulary.row(after_vowel)]
            right.append(bool(better) == closed)
    assert np.mean(right) > 0.85
