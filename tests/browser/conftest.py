"""Fixtures for tests in a real browser. `look` is the one most tests need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import harness

Look = Callable[..., harness.Visit]
Walk = Callable[..., Iterator[Page]]
expect.set_options(timeout=harness.WAIT)


@pytest.fixture(scope="session")
def server() -> Iterator[harness.Server]:
    """One server for all tests that do not need a fresh process."""
    with harness.serve() as server:
        yield server


@pytest.fixture
def cold_server() -> Iterator[harness.Server]:
    """A process that nobody has visited."""
    with harness.serve() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with harness.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def idle() -> harness.Idle:
    """What `look` need not open anew: a browser that has the app's scripts."""
    return {}


@pytest.fixture
def look(server: harness.Server, browser: Browser, idle: harness.Idle) -> Iterator[Look]:
    """`look("/step-through", size="phone", locale="ko", theme="dark")` opens a settled page of the shared server.

    When the test is over, no page it opened may have a fault (see `harness.Visit.faults`), whatever the test is about.
    """
    visits: list[harness.Visit] = []
    with ExitStack() as stack:

        def open_page(address: str = "/", **options: str | bool) -> harness.Visit:
            visits.append(stack.enter_context(harness.visit(browser, server.url(address), idle=idle, **options)))
            return visits[-1]

        yield open_page
        assert [fault for seen in visits for fault in seen.faults()] == []


@pytest.fixture
def walk(look: Look, server: harness.Server) -> Walk:
    """`walk(addresses, until, size="phone")` is one page that goes from address to address: at each it waits until
    there is what `until` asks the document for, and has settled."""

    def go(addresses: Sequence[str], until: str, **options: str) -> Iterator[Page]:
        page = look(addresses[0], wait=False, **options).page
        for n, address in enumerate(addresses):
            if n:
                page.goto(server.url(address))
            page.wait_for_function(until, timeout=harness.WAIT)
            harness.settle(page)
            yield page

    return go
