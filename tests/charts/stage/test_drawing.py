"""The drawing of a cell as it is drawn: no wire runs over a word that stands beside or above a node."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import rnnviz
from rnnviz.charts.stage.chart import Stage
from rnnviz.core.cell import Cell
from rnnviz.core.cells import CELLS
from tests.charts.networks import SVG, boxes, case, made, picture, texts
from tests.charts.stage.test_declared import recorded
from tests.declared import COUPLED, MINGRU

Box = tuple[float, float, float, float]
SHOWN = {"rnn": CELLS["rnn"], "lstm": CELLS["lstm"], "gru": CELLS["gru"], "mgu": CELLS["mgu"]}
SHOWN |= {"peephole": CELLS["peephole"], "coupled": COUPLED, "mingru": MINGRU}


def place(node: ET.Element) -> tuple[float, float]:
    x, y = re.findall(r"-?[\d.]+", node.get("transform", "translate(0,0)"))[:2]
    return float(x), float(y)


def wires(drawn: ET.Element) -> list[Box]:
    """Left, top, right and bottom of each straight piece: an upright one has no width, a level one no height."""
    found = []
    for group in drawn.iter(f"{SVG}g"):
        if "wire_marks" in group.get("class", "").split():
            for line in group.iter(f"{SVG}line"):
                x, y = place(line)
                x2, y2 = x + float(line.get("x2", 0)), y + float(line.get("y2", 0))
                found.append((min(x, x2), min(y, y2), max(x, x2), max(y, y2)))
    return found


def words(drawn: ET.Element) -> dict[str, Box]:
    """Each line of the texts that stand in no node, and where it stands: as wide as in the typeface of the pages."""
    nodes, found = boxes(drawn, "node"), {}
    for text in drawn.iter(f"{SVG}text"):
        x, y = place(text)
        size = float(text.get("font-size", "0").removesuffix("px"))
        if any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in nodes):
            continue
        at = y
        for line in list(text) or [text]:
            said, at = line.text or "", at + float(line.get("dy", 0))
            wide = sum(0.95 if unicodedata.east_asian_width(letter) in "WF" else 0.5 for letter in said) * size
            left = x - wide * {"middle": 0.5, "end": 1.0}.get(text.get("text-anchor", "start"), 0.0)
            if said:
                found[f"{said} at {x:.0f}, {at:.0f}"] = (left, at - 0.75 * size, left + wide, at + 0.1 * size)
    return found


def stage_of(cell: Cell, **look: Any) -> Stage:
    if cell.name in CELLS:
        return made(case(cell.name, width=8, hidden=24), start=4, **look)
    return rnnviz.stage(recorded(cell), look=rnnviz.Look(start=4, **look))


@pytest.mark.parametrize(("width", "language"), [(358, "en"), (358, "ko"), (1206, "en")])
@pytest.mark.parametrize("cell", SHOWN)
def test_no_wire_runs_over_a_word(cell: str, width: int, language: str) -> None:
    drawn = picture(stage_of(SHOWN[cell], language=language, placed=True), width=width, depth=1)
    lines, said = wires(drawn), words(drawn)
    assert len(lines) > 10
    assert len(said) > 5
    over = {
        text
        for text, (left, top, right, bottom) in said.items()
        if any(a < right and c > left and b < bottom and d > top for a, b, c, d in lines)
    }
    assert over == set()


@pytest.mark.parametrize("width", [358, 1206])
@pytest.mark.parametrize("cell", SHOWN)
def test_a_node_says_that_a_bias_is_added_where_one_is_and_only_there(cell: str, width: int) -> None:
    of = SHOWN[cell]
    stage = stage_of(of)
    found = [text.replace(" ", "") for text in texts(picture(stage, width=width, depth=1))]
    sums = [text for text in found if text.endswith("Σ+b")]
    assert len(sums) == sum(any(read.startswith("b_") for read in op.reads) for op in of.ops)
    head = [text for text in found if text in ("W_hy+b", "W_hyhₜ+b_y")]
    assert len(head) == stage.to_dict()["datasets"]["bundle"][0]["head"]
