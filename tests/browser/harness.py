"""A Streamlit server in a process of its own and a Chromium that looks at it: for tests, benchmarks and pictures.

    with serve() as server, chromium() as browser, visit(browser, server.url("/step-through")) as seen:
        seen.page.keyboard.press("ArrowRight")
        assert caption(seen.page) == (2, 12)

A `Visit` keeps what no picture of the page shows: console errors, requests to other hosts, frames sent to the server.
"""

from __future__ import annotations

import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    WebSocket,
    sync_playwright,
)
from streamlit.proto.BackMsg_pb2 import BackMsg

from rnnviz.lessons import LESSONS
from rnnviz.words import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = tuple(f"/{lesson.address}" for lesson in LESSONS.values())
SIZES = {"phone": (390, 844), "laptop": (1366, 768), "projector": (1920, 1080)}
LOCALES = {"en": "en-US", "ko": "ko-KR"}
# No sandbox: tests run as root in containers. The others keep Chromium from calling home.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

WAIT = 60_000  # ms; a shared machine pauses at any moment

# Settled: the app has said that its script is done, each chart is drawn, and nothing in the page changed for 0.7 s
# (30 s at the most, and for the script and the charts 60 s).
SETTLED = """() => new Promise(done => {
  const start = performance.now();
  let last = start;
  const watch = new MutationObserver(() => last = performance.now());
  watch.observe(document.body, {subtree: true, childList: true, characterData: true});
  const tick = () => {
    const now = performance.now();
    const busy = document.querySelector(
      '[data-testid=stApp]:is([data-test-script-state=initial], [data-test-script-state=running]),' +
      '[data-testid=stSkeleton],' +
      '[data-testid=stVegaLiteChart]:not(:has(svg.marks .role-frame.root, canvas))');
    const settled = !busy && now - last > 700, late = now - start > (busy ? 60000 : 30000);
    if (settled || late) { watch.disconnect(); done(); } else setTimeout(tick, 50);
  };
  tick();
})"""
SIDEWAYS = """() => Math.max(0, ...[document.scrollingElement,
  ...document.querySelectorAll('[data-testid=stMain], [data-testid=stAppViewContainer]')]
  .map(e => e.scrollWidth - e.clientWidth))"""
# A page opened by its address looks for the server below that address first: Streamlit's doing, and harmless.
OWN_404 = re.compile(r"/[^/]+/_stcore/(health|host-config)$")
CAPTION = re.compile(r"t\s*=\s*(\d+)\s*/\s*(\d+)")
CAPTIONS = ".rnnviz-caption, g.caption_marks text"  # of the controls on a page, or drawn in the chart


@dataclass
class Server:
    """A running `streamlit run app.py`. `log()` is what it printed, standard error included."""

    process: subprocess.Popen[bytes]
    port: int
    output: IO[bytes]

    def url(self, address: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{address}"

    def log(self) -> str:
        return Path(self.output.name).read_text(encoding="utf-8", errors="replace")

    def memory(self) -> float:
        """Resident memory of the process in MB (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]  # Linux writes it


def link(address: str, **values: str | int) -> str:
    """An address with values in it, as the app's own links write them: `link("/step-through", cell="gru")`."""
    return f"{address}?{urlencode(values)}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(script: Path = ROOT / "app.py", *, port: int = 0, seconds: float = 60) -> Iterator[Server]:
    """Start an app in a fresh process, on a free port unless one is named; yields when it answers. Raises RuntimeError
    with its output."""
    port = port or free_port()
    options = {"port": port, "address": "127.0.0.1", "headless": "true", "fileWatcherType": "none"}
    flags = [f"--server.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags]
    with tempfile.NamedTemporaryFile(prefix="rnnviz-server-") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        server = Server(process, port, output)
        try:
            until = time.monotonic() + seconds
            while not healthy(server):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"The server did not come up:\n{server.log()}")
                time.sleep(0.02)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def healthy(server: Server) -> bool:
    try:
        with urlopen(server.url("/_stcore/health"), timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


class Wire:
    """A way to a server that can be cut: a proxy of its connections, whatever they carry."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._ends: list[socket.socket] = []
        self._whole = True
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Reset every connection, and refuse new ones until `mend`."""
        self._whole = False
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not a goodbye
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def mend(self) -> None:
        self._whole = True

    def _accept(self) -> None:
        while True:
            near, _ = self._listening.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self._to)) if self._whole else None
            except OSError:
                far = None
            if far is None:
                near.close()
                continue
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        with suppress(OSError):
            other.shutdown(socket.SHUT_WR)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium when there is one, otherwise the browser that Playwright installed."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """One page being looked at, and what no picture of it shows."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    frames_sent: list[int] = field(default_factory=list)
    """Length in bytes of every WebSocket frame that the page sent, in order: `len` of it counts them."""
    asked: list[int] = field(default_factory=list)
    """Of those, the ones that ask for the whole page. A stage that has rested asks for what follows its place only."""

    def faults(self) -> list[str]:
        """Console errors, requests to other hosts, Streamlit's error boxes and dialogs: empty on a sound page."""
        boxes = self.page.locator("[data-testid=stException], [data-testid=stDialog]:has-text('not found')")
        for language in LANGUAGES:
            boxes = boxes.or_(self.page.get_by_test_id("stAlert").filter(has_text=catalogue(language)["failed.title"]))
        found = [f"error box: {text}" for text in boxes.all_inner_texts()]
        return [*self.errors, *(f"outside: {url}" for url in self.outside), *found]


Idle = dict[tuple[str, str, str], list[BrowserContext]]
"""Contexts that nobody uses, by size, locale and theme. They have the app's scripts, and nothing of who came before."""


@contextmanager
def context_of(browser: Browser, size: str, locale: str, theme: str, idle: Idle | None = None) -> Iterator[Page]:
    """A page of a visitor who was never here. idle: from where a context may be taken, and where it is put back."""
    waiting = [] if idle is None else idle.setdefault((size, locale, theme), [])
    width, height = SIZES[size]
    context = (
        waiting.pop()
        if waiting
        else browser.new_context(
            viewport={"width": width, "height": height},
            locale=LOCALES[locale],
            color_scheme="dark" if theme == "dark" else "light",
            has_touch=size == "phone",
            permissions=["clipboard-read", "clipboard-write"],
        )
    )
    context.set_default_timeout(WAIT)
    page = context.new_page()
    try:
        yield page
        if idle is not None:
            with suppress(Error):  # a page that was lost has nothing to be cleared
                page.evaluate("localStorage.clear()")  # what belongs to a tab goes with it
                for tab in context.pages:
                    tab.close()
                context.clear_cookies()
                waiting.append(context)
    finally:
        if context not in waiting:
            context.close()


@contextmanager
def visit(
    browser: Browser,
    url: str,
    *,
    size: str = "laptop",
    locale: str = "en",
    theme: str = "light",
    wait: bool = True,
    idle: Idle | None = None,
) -> Iterator[Visit]:
    """Open `url` as a new visitor. `size` is a key of SIZES, `locale` of LOCALES; `wait` until the page has settled.
    idle: as in `context_of`; without it, the browser has nothing of the app yet."""
    with context_of(browser, size, locale, theme, idle) as page:
        seen = watched(page, urlsplit(url).netloc)
        page.goto(url)
        if wait:
            settle(page)
        yield seen


def watched(page: Page, host: str) -> Visit:
    """The visit of a page that is about to be opened.     host: the only one that it may speak to."""
    seen = Visit(page)

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not OWN_404.search(message.location["url"]):
            seen.errors.append(f"{message.text} ({message.location['url']})")

    def request(request: Request) -> None:
        if request.url.startswith(("http", "ws")) and urlsplit(request.url).netloc != host:
            seen.outside.append(request.url)

    def sent(payload: str | bytes) -> None:
        seen.frames_sent.append(len(payload))
        if isinstance(payload, str) or not BackMsg.FromString(payload).rerun_script.fragment_id:
            seen.asked.append(len(payload))

    def websocket(socket: WebSocket) -> None:
        if urlsplit(socket.url).netloc != host:
            seen.outside.append(socket.url)
        socket.on("framesent", sent)

    page.on("console", console)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", request)
    page.on("websocket", websocket)
    return seen


def settle(page: Page) -> None:
    """Wait until the app's first element is there, its script is done and the page no longer changes."""
    first = "[data-testid=stMain] [data-testid=stElementContainer]:not([class*=_unseen])"
    page.wait_for_selector(f"{first}, [data-testid=stException]")
    page.evaluate(SETTLED)


def sideways(page: Page) -> int:
    """By how many pixels the page scrolls sideways."""
    return int(page.evaluate(SIDEWAYS))


def caption(page: Page) -> tuple[int, int]:
    """The step that the stage's caption shows: (3, 12) for `t = 3 / 12`. Raises LookupError where there is none."""
    for text in page.locator(CAPTIONS).all_text_contents():
        if found := CAPTION.search(text):
            return int(found[1]), int(found[2])
    raise LookupError("no caption of the page reads like `t = 3 / 12`")


def control(page: Page, name: str, value: str | None = None) -> Locator:
    """A control of the player on a page, by what it does, and of several in a group the one that sets this value."""
    if value is None:
        return page.locator(f".rnnviz-player [data-name={name}]")
    return page.locator(f".rnnviz-player [data-set={name}][data-value='{value}']")


def kept_keys(page: Page, keys: Sequence[str]) -> list[str]:
    """Those of the keys, pressed in one go, by which the page would not scroll: the stage has no time to draw between
    them. Each is pressed again and again; one that scrolls once is not kept."""
    return page.evaluate(
        """keys => keys.filter(key => [1, 2, 3].every(() => !document.body.dispatchEvent(
             new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}))))""",
        list(keys),
    )


def leave_fields(page: Page) -> None:
    """Take the focus from any field or button, so that keys reach the stage."""
    page.evaluate("document.activeElement && document.activeElement.blur()")
