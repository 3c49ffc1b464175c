"""What holds for every page of the app, in a real browser."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser import harness
from tests.browser.conftest import Look

pytestmark = pytest.mark.parametrize("address", harness.ADDRESSES)


def test_a_cold_deep_link_opens_the_page_itself(address: str, cold_server: harness.Server, browser: Browser) -> None:
    """The first visitor of a fresh process gets what the second one gets, under the page's own address."""
    seen_by = []
    for _ in range(2):
        with harness.visit(browser, cold_server.url(address)) as seen:
            assert seen.faults() == []
            assert urlsplit(seen.page.url).path == address
            seen_by.append((seen.page.title(), seen.page.locator("[data-testid=stMain] h1").first.inner_text()))
    assert seen_by[0] == seen_by[1]
    assert "Traceback" not in cold_server.log()


# Of each language and each theme one, since a theme makes nothing wider.
@pytest.mark.parametrize(("locale", "theme"), [("en", "light"), ("ko", "dark")])
def test_on_a_phone_a_page_neither_fails_nor_scrolls_sideways(
    address: str, locale: str, theme: str, look: Look
) -> None:
    assert harness.sideways(look(address, size="phone", locale=locale, theme=theme).page) == 0


@pytest.mark.parametrize(("size", "locale"), [("laptop", "en"), ("laptop", "ko"), ("projector", "en")])
def test_on_a_wide_screen_a_page_neither_fails_nor_scrolls_sideways_and_speaks_the_language_of_the_browser(
    address: str, size: str, locale: str, look: Look
) -> None:
    page = look(address, size=size, locale=locale).page
    assert harness.sideways(page) == 0
    hangul = "[...document.querySelector('[data-testid=stMain]').innerText].filter(c => c >= '가' && c <= '힣').length"
    assert (page.evaluate(hangul) > 100) == (locale == "ko")
