"""A moment of a run in a browser: from Train live to Step through, to Watch the gates, and back."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Look
from tests.browser.harness import WAIT, caption, control, leave_fields, link

ADDRESS = link("/train-live", lang="en", task="reber", cell="lstm", length=14, hidden_size=6)


def query(page: Page) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def status(page: Page) -> str:
    return page.locator("g.status_marks text").first.text_content() or ""


def line(page: Page) -> Locator:
    """Which model it is."""
    return page.locator("p", has_text="A model from Train live:")


def test_a_moment_is_opened_in_both_lessons_and_the_run_is_still_there(look: Look) -> None:
    page = look(ADDRESS, wait=False).page
    page.get_by_role("button", name="+25").first.click(timeout=WAIT)
    page.wait_for_function(
        "() => /Paused/.test(document.querySelector('g.status_marks text')?.textContent)", timeout=WAIT
    )
    leave_fields(page)
    control(page, "press").first.click()
    page.get_by_role("link", name="Open in Step through").click(timeout=WAIT)
    expect(line(page)).to_contain_text("LSTM · 6 hidden units · seed 0 · iteration 25")
    expect(page.locator(".rnnviz-caption").first).to_have_text("t = 1 / 14", timeout=WAIT)
    assert query(page)["at"] == "25"
    leave_fields(page)
    page.keyboard.press("ArrowRight")
    assert caption(page) == (2, 14)
    page.get_by_role("link", name="Open in Watch the gates").click()
    expect(page.get_by_role("heading", name="Watch the gates")).to_be_visible(timeout=WAIT)
    expect(page.locator(".rnnviz-caption").first).to_have_text("t = 7 / 14", timeout=WAIT)  # in the middle
    expect(line(page)).to_contain_text("iteration 25")
    page.get_by_role("link", name="Back to the run").click()
    expect(page.get_by_role("heading", name="The model at iteration 25")).to_be_visible(timeout=WAIT)
    assert "Paused at iteration 25" in status(page)


def test_a_link_trains_the_run_again_and_opens(look: Look) -> None:
    address = link("/step-through", lang="en", run="task~reber~cell~gru~length~14~hidden_size~6", at=150, t=3)
    page = look(address, wait=False).page
    expect(page.locator(".rnnviz-caption").first).to_have_text("t = 3 / 14", timeout=WAIT)
    expect(line(page)).to_contain_text("iteration 150")
