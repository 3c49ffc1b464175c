"""Every way in which a chart leaves the program, opened in a browser: texts that try to be code stay texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import altair as alt
import pytest
import vl_convert
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Route

from rnnviz.charts.kit import export
from rnnviz.charts.kit.tables import clean
from tests.browser.harness import WAIT
from tests.charts.hostile import CHARTS, TEXTS

KIND = pytest.mark.parametrize("kind", CHARTS)
# Those that a chart can hold as they are, and that some mark has room for.
READABLE = [text for text in TEXTS if clean(text) == text and len(text) < 60]
# The pointer goes over every mark; what the tooltips say, and the elements that they are made of.
HOVER = """async () => {
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const said = new Set(), made = new Set();
  for (const mark of document.querySelectorAll("svg.marks *")) {
    const {left, top, width, height} = mark.getBoundingClientRect();
    const at = {bubbles: true, clientX: left + width / 2, clientY: top + height / 2};
    for (const kind of ["pointerover", "pointermove"]) mark.dispatchEvent(new PointerEvent(kind, at));
    const tip = document.querySelector("#vg-tooltip-element.visible");
    if (!tip) continue;
    said.add(tip.textContent);
    for (const part of tip.querySelectorAll("*")) made.add(part.tagName);
    mark.dispatchEvent(new PointerEvent("pointerout", at));
  }
  return [[...said], [...made]];
}"""


class Opened:
    """A page of the browser, and what goes wrong in it."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder, self.faults = page, folder, list[str]()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def _request(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "about:", "https://cdn.jsdelivr.net/npm/vega")):
            self.faults.append(url)

    def open(self, written: str) -> None:
        file = self.folder / "page.html"
        file.write_text(written, "utf-8")
        self.page.goto(file.as_uri())

    def sound(self) -> None:
        assert [frame.evaluate("window.hacked") for frame in self.page.frames] == [None] * len(self.page.frames)
        assert self.faults == []


@pytest.fixture(scope="module")
def libraries() -> str:
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=export.VEGA_LITE))


@pytest.fixture
def opened(browser: Browser, libraries: str, tmp_path: Path) -> Iterator[Opened]:
    """A blank page without a network, but for Vega's libraries; at the end nothing has gone wrong in it."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})

    def fetched(route: Route) -> None:
        route.fulfill(body=libraries if "vega-embed" in route.request.url else "", content_type="text/javascript")

    context.route("https://cdn.jsdelivr.net/**", fetched)
    seen = Opened(context.new_page(), tmp_path)
    yield seen
    seen.sound()
    context.close()


def assert_shows_the_texts(kind: str, frame: Frame) -> None:
    """In a mark or a tooltip; where there is room for its beginning only, that. Stepped, and inside a step."""
    frame.wait_for_selector("svg.marks text", state="attached", timeout=WAIT)
    found: list[str] = []
    for keys in ((), ("ArrowRight", "Enter", "ArrowRight"), ("Escape", "End")):
        for key in keys:
            frame.page.keyboard.press(key)
        said, made = frame.evaluate(HOVER)
        assert set(made) <= {"H2", "TABLE", "TBODY", "TR", "TD"}
        found += said + frame.locator("svg.marks text").all_text_contents()
    if kind in ("chain", "rolled", "watched", "terms", "states"):
        assert [text for text in READABLE if not any(text in said for said in found)] == []
    else:
        assert any("</sc" in said for said in found)


@KIND
def test_a_page_saved_as_the_readme_does_obeys_no_text(kind: str, opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "chart.html"
    CHARTS[kind](TEXTS).save(str(file), inline=True)
    opened.page.context.set_offline(True)
    opened.page.goto(file.as_uri())
    assert_shows_the_texts(kind, opened.page.main_frame)


@KIND
def test_a_picture_obeys_no_text_alone_or_in_a_page(kind: str, opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "chart.svg"
    CHARTS[kind](TEXTS).save(file)
    opened.page.goto(file.as_uri())
    elements = opened.page.evaluate("[...document.querySelectorAll('*')].map(element => element.tagName)")
    assert set(elements) <= {"svg", "g", "path", "text", "tspan", "image", "line", "defs", "clipPath", "rect"}
    opened.sound()
    opened.open(f"<!DOCTYPE html><body>{file.read_text('utf-8')}</body>")
    opened.page.wait_for_selector("svg text", state="attached")
    assert opened.page.locator("script, img, a, iframe").count() == 0


@pytest.mark.parametrize("kind", ["chain", "training", "states"])
def test_a_page_that_fetches_its_libraries_obeys_no_text(kind: str, opened: Opened) -> None:
    opened.open(CHARTS[kind](TEXTS).to_html(title=TEXTS[0]))
    assert_shows_the_texts(kind, opened.page.main_frame)
    assert opened.page.title() == TEXTS[0]


def notebook(kind: str) -> str:
    """Two cells."""
    cell: str = CHARTS[kind](TEXTS)._repr_mimebundle_()["text/html"]
    return f"<!DOCTYPE html><body>{cell}{cell}</body>"


@pytest.mark.parametrize("kind", ["chain", "training", "states"])
def test_a_cell_of_a_notebook_obeys_no_text(kind: str, opened: Opened) -> None:
    opened.open(notebook(kind))
    _, frame, _ = opened.page.frames
    frame.frame_element().click(position={"x": 5, "y": 5})
    assert_shows_the_texts(kind, frame)


def test_a_cell_of_a_notebook_is_as_high_as_its_chart_and_has_keys_of_its_own(opened: Opened) -> None:
    opened.open(notebook("chain"))
    _, first, second = opened.page.frames
    for frame in (first, second):
        frame.wait_for_selector("g.caption_marks text", timeout=WAIT)
        frame.wait_for_function("innerHeight == document.documentElement.offsetHeight", timeout=WAIT)
    first.locator("g.caption_marks text").click()
    opened.page.keyboard.press("ArrowRight")
    first.wait_for_selector("g.caption_marks text:text('t = 2 /')", timeout=WAIT)
    assert second.locator("g.caption_marks text").text_content() == f"t = 1 / {len(TEXTS)}"


@pytest.mark.parametrize("renderer", ["mimetype", "jupyterlab"])
def test_a_front_end_that_draws_the_data_itself_offers_no_source(renderer: str, opened: Opened) -> None:
    """Vega-Embed's "View source" writes the data into a new window as markup."""
    with alt.renderers.enable(renderer):
        bundle, _ = CHARTS["chain"](TEXTS)._repr_mimebundle_()
    (spec,) = [part for mime, part in bundle.items() if "vegalite" in mime]
    opened.open('<script src="https://cdn.jsdelivr.net/npm/vega-embed"></script><div id="here"></div>')
    opened.page.evaluate("async spec => { await vegaEmbed('#here', spec, {renderer: 'svg', actions: true}); }", spec)
    opened.page.wait_for_selector("svg.marks text", timeout=WAIT)
    assert opened.page.locator(".vega-actions a").all_text_contents() == ["Save as SVG", "Save as PNG"]
