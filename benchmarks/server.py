"""A host's view: from starting the process to the first page, and the memory it holds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from playwright.sync_api import Browser

from benchmarks.row import Row, promise
from tests.browser.harness import Server, chromium, serve, visit

STARTS = 3
START_LIMIT = 3.0
# What Streamlit Community Cloud guarantees an app.
MEMORY_LIMIT = 690.0
TITLE = "[data-testid=stMain] h1"
PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


def first_page(browser: Browser, server: Server) -> None:
    """Returns when the home page's title has been painted."""
    with visit(browser, server.url("/"), wait=False) as home:
        home.page.wait_for_selector(TITLE)
        home.page.evaluate(PAINTED)


def measure() -> Iterator[Row]:
    with chromium() as browser:
        cold, warm = [], []
        for _ in range(STARTS):
            start = time.perf_counter()
            with serve() as server:
                first_page(browser, server)
                cold.append(time.perf_counter() - start)
                start = time.perf_counter()
                first_page(browser, server)
                warm.append(time.perf_counter() - start)
                home = server.memory()
                with visit(browser, server.url("/step-through")):
                    lesson = server.memory()
        what = f"cold start to the first page, median of {STARTS}"
        yield promise(what, median(cold), "s", START_LIMIT)
        yield Row(what, median(cold), "s", "next visitor, also with an empty cache", median(warm))
        yield promise("memory after the home page", home, "MB", MEMORY_LIMIT)
        yield promise("memory after a lesson", lesson, "MB", MEMORY_LIMIT)
