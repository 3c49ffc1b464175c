"""A notebook, run by a kernel and opened without a network: JupyterLab's own HTML of its cells, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, BrowserContext, Frame, Page

from tests.browser.harness import ROOT, WAIT

CELLS = (
    "import torch, rnnviz\ntrace = rnnviz.record(torch.nn.LSTM(3, 4), torch.zeros(5, 3))",
    "rnnviz.stage(trace)",
    "rnnviz.stage(trace).properties(width=500)",
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTML that nbviewer makes of a notebook of two stages, too."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    written = tmp_path_factory.mktemp("notebook") / "notebook.html"
    written.write_text(HTMLExporter().from_notebook_node(notebook)[0], "utf-8")
    return written


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1100, "height": 900}, offline=True) as made:
        yield made


def opened(context: BrowserContext, file: Path) -> Page:
    page = context.new_page()
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    return page


def said(frame: Frame) -> str | None:
    return frame.locator("g.caption_marks text").text_content(timeout=WAIT)


def test_both_stages_play_without_a_network_and_each_has_its_own_keys(context: BrowserContext, file: Path) -> None:
    page = opened(context, file)
    first, second = page.frames[1:]
    for frame in (first, second):
        frame.wait_for_selector("g.caption_marks text", timeout=WAIT)
        still = frame.frame_element().query_selector("xpath=preceding-sibling::img")
        assert still
        assert not still.is_visible()
    second.locator("g.caption_marks text").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    second.wait_for_selector("g.caption_marks text:text('t = 3 / 5')", timeout=WAIT)
    assert said(first) == "t = 1 / 5"
    page.mouse.click(5, 5)  # beside both
    page.keyboard.press("ArrowRight")
    first.locator("g.caption_marks text").click()
    page.keyboard.press("ArrowRight")
    first.wait_for_selector("g.caption_marks text:text('t = 2 / 5')", timeout=WAIT)
    assert said(second) == "t = 3 / 5"


def test_a_stage_is_as_wide_as_its_cell_and_as_high_as_it_needs(context: BrowserContext, file: Path) -> None:
    page = opened(context, file)
    first, second = page.frames[1:]
    for wide in (1100, 700):
        page.set_viewport_size({"width": wide, "height": 900})
        for frame in (first, second):
            frame.wait_for_selector("g.caption_marks text", timeout=WAIT)
            frame.wait_for_function("innerHeight == document.documentElement.offsetHeight", timeout=WAIT)
            frame.wait_for_function("document.documentElement.scrollWidth <= innerWidth", timeout=WAIT)
        # The page's margins and the room of the menu.
        first.wait_for_function("document.querySelector('svg.marks').clientWidth == innerWidth - 70", timeout=WAIT)
        assert (first.frame_element().bounding_box() or {})["width"] > 0.7 * wide
        assert (second.locator("svg.marks").bounding_box() or {})["width"] == 500


def test_where_no_script_runs_a_picture_stands_there(browser: Browser, file: Path) -> None:
    with browser.new_context(java_script_enabled=False, offline=True) as context:
        pictures = opened(context, file).locator("img[alt=rnnviz]")
        assert pictures.count() == 2
        for number in range(2):
            box = pictures.nth(number).bounding_box()
            assert box
            assert min(box["width"], box["height"]) > 300
