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
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.sharing import copies_reached, edit_reaches, more_weights
from rnnviz.tasks.grammar.sentences import sentences
from tests.facts.questions.test_question import fills

FUSED = ("rnn", "lstm", "gru")
KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
OPTIONS = {0: "never", 1: "first", 2: "second"}
# By what an entry multiplies (a token, or the state before) and the first step that differs (0 none, 3 a later one):
# the reason of each option: step 1, step 2, a later one, none.
REACHES = {
    ("x", 0): ["blocked", "still", "nowhere", "nowhere"],
    ("x", 1): ["token", "every_copy", "already", "differs"],
    ("x", 2): ["blocked", "from", "already", "differs"],
    ("x", 3): ["blocked", "still", "from", "differs"],
    ("h", 0): ["zero_state", "still", "nowhere", "nowhere"],
    ("h", 2): ["zero_state", "state", "already", "differs"],
    ("h", 3): ["zero_state", "still", "from", "differs"],
}


def reasons(question: Question) -> list[str]:
    return [reason for reason, _ in question.reasons.values()]


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
            assert reasons(question) == REACHES[weight[2], min(ours, 3)]
        never = edit_reaches("W_hy", before, before)
        fills(never)
        assert never.answer == "never"
        assert reasons(never) == ["after_loop", "after_loop", "after_loop", "only_y"]
    assert {"first", "second"} <= answers.keys()


@pytest.mark.parametrize("cell", FUSED)
def test_each_reason_for_where_an_edit_reaches_is_so_in_networks_that_read_nothing_at_first(cell: str) -> None:
    """Without biases and where the first tokens are zeros, states stay zero, so that an edit is felt late or nowhere.
    In float64, and by PyTorch's modules: which step moves first, and what the entry was multiplied by there."""
    told: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    steps = 6
    for seed in range(12):
        generator = torch.Generator().manual_seed(seed)
        module = KINDS[cell](3, 4, bias=False).double()
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.normal_(generator=generator)
        for zeros in (0, 1, 2, steps):
            x = torch.randn(steps, 3, generator=generator, dtype=torch.float64)
            x[:zeros] = 0
            before = rnnviz.record(module, x)
            for weight in CELLS[cell].matrices:
                row, column = seed % 4, seed % 3
                edited = with_entry(module, weight, row, column, 1.5)
                question = edit_reaches(weight, before, rnnviz.record(edited, x))
                fills(question)
                with torch.no_grad():
                    h = module(x)[0]
                    moved = (edited(x)[0] - h).abs().amax(1).numpy()
                (felt,) = np.nonzero(moved > 1e-12)
                first = int(felt[0]) + 1 if len(felt) else 0
                read = x[:, column] if weight[2] == "x" else torch.cat([torch.zeros(1), h[:-1, column]])
                assert not first or read[first - 1] != 0, "where it is felt, it was multiplied by something"
                assert question.answer == OPTIONS.get(first, "later")
                assert reasons(question) == REACHES[weight[2], min(first, 3)]
                evidence = question.reasons["never"][1]
                assert (evidence["first"], evidence["steps"]) == (first, steps)
                assert evidence["size"] == pytest.approx(moved[0], abs=1e-12)
                assert evidence["largest"] == pytest.approx(moved.max(), abs=1e-12)
                answers[question.answer] += 1
                told.update(reasons(question))
    assert min(answers[option] for option in ("first", "second", "later", "never")) >= 5, answers
    assert min(told[reason] for row in REACHES.values() for reason in row) >= 3, told


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
    for inputs, hidden, classes in ((8, 24, 113), (4, 4, 5), (16, 8, 60)):
        head = (hidden + 1) * classes
        recurrent = sum(weight.numel() for weight in KINDS[cell](inputs, hidden).parameters()) + head
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
