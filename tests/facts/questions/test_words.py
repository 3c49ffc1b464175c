"""A step is decided where the grammar leaves one word, and the word that decided is the one whose swap tells."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from rnnviz import zoo
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.words import decider
from rnnviz.lessons.step.decided import decided_step
from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.tasks.grammar.sentences import sentences
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.swaps import swaps

CELLS = ("rnn", "lstm", "gru")


def expected(name: str, cell: str, words: tuple[str, ...]) -> np.ndarray:
    """By the model's own modules, in one pass."""
    model = zoo.load(name, cell)
    rows = torch.tensor([model.vocabulary.words.index(word) for word in words])
    with torch.no_grad():
        h, _ = model.rnn(model.embedding[rows])
        return torch.softmax(h[-1] @ model.head.weight.T + model.head.bias, -1).numpy()


def told(question: Question) -> None:
    for language in LANGUAGES:
        assert catalogue(language)[f"ask.{question.name}"].format(**question.values)
        for reason, values in question.reasons.values():
            assert catalogue(language)[f"ask.{question.name}_why_{reason}"].format(**values)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_step_is_decided_where_the_grammar_leaves_one_word_and_the_reasons_hold(language: str, cell: str) -> None:
    name, answers, right = f"words-{language}", Counter[str](), Counter[str]()
    model = zoo.load(name, cell)
    for family in ("be", "agreement", "negation", "order"):
        for sentence in sentences(language, 5, seed=31, family=family, unseen=True):
            tokens = model.read(" ".join(sentence.words)).tokens
            single = len(next_words(language, sentence.words[: sentence.probe])) == 1
            q = decided_step(name, tokens, sentence.probe)
            assert (q == sentence.probe) == single
            assert q is None or decided_step(name, tokens, q - 1) != q, "none that is not reached"
            if q != sentence.probe:  # an attractor may follow, or another noun: the probe is not all that may come
                continue
            beginning = sentence.words[:q]
            y = expected(name, cell, beginning)
            after = next_words(language, beginning)
            decided = sentence.words[q]
            assert after == pytest.approx({decided: 1.0})
            choice = model.vocabulary.words[int(y.argmax())]
            answers[choice] += 1
            found = swaps(name, cell, beginning)
            which = decider(beginning, choice, found, {"read": " ".join(beginning), "q": q})
            for swap in found:
                swapped = (*beginning[: swap.place], swap.word, *beginning[swap.place + 1 :])
                assert next_words(language, swapped), "what is read is still a sentence"
                again = expected(name, cell, swapped)
                assert swap.best == model.vocabulary.words[int(again.argmax())]
                assert swap.p == pytest.approx(float(again.max()), abs=1e-5)
            lowered = [swap for swap in found if swap.best != choice]
            assert (which is None) == (len(lowered) in (0, len(found)))
            if which:
                assert int(which.answer) == min(lowered, key=lambda swap: swap.p_before).place + 1
                told(which)
                right[which.answer] += 1
                for place, (reason, values) in which.reasons.items():
                    assert beginning[int(place) - 1] == values["old"]
                    assert (reason == "changes") == (place == which.answer) == (values["best"] != choice)
    assert len(answers) > 3
    assert len(right) > 1, "it is not always the same word"


def test_names_and_what_is_no_sentence_have_no_decided_step() -> None:
    letters = zoo.load("letters-en", "rnn").read("johnson").tokens
    assert decided_step("letters-en", letters, 7) is None
    broken = zoo.load("words-en", "rnn").read("penguin the the").tokens
    assert decided_step("words-en", broken, 3) is None
