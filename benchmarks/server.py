"""A host's view: from starting the process to the first page, and the memory it holds."""

from __future__ import annotations

import time
from collections.abc import Iterator

from playwright.sync_api import Browser

from benchmarks.row import Row, promise
from tests.browser.harness import Server, chromium, serve, visit

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
        start = time.perf_counter()
        with serve() as server:
            first_page(browser, server)
            cold, start = time.perf_counter() - start, time.perf_counter()
            first_page(browser, server)
            warm = time.perf_counter() - start
            yield promise("cold start to the first page", cold, "s", START_LIMIT)
            yield Row("cold start to the first page", cold, "s", "next visitor, also with an empty cache", warm)
            yield promise("memory after the home page", server.memory(), "MB", MEMORY_LIMIT)
            with visit(browser, server.url("/step-through")):
                yield promise("memory after a lesson", server.memory(), "MB", MEMORY_LIMIT)
