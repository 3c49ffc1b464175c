"""A knob of the gradient lab: from Enter in its field to the new number painted; and a radius that is dragged.

Also the server's answer with as many loops beside it as most hosts have processors: threads that wait for each other
show there, each held up by a loop in turn.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from playwright.sync_api import Page

from benchmarks.row import Row, promise
from tests.browser.harness import Server, chromium, link, serve, settle, visit
from tests.client import tab

CHANGES = 12
LOOPS, LOOPS_LIMIT = 2, 2.0
MEDIAN_LIMIT = 150.0
FRAME_LIMIT = 50.0  # as much as a drag may take to still look continuous, on a machine without a graphics card
# Resolves with the milliseconds from an event's time stamp until after the first frame in which the chart's texts and
# marks are other ones than before it.
WATCH = """kind => { window.changed = new Promise((done, fail) => {
  const texts = () => [...document.querySelectorAll('svg.marks text, svg.marks path')]
    .map(e => e.textContent + e.getAttribute('transform')).join('|');
  const before = texts();
  window.addEventListener(kind, function pressed(event) {
    if (kind === 'keydown' && event.key !== 'Enter') return;
    window.removeEventListener(kind, pressed, true);
    const frame = () => requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        const waited = performance.now() - event.timeStamp;
        if (texts() !== before) done(waited);
        else if (waited > 10000) fail(new Error('the chart did not change')); else frame();
      };
      channel.port2.postMessage(0);
    });
    frame();
  }, true);
}); }"""


def turn(page: Page, label: str, value: str) -> float:
    """Type a value into the field of this label and press Enter: milliseconds until the chart shows other numbers."""
    page.get_by_label(label, exact=True).fill(value)
    page.evaluate(WATCH, "keydown")
    page.keyboard.press("Enter")
    return float(page.evaluate("window.changed"))


def measure() -> Iterator[Row]:
    knobs = {
        ("matrix", "Seed"): [str(100 + n) for n in range(CHANGES)],
        ("knobs", "Input gain"): [f"{1 + n / 10:.1f}" for n in range(1, CHANGES + 1)],
        ("knobs", "Seed"): [str(100 + n) for n in range(CHANGES)],
        ("derivative", "Seed"): [str(100 + n) for n in range(CHANGES)],
        ("cut", "Seed"): [str(100 + n) for n in range(CHANGES)],
        ("past", "Seed"): [str(100 + n) for n in range(CHANGES)],
        ("cliff", "Learning rate"): [f"{0.5 + n / 20:.2f}" for n in range(CHANGES)],
    }
    with chromium() as browser, serve() as server:
        for (part, label), values in knobs.items():
            # The cliff's first point is the same whatever the rate: it is opened further on.
            address = link(
                "/gradient-lab", lang="en", part=part, hide="question,lesson", update=20, steps=50, hidden=32
            )
            with visit(browser, server.url(address)) as seen:
                times = []
                for value in values:
                    times.append(turn(seen.page, label, value))
                    settle(seen.page)
            yield promise(
                f"lab, {part}: {label} to painted chart, T = 50, H = 32: median", median(times), "ms", MEDIAN_LIMIT
            )
        with visit(browser, server.url(link("/gradient-lab", lang="en", part="knobs", hide="question"))) as seen:
            sent, times = len(seen.frames_sent), []
            for place in grip(seen.page):
                seen.page.evaluate(WATCH, "pointermove")
                seen.page.mouse.move(*place)
                times.append(float(seen.page.evaluate("window.changed")))
            yield promise("lab: one place of the dragged radius: median", median(times), "ms", FRAME_LIMIT)
            yield promise("lab: messages to the server for that", float(len(seen.frames_sent) - sent), "messages", 0)
            seen.page.mouse.up()
            seen.page.wait_for_function("location.search.includes('radius=')")
            settle(seen.page)
            yield promise("lab: and once it is let go", float(len(seen.frames_sent) - sent), "messages", 1)
    with serve() as server:  # a fresh one, whose first page is this one's file without app.py
        free, busy = asyncio.run(answers(server))
    yield promise(f"lab: answer beside {LOOPS} busy loops, T = 100, H = 64: median", busy, "s", LOOPS_LIMIT * free)


async def answers(server: Server) -> tuple[float, float]:
    """Median seconds of the server's answer, without and with busy loops beside it."""
    address = link("/gradient-lab", lang="en", part="matrix", steps=100, hidden=64)
    async with tab(f"127.0.0.1:{server.port}", address) as seen:
        free = median([await seen.ask() for _ in range(CHANGES)])
        with ExitStack() as stack:
            for _ in range(LOOPS):
                loop = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
                stack.callback(loop.kill)
            return free, median([await seen.ask() for _ in range(CHANGES)])


def grip(page: Page) -> Iterator[tuple[float, float]]:
    """Press the radius where it is drawn; then one place of its slider after another, to be moved to."""
    box = page.locator("g.slide_marks path").bounding_box()
    assert box is not None
    left, wide, middle = box["x"] + 14, box["width"] - 28, box["y"] + box["height"] / 2
    page.mouse.move(left + 0.35 * wide, middle)
    page.mouse.down()
    for n in range(1, CHANGES + 1):
        yield left + (0.35 + 0.05 * n) * wide, middle
