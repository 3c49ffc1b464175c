"""Draw the first pictures of all pages anew: `python -m scripts.first_pictures` writes them to `rnnviz/ui/first`.

They are what Vega draws of a page's chart in a browser, for each language and size of window: the very marks that a
visitor then gets in their place. A name, `step`, draws those of one page.
"""

from __future__ import annotations

import argparse
import gzip
import json
from typing import Any

from playwright.sync_api import Browser, Page

from rnnviz.lessons import LESSONS
from rnnviz.ui.first.pictures import FOLDER, LIST, SIZES
from scripts.drawn_from import sources
from scripts.still import still
from tests.browser.harness import Server, chromium, serve, settle, visit

COMMAND = "python -m scripts.first_pictures"
# Widths of windows in which it is looked where the chart stands, besides those that are drawn.
WIDTHS = (360, 412, 768, 1024, 1280, 1536)
TRIES = 4
IDLE = "() => new Promise(done => requestIdleCallback(done))"
MARKS = "[class*='_stage_frame'] svg.marks"
# The chart once it is as wide as its place and of the page's theme; until then nothing.
CHART = f"""dark => {{
  const chart = document.querySelector("{MARKS}"), app = document.querySelector("[data-testid=stApp]");
  const {{left, top, width, height}} = chart.getBoundingClientRect();
  const paper = getComputedStyle(app).backgroundColor, now = getComputedStyle(chart).backgroundColor;
  const [red, green, blue] = paper.match(/[\\d.]+/g).map(Number);
  const fits = chart.closest("[class*='_stage_frame']").clientWidth === width && chart.querySelector("path");
  if (!fits || now !== paper || (red + green + blue < 384) !== dark) return null;
  return {{svg: chart.outerHTML, place: [left, top], width, height}};
}}"""


def resized(page: Page, width: int, height: int, *, dark: bool = False) -> dict[str, Any]:
    """The chart in a window of this size."""
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if dark else "light")
    last = None
    while True:  # until it stays as it is
        page.wait_for_timeout(300)
        page.evaluate(IDLE)
        now = page.evaluate(CHART, dark)
        if now is not None and now == last:
            return dict(now)
        last = now


def pictured(page: Page, width: int, height: int, tries: int = TRIES) -> tuple[dict[str, Any], bytes]:
    """The chart in a window of this size and its picture. A busy browser draws a wider chart in two goes, and the first
    of them can last."""
    light, dark = (resized(page, width, height, dark=dark) for dark in (False, True))
    try:
        return light, still(light["svg"], dark["svg"])
    except ValueError:
        if tries == 1:
            raise
    return pictured(page, width, height, tries - 1)


def draw(browser: Browser, server: Server, page: str, language: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Where the chart of a page stands, and its pictures by size."""
    sizes: dict[str, tuple[float, float]] = {}
    places: dict[int, tuple[float, float]] = {}
    pictures: dict[str, bytes] = {}
    with visit(browser, server.url(f"/{LESSONS[page].address}"), locale=language) as seen:
        seen.page.wait_for_selector(f"{MARKS} path", state="attached")
        settle(seen.page)  # a run that plays as the page opens is at its end
        for size, (width, height) in SIZES.items():
            chart, pictures[size] = pictured(seen.page, width, height)
            sizes[size], places[width] = (chart["width"], chart["height"]), chart["place"]
        for width in WIDTHS:
            places[width] = resized(seen.page, width, 800)["place"]
    return {"address": LESSONS[page].address, "sizes": sizes, "places": dict(sorted(places.items()))}, pictures


def main() -> None:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("pages", nargs="*", metavar="page", help=f"all by default: {', '.join(LESSONS)}")
    pages = parser.parse_args().pages
    if unknown := set(pages) - set(LESSONS):
        parser.error(f"no such page: {', '.join(sorted(unknown))}; there are {', '.join(LESSONS)}")
    listed = json.loads(LIST.read_text("utf-8")) if pages else {}
    FOLDER.mkdir(exist_ok=True)
    with serve() as server, chromium() as browser:
        for name, source in sources(pages or LESSONS):
            place, pictures = draw(browser, server, source.page, source.language)
            listed[name] = {**place, "source": source.written()}
            LIST.write_text(json.dumps(dict(sorted(listed.items()))) + "\n", "utf-8")
            for size, svg in pictures.items():
                (FOLDER / f"{name}-{size}.svgz").write_bytes(packed := gzip.compress(svg, 9, mtime=0))
                print(f"{name}-{size}: {len(packed)} bytes", flush=True)


if __name__ == "__main__":
    main()
