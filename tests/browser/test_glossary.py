"""From a term on a page to what it means."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look


@pytest.mark.parametrize(("language", "size"), [("en", "laptop"), ("ko", "phone")])
def test_a_term_says_what_it_means_where_the_pointer_rests_and_leads_to_the_glossary_and_back(
    language: str, size: str, look: Look
) -> None:
    said = catalogue(language)
    page = look(harness.link("/step-through", guess="off", hide="question"), size=size, locale=language).page
    last = f"new URLSearchParams(location.search).get('t') === '{5 if language == 'en' else 4}'"
    page.evaluate("window.kept = true")
    term = page.get_by_test_id("stMain").locator("a[href*='#gate']")
    expect(term).to_have_attribute("title", said["meaning.gate"], timeout=harness.WAIT)
    harness.leave_fields(page)
    page.keyboard.press("End")
    page.wait_for_function(last, timeout=harness.WAIT)
    term.click(timeout=harness.WAIT)
    heading = page.locator("#gate")
    expect(heading).to_contain_text(said["term.gate"], timeout=harness.WAIT)
    expect(heading).to_be_in_viewport(timeout=harness.WAIT)
    assert len(page.context.pages) == 1, "in the same tab"
    page.go_back()
    expect(term).to_be_attached(timeout=harness.WAIT)
    expect(page.locator(".rnnviz-player")).to_be_attached(timeout=harness.WAIT)
    page.wait_for_function(last, timeout=harness.WAIT)
    assert page.evaluate("window.kept"), "the app was not loaded anew"


def test_hangul_is_never_slanted_and_breaks_between_words(look: Look) -> None:
    page = look("/step-through", locale="ko").page
    main = page.get_by_test_id("stMain")
    assert main.locator("em").first.evaluate("e => getComputedStyle(e).fontSynthesisStyle") == "none"
    breaks = main.locator("p").evaluate_all("all => [...new Set(all.map(e => getComputedStyle(e).wordBreak))]")
    assert breaks == ["keep-all"]
