"""A page that fails, in a browser: the box is seen by every other test here, and its way out leads to the bare page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from rnnviz.words import catalogue
from tests.browser import harness

APP = """
import streamlit as st

from rnnviz.ui.host.error_box import failed
from rnnviz.ui.url.state import open_app


def run():
    open_app()
    if "broken" in st.query_params:
        raise ValueError("secret")
    st.markdown("well")


if __name__ == "__main__":
    run()
else:
    app = st.App(__file__, on_script_error=failed)
"""


def test_the_box_is_a_fault_and_leads_out(tmp_path: Path, browser: Browser) -> None:
    script = tmp_path / "fails.py"
    script.write_text(APP, encoding="utf-8")
    with harness.serve(script) as server, harness.visit(browser, server.url("/?broken=1&lang=ko"), wait=False) as seen:
        box = seen.page.get_by_test_id("stAlert")
        expect(box).to_contain_text(catalogue("ko")["failed.title"])
        assert [fault for fault in seen.faults() if fault.startswith("error box")]
        assert "secret" not in seen.page.content()
        with seen.page.context.expect_page() as afresh:
            box.get_by_role("link").click()
        expect(afresh.value.get_by_text("well")).to_be_visible()
        assert afresh.value.url == server.url("/?lang=ko")
