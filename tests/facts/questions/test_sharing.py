"""Which states an edit reaches, which copies a gradient does and how many weights they have, with PyTorch's modules."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from torch import nn

import rnnviz
from rnnviz import zoo
from rnnviz.core.cells import CELLS
from rnnviz.core.sharing import parameter_counts, weight_terms, with_entry
from rnnviz.facts.questions.sharing import copies_reached, edit_reaches, more_weights
from rnnviz.tasks.grammar.sentences import sentences
from tests.facts.questions.test_question import fills

FUSED = ("rnn", "lstm", "gru")
OPTIONS = {0: "never", 1: "first", 2: "second"}


def texts(language: str) -> list[str]:
    return [
        " ".join(s.words)
        for family in ("be", "order", "negation")
        for s in sentences(language, 3, seed=3, family=family)
    ]


@pytest.mark.parametrize("cell", FUSED)
def test_the_first_state_that_an_edit_moves_is_the_one_that_pytorchs_module_moves(cell: str) -> None:
    answers: Counter[str] = Counter()
    model = zoo.load("words-en", cell)
    for n, text in enumerate(texts("en")):
        x = model.read(text).x
        before = rnnviz.record(model.rnn, x)
        for weight in CELLS[cell].matrices:
            row, column = n % model.rnn.hidden_size, n % 8
            edited = with_entry(model.rnn, weight, row, column, 2.5)
            question = edit_reaches(weight, before, rnnviz.record(edited, x))
            fills(question)
            with torch.no_grad():
                moved = (edited(x)[0] - model.rnn(x)[0]).abs().amax(1).numpy()
            (steps,) = np.nonzero(moved)
            first = int(steps[0]) + 1 if len(steps) else 0
            told = question.reasons["first"][1]
            ours = int(told["first"])
            assert question.answer == OPTIONS.get(ours, "later")
            # Two programs round otherwise: a state that the one moves and the other does not is moved by nothing.
            assert ours == first or moved[: max(ours, first) - 1].max() < 1e-6
            assert told["size"] == pytest.approx(moved[0], abs=1e-5)
            assert told["largest"] == pytest.approx(moved.max(), abs=1e-5)
            answers[question.answer] += 1
        never = edit_reaches("W_hy", before, before)
        fills(never)
        assert never.answer == "never"
    assert {"first", "second"} <= answers.keys()


@pytest.mark.parametrize("cell", FUSED)
def test_the_copies_that_a_loss_reaches_are_those_that_change_it(cell: str) -> None:
    """By where a weight is read: an input by every step, a state by every step that has one before it, a head once."""
    answers: Counter[str] = Counter()
    model = zoo.load("words-en", cell)
    for text in texts("en")[:4]:
        reading = model.read(text)
        steps = len(reading.x)
        for weight in (*CELLS[cell].matrices, "W_hy"):
            for loss_at in (1, 2, 4, steps - 1):
                target = reading.targets[loss_at - 1]
                assert target is not None
                terms = weight_terms(model.rnn, reading.x, model.head, target, loss_at, parameter=weight).terms
                norms = np.linalg.norm(terms[:loss_at].reshape(loss_at, -1), axis=1)
                question = copies_reached(weight, norms, steps)
                if loss_at < 3:
                    assert question is None
                    continue
                assert question is not None
                fills(question)
                kind = "y" if weight == "W_hy" else weight[2]
                # The forget gate of step 1 multiplies the memory before the text, which is 0.
                expected = "rest" if weight == "W_xf" else {"y": "one", "h": "rest", "x": "all"}[kind]
                assert question.answer == expected
                assert (question.reasons["rest"][0] == "zero_memory") == (weight == "W_xf")
                reached = {"one": 1, "rest": loss_at - 1, "all": loss_at}[question.answer]
                assert np.count_nonzero(terms.reshape(steps, -1).any(axis=1)) == reached
                answers[question.answer] += 1
    assert set(answers) == {"one", "rest", "all"}


def test_a_gradient_with_a_hole_in_it_is_not_asked_about() -> None:
    assert copies_reached("W_xh", np.array([1.0, 0.0, 2.0]), 4) is None
    assert copies_reached("W_xh", np.array([1.0, 2.0, 0.0]), 4) is None
    assert copies_reached("W_xh", np.zeros(3), 4) is None


@pytest.mark.parametrize("cell", FUSED)
def test_which_of_two_networks_has_more_weights_depends_on_the_length_and_on_the_cell(cell: str) -> None:
    answers: Counter[str] = Counter()
    kinds = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
    for inputs, hidden, classes in ((8, 24, 113), (4, 4, 5), (16, 8, 60)):
        head = (hidden + 1) * classes
        recurrent = sum(weight.numel() for weight in kinds[cell](inputs, hidden).parameters()) + head
        for steps in range(1, 41):
            window = (steps * inputs + 1) * hidden + head
            question = more_weights(CELLS[cell].title, steps, recurrent, window)
            fills(question)
            assert question.answer == (
                "recurrent" if recurrent > window else "window" if recurrent < window else "alike"
            )
            counts = parameter_counts(inputs, hidden, classes, (steps,), cell=cell)
            assert (counts.recurrent, counts.feed_forward) == (recurrent, (window,))
            answers[question.answer] += 1
    assert {"recurrent", "window"} <= set(answers)
    fills(more_weights("RNN", 3, 7, 7))
    assert more_weights("RNN", 3, 7, 7).answer == "alike"
