"""A browser's tab without the browser: one session, spoken in Streamlit's own WebSocket protocol. For tests and loads.

    async with tab("127.0.0.1:8501", "/step-through?lang=en") as seen:
        await seen.change("step_text", "you ___ a girl")
        assert seen.errors == [] and "t = 1 / 4" in seen.text()

It does what the browser's side of the protocol does and the server can notice: it says what it has in its cache, sends
the address back as the app has changed it, and asks for fragments with `run_every` by its own timer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from rnnviz.words import LANGUAGES, catalogue

STREAMLIT = Subprotocol("streamlit")
FAILED = tuple(catalogue(language)["failed.title"] for language in LANGUAGES)
ANSWER_LIMIT = 60.0
"""Seconds after which an answer counts as missing."""


@dataclass
class Tab:
    """An open page.

    answers: seconds from each request for the whole page to the end of the script.
    polls: the same for fragments that ask by themselves, from the first request that a later one cut off.
    errors: what the page shows as an exception, and scripts that did not run.
    elements: by their place on the page.
    """

    socket: ClientConnection
    url: str
    query: str
    answers: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    elements: dict[tuple[int, ...], Element] = field(default_factory=dict)
    _widgets: dict[str, WidgetState] = field(default_factory=dict)
    _messages: dict[str, ForwardMsg] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)
    _page: str = ""
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: bool = False

    def text(self) -> str:
        """Everything that the page says in Markdown, one element a line."""
        return "\n".join(element.markdown.body for element in self.elements.values() if element.HasField("markdown"))

    def find(self, key: str) -> tuple[str, str]:
        """Kind ("text_input") and id of the widget with this key. Raises `LookupError` where there is none."""
        for element in self.elements.values():
            kind = element.WhichOneof("type")
            widget = getattr(getattr(element, kind), "id", "") if kind else ""
            if widget.endswith(f"-{key}"):
                return str(kind), widget
        raise LookupError(f"no widget with the key {key!r} is on the page")

    async def change(self, key: str, value: str | list[str]) -> float:
        """Type into a text field, or choose by its label in a list (by a list of labels in a row of buttons), and wait
        for the page; returns the seconds it took. What is chosen is sent with every later request too."""
        self.hold(key, value)
        return await self.ask()

    def hold(self, key: str, value: str | list[str]) -> None:
        """Have a field show this, and send it along with the next request, whatever that is."""
        _, widget = self.find(key)
        state = self._widgets[widget] = WidgetState(id=widget)
        if isinstance(value, str):
            state.string_value = value
        else:
            state.string_array_value.data.extend(value)

    async def press(self, key: str) -> float:
        """Press a button, and wait for the page; returns the seconds it took."""
        _, widget = self.find(key)
        return await self.ask(WidgetState(id=widget, trigger_value=True))

    async def ask(self, *triggers: WidgetState, page: str = "") -> float:
        """Have the whole page run, and wait for its end. Raises `TimeoutError` after `ANSWER_LIMIT` seconds,
        `ConnectionError` where the connection has gone.
        """
        self._done.clear()
        start = time.perf_counter()
        await self._send(triggers, page=page)
        async with asyncio.timeout(ANSWER_LIMIT):
            await self._done.wait()
        if self._closed:
            raise ConnectionError("the connection closed before the page was complete")
        self.answers.append(time.perf_counter() - start)
        return self.answers[-1]

    async def _send(self, triggers: tuple[WidgetState, ...] = (), *, page: str = "", fragment: str = "") -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self.query, page, self._page
        state.fragment_id, state.is_auto_rerun = fragment, bool(fragment)
        state.widget_states.widgets.extend([*self._widgets.values(), *triggers])
        state.cached_message_hashes.extend(self._messages)
        state.context_info.url, state.context_info.locale, state.context_info.timezone = self.url, "en-US", "UTC"
        await self.socket.send(message.SerializeToString())

    async def listen(self) -> None:
        """Take in what the server sends, until the socket closes."""
        try:
            async for data in self.socket:
                assert isinstance(data, bytes)
                message = ForwardMsg.FromString(data)
                if message.WhichOneof("type") == "ref_hash":
                    message.hash = message.ref_hash
                    message.delta.CopyFrom(self._messages[message.hash].delta)
                if message.metadata.cacheable or message.hash in self._messages:
                    self._messages[message.hash] = message
                    self._used.add(message.hash)
                self._take(message)
        finally:
            self._closed = True
            self._done.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
            if not message.metadata.run.fragment_ids:
                self.elements.clear()
                self._stop_timers(list(self._timers))
        elif kind == "delta" and message.delta.HasField("new_element"):
            element = message.delta.new_element
            self.elements[tuple(message.metadata.delta_path)] = element
            if element.HasField("exception"):
                self.errors.append(element.exception.message or element.exception.type)
            elif element.HasField("alert") and any(title in element.alert.body for title in FAILED):
                self.errors.append(element.alert.body)
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            fragment, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
            self._stop_timers([fragment])
            self._timers[fragment] = asyncio.create_task(self._poll(fragment, interval))
        elif kind == "stop_auto_rerun":
            self._stop_timers(message.stop_auto_rerun.fragment_ids)
        elif kind == "session_event" and message.session_event.HasField("script_compilation_exception"):
            self.errors.append(message.session_event.script_compilation_exception.message)
        elif kind == "page_not_found":
            self.errors.append("page not found")
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
                self._answer_polls()
            elif message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                self._messages = {name: self._messages[name] for name in self._used}
                self._used.clear()
                self._done.set()

    async def _poll(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            self._asked.setdefault(fragment, time.perf_counter())
            await self._send(fragment=fragment)

    def _stop_timers(self, fragments: list[str]) -> None:
        for fragment in fragments:
            self._asked.pop(fragment, None)
            if timer := self._timers.pop(fragment, None):
                timer.cancel()

    def close(self) -> None:
        """Ask for no more fragments; what was asked for and did not come has taken until now."""
        self._answer_polls()
        self._stop_timers(list(self._timers))

    def _answer_polls(self) -> None:
        now = time.perf_counter()
        self.polls += [now - start for start in self._asked.values()]
        self._asked.clear()


@asynccontextmanager
async def tab(host: str, address: str = "/") -> AsyncIterator[Tab]:
    """Open `address` ("/step-through?lang=en") of the server at `host` ("127.0.0.1:8501"); closed like a browser's tab.

    Yields when the page is complete.
    """
    parts = urlsplit(address)
    async with connect(f"ws://{host}/_stcore/stream", subprotocols=[STREAMLIT], max_size=None) as socket:
        seen = Tab(socket, f"http://{host}{address}", parts.query)
        listening = asyncio.create_task(seen.listen())
        try:
            await seen.ask(page=parts.path.strip("/"))
            yield seen
        finally:
            seen.close()
            listening.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await listening
