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
from rnnviz.words.numbers import fixed, percent
from tests.charts.networks import boxes, picture, texts
from tests.charts.stage.test_scene_chart import lines
from tests.core.seq2seq.transducers import transduced

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
    drawn = picture(scene_chart(scene, start=step), width=width)
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
    drawn = picture(scene_chart(scene, start=scene.steps), width=width)
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


@settings(max_examples=8)
@given(t=st.integers(0, 2), seed=st.integers(0, 5), width=st.sampled_from([700, 1100, 1800]))
def test_the_present_row_stands_over_the_states_that_it_is_of(t: int, seed: int, width: int) -> None:
    """And a line under all tokens that the most asked state has read, which are more than its own."""
    scene = aligned(False, rows=(1, 2, 3, 4), seed=seed)
    asked = scene.grid[t]
    drawn = picture(scene_chart(scene, start=asked.told + 1), width=width)
    cells, blocks = boxes(drawn, "presentCell"), boxes(drawn, "block")
    states = [box for box in blocks if box[1] == max(top for _, top, *_ in blocks)][:4]
    assert len(cells) == 4
    for (left, _, right, bottom), state in zip(cells, states, strict=True):
        assert (left + right) / 2 == pytest.approx((state[0] + state[2]) / 2, abs=1)
        assert 0 < state[1] - bottom < 6
    percents = [percent(share) for share in asked.shares if share >= grid.WRITTEN]
    assert sorted(text for text in texts(drawn) if text in percents)  # in the grid, too
    ((left, _, right, _),) = lines(drawn, "presentRead")
    read = int(np.argmax(asked.shares)) + 1
    assert asked.read == read
    assert [left < (x1 + x2) / 2 < right for x1, _, x2, _ in states] == [j < read for j in range(4)]


@settings(max_examples=8)
@given(seed=st.integers(0, 30))
def test_what_most_is_taken_from_is_named_where_its_column_has_no_room(seed: int) -> None:
    scene = aligned(False, rows=(1, 2, 3, 4, 5, 6, 7, 8), target=(1,), seed=seed)
    asked, most = scene.grid[0], int(np.argmax(scene.grid[0].shares))
    drawn = picture(scene_chart(scene, start=asked.told + 1), width=358)
    shown = len(boxes(drawn, "presentCell"))
    assert 0 < shown < 8
    token = next(block.label for block in scene.blocks if block.name == f"x.{most}")
    said = f"{token} {percent(asked.shares[most])} ›"
    assert (said in texts(drawn)) == (most >= shown)


def test_before_it_is_shared_the_present_row_has_the_scores_and_before_that_nothing() -> None:
    scene = aligned(True, rows=(1, 2, 3))
    asked = scene.grid[1]
    steps = {step: picture(scene_chart(scene, start=step + 1)) for step in range(asked.scored - 1, asked.told + 1)}
    for step, drawn in steps.items():
        assert len(boxes(drawn, "presentCell")) == 3 * (asked.shared <= step)
        scores = [fixed(score) for score in asked.scores]
        assert all(texts(drawn).count(score) >= 2 for score in scores) == (asked.scored <= step < asked.shared)


def test_a_state_that_has_read_all_underlines_nothing() -> None:
    """As those of an encoder that reads both ways."""
    scene = aligned(False, rows=(1, 2, 3))
    both = replace(scene, grid=tuple(replace(row, read=0) for row in scene.grid))
    assert not lines(picture(scene_chart(both, start=scene.steps)), "presentRead")
    assert lines(picture(scene_chart(scene, start=scene.steps)), "presentRead")
