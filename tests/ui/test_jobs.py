"""Jobs belong to a session: on a real server, as a browser's tab speaks to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from rnnviz.training.pool import Pool, PoolFull
from rnnviz.ui import jobs
from tests.browser.harness import Server, serve
from tests.client import Tab, tab

# Each tab may start a job; each says what its own does, and how many are open in the process.
APP = """
import time
import streamlit as st
from rnnviz.ui.jobs import jobs, pool

class Counting:
    finished = False
    count = 0
    def advance(self):
        time.sleep(0.002)
        self.count += 1

class Failing(Counting):
    def advance(self):
        raise RuntimeError("of this tab only")

st.button("start", key="start", on_click=lambda: jobs().start("a", Counting()))
st.button("fail", key="fail", on_click=lambda: jobs().start("a", Failing()))
st.button("stop", key="stop", on_click=lambda: jobs().stop("a"))

@st.fragment(run_every=0.1)
def show():
    handle = jobs().watch("a")
    if handle is None:
        st.markdown("mine: none")
    else:
        status = handle.status()
        st.markdown(f"mine: {status.state} {status.error}")
        with handle.reading() as job:
            st.markdown(f"count: {job.count}")
    st.markdown(f"open: {len(pool().opened)}")
show()
"""
SOON = 2.0  # seconds; the pages here look ten times a second


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("app") / "app.py"
    script.write_text(APP, encoding="utf-8")
    with serve(script) as server:
        yield server


async def shows(seen: Tab, text: str) -> bool:
    until = time.monotonic() + SOON
    while text not in seen.text() and time.monotonic() < until:
        await asyncio.sleep(0.01)
    return text in seen.text()


def host(server: Server) -> str:
    return f"127.0.0.1:{server.port}"


def count(seen: Tab) -> int:
    return int(seen.text().split("count: ")[1].split()[0])


def test_a_closed_tab_stops_its_job_and_no_other(server: Server) -> None:
    async def visit() -> None:
        async with tab(host(server)) as watching:
            await watching.press("start")
            async with tab(host(server)) as leaving:
                await leaving.press("start")
                assert await shows(leaving, "mine: running")
                assert await shows(watching, "open: 2")
            left = time.monotonic()
            assert await shows(watching, "open: 1")
            assert time.monotonic() - left < 0.5
            assert await shows(watching, "mine: running")
            before = count(watching)
            await asyncio.sleep(0.5)
            assert count(watching) > before
            assert watching.errors == []
        async with tab(host(server)) as later:
            assert await shows(later, "open: 0")

    asyncio.run(visit())


def test_sessions_do_not_see_each_others_jobs(server: Server) -> None:
    async def visit() -> None:
        async with tab(host(server)) as one, tab(host(server)) as other:
            await one.press("start")
            assert await shows(one, "mine: running")
            await other.press("fail")
            assert await shows(other, "mine: failed of this tab only")
            assert await shows(one, "mine: running None")
            await other.press("stop")
            assert await shows(other, "mine: none")
            assert await shows(one, "open: 1")
            await one.press("start")  # in place of the first, not beside it
            assert await shows(one, "mine: running")
            assert await shows(one, "open: 1")

    asyncio.run(visit())


class Endless:
    finished = False

    def advance(self) -> None:
        time.sleep(0.001)


def test_a_full_pool_refuses_and_a_closed_session_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Pool(1, 1, 2)
    monkeypatch.setattr(jobs, "pool", lambda: small)
    one, other = jobs.Jobs(), jobs.Jobs()
    one.start("a", Endless())
    one.start("b", Endless())
    with pytest.raises(PoolFull):
        other.start("a", Endless())
    assert other.watch("a") is None
    one.close()
    with pytest.raises(LookupError, match="session is closed"):
        one.start("a", Endless())
    assert other.start("a", Endless()).status().state == "running"
    small.close()
