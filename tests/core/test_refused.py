"""What is no trace is refused in words, whichever public function gets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

import rnnviz

TRACE = rnnviz.record(torch.nn.LSTM(3, 4), torch.zeros(5, 3))
CALLS: dict[str, Callable[[Any], object]] = {
    "aligned, encoder": lambda it: rnnviz.aligned(it, TRACE, torch.eye(5), list("abcde")),
    "aligned, decoder": lambda it: rnnviz.aligned(TRACE, it, torch.eye(5), list("abcde")),
    "extremes": rnnviz.extremes,
    "measured_half_life": rnnviz.measured_half_life,
    "memory_age": rnnviz.memory_age,
    "memory_shares": rnnviz.memory_shares,
    "order": lambda it: rnnviz.order(it, "h", "change"),
    "read_out": lambda it: rnnviz.read_out(it, torch.nn.Linear(4, 3)),
    "scene_chart": rnnviz.scene_chart,
    "separating_units": lambda it: rnnviz.separating_units(it, "h", [True, False, False, False, True]),
    "share_of_new": rnnviz.share_of_new,
    "step_jacobians": rnnviz.step_jacobians,
}
OTHERS = {"nothing": None, "number": 3, "text": "lstm", "module": torch.nn.LSTM(3, 4), "tensor": torch.zeros(5, 4)}
OTHERS |= {"array": TRACE["f"], "list": [1, 2]}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_trace_is_refused_in_words(call: str, other: str) -> None:
    with pytest.raises(TypeError, match=r" is a \S+; accepted: a rnnviz\.\S"):
        CALLS[call](OTHERS[other])


def test_the_message_names_what_was_given() -> None:
    with pytest.raises(TypeError) as raised:
        rnnviz.memory_shares(torch.nn.LSTM(3, 4))
    assert str(raised.value) == (
        "trace is a torch.nn.modules.rnn.LSTM; accepted: a rnnviz.Trace, as rnnviz.record(module, x) gives it, or "
        "of a batch one of its traces, traces[0]"
    )


def test_a_trace_is_taken_by_all() -> None:
    for name, call in CALLS.items():
        if name != "scene_chart":
            call(TRACE)
