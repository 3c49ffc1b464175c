"""The lesson More than one chain on its page, a test a part: it is asked, guessed and stepped through."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, expect

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
    assert caption(page) == (5, 5), "it opens where the chains meet"
    expect(answer).to_have_count(1)
    leave_fields(page)
    page.keyboard.press("ArrowLeft")
    expect(answer).to_have_count(0)
    page.wait_for_function("() => new URLSearchParams(location.search).get('t') === '4'", timeout=WAIT)
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


def test_layers_are_opened_by_a_click_and_by_a_button_and_one_is_silenced(look: Look) -> None:
    seen = look(link(ADDRESS, lang="en", part="stack", layers=3))
    page = seen.page

    def button(layer: int) -> Locator:
        return page.get_by_role("button", name=SAY[f"stage.open_{layer}"], exact=True)

    def linked(name: str) -> str:
        return parse_qs(urlsplit(page.url).query).get(name, [""])[0]

    kept = page.get_by_text(SAY["chains.kept_title"], exact=True)
    expect(kept).to_have_count(0)
    page.get_by_role("radio", name="24", exact=True).or_(
        page.get_by_role("button", name="24", exact=True)
    ).first.click()
    page.locator(".st-key-chains_reveal button").click()
    expect(kept).to_be_visible(timeout=WAIT)
    harness.settle(page)
    assert caption(page)[0] == caption(page)[1], "it opens with all read"
    expect(button(3)).to_have_attribute("aria-pressed", "true")
    leave_fields(page)
    rows = page.locator("g.rowName_marks path")
    expect(rows).to_have_count(3)
    lowest = max(rows.all(), key=lambda row: (row.bounding_box() or {"y": 0})["y"])
    lowest.click()
    expect(button(1)).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => new URLSearchParams(location.search).get('opened') === '1'", timeout=WAIT)
    button(2).focus()
    page.keyboard.press("Enter")
    expect(button(2)).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("() => new URLSearchParams(location.search).get('opened') === '2'", timeout=WAIT)
    page.get_by_text(SAY["chains.silent_1"], exact=True).first.click()
    asked = SAY["ask.stack_reads"].format(layer=1, layers=3)
    expect(page.get_by_text(asked)).to_be_visible(timeout=WAIT)
    harness.settle(page)
    expect(kept).to_have_count(0)
    expect(button(2)).to_have_attribute("aria-pressed", "true")
    page.get_by_text(SAY["chains.layers_n"].format(n=1), exact=True).first.click()
    expect(button(2)).to_have_count(0, timeout=WAIT)
    harness.settle(page)
    assert (linked("layers"), linked("silent"), linked("opened")) == ("1", "", "")
