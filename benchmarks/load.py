"""A class at once: thirty sessions on one server, ten that train and twenty that change the text of Step through.

Each is a tab that speaks the server's own protocol over loopback (`tests/client.py`), so no browser's work is measured.
A text is changed every two to four seconds, sooner than most people type one; stepping never reaches the server.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pyarrow as pa  # type: ignore[import-untyped]  # Streamlit brings it

from benchmarks.row import Row, promise
from tests.browser.harness import Server, link, serve
from tests.client import Tab, tab

READERS = 20
CHANGES = 10  # of the text, per reader
PAUSE = (2.0, 4.0)  # seconds between an answer and the next change
ARRIVAL = 10.0  # seconds within which everybody has opened their page
LONGEST = 180.0  # seconds for all of it
ANSWER_LIMIT, OPENED_LIMIT, MEMORY_LIMIT = 1.0, 1.5, 900.0
CLASS, MOVES_LIMIT = 40, 20.0  # who press Play at the same time, and seconds until the run of the last one has moved
WORDS = ("I", "you", "the", "boy", "girl", "cat", "dog", "book", "good", "not", "was", "and", "so", "am", "are", "a")


@dataclass(frozen=True)
class Trainers:
    """Sessions that train: how many, the page's address, and the key of the button that starts it."""

    count: int
    address: str
    button: str


@dataclass
class Measured:
    """Seconds of every answer, by what was asked for, what failed, and the highest memory in MB."""

    opened: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    polled: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    memory: float = 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(4, 20)))


async def read(seen: Tab, rng: random.Random, measured: Measured) -> None:
    for _ in range(CHANGES):
        await asyncio.sleep(rng.uniform(*PAUSE))
        measured.changed.append(await seen.change("step_text", sentence(rng)))


async def train(seen: Tab, button: str, done: asyncio.Event) -> None:
    await seen.press(button)
    await done.wait()


async def attend(server: Server, trainers: Trainers | None) -> Measured:
    """Let everybody arrive, work and leave."""
    measured, done, host = Measured(), asyncio.Event(), f"127.0.0.1:{server.port}"

    async def session(number: int) -> None:
        rng = random.Random(number)
        cell = ("rnn", "lstm", "gru")[number % 3]
        address = link("/step-through", lang="en", model="words-en", cell=cell, text=sentence(rng))
        trains = trainers is not None and number >= READERS
        await asyncio.sleep(rng.uniform(0, ARRIVAL))
        try:
            async with tab(host, trainers.address if trainers and trains else address) as seen:
                measured.opened.append(seen.answers[0])
                if trainers and trains:
                    await train(seen, trainers.button, done)
                else:
                    await read(seen, rng, measured)
            measured.polled += seen.polls
            measured.failures += seen.errors
        except (OSError, TimeoutError, LookupError) as error:
            measured.failures.append(f"session {number}: {error!r}")

    async def weigh() -> None:
        while True:
            measured.memory = max(measured.memory, server.memory())
            await asyncio.sleep(0.5)

    async with tab(host, "/step-through"):  # the process has imported torch before the lesson
        pass
    weighing = asyncio.create_task(weigh())
    async with asyncio.timeout(LONGEST), asyncio.TaskGroup() as group:
        readers = [group.create_task(session(number)) for number in range(READERS)]
        for number in range(READERS, READERS + (trainers.count if trainers else 0)):
            group.create_task(session(number))
        await asyncio.wait(readers)
        done.set()
    weighing.cancel()
    return measured


def load(trainers: Trainers | None = None) -> Iterator[Row]:
    """The rows of one lesson with 20 readers and these trainers."""
    start = time.perf_counter()
    with serve() as server:
        measured = asyncio.run(attend(server, trainers))
    seconds = time.perf_counter() - start
    who = f"{READERS} change text" + (f", {trainers.count} train" if trainers else "")
    yield promise(f"{who}: failures in {seconds:.0f} s", len(measured.failures), "", 0)
    yield promise(f"{who}: {len(measured.changed)} answers, 95%", percentile(measured.changed, 0.95), "s", ANSWER_LIMIT)
    yield promise(f"{who}: page opened, 95%", percentile(measured.opened, 0.95), "s", OPENED_LIMIT)
    if measured.polled:
        polls = f"{who}: {len(measured.polled)} polls of a run, 95%"
        yield promise(polls, percentile(measured.polled, 0.95), "s", ANSWER_LIMIT)
    yield promise(f"{who}: memory of the process at its highest", measured.memory, "MB", MEMORY_LIMIT)


def moved(seen: Tab) -> bool:
    """Whether the run of this tab has done its first iteration."""
    for element in seen.elements.values():
        for named in element.vega_lite_chart.datasets if element.HasField("vega_lite_chart") else ():
            if named.name == "bundle":
                return int(pa.ipc.open_stream(named.data.data).read_all().to_pylist()[0]["last"]) > 0
    return False


async def press_together(host: str, address: str, button: str) -> tuple[float, list[str]]:
    """Seconds from the press of all to the first iteration of the last, and what failed."""
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(tab(host, address)) for _ in range(CLASS)]
        start = time.perf_counter()
        await asyncio.gather(*(seen.press(button) for seen in tabs))
        while not all(map(moved, tabs)) and time.perf_counter() < start + LONGEST:
            await asyncio.sleep(0.1)
        return time.perf_counter() - start, [error for seen in tabs for error in seen.errors]


def together(address: str, button: str) -> Iterator[Row]:
    """The rows of a class that starts to train at the same time."""
    with serve() as server:
        seconds, failures = asyncio.run(press_together(f"127.0.0.1:{server.port}", address, button))
    yield promise(f"{CLASS} press Play at once: failures", len(failures), "", 0)
    yield promise(f"{CLASS} press Play at once: the last run moves after", seconds, "s", MOVES_LIMIT)


def measure() -> Iterator[Row]:
    yield from load()
    yield from together(link("/train-live", lang="en"), "train_go")
    yield from load(Trainers(10, link("/train-live", lang="en", iterations=20_000), "train_go"))
