"""The one sequence by which a task is pictured, held against the task's own rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.charts.training.task import task_chart
from rnnviz.tasks.catalogue import TASK_NAMES, task_of
from rnnviz.tasks.picture import STEPS, picture
from rnnviz.words import LANGUAGES, catalogue

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_the_marked_values_of_the_adding_problem_add_up_to_what_is_asked(seed: int) -> None:
    shown = picture(task_of("adding"), seed)
    marked = [value for value, counts in zip(shown.values, shown.counts, strict=True) if counts]
    assert len(marked) == 2
    assert shown.numbers[:-1] == (None,) * (STEPS - 1)
    assert shown.numbers[-1] == pytest.approx(sum(marked), abs=1e-6)


@given(SEEDS)
def test_the_symbols_that_count_are_what_is_asked_in_their_order(seed: int) -> None:
    for name in ("order", "copy"):
        shown = picture(task_of(name), seed)
        counted = [read for read, counts in zip(shown.read, shown.counts, strict=True) if counts]
        assert "".join(counted) == "".join(asked for asked in shown.asked if asked != "blank")


@given(SEEDS)
def test_the_letter_that_counts_in_a_reber_string_is_asked_again_before_its_end(seed: int) -> None:
    shown = picture(task_of("reber"), seed)
    (place,) = (at for at, counts in enumerate(shown.counts) if counts)
    if "" in shown.asked:  # the string has ended
        whole = [asked for asked in shown.asked if asked]
        assert whole[-2] == shown.read[place]
    assert shown.read[1:] == tuple(
        asked if read else "" for read, asked in zip(shown.read[1:], shown.asked, strict=False)
    )


@pytest.mark.parametrize("name", TASK_NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_is_pictured_in_every_language(name: str, language: str) -> None:
    shown = picture(task_of(name), 0)
    T = len(shown.counts)
    assert 1 < T <= 24
    assert {len(part) for part in (shown.read, shown.asked, shown.values, shown.numbers) if part} == {T}
    (row,) = task_chart(shown, catalogue(language)).tables["bundle"]
    assert row["T"] == T
    assert any((shown.read[0] or shown.values, shown.asked[-1] or shown.numbers))
