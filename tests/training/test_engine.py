"""What pages rely on, of every engine there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import get_ident

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.training.engine import Engine, Handle, Limits, VisitorFull
from rnnviz.training.pool import Pool

# Each makes an engine that lets one visitor have three jobs.
ENGINES: dict[str, Callable[[], Engine]] = {"pool": lambda: Pool(each=3)}
PATIENCE = 30.0  # seconds, for a machine that has other things to do


class Counting:
    """Counts what it has done, up to `until`; fails when it comes to `fails`."""

    def __init__(self, until: int = 0, fails: int = 0) -> None:
        self.until, self.fails, self.count, self.inside = until, fails, 0, False

    @property
    def finished(self) -> bool:
        return 0 < self.until <= self.count

    def advance(self) -> None:
        if self.count + 1 == self.fails:
            raise ZeroDivisionError("the third")
        self.inside = True
        time.sleep(0.001)
        self.count += 1
        self.inside = False


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = ENGINES[request.param]()
    yield made
    made.close()
    with pytest.raises(RuntimeError, match="closed"):
        made.submit(Counting())


def comes(handle: Handle[Counting], state: str) -> bool:
    until = time.monotonic() + PATIENCE
    while handle.status().state != state and time.monotonic() < until:
        handle.touch()
        time.sleep(0.005)
    return handle.status().state == state


def count(handle: Handle[Counting]) -> int:
    with handle.reading() as job:
        assert not job.inside, "no worker is in it"
        return job.count


@given(steps=st.lists(st.integers(1, 30), min_size=1, max_size=5))
@settings(max_examples=15)
def test_steps_are_exact_from_the_first(steps: list[int], engine: Engine) -> None:
    handle = engine.submit(Counting(), steps=steps[0])
    for done, n in enumerate([*steps[1:], 1], 1):
        assert comes(handle, "paused")
        assert handle.status().iterations == count(handle) == sum(steps[:done])
        handle.step(n)
    handle.stop()


def test_a_job_runs_to_its_end_and_can_be_read_until_it_is_stopped(engine: Engine) -> None:
    handle = engine.submit(Counting(until=20))
    assert comes(handle, "finished")
    handle.resume()
    handle.step()
    assert (count(handle), handle.status().state) == (20, "finished")
    handle.stop()
    with pytest.raises(LookupError, match="stopped"), handle.reading():
        pass
    done = Counting(until=1)
    done.advance()
    with pytest.raises(ValueError, match="finished"):
        engine.submit(done)


def test_a_pause_holds_until_it_is_resumed(engine: Engine) -> None:
    handle = engine.submit(Counting())
    handle.pause()
    before = count(handle)
    time.sleep(0.05)
    assert count(handle) == before
    assert handle.status().state == "paused"
    handle.resume()
    until = time.monotonic() + PATIENCE
    while count(handle) == before:
        assert time.monotonic() < until
    handle.stop()


def test_what_a_job_raises_is_told_and_ends_no_other(engine: Engine) -> None:
    failing, other = engine.submit(Counting(fails=3)), engine.submit(Counting(until=50))
    assert comes(failing, "failed")
    assert str(failing.status().error) == "the third"
    assert comes(other, "finished")
    assert count(failing) == 2


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        (Limits(iterations=7), "iterations"),
        (Limits(lifetime_seconds=0.1), "lifetime_seconds"),
        (Limits(idle_seconds=0.1), "idle_seconds"),
    ],
)
def test_a_job_that_reaches_a_limit_expires(limits: Limits, limit: str, engine: Engine) -> None:
    handle = engine.submit(Counting(), limits)
    until = time.monotonic() + PATIENCE
    while handle.status().state != "expired":
        assert time.monotonic() < until
        time.sleep(0.005)
    assert handle.status().limit == limit
    assert limit != "iterations" or count(handle) == 7


def test_a_visitor_has_only_so_many_and_all_are_counted(engine: Engine) -> None:
    before = engine.moving()
    handles = [engine.submit(Counting(), visitor="one") for _ in range(3)]
    with pytest.raises(VisitorFull) as full:
        engine.submit(Counting(), visitor="one")
    assert full.value.places == 3
    handles.append(engine.submit(Counting(), visitor="another"))
    assert engine.moving() == before + 4
    for handle in handles:
        handle.stop()
    assert engine.moving() == before


def test_an_engine_works_elsewhere_than_in_the_pages_thread(engine: Engine) -> None:
    class Where(Counting):
        seen = 0

        def advance(self) -> None:
            super().advance()
            self.seen = get_ident()

    handle = engine.submit(Where(until=1))
    assert comes(handle, "finished")
    with handle.reading() as job:
        assert job.seen not in (0, get_ident())
