"""What the server answers besides the pages, and what it does not."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Timer
from urllib.parse import quote

import streamlit as st
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnviz.ui.first.answer import FirstAnswer
from rnnviz.ui.host.ahead import Ahead
from rnnviz.ui.host.assets import Assets
from rnnviz.ui.host.internals import base_path, own_url

UPLOADS = "/_stcore/upload_file/"
METRICS = "/_stcore/metrics"
ASKED_FOR = "RNNVIZ_METRICS"  # environment variable: anything in it opens the metrics, to everybody who reaches the app
OWN = ("_stcore", "app", "auth", "component", "media", "static")  # where Streamlit itself has something
LISTENS_AFTER = 0.5  # seconds from the start of what is served to a server that surely listens


class Shut:
    """Answers 404 where one of `parts` is in the address, wherever the app is mounted (`server.baseUrlPath`)."""

    def __init__(self, app: ASGIApp, parts: tuple[str, ...]) -> None:
        self._app, self._parts = app, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shut = scope["type"] == "http" and any(part in scope["path"] for part in self._parts)
        await (PlainTextResponse("Not Found", 404) if shut else self._app)(scope, receive, send)


class Level:
    """Leads a browser that asks for `/step-through/xyz` to `/xyz`, which is a page that says that there is none; and to
    the first page where the name is blank.

    Below a page's address a browser would look for everything else too, find nothing and show nothing. No page
    has a blank name: Streamlit would say in English, over the first page, that there is none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        above = _above(scope) if scope["type"] == "http" and scope["method"] == "GET" else ""
        await (RedirectResponse(above, 307) if above else self._app)(scope, receive, send)


def _above(scope: Scope) -> str:
    """Where the last name is on the level of the pages, from where the browser is; empty where the browser is right."""
    first, *further = scope["path"].removeprefix(base_path()).lstrip("/").split("/")
    names = [name for name in further if name]
    blank = first != "" and not first.strip()
    if not (names or blank) or first in OWN or "text/html" not in Headers(scope=scope).get("accept", ""):
        return ""
    query = scope["query_string"].decode("latin-1")
    return ("../" * len(further) or "./") + quote("".join(names[-1:]), safe="") + f"?{query}" * bool(query)


def middleware() -> list[Middleware]:
    """No page uploads anything, yet Streamlit would keep what any visitor sends, file after file, as long as their tab
    is open. And its figures about sessions and caches are nobody's business unless the host asks for them."""
    shut = (UPLOADS,) if os.environ.get(ASKED_FOR) else (UPLOADS, METRICS)
    return [Middleware(Shut, shut), *(Middleware(layer) for layer in (Level, Ahead, Assets, FirstAnswer))]


@asynccontextmanager
async def open_browser(_: object) -> AsyncIterator[None]:
    """Show the app to whoever started it at their own screen, as `streamlit run` does with a script alone."""
    timer = Timer(LISTENS_AFTER, webbrowser.open, (own_url(),))  # a thread: a browser's command can take its time
    timer.daemon = True
    if not st.get_option("server.headless"):
        timer.start()
    yield
    timer.cancel()
