"""What is below a page's address has no page: a browser that asks for it is led to the level of the pages."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from starlette.responses import PlainTextResponse

from rnnviz.ui.host.server import Level


def led_to(address: str, base: str = "", accept: str = "text/html,*/*") -> str | None:
    """Where a browser that asks for this is sent; None where it gets what is there."""
    path, _, query = address.partition("?")
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("a page")(scope, receive, send)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": unquote(path), "query_string": query.encode()}
    scope["headers"] = [(b"accept", accept.encode())]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.get_option", {"server.baseUrlPath": base}.__getitem__)
        asyncio.run(Level(app)(scope, None, send))
    location = dict(sent[0]["headers"]).get(b"location")
    return urljoin(f"http://host{path}", location.decode()) if location else None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/step-through/xyz", "/xyz"),
        ("/step-through/xyz?lang=ko&text=a%20b", "/xyz?lang=ko&text=a%20b"),
        ("/a/b/c/", "/c"),
        ("/a/%EA%B0%80", "/%EA%B0%80"),
        ("/a/javascript:alert(1)", "/javascript%3Aalert%281%29"),
        ("/a/%20", "/%20"),
        ("/%20", "/"),
        ("/%20%09/?lang=ko", "/?lang=ko"),
        ("/%E3%80%80?lang=ko", "/?lang=ko"),
    ],
)
def test_a_browser_below_the_pages_is_led_to_their_level_on_the_same_host(address: str, shown: str) -> None:
    assert led_to(address) == f"http://host{shown}"


def test_where_the_app_has_a_base_path_that_is_the_level() -> None:
    assert led_to("/base/step-through/xyz", "base") == "http://host/base/xyz"
    assert led_to("/base/step-through", "base") is None
    assert led_to("/base/%20", "base") == "http://host/base/"


@pytest.mark.parametrize(
    "address", ["/", "/step-through", "/step-through/", "/static/js/a.js", "/_stcore/health", "/media/a"]
)
def test_a_page_and_what_streamlit_has_are_where_they_are(address: str) -> None:
    assert led_to(address) is None


def test_what_a_page_loads_is_not_led_anywhere() -> None:
    assert led_to("/step-through/_stcore/health", accept="application/json") is None
