"""What is in view: how little stands before the picture in every lesson and part, and how much of a step."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from rnnviz.charts.kit import palette
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


def options(lesson: Lesson, name: str) -> tuple[str, ...]:
    """What the lesson's value `name` may be; none where it has no such value."""
    kinds = [param.kind for param in lesson.parameters if param.name == name]
    return next((kind.options for kind in kinds if isinstance(kind, Choice)), ())


def places(lesson: Lesson) -> list[dict[str, str]]:
    """Each part of a lesson, and each preset, as a link has it."""
    return [{name: value} for name in ("part", "preset") for value in options(lesson, name)] or [{}]


def address_of(lesson: Lesson, place: Mapping[str, str], locale: str) -> str:
    return link(f"/{lesson.address}", lang=locale, **place)


FRAMED = """() => document.querySelector(
  '[class*=_stage_frame], [class*=_states_frame], [class*=_exact_frame], [class*=_over_time_frame]')
  && document.querySelector('[class*=_frame] svg.marks')"""


# The lower edge of the question with its options, or of the prediction if that is higher up, px; null without either.
ASKED = """() => {
  const bottom = element => element.getBoundingClientRect().bottom;
  const ask = document.querySelector("[class*='_ask_']")?.closest('[data-testid=stHorizontalBlock]');
  const guesses = [...document.querySelectorAll('g.why_marks path, g.guess_marks path')].map(bottom);
  const ends = [...(ask ? [bottom(ask)] : []), ...(guesses.length ? [Math.max(...guesses)] : [])];
  return ends.length ? Math.min(...ends) : null }"""


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize(
    "lesson",
    [lesson for lesson in LESSONS.values() if lesson.address not in ("", "glossary")],
    ids=lambda one: one.name,
)
def test_controls_leave_the_screen_to_the_picture_and_to_what_is_asked(lesson: Lesson, locale: str, walk: Walk) -> None:
    after = {"part": "after_reading"}  # its pictures are examples below its text
    shown = [place for place in places(lesson) if place != after]
    above, asked = {}, {}
    pages = walk([address_of(lesson, place, locale) for place in shown], FRAMED, locale=locale)
    for place, page in zip(shown, pages, strict=True):
        above[str(place)], asked[str(place)] = page.evaluate(ABOVE), page.evaluate(ASKED)
    assert {place: height for place, height in above.items() if not 0 <= height <= CONTROLS} == {}
    assert {place: end for place, end in asked.items() if end and end > harness.SIZES["laptop"][1]} == {}


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


UNKNOWN = {"en": "I saw a zebra .", "ko": "저는 얼룩말이 아닙니다 ."}
UNKNOWN_COUNT = {"en": "1 unknown word", "ko": "모르는 말 1개"}


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize("cell", CELL_NAMES)
def test_a_dozen_rows_of_numbers_and_what_to_notice_are_in_view(cell: str, locale: str, look: Look) -> None:
    of_text = {"text": UNKNOWN[locale]} if cell == "lstm" else {}  # what is unknown is said, and takes no room
    page = look(link("/step-through", lang=locale, cell=cell, t=2, op=0, **of_text), locale=locale).page
    assert page.get_by_role("button", name=UNKNOWN_COUNT[locale]).count() == len(of_text)
    shows_rows_and_what_to_notice(page, locale, told=True)
    control(page, "fine", "1").click()
    leave_fields(page)
    for _ in range(3):  # from the first operation of the step to the fourth
        page.keyboard.press("ArrowRight")
    page.wait_for_function(FOURTH, timeout=WAIT)
    shows_rows_and_what_to_notice(page, locale, told=False)  # by operation there is none before the last one
    # What says that a number is beyond its scale stands clear of the frame around the result.
    frames = page.locator(f'svg.marks path[stroke="{palette.NOW.light}"][stroke-width="2"][fill-opacity="0"]')
    boxes = frames.evaluate_all("all => all.map(e => [e.getBoundingClientRect().top, e.getBoundingClientRect().right])")
    right = max(boxes)[1] + 1  # of the lowest, with half of its line
    texts = page.evaluate(LINES)
    beyond = [line[1] for lines in texts for line in lines if line[0] and set(line[0]) <= set("‹›«»")]
    assert beyond
    assert all(left >= right or left < right - 20 for left in beyond)


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_the_loop_the_numbers_and_what_to_notice_are_in_view(locale: str, look: Look) -> None:
    page = look(link("/rolled-unrolled", lang=locale), locale=locale).page
    shows_rows_and_what_to_notice(page, locale, told=True)
    prediction = page.locator("svg.marks text").filter(has_text=catalogue(locale)["stage.prediction"]).bounding_box()
    assert prediction
    assert prediction["y"] < harness.SIZES["laptop"][1]


# The lower edges, px: of the first line of what to notice, and of the chart.
NOTICED = """title => {
  const heading = [...document.querySelectorAll('[data-testid=stMain] h3')].find(one => one.textContent === title);
  const told = heading.closest('[data-testid=stElementContainer]').nextElementSibling.querySelector('p');
  return told.getBoundingClientRect().top + parseFloat(getComputedStyle(told).lineHeight) }"""
CHART = """() => document.querySelector("[class*='_stage_frame'] svg.marks").getBoundingClientRect().bottom"""


# The lower edge of the first question of the page, px.
QUESTION = """() => document.querySelector("[class*='_ask_']").closest('[data-testid=stHorizontalBlock]')
  .getBoundingClientRect().bottom"""


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_the_question_about_several_layers_is_in_view_and_on_a_phone_after_the_picture(locale: str, walk: Walk) -> None:
    address = address_of(LESSONS["chains"], {"part": "stack"}, locale)
    for size in ("laptop", "phone"):
        (page,) = walk([address], FRAMED, locale=locale, size=size)
        end = page.evaluate(QUESTION)
        picture = page.locator("[class*='_stage_frame'] svg.marks").bounding_box()
        assert picture
        if size == "laptop":
            assert end < picture["y"] < harness.SIZES[size][1]
        else:
            assert end > picture["y"] + picture["height"]


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_what_to_notice_about_taps_and_about_one_patient_is_in_view(locale: str, walk: Walk) -> None:
    """The names of the shapes stand there once: as those of the parts."""
    says = catalogue(locale)
    shown = [{"part": "taps"}, {"part": "one_to_one"}]
    drawn = "() => document.querySelector('[data-testid=stVegaLiteChart] svg.marks')"
    pages = walk([address_of(LESSONS["shapes"], place, locale) for place in shown], drawn, locale=locale)
    for page in pages:
        assert 0 < page.evaluate(NOTICED, says["notice.title"]) <= harness.SIZES["laptop"][1]
        names = page.get_by_role("radio").or_(page.get_by_role("button")).all_inner_texts()
        many_to_one = says["shapes.part_many_to_one"].casefold()
        assert [name.strip().casefold() for name in names].count(many_to_one) == 1


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_the_gates_and_what_to_notice_are_in_view(locale: str, walk: Walk) -> None:
    shown: tuple[dict[str, str], ...] = ({}, {"part": "step"}, {"cell": "gru"}, {"cell": "gru", "part": "step"})
    pages = walk([address_of(LESSONS["gates"], place, locale) for place in shown], FRAMED, locale=locale)
    for place, page in zip(shown, pages, strict=True):
        ends = page.evaluate(CHART), page.evaluate(NOTICED, catalogue(locale)["notice.title"])
        assert 0 < min(ends) <= max(ends) <= harness.SIZES["laptop"][1], place


# Of a page in large type: the height of the player, the lower edge of the chain, and the least size of a number in the
# table, all px.
BOTTOM = "element => element.getBoundingClientRect().bottom"
LARGE = """() => {
  const player = document.querySelector('.rnnviz-player').getBoundingClientRect().height;
  const part = document.querySelector('g.heatPicture_marks, g.gate_marks, g.node_marks');
  const sizes = [...document.querySelectorAll('svg.marks text')].filter(text => text.children.length > 4)
    .map(text => parseFloat(text.getAttribute('font-size') ?? getComputedStyle(text).fontSize));
  return [player, part.getBoundingClientRect().bottom, Math.min(99, ...sizes)] }"""


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_large_type_keeps_the_picture_on_the_screen_and_its_numbers_legible(locale: str, walk: Walk) -> None:
    addresses = [
        link(address, lang=locale, type="large", **place)
        for address, place in (
            ("/step-through", {"cell": "lstm", "t": 2}),
            ("/step-through", {"cell": "lstm", "t": 2, "depth": 1}),
            ("/rolled-unrolled", {"fold": "chain"}),
            ("/watch-the-gates", {}),
            ("/watch-the-gates", {"part": "step"}),
            ("/watch-the-gates", {"part": "hold", "force": 0}),
        )
    ]
    for address, page in zip(addresses, walk(addresses, FRAMED, locale=locale), strict=True):
        player, end, least = page.evaluate(LARGE)
        assert player < 60, f"{address}: one row"
        assert 0 < end <= harness.SIZES["laptop"][1], address
        assert least >= 11, address
        assert harness.sideways(page) == 0
        expected = page.locator("svg.marks text").get_by_text("yₜ", exact=True)
        assert "hold" not in address or expected.evaluate(BOTTOM) <= harness.SIZES["laptop"][1]
