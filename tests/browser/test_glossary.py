"""From a term on a page to what it means."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_term_says_what_it_means_where_the_pointer_rests_and_leads_to_the_glossary(language: str, look: Look) -> None:
    said = catalogue(language)
    page = look("/step-through", locale=language).page
    term = page.get_by_test_id("stMain").locator("a[href*='#gate']")
    expect(term).to_have_attribute("title", said["meaning.gate"], timeout=harness.WAIT)
    with page.context.expect_page(timeout=harness.WAIT) as opened:
        term.click(timeout=harness.WAIT)
    heading = opened.value.locator("#gate")
    expect(heading).to_contain_text(said["term.gate"], timeout=harness.WAIT)
    expect(heading).to_be_in_viewport(timeout=harness.WAIT)


def test_hangul_is_never_slanted_and_breaks_between_words(look: Look) -> None:
    page = look("/step-through", locale="ko").page
    main = page.get_by_test_id("stMain")
    assert main.locator("em").first.evaluate("e => getComputedStyle(e).fontSynthesisStyle") == "none"
    breaks = main.locator("p").evaluate_all("all => [...new Set(all.map(e => getComputedStyle(e).wordBreak))]")
    assert breaks == ["keep-all"]
