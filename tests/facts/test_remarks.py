"""What is said at a step, against cases small enough to work out by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.core.cell import Cell
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.network import Recurrent
from rnnviz.core.trace import Readout, Trace
from rnnviz.facts.remarks import step_lines
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import case
from tests.declared import DECLARED

WORDS = ("no", "yes", "and", "so")


def with_values(trace: Trace, **values: Any) -> Trace:
    """The same trace with other results in its one row, each (T, H)."""
    return replace(trace, values={**trace.values, **{name: np.array([steps]) for name, steps in values.items()}})


def readout(*steps: list[float]) -> Readout:
    y = np.array(steps)
    return Readout(logits=np.log(y), y=y, W_hy=np.zeros((4, 2)), b_y=np.zeros(4))


def lines(trace: Trace, head: Readout | None = None, *, row: int = 0, targets: Any = (), lang: str = "en") -> list[str]:
    found = step_lines(rnnviz.Pass(trace, head, tuple(WORDS), tuple(targets)), row, catalogue(lang))
    assert len(found) == len(trace)
    return found


def test_the_largest_change_is_the_units_that_moved_furthest_either_way() -> None:
    trace = with_values(case("rnn", steps=2, hidden=2).trace, h=[[0.25, -0.5], [-0.5, -0.25]])
    first, second = lines(trace)
    assert first.startswith("Largest change: unit 2, 0.00 → −0.50.")  # from h_0 = 0
    assert second.startswith("Largest change: unit 1, +0.25 → −0.50.")


def test_a_reverse_direction_changes_from_the_right() -> None:
    both = case("rnn", steps=2, hidden=2, both=True).trace
    h = both["h"].copy()
    h[1] = [[0.1, 0.2], [0.9, 0.3]]
    first, last = lines(replace(both, values={**both.values, "h": h}), row=1)
    assert last.startswith("Largest change: unit 1, 0.00 → +0.90.")
    assert first.startswith("Largest change: unit 1, +0.90 → +0.10.")


def test_gates_are_averaged_over_the_units() -> None:
    trace = with_values(case("lstm", steps=1, hidden=2).trace, i=[[0.5, 1.0]], f=[[0.0, 0.5]], o=[[1.0, 1.0]])
    assert "Gates open on average: i 0.75, f 0.25, o 1.00." in lines(trace)[0]
    trace = with_values(case("gru", steps=1, hidden=2).trace, r=[[0.5, 0.0]], z=[[1.0, 0.5]])
    assert "Gates open on average: r 0.25, z 0.75 (z = 1 keeps the old)." in lines(trace)[0]


@pytest.mark.parametrize("cell", [*CELLS.values(), *DECLARED], ids=lambda cell: cell.name)
def test_what_is_said_to_keep_the_old_keeps_it(cell: Cell) -> None:
    net = Recurrent(cell, 2, 3)
    for weight in net.parameters():
        torch.nn.init.uniform_(weight, -1, 1, generator=torch.Generator().manual_seed(1))
    x = torch.randn(4, 2, generator=torch.Generator().manual_seed(2))
    told = re.search(r"\((\w) = ([01]) keeps the old\)", lines(rnnviz.record(net, x))[0])
    assert bool(told) == (bool(cell.memory) and cell.name not in ("lstm", "peephole"))
    if told:
        held = rnnviz.record(net, x, forced=(Forced(told[1], float(told[2])),))
        assert (held["keep"] == held.previous(held.cell.required_memory[0])).all()


def test_saturated_units_are_counted_on_both_sides_and_the_bound_is_not_one_of_them() -> None:
    trace = with_values(case("rnn", steps=1, hidden=4).trace, h=[[0.96, -0.99, 0.95, 0.2]])
    assert "2 of 4 units are saturated" in lines(trace)[0]


def test_doubt_is_the_entropy_in_nats() -> None:
    trace = case("rnn", steps=3, hidden=2).trace
    nothing = 1e-300
    head = readout([0.25] * 4, [0.5, 0.5, nothing, nothing], [nothing, nothing, 1, nothing])
    uniform, half, sure = lines(trace, head)
    assert uniform.endswith("First choice ‘no’ with 25%; entropy 1.4 nats.")
    assert half.endswith("First choice ‘no’ with 50%; entropy 0.7 nats.")
    assert "‘and’ with 100%; " in sure
    assert "0.0 nats" in sure


@pytest.mark.parametrize(
    ("y", "target", "said"),
    [
        ([0.1, 0.6, 0.2, 0.1], 1, "First choice ‘yes’ with 60%; entropy 1.1 nats."),
        ([0.1, 0.6, 0.2, 0.1], None, "First choice ‘yes’ with 60%; entropy 1.1 nats."),
        ([0.1, 0.6, 0.2, 0.1], 2, "Surprised: ‘yes’ 60%; in the text: ‘and’, 20%."),
        ([0.4, 0.3, 0.2, 0.1], 3, "First choice ‘no’ 40%; in the text: ‘so’, 10%."),
    ],
)
def test_the_outcome_is_set_beside_the_right_answer(y: list[float], target: int | None, said: str) -> None:
    (line,) = lines(case("gru", steps=1, hidden=2).trace, readout(y), targets=[target])
    assert line.split("\n")[-1] == said


def test_without_a_head_nothing_is_said_about_predictions() -> None:
    assert {len(line.split("\n")) for line in lines(case("lstm").trace)} == {2}


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_language_says_the_same_numbers(cell: str) -> None:
    of = case(cell, classes=4, hidden=2)
    numbers = []
    for lang in LANGUAGES:
        said = lines(of.trace, of.readout, targets=[1, None, 2], lang=lang)
        assert all("{" not in line for line in said)
        numbers.append([sorted(c for c in line if c.isdigit()) for line in said])
    assert numbers[0] == numbers[1]
