"""The page that trains, in Chromium: how often its chart is drawn, how soon pause acts, and that nothing grows.

`MINUTES=10 python -m benchmarks training_page` watches longer than the minute that it takes by default.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from benchmarks.row import Row, promise
from tests.browser.harness import chromium, link, serve, visit

LEAST_RATE = 4.0  # pictures a second
PAUSE_LIMIT = 0.3  # seconds
GROWTH_LIMIT = 1.2  # of memory, the end beside the first third
ADDRESS = link("/train-live", lang="en", length=50, iterations=20_000)
WATCH = """() => {
  const status = () => document.querySelector('g.status_marks text')?.textContent;
  window.drawn = 0;
  let last = status();
  setInterval(() => { if (status() !== last) { window.drawn++; last = status(); } }, 10);
}"""
HEAP = "() => { if (window.gc) window.gc(); return performance.memory.usedJSHeapSize / 1e6; }"
PAUSED = "() => /Paused/.test(document.querySelector('g.status_marks text')?.textContent)"


def measure() -> Iterator[Row]:
    minutes = float(os.environ.get("MINUTES", "1"))
    with serve() as server, chromium() as browser, visit(browser, server.url(ADDRESS)) as seen:
        page = seen.page
        page.get_by_role("button", name="Train", exact=True).first.click()
        page.wait_for_function("() => /Iteration/.test(document.querySelector('g.status_marks text')?.textContent)")
        page.evaluate(WATCH)
        page.wait_for_timeout(5000)
        rate = page.evaluate("window.drawn") / 5
        # A promise is an upper limit, so it is held in seconds per picture.
        yield promise("one run: from one picture to the next", 1 / rate, "s", 1 / LEAST_RATE)
        server_mb, heap_mb = [], []
        until = time.monotonic() + 60 * minutes
        while time.monotonic() < until:
            page.wait_for_timeout(3000)
            server_mb.append(server.memory())
            heap_mb.append(page.evaluate(HEAP))
            if page.get_by_role("button", name="Train", exact=True).count():  # done: another one
                page.get_by_role("button", name="Train", exact=True).first.click()
        third = max(1, len(server_mb) // 3)
        for what, sizes in (("server", server_mb), ("browser", heap_mb)):
            name = f"memory of the {what} after {minutes:g} min of training"
            yield promise(name, min(sizes[-third:]), "MB", GROWTH_LIMIT * max(sizes[:third]))
        start = time.perf_counter()
        page.get_by_role("button", name="Pause").first.click()
        page.wait_for_function(PAUSED)
        yield promise("from the press on pause to the chart that rests", time.perf_counter() - start, "s", PAUSE_LIMIT)
