"""The lesson "Reading, then writing" on its page: both chains are stepped, the grid fills, shares are held."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

from rnnviz.lessons.attention import run
from rnnviz.lessons.attention.parameters import SOURCES
from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, caption, control, leave_fields, link

SAY = catalogue("en")
ADDRESS = "/reading-then-writing"
TEXT = next(iter(SOURCES["en-ko"]))


def test_both_chains_are_stepped_and_the_grid_fills_row_by_row(look: Look) -> None:
    written = run.written("en-ko", "additive", TEXT)
    S, U = len(written.encoder), len(written)
    seen = look(link(ADDRESS, lang="en", model="en-ko"))
    page = seen.page
    cells = page.locator("g.shareCell_marks path")
    words = page.locator("g.shareWord_marks text")
    assert caption(page) == (S, S + U), "all is read, and nothing is written"
    expect(cells).to_have_count(0)
    expect(words).to_have_count(0)
    leave_fields(page)
    for count in range(1, 4):
        page.keyboard.press("ArrowRight")
        expect(words).to_have_count(count)
        expect(words.nth(count - 1)).to_have_text(written.words[count - 1])
        assert caption(page) == (S + count, S + U)
    page.wait_for_function(f"() => new URLSearchParams(location.search).get('t') === '{S + 3}'", timeout=WAIT)
    control(page, "first").click()
    expect(words).to_have_count(0)
    assert caption(page) == (1, S + U)
    control(page, "last").click()
    expect(words).to_have_count(U)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"() => new URLSearchParams(location.search).get('t') === '{S + U - 1}'", timeout=WAIT)
    page.get_by_role("radio", name=SAY["attention.by_operation"]).click()
    harness.settle(page)
    assert caption(page) == (S + 6 * (U - 1), S + 6 * U), "where it was left"
    page.get_by_role("radio", name=SAY["attention.part_hold"]).click()
    harness.settle(page)
    assert caption(page) == (S + 6 * (U - 1), S + 6 * U)
    page = look(link(ADDRESS, lang="en", model="en-ko", by="operation")).page
    assert caption(page) == (S, S + 6 * U)
    words = page.locator("g.shareWord_marks text")
    leave_fields(page)
    for moment in ("state", "score", "softmax", "context", "combination"):
        page.keyboard.press("ArrowRight")
        title = SAY[f"align.{moment}"].format(word=SAY["align.begin"])
        expect(page.locator("svg").get_by_text(title, exact=True).first).to_be_visible()
    expect(words).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(words).to_have_count(1)


def test_a_share_is_held_and_another_word_comes_out(look: Look) -> None:
    seen = look(link(ADDRESS, lang="en", model="en-ko", part="hold", step=1))
    page = seen.page
    page.get_by_text(SAY["attention.shares_one"], exact=True).click()
    harness.settle(page)
    before = run.written("en-ko", "additive", TEXT)
    held = run.rewritten("en-ko", "additive", TEXT, held={0: np.eye(len(before.encoder))[0]})
    assert held.words != before.words
    table = page.locator("table").first
    cells = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    assert len(cells) == max(len(before), len(held))
    for t, (_, was, now) in enumerate(cells):
        assert was.startswith(before.words[t] or SAY["align.end"]) if t < len(before) else not was
        assert now.startswith(held.words[t] or SAY["align.end"]) if t < len(held) else not now
    words = page.locator("g.shareWord_marks text")
    expect(words).to_have_text([*held.words[:1]])
    assert caption(page)[0] == len(before.encoder) + 1, "the word that is taken hold of is there at once"
    control(page, "last").click()
    expect(words).to_have_text([word or SAY["align.end"] for word in held.words])
    page.get_by_text(SAY["attention.reset"], exact=True).click()
    expect(page.locator("table")).to_have_count(0, timeout=WAIT)
    harness.settle(page)
    assert len(before) == len(held), "so the last step, where it stays, is the last of this one too"
    expect(words).to_have_text([word or SAY["align.end"] for word in before.words])


def test_on_a_phone_what_is_held_scrolls_nothing_sideways(look: Look) -> None:
    place = {"lang": "ko", "model": "ko-en", "part": "hold", "shares": "one", "step": 2, "source": 3}
    page = look(link(ADDRESS, **place), size="phone", locale="ko").page
    expect(page.locator("table")).to_have_count(1, timeout=WAIT)
    assert harness.sideways(page) == 0
