"""axe-core on every page, in both languages: what it calls serious or critical is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from tests.browser import harness
from tests.browser.conftest import Look

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
# Parts of Streamlit's own markup that no setting changes, by what axe says of them.
NOT_OURS: dict[str, str] = {}
RUN = """excluded => axe.run({exclude: excluded.map(selector => [selector])}).then(found => found.violations
  .filter(one => ['serious', 'critical'].includes(one.impact))
  .map(one => [one.id, one.nodes.map(node => `${node.target.join(' ')}: ${node.html.slice(0, 160)}`)]))"""


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize("address", harness.ADDRESSES)
def test_no_page_has_a_serious_or_critical_finding(address: str, locale: str, look: Look) -> None:
    page = look(address, locale=locale).page
    page.evaluate(AXE.read_text("utf-8"))
    found: list[Any] = page.evaluate(RUN, list(NOT_OURS))
    assert found == []
    assert page.evaluate("document.documentElement.lang") == locale
