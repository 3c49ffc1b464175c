"""What the app uses of Streamlit that its documentation does not promise: each thing here and nowhere else.

requirements.txt therefore allows one minor version of Streamlit, and tests/ui/test_internals.py fails when one of these
changes.
"""

from __future__ import annotations

import asyncio
from functools import wraps
from pathlib import Path

import streamlit
from streamlit.elements.lib.mutable_popover_container import PopoverContainer as Popover
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime import Runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

__all__ = [
    "ALERT",
    "ASSETS",
    "CAPTION",
    "CELL",
    "CHOICE",
    "ELEMENT",
    "FIELD",
    "HEADER",
    "HINT",
    "LINK",
    "MAIN",
    "MARKS",
    "MENU",
    "MENU_SHUT",
    "NUMBER",
    "OPENED",
    "OPENER",
    "PAGE",
    "PAGES",
    "ROW",
    "STALE",
    "TOOLBAR",
    "Popover",
    "base_path",
    "brought_along",
    "connected",
    "one_navigation",
    "own_url",
    "part_file",
    "session_id",
    "went_back",
    "whole_answers",
]

# `Popover` is the class of what `st.popover` returns; `st` has no name for it. Relied on: that it has `open`.

TOOLBAR = "[data-testid='stElementToolbar']"
"""CSS selector of the buttons over a corner of a chart. Relies on the name that Streamlit's own tests use."""
MAIN = "[data-testid='stMain']"
"""The same of the part of a page that scrolls."""
ALERT = "[data-testid='stAlert']"
"""The same of a box that tells or warns."""
CAPTION = "[data-testid='stCaptionContainer']"
"""The same of `st.caption`."""
CHOICE = "[data-testid='stButtonGroup']"
"""The same of `st.segmented_control` and `st.pills`."""
FIELD = "[data-testid='stTextInput']"
"""The same of `st.text_input`."""
HEADER = "[data-testid='stHeader']"
"""The same of the row with the navigation."""
OPENED = "[data-testid='stPopoverBody']"
"""The same of what a popover shows while it is open."""
OPENER = "[data-testid='stPopover'] button[aria-expanded='true']"
"""The same of the button that opened it, which also closes it."""
PAGE = "[data-testid='stMainBlockContainer'] > [data-testid='stVerticalBlock']"
"""The same of what stands on a page, one below the other."""
ROW = "[data-testid='stHorizontalBlock']"
"""The same of a row of elements."""
STALE = "[data-stale='true']"
"""The same of what is still of the run of the script before, which Streamlit fades after half a second."""
NUMBER = "[data-testid='stNumberInput']"
MENU = "[data-testid='stSidebar']"  # the navigation of a window that has no room for it in its first row
PAGES = ":is([data-testid='stTopNavLink'], [data-testid='stSidebarNavLink'])"  # the navigation's links, wherever
MENU_SHUT = "[data-testid='stSidebarCollapseButton'] button"
MARKS = "[data-testid='stVegaLiteChart'] svg.marks .role-frame.root"
"""The same of what a chart has drawn, by Vega's name for the group around it, which stays as marks come and go."""
LINK = "[data-testid='stPageLink']"
"""The same of `st.page_link`."""
ELEMENT = "[data-testid='stElementContainer']"
"""The same of what is around an element."""
CELL = "[data-testid='stGridCell']"
"""The same of a cell of `st.grid`."""
HINT = "[data-testid='InputInstructions']"
"""The same of what Streamlit says, in English only, in a field that was changed."""

ASSETS = Path(streamlit.__file__).parent / "static" / "static"
"""Where the scripts and styles of the browser's side are. Relies on their being files of the package, answered for
below `static/`, named by their content and imported by one another as `./name.js`."""


def base_path() -> str:
    """Where the app is mounted, with a slash at both ends."""
    return f"/{streamlit.get_option('server.baseUrlPath').strip('/')}/".replace("//", "/")


def part_file(part: str) -> str:
    """The script of a part of a page, as `Html`; empty where there is none. Relies on how Streamlit names its files."""
    return next((file.name for file in (ASSETS / "js").glob(f"{part}.*.js")), "")


def session_id() -> str:
    """Of the session whose script is running."""
    context = get_script_run_ctx()
    assert context is not None
    return context.session_id


def connected(session: str) -> bool:
    """Whether a browser is connected to this session. Relies on `Runtime.is_active_session`, which answers at once on
    any thread. Without a server, as in a test of a page alone, everybody is."""
    return not Runtime.exists() or Runtime.instance().is_active_session(session)


def went_back() -> bool:
    """Whether this run is what the browser's Back or Forward asked for. Relies on the context of a run saying so.
    False outside of any run."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def brought_along() -> bool:
    """In a callback: whether its widget is outside of the fragment that alone is asked for. What a reader does with
    such a widget asks for the whole page; so it has only sent along what it shows. Relies on the context of a run, and
    on that of a callback, saying which fragment they are of. False outside of any run."""
    context = get_script_run_ctx()
    return context is not None and bool(context.fragment_ids_this_run) and ThreadState.get().fragment_id is None


def one_navigation() -> None:
    """Have the app's own navigation be the only one from the first visitor on. Until `st.navigation` has run once in a
    process, Streamlit takes a folder named pages/ for one: it runs a page's file without the entry point, and calls an
    address that has no file unknown. Relies on what `st.navigation` sets for that reason."""
    PagesManager.uses_pages_directory = False


AGAIN, TRIES = 0.005, 200  # seconds until it is asked again, and how often: a run's end takes no longer to go out


def whole_answers() -> None:
    """Have no fragment be run while the end of the run before is still on its way to the browser. For one that is asked
    for then, as by a page that asks by itself, Streamlit begins another runner and drops what the one before has sent
    (streamlit/streamlit#9921): what was pressed is done, and the page never shows it. Relies on a session asking for
    all runs by `request_rerun`, in the event loop, and on a runner that is done refusing further requests."""
    ask = AppSession.request_rerun
    if hasattr(ask, "__wrapped__"):
        return

    @wraps(ask)
    def wait_and_ask(session: AppSession, client_state: ClientState | None, tries: int = TRIES) -> None:
        runner, fragment = session._scriptrunner, client_state.fragment_id if client_state else ""
        if fragment and tries and runner and runner._requests._state is ScriptRequestType.STOP:
            asyncio.get_running_loop().call_later(AGAIN, wait_and_ask, session, client_state, tries - 1)
        else:
            ask(session, client_state)

    setattr(AppSession, "request_rerun", wait_and_ask)  # noqa: B010  # a method is not assigned to, for mypy


def own_url() -> str:
    """Where the server's own machine reaches the app. Relies on `server_util`, which knows of ports, certificates and
    base paths, and says what `streamlit run` prints."""
    from streamlit import config
    from streamlit.web.server.server_util import get_display_address, get_url

    return get_url(get_display_address(config.get_option("server.address") or "localhost"))
