"""The saved page of a batch turns from one sequence to the next, offline, and is stepped on each."""

from __future__ import annotations

from pathlib import Path

import torch
from playwright.sync_api import Browser, expect

import rnnviz


def test_the_pages_of_a_batch_are_turned_and_stepped(browser: Browser, tmp_path: Path) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        traces = rnnviz.record(torch.nn.LSTM(2, 4, 2), torch.randn(6, 3, 2), lengths=[6, 4, 5])
    path = tmp_path / "batch.html"
    rnnviz.stage(traces).save(path, inline=True)
    page = browser.new_context(offline=True).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    caption, told = page.locator("g.caption_marks text").first, page.locator("#turning output")
    expect(told).to_have_text("1 / 3")
    expect(caption).to_contain_text("/ 6")
    back, on = page.get_by_label("Previous sequence"), page.get_by_label("Next sequence")
    expect(back).to_be_disabled()
    on.click()
    expect(told).to_have_text("2 / 3")
    expect(caption).to_contain_text("1 / 4")
    on.click()
    expect(caption).to_contain_text("1 / 5")
    expect(on).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("2 / 5")
    back.click()
    back.click()
    expect(caption).to_contain_text("/ 6")
    assert errors == []
