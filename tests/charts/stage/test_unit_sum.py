"""One unit's sum and the matrix it is a row of: where they stand, and that nothing is told before it is computed."""

from __future__ import annotations

import re
from itertools import accumulate

import pytest

from rnnviz.core.cells import CELLS
from tests.charts.networks import boxes, case, made, picture
from tests.charts.stage.test_score import placed

FIXED = re.compile(r"−?\d+\.\d{3}")


def products(cell: str) -> list[int]:
    """The operations that are a matrix times a vector, from 1."""
    return [n for n, op in enumerate(CELLS[cell].ops, 1) if op.kind == "matvec"]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("width", [358, 1100])
def test_a_matrix_has_its_units_numbers_at_its_rows_and_its_vector_those_of_its_elements(cell: str, width: int) -> None:
    """Also where some units of all are shown, whose numbers are not those of the vector beside them."""
    of = case(cell, hidden=20, width=3)
    stage = made(of)
    units = [int(unit) + 1 for unit in str(stage.tables["bundle"][0]["units"]).split(",")]
    assert units != list(range(1, len(units) + 1))
    for op in products(cell):
        drawn = picture(stage, width=width, depth=1, op=op, picked=units[0] - 1)
        cells = boxes(drawn, "weight")
        columns = 3 if of.trace.cell.ops[op - 1].reads[1] == "x" else 20
        assert len(cells) == len(units) * columns
        tops = sorted({round(box[1], 1) for box in cells})
        middles = [(box[1] + box[3]) / 2 for box in cells[::columns]]
        left, right = min(box[0] for box in cells), max(box[2] for box in cells)
        assert len(tops) == len(units)
        beside = [(y, text) for x, y, text in placed(drawn) if left - 20 < x < left and text.isdigit()]
        expected = dict(zip(map(str, units), middles, strict=True))
        assert {text: y for y, text in beside if text in expected} == pytest.approx(expected, abs=6)
        after = [text for x, _, text in placed(drawn) if right < x < right + 30 and text.isdigit()]
        assert sorted(map(int, after)) == list(range(1, columns + 1))


@pytest.mark.parametrize("width", [358, 1100])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_sum_stands_beside_the_line_that_it_is_of(cell: str, width: int) -> None:
    stage = made(case(cell))
    sums = {n: row["symbol"] for n, row in enumerate(stage.tables["ops"]) if row["sum"] == n > 0}
    assert sums
    for op, symbol in sums.items():
        drawn = placed(picture(stage, width=width, depth=2, op=op))
        ((x, y, _),) = (one for one in drawn if one[2] == "Σ")
        lines = [text for left, top, text in drawn if left > x and top == pytest.approx(y, abs=8)]
        assert [text.split(" = ")[0] for text in lines if not FIXED.fullmatch(text)] == [symbol]


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_in_a_units_picture_nothing_stands_that_a_later_operation_makes(cell: str) -> None:
    """By operation; the lines at the right have a number once theirs was made, and the bars once their product was."""
    stage, ops = made(case(cell, hidden=6, width=3)), CELLS[cell].ops
    lines = list(accumulate(op.kind != "matvec" for op in ops))
    for op in range(len(ops) + 1):
        drawn = placed(picture(stage, depth=2, op=op, fine=op > 0))
        numbers = [text for x, _, text in drawn if x == 1100 - 29 and FIXED.fullmatch(text)]
        assert len(numbers) == lines[op - 1]  # all of them, where no operation is looked at
        of_x, of_h = (
            sum(bool(re.fullmatch(rf"{name}\[\d\]", text)) for _, _, text in drawn) for name in ("xₜ", "hₜ₋₁")
        )
        added = stage.tables["ops"][op]["sum"]
        by_x, by_h = (n for n in products(cell) if n < added and n > added - 3)
        assert (of_x, of_h) == (3 * (not 0 < op < by_x), 6 * (not 0 < op < by_h))
