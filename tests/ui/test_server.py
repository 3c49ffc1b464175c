"""What the server answers besides the pages: no figures unless the host asks for them, and nobody's files."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from streamlit import config

from rnnviz.ui.host.internals import own_url
from rnnviz.ui.host.server import open_browser
from tests.browser.harness import ROOT, Server, serve
from tests.client import tab

SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nkept?\r\n--x--\r\n'
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


def status(server: Server, address: str, method: str = "GET", data: bytes | None = None) -> int:
    try:
        with urlopen(Request(server.url(address), data, FORM, method=method), timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_metrics_are_shut(server: Server) -> None:
    assert status(server, "/_stcore/health") == 200
    assert status(server, "/_stcore/metrics") == 404
    assert status(server, "/_stcore/metrics?families=active_sessions") == 404


def test_metrics_are_open_where_the_host_asks_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNVIZ_METRICS", "1")
    with serve() as server:
        assert status(server, "/_stcore/metrics") == 200
        assert status(server, "/_stcore/upload_file/a/b", "PUT", FILE) == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "POST"])
def test_files_are_not_taken(method: str, server: Server) -> None:
    assert status(server, "/_stcore/upload_file/some-session/some-file", method, FILE) == 404


def test_a_message_larger_than_the_largest_file_ends_the_connection(server: Server) -> None:
    async def visit() -> None:
        async with tab(f"127.0.0.1:{server.port}", "/step-through?lang=en") as seen:
            with pytest.raises(ConnectionError):
                await seen.change("step_text", "a " * 3_600_000)

    asyncio.run(visit())


@pytest.mark.parametrize("headless", [False, True])
def test_who_starts_it_at_a_screen_is_shown_the_app(headless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("streamlit.get_option", {"server.headless": headless}.__getitem__)
    monkeypatch.setattr("webbrowser.open", shown.append)
    monkeypatch.setattr("rnnviz.ui.host.server.LISTENS_AFTER", 0)

    async def start() -> None:
        async with open_browser(None):
            await asyncio.sleep(0.05)

    asyncio.run(start())
    assert shown == ([] if headless else [own_url()])


def test_no_page_uploads_a_file_and_the_settings_agree() -> None:
    """A page that does needs a size of its own, and its address open; `ui.controls.file_field` uploads none."""
    files = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "rnnviz").rglob("*.py")]
    takes = ("file_uploader(", "chat_input(", "audio_input(", "camera_input(")
    assert [file for file in files if any(word in file.read_text(encoding="utf-8") for word in takes)] == []
    assert SETTINGS["server"]["maxUploadSize"] == 0


def test_streamlit_knows_every_setting() -> None:
    def names(table: dict[str, Any], path: str = "") -> Iterator[str]:
        for name, value in table.items():
            yield from names(value, f"{path}{name}.") if isinstance(value, dict) else [path + name]

    assert set(names(SETTINGS)) - config.get_config_options().keys() == set()
