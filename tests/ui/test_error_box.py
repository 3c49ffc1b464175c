"""What a visitor sees of an error of ours: in their language, with a way out, and nothing of the error itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from rnnviz.words import catalogue
from tests.browser.harness import Server, serve
from tests.client import tab

APP = """
import streamlit as st

from rnnviz.ui.host.error_box import failed
from rnnviz.ui.url.state import open_app


def fail():
    raise KeyError("secret")


def run():
    open_app()
    where = st.query_params.get("where")
    st.button("press", key="press", on_click=fail)
    if where == "page":
        fail()
    if where == "part":
        st.fragment(fail, run_every=0.2)()
    if where == "stopped":
        st.stop()


if __name__ == "__main__":
    run()
else:
    app = st.App(__file__, on_script_error=failed)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("failed") / "fails.py"
    script.write_text(APP, encoding="utf-8")
    with serve(script) as server:
        yield server


async def visit(server: Server, where: str, language: str) -> list[str]:
    """The boxes that are shown."""
    async with tab(f"127.0.0.1:{server.port}", f"/?where={where}&lang={language}") as seen:
        if where == "callback":
            await seen.press("press")
        if where == "part":
            await asyncio.sleep(0.6)
        assert all(not element.HasField("exception") for element in seen.elements.values())
        return [element.alert.body for element in seen.elements.values() if element.HasField("alert")]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("where", ["page", "part", "callback"])
def test_an_error_is_told_in_the_readers_language(where: str, language: str, server: Server) -> None:
    before = server.log().count("KeyError")
    (told,) = asyncio.run(visit(server, where, language))
    assert catalogue(language)["failed.title"] in told
    assert f"(http://127.0.0.1:{server.port}/?lang={language})" in told, "the way out keeps nothing but the language"
    assert "secret" not in told
    assert server.log().count("KeyError") > before, "the log has the traceback"


def test_a_page_that_stops_or_runs_through_has_not_failed(server: Server) -> None:
    for where in ("stopped", "nowhere"):
        assert asyncio.run(visit(server, where, "en")) == []
