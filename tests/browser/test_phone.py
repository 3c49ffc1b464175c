"""On a phone: the player is where the thumb is, the chain above it is in view, and what changes comes into view."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from rnnviz.lessons import LESSONS
from rnnviz.ui.host.internals import HEADER, MAIN, MENU, MENU_SHUT
from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look, Walk
from tests.browser.harness import WAIT, control, link
from tests.browser.labels import faults
from tests.browser.test_screen import address_of, places

HEIGHT = harness.SIZES["phone"][1]
STAGES = ("/step-through", "/rolled-unrolled", "/watch-the-gates")
BOTTOM = "element => element.getBoundingClientRect().bottom"
IN_VIEW = """() => { const top = document.querySelector("[class*='_stage_frame']").getBoundingClientRect().top;
                      return top >= 0 && top < innerHeight / 2 }"""


# Where the first picture of a part begins, px, and whether what can wait is behind a button until that is pressed.
PICTURE = """() => document.querySelector("[class*='_stage_frame'] svg.marks").getBoundingClientRect().top"""
DRAWN = """() => document.querySelector("[class*='_stage_frame'] svg.marks")"""
HIGHEST = {"rolled": 300, "gates": 300, "step": 300, "lab": 340, "train": 340}


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize("name", HIGHEST)
def test_the_picture_begins_under_the_heading_and_the_controls_open_by_a_tap(
    name: str, locale: str, walk: Walk
) -> None:
    asks = {"part": "compare"}  # before it draws
    tops, drawn = {}, [place for place in places(LESSONS[name]) if place != asks]
    addresses = [address_of(LESSONS[name], place, locale) for place in drawn]
    for place, page in zip(drawn, walk(addresses, DRAWN, size="phone", locale=locale), strict=True):
        tops[str(place)] = page.evaluate(PICTURE)
        assert not page.locator("[class*='_folds'] :is(input, [role=radio])").locator("visible=true").count()
        for button in page.locator(".rnnviz-fold").all():
            button.tap()
            expect(button).to_have_attribute("aria-expanded", "true")
            opened = button.locator("xpath=ancestor::*[contains(@class, '_folds')][1]")
            assert opened.locator(":is(input, [role=radio], [role=slider])").locator("visible=true").count()
        assert harness.sideways(page) == 0
    assert {place: top for place, top in tops.items() if not 0 < top <= HIGHEST[name]} == {}


def test_the_menu_lies_over_the_page_and_is_gone_once_a_page_is_chosen_or_it_is_shut(look: Look) -> None:
    page = look("/watch-the-gates", size="phone", locale="ko").page
    menu = page.locator(MENU)
    for close in (menu.get_by_role("link").nth(1), page.locator(MENU_SHUT)):
        page.get_by_test_id("stExpandSidebarButton").tap()
        expect(menu).to_be_in_viewport(ratio=0.9)
        close.tap()  # which nothing lies over
        expect(menu).not_to_be_in_viewport()
    expect(page).to_have_url(re.compile("/step-through"))


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize("address", STAGES)
def test_the_player_stays_at_the_thumb_and_opens_the_rest_of_its_controls(
    address: str, locale: str, look: Look
) -> None:
    page = look(link(address, lang=locale), size="phone", locale=locale).page
    player = page.locator(".rnnviz-player")
    for down in (0, 600):
        page.mouse.move(200, 300)
        page.mouse.wheel(0, down)
        for name in ("first", "back", "play", "next", "last", "t", "more"):
            box = control(page, name).bounding_box()
            assert box
            assert box["y"] > 0.75 * HEIGHT
            assert box["y"] + box["height"] <= HEIGHT
    expect(control(page, "fine", "1")).to_be_hidden(timeout=WAIT)
    control(page, "more").tap()
    expect(control(page, "more")).to_have_attribute("aria-expanded", "true", timeout=WAIT)
    expect(control(page, "fine", "1")).to_be_visible(timeout=WAIT)
    assert player.evaluate(BOTTOM) <= HEIGHT
    assert harness.sideways(page) == 0


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_the_chain_stands_above_the_player_and_says_that_a_cell_is_tapped(locale: str, look: Look) -> None:
    page = look(link("/step-through", lang=locale), size="phone", locale=locale).page
    top = page.locator(".rnnviz-player").evaluate("element => element.getBoundingClientRect().top")
    for part in ("[data-testid=stTextInput]", "g.column_marks path"):
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + min(box["height"], 200) <= top, part
    assert page.get_by_text(catalogue(locale)["stage.hint_tap"], exact=True).is_visible()


TIP = """() => { const tip = document.querySelector('#vg-tooltip-element.visible');
                   return tip && tip.innerText }"""
# The middles of up to two marks of each kind, in view.
MIDDLES = """() => [...document.querySelectorAll("svg.marks g[class*='mark-']")].flatMap(group => {
  const marks = [...group.children];
  return [...new Set([marks[0], marks[marks.length >> 1]])].filter(mark => mark).map(mark => {
    const box = mark.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2, box.width * box.height];
  }).filter(([x, y, area]) => area > 1 && y > 60 && y < innerHeight && x > 0 && x < innerWidth);
})"""
TIPPED = {
    "/step-through": {"guess": "off", "t": 3},
    "/watch-the-gates": {},
    "/gradient-lab": {"part": "matrix", "hide": "question"},
}


DEPTH = """() => document.querySelector('g.whereabouts_marks text').textContent.match(/depth=\\d/)?.[0]"""
FRAMES = """() => new Promise(done => { let left = 8; const next = () => left-- ? requestAnimationFrame(next) : done();
                                        next(); })"""


@pytest.mark.parametrize("address", TIPPED)
def test_a_tap_gives_the_tip_that_a_mouse_gets_by_hovering_and_the_next_touch_takes_it_away(
    address: str, look: Look
) -> None:
    page = look(link(address, lang="en", **TIPPED[address]), size="phone").page
    page.set_viewport_size({"width": 390, "height": 2400})  # all of it in view
    page.wait_for_function("document.querySelector('g.whereabouts_marks text')", timeout=WAIT)
    harness.settle(page)
    compared = set()
    for x, y, _ in page.evaluate(MIDDLES):
        before = page.evaluate(DEPTH)
        page.mouse.move(2, 2)
        page.mouse.move(x, y)
        hovered = page.evaluate(TIP)
        page.mouse.move(2, 2)
        if not hovered or hovered in compared:
            continue
        page.touchscreen.tap(x, y)
        page.evaluate(FRAMES)
        told = page.evaluate(TIP)
        if page.evaluate(DEPTH) != before:  # it led into the cell
            assert told is None
            for _ in range(2):  # back by a level, or by two: a word of the prediction opens its own sum
                if page.evaluate(DEPTH) != before:
                    page.keyboard.press("Escape")
                    page.evaluate(FRAMES)
            assert page.evaluate(DEPTH) == before
            continue
        page.touchscreen.tap(200, 80)
        assert page.evaluate(TIP) is None
        page.mouse.move(x, y)  # the tap may have chosen another step, whose number is another
        assert told == page.evaluate(TIP)
        compared.add(hovered)
    assert len(compared) > 1


# Places of each stage, by lesson: all that a link says of it.
PLACES = {
    "/step-through": (
        {"guess": "off"},
        {"t": 2},
        {"cell": "rnn", "t": 2, "op": 4},
        {"cell": "gru", "t": 3, "op": 3, "depth": 1},
        {"cell": "lstm", "t": 2, "depth": 1, "guess": "off"},
        {"cell": "lstm", "t": 2, "depth": 2, "guess": "off"},
        {"cell": "gru", "t": 2, "depth": 2, "guess": "off"},
        {"cell": "rnn", "t": 2, "op": 7, "depth": 2, "guess": "off"},
        {"model": "letters-en", "text": "elizabeth mary mcdonald", "t": 20},
        {"model": "everyday-ko", "text": "그 사람은 아침마다뙇 책을 읽는다.", "t": 13, "guess": "off"},
    ),
    "/rolled-unrolled": ({}, {"fold": "chain"}, {"fold": "both"}, {"value": 5}),
    "/watch-the-gates": ({}, {"part": "step"}, {"part": "hold", "force": 0}, {"cell": "gru"}),
}


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize("address", PLACES)
def test_no_label_of_a_stage_is_cut_or_over_another(address: str, locale: str, walk: Walk) -> None:
    addresses = [link(address, lang=locale, **place) for place in PLACES[address]]
    pages = walk(addresses, "document.querySelector('g.whereabouts_marks text')", size="phone", locale=locale)
    wrong = {place: faults(page) for place, page in zip(addresses, pages, strict=True)}
    assert {place: texts for place, texts in wrong.items() if texts} == {}


@pytest.mark.parametrize("address", STAGES)
def test_after_a_press_on_what_there_is_to_try_the_picture_is_in_view(address: str, look: Look) -> None:
    page = look(link(address, lang="en"), size="phone").page
    tried = page.locator("[class*='_try_'] button").first
    tried.scroll_into_view_if_needed()
    assert not page.evaluate(IN_VIEW)
    tried.tap()
    page.wait_for_function(IN_VIEW, timeout=WAIT)


def test_a_picture_is_scrolled_to_again_where_the_page_moves_it_on_the_way_but_not_against_the_visitor(
    look: Look,
) -> None:
    page = look(link("/watch-the-gates", lang="en"), size="phone").page
    tried = page.locator("[class*='_try_'] button").first
    moved = f'() => {{ const main = document.querySelector("{MAIN}"); main.scrollTo({{top: main.scrollHeight}}) }}'
    tried.scroll_into_view_if_needed()
    tried.tap()
    page.wait_for_timeout(200)
    page.evaluate(moved)  # as a page does whose length changes under a scroll
    page.wait_for_function(IN_VIEW, timeout=WAIT)
    harness.settle(page)
    tried = page.locator("[class*='_try_'] button").first
    tried.scroll_into_view_if_needed()
    tried.tap()
    page.wait_for_timeout(200)
    page.mouse.move(200, 300)
    page.mouse.wheel(0, 5000)
    page.evaluate(moved)
    page.wait_for_timeout(2000)
    assert not page.evaluate(IN_VIEW)


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_what_a_press_further_down_opens_comes_into_view_says_what_it_is_and_can_be_left(
    locale: str, look: Look
) -> None:
    said = catalogue(locale)
    opened = link("/step-through", lang=locale, guess="off", hide="question", t=2)
    page = look(opened, size="phone", locale=locale).page
    # Why a word is expected can be asked on the first screen, above the player, and that with the line of guesses too.
    hint = page.locator("svg.marks text").filter(has_text=said["stage.why"]).bounding_box()
    player = page.locator(".rnnviz-player").bounding_box()
    assert hint
    assert player
    assert hint["y"] + hint["height"] + 26 <= player["y"]
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 300)")
    top = "document.querySelector('svg.marks').getBoundingClientRect().top"
    header = page.locator(HEADER).evaluate(BOTTOM)
    assert page.evaluate(top) < header
    page.locator("g.why_marks path").last.tap()
    page.wait_for_function(f"() => Math.abs({top} - {header}) < 2", timeout=WAIT)
    lines = page.locator("svg.marks text", has=page.locator("tspan")).all()
    written = [" ".join(line.locator("tspan").all_text_contents()) for line in lines]
    assert said["stage.hint_score_tap"] in written
    assert faults(page) == []
    page.get_by_text(f"‹ {said['stage.chain']}", exact=True).tap(force=True)
    expect(page.locator("g.box_marks path").first).to_be_attached(timeout=WAIT)


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_a_cell_that_was_opened_on_the_first_page_can_be_left(locale: str, look: Look) -> None:
    page = look(link("/", lang=locale), size="phone", locale=locale).page
    expect(control(page, "depth", "0")).to_be_hidden(timeout=WAIT)
    page.locator("g.box_marks path").first.tap(timeout=WAIT)
    expect(page.locator("g.node_marks path").first).to_be_attached(timeout=WAIT)
    control(page, "depth", "0").tap(timeout=WAIT)
    expect(page.locator("g.box_marks path").first).to_be_attached(timeout=WAIT)
    expect(control(page, "depth", "0")).to_be_hidden(timeout=WAIT)
    lesson = page.locator("[class*='_listed'] [data-testid=stGridCell]").nth(1)  # all of its box is the link
    box = lesson.bounding_box()
    assert box
    assert lesson.get_by_role("link").count() == 1
    lesson.tap(position={"x": box["width"] - 6, "y": box["height"] - 6})
    expect(page).to_have_url(re.compile("/rolled-unrolled"), timeout=WAIT)
