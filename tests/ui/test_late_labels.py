"""What a browser still sends of another language, or never had, changes nothing and breaks nothing.

Spoken in Streamlit's own protocol: a page whose fragment asks by itself sends what every field shows each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.harness import Server, link, serve
from tests.client import Tab, tab

ADDRESS = link("/train-live", lang="en", cell="lstm", hidden_size=4, length=10, iterations=20_000)
POLLS = 2
LIMIT = 30.0  # seconds; a shared machine pauses at any moment


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


async def polled(seen: Tab) -> None:
    """Wait until the page has asked by itself some times more."""
    more = len(seen.polls) + POLLS
    async with asyncio.timeout(LIMIT):
        while len(seen.polls) < more:
            await asyncio.sleep(0.05)


async def play(server: Server, *changes: tuple[str, str | list[str]]) -> Tab:
    """A run that goes on while these fields send this."""
    async with tab(f"127.0.0.1:{server.port}", ADDRESS) as seen:
        await seen.press("train_go")
        await polled(seen)
        for key, value in changes:
            await seen.change(key, value)
            await polled(seen)
        _, go = seen.find("train_go")
        assert next(e.button.icon for e in seen.elements.values() if e.button.id == go) == ":material/pause:"
        return seen


def test_a_label_that_is_no_option_is_no_choice(server: Server) -> None:
    lists = [(key, label) for key in ("train_task", "train_preset") for label in ("덧셈 과제", "lstm ", "")]
    rows = ("train_details", ["수식"]), ("train_state", []), ("train_lang", ["Deutsch"])
    seen = asyncio.run(play(server, *lists, *rows))
    assert seen.errors == []
    assert seen.query == f"{urlsplit(ADDRESS).query}", "nothing has been chosen"


def test_labels_of_the_language_before_are_late_and_those_of_the_next_are_chosen(server: Server) -> None:
    late = ("train_cell", "LSTM"), ("train_lang", ["한국어"]), ("train_details_ko", ["수식"])
    seen = asyncio.run(play(server, *late))
    assert seen.errors == []
    assert set(seen.query.split("&")) >= {"lang=ko", "cell=lstm", "details=equations"}
