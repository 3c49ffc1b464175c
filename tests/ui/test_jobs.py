"""Jobs belong to a session: on a real server, as a browser's tab speaks to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import count as count_from
from threading import Barrier, Event, Thread

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from rnnviz.training.engine import PoolFull, VisitorFull
from rnnviz.training.pool import Pool
from rnnviz.ui.runs import jobs
from tests.browser.harness import Server, serve
from tests.client import Tab, tab

# Each tab may start a job; each says what its own does, and how many are open in the process.
APP = """
import time
import streamlit as st
from rnnviz.ui.runs.jobs import adopt, engine, jobs

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
secret = st.text_input("secret", key="secret")
st.button("adopt", key="adopt", on_click=lambda: adopt(secret))
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
    st.markdown(f"running: {sum(handle.status().state == 'running' for handle in engine().opened)}")
    st.markdown(f"secret: {jobs().secret}")
show()
"""
SOON = 2.0  # seconds; the pages here look ten times a second


class Endless:
    finished = False

    def advance(self) -> None:
        time.sleep(0.001)


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


def test_a_closed_tab_lets_its_job_rest_and_no_other(server: Server) -> None:
    async def visit() -> None:
        async with tab(host(server)) as watching:
            await watching.press("start")
            async with tab(host(server)) as leaving:
                await leaving.press("start")
                assert await shows(leaving, "mine: running")
                assert await shows(watching, "running: 2")
            left = time.monotonic()
            assert await shows(watching, "running: 1")
            assert time.monotonic() - left < 1
            assert await shows(watching, "mine: running")
            before = count(watching)
            await asyncio.sleep(0.5)
            assert count(watching) > before
            assert watching.errors == []
            await watching.press("stop")

    asyncio.run(visit())


def test_a_tab_that_is_loaded_again_goes_on_with_its_job_and_nobody_else_can(server: Server) -> None:
    async def visit() -> None:
        async with tab(host(server)) as first:
            await first.press("start")
            assert await shows(first, "mine: running")
            secret = first.text().split("secret: ")[1].split()[0]
            await asyncio.sleep(0.3)
            before = count(first)
        async with tab(host(server)) as other:
            await other.change("secret", secret[:-1])
            await other.press("adopt")
            assert await shows(other, "mine: none")
        async with tab(host(server)) as again:
            await again.change("secret", secret)
            await again.press("adopt")
            assert await shows(again, "mine: running")
            assert count(again) >= before
            now = count(again)
            await asyncio.sleep(0.5)
            assert count(again) > now
            await again.press("stop")

    asyncio.run(visit())


def test_of_two_tabs_with_one_secret_the_later_has_the_job_and_the_other_cannot_touch_it(server: Server) -> None:
    """A browser that duplicates a tab copies what the tab has stored."""

    async def visit() -> None:
        async with tab(host(server)) as first, tab(host(server)) as copy:
            await first.press("start")
            assert await shows(first, "mine: running")
            secret = first.text().split("secret: ")[1].split()[0]
            await copy.change("secret", secret)
            await copy.press("adopt")
            assert await shows(copy, "mine: running")
            assert await shows(first, "mine: none")
            await first.press("stop")
            await first.press("start")
            assert await shows(first, "running: 2")
            await first.press("stop")
            assert await shows(copy, "mine: running")
            await copy.press("stop")

    asyncio.run(visit())


def test_no_message_of_one_visitor_reaches_what_is_anothers(server: Server) -> None:
    """Any client may ask the server to clear its caches, whatever the page offers."""

    async def visit() -> None:
        async with tab(host(server)) as mine, tab(host(server)) as hostile:
            await mine.press("start")
            assert await shows(mine, "mine: running")
            for message in (BackMsg(clear_cache=True), BackMsg(stop_script=True), BackMsg(app_heartbeat=True)):
                await hostile.socket.send(message.SerializeToString())
            await hostile.ask()
            await asyncio.sleep(0.3)
            await mine.ask()
            assert await shows(mine, "mine: running")
            before = count(mine)
            await asyncio.sleep(0.5)
            assert count(mine) > before
            await mine.press("stop")

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
            assert await shows(one, "running: 1")
            await one.press("start")  # in place of the first, not beside it
            assert await shows(one, "mine: running")
            assert await shows(one, "running: 1")

    asyncio.run(visit())


def test_what_is_pressed_is_answered_while_the_page_asks_by_itself(server: Server) -> None:
    """A run for the page that ends just as a fragment is asked for must reach the browser all the same."""

    async def press_often() -> None:
        async with tab(host(server)) as seen:
            for press in range(40):
                await seen.press("start" if press % 2 == 0 else "stop")
                await asyncio.sleep(0.03 * (press // 2 % 7))
            assert await shows(seen, "mine: none")

    async def visit() -> None:
        await asyncio.gather(*(press_often() for _ in range(4)))

    asyncio.run(visit())


def test_the_process_has_one_engine_though_two_pages_ask_for_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, made = Barrier(2), []

    def slow(**options: int) -> Pool:
        made.append(options)
        time.sleep(0.1)
        return Pool(1, 1, 3)

    monkeypatch.setattr(jobs, "Pool", slow)
    jobs._engine.cache_clear()
    found: list[object] = []

    def ask() -> None:
        begun.wait()
        found.append(jobs.engine())

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs._engine.cache_clear()
    assert len(made) == 1
    assert found[0] is found[1]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    made = Pool(1, 1, 3, each=2)
    monkeypatch.setattr(jobs, "engine", lambda: made)
    monkeypatch.setattr(jobs, "_kept", {})
    yield made
    made.close()


def test_a_full_pool_refuses_and_closed_jobs_make_room(small: Pool) -> None:
    one, other, third = (jobs.Jobs(name, visitor=name) for name in ("one", "other", "third"))
    one.start("a", Endless())
    one.start("b", Endless())
    with pytest.raises(VisitorFull) as full:
        one.start("c", Endless())
    assert full.value.places == 2
    other.start("a", Endless())
    with pytest.raises(PoolFull) as full:
        third.start("a", Endless())
    assert full.value.places == 3
    assert not isinstance(full.value, VisitorFull)
    assert third.watch("a") is None
    one.close()
    with pytest.raises(LookupError, match="jobs are closed"):
        one.start("a", Endless())
    assert third.start("a", Endless()).status().state in {"running", "queued"}


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The sessions that have a browser."""
    found: set[str] = set()
    monkeypatch.setattr(jobs, "connected", found.__contains__)
    return found


def begun(session: str) -> jobs.Jobs:
    made = jobs.Jobs(session)
    made.start("a", Endless())
    return made


def test_jobs_of_tabs_that_are_away_are_kept_for_a_while_and_not_too_many(
    small: Pool, there: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_AWAY", 2)
    there |= {"0", "1", "2"}
    made = [begun(str(k)) for k in range(3)]
    assert not any(one.closed for one in made)
    there.clear()
    there.add("9")
    newest = begun("9")  # takes the place of the one that nobody has watched for longest
    assert sum(one.closed for one in made) == 1
    assert not newest.closed
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + jobs.KEEP + 1)
    newest.start("a", Endless())
    assert all(one.closed for one in made)
    assert not newest.closed


def test_jobs_of_a_tab_that_is_away_are_forgotten_though_nobody_starts_another(
    small: Pool, there: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there.add("here")
    staying, left = begun("here"), begun("gone")
    jobs._forget()
    assert not left.closed
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + jobs.KEEP + 1)
    jobs._forget()
    assert left.closed
    assert not staying.closed
    assert (jobs.kept(left.secret), jobs.kept(staying.secret)) == (False, True)


def test_from_when_there_is_a_pool_somebody_looks_after_the_tabs_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks, twice = count_from(1), Event()
    monkeypatch.setattr(jobs, "LOOK", 0.001)
    monkeypatch.setattr(jobs, "_forget", lambda: twice.set() if next(looks) == 2 else None)
    made = jobs._engine.__wrapped__()
    assert twice.wait(30)
    made.close()
