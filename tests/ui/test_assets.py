"""Streamlit's scripts reach the browser compressed, whole, and named before the page asks for them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from rnnviz.ui.host.internals import ASSETS
from tests.browser.harness import Server, chromium, serve, visit

NAMED = re.compile(r"<(/static/[^>]+)>; rel=modulepreload")
OPENED = ("/", "/step-through")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


def ask(server: Server, address: str, **headers: str) -> tuple[dict[str, str], bytes]:
    with urlopen(Request(server.url(address), headers=headers), timeout=10) as answer:
        return {name.casefold(): value for name, value in answer.headers.items()}, answer.read()


def named(server: Server, address: str) -> list[str]:
    return NAMED.findall(ask(server, address, Accept="text/html")[0]["link"])


@pytest.mark.parametrize("address", OPENED)
def test_every_script_that_a_page_names_is_answered_as_it_is_in_the_package(address: str, server: Server) -> None:
    scripts = named(server, address)
    assert len(scripts) > 10
    for script in scripts:
        content = (ASSETS / script.removeprefix("/static/")).read_bytes()
        headers, packed = ask(server, script, **{"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed) == content
        assert len(packed) < len(content) or len(content) < 200
        assert headers["content-type"].startswith(("text/javascript", "application/javascript"))
        assert "immutable" in headers["cache-control"]
        plain, unpacked = ask(server, script)
        assert unpacked == content
        assert "content-encoding" not in plain


def test_what_is_no_file_of_the_package_is_streamlits_to_answer(server: Server) -> None:
    headers, page = ask(server, "/", Accept="text/html")
    assert b'<div id="root">' in page
    assert "immutable" not in headers.get("cache-control", "")
    with pytest.raises(HTTPError, match=r"Bad Request|Not Found"):
        ask(server, "/static/js/..%2f..%2f..%2f__init__.py")


@pytest.mark.parametrize("address", OPENED)
def test_a_page_loads_no_script_that_its_first_answer_has_not_named(address: str, server: Server) -> None:
    loaded = set()
    with chromium() as browser, visit(browser, "about:blank", wait=False) as seen:
        seen.page.on("request", lambda request: loaded.add(request.url))
        seen.page.goto(server.url(address))
        seen.page.wait_for_selector("[data-testid=stVegaLiteChart] svg.marks")
    scripts = {url.removeprefix(server.url("")) for url in loaded if "/static/js/" in url}
    index = ask(server, address, Accept="text/html")[1].decode()
    assert {script for script in scripts if f".{script}" not in index} - {*named(server, address)} == set()
