"""Streamlit's own scripts and styles on their way to the browser: answered from memory, compressed once, and those that
a page will need named with its first answer.

Streamlit reads each file anew and sends it as long as it is; and a browser learns of the scripts of a chart only when
the page is told of the chart, after everything else has come.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnviz.ui.first.pictures import files as pictures
from rnnviz.ui.host.internals import ASSETS, base_path, part_file

# What pages are made of, by Streamlit's names: the first page, and those on which something is set.
FIRST = ("ArrowVegaLiteChart", "BidiComponent", "Html", "ButtonGroup", "PageLink")
FURTHER = ("ArrowVegaLiteChart", "BidiComponent", "Html", "ButtonGroup", "Button", "TextInput", "Selectbox")
COMPRESSED = (".js", ".css", ".svg")
_IMPORTED = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
_FOREVER = {"cache-control": "public, immutable, max-age=31536000", "vary": "accept-encoding"}  # a name is of a content


class Assets:
    """Answers for Streamlit's scripts, styles and fonts, and adds to a page's first answer which of them it needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        base = base_path()
        name = scope["path"].removeprefix(f"{base}static/")
        if name in files() or name in pictures():
            compress = "gzip" in Headers(scope=scope).get("accept-encoding", "")
            await _answer(name, compress)(scope, receive, send)
            return

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "text/html" in headers.get("content-type", ""):
                    scripts = needed(FIRST if scope["path"] == base else FURTHER)
                    headers.append("link", ", ".join(_named(base, script) for script in scripts))
            await send(message)

        await self._app(scope, receive, named)


@cache
def files() -> frozenset[str]:
    """The files there are, as the browser asks for them."""
    return frozenset(file.relative_to(ASSETS).as_posix() for file in ASSETS.rglob("*") if file.is_file())


@cache
def needed(parts: tuple[str, ...]) -> tuple[str, ...]:
    """The scripts of these parts of a page and what they import, without what the page itself names."""
    page = (ASSETS.parent / "index.html").read_text("utf-8")
    names: dict[str, None] = {}

    def add(script: str) -> None:
        if script not in names and script not in page:
            names[script] = None
            for other in _IMPORTED.findall((ASSETS / "js" / script).read_text("utf-8")):
                add(other)

    for part in parts:
        if script := part_file(part):
            add(script)
    return tuple(names)


def _named(base: str, script: str) -> str:
    return f"<{base}static/js/{script}>; rel=modulepreload; crossorigin; fetchpriority=low"  # after the page's own


@cache
def _content(name: str, compressed: bool) -> bytes:
    if name in pictures():
        return pictures()[name] if compressed else gzip.decompress(pictures()[name])
    content = (ASSETS / name).read_bytes()
    return gzip.compress(content, 6) if compressed else content


def _answer(name: str, compress: bool) -> Response:
    compress = compress and Path(name).suffix in COMPRESSED
    headers = _FOREVER | ({"content-encoding": "gzip"} if compress else {})
    return Response(_content(name, compress), headers=headers, media_type=guess_type(name)[0])
