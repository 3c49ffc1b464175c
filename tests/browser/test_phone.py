"""On a phone: the player is where the thumb is, the chain above it is in view, and what changes comes into view."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, control, link

HEIGHT = harness.SIZES["phone"][1]
STAGES = ("/step-through", "/rolled-unrolled", "/watch-the-gates")
BOTTOM = "element => element.getBoundingClientRect().bottom"
IN_VIEW = """() => { const top = document.querySelector("[class*='_stage_frame']").getBoundingClientRect().top;
                      return top >= 0 && top < innerHeight / 2 }"""


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


@pytest.mark.parametrize("address", STAGES)
def test_after_a_press_on_what_there_is_to_try_the_picture_is_in_view(address: str, look: Look) -> None:
    page = look(link(address, lang="en"), size="phone").page
    tried = page.locator("[class*='_try_'] button").first
    tried.scroll_into_view_if_needed()
    assert not page.evaluate(IN_VIEW)
    tried.tap()
    page.wait_for_function(IN_VIEW, timeout=WAIT)


@pytest.mark.parametrize("locale", harness.LOCALES)
def test_a_cell_that_was_opened_on_the_first_page_can_be_left(locale: str, look: Look) -> None:
    page = look(link("/", lang=locale), size="phone", locale=locale).page
    expect(control(page, "depth", "0")).to_be_hidden(timeout=WAIT)
    page.locator("g.box_marks path").first.tap(timeout=WAIT)
    expect(page.locator("g.node_marks path").first).to_be_attached(timeout=WAIT)
    control(page, "depth", "0").tap(timeout=WAIT)
    expect(page.locator("g.box_marks path").first).to_be_attached(timeout=WAIT)
    expect(control(page, "depth", "0")).to_be_hidden(timeout=WAIT)
