"""What the stage writes about one step adds up: operands, results, and the terms of one unit's sum."""

from __future__ import annotations

import math
import re
from functools import cache
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import rnnviz
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.stage.bundle import changing
from rnnviz.charts.stage.cell.arithmetic import BLANK
from rnnviz.charts.stage.cell.numbers_table import UNITS
from rnnviz.core.cell import Cell, Role, plain_symbol
from rnnviz.core.cells import CELLS
from tests.charts.networks import (
    ROUNDING,
    at,
    case,
    columns,
    made,
    numbers,
    picture,
    tables,
    texts,
    vectors,
)
from tests.declared import DECLARED


@cache
def at_operation(cell: str, number: int) -> ET.Element:
    """The stage at step 3, its second unit chosen, at an operation (from 1) or, for 0, at the whole step."""
    return picture(made(case(cell), start=3), op=number, fine=number > 0, picked=1)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_columns_of_numbers_are_the_steps_own(cell: str) -> None:
    """As they are drawn, for the whole step and for each operation: what it reads, then its result."""
    of = case(cell)
    for number, op in enumerate([None, *of.trace.cell.ops]):
        drawn = columns(at_operation(cell, number))
        if op is not None:
            names = [*vectors(op.reads), op.name]
        elif cell == "rnn":
            names = ["xh", "b_xh", "hh", "b_hh", "a", "h"]
        else:
            names = list(of.trace.quantities)
        assert len(drawn) == len(names)
        for name, column in zip(names, drawn, strict=True):
            value = of.trace.operand(name, 0)
            np.testing.assert_allclose(column, value[2] if value.ndim == 2 else value, atol=ROUNDING, err_msg=name)


@pytest.mark.parametrize("cell", CELLS)
def test_a_weight_stands_at_its_row_and_column(cell: str) -> None:
    of = case(cell)
    found = tables(of)
    weights = numbers(found["bundle"][0]["weights"])
    named = {op["matrix"]: op for op in found["ops"] if op["matrix"]}
    assert named.keys() == {name for name in of.trace.weights[0] if name.startswith("W_")}
    for name, op in named.items():
        matrix = of.trace.weights[0][name]
        read = weights[op["mo"] : op["mo"] + matrix.size].reshape(-1, op["mc"])
        np.testing.assert_allclose(read, matrix, atol=ROUNDING)


@pytest.mark.parametrize("cell", CELLS)
def test_every_operation_lists_what_it_reads_and_then_its_result(cell: str) -> None:
    """The columns under the stage: an operand's heading per slot, and as many signs between as there are columns."""
    of = case(cell)
    found = tables(of)
    made = [op["out"] for op in found["ops"][1 : len(of.trace.cell.ops) + 1]]
    assert made == sorted(set(made))
    for op, shown_op in zip(of.trace.cell.ops, found["ops"][1 : len(of.trace.cell.ops) + 1], strict=True):
        slots = [int(slot) for slot in shown_op["slots"].split(",")]
        reads = vectors(op.reads)
        assert len(slots) == len(reads) + 1 == len(shown_op["glyphs"].split(SEPARATOR))
        assert [shown_op[f"r{n}"] for n in range(shown_op["reads"])] == slots[:-1]
        assert shown_op["out"] == slots[-1]
        for name, slot in zip([*reads, op.name], slots, strict=True):
            if name in of.trace.quantities or name not in of.trace.operations:
                assert found["vecs"][slot]["label"] == plain_symbol(name)


@pytest.mark.parametrize("cell", CELLS)
def test_the_whole_step_shows_what_the_literature_names(cell: str) -> None:
    found = tables(case(cell))
    labels = [found["vecs"][int(slot)]["label"] for slot in found["ops"][0]["slots"].split(",")]
    assert len(labels) == len(found["ops"][0]["glyphs"].split(SEPARATOR))
    assert [label for label in labels if label in {plain_symbol(q) for q in CELLS[cell].quantities}] == [
        plain_symbol(quantity) for quantity in CELLS[cell].quantities
    ]


@pytest.mark.parametrize(
    ("cell", "both"), [*((cell, False) for cell in CELLS), *((cell, True) for cell in ("rnn", "lstm", "gru"))]
)
def test_the_terms_of_a_units_sum_add_up_to_what_was_recorded(cell: str, both: bool) -> None:
    """Weight times value for each edge, the bare value for what is only added: what a reader can check."""
    of = case(cell, both=both)
    found = tables(of, reverse=both)
    weights = numbers(found["bundle"][0]["weights"])
    sums = {term["sum"] for term in found["terms"]}
    expected = {
        number
        for number, op in enumerate(of.trace.cell.ops, 1)
        if op.kind == "add" and any(r in of.trace.operations and of.trace.cell.op(r).kind == "matvec" for r in op.reads)
    }
    assert sums == expected
    for number in sums:
        terms = [term for term in found["terms"] if term["sum"] == number]
        assert [term["n"] for term in terms] == list(range(len(terms)))
        assert {term["of"] for term in terms} == {len(terms)}
        name = of.trace.operations[number - 1]
        for t in range(len(of.trace)):
            for unit in range(of.trace.hidden_size):
                total, slack = 0.0, ROUNDING
                for term in terms:
                    value = at(found, term["vec"], t)[unit if term["at"] < 0 else term["at"]]
                    weight = 1.0 if term["wo"] < 0 else weights[term["wo"] + unit * term["wc"]]
                    total += weight * value
                    slack += ROUNDING * (1 + abs(weight) + abs(value))
                assert total == pytest.approx(of.trace[name][int(both), t, unit], abs=slack), (name, t, unit)


@pytest.mark.parametrize("cell", CELLS)
def test_every_operation_knows_the_sum_it_is_shown_beside(cell: str) -> None:
    found = tables(case(cell))
    sums = {term["sum"] for term in found["terms"]}
    for number, op in enumerate(found["ops"][: len(CELLS[cell].ops) + 1]):
        assert op["sum"] in sums
        assert number not in sums or op["sum"] == number, "a sum is shown beside itself"


FUNCTIONS = {
    "tanh": math.tanh,
    "σ": lambda v: 1 / (1 + math.exp(-v)),
    "ReLU": lambda v: max(v, 0.0),
}


def evaluate(written: str) -> float:
    """The value of a line of arithmetic as the stage writes it."""
    assert re.fullmatch(r"[-−+×(). \dσa-zA-Z]+", written), written
    return float(eval(written.replace("×", "*").replace("−", "-"), {"__builtins__": {}}, FUNCTIONS))


@pytest.mark.parametrize("unit", [0, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_the_arithmetic_written_for_a_unit_gives_the_recorded_value(cell: str, unit: int) -> None:
    """One unit deep every operation is a line of numbers; each line is computed again from its own digits."""
    of = case(cell)
    lines = [
        text
        for text in texts(picture(made(of, start=3), depth=2, picked=unit))
        if re.search(r"^[^|]*[^ t|] = [^|]*$", text)
    ]
    ops = [op for op in of.trace.cell.ops if op.kind != "matvec"]
    assert len(lines) == len(ops)
    for op, line in zip(ops, lines, strict=True):
        recorded = of.trace[op.name][0, 2, unit]
        assert evaluate(line.rpartition(" = ")[2]) == pytest.approx(recorded, abs=0.006 * (1 + len(op.reads))), line


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_operation_in_numbers_ends_in_its_result(cell: str) -> None:
    of = case(cell)
    for number, op in enumerate(of.trace.cell.ops, 1):
        if op.kind == "matvec":
            continue
        drawn = texts(at_operation(cell, number))
        (line,) = [text for text in drawn if "[2] = " in text]
        arithmetic, result = line.split(" = ", 1)[1].split(" ≈ ")
        assert evaluate(result) == pytest.approx(of.trace[op.name][0, 2, 1], abs=0.005 + ROUNDING)
        assert evaluate(arithmetic) == pytest.approx(evaluate(result), abs=0.03)


@pytest.mark.parametrize("cell", [*CELLS.values(), *DECLARED], ids=lambda cell: cell.name)
def test_what_is_left_of_a_gate_is_called_a_share_of_what_it_multiplies(cell: Cell) -> None:
    """The GRU writes with 1 - z and keeps with z; the minimal gated unit keeps with 1 - f."""
    module = rnnviz.Recurrent(cell, 3, 4)
    for parameter in module.parameters():  # they are unset
        torch.nn.init.zeros_(parameter)
    trace = rnnviz.record(module, torch.zeros(2, 3))
    names = [row["name"] for row in rnnviz.stage(trace).to_dict()["datasets"]["ops"]][-len(cell.ops) :]
    for op, name in zip(cell.ops, names, strict=True):
        if op.kind == "one_minus":
            (product,) = (other for other in cell.ops if op.name in other.reads)
            kept = any(read.endswith("_prev") for read in product.reads)
            assert name == f"share of the {'old' if kept else 'new'}"


@pytest.mark.parametrize("cell", CELLS)
def test_a_scale_reaches_all_of_a_gate_and_of_a_state_and_what_is_beyond_one_is_marked(cell: str) -> None:
    of = case(cell, scale=2.5 if cell != "rnn_relu" else 0.4)
    found = tables(of)
    values, marks = numbers(found["bundle"][0]["values"]), found["bundle"][0]["beyond"]
    assert len(values) == len(marks)
    gates = {op.name for op in of.trace.cell.ops if op.role is Role.GATE}
    named = {found["ops"][k]["out"]: op.name for k, op in enumerate(of.trace.cell.ops, 1)}
    for number, row in enumerate(found["vecs"]):
        end = found["vecs"][number + 1]["offset"] if number + 1 < len(found["vecs"]) else len(values)
        parts = (values[row["offset"] : end] - row["mid"]) / row["half"]
        for part, mark in zip(parts, marks[row["offset"] : end], strict=True):
            if abs(abs(part) - 1) > 2 * ROUNDING and abs(abs(part) - 2) > 2 * ROUNDING:
                side = "‹«" if part < 0 else "›»"
                assert mark == (side[1] if abs(part) > 2 else side[0] if abs(part) > 1 else BLANK)
        name = named.get(number, "")
        assert (row["ramp"] != "values") == (name in gates)
        if name in gates or name in of.trace.cell.states:
            assert set(marks[row["offset"] : end]) == {BLANK}


@settings(max_examples=40, deadline=None)
@given(h=arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 40)), elements=st.floats(-1, 1)))
def test_the_units_that_are_shown_first_are_those_with_the_widest_range(h: np.ndarray) -> None:
    shown = changing(h)
    assert shown == sorted(set(shown))
    assert len(shown) == min(UNITS, h.shape[1])
    others = set(range(h.shape[1])) - set(shown)
    ranges = h.max(0) - h.min(0)
    assert max((ranges[u] for u in others), default=0.0) <= min(ranges[u] for u in shown)
