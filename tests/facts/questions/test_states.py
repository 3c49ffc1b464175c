"""What a state has of the first word, and which unit speaks for a word, found again with the models' own modules."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from rnnviz import zoo
from rnnviz.core.trace import Array
from rnnviz.facts.questions.states import apart, speaks
from rnnviz.tasks.grammar.sentences import sentences
from rnnviz.ui.picture.trained_pass import trained_pass
from tests.facts.questions.test_question import fills

CELLS = ("rnn", "lstm", "gru", "mgu", "peephole")
FAMILIES = ("be", "agreement", "negation", "order", "recall")


def states(name: str, cell: str, words: tuple[str, ...]) -> Array:
    """(T, H), by the model's own modules."""
    model = zoo.load(name, cell)
    rows = torch.tensor([model.vocabulary.words.index(word) for word in words])
    with torch.no_grad():
        return model.rnn(model.embedding[rows])[0].numpy()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_how_far_apart_two_states_are_after_the_same_last_word(language: str) -> None:
    answers: Counter[str] = Counter()
    for cell in CELLS:
        for family in FAMILIES:
            for sentence in sentences(language, 4, seed=5, family=family):
                words = sentence.words
                other = next(
                    word for word in zoo.load(f"words-{language}", cell).vocabulary.words[3:] if word != words[0]
                )
                read = [states(f"words-{language}", cell, (first, *words[1:])) for first in (words[0], other)]
                question = apart(read[0], read[1], (words[0], other), words)
                fills(question)
                gap = [sum((a - b) ** 2 for a, b in zip(*(h[t] for h in read), strict=True)) ** 0.5 for t in (0, -1)]
                left = gap[1] / gap[0]
                assert question.answer == ("same" if left < 0.01 else "faint" if left < 0.1 else "clear")
                told = question.reasons["clear"][1]
                assert (told["first"], told["end"]) == pytest.approx(tuple(gap), rel=1e-3, abs=1e-6)
                answers[question.answer] += 1
    assert set(answers) == {"same", "faint", "clear"}


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("cell", CELLS)
def test_the_unit_that_speaks_most_for_a_word_is_not_always_the_largest(language: str, cell: str) -> None:
    name, model = f"words-{language}", zoo.load(f"words-{language}", cell)
    largest: Counter[bool] = Counter()
    answers: Counter[str] = Counter()
    for family in FAMILIES:
        for sentence in sentences(language, 3, seed=7, family=family, unseen=True):
            shown = trained_pass(name, cell, " ".join(sentence.words)).shown
            assert shown.readout is not None
            h, words = shown.trace["h"][0], shown.words
            for t in range(1, len(sentence.words)):
                question = speaks(
                    h, shown.readout, words, t, sentence.words[t - 1], lambda unit, value: f"{unit} {value}"
                )
                if question is None:
                    continue
                assert question.labels is not None
                fills(question)
                answers[question.answer] += 1
                with torch.no_grad():
                    state = torch.tensor(h[t - 1])
                    score = model.head(state) if callable(model.head) else model.head.weight @ state + model.head.bias
                    k = int(score.argmax())
                    # What each unit adds: the score without it is lower by its term.
                    without = torch.stack(
                        [model.head.weight[k] @ (state * (torch.arange(len(state)) != j)) for j in range(len(state))]
                    )
                    added = (model.head.weight[k] @ state - without).numpy()
                assert question.values["word"] == words[k]
                assert int(question.answer) == int(added.argmax()) + 1
                for unit, (reason, told) in question.reasons.items():
                    term = added[int(unit) - 1]
                    assert told["term"] == pytest.approx(term, abs=1e-4)
                    assert reason == ("most" if unit == question.answer else "less" if told["term"] > 0 else "against")
                    assert unit == question.answer or added.max() - term > 0.09
                assert str(int(np.abs(h[t - 1]).argmax()) + 1) in question.options, (
                    "what who takes h for the output says"
                )
                largest[int(np.abs(h[t - 1]).argmax()) + 1 == int(question.answer)] += 1
    assert set(largest) == {True, False}
    assert len(answers) > 3
