"""An address that no page has is a page that says so, in the reader's language, for the first visitor too."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look

TITLES = {language: catalogue(language)["unknown.title"] for language in ("en", "ko")}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/nonsense", "/nonsense"),
        ("/step-through/xyz", "/xyz"),
        ("/a/b/c/", "/c"),
        ("/%EA%B0%80%20%3Cb%3E", "/%EA%B0%80%20%3Cb%3E"),
        ("/pages/home.py", "/home.py"),
    ],
)
def test_it_is_said_and_named(address: str, shown: str, look: Look) -> None:
    page = look(address, locale="ko").page
    assert urlsplit(page.url).path == shown
    expect(page.locator("[data-testid=stMain] h1")).to_have_text(TITLES["ko"])
    expect(page.get_by_text(shown)).to_be_visible()


def test_the_language_of_the_link_holds_and_can_be_changed_and_a_lesson_is_a_click_away(look: Look) -> None:
    page = look("/step-through/xyz?lang=ko").page
    title = page.locator("[data-testid=stMain] h1")
    expect(title).to_have_text(TITLES["ko"])
    page.get_by_role("radio", name="English").click()
    expect(title).to_have_text(TITLES["en"], timeout=harness.WAIT)
    page.get_by_test_id("stMain").get_by_role("link", name="Gradient lab").click()
    expect(title).to_have_text("Gradient lab", timeout=harness.WAIT)
    assert urlsplit(page.url).path == "/gradient-lab"
    page.go_back()
    expect(title).to_have_text(TITLES["en"], timeout=harness.WAIT)


def test_a_pages_address_below_another_is_that_page(look: Look) -> None:
    page = look("/watch-the-gates/step-through?cell=gru&lang=en").page
    expect(page.locator("[data-testid=stMain] h1")).to_have_text("Step through")
    assert "cell=gru" in page.url


def test_the_first_visitor_of_a_process_is_told_too(cold_server: harness.Server, browser: Browser) -> None:
    with harness.visit(browser, cold_server.url("/nonsense")) as seen:
        assert seen.faults() == []
        expect(seen.page.locator("[data-testid=stMain] h1")).to_have_text(TITLES["en"])
