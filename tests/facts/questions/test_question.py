"""A question's answer and reasons hold, held against what was measured and counted apart."""

from __future__ import annotations

import string
from collections import Counter
from itertools import product

import pytest

from rnnviz.core.cells import CELLS
from rnnviz.facts.questions.question import Question, where_first_word
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.catalogue import catalogue as models


def fills(question: Question) -> None:
    """Every sentence of the question is there in every language and has what it needs."""
    for language in LANGUAGES:
        words = catalogue(language)
        named = [(f"ask.{question.name}", question.values)]
        if question.labels is None:
            named += [(f"ask.{question.name}_{option}", question.values) for option in question.options]
        named += [(f"ask.{question.name}_why_{reason}", values) for reason, values in question.reasons.values()]
        for key, values in named:
            needed = {name for _, name, _, _ in string.Formatter().parse(words[key]) if name and name.isascii()}
            needed = {name.split("|")[0] for name in needed}  # of a word that follows a number
            assert needed <= set(values), key
            assert words[key].format(**values)


def reasons(question: Question) -> list[str]:
    return [reason for reason, _ in question.reasons.values()]


# By the answer and whether there is a c: why it is or is not in h, in c, in the weights, and nowhere.
WHERE = {
    ("h", False): ["h", "no_c", "weights", "known"],
    ("h", True): ["h", "c_both", "weights", "known"],
    ("c", True): ["h_less", "c", "weights", "known"],
    ("nowhere", False): ["h_less", "no_c", "weights", "nowhere"],
    ("nowhere", True): ["h_less", "c_lost", "weights", "nowhere"],
}


def test_a_question_without_the_answer_among_its_options_is_refused() -> None:
    with pytest.raises(ValueError, match="accepted: one of at least two options"):
        Question("first_word", {}, {"h": ("h", {}), "c": ("c", {})}, "weights")
    with pytest.raises(ValueError, match="accepted"):
        Question("first_word", {}, {"h": ("h", {})}, "h")


def test_where_the_first_word_is_follows_what_probes_read_and_is_not_always_the_same() -> None:
    answers = set()
    for h, more, has_c in product((0.2, 0.25, 0.4, 0.7, 0.9, 1.0), (0.0, 0.03, 0.2, 0.6), (False, True)):
        carried = min(1.0, h + more) if has_c else h
        question = where_first_word(
            "LSTM", has_c=has_c, distance=9, h=h, carried=carried, chance=0.25, last=0.5, chosen=0.4
        )
        fills(question)
        answers.add(question.answer)
        readable = carried >= 0.3
        assert (question.answer == "nowhere") == (not readable)
        assert (question.answer == "c") == (readable and carried - h >= 0.05)
        assert question.answer != "c" or has_c
        assert reasons(question) == WHERE[question.answer, has_c]
    assert answers == {"h", "c", "nowhere"}


@pytest.mark.parametrize("name", ["words-en", "words-ko"])
def test_where_the_first_word_is_is_said_with_what_each_cards_probe_read(name: str) -> None:
    """Of every cell at every distance: each reason beside the numbers that it states."""
    told: Counter[str] = Counter()
    for cell, card in models()[name].cards.items():
        probe, score = card.first_word, card.scores["memory"]
        assert probe is not None
        has_c = "c" in CELLS[cell].states
        for distance, h, carried in zip(probe.distances, probe.accuracies, probe.carried, strict=True):
            question = where_first_word(
                CELLS[cell].title,
                has_c=has_c,
                distance=distance,
                h=h,
                carried=carried,
                chance=probe.chance,
                last=score.accuracy,
                chosen=score.first,
            )
            fills(question)
            assert reasons(question) == WHERE[question.answer, has_c]
            for reason, values in question.reasons.values():
                told[reason] += 1
                read, all_read, chance = (float(values[key]) for key in ("h", "carried", "chance"))
                assert (read, all_read, chance) == (h, carried, probe.chance)
                assert reason not in ("h", "c", "c_both", "known") or all_read > chance, "it is read there"
                assert reason != "h_less" or read < max(all_read, chance + 0.05)
                assert reason != "c" or all_read > read
                assert reason not in ("c_lost", "nowhere") or all_read < chance + 0.05
                assert (values["last"], values["chosen"]) == (score.accuracy, score.first)
    assert {"h", "h_less", "no_c", "known", "nowhere"} <= set(told)


@pytest.mark.parametrize(("name", "answers"), [("words-en", "c h nowhere"), ("words-ko", "h h nowhere")])
def test_the_shipped_networks_keep_the_first_word_in_different_places(name: str, answers: str) -> None:
    found = []
    for cell in ("lstm", "gru", "rnn"):
        card = models()[name].cards[cell]
        probe = card.first_word
        assert probe is not None
        at = probe.distances.index(16)
        h, carried = probe.accuracies[at], probe.carried[at]
        asked = {"h": h, "carried": carried, "chance": probe.chance, "last": card.scores["memory"].accuracy}
        asked["chosen"] = card.scores["memory"].first
        found.append(where_first_word(cell, has_c="c" in CELLS[cell].states, distance=16, **asked).answer)
    assert " ".join(found) == answers
