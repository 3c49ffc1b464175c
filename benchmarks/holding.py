"""From a gate held, or another bias of it, to the stage that shows both runs; and stepping over 200 letters."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from statistics import median

from playwright.sync_api import Locator, Page

from benchmarks.row import Row, promise
from benchmarks.stepping import MEDIAN_LIMIT as STEP_LIMIT
from benchmarks.stepping import P95_LIMIT, STEPS, key_to_paint, p95, walk
from rnnviz.lessons.gates.tries import LONG
from tests.browser.harness import caption, chromium, leave_fields, link, serve, settle, visit

CHANGES, WORDS, LETTERS = 20, 40, 200
MEDIAN_LIMIT = 150.0
FIELD = "[data-testid=stNumberInput] input"  # the value that a gate is held at
THUMB = "[data-testid=stSlider] input"  # the first is the value that a gate is held at, the last the bias

# Resolves with the milliseconds from the time stamp of the next key until after the first frame in which a heatmap of
# the stage is another picture than when the key was pressed. A tenth of a gate's value is four colours of its heatmap.
WATCH_KEY = """key => { window.changed = new Promise((done, fail) => {
  const read = () => [...document.querySelectorAll('svg.marks image')]
    .map(e => e.getAttribute('href') || e.getAttribute('xlink:href')).join();
  window.addEventListener('keydown', function pressed(event) {
    if (event.key !== key) return;
    window.removeEventListener('keydown', pressed, true);
    const before = read();
    const frame = () => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const waited = performance.now() - event.timeStamp;
        if (read() !== before) done(waited);
        else if (waited > 10000) fail(new Error('the heatmaps did not change')); else frame();
      };
      channel.port2.postMessage(0);
    });
    frame();
  }, true);
}); }"""


def key_to_stage(page: Page, where: Locator, key: str) -> float:
    """Press a key that changes the run: milliseconds until its heatmaps are painted."""
    page.evaluate(WATCH_KEY, key)
    where.press(key)
    waited = float(page.evaluate("window.changed"))
    settle(page)
    return waited


def hold(page: Page) -> list[float]:
    """Hold the gate at one value after another, each typed; a picture that was shown before would come from a cache."""
    times = []
    for value in (k / 20 for k in range(CHANGES)):
        page.locator(FIELD).first.fill(f"{value:.2f}")
        times.append(key_to_stage(page, page.locator(FIELD).first, "Enter"))
    return times


def bias(page: Page) -> list[float]:
    """Move the bias of the gate that keeps by one tenth after another, with the arrow key on its slider."""
    return [key_to_stage(page, page.locator(THUMB).last, "ArrowRight") for _ in range(CHANGES)]


def measure() -> Iterator[Row]:
    words = " ".join(["the", "boy", "you", "see"] * (WORDS // 4))
    with chromium() as browser, serve() as server:
        for cell, (what, change) in product(("lstm", "gru"), {"held gate": hold, "bias": bias}.items()):
            values = {
                "lang": "en",
                "model": "words-en",
                "cell": cell,
                "text": words,
                "part": "hold",
                "hide": "question",
            }
            with visit(browser, server.url(link("/watch-the-gates", **values))) as seen:
                times = change(seen.page)
            named = f"{what} to painted stage, {cell.upper()}, T = {WORDS}, hidden 24, {CHANGES} times:"
            yield promise(f"{named} median", median(times), "ms", MEDIAN_LIMIT)
        address = link("/watch-the-gates", lang="en", cell="lstm", t=1, **LONG["en"])
        with visit(browser, server.url(address)) as seen:
            leave_fields(seen.page)
            if caption(seen.page) != (1, LETTERS):
                raise RuntimeError(f"the stage shows step and length {caption(seen.page)}, not {(1, LETTERS)}")
            before = len(seen.frames_sent)
            steps = key_to_paint(seen.page, walk(STEPS, LETTERS))
            sent = len(seen.frames_sent) - before
        named = f"key to paint, six heatmaps of {LETTERS} steps, {STEPS} steps:"
        yield promise(f"{named} median", median(steps), "ms", STEP_LIMIT)
        yield promise(f"{named} 95th percentile", p95(steps), "ms", P95_LIMIT)
        yield promise(f"{named} frames sent to the server", sent, "frames", 0)
