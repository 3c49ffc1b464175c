"""The layered layout of a cell: what is read stands to the left, and every line runs from a column to the next."""

from __future__ import annotations

import pytest

from rnnviz.core.cells import CELLS
from rnnviz.scene.layered import graph


@pytest.mark.parametrize("with_output", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_every_operation_stands_right_of_all_that_it_reads(cell: str, with_output: bool) -> None:
    column, _, _ = graph(CELLS[cell], with_output)
    for op in CELLS[cell].ops:
        read = [name for name in op.reads if name in column]
        assert column[op.name] == 1 + max(column[name] for name in read)
    assert ("y" in column) == with_output


@pytest.mark.parametrize("cell", CELLS)
def test_the_pieces_of_a_line_lead_from_what_is_read_to_its_operation_a_column_each(cell: str) -> None:
    column, pieces, _ = graph(CELLS[cell], False)
    onward = {(name, a): b for name, a, b in pieces if "@" in a}
    for name, a, b in pieces:
        assert column[b] == column[a] + 1
        while b != name:
            b = onward[name, b]
    starts = {(name, a) for name, a, _ in pieces if "@" not in a}
    reads = {(op.name, read) for op in CELLS[cell].ops for read in op.reads if read in column}
    assert starts == reads


@pytest.mark.parametrize("cell", CELLS)
def test_no_two_of_a_column_share_a_place(cell: str) -> None:
    column, _, place = graph(CELLS[cell], True)
    assert len({(column[name], place[name]) for name in column}) == len(column)
    assert all(0 < at < 1 for at in place.values())
