"""What a page is going to need, loaded while the browser still loads Streamlit's scripts: a second or more in which a
fresh process would wait for its first visitor."""

from __future__ import annotations

from importlib import import_module
from threading import Thread

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rnnviz.ui.first.pictures import drawn
from rnnviz.ui.host.internals import base_path


class Ahead:
    """Begins to load torch when the document of a lesson that computes is asked for. The first page needs none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # Nothing of ours: two threads that import modules which import each other get one of them half made.
        self._load = Thread(target=import_module, args=("torch",), name="torch", daemon=True)
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._begun and scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", ""):
            address = scope["path"].removeprefix(base_path())
            if address and any(picture.address == address for picture in drawn().values()):
                self._begun = True
                self._load.start()
        await self._app(scope, receive, send)
