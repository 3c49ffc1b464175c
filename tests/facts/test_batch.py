"""What is said of a batch, held against PyTorch's own run of it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_sequence

from rnnviz.core.batch import batch
from rnnviz.core.sheet import Handling, Side
from rnnviz.facts.batch import asked_of_pads, of_batch, of_choice
from tests.core.test_batch import CELLS, LENGTHS, last, network, sequences
from tests.facts.questions.test_question import fills

SIDES = st.sampled_from(["right", "left"])


@settings(max_examples=80)
@given(LENGTHS, st.sampled_from(CELLS), SIDES, st.sampled_from(["pads", "mask", "packed"]), st.booleans())
def test_what_is_said_of_work_and_states_is_what_pytorch_computes(
    lengths: list[int], cell: str, side: Side, handling: Handling, reverse: bool
) -> None:
    module, xs = network(cell, both=True), sequences(lengths)
    row, widest = int(reverse), max(lengths)
    work, *states = of_batch(batch(module, xs, side=side, handling=handling), row, reverse=reverse)
    told: dict[str, Any] = dict(work.values)
    cells = sum(lengths) if handling == "packed" else widest * len(xs)
    assert (told["cells"], told["words"], told["count"], told["columns"]) == (cells, sum(lengths), len(xs), widest)
    assert work.kind == ("batch_no_waste" if cells == sum(lengths) else "batch_waste")
    if work.kind == "batch_waste":
        assert told["wasted"] == pytest.approx(1 - sum(lengths) / cells)
    n = lengths.index(min(lengths))
    if min(lengths) == widest:
        assert not states
        return
    (state,) = states
    told = dict(state.values)
    assert (told["n"], told["pads"]) == (n + 1, widest - lengths[n])
    alone = last(module, xs[n][:, None])[1][row, 0]
    assert told["size"] == pytest.approx(float(alone.norm()), abs=1e-9)
    names = [str(k + 1) for k in range(lengths[n])]
    assert (told["first"], told["last"]) == ((names[-1], names[0]) if reverse else (names[0], names[-1]))
    if handling == "pads":
        padded = last(module, pad_sequence(xs, padding_side=side))[1][row, n]
        assert told["drift"] == pytest.approx(float((padded - alone).norm()), abs=1e-9)
        assert state.kind == ("batch_before" if (side == "right") == reverse else "batch_after")
    else:
        assert state.kind == ("batch_kept" if handling == "mask" else "batch_packed")


FIRST = {
    "pad": {"start": "not_start", "end": "not_end", "pad": "pads_come"},
    "end": {"start": "comes_last", "end": "begins_there", "pad": "pads_after"},
}
STATE = {
    "moved": {"same": "still_computes", "zero": "not_zero", "moved": "moves"},
    "same": {"same": "masked", "zero": "not_zero", "moved": "does_not_move"},
}


@settings(max_examples=100)
@given(LENGTHS, st.sampled_from(CELLS), SIDES, st.sampled_from(["pads", "mask", "packed"]), st.booleans())
def test_the_question_about_pads_is_answered_by_pytorch(
    lengths: list[int], cell: str, side: Side, handling: Handling, reverse: bool
) -> None:
    module, xs = network(cell, both=True), sequences(lengths)
    row, aside = int(reverse), reverse or side == "left"
    asked = asked_of_pads(batch(module, xs, side=side, handling=handling), row, reverse=reverse)
    if min(lengths) == max(lengths) or handling == "packed" or (aside and handling == "mask"):
        assert asked is None
        return
    assert asked is not None
    fills(asked)
    n = lengths.index(min(lengths))
    padded = pad_sequence(xs, padding_side=side)
    reasons = {option: reason for option, (reason, _) in asked.reasons.items()}
    assert (asked.name == "pads_first") == aside
    if aside:
        begins = padded[-1 if reverse else 0, n]
        assert (asked.answer == "pad") == (not begins.any()), "a vector of zeros"
        if asked.answer == "end":
            assert (begins == xs[n][-1]).all()
            assert asked.values["end"] == str(lengths[n])
        assert reasons == FIRST[asked.answer]
        return
    alone = last(module, xs[n][:, None])[1][row, 0]
    after = last(module, padded)[1][row, n] if handling == "pads" else alone
    assert asked.answer == ("moved" if handling == "pads" else "same")
    assert reasons == STATE[asked.answer]
    assert asked.values["end"] == str(lengths[n]), "the token after which only pads are read"
    told = dict(asked.reasons["moved"][1])
    found = [told["drift"], told["before"], told["after"]]
    assert found == pytest.approx([float(v.norm()) for v in (after - alone, alone, after)], abs=1e-9)


def test_what_is_asked_of_pads_has_not_always_the_same_answer() -> None:
    """Of one batch, over what a visitor may choose."""
    module, xs = network("gru", both=True), sequences([2, 5])
    answers: dict[str, set[str]] = {"pads_first": set(), "pads_state": set()}
    for side, handling, reverse in product(("right", "left"), ("pads", "mask"), (False, True)):
        asked = asked_of_pads(batch(module, xs, side=side, handling=handling), int(reverse), reverse=reverse)
        if asked is not None:
            answers[asked.name].add(asked.answer)
    assert answers == {"pads_first": {"pad", "end"}, "pads_state": {"moved", "same"}}


def test_where_pads_move_nothing_the_answer_is_that_they_do_not() -> None:
    """A network without biases whose recurrent matrix keeps the state, or wipes it out."""
    for keeps, answer in ((1.0, "same"), (0.0, "zero")):
        module = torch.nn.RNN(3, 4, nonlinearity="relu", bias=False).double()
        with torch.no_grad():
            module.weight_ih_l0.fill_(0.5)
            module.weight_hh_l0.copy_(keeps * torch.eye(4))
        xs = [torch.ones(1, 3, dtype=torch.float64), torch.ones(3, 3, dtype=torch.float64)]
        asked = asked_of_pads(batch(module, xs), 0, reverse=False)
        assert asked is not None
        fills(asked)
        assert asked.answer == answer
        assert {reason for reason, _ in asked.reasons.values()} == (
            {"stays", "not_zero", "does_not_move"}
            if answer == "same"
            else {"still_computes", "is_zero", "does_not_move"}
        )


def test_another_expectation_is_told_only_where_there_is_one() -> None:
    assert not list(of_choice("the", 0.5, "the", 0.9, 1))
    (told,) = of_choice("the", 0.5, "we", 0.9, 1)
    assert told.kind == "batch_choice"
    assert told.values == {"before": "the", "p": 0.5, "after": "we", "q": 0.9, "n": 1}
