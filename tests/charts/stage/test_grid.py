"""The grid under an encoder and decoder: its columns under the source, its numbers true, nothing told too early."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.charts.stage.scene import grid
from rnnviz.charts.stage.scene.chart import scene_chart
from rnnviz.facts.transduction import captions
from rnnviz.scene import Scene, transduction
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import percent
from tests.charts.networks import boxes, picture, texts
from tests.core.transducers import transduced

WIDTHS = [358, 1100, 1800]


def aligned(by_operation: bool = True, **options: Any) -> Scene:
    written = transduced(**options)
    scene = transduction(written, begin="‹", end="›", by_operation=by_operation)
    return replace(scene, captions=captions(written, by_operation=by_operation, language="en"))


def test_the_sum_of_a_cell_makes_its_share() -> None:
    scene = aligned(rows=(1, 2, 3, 4, 5))
    cells = grid.tables(scene)["grid"]
    assert len(cells) == len(scene.grid) * 5
    for cell in cells:
        row = scene.grid[cell["line"]]
        numbers = cell["sum"].replace("−", "-").replace("- -", "+ ")
        parts = numbers.replace("exp(", "np.exp(").replace("÷", "/")
        assert eval(parts, {"np": np}) == pytest.approx(row.shares[cell["column"]], abs=0.02)
        assert cell["score"] == pytest.approx(row.scores[cell["column"]], abs=0.006)


def test_shares_put_there_by_hand_have_no_sum() -> None:
    scene = aligned()
    held = replace(scene, grid=(replace(scene.grid[0], held=True), *scene.grid[1:]))
    assert {cell["sum"] for cell in grid.tables(held)["grid"] if cell["line"] == 0} == {""}


@settings(max_examples=12)
@given(step=st.integers(1, 22), seed=st.integers(0, 5), width=st.sampled_from(WIDTHS))
def test_nothing_later_than_the_step_is_written(step: int, seed: int, width: int) -> None:
    scene = aligned(rows=(1, 2, 3, 4), seed=seed)
    step = min(step, scene.steps)
    drawn = picture(scene_chart(scene, start=step).properties(width=width))
    written = texts(drawn)
    caption = scene.captions[step - 1]
    assert caption.name in written
    for t, row in enumerate(scene.grid):
        shares = [percent(share) for share in row.shares if share >= grid.WRITTEN]
        cells = boxes(drawn, "shareCell")
        assert len(cells) == sum(4 for other in scene.grid if other.shared < step)
        if row.shared >= step:
            assert t >= len(cells) // 4
        elif width == max(WIDTHS):
            assert all(text in written for text in shares)


@pytest.mark.parametrize("width", WIDTHS)
def test_cells_stand_under_their_source_tokens(width: int) -> None:
    scene = aligned(rows=(1, 2, 3))
    drawn = picture(scene_chart(scene, start=scene.steps).properties(width=width))
    cells, blocks = boxes(drawn, "shareCell"), boxes(drawn, "block")
    middles = sorted({round((left + right) / 2) for left, _, right, _ in cells})
    assert len(middles) == 3
    columns = sorted({round((left + right) / 2) for left, _, right, _ in blocks})
    assert middles == columns[:3]
    assert min(top for _, top, _, _ in cells) > max(bottom for *_, bottom in blocks)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_the_scene_has_a_meaning(language: str) -> None:
    names = grid.meanings(catalogue(language))
    scene = aligned()
    assert {symbol for row in scene.rows for symbol in row.symbols} == names.keys()
    written = texts(picture(scene_chart(scene, start=3, language=language, names=names)))
    assert all(name in written for name in names.values())
