"""What is said of a batch, held against PyTorch's own run of it."""

from __future__ import annotations

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


@settings(max_examples=60)
@given(LENGTHS, st.sampled_from(CELLS), SIDES, st.booleans())
def test_the_question_about_pads_is_answered_by_pytorch(
    lengths: list[int], cell: str, side: Side, reverse: bool
) -> None:
    module, xs = network(cell, both=True), sequences(lengths)
    row = int(reverse)
    asked = asked_of_pads(batch(module, xs, side=side), row, reverse=reverse)
    if min(lengths) == max(lengths):
        assert asked is None
        return
    assert asked is not None
    fills(asked)
    n = lengths.index(min(lengths))
    padded = pad_sequence(xs, padding_side=side)
    if asked.name == "pads_first":
        first = padded[-1 if reverse else 0, n]
        assert asked.answer == "pad"
        assert not first.any(), "what it reads first is a vector of zeros"
        return
    alone, after = last(module, xs[n][:, None])[1][row, 0], last(module, padded)[1][row, n]
    assert asked.answer == "moved"
    assert asked.values["end"] == ("1" if reverse else str(lengths[n])), "the token after which only pads are read"
    told = dict(asked.reasons["moved"][1])
    found = [told["drift"], told["before"], told["after"]]
    assert found == pytest.approx([float(v.norm()) for v in (after - alone, alone, after)], abs=1e-9)


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
