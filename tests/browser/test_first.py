"""A page's first picture: there before the page is, true, and replaced in place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from benchmarks.opening import CHART, PICTURE, SEEN
from tests.browser.harness import Server, settle, visit

# The texts of the picture that the document brought, as they are written in it; and those of the chart.
DRAWN = """async () => {
  const source = await (await fetch(document.querySelector('.rnnviz-first img').currentSrc)).text();
  const texts = new DOMParser().parseFromString(source, 'image/svg+xml').querySelectorAll('text');
  return [...texts].map(text => text.textContent);
}"""
LIVE = """() => [...document.querySelectorAll("[class*='_stage_frame'] svg.marks text")]
  .filter(text => text.getAttribute('opacity') !== '0').map(text => text.textContent)"""
# Resolves once the stage is drawn, with how many frames, since the picture was there, had neither of the two.
BARE = """() => new Promise(done => {
  let bare = 0, begun = false;
  const seen = element => element.getClientRects().length > 0;
  const look = () => {
    if (document.querySelector("[class*='_stage_frame'] svg.marks .role-frame.root")) return done(bare);
    const shown = [...document.querySelectorAll('.rnnviz-first img')].some(seen);
    begun ||= shown;
    bare += begun && !shown;
    requestAnimationFrame(look);
  };
  look();
})"""
PLACES = [("/step-through", "laptop", "en", "light"), ("/", "phone", "ko", "dark")]


@pytest.mark.parametrize(("address", "size", "locale", "theme"), PLACES)
def test_it_is_what_the_chart_then_shows_where_the_chart_then_stands(
    address: str, size: str, locale: str, theme: str, server: Server, browser: Browser
) -> None:
    with visit(browser, "about:blank", size=size, locale=locale, theme=theme, wait=False) as seen:
        seen.page.goto(server.url(address), wait_until="commit")
        _, place = seen.page.evaluate(SEEN, PICTURE)
        drawn = seen.page.evaluate(DRAWN)
        seen.page.keyboard.press("ArrowRight")  # of nothing that is there yet
        _, box = seen.page.evaluate(SEEN, CHART)
        assert place == pytest.approx(box, abs=1)
        settle(seen.page)
        assert seen.page.evaluate(SEEN, CHART)[1] == pytest.approx(place, abs=1)
        assert sorted(seen.page.evaluate(LIVE)) == sorted(drawn)
        assert seen.page.locator(PICTURE).count() == 0, "nor are its rules, which would cost every step"
        assert seen.errors == []


def test_it_stands_until_the_stage_is_drawn_though_another_chart_is_there_before(
    cold_server: Server, browser: Browser
) -> None:
    with visit(browser, "about:blank", wait=False) as seen:
        seen.page.goto(cold_server.url("/train-live"), wait_until="commit")  # its task's drawing needs no torch
        assert seen.page.evaluate(BARE) == 0
        assert seen.page.locator("svg.marks").count() > 1


def test_a_press_ends_it_and_goes_through_it(server: Server, browser: Browser) -> None:
    with visit(browser, "about:blank", wait=False) as seen:
        seen.page.route("**/ArrowVegaLiteChart*", lambda route: None)  # no chart comes
        seen.page.goto(server.url("/step-through"), wait_until="commit")
        seen.page.evaluate(SEEN, PICTURE)
        field = seen.page.get_by_role("textbox").first
        field.wait_for()
        field.click()
        assert seen.page.locator("#rnnviz-first").count() == 0
        assert field.evaluate("field => field === document.activeElement")
