"""From a key press to the painted step, in Chromium: what a person feels while they walk through a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median, quantiles
from urllib.parse import urlencode

from playwright.sync_api import Page

from benchmarks.row import Row
from tests.browser.harness import caption, chromium, leave_fields, serve, visit

STEPS = 80
MEDIAN_LIMIT, P95_LIMIT = 17.0, 33.0

# Installs `measured`: for each keydown, milliseconds from the event's own time stamp until after the frame in which the
# stage's caption had changed. A message posted in an animation frame arrives when that frame has been rendered.
WATCH_KEYS = """() => {
  window.measured = [];
  let node = null;
  const read = () => {
    if (!node || !node.isConnected)
      node = [...document.querySelectorAll('svg text')].find(e => /t\\s*=\\s*\\d+\\s*\\/\\s*\\d+/.test(e.textContent));
    return node ? node.textContent : '';
  };
  window.addEventListener('keydown', event => {
    const before = read();
    const frame = () => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const waited = performance.now() - event.timeStamp;
        if (read() !== before || waited > 1000) window.measured.push(waited); else frame();
      };
      channel.port2.postMessage(0);
    });
    frame();
  }, true);
}"""


def key_to_paint(page: Page, keys: list[str]) -> list[float]:
    """Press each key when the one before has been painted; milliseconds from each press to its paint.

    A press that leaves the stage's caption as it was for a second counts as that second.
    """
    page.evaluate(WATCH_KEYS)
    for pressed, key in enumerate(keys, 1):
        page.keyboard.press(key)
        page.wait_for_function("count => window.measured.length >= count", arg=pressed, polling=50)
    return [float(ms) for ms in page.evaluate("window.measured")]


def walk(steps: int, length: int) -> list[str]:
    """`steps` presses that go to and fro over `length` tokens, from the first one, each changing the step."""
    there_and_back = ["ArrowRight"] * (length - 1) + ["ArrowLeft"] * (length - 1)
    return (there_and_back * (steps // len(there_and_back) + 1))[:steps]


def measure() -> Iterator[Row]:
    with chromium() as browser, serve() as server:
        medians = {}
        for tokens in (10, 40):
            text = " ".join(["the", "boy", "you", "see"] * 10).split()[:tokens]
            address = "/step-through?" + urlencode({"step_cell": "lstm", "step_text": " ".join(text)})
            with visit(browser, server.url(address)) as seen:
                leave_fields(seen.page)
                seen.page.keyboard.press("Home")
                seen.page.wait_for_timeout(300)
                step, length = caption(seen.page)
                if (step, length) != (1, tokens):
                    raise RuntimeError(f"the stage shows t = {step} / {length}, not t = 1 / {tokens}")
                sent = len(seen.frames_sent)
                times = key_to_paint(seen.page, walk(STEPS, length))
                medians[tokens] = median(times)
                if tokens == 40:
                    yield Row(
                        "key to paint, median of 80 steps, LSTM, T = 40",
                        median(times),
                        "ms",
                        "limit",
                        MEDIAN_LIMIT,
                        True,
                    )
                    yield Row(
                        "key to paint, 95th percentile", quantiles(times, n=20)[-1], "ms", "limit", P95_LIMIT, True
                    )
                    yield Row(
                        "frames sent to the server in 80 steps",
                        len(seen.frames_sent) - sent,
                        "frames",
                        "limit",
                        0,
                        True,
                    )
        yield Row("key to paint, median, four times the cells", medians[40], "ms", "at T = 10", medians[10])
