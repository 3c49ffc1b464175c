"""A saved trace carries its cell: what was computed is what is loaded, whatever it is called, or it is refused."""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz import CELLS, Cell, Op, Trace, record
from rnnviz.core import declaration, gates
from rnnviz.core.cell import Role
from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.factors import step_jacobians
from tests import forging
from tests.core.modules import HIDDEN, INPUT, normal
from tests.declared import COUPLED, MINGRU, summing

KNOWN = [*LAB_CELLS.values(), MINGRU, COUPLED, *(summing(n) for n in (2, 5, 8))]
LSTM = CELLS["lstm"]


def changed(cell: Cell, name: str, **parts: Any) -> Cell:
    """The cell with one operation changed, under the same name."""
    return replace(cell, ops=tuple(replace(op, **parts) if op.name == name else op for op in cell.ops), module=())


CHANGED = [
    changed(LSTM, "tanh_c", kind="relu"),
    changed(LSTM, "g", kind="sigmoid"),
    changed(CELLS["gru"], "n", kind="sigmoid"),
    changed(CELLS["rnn"], "h", kind="relu", symbol=r"\widetilde{h}_t"),
    replace(LSTM, title="내 LSTM", name="my lstm"),
]


def trace_of(cell: Cell, layers: int = 2, seed: int = 0) -> Trace:
    rows = [
        {p.name: normal(*p.shape(width, HIDDEN), seed=seed + n) for n, p in enumerate(cell.parameters)}
        for width in (INPUT, *[HIDDEN] * (layers - 1))
    ]
    return record(cell, normal(4, INPUT, seed=seed), weights=rows)


def saved(trace: Trace) -> bytes:
    file = io.BytesIO()
    trace.save(file)
    return file.getvalue()


def told(file: bytes, **parts: Any) -> bytes:
    """The file with other words in `about`; None takes one away."""
    members = forging.unzipped(file)
    about = {key: value for key, value in (forging.told(members) | parts).items() if value is not None}
    return forging.zipped(forging.telling(members, about))


@pytest.mark.parametrize("cell", [*KNOWN, *CHANGED], ids=lambda cell: f"{cell.name}-{cell.title}")
def test_a_loaded_trace_has_exactly_the_operations_that_computed_it(cell: Cell) -> None:
    trace = trace_of(cell)
    found = Trace.load(io.BytesIO(saved(trace)))
    assert found.cell == cell
    assert found.to_csv() == trace.to_csv()
    # So what is derived from it is: the program runs again to the same numbers, and its derivative is the same.
    weights = [{name: torch.tensor(part) for name, part in row.items()} for row in found.weights]
    again = record(found.cell, torch.tensor(found.x), weights=weights)
    np.testing.assert_array_equal(again["h"], trace["h"])
    np.testing.assert_array_equal(step_jacobians(found, 1).jacobians, step_jacobians(trace, 1).jacobians)


@pytest.mark.parametrize("name", LAB_CELLS)
def test_a_declared_cell_is_loaded_as_itself_and_a_changed_one_has_no_module_of_pytorchs(name: str) -> None:
    assert Trace.load(io.BytesIO(saved(trace_of(LAB_CELLS[name])))).cell is LAB_CELLS[name]
    stale = replace(changed(LSTM, "tanh_c", kind="relu"), module=("LSTM",))
    assert Trace.load(io.BytesIO(saved(trace_of(stale)))).cell.module == ()


@pytest.mark.parametrize("name", [None, "my lstm"])
def test_a_changed_cell_that_still_names_pytorchs_module_is_run_by_its_own_operations_in_a_batch_too(
    name: str | None,
) -> None:
    stale = replace(changed(LSTM, "tanh_c", kind="relu"), module=("LSTM",), name=name or LSTM.name)
    weights = {p.name: normal(*p.shape(INPUT, HIDDEN), seed=n) for n, p in enumerate(stale.parameters)}
    x = normal(5, 2, INPUT)
    traces = record(stale, x, weights=weights)
    for b in range(2):
        np.testing.assert_allclose(traces[b]["h"], record(stale, x[:, b], weights=weights)["h"], atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_a_file_from_before_the_declaration_is_loaded_where_its_name_is_a_declared_cells(name: str) -> None:
    trace = trace_of(CELLS[name])
    found = Trace.load(io.BytesIO(told(saved(trace), declaration=None)))
    assert found.cell is CELLS[name]
    assert found.to_csv() == trace.to_csv()
    with pytest.raises(ValueError, match=r"cell is 'elman' and there is no declaration of it; accepted: rnn, rnn_relu"):
        Trace.load(io.BytesIO(told(saved(trace), declaration=None, cell="elman")))


def with_ops(*ops: Op, **parts: Any) -> Cell:
    """The vanilla RNN with more operations before its last."""
    rnn = CELLS["rnn"]
    return replace(rnn, ops=(*rnn.ops[:-1], *ops, rnn.ops[-1]), **parts)


def gate(kind: Any = "sigmoid", reads: tuple[str, ...] = ("a",), name: str = "q") -> Op:
    return Op(name, Role.GATE, kind, reads, "q_t")


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (replace(LSTM, title=""), "title of the cell is ''; accepted: at most 200 printable letters"),
        (replace(LSTM, name="a\nb"), "name of the cell is"),
        (replace(LSTM, source="s" * 201), "source of the cell is"),
        (replace(LSTM, blocks=("i", "f", "g", "o", "o")), "blocks are i, f, g, o, o; accepted: 1 to 16, each once"),
        (replace(LSTM, blocks=("i", "f", "g", "o", "q")), "no operation reads a weight of block 'q'"),
        (replace(LSTM, states=("c", "h")), "and h the first state"),
        (replace(LSTM, states=("h", "c", "m")), "accepted: results of the cell's operations"),
        (replace(LSTM, quantities=("h", "c")), "accepted: in the order in which they are computed"),
        (replace(LSTM, quantities=()), "quantities are ; accepted: 1 to 64"),
        (with_ops(gate(), gate()), "operations are .*; accepted: 1 to 64, each once"),
        (with_ops(gate(name="h_prev")), "accepted: names of at most 24 letters, digits and _, not x and none"),
        (with_ops(gate(name="a b")), "operations hold 'a b'; accepted"),
        (with_ops(gate(name="W_hq")), "'W_hq' is an operation; accepted: names that do not begin as a weight's do"),
        (with_ops(gate("tanh")), "gate q is a tanh; accepted: a sigmoid, or one_minus of a gate"),
        (with_ops(gate("one_minus")), "gate q is one minus a; accepted: one minus a gate"),
        (changed(LSTM, "xi", role=Role.ATTENTION), "the role of xi is attention; accepted in a cell: input, recurrent"),
        (with_ops(Op("q", Role.SUM, "softmax", ("a",), "q")), "q is a softmax; accepted in a cell: matvec, add"),
        (with_ops(Op("q", Role.SUM, "tanh", ("later",), "q")), r"q = tanh\(later\); accepted: biases, peepholes"),
        (with_ops(Op("q", Role.SUM, "tanh", ("x",), "q")), r"q = tanh\(x\); accepted: biases"),
        (with_ops(Op("q", Role.SUM, "add", ("W_hh",), "q")), r"q = add\(W_hh\); accepted: biases"),
        (with_ops(Op("q", Role.SUM, "matvec", ("W_hh", "x"), "q")), "accepted: W_x of a block and x, or W_h"),
        (with_ops(Op("q", Role.SUM, "matvec", ("a", "a"), "q")), "accepted: W_x of a block and x, or W_h"),
        (with_ops(Op("q", Role.SUM, "tanh", ("a",), r"\href{x}{y}")), "accepted: letters, signs and commands such as"),
        (with_ops(Op("q", Role.SUM, "tanh", ("a",), "<b>")), "symbol of q is '<b>'"),
        (with_ops(gate()), "q leads nowhere; accepted: operations that a later one reads, or a state"),
        (with_ops(Op("q", Role.SUM, "tanh", ("a",), "q_{t")), "symbol of q is"),
        (
            with_ops(Op("keep", Role.STATE, "tanh", ("a",), "k")),
            r"keep = tanh\(a\); accepted: hadamard of a gate and a",
        ),
        (
            with_ops(gate(), Op("keep", Role.STATE, "hadamard", ("q", "h_prev"), "k")),
            r"h = tanh\(a\); accepted: add\(keep, write\), its memory",
        ),
        (
            Cell("n", "t", ("h",), ("h",), ("h",), (Op("h", Role.STATE, "tanh", ("b_xh",), "h"),), "s"),
            "t reads no W_x of its blocks",
        ),
    ],
)
def test_what_no_cell_may_be_is_not_accepted(cell: Cell, message: str) -> None:
    with pytest.raises(ValueError, match=f"(?s){message}"):
        declaration.check(cell)
    said = json.loads(json.dumps(declaration.to_json(cell)))
    with pytest.raises(ValueError, match=f"(?s){message}"):
        declaration.from_json(cell.name, said)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([], r"declaration is \[\]; accepted: an object"),
        ({}, "title is None; accepted: a text"),
        ({"code": "import os"}, "declaration holds 'code' too"),
        ({"ops": [["h", "state", "exec", ["a"], "h"]]}, "h is 'state', 'exec'; accepted: input, .*; matvec, add"),
        ({"ops": [["h", "owner", "tanh", ["a"], "h"]]}, "h is 'owner', 'tanh'; accepted"),
        (
            {"ops": [["h", "state", "tanh", "a", "h"]]},
            r"ops hold .*; accepted: \[name, role, kind, \[operands\], symbol",
        ),
        ({"ops": [["h", "state", "hadamard", ["a"], "h"]]}, "reads 1 operands; accepted: 2"),
        ({"ops": [["h", "state", "add", ["a"] * 9, "h"]]}, "reads 9 operands; accepted: 1 to 8"),
        ({"blocks": [1]}, r"blocks are \[1\]; accepted: names"),
        ({"ops": [["h", "state", "tanh", ["a"], "h"]] * 100}, "operations are .*; accepted: 1 to 64"),
    ],
)
def test_a_declaration_that_is_none_is_refused(said: Any, message: str) -> None:
    whole = {} if said == {} else declaration.to_json(LSTM)
    parts = said if isinstance(said, list) else whole | said
    with pytest.raises(ValueError, match=message):
        Trace.load(io.BytesIO(told(saved(trace_of(LSTM)), declaration=parts)))


@st.composite
def cells(draw: Any) -> Cell:
    """A declared cell with some of its parts in the place of others."""
    cell = draw(st.sampled_from([*CELLS.values(), COUPLED, MINGRU]))
    ops = list(cell.ops)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(ops) - 1))
        op, other = ops[place], draw(st.sampled_from(ops))
        edit = draw(st.integers(0, 5))
        if edit == 0 and len(op.reads) == 1:
            op = replace(op, kind=draw(st.sampled_from(["tanh", "sigmoid", "relu", "one_minus", "add"])))
        elif edit == 1:
            reads = list(op.reads)
            reads[draw(st.integers(0, len(reads) - 1))] = draw(
                st.sampled_from([*(one.name for one in ops), *(f"{name}_prev" for name in cell.states), *other.reads])
            )
            op = replace(op, reads=tuple(reads))
        elif edit == 2:
            op = replace(op, role=draw(st.sampled_from(list(Role))))
        elif edit == 3 and len(ops) > 4:
            ops.pop(place)
            continue
        elif edit == 4:
            op = replace(op, symbol=draw(st.sampled_from(["q_t", r"\hat{q}", other.symbol])))
        else:
            ops[place], ops[(place + 1) % len(ops)] = ops[(place + 1) % len(ops)], op
            continue
        ops[place] = op
    names = {op.name for op in ops}
    quantities = tuple(op.name for op in ops if op.name in cell.quantities)
    states = tuple(name for name in cell.states if name in names)
    return replace(cell, ops=tuple(ops), quantities=quantities, states=states or cell.states, module=())


@pytest.mark.slow
@given(cell=cells(), seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_any_cell_that_is_accepted_can_be_used_saved_and_shown(cell: Cell, seed: int) -> None:
    try:
        declaration.check(cell)
    except ValueError:
        return
    trace = trace_of(cell, layers=1, seed=seed)
    found = Trace.load(io.BytesIO(saved(trace)))
    assert replace(found.cell, module=()) == cell
    assert found.to_csv() == trace.to_csv()
    assert list(found.cell.equations())
    step_jacobians(found)
    gates.extremes(found)
    if found.cell.memory:
        shares = gates.memory_shares(found)
        np.testing.assert_allclose(shares.sum(1), found[found.cell.memory[0]][0], atol=1e-9)
        gates.measured_half_life(found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of numbers that overflow
        if all(np.isfinite(values).all() for values in found.values.values()):
            json.dumps(rnnviz.stage(found).to_dict(), allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize("cell", [LSTM, CHANGED[2], COUPLED], ids=lambda cell: cell.name)
def test_a_forged_declaration_is_refused_or_gives_a_trace(cell: Cell) -> None:
    file, refused = saved(trace_of(cell, layers=1)), 0
    for forged in forging.forged("about", file, 150):
        try:
            trace = Trace.load(io.BytesIO(forged))
        except ValueError:
            refused += 1
            continue
        declaration.check(trace.cell)
        assert list(trace.cell.equations())
        assert saved(trace)
    assert refused > 20


def test_a_cell_that_could_not_be_loaded_is_not_written(tmp_path: Any) -> None:
    trace = trace_of(LSTM)
    with pytest.raises(ValueError, match="title of the cell is"):
        replace(trace, cell=replace(LSTM, title="\n")).save(tmp_path / "trace.npz")
    assert not list(tmp_path.iterdir())
