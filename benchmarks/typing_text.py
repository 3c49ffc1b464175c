"""From Enter in the text field to the new sentence painted on the stage: one round trip to the server.

The limit is the project's promise. How near to it a machine and Streamlit alone come, a page with one field and one
chart says, which is typed into in the same run.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from benchmarks.row import Row, promise
from tests.browser.harness import CAPTIONS, chromium, link, serve, settle, visit

CHANGES = 20
MEDIAN_LIMIT = 150.0
BARE = Path(__file__).with_name("one_text.py")
FIELD = "[data-testid=stMain] [data-testid=stTextInput] input"

# Resolves with the milliseconds from the Enter key's time stamp until after the first frame in which the stage's
# caption counts `length` tokens.
WATCH_ENTER = """length => { window.changed = new Promise((done, fail) => {
  const wanted = new RegExp('t\\\\s*=\\\\s*\\\\d+\\\\s*/\\\\s*' + length + '(\\\\D|$)');
  window.addEventListener('keydown', function pressed(event) {
    if (event.key !== 'Enter') return;
    window.removeEventListener('keydown', pressed, true);
    const frame = () => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const waited = performance.now() - event.timeStamp;
        if ([...document.querySelectorAll('CAPTIONS')].some(e => wanted.test(e.textContent))) done(waited);
        else if (waited > 10000) fail(new Error('the stage did not change')); else frame();
      };
      channel.port2.postMessage(0);
    });
    frame();
  }, true);
}); }""".replace("CAPTIONS", CAPTIONS)


def change_to_stage(page: Page, text: str, length: int) -> float:
    """Type `text` (`length` tokens, another number than before) and press Enter: milliseconds until it is painted."""
    page.fill(FIELD, text)
    page.evaluate(WATCH_ENTER, length)
    page.keyboard.press("Enter")
    return float(page.evaluate("window.changed"))


def changes(page: Page, words: Sequence[str]) -> list[float]:
    """Milliseconds of each of CHANGES new texts of 40 and 39 words, in turns."""
    times = []
    for change in range(CHANGES):
        length = 40 - change % 2
        times.append(change_to_stage(page, " ".join(words[change : change + length]), length))
        settle(page)
    return times


def measure() -> Iterator[Row]:
    """Of a model that knows a hundred words, and of one whose head is over 5,000."""
    # A text that was shown before would come from Streamlit's cache of messages, so no two are alike.
    words = random.Random(0).choices(["the", "boy", "girl", "you", "see", "a", "dog", "not"], k=2 * 40 + CHANGES)
    with chromium() as browser:
        with serve(BARE) as one, visit(browser, one.url()) as seen:
            bare = median(changes(seen.page, words))
        with serve() as server:
            for model in ("words-en", "everyday-en"):
                address = link("/step-through", lang="en", model=model, cell="lstm", text=" ".join(words[-38:]))
                with visit(browser, server.url(address)) as seen:
                    typed = median(changes(seen.page, words))
                what = f"new text to painted stage, LSTM, {model}, T = 40, {CHANGES} times: median"
                yield promise(what, typed, "ms", MEDIAN_LIMIT)
                yield Row(what, typed, "ms", "a page with one field and one chart", bare)
