"""What the app uses of Streamlit without a promise, asked of a real server: fails when Streamlit changes it."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import streamlit as st
from packaging.requirements import Requirement
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.pages_manager import PagesManager

from rnnviz.ui.host import internals
from tests.browser.harness import ROOT, Server, serve
from tests.client import tab

APP = """
import threading
import streamlit as st
from rnnviz.ui.host import internals

def ask(session):
    answers = []  # of another thread, as the pool's sweep asks
    thread = threading.Thread(target=lambda: answers.append(internals.connected(session)))
    thread.start()
    thread.join()
    return answers[0]

other = st.text_input("other", key="other")
st.markdown(f"session {internals.session_id()}")
st.markdown(f"back {internals.went_back()}")
st.markdown(f"url {internals.own_url()}")
st.markdown(f"connected {ask(internals.session_id())}, the other {ask(other)}")
popover = st.popover("more", key="more", on_change="rerun")
st.markdown(f"popover {isinstance(popover, internals.Popover)} {popover.open}")

calls = st.session_state.setdefault("calls", [])
keep = lambda key: calls.append(f"{key} {internals.brought_along()}")
st.text_input("outside", key="outside", on_change=keep, args=["outside"])

@st.fragment(run_every=0.2)
def part():
    st.text_input("inside", key="inside", on_change=keep, args=["inside"])

part()
st.markdown(f"calls {', '.join(calls)}")
"""
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "rnnviz").rglob("*.py"))]
# Its documentation names `streamlit.delta_generator`, and no other module under `streamlit`.
PRIVATE = re.compile(
    r"^\s*(from|import) streamlit\.(?!delta_generator\b)"
    r"|\bst\.(runtime|elements|proto|config|web|_\w+)\b|\._page\b|testid"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("private") / "asks.py"
    script.write_text(APP, encoding="utf-8")
    with serve(script) as server:
        yield server


def said(text: str, name: str) -> str:
    return next(line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(name))


def test_a_run_knows_its_session_and_its_address(server: Server) -> None:
    async def visit() -> tuple[str, str]:
        host = f"127.0.0.1:{server.port}"
        async with tab(host) as one, tab(host) as other:
            assert one.errors == []
            return one.text(), other.text()

    one, other = asyncio.run(visit())
    assert said(one, "session") != said(other, "session")
    assert said(one, "url") == server.url("")
    assert said(one, "popover") == "True False"


def test_a_callback_knows_whether_its_widget_came_along_with_a_fragment(server: Server) -> None:
    async def visit() -> str:
        async with tab(f"127.0.0.1:{server.port}") as seen:
            await seen.change("outside", "one")
            await seen.change("inside", "two")
            seen.hold("outside", "three")
            seen.hold("inside", "four")
            polls = len(seen.polls)
            async with asyncio.timeout(30):
                while len(seen.polls) < polls + 2:
                    await asyncio.sleep(0.05)
            await seen.ask()
            return said(seen.text(), "calls")

    assert asyncio.run(visit()) == "outside False, inside False, outside True, inside False"
    assert not internals.brought_along(), "outside of any run"


def test_a_session_is_connected_until_its_tab_is_closed(server: Server) -> None:
    async def visit() -> None:
        host = f"127.0.0.1:{server.port}"
        async with tab(host) as staying:
            async with tab(host) as leaving:
                session = said(leaving.text(), "session")
                await staying.change("other", session)
                assert said(staying.text(), "connected") == "True, the other True"
            for _ in range(100):
                await staying.ask()
                if said(staying.text(), "connected") == "True, the other False":
                    return
                await asyncio.sleep(0.02)
        raise AssertionError("a closed tab counts as connected")

    asyncio.run(visit())


def test_what_st_navigation_sets_is_what_is_set_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    values = []
    for set_it in (lambda: st.navigation([st.Page(str, url_path="a")]), internals.one_navigation):
        monkeypatch.setattr(PagesManager, "uses_pages_directory", None)
        set_it()
        values.append(PagesManager.uses_pages_directory)
    assert values == [False, False]


def test_without_a_server_everybody_is_connected() -> None:
    assert internals.connected("nobody")


def test_a_run_knows_that_the_reader_pressed_back(server: Server) -> None:
    async def visit() -> list[str]:
        async with tab(f"127.0.0.1:{server.port}") as seen:
            found = [said(seen.text(), "back")]
            message = BackMsg()
            message.rerun_script.is_history_navigation = True
            await seen.socket.send(message.SerializeToString())
            async with asyncio.timeout(10):
                while "back True" not in seen.text():
                    await asyncio.sleep(0.02)
            await seen.ask()
            return [*found, said(seen.text(), "back")]

    assert asyncio.run(visit()) == ["False", "False"]
    assert not internals.went_back(), "outside of any run"


@pytest.mark.parametrize(
    "selector",
    [value for name, value in vars(internals).items() if name.isupper() and str(value).startswith("[data-")],
)
def test_streamlits_pages_still_name_what_is_styled(selector: str) -> None:
    """In what the browser loads: no test of the server alone would notice."""
    name = re.search(r"data-testid='(\w+)'|(data-\w+)", selector)
    assert name
    scripts = (Path(st.__file__).parent / "static").rglob("*.js")
    assert any((name[1] or name[2]) in script.read_text(encoding="utf-8") for script in scripts)


def test_what_is_private_is_used_in_one_place() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in SOURCES
        if file != Path(internals.__file__)
        for line in file.read_text(encoding="utf-8").splitlines()
        if PRIVATE.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "from streamlit.runtime import Runtime",
        "import streamlit.runtime as runtime",
        "st.runtime.exists()",
        "st._main.markdown('a')",
        "page._page",
        "a = '[data-testid=stMain]'",
    ],
)
def test_private_things_are_recognised(line: str) -> None:
    assert PRIVATE.search(line)


def test_the_version_that_is_allowed_is_the_one_that_was_tried() -> None:
    """One minor version: any later one may change what `private` uses."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [line for line in lines if line.startswith("streamlit")] + project["optional-dependencies"]["app"]
    major, minor, *_ = version("streamlit").split(".")
    assert [str(Requirement(line).specifier) for line in asked] == [f"<{major}.{int(minor) + 1},>={major}.{minor}"] * 2
