"""The networks that fill a gap: their cards are true, and what they read is what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.tasks import gaps
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.gaps import LANGUAGES, NAMES, READERS, SEEDS, cards, describe_gap, telling, telling_text, training
from rnnviz.zoo.gaps.model import assembled, load_gap
from rnnviz.zoo.gaps.training import RECIPE, questions, train
from rnnviz.zoo.model import read_weights

READER = pytest.mark.parametrize("reader", READERS)
NAME = pytest.mark.parametrize("name", NAMES)


@NAME
@READER
def test_the_scores_of_the_card_are_those_of_the_shipped_weights(name: str, reader: str) -> None:
    """By the module itself, each half of its output taken by hand."""
    model, language = load_gap(name, reader), name.partition("-")[2]
    rows, H = model.vocabulary.indices, model.rnn.hidden_size
    right: dict[str, list[bool]] = {}
    asked = [(words, place, gaps.decides(language, words, place)) for words, place in questions(language)]
    asked += [
        (s.words, s.probe, "letters_unseen" if s.unseen else "letters_seen") for s in gaps.about_letters(language)
    ]
    for words, place, kind in asked:
        x = model.embedding[[rows[word.casefold()] for word in words]]
        nothing = torch.zeros(H)
        if reader == "backward":
            output = model.rnn(x.flip(0))[0].flip(0)
            h = output[place + 1] if place + 1 < len(x) else nothing
        else:
            output = model.rnn(x)[0]
            left = output[place - 1, :H] if place else nothing
            right_half = output[place + 1, H:] if place + 1 < len(x) else nothing
            h = torch.cat([left, right_half]) if reader == "both" else left
        assert model.head.bias is not None
        best = int((model.head.weight @ h + model.head.bias).argmax())
        right.setdefault(kind, []).append(best == rows[words[place].casefold()])
    for kind, score in model.card.scores.items():
        assert score.count == len(right[kind])
        assert score.accuracies[0] == pytest.approx(np.mean(right[kind]), abs=0.005)


@NAME
def test_a_card_compares_what_can_be_compared(name: str) -> None:
    vocabulary, found = cards(name)
    assert list(found) == list(READERS)
    sizes = [card.parameters for card in found.values()]
    assert max(sizes) < 1.02 * min(sizes), "the same data and about as many weights"
    for reader, card in found.items():
        model = load_gap(name, reader)
        assert card.parameters == sum(v.numel() for v in read_weights(WEIGHTS / f"{model.name}.safetensors").values())
        assert card.seeds == SEEDS
        assert (card.steps, card.batch_size, card.learning_rate) == (
            RECIPE.steps,
            RECIPE.batch_size,
            RECIPE.learning_rate,
        )
        assert all(len(score.accuracies) == len(SEEDS) for score in card.scores.values())
        assert describe_gap(card).count("\n") == 5 + len(card.scores) - 1
    assert len(vocabulary) == len(load_gap(name, "both").embedding)


@NAME
def test_only_both_ways_reads_what_both_sides_decide(name: str) -> None:
    """What the lesson tells of the three readers holds, for every seed."""
    found = cards(name)[1]
    before, after = ({reader: card.scores[kind] for reader, card in found.items()} for kind in ("before", "after"))
    assert max(after["forward"].accuracies) < min(after["both"].accuracies)
    assert max(before["backward"].accuracies) < min(before["both"].accuracies)
    seen, unseen = found["both"].scores["letters_seen"], found["both"].scores["letters_unseen"]
    assert unseen.accuracy < 0.2 < 0.8 < seen.accuracy
    for one in ("forward", "backward"):
        assert max(found[one].scores["letters_seen"].accuracies) < min(seen.accuracies)


def expected(language: str, text: str) -> dict[str, tuple[str, float]]:
    """What each reader expects at the gap of a text that is typed."""
    found = {}
    for reader in READERS:
        model = load_gap(f"gap-{language}", reader)
        tokens = model.vocabulary.tokenize(text)
        y = model.fill([token.index for token in tokens])[next(t for t, token in enumerate(tokens) if token.gap)]
        found[reader] = model.vocabulary.words[int(y.argmax())], float(y.max())
    return found


ABOUT = {"en": "Between {} and _ comes {}.", "ko": "인생은 {}와 _ 사이의 {}다."}  # letters whose names end in a vowel


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_that_a_lesson_opens_with_takes_both_sides(language: str) -> None:
    """Each alone fills another letter in, both together the right one, as surely as in any other such sentence."""
    letters = gaps.LETTERS
    surest = {}
    for at in range(len(letters) - 2):
        first, middle, last = letters[at : at + 3]
        text = ABOUT[language].format({"A": "a"}.get(first, first) if language == "en" else first, middle)
        found = expected(language, text)
        if [found[reader][0] == last for reader in ("forward", "backward", "both")] == [False, False, True]:
            surest[text] = found["both"][1]
    opens = telling_text(language)
    assert surest[opens] > 0.9
    assert surest[opens] > max(surest.values()) - 0.02


@pytest.mark.parametrize("language", LANGUAGES)
def test_between_b_and_c_each_side_alone_has_no_more_than_the_likeliest_letter(language: str) -> None:
    found = expected(language, ABOUT[language].format("B", "C"))
    assert {word for word, _ in found.values()} == {"D"}
    assert max(found["forward"][1], found["backward"][1]) < 0.6 < 0.9 < found["both"][1]


def test_the_sentence_that_ships_is_what_the_recipe_finds() -> None:
    for language in LANGUAGES:
        assert telling_text(language) == telling.most_telling(language)


def test_all_weights_together_are_small() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.glob("gap-*")) < 2**19


@settings(max_examples=40)
@given(st.sampled_from(list(READERS)), st.lists(st.integers(0, 100), min_size=1, max_size=9), st.data())
def test_a_gap_is_filled_by_what_its_reader_has_read_and_by_nothing_else(
    reader: str, rows: list[int], data: st.DataObject
) -> None:
    model = load_gap("gap-en", reader)
    place, at = (data.draw(st.integers(0, len(rows) - 1)) for _ in range(2))
    changed = [*rows]
    changed[at] = (rows[at] + 1) % 100
    before, after = (model.fill(one)[place] for one in (rows, changed))
    assert before.sum() == pytest.approx(1, abs=1e-5)
    read = {"forward": at < place, "backward": at > place, "both": at != place}[reader]
    if not read:
        assert torch.equal(before, after)


def test_the_same_seed_trains_the_same_weights_and_another_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "ASKED", 40)
    small = replace(RECIPE, steps=3, batch_size=8)
    one, again, other = (train("gap-en", "both", recipe=small, seeds=(seed,)) for seed in (4, 4, 5))
    assert torch.equal(one.embedding, again.embedding)
    assert torch.equal(one.head.weight, again.head.weight)
    assert one.card.losses == again.card.losses
    assert not torch.equal(one.head.weight, other.head.weight)


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no model 'gap-xx'"):
        load_gap("gap-xx", "both")
    with pytest.raises(ValueError, match="no reader 'up'"):
        load_gap("gap-en", "up")
    vocabulary, found = cards(f"gap-{LANGUAGES[0]}")
    with pytest.raises(ValueError, match="missing"):
        assembled({}, vocabulary, found["both"])
