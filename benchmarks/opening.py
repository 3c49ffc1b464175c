"""From a fresh tab to the painted picture, beside a Streamlit page with one Altair chart served in the same run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from benchmarks.row import Row, promise
from tests.browser.harness import chromium, serve, visit

TABS = 5
LIMIT = 1.15  # times the page with one chart
BARE = Path(__file__).with_name("one_chart.py")
PAGES = {"Step through": "/step-through", "home": "/"}

# Resolves with the milliseconds from the start of the navigation until after the first frame in which a chart stands.
PAINTED = """() => new Promise(done => {
  const look = () => requestAnimationFrame(() => {
    if (!document.querySelector('[data-testid=stVegaLiteChart] svg.marks path, [data-testid=stVegaLiteChart] canvas'))
      return look();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0);
  });
  look();
})"""
LOADED = "() => performance.getEntriesByType('resource').map(file => file.transferSize).filter(size => size > 0)"


@dataclass
class Opened:
    """What tabs that opened one page took, in order."""

    times: list[float] = field(default_factory=list)  # s until the picture was painted
    requests: list[int] = field(default_factory=list)  # until then
    sent: list[float] = field(default_factory=list)  # MB of files that were sent, beside the page's own messages
    again: list[float] = field(default_factory=list)  # the same when the page is opened a second time


def open_tab(browser: Browser, url: str, into: Opened) -> None:
    """Open `url` as a new visitor, with an empty cache; and again."""
    with visit(browser, "about:blank", wait=False) as seen:
        asked: list[str] = []
        seen.page.on("request", lambda request: asked.append(request.url))
        seen.page.goto(url, wait_until="commit")
        into.times.append(seen.page.evaluate(PAINTED) / 1000)
        into.requests.append(len(asked))
        into.sent.append(sum(seen.page.evaluate(LOADED)) / 1e6)
        seen.page.goto(url, wait_until="commit")
        seen.page.evaluate(PAINTED)
        into.again.append(sum(seen.page.evaluate(LOADED)) / 1e6)


def measure() -> Iterator[Row]:
    bare, pages = Opened(), {name: Opened() for name in PAGES}
    with chromium() as browser, serve() as app, serve(BARE) as one:
        for address in (*PAGES.values(), "/"):  # torch is loaded, and caches of the process are filled
            open_tab(browser, app.url(address), Opened())
        open_tab(browser, one.url(), Opened())
        for _ in range(TABS):  # in turns, so that what else the machine does falls on all
            open_tab(browser, one.url(), bare)
            for name, address in PAGES.items():
                open_tab(browser, app.url(address), pages[name])
    limit = LIMIT * median(bare.times)
    against = "a page with one chart"
    for name, opened in pages.items():
        what = f"fresh tab to painted picture, median of {TABS}, {name}"
        yield Row(what, median(opened.times), "s", against, median(bare.times))
        yield promise(f"{what}, {LIMIT} times {against}", median(opened.times), "s", limit)
        yield Row(f"requests until then, {name}", median(opened.requests), "requests", against, median(bare.requests))
        yield Row(f"files sent until then, {name}", median(opened.sent), "MB", against, median(bare.sent))
        yield Row(f"files sent at a second visit, {name}", median(opened.again), "MB", against, median(bare.again))
