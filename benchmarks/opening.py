"""From a fresh tab to the picture, beside a Streamlit page with one Altair chart served in the same run.

Two moments, named apart. The *finished picture* is what a visitor sees: the stage as the page opens it, drawn before
anybody asked (`rnnviz.ui.first`), whole, in the theme and language and at the place where the chart then stands. The
*live stage* answers keys. The page with one chart has the second only, so both are held against that.

Where the time of a live stage goes: Step through and, in brackets, the page with one chart, in one run beside other
work on two cores, in ms from the start of the navigation. Only which part is long counts.

    Streamlit's scripts run                           1,620 (1,260)
    the session has begun                             1,780 (1,350)
    its first elements come                           1,860 (1,540)
    the title stands there                            1,930
    the chart's specification has come, 200 kB        2,050 (1,540)
    Vega's own scripts have run                       2,630 (2,000)
    the chart is compiled, parsed and drawn           3,910 (2,140)

Most of it is Streamlit's own start, and Vega, which compiles and draws some hundred marks whose places are expressions.
The picture waits for neither: it is in the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.row import Row, promise
from tests.browser.harness import chromium, serve, visit

TABS = 5
LIMIT = 1.15  # times the page with one chart
MOVED = 1.0  # px
BARE = Path(__file__).with_name("one_chart.py")
PAGES = {"Step through": "/step-through", "home": "/"}

CHART = "[data-testid=stVegaLiteChart] svg.marks path, [data-testid=stVegaLiteChart] canvas"
# Resolves, after the first frame in which it is there, with the milliseconds since the start of the navigation and with
# the box in px: of the finished picture, once it is loaded, or of a chart.
SEEN = """selector => new Promise(done => {
  const look = () => requestAnimationFrame(() => {
    const found = document.querySelector(selector);
    if (!found || found.complete === false || found.naturalWidth === 0) return look();
    const {x, y, width, height} = (found.closest('svg') || found).getBoundingClientRect();
    if (!width || !height) return look();
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done([performance.now(), [x, y, width, height]]);
    channel.port2.postMessage(0);
  });
  look();
})"""
PICTURE = ".rnnviz-first img"
LOADED = "() => performance.getEntriesByType('resource').map(file => file.transferSize).filter(size => size > 0)"


@dataclass
class Opened:
    """What tabs that opened one page took, in order."""

    pictures: list[float] = field(default_factory=list)  # s until the finished picture was painted
    charts: list[float] = field(default_factory=list)  # s until the chart was
    moved: list[float] = field(default_factory=list)  # px between the two, the edge that moved most
    requests: list[int] = field(default_factory=list)  # until the chart
    sent: list[float] = field(default_factory=list)  # MB of files that were sent, beside the page's own messages
    again: list[float] = field(default_factory=list)  # the same when the page is opened a second time

    def wait(self, page: Page, *, pictured: bool) -> None:
        """Until the picture and the chart were painted. pictured: whether the page has a picture."""
        at = []
        if pictured:
            seconds, at = page.evaluate(SEEN, PICTURE)
            self.pictures.append(seconds / 1000)
        seconds, box = page.evaluate(SEEN, CHART)
        self.charts.append(seconds / 1000)
        self.moved.append(max((abs(one - other) for one, other in zip(at, box, strict=False)), default=0))


def open_tab(browser: Browser, url: str, into: Opened, *, pictured: bool = True) -> None:
    """Open `url` as a new visitor, with an empty cache; and again."""
    with visit(browser, "about:blank", wait=False) as seen:
        asked: list[str] = []
        seen.page.on("request", lambda request: asked.append(request.url))
        seen.page.goto(url, wait_until="commit")
        into.wait(seen.page, pictured=pictured)
        into.requests.append(len(asked))
        into.sent.append(sum(seen.page.evaluate(LOADED)) / 1e6)
        seen.page.goto(url, wait_until="commit")
        seen.page.evaluate(SEEN, CHART)
        into.again.append(sum(seen.page.evaluate(LOADED)) / 1e6)


def fresh(browser: Browser, address: str) -> Opened:
    """In a process that nobody has visited, which has still to load torch."""
    opened = Opened()
    with serve() as app:
        open_tab(browser, app.url(address), opened)
    return opened


def measure() -> Iterator[Row]:
    bare, pages = Opened(), {name: Opened() for name in PAGES}
    with chromium() as browser:
        first = fresh(browser, PAGES["Step through"])
        with serve() as app, serve(BARE) as one:
            for address in (*PAGES.values(), "/"):  # torch is loaded, and caches of the process are filled
                open_tab(browser, app.url(address), Opened())
            open_tab(browser, one.url(), Opened(), pictured=False)
            for _ in range(TABS):  # in turns, so that what else the machine does falls on all
                open_tab(browser, one.url(), bare, pictured=False)
                for name, address in PAGES.items():
                    open_tab(browser, app.url(address), pages[name])
    against, chart = "a page with one chart", median(bare.charts)
    for name, opened in pages.items():
        what, live = f"fresh tab to finished picture, median of {TABS}, {name}", f"the same to the live stage, {name}"
        yield Row(what, median(opened.pictures), "s", against, chart)
        yield promise(f"{what}, {LIMIT} times {against}", median(opened.pictures), "s", LIMIT * chart)
        yield Row(live, median(opened.charts), "s", against, chart)
        yield promise(f"from picture to live stage, moved, {name}", max(opened.moved), "px", MOVED)
        yield Row(
            f"requests until the live stage, {name}",
            median(opened.requests),
            "requests",
            against,
            median(bare.requests),
        )
        yield Row(f"files sent until then, {name}", median(opened.sent), "MB", against, median(bare.sent))
        yield Row(f"files sent at a second visit, {name}", median(opened.again), "MB", against, median(bare.again))
    name = "a fresh process, one visitor, Step through"
    yield Row(f"fresh tab to finished picture, {name}", first.pictures[0], "s", "its live stage", first.charts[0])
