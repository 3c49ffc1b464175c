"""What holds for every page of the app, in a real browser."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnviz.lessons import LESSONS, Lesson
from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.test_accessible import findings

PAGES = pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.name)


def is_headed(page: Page, lesson: Lesson, locale: str) -> None:
    said = catalogue(locale)
    heading = said.get(f"{lesson.name}.headline", said[f"{lesson.name}.title"])
    expect(page.locator("[data-testid=stMain] h1").first).to_have_text(heading, timeout=harness.WAIT)


@PAGES
def test_a_cold_deep_link_opens_the_page_itself(lesson: Lesson, cold_server: harness.Server, browser: Browser) -> None:
    """The first visitor of a fresh process gets what every other gets, under the page's own address."""
    with harness.visit(browser, cold_server.url(f"/{lesson.address}")) as seen:
        assert seen.faults() == []
        assert urlsplit(seen.page.url).path == f"/{lesson.address}"
        expect(seen.page).to_have_title(catalogue("en")[f"{lesson.name}.title"], timeout=harness.WAIT)
        is_headed(seen.page, lesson, "en")
    assert "Traceback" not in cold_server.log()


# Of each language and each theme one, since a theme makes nothing wider.
LOOKS = [("en", "light"), ("ko", "dark")]


@PAGES
@pytest.mark.parametrize(("locale", "theme"), LOOKS)
def test_on_a_phone_a_page_neither_fails_nor_scrolls_sideways(
    lesson: Lesson, locale: str, theme: str, look: Look
) -> None:
    assert harness.sideways(look(f"/{lesson.address}", size="phone", locale=locale, theme=theme).page) == 0


@PAGES
@pytest.mark.parametrize(
    ("size", "locale", "theme"), [*(("laptop", *of) for of in LOOKS), ("projector", "en", "light")]
)
def test_on_a_wide_screen_it_speaks_the_language_of_the_browser_too_and_axe_finds_nothing_serious(
    lesson: Lesson, size: str, locale: str, theme: str, look: Look
) -> None:
    page = look(f"/{lesson.address}", size=size, locale=locale, theme=theme).page
    is_headed(page, lesson, locale)
    assert harness.sideways(page) == 0
    hangul = "[...document.querySelector('[data-testid=stMain]').innerText].filter(c => c >= '가' && c <= '힣').length"
    assert (page.evaluate(hangul) > 100) == (locale == "ko")
    expect(page.locator("html")).to_have_attribute("lang", locale, timeout=harness.WAIT)
    if size == "laptop":
        assert findings(page) == []
