"""The first picture in the very first answer: in a browser that has nothing but the page's address yet, a second or two
before Streamlit's scripts run there and the page itself comes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rnnviz.charts.kit import palette
from rnnviz.ui.first.pictures import FRAME, STYLE, drawn, markup, opening, preloads
from rnnviz.ui.host.internals import ALERT, MARKS, base_path
from rnnviz.words import LANGUAGES

REST = 1500  # ms after which a page that moved its own picture elsewhere is done with it
# It is over when the page has the chart itself, or the picture at the same place, or something else to say; and when
# the page is moved, since it lies over the page and does not move with it. No press is for it.
_SCRIPT = f"""
(() => {{
  const first = document.getElementById('rnnviz-first'), moves = ['wheel', 'scroll', 'touchmove', 'click', 'popstate'];
  const end = () => {{
    first.remove();
    watch.disconnect();
    clearTimeout(timer);
    document.removeEventListener('load', look, true);
    for (const move of moves) removeEventListener(move, end, true);
  }};
  let timer = 0, last = null;
  const look = () => {{
    const own = document.querySelector('#root .rnnviz-first img');
    const top = own?.complete && own.naturalWidth > 0 ? own.getBoundingClientRect().top : null;
    if (document.querySelector("{FRAME} {MARKS}, {ALERT}")) return end();
    if (top === null || top === last) return;
    if (Math.abs(top - first.getBoundingClientRect().top) < 1) return end();
    last = top;
    clearTimeout(timer);
    timer = setTimeout(end, {REST});
  }};
  const watch = new MutationObserver(look);
  watch.observe(document.body, {{childList: true, subtree: true}});
  document.addEventListener('load', look, true);
  for (const move of moves) addEventListener(move, end, true);
}})();
"""
_PARTLY = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")


class FirstAnswer:
    """Puts the picture of a page as it opens into the document that the browser gets for its bare address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = _asked(scope) if scope["type"] == "http" and scope["method"] == "GET" else ""
        if not name:
            await self._app(scope, receive, send)
            return
        # Whole and as it is: not compressed, and not only that it has not changed.
        headers = [(name, value) for name, value in scope["headers"] if name not in _PARTLY]
        start: Message = {}
        body = b""

        async def add(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            headers = MutableHeaders(scope=start)
            if start["status"] == 200 and "text/html" in headers.get("content-type", ""):
                body = body.replace(b"</body>", _document(name, base_path()) + b"</body>", 1)
                headers.append("link", preloads(name, base_path()))
                headers["content-length"] = str(len(body))
                headers["cache-control"] = "no-cache"  # it names files that another version of the app may not have
                headers.add_vary_header("accept-language")
                for header in ("etag", "last-modified"):
                    del headers[header]
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": headers}, receive, add)


def _asked(scope: Scope) -> str:
    """The name of the picture that is asked for; empty where the address asks for more than a page and a language."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if query.keys() - {"lang"}:
        return ""
    language = query.get("lang", [_spoken(Headers(scope=scope).get("accept-language", ""))])[-1]
    return opening(scope["path"].removeprefix(base_path()), language)


def _spoken(header: str) -> str:
    """The language of a browser, as `url.parameters` finds it; the first where there is no other."""
    language = header.partition(",")[0].partition(";")[0].strip().lower().partition("-")[0]
    return language if language in LANGUAGES else next(iter(LANGUAGES))


@cache
def _document(name: str, base: str) -> bytes:
    light, dark = palette.PAPER
    rules = [
        STYLE,
        "#rnnviz-first {position: fixed; bottom: 0; overflow: hidden; z-index: 1; pointer-events: none}",
        f"body, #rnnviz-first {{background: {light}}}",
        f"@media (prefers-color-scheme: dark) {{body, #rnnviz-first {{background: {dark}}}}}",
        *_places(name),
    ]
    picture = f'<div id="rnnviz-first" aria-hidden="true">{markup(name, "", base)}</div>'
    return f"<style>{' '.join(rules)}</style>{picture}<script>{_SCRIPT}</script>".encode()


def _places(name: str) -> Iterator[str]:
    """Where it lies in a window of each width."""
    places = [(int(width), at) for width, at in drawn()[name].places.items()]
    for (width, (left, top)), (wider, _) in pairwise([(0, places[0][1]), *places[1:], (1 << 20, (0, 0))]):
        most = f"(min-width: {width}px) and (max-width: {wider - 0.02}px)"
        yield f"@media {most} {{#rnnviz-first {{top: {top}px; left: {left}px; right: {left}px}}}}"
