"""The lesson More than one chain on its page, a test a part: it is asked, guessed and stepped through."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, caption, control, leave_fields, link

SAY = catalogue("en")
ADDRESS = "/more-than-one-chain"


def test_a_batch_is_guessed_then_stepped_through_and_its_step_is_in_the_link(look: Look) -> None:
    seen = look(link(ADDRESS, lang="en", part="batch"))
    page = seen.page
    expect(page.locator("g.bars_marks image")).to_have_count(0)
    page.get_by_text(SAY["ask.pads_state_same"], exact=True).click()
    page.locator(".st-key-chains_reveal button").click()
    harness.settle(page)
    expect(page.get_by_text(SAY["chains.loss_title"], exact=True)).to_be_visible(timeout=WAIT)
    assert page.locator("g.bars_marks image").count() > 10
    assert caption(page) == (1, 11)
    leave_fields(page)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert caption(page) == (5, 11)
    pads = page.locator("g.label_marks text").filter(has_text=SAY["chains.pad"])
    expect(pads).to_have_count(1)
    page.wait_for_function("() => new URLSearchParams(location.search).get('t') === '5'", timeout=WAIT)
    control(page, "last").click()
    expect(pads).to_have_count(4 * 11 - 29)
    page.get_by_text(SAY["chains.handling_packed"], exact=True).click()
    expect(pads).to_have_count(0, timeout=WAIT)
    harness.settle(page)
    values = parse_qs(urlsplit(page.url).query)
    assert values["handling"] == ["packed"]


def test_two_chains_meet_at_the_gap_and_what_pytorch_returns_is_shown(look: Look) -> None:
    seen = look(link(ADDRESS, lang="en", part="gap", gapped="___ am a boy."))
    page = seen.page
    answer = page.locator("g.label_marks text").filter(has_text=re.compile("^I$"))
    expect(answer).to_have_count(0)
    page.get_by_text(SAY["ask.gap_decides_after"], exact=True).click()
    page.locator(".st-key-chains_reveal button").click()
    harness.settle(page)
    assert caption(page) == (1, 5)
    leave_fields(page)
    page.keyboard.press("End")
    expect(answer).to_have_count(1)
    page.get_by_text(SAY["chains.reader_forward"], exact=True).first.click()
    harness.settle(page)
    expect(answer).to_have_count(0)
    page.get_by_text(SAY["chains.reader_both"], exact=True).first.click()
    page.get_by_text(SAY["chains.view_returned"], exact=True).first.click()
    harness.settle(page)
    control(page, "last").click()
    ends = page.locator("g.label_marks text").filter(has_text="h_n[")
    expect(ends).to_have_text(["h_n[1]", "h_n[0]"], timeout=WAIT)
    left, right = (ends.filter(has_text=f"h_n[{part}]").bounding_box() for part in (1, 0))
    assert left
    assert right
    assert left["x"] < right["x"], "the reverse chain ends at the first token"
