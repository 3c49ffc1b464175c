"""From Enter in the number field to the edited picture: every copy of the weight has its new value on the stage."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from playwright.sync_api import Page

from benchmarks.row import Row, promise
from tests.browser.harness import chromium, link, serve, settle, visit

EDITS, STEPS = 20, 40
MEDIAN_LIMIT = 150.0
FIELD = "[data-testid=stNumberInput] input"  # the last one; the two before it are the row and the column

# Resolves with the milliseconds from the Enter key's time stamp until after the first frame in which every copy that
# the stage shows has `wanted` beside it.
WATCH_ENTER = """wanted => { window.changed = new Promise((done, fail) => {
  window.addEventListener('keydown', function pressed(event) {
    if (event.key !== 'Enter') return;
    window.removeEventListener('keydown', pressed, true);
    const frame = () => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const waited = performance.now() - event.timeStamp;
        const copies = [...document.querySelectorAll('g.entry_marks text')];
        if (copies.length && copies.every(e => e.textContent === wanted)) done(waited);
        else if (waited > 10000) fail(new Error('the copies did not change')); else frame();
      };
      channel.port2.postMessage(0);
    });
    frame();
  }, true);
}); }"""


def edit_to_stage(page: Page, value: float) -> float:
    """Type `value` and press Enter: milliseconds until it is painted."""
    page.locator(FIELD).last.fill(f"{value:.2f}")
    page.evaluate(WATCH_ENTER, f"{value:.2f}".replace("-", "−"))
    page.keyboard.press("Enter")
    return float(page.evaluate("window.changed"))


def measure() -> Iterator[Row]:
    words = ["the", "boy", "you", "see"] * (STEPS // 4)
    # A picture that was shown before would come from Streamlit's cache of messages, so no value comes twice.
    values = [(-1) ** edit * (1 + edit / 10) for edit in range(EDITS)]
    with chromium() as browser, serve() as server:
        for cell in ("rnn", "lstm"):
            address = link(
                "/rolled-unrolled", lang="en", model="words-en", cell=cell, text=" ".join(words), fold="chain"
            )
            with visit(browser, server.url(address)) as seen:
                times = []
                for value in values:
                    times.append(edit_to_stage(seen.page, value))
                    settle(seen.page)
            what = f"edited weight to painted stage, {cell.upper()}, T = {STEPS}, {EDITS} times: median"
            yield promise(what, median(times), "ms", MEDIAN_LIMIT)
