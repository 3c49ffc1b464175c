"""A forced quantity is not what its equation says, and no depth of the stage claims that it is."""

from __future__ import annotations

import pytest

import rnnviz
from rnnviz.core.forced import Forced
from rnnviz.words import catalogue
from tests.charts.networks import case, picture, texts

HELD = catalogue("en")["stage.is_held"]


def drawn(*forced: Forced, **signals: int) -> str:
    of = case("lstm", steps=4)
    return "\n".join(texts(picture(rnnviz.stage(rnnviz.record(of.module, of.x, forced=forced)), **signals)))


def test_a_units_list_says_where_a_gate_was_held_instead_of_its_formula() -> None:
    free, held = drawn(depth=2, t=1), drawn(Forced("f", 0.0), depth=2, t=1)
    assert HELD not in free
    assert f"fₜ = {HELD}" in held
    assert "fₜ = σ(" in free
    assert "fₜ = σ(" not in held


@pytest.mark.parametrize(("t", "picked", "held"), [(1, 2, True), (0, 2, False), (3, 2, False), (1, 1, False)])
def test_only_at_the_steps_and_units_that_were_held(t: int, picked: int, held: bool) -> None:
    said = drawn(Forced("f", 0.5, units=(2,), steps=(2, 3)), depth=2, t=t, picked=picked)
    assert (f"fₜ = {HELD}" in said) == held
