"""A stage saved as a file plays from the disk of a computer without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rnnviz.charts.kit import export, palette
from rnnviz.words import catalogue
from tests.browser.harness import WAIT, caption, kept_keys
from tests.charts.networks import case, made

HOSTILE = "<img src=x onerror=window.broken=1>"
LAYER = catalogue("en")["stage.layer"]
TOKENS = ("one", "</script><script>window.broken=1</script>", HOSTILE, "넷", "'\"`\\", "last")


@dataclass
class Opened:
    page: Page
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """The file in a browser that is offline. At the end nothing was asked for and nothing went wrong.

    Its parameter: whether it is dark, and how many layers its network has.
    """
    file = tmp_path / "stage.html"
    dark, layers = getattr(request, "param", (False, 1))
    of = case("gru", steps=len(TOKENS), tokens=TOKENS, layers=layers)
    file.write_text(
        export.to_html(made(of, words=[HOSTILE + str(k) for k in range(8)]), title=HOSTILE, dark=dark), "utf-8"
    )
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 900})
    seen = Opened(context.new_page())
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    seen.page.on("console", lambda said: seen.errors.append(said.text) if said.type in ("error", "warning") else None)
    seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
    seen.page.goto(file.as_uri())
    seen.page.wait_for_selector("g.caption_marks text", timeout=WAIT)
    yield seen
    assert seen.asked == [file.as_uri()]
    assert seen.errors == []
    assert seen.page.evaluate("window.broken") is None
    context.close()


def shows_step(page: Page, t: int) -> None:
    expect(page.locator("g.caption_marks text")).to_have_text(f"t = {t} / {len(TOKENS)}", timeout=WAIT)


def test_the_file_plays_without_a_network(opened: Opened) -> None:
    page = opened.page
    assert caption(page) == (1, len(TOKENS))
    for key, t in [("ArrowRight", 2), ("ArrowRight", 3), ("End", len(TOKENS)), ("Home", 1)]:
        page.keyboard.press(key)
        shows_step(page, t)
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    shows_step(page, 3)
    page.keyboard.press("Enter")
    expect(page.locator("g.node_marks path").first).to_be_attached(timeout=WAIT)


def test_no_key_of_the_stage_scrolls_the_file_however_fast_they_come(opened: Opened) -> None:
    assert kept_keys(opened.page, (" ", "End", "Home", "ArrowUp", "PageDown")) == [" ", "End", "Home"]


def test_markup_in_a_token_is_shown_and_never_obeyed(opened: Opened) -> None:
    """Neither in the picture nor in the tooltip, which is HTML."""
    page = opened.page
    page.keyboard.press("End")  # a token that is still to come says nothing
    shows_step(page, len(TOKENS))
    page.locator("g.column_marks path").nth(2).hover()
    tooltip = page.locator("#vg-tooltip-element.visible")
    expect(tooltip).to_contain_text(HOSTILE, timeout=WAIT)
    page.locator("g.box_marks path").nth(1).hover()
    expect(tooltip).to_contain_text(TOKENS[1], timeout=WAIT)
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("opened", [(True, 1)], indirect=True, ids=["dark"])
def test_a_file_saved_from_a_dark_page_is_dark(opened: Opened) -> None:
    page = opened.page
    assert page.locator("g.caption_marks text").get_attribute("fill") == palette.NOW.dark
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == f"rgb({', '.join(str(int(palette.PAPER.dark[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.parametrize("opened", [(False, 3)], indirect=True, ids=["three layers"])
def test_a_key_opens_one_layer_after_the_other(opened: Opened) -> None:
    """What a click on a layer's name does."""
    page = opened.page
    page.keyboard.press("Enter")
    for layer in (1, 2, 3, 1):
        page.keyboard.press("r")
        expect(page.locator("svg.marks")).to_contain_text(f"GRU · {LAYER.format(layer=layer)}", timeout=WAIT)


def test_the_file_follows_the_width_of_its_window(opened: Opened) -> None:
    page = opened.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.querySelector('svg.marks').clientWidth <= 390", timeout=WAIT)
    page.keyboard.press("End")
    shows_step(page, len(TOKENS))
