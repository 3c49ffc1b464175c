"""From a key press to the painted step, in Chromium: what a person feels while they walk through a sequence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import torch
from playwright.sync_api import Browser, Page

import rnnviz
from benchmarks.row import Row, promise
from tests.browser.harness import caption, chromium, leave_fields, link, serve, settle, visit

STEPS = 80
MEDIAN_LIMIT, P95_LIMIT = 17.0, 33.0

BARE_PAGE = """<svg><text>t = 1 / 40</text></svg><script>
let t = 1;
addEventListener('keydown', () => document.querySelector('text').textContent = `t = ${++t} / 40`);
</script>"""
# Installs `measured`: for each keydown, milliseconds from the event's own time stamp until after the frame in which the
# stage's caption, or the text of the element `of`, had changed. A message posted in an animation frame arrives when
# that frame has been rendered.
WATCH_KEYS = """of => {
  const first = !window.measured;
  window.measured = [];
  if (!first) return;
  let node = null;
  const read = () => {
    if (of) return document.querySelector(of).textContent;
    if (!node || !node.isConnected)
      node = [...document.querySelectorAll('.rnnviz-caption, svg text')].find(
        e => /t\\s*=\\s*\\d+\\s*\\/\\s*\\d+/.test(e.textContent));
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


def key_to_paint(page: Page, keys: list[str], of: str = "") -> list[float]:
    """Press each key when the one before has been painted; milliseconds from each press to its paint.

    A press that leaves the stage's caption, or the text of the element `of`, as it was for a second counts as that
    second.
    """
    page.evaluate(WATCH_KEYS, of)
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


def rows_key_to_paint(browser: Browser) -> list[float]:
    """All rows of a two-layer LSTM of 24 units in both directions over 20 tokens, in a file of its own."""
    lstm = torch.nn.LSTM(8, 24, num_layers=2, bidirectional=True)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
    trace = rnnviz.record(lstm, torch.randn(20, 8, generator=generator))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "stage.html"
        rnnviz.stage(trace).save(str(file), inline=True)
        with visit(browser, file.as_uri(), wait=False) as seen:
            seen.page.wait_for_selector("g.rowName_marks")
            seen.page.wait_for_timeout(1000)
            return key_to_paint(seen.page, walk(STEPS, 20))


def measure() -> Iterator[Row]:
    words = ["the", "boy", "you", "see"] * 10
    with chromium() as browser, serve() as server:
        times = {}
        for tokens in (10, 40):
            address = link("/step-through", lang="en", model="words-en", cell="lstm", text=" ".join(words[:tokens]))
            with visit(browser, server.url(address)) as seen:
                seen.page.wait_for_selector("g.whereabouts_marks text", state="attached")
                settle(seen.page)
                leave_fields(seen.page)
                if caption(seen.page) != (1, tokens):
                    raise RuntimeError(f"the stage shows step and length {caption(seen.page)}, not {(1, tokens)}")
                before = len(seen.frames_sent)
                times[tokens] = key_to_paint(seen.page, walk(STEPS, tokens))
                sent = len(seen.frames_sent) - before
        with visit(browser, "about:blank", wait=False) as bare:
            bare.page.set_content(BARE_PAGE)
            nothing = key_to_paint(bare.page, ["ArrowRight"] * STEPS)
        rows = rows_key_to_paint(browser)
        middle = {tokens: median(of) for tokens, of in times.items()}
        what = f"key to paint, LSTM, T = 40, {STEPS} steps:"
        alone = "one text alone on a page"
        yield promise(f"{what} median", middle[40], "ms", MEDIAN_LIMIT)
        yield Row(f"{what} median", middle[40], "ms", alone, median(nothing))
        yield Row(f"{what} median", middle[40], "ms", "a quarter of the cells, T = 10", middle[10])
        yield promise(f"{what} 95th percentile", p95(times[40]), "ms", P95_LIMIT)
        yield Row(f"{what} 95th percentile", p95(times[40]), "ms", alone, p95(nothing))
        four = f"key to paint, all rows of a two-layer bidirectional LSTM, T = 20, {STEPS} steps:"
        yield promise(f"{four} median", median(rows), "ms", MEDIAN_LIMIT)
        yield Row(f"{four} median", median(rows), "ms", "one row, T = 40", middle[40])
        yield promise(f"{four} 95th percentile", p95(rows), "ms", P95_LIMIT)
        yield promise(f"{what} frames sent to the server", sent, "frames", 0)
