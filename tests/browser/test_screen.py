"""What is in view: how little stands before the picture in every lesson and part, and how much of a step."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from rnnviz.charts.stage.cell.numbers_table import UNITS
from rnnviz.lessons import LESSONS
from rnnviz.ui.page.lessons import Lesson
from rnnviz.ui.url.kinds import Choice
from rnnviz.words import catalogue
from rnnviz.zoo import CELL_NAMES
from tests.browser import harness
from tests.browser.conftest import Look, Walk
from tests.browser.harness import WAIT, control, leave_fields, link

NUMBER = re.compile(r"[−-]?\d+\.\d+")

CONTROLS = 200  # px at the most between the title's row and the first picture, on a laptop
# Where the row with the title ends, and where the picture begins, in px from the top of the window. What stands before
# the picture of a lesson, such as that of a task, is not the picture.
ABOVE = """() => {
  const title = document.querySelector('[data-testid=stMain] h1').closest('[data-testid=stHorizontalBlock]');
  const [picture] = ["[class*='_stage_frame'] svg.marks", '[data-testid=stVegaLiteChart] svg.marks']
    .map(one => document.querySelector(one)).filter(found => found);
  return picture.getBoundingClientRect().top - title.getBoundingClientRect().bottom }"""


def parts(lesson: Lesson) -> tuple[str, ...]:
    """What one of is shown at a time; one without a name where the lesson has no parts."""
    kinds = [param.kind for param in lesson.parameters if param.name == "part"]
    return next((kind.options for kind in kinds if isinstance(kind, Choice)), ("",))


def address_of(lesson: Lesson, part: str, locale: str) -> str:
    return link(f"/{lesson.address}", lang=locale, **({"part": part} if part else {}))


FRAMED = """() => document.querySelector('[class*=_stage_frame], [class*=_states_frame]')
  && document.querySelector('[class*=_frame] svg.marks')"""


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize(
    "lesson",
    [lesson for lesson in LESSONS.values() if lesson.address not in ("", "glossary")],
    ids=lambda one: one.name,
)
def test_controls_leave_the_screen_to_the_picture(lesson: Lesson, locale: str, walk: Walk) -> None:
    shown = [part for part in parts(lesson) if part != "after_reading"]  # its pictures are examples below its text
    pages = walk([address_of(lesson, part, locale) for part in shown], FRAMED, locale=locale)
    above = {part: page.evaluate(ABOVE) for part, page in zip(shown, pages, strict=True)}
    assert {part: height for part, height in above.items() if not 0 <= height <= CONTROLS} == {}


# Of the texts of the stage: what each of their lines says, where it begins and where it ends, px of the window.
LINES = """() => [...document.querySelectorAll('svg.marks text')].map(text => {
  const lines = text.children.length ? [...text.children] : [text];
  return lines.map(line => { const box = line.getBoundingClientRect();
                             return [line.textContent, box.left, box.top, box.bottom] }) })"""
FOURTH = r"() => /\bop=4\b/.test(document.querySelector('g.whereabouts_marks text').textContent)"
COLUMNS = "() => [...document.querySelectorAll('svg.marks text')].filter(text => text.children.length > 4).length > 1"


def shows_rows_and_what_to_notice(page: Page, locale: str, *, told: bool) -> None:
    """told: whether the first line of what to notice is there."""
    page.wait_for_function(COLUMNS, timeout=WAIT)
    harness.settle(page)
    high = harness.SIZES["laptop"][1]
    texts = page.evaluate(LINES)
    columns = [lines for lines in texts if len(lines) > 1 and all(NUMBER.fullmatch(line[0]) for line in lines)]
    assert len(columns) >= 2
    for column in columns:
        seen = [line for line in column if line[2] >= 0 and line[3] <= high]
        assert len(seen) >= min(UNITS, len(column))
    ((heading,),) = (lines for lines in texts if lines[0][0] == catalogue(locale)["stage.notice"])
    assert heading[3] <= high
    notes = [
        lines[0] for lines in texts if lines[0][1] == pytest.approx(heading[1], abs=1) and lines[0][2] > heading[3]
    ]
    assert not told or (notes and notes[0][3] <= high)


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_a_dozen_rows_of_numbers_and_what_to_notice_are_in_view(cell: str, locale: str, look: Look) -> None:
    page = look(link("/step-through", lang=locale, cell=cell, t=2, op=0), locale=locale).page
    shows_rows_and_what_to_notice(page, locale, told=True)
    control(page, "fine", "1").click()
    leave_fields(page)
    for _ in range(3):  # from the first operation of the step to the fourth
        page.keyboard.press("ArrowRight")
    page.wait_for_function(FOURTH, timeout=WAIT)
    shows_rows_and_what_to_notice(page, locale, told=False)  # by operation there is none before the last one


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_the_loop_the_numbers_and_what_to_notice_are_in_view(locale: str, look: Look) -> None:
    page = look(link("/rolled-unrolled", lang=locale), locale=locale).page
    shows_rows_and_what_to_notice(page, locale, told=True)
    prediction = page.locator("svg.marks text").filter(has_text=catalogue(locale)["stage.prediction"]).bounding_box()
    assert prediction
    assert prediction["y"] < harness.SIZES["laptop"][1]
