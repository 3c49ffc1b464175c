"""What follows from a gate, on networks whose gates are set by hand so that the answer is known beforehand."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

import rnnviz
from rnnviz.core import terms
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.core.trace import Readout, Trace
from rnnviz.facts.consequences import (
    chance_of_perfect,
    closing_step,
    keeping_bias,
    life,
    matches,
    memory_fate,
    new_at,
    of_extremes,
    of_hold,
    of_memory,
)
from tests.charts.networks import pair

GATED = [name for name, cell in CELLS.items() if cell.memory]
WORDS = ("no", "yes")
H = 3


def weights(cell: str, seed: int = 0) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {
        p.name: torch.randn(p.shape(2, H), generator=generator, dtype=torch.float64) for p in CELLS[cell].parameters
    }


def run(cell: str, *forced: Forced, steps: int = 6, **changed: torch.Tensor) -> Trace:
    x = torch.randn(steps, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return rnnviz.record(CELLS[cell], x, weights=weights(cell) | changed, forced=forced)


def answer(*best: int) -> Readout:
    y = np.full((len(best), 2), 0.25)
    y[range(len(best)), best] = 0.75
    return Readout(np.log(y), y, np.zeros((2, H)), np.zeros(2))


@pytest.mark.parametrize("cell", GATED)
def test_a_gate_wide_open_keeps_all_and_one_shut_keeps_nothing(cell: str) -> None:
    gate, sign = CELLS[cell].keeping
    wide, shut = run(cell, Forced(gate, (1 + sign) / 2)), run(cell, Forced(gate, (1 - sign) / 2))
    memory = CELLS[cell].memory[0]
    np.testing.assert_array_equal(wide["keep"], wide.previous(memory))
    np.testing.assert_array_equal(shut["keep"], 0)


@pytest.mark.parametrize("cell", GATED)
def test_the_bias_of_what_keeps_is_what_with_forget_bias_sets(cell: str) -> None:
    layer = rnnviz.Recurrent(CELLS[cell], 2, H)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(0.5)
    changed = rnnviz.with_forget_bias(layer, -2.25)
    trace = rnnviz.record(changed, torch.zeros(1, 2))
    assert keeping_bias(trace) == keeping_bias(trace, 1) == -2.25


@given(value=some.floats(0.05, 0.95), cell=some.sampled_from(GATED))
def test_the_two_half_lives_agree_where_the_gate_is_held(value: float, cell: str) -> None:
    gate, sign = CELLS[cell].keeping
    held = run(cell, Forced(gate, value if sign > 0 else 1 - value), steps=20)
    found = life(held, value)
    assert found.closed == pytest.approx(math.log(0.5) / math.log(value))
    for measured in (found.measured, life(held, value, unit=2).measured):
        assert measured == (pytest.approx(found.closed) if found.closed < 19 else None)


def test_the_step_at_which_a_gate_closes_most_is_found() -> None:
    held = (
        Forced("i", 0.9),
        Forced("f", 0.6),
        Forced("o", 0.9),
        Forced("f", 0.1, steps=(4, 4)),
        Forced("i", 0.7, steps=(2, 2)),
    )
    assert closing_step(run("lstm", *held)) == 4


def test_the_mark_at_the_end_of_a_sentence_is_left_out() -> None:
    x = torch.zeros(4, 2, dtype=torch.float64)
    held = (Forced("z", 0.9), Forced("r", 0.9), Forced("z", 0.1, steps=(2, 2)), Forced("r", 0.8, steps=(4, 4)))
    for tokens, expected in (("abcd", 2), ("a.cd", 4), ("a.c.", 3)):
        trace = rnnviz.record(CELLS["gru"], x, weights=weights("gru"), forced=held, tokens=list(tokens))
        assert closing_step(trace) == expected


def test_of_a_single_gate_it_is_the_step_at_which_that_moves_most() -> None:
    assert closing_step(run("mgu", Forced("f", 0.1), Forced("f", 0.8, steps=(3, 6)))) == 3
    assert closing_step(run("mgu", steps=1)) is None


@pytest.mark.parametrize(
    ("forced", "fate"),
    [
        ((Forced("c", 1.0), Forced("c", -1.2, steps=(6, 6))), "grow"),
        ((Forced("c", 1.0), Forced("c", -1.05, steps=(6, 6))), "stay"),
        ((Forced("c", 1.0), Forced("c", 0.85, steps=(6, 6))), "shrink"),
    ],
)
def test_the_memory_grows_stays_or_shrinks_at_the_last_step(forced: tuple[Forced, ...], fate: str) -> None:
    assert memory_fate(run("lstm", Forced("c", 1.0)), run("lstm", *forced)) == fate


def test_extremes_are_counted_from_one() -> None:
    held = (Forced("i", 0.5), Forced("f", 1.0, (1,)), Forced("o", 0.5), Forced("o", 0.0, (0, 2)), Forced("g", 0.0))
    found = {fact.kind: fact.values for fact in of_extremes(run("lstm", *held)) if fact.kind != "extreme_still"}
    meant = {"open": terms.OPEN, "shut": terms.SHUT, "saturated": terms.SATURATED, "still": terms.STILL}
    assert found["extreme_open_keeps"] == {"q": "f", "count": 1, "size": H, "units": "2", **meant}
    assert found["extreme_shut"] == {"q": "o", "count": 2, "size": H, "units": "1, 3", **meant}


@pytest.mark.parametrize("cell", GATED)
@pytest.mark.parametrize("shut", [False, True])
def test_what_a_gate_that_stays_shut_or_open_does_to_what_is_held_is_what_the_steps_show(cell: str, shut: bool) -> None:
    """Of a gate that keeps, or its complement: the part of the old memory that the new one holds, at every step."""
    for seed in range(30):
        gate, sign = CELLS[cell].keeping
        noise = torch.rand(1, generator=torch.Generator().manual_seed(seed)).item() / 25
        trace = run(cell, Forced(gate, noise if shut else 1 - noise))
        (fact,) = [f for f in of_extremes(trace) if f.values["q"] == gate and "still" not in f.kind]
        kept = trace["keep"][0] / np.where(before := trace.previous(trace.cell.memory[0])[0], before, np.nan)
        assert fact.kind in (f"extreme_{'shut' if shut else 'open'}_{end}" for end in ("keeps", "replaces"))
        if fact.kind.endswith("keeps"):
            assert np.nanmin(kept) > terms.OPEN - 1e-9
        else:
            assert np.nanmax(kept) < terms.SHUT + 1e-9
        assert fact.kind.endswith("keeps") == (shut == (sign < 0))


def test_a_gate_at_its_own_value_changes_nothing() -> None:
    free = run("gru")
    (fact,) = of_hold(pair(free, free, answer(*[0] * 6), answer(*[0] * 6)))
    assert fact.kind == "held_same"


def test_a_hold_is_told_by_what_it_changed() -> None:
    free, held = run("lstm"), run("lstm", Forced("i", 0.0, steps=(2, 3)))
    facts = {f.kind: f for f in of_hold(pair(free, held, answer(0, 0, 0, 0, 0, 0), answer(0, 0, 1, 1, 0, 0)))}
    sizes = facts["memory_end"].values
    assert sizes["new"] == pytest.approx(np.abs(held["c"][0, -1]).mean())
    assert sizes["old"] == pytest.approx(np.abs(free["c"][0, -1]).mean())
    assert facts["spread"].values["first"] == 2
    assert (facts["other_word"].t, facts["other_word"].values["count"]) == (3, 2)
    assert {"faded", "stayed"} & facts.keys()


def test_what_is_held_to_the_end_is_not_said_to_fade() -> None:
    facts = of_hold(pair(run("lstm"), run("lstm", Forced("i", 0.0)), answer(*[0] * 6), answer(*[0] * 6)))
    assert not {"faded", "stayed"} & {fact.kind for fact in facts}


def test_all_of_the_memory_is_new_where_nothing_is_kept() -> None:
    trace = run("lstm", Forced("f", 0.0))
    assert new_at(trace, 4) == 1
    assert "memory_age" not in {fact.kind for fact in of_memory(trace, 4, 1)}, "nothing is old"


def test_nothing_is_halved_where_all_is_kept() -> None:
    facts = {fact.kind: fact.values for fact in of_memory(run("lstm", Forced("f", 1.0)), 4, 1)}
    assert facts["memory_lasts"] == {"steps": 6, "count": H, "size": H}
    assert "memory_life" not in facts


@pytest.mark.parametrize(("wide", "median"), [((), 1.0), ((1,), 1.0), ((0, 1), None), ((0, 1, 2), None)])
def test_the_median_of_the_facts_is_that_of_the_table(wide: tuple[int, ...], median: float | None) -> None:
    """Over all units: at 0.5 a memory lasts 1 step, at 0.99 it outlasts the text, which has halved nothing."""
    trace = run("lstm", Forced("f", 0.5), *([Forced("f", 0.99, wide)] if wide else []))
    facts = {fact.kind: fact.values for fact in of_memory(trace, 4, 1)}
    assert life(trace, 0.5).measured == (median and pytest.approx(median))
    assert facts.get("memory_life") == (median and {"life": pytest.approx(median)})
    assert facts.get("memory_lasts") == ({"steps": 6, "count": len(wide), "size": H} if wide else None)


def test_a_unit_that_hardly_ever_halves_outlasts_the_text() -> None:
    """One reset among gates wide open: 1 halving in 10 steps watched, in a text of 6."""
    trace = run("lstm", Forced("f", 1.0), Forced("f", 0.0, steps=(2, 2)))
    assert life(trace, 1.0).measured is None
    assert "memory_life" not in {fact.kind for fact in of_memory(trace, 4, 1)}


def test_an_output_gate_that_is_shut_leaves_zero_and_not_minus_zero() -> None:
    below = Forced("g", -1.0)  # so that c is below zero
    free, held = run("lstm", below), run("lstm", below, Forced("o", 0.0))
    (largest,) = (f for f in of_hold(pair(free, held, answer(*[0] * 6), answer(*[0] * 6))) if f.kind == "largest")
    t, unit = largest.t - 1, int(largest.values["unit"]) - 1
    assert np.signbit(held["h"][0, t, unit]), "-0.0, as o * tanh(c) gives it"
    assert f"{largest.values['new']:.2f}" == "0.00"


def test_a_unit_made_to_fit_the_marks_comes_first() -> None:
    marked = (2, 5)
    held = [Forced("f", 0.2, (1,)), *(Forced("f", 0.9, (1,), (t, t)) for t in marked)]
    found = {(match.quantity, match.found.unit): match.found for match in matches(run("lstm", *held), marked)}
    assert (found["f", 1].auc, found["f", 1].sign) == (1.0, 1)
    ranking = [match.found.auc for match in matches(run("lstm", *held), marked)]
    assert ranking == sorted(ranking, reverse=True)
    assert len(ranking) == H * 6
    with pytest.raises(ValueError, match="nothing is marked"):
        matches(run("lstm"), ())


@pytest.mark.parametrize(("marked", "steps"), [(1, 4), (2, 5), (3, 6), (1, 6), (5, 6)])
def test_the_expectation_of_chance_counts_every_order(marked: int, steps: int) -> None:
    """All orders of as many values, marked at the first steps: in how many are the marked ones at one end?"""
    orders = list(permutations(range(steps)))
    split = sum(max(o[:marked]) < min(o[marked:]) or min(o[:marked]) > max(o[marked:]) for o in orders)
    assert chance_of_perfect(marked, steps) == pytest.approx(split / len(orders))


@pytest.mark.parametrize("cell", GATED)
def test_extremes_are_what_every_step_of_the_text_shows(cell: str) -> None:
    """Over draws of different spread, unit by unit and step by step."""
    kinds: set[str] = set()
    for seed in range(30):
        spread = 4.0 ** (seed % 4 - 1)
        drawn = {name: spread * weight for name, weight in weights(cell, seed).items()}
        still = (Forced(CELLS[cell].states[-1], 0.5, (1,)),) * (seed % 2)
        trace = run(cell, *still, **drawn)
        told = {
            (str(f.values["q"]), f.kind.split("_")[1]): str(f.values["units"]).split(", ") for f in of_extremes(trace)
        }
        for op in trace.cell.ops:
            columns = [trace[op.name][0][:, unit].tolist() for unit in range(H)]
            gate, state = op.name in trace.cell.gates, op.name in trace.cell.states
            shown = {
                "open": [gate and min(v) > 0.95 for v in columns],
                "shut": [gate and max(v) < 0.05 for v in columns],
                "saturated": [op.kind == "tanh" and 2 * sum(abs(y) > 0.95 for y in v) >= len(v) for v in columns],
                "still": [state and max(v) - min(v) < 0.01 for v in columns],
            }
            for kind, holds in shown.items():
                units = [str(unit + 1) for unit in range(H) if holds[unit]]
                assert told.get(("tanh c" if op.name == "tanh_c" else op.name, kind), []) == units
                kinds |= {kind} if units else set()
    assert {"open", "shut", "saturated"} <= kinds


@pytest.mark.parametrize("cell", GATED)
def test_what_a_memory_is_made_of_is_followed_through_its_steps(cell: str) -> None:
    """Each part that was written is carried on by hand, multiplied at every step by what the gate keeps."""
    gate, sign = CELLS[cell].keeping
    for seed in range(20):
        trace = run(cell, **weights(cell, seed))
        keeps = trace[gate][0] if sign > 0 else 1 - trace[gate][0]
        parts = np.zeros((0, H))
        for t in range(1, len(trace) + 1):
            old = parts.sum(0)
            parts = np.vstack([parts * keeps[t - 1], trace["write"][0, t - 1]])
            np.testing.assert_allclose(parts.sum(0), trace[CELLS[cell].memory[0]][0, t - 1], atol=1e-9)
            unit = (seed + t) % H
            facts = {fact.kind: fact.values for fact in of_memory(trace, t, unit + 1)}
            told = facts["memory_unit" if sign > 0 else "memory_unit_rest"]
            assert (told["unit"], told["q"], told["value"]) == (unit + 1, gate, trace[gate][0, t - 1, unit])
            assert told["old"] == pytest.approx(old[unit])
            assert told["kept"] == pytest.approx(old[unit] * keeps[t - 1, unit])
            assert told["now"] == pytest.approx(parts.sum(0)[unit])
            assert told["kept"] + told["written"] == pytest.approx(told["now"])
            new, kept = np.abs(parts[-1]), np.abs(old * keeps[t - 1])
            assert facts["memory_new"]["new"] == pytest.approx((new / (new + kept)).mean())
            age = (np.abs(parts) * np.arange(t - 1, -1, -1)[:, None]).sum(0) / np.abs(parts).sum(0)
            assert ("memory_age" in facts) == (t > 1)
            if t > 1:
                assert facts["memory_age"]["unit"] == int(age.argmax()) + 1
                assert facts["memory_age"]["age"] == pytest.approx(age.max())
                assert facts["memory_age"]["mean"] == pytest.approx(age.mean())
