"""axe-core on pages with their parts opened: what it calls serious or critical is not there. Every page as it opens is
looked at in `test_every_page`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import control, link

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
# Parts of Streamlit's own markup that no setting changes, by what axe says of them.
NOT_OURS: dict[str, str] = {}
RUN = """excluded => axe.run({exclude: excluded.map(selector => [selector])}).then(found => found.violations
  .filter(one => ['serious', 'critical'].includes(one.impact))
  .map(one => [one.id, one.nodes.map(node => `${node.target.join(' ')}: ${node.html.slice(0, 160)}`)]))"""


def findings(page: Page) -> list[Any]:
    page.evaluate(AXE.read_text("utf-8"))
    found: list[Any] = page.evaluate(RUN, list(NOT_OURS))
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("opened", ["_share", "_save", "_more"])
def test_nor_has_one_with_a_popover_open(opened: str, theme: str, look: Look) -> None:
    page = look("/step-through", theme=theme).page
    page.locator(f"[class*='st-key-step{opened}'] button").first.click()
    page.locator("[data-testid=stPopoverBody]").wait_for()
    harness.settle(page)
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("details", ["equations", "pytorch"])
def test_nor_has_one_with_its_details_open_and_a_cell_looked_into(details: str, theme: str, look: Look) -> None:
    page = look(link("/step-through", details=details, cell="lstm"), theme=theme).page
    control(page, "depth", "1").click()
    harness.settle(page)
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nor_has_a_phone_with_the_rest_of_the_player_open(theme: str, look: Look) -> None:
    page = look("/rolled-unrolled", size="phone", theme=theme).page
    control(page, "more").tap()
    assert findings(page) == []
