"""The chosen entry of a weight: its value and its weight's name stand at every copy along the chain."""

from __future__ import annotations

from functools import cache

import pytest

import rnnviz
from tests.charts.networks import case, made, picture, texts

STEPS = 4
BY_CELL = [("rnn", "W_xh"), ("rnn", "W_hh"), ("rnn", "W_hy"), ("lstm", "W_xi"), ("lstm", "W_hf"), ("gru", "W_hn")]
UNNAMED = {"rnn": ("W_xh", "W_hh", "W_hy"), "lstm": ("W_x·", "W_h·", "W_hy"), "gru": ("W_x·", "W_h·", "W_hy")}


@cache
def drawn(cell: str, entry: tuple[str, float] | None, u: float = 1) -> tuple[str, ...]:
    stage = made(case(cell, steps=STEPS), show=rnnviz.Rolled(entry=entry), every=True)
    return tuple(texts(picture(stage, u=u, goal=u)))


@pytest.mark.parametrize(("cell", "name"), BY_CELL)
@pytest.mark.parametrize(("value", "written"), [(-1.5, "−1.50"), (2.0, "2.00"), (0.996, "1.00")])
def test_its_value_stands_at_every_copy(cell: str, name: str, value: float, written: str) -> None:
    assert drawn(cell, (name, value)).count(written) == STEPS
    assert written not in drawn(cell, None)


@pytest.mark.parametrize(("cell", "name"), BY_CELL)
def test_every_copy_of_its_weight_is_named_as_it_and_the_others_as_before(cell: str, name: str) -> None:
    place = 2 if name == "W_hy" else ("x", "h").index(name[2])
    names = [*UNNAMED[cell]]
    names[place] = name
    found = drawn(cell, (name, -1.5))
    assert [found.count(label) for label in names] == [STEPS] * 3
    hidden = set(UNNAMED[cell]) - set(names)
    assert not hidden & set(found)


@pytest.mark.parametrize(("cell", "name"), BY_CELL)
def test_folded_it_stands_once_more_at_the_loops_own_arrow(cell: str, name: str) -> None:
    assert drawn(cell, (name, -1.5), u=0).count(f"{name} −1.50") == 1
    assert f"{name} −1.50" not in drawn(cell, (name, -1.5), u=1)


def test_without_a_head_an_entry_of_it_stands_nowhere() -> None:
    stage = rnnviz.stage(case("rnn").trace, show=rnnviz.Rolled(entry=("W_hy", -1.5)))
    assert "−1.50" not in texts(picture(stage, u=1, goal=1))
