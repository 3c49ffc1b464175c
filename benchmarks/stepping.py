"""From a key press to the painted step, in Chromium: what a person feels while they walk through a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median, quantiles

from playwright.sync_api import Page

from benchmarks.row import Row, promise
from tests.browser.harness import caption, chromium, leave_fields, link, serve, visit

STEPS = 80
MEDIAN_LIMIT, P95_LIMIT = 17.0, 33.0

BARE_PAGE = """<svg><text>t = 1 / 40</text></svg><script>
let t = 1;
addEventListener('keydown', () => document.querySelector('text').textContent = `t = ${++t} / 40`);
</script>"""
# Installs `measured`: for each keydown, milliseconds from the event's own time stamp until after the frame in which the
# stage's caption had changed. A message posted in an animation frame arrives when that frame has been rendered.
WATCH_KEYS = """() => {
  const first = !window.measured;
  window.measured = [];
  if (!first) return;
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


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def walk(steps: int, length: int) -> list[str]:
    """`steps` presses that go to and fro over `length` tokens, from the first one, each changing the step."""
    there_and_back = ["ArrowRight"] * (length - 1) + ["ArrowLeft"] * (length - 1)
    return (there_and_back * (steps // len(there_and_back) + 1))[:steps]


def measure() -> Iterator[Row]:
    words = ["the", "boy", "you", "see"] * 10
    with chromium() as browser, serve() as server:
        times = {}
        for tokens in (10, 40):
            address = link("/step-through", lang="en", model="words-en", cell="lstm", text=" ".join(words[:tokens]))
            with visit(browser, server.url(address)) as seen:
                leave_fields(seen.page)
                if caption(seen.page) != (1, tokens):
                    raise RuntimeError(f"the stage shows step and length {caption(seen.page)}, not {(1, tokens)}")
                before = len(seen.frames_sent)
                times[tokens] = key_to_paint(seen.page, walk(STEPS, tokens))
                sent = len(seen.frames_sent) - before
        with visit(browser, "about:blank", wait=False) as bare:
            bare.page.set_content(BARE_PAGE)
            nothing = key_to_paint(bare.page, ["ArrowRight"] * STEPS)
        middle = {tokens: median(of) for tokens, of in times.items()}
        what = f"key to paint, LSTM, T = 40, {STEPS} steps:"
        alone = "one text alone on a page"
        yield promise(f"{what} median", middle[40], "ms", MEDIAN_LIMIT)
        yield Row(f"{what} median", middle[40], "ms", alone, median(nothing))
        yield Row(f"{what} median", middle[40], "ms", "a quarter of the cells, T = 10", middle[10])
        yield promise(f"{what} 95th percentile", p95(times[40]), "ms", P95_LIMIT)
        yield Row(f"{what} 95th percentile", p95(times[40]), "ms", alone, p95(nothing))
        yield promise(f"{what} frames sent to the server", sent, "frames", 0)
