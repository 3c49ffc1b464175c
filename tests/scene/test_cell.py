"""The drawing of a cell: where nodes stand and how wires run, for every cell and for any that may be declared."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.cell import OPERANDS, Cell, Op, OpKind, Role
from rnnviz.core.cells import CELLS, LAB_CELLS
from rnnviz.scene import cell as drawings
from rnnviz.scene.cell import Drawing, draw
from tests.declared import DECLARED, summing

KNOWN = [*LAB_CELLS.values(), *DECLARED, *(summing(terms) for terms in range(1, 9))]
NEAR = 1e-9
OVER = drawings.CHANNEL[1] / drawings.NODE[1]  # how high the room over a node is at the least, in heights of a node


@st.composite
def declared(draw: st.DrawFn) -> Cell:
    """A cell of any operations with any roles, each of which reads anything before it."""
    states = draw(st.sampled_from([("h",), ("h", "c")]))
    names = ["x", *(f"{state}_prev" for state in states)]
    ops = []
    count = draw(st.integers(1, 16))
    last = dict(zip(range(count, count + len(states)), reversed(states), strict=True))
    for number in range(count + len(states)):
        name = last.get(number, f"a_{number}")
        kind: OpKind = draw(st.sampled_from(["add", "hadamard", "one_minus", "tanh", "sigmoid", "matvec"]))
        many = draw(st.integers(1, 6)) if kind == "add" else OPERANDS[kind] - (kind == "matvec")
        reads = tuple(draw(st.sampled_from(names)) for _ in range(many))
        weights = (f"W_x{number}",) if kind == "matvec" else ()
        role = draw(st.sampled_from([role for role in Role if role is not Role.OUTPUT]))
        ops.append(Op(name, role, kind, weights + reads, f"a_{number}"))
        names.append(name)
    return Cell("any", "any", tuple(map(str, range(count + 2))), states, ("h",), tuple(ops), "none")


def reads(cell: Cell, with_output: bool) -> set[tuple[str, str]]:
    weights = {parameter.name for parameter in cell.parameters}
    inner = {(name, op.name) for op in cell.ops for name in op.reads if name not in weights}
    out = {(state, f"{state}_next") for state in cell.states}
    return inner | out | ({("h", "logits"), ("logits", "y")} if with_output else set())


def check(cell: Cell, drawing: Drawing, with_output: bool) -> None:
    """All that is promised of a drawing."""
    wide, high = drawing.size
    assert len(drawing.wires) == len({(wire.source, wire.target) for wire in drawing.wires})
    assert {(wire.source, wire.target) for wire in drawing.wires} == reads(cell, with_output)
    ends = {end for wire in drawing.wires for end in (wire.source, wire.target)}
    sources = {"x", *(f"{state}_prev" for state in cell.states)}
    assert ends | sources == drawing.nodes.keys()
    for (a, (ax, ay)), (b, (bx, by)) in combinations(drawing.nodes.items(), 2):
        assert abs(ax - bx) > wide or abs(ay - by) > high, f"{a} over {b}"
    for x, y in drawing.nodes.values():
        assert wide / 2 <= x <= 1 - wide / 2
        assert high / 2 <= y <= 1 - high / 2
    for wire in drawing.wires:
        name = f"{wire.source} to {wire.target}"
        for (ax, ay), (bx, by) in pairwise(wire.points):
            assert (ax == bx) != (ay == by), f"a piece of {name} is slanted or has no length"
        for end, (px, py) in ((wire.source, wire.points[0]), (wire.target, wire.points[-1])):
            x, y = drawing.nodes[end]
            level = abs(abs(px - x) - wide / 2) < NEAR and abs(py - y) < high / 2
            upright = abs(abs(py - y) - high / 2) < NEAR and abs(px - x) < wide / 2
            assert level or upright, f"{name} does not end at the edge of {end}"
        for node, (x, y) in drawing.nodes.items():
            for (ax, ay), (bx, by) in pairwise(wire.points):
                across = min(ax, bx) < x + wide / 2 - NEAR and max(ax, bx) > x - wide / 2 + NEAR
                down = min(ay, by) < y + high / 2 - NEAR and max(ay, by) > y - high / 2 + NEAR
                assert not (across and down), f"{name} passes through {node}"
    _check_apart(drawing)
    _check_places(cell, drawing)
    _check_names(drawing)


def _check_apart(drawing: Drawing) -> None:
    """Wires of two sources cross and do nothing else: no piece lies on another, none ends on another."""
    for one, other in combinations(drawing.wires, 2):
        if one.source == other.source:
            continue
        for (ax, ay), (bx, by) in pairwise(one.points):
            for (cx, cy), (dx, dy) in pairwise(other.points):
                level = max(min(ax, bx), min(cx, dx)) - min(max(ax, bx), max(cx, dx))
                upright = max(min(ay, by), min(cy, dy)) - min(max(ay, by), max(cy, dy))
                if level > NEAR or upright > NEAR:
                    continue  # apart
                crossing = ((ax == bx) != (cx == dx)) and level < NEAR and upright < NEAR
                meets = {(ax, ay), (bx, by)} & {(cx, cy), (dx, dy)}
                assert crossing, f"{one.source} runs along {other.source}"
                assert not meets, f"{one.source} turns where {other.source} does"


def _check_places(cell: Cell, drawing: Drawing) -> None:
    """x below, previous states left, what leaves at the right, the memory on one row at the top."""
    inner = [drawing.nodes[op.name] for op in cell.ops]
    assert all(drawing.nodes["x"][1] > y for _, y in inner)
    for state in cell.states:
        assert all(drawing.nodes[f"{state}_prev"][0] < x < drawing.nodes[f"{state}_next"][0] for x, _ in inner)
    on_belt = [drawing.nodes[name] for name in drawing.belt]
    assert len({y for _, y in on_belt}) <= 1
    assert all(y >= on_belt[0][1] for _, y in drawing.nodes.values() if on_belt)
    assert all(a[0] < b[0] for a, b in pairwise(on_belt))
    for pair in pairwise(drawing.belt):
        (wire,) = (wire for wire in drawing.wires if (wire.source, wire.target) == pair)
        assert len(wire.points) == 2


def _check_names(drawing: Drawing) -> None:
    """No wire runs over a node where it is named: the states that are read and carried on, and what is expected."""
    wide, high = drawing.size
    for node, (x, y) in drawing.nodes.items():
        if not (node.endswith(("_prev", "_next")) or node == "y"):
            continue
        low, top = y - high / 2 - NEAR, y - high / 2 - OVER * high
        for wire in drawing.wires:
            for (ax, ay), (bx, by) in pairwise(wire.points):
                across = min(ax, bx) < x + wide / 2 - NEAR and max(ax, bx) > x - wide / 2 + NEAR
                assert not (across and min(ay, by) < low and max(ay, by) > top), f"{wire} over the name of {node}"


@pytest.mark.parametrize("with_output", [False, True])
@pytest.mark.parametrize(
    "cell", KNOWN, ids=lambda cell: f"{cell.name}{len(cell.op('a').reads) if cell.name == 'summing' else ''}"
)
def test_a_known_cell_keeps_all_that_is_promised_of_a_drawing(cell: Cell, with_output: bool) -> None:
    check(cell, draw(cell, with_output), with_output)


@settings(deadline=None, max_examples=30)
@given(cell=declared(), with_output=st.booleans())
def test_so_does_any_cell_that_may_be_declared(cell: Cell, with_output: bool) -> None:
    check(cell, draw(cell, with_output), with_output)


@pytest.mark.parametrize("cell", [cell for cell in KNOWN if cell.memory is not None], ids=lambda cell: cell.name)
def test_the_memory_runs_from_its_past_over_what_keeps_it_to_what_is_carried_on(cell: Cell) -> None:
    state, _ = cell.required_memory
    assert draw(cell, True).belt == (f"{state}_prev", "keep", state, f"{state}_next")


@pytest.mark.parametrize("cell", [cell for cell in KNOWN if cell.memory is not None], ids=lambda cell: cell.name)
def test_gates_stand_under_the_belt_and_over_their_sums(cell: Cell) -> None:
    nodes = draw(cell, True).nodes
    for gate in cell.gates:
        assert nodes["keep"][1] < nodes[gate][1]
        for name in cell.op(gate).reads:
            assert nodes[name][1] > nodes[gate][1]
            assert nodes[name][0] == nodes[gate][0]


def crossings(drawing: Drawing) -> int:
    """How many pairs of sources' wires cross, each place once."""
    places = set()
    for one, other in combinations(drawing.wires, 2):
        if one.source == other.source:
            continue
        for (ax, ay), (bx, by) in pairwise(one.points):
            for (cx, cy), (dx, dy) in pairwise(other.points):
                if ax == bx and cy == dy and min(ay, by) < cy < max(ay, by) and min(cx, dx) < ax < max(cx, dx):
                    places.add((ax, cy))
                if ay == by and cx == dx and min(ax, bx) < cx < max(ax, bx) and min(cy, dy) < ay < max(cy, dy):
                    places.add((cx, ay))
    return len(places)


@pytest.mark.parametrize(("cell", "most"), [("rnn", 0), ("lstm", 4), ("gru", 2), ("mgu", 2), ("peephole", 9)])
def test_only_what_both_x_and_h_lead_to_makes_wires_cross(cell: str, most: int) -> None:
    """h has to pass the way from x to each sum, in an MGU also the gate; peepholes bring c to the gates."""
    assert crossings(draw(CELLS[cell], True)) <= most


@pytest.mark.parametrize("cell", KNOWN, ids=lambda cell: f"{cell.name}{len(cell.ops)}")
def test_in_no_other_order_of_gates_and_candidates_fewer_wires_cross(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the orders in which each stands right of those that it reads, so that a drawing is read from left to right."""
    spots = drawings._Spots(cell)
    roots = spots._roots()
    ahead = {root: spots._leading_to(root) for root in roots}
    least = crossings(draw(cell, True))
    ordered = drawings._Spots._order
    for order in permutations(ordered(spots, roots, spots._belt(roots))):
        if any(later in ahead[one] for one, later in combinations(order, 2)):
            continue

        def other(
            self: drawings._Spots, roots: list[str], belt: list[str], order: tuple[str, ...] = order
        ) -> list[str]:
            ordered(self, roots, belt)
            return list(order)

        with monkeypatch.context() as patched:
            patched.setattr(drawings._Spots, "_order", other)
            assert crossings(draw.__wrapped__(cell, True)) >= least, order
