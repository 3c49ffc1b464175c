"""The pool: fair shares, exact steps, limits, the line, and nothing of one job in another."""

from __future__ import annotations

import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.training import pool as pool_module
from rnnviz.training.engine import Handle, Limits, PoolFull, VisitorFull
from rnnviz.training.pool import SLICE, Pool

ACTS_WITHIN = 0.3  # seconds, what the app promises of pause and stop


@dataclass(eq=False)
class Counting:
    """Counts its pieces of work, each of which sleeps, and notices when it is not alone."""

    piece: float = 0.002
    until: int | None = None
    count: int = 0
    spent: float = 0.0
    last: float = 0.0
    inside: bool = False
    overlaps: int = 0
    began: threading.Event = field(default_factory=threading.Event)

    @property
    def finished(self) -> bool:
        return self.count == self.until

    def advance(self) -> None:
        self.overlaps += self.inside
        self.inside = True
        self.began.set()
        start = time.monotonic()
        time.sleep(self.piece)
        self.count += 1
        self.last = time.monotonic()
        self.spent += self.last - start
        self.overlaps += not self.inside
        self.inside = False


@dataclass(eq=False)
class Failing(Counting):
    error: type[BaseException] = ZeroDivisionError

    def advance(self) -> None:
        super().advance()
        if self.count == 3:
            raise self.error("loss")


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool()
    yield made
    made.close()


def eventually(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.005)
    return holds()


def ends(handle: Handle[Counting], state: str) -> bool:
    return eventually(lambda: handle.status().state == state)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("pieces", [(2, 2, 2, 2, 2), (2, 2, 30, 70)], ids=["equal", "unequal"])
def test_every_job_gets_its_share_of_time_however_long_its_pieces_are(workers: int, pieces: tuple[int, ...]) -> None:
    pool = Pool(workers)
    jobs = [Counting(piece / 1000) for piece in pieces]
    for job in jobs:
        pool.submit(job)
    time.sleep(2.5)
    pool.close()
    share = sum(job.spent for job in jobs) / len(jobs)
    assert all(abs(job.spent / share - 1) < 0.2 for job in jobs), [job.spent / share for job in jobs]
    assert share * len(jobs) > 0.8 * 2.5 * workers  # no worker stood about
    assert not any(job.overlaps for job in jobs)


def test_a_newcomer_has_no_claim_to_the_time_before_it_came() -> None:
    pool = Pool(workers=1)
    old, new = Counting(), Counting()
    pool.submit(old)
    time.sleep(1)
    before = old.spent
    pool.submit(new)
    time.sleep(1.5)
    pool.close()
    assert (old.spent - before) / new.spent == pytest.approx(1, abs=0.25)


def test_a_job_that_is_read_often_gets_its_share_too() -> None:
    pool = Pool(workers=1)
    read, other = Counting(), Counting()
    handle = pool.submit(read)
    pool.submit(other)
    until = time.monotonic() + 2
    while time.monotonic() < until:
        with handle.reading():
            time.sleep(0.06)
        time.sleep(0.15)
    pool.close()
    assert read.spent / other.spent == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("act", ["pause", "stop"])
def test_pause_and_stop_act_at_once_while_others_run(pool: Pool, act: str) -> None:
    others = [Counting() for _ in range(6)]
    for other in others:
        pool.submit(other)
    for _ in range(5):
        job = Counting()
        handle = pool.submit(job)
        assert job.began.wait(5)
        start = time.monotonic()
        getattr(handle, act)()
        assert time.monotonic() - start < ACTS_WITHIN / 2  # a closed socket stops jobs from the server's event loop
        time.sleep(ACTS_WITHIN)
        assert job.last < start + ACTS_WITHIN
        assert handle.status().state == {"pause": "paused", "stop": "stopped"}[act]
    counts = [other.count for other in others]
    time.sleep(0.4)
    assert all(other.count > count for other, count in zip(others, counts, strict=True))


@settings(max_examples=15)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=4))
def test_steps_are_exact(steps: list[int]) -> None:
    pool = Pool()
    job, bystander = Counting(0.0005), Counting(0.0005)
    handle = pool.submit(job)
    pool.submit(bystander)
    assert job.began.wait(5)
    handle.pause()
    with handle.reading():  # what had begun is completed
        expected = job.count
    for n in steps:
        handle.step(n)
        assert ends(handle, "paused")
        expected += n
        assert job.count == handle.status().iterations == expected
    handle.resume()
    assert eventually(lambda: job.count > expected + 20)
    pool.close()


def test_a_step_does_not_count_the_work_that_had_begun() -> None:
    pool = Pool(workers=1)
    job = Counting(0.05)
    handle = pool.submit(job)
    assert job.began.wait(5)
    handle.pause()
    assert job.count == 0
    handle.step(2)
    assert ends(handle, "paused")
    assert job.count == 3
    pool.close()


def test_stepping_fewer_than_once_is_refused(pool: Pool) -> None:
    with pytest.raises(ValueError, match="n is 0; accepted: at least 1"):
        pool.submit(Counting()).step(0)


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_an_exception_ends_its_own_job_only(pool: Pool, error: type[BaseException]) -> None:
    handles = [pool.submit(Failing(error=error)) for _ in range(4)]  # more than there are workers
    other = Counting()
    kept = pool.submit(other)
    for handle in handles:
        assert ends(handle, "failed")
        assert repr(handle.status().error) == f"{error.__name__}('loss')"
        assert handle.status().iterations == 2
    count = other.count
    assert eventually(lambda: other.count > count + 20)
    assert kept.status().state == "running"
    handles[0].resume()
    assert handles[0].status().state == "failed"


def test_a_finished_job_can_be_read_until_it_is_stopped(pool: Pool) -> None:
    handle = pool.submit(Counting(until=7))
    assert ends(handle, "finished")
    with handle.reading() as job:
        assert job.count == handle.status().iterations == 7
    handle.stop()
    assert handle.status().state == "finished"
    with pytest.raises(LookupError, match="stopped"), handle.reading():
        pass


def test_a_finished_job_is_not_taken_in(pool: Pool) -> None:
    with pytest.raises(ValueError, match="finished"):
        pool.submit(Counting(until=0))


def test_a_page_and_a_worker_are_never_in_a_job_together(pool: Pool) -> None:
    job = Counting(0.0005)
    handle = pool.submit(job)
    for _ in range(100):
        with handle.reading() as read:
            assert read is job
            assert not job.inside
            count = job.count
            time.sleep(0.002)
            assert job.count == count
    assert job.overlaps == 0


def test_reading_waits_for_one_piece_of_work_at_the_most(pool: Pool) -> None:
    piece = 0.02  # several to a slice
    handles = [pool.submit(Counting(piece)) for _ in range(2)]  # each has a worker to itself
    waits = []
    for k in range(30):
        time.sleep(0.03 + 0.001 * (k % 20))
        start = time.monotonic()
        with handles[k % 2].reading():
            waits.append(time.monotonic() - start)
    assert median(waits) < piece
    assert sum(wait > 1.5 * piece for wait in waits) <= 1  # the machine may have been away once


def test_a_job_that_is_being_read_holds_nobody_up() -> None:
    pool = Pool(workers=1)
    job, other = Counting(), Counting()
    with_page = pool.submit(job)
    pool.submit(other)
    with with_page.reading():
        count = other.count
        assert eventually(lambda: other.count > count + 50)
    count = job.count
    assert eventually(lambda: job.count > count)
    pool.close()


def test_the_line_moves_up_as_slots_become_free() -> None:
    pool = Pool(workers=1, slots=2, places=5)
    handles = [pool.submit(Counting()) for _ in range(5)]
    assert [h.status().place for h in handles] == [None, None, 1, 2, 3]
    with pytest.raises(PoolFull, match="5 jobs are open; accepted: at most 5 at a time"):
        pool.submit(Counting())
    handles[0].stop()
    handles[3].stop()
    assert [h.status().place for h in handles] == [None, None, None, None, 1]
    late = pool.submit(Counting())
    assert late.status().place == 2
    assert handles[2].status().state == "running"
    pool.close()


WORDS = ("submit", "pause", "resume", "step", "stop")


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 9)), max_size=25))
def test_states_and_places_are_those_of_two_plain_lists(acts: list[tuple[str, int]]) -> None:
    slots, places = 2, 6
    pool = Pool(workers=1, slots=slots, places=places)
    handles = [pool.submit(Counting()) for _ in range(4)]
    line = [0, 1, 2, 3]  # who wants to run, in order of coming; the first two ought to be running
    paused: set[int] = set()
    for act, pick in acts:
        if act == "submit":
            if len(line) + len(paused) == places:
                with pytest.raises(PoolFull):
                    pool.submit(Counting())
                continue
            handles.append(pool.submit(Counting()))
            line.append(len(handles) - 1)
        elif handles:
            i = pick % len(handles)
            handle = handles[i]
            if act == "step":
                handle.step(10**6)
            else:
                getattr(handle, act)()
            if act == "pause" and i in line:
                line.remove(i)
                paused.add(i)
            elif act in ("resume", "step") and i in paused:
                paused.remove(i)
                line.append(i)
            elif act == "stop":
                line = [j for j in line if j != i]
                paused.discard(i)
        for i, handle in enumerate(handles):
            status = handle.status()
            at = line.index(i) if i in line else None
            wanted = "paused" if i in paused else "stopped" if at is None else "running" if at < slots else "queued"
            assert (status.state, status.place) == (wanted, at - slots + 1 if wanted == "queued" else None)
    pool.close()


def test_a_job_expires_after_its_iterations_and_can_still_be_read(pool: Pool) -> None:
    handle = pool.submit(Counting(0.0005), Limits(iterations=30))
    assert ends(handle, "expired")
    assert handle.status().limit == "iterations"
    with handle.reading() as job:
        assert job.count == handle.status().iterations == 30


def test_the_last_iteration_may_finish_the_job(pool: Pool) -> None:
    handle = pool.submit(Counting(0.0005, until=30), Limits(iterations=30))
    assert ends(handle, "finished")


@pytest.mark.parametrize("paused", [False, True])
def test_a_job_that_nobody_watches_expires(pool: Pool, paused: bool) -> None:
    limits = Limits(idle_seconds=0.4)
    forgotten, watched = pool.submit(Counting(), limits), pool.submit(Counting(), limits)
    if paused:
        forgotten.pause()
        watched.pause()
    until = time.monotonic() + 1
    while time.monotonic() < until:
        watched.touch()
        time.sleep(0.02)
    status = forgotten.status()
    assert (status.state, status.limit) == ("expired", "idle_seconds")
    assert 0.4 <= status.age < 0.7
    assert watched.status().state == ("paused" if paused else "running")


def test_a_lifetime_ends_also_for_who_is_watched(pool: Pool) -> None:
    handle = pool.submit(Counting(), Limits(lifetime_seconds=0.3))

    def expired() -> bool:
        handle.touch()
        return handle.status().state == "expired"

    assert eventually(expired)
    assert handle.status().limit == "lifetime_seconds"
    assert 0.3 <= handle.status().age < 0.6


def test_a_place_is_free_again_once_its_job_has_expired() -> None:
    pool = Pool(1, 1, 1)
    blocked = Counting(0.5)  # the worker is busy and notices nothing
    pool.submit(blocked, Limits(idle_seconds=0.1))
    assert blocked.began.wait(5)
    time.sleep(0.15)
    pool.submit(Counting())
    pool.close()


@pytest.mark.parametrize("field", ["iterations", "idle_seconds", "lifetime_seconds"])
def test_limits_are_positive(field: str) -> None:
    for wrong in (0, float("nan")):
        with pytest.raises(ValueError, match=f"{field} is {wrong}; accepted: more than 0"):
            Limits(**{field: wrong})


@pytest.mark.parametrize("kind", [Counting, Failing])
@pytest.mark.parametrize("how", ["stopped", "stopped in a piece of work", "forgotten", "handle let go"])
def test_nothing_keeps_a_job_that_nobody_can_reach(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, kind: type[Counting], how: str
) -> None:
    monkeypatch.setattr(logging.getLogger(pool_module.__name__), "disabled", True)  # pytest keeps what is logged
    gc.disable()
    try:
        job = kind(0.1 if how == "stopped in a piece of work" else 0.002)
        handle = pool.submit(job, Limits(idle_seconds=0.3 if how == "forgotten" else 60))
        assert job.began.wait(5)
        ref = weakref.ref(job)
        del job
        if how == "stopped" and kind is Failing:
            assert ends(handle, "failed")
        if how.startswith("stopped"):
            handle.stop()
        elif how == "handle let go":
            handle.stop()
            del handle
        else:
            del handle

        def gone() -> bool:
            if kind is Failing:
                gc.collect()  # an exception holds frames, and they hold it
            return ref() is None

        assert eventually(gone, 2)
    finally:
        gc.enable()


def test_threads_start_with_the_first_job_and_end_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "LINGER", 0.1)

    others = set(threading.enumerate())  # of other tests' pools, which may still go on

    def threads() -> int:
        return sum(thread.name == "rnnviz-pool" for thread in set(threading.enumerate()) - others)

    pool = Pool(workers=2)
    assert threads() == 0
    for _ in range(2):  # they come back
        handle = pool.submit(Counting(until=20))
        assert threads() == 2
        assert ends(handle, "finished")
        assert eventually(lambda: threads() == 0)
    handle = pool.submit(Counting())
    handle.pause()
    time.sleep(0.3)
    assert threads() > 0  # somebody has to see that a paused job expires
    pool.close()
    assert threads() == 0
    assert handle.status().state == "stopped"
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(Counting())


@pytest.mark.parametrize("sizes", [(0, 1, 1), (3, 2, 5), (1, 3, 2)])
def test_sizes_of_a_pool_are_checked(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="accepted: 1 <= workers <= slots <= places"):
        Pool(*sizes)


def test_a_slice_is_short_enough_to_act_in_time() -> None:
    assert SLICE <= ACTS_WITHIN / 3


def test_the_sizes_of_a_pool_that_are_refused_name_the_places_of_one_visitor() -> None:
    with pytest.raises(ValueError, match="1 <= each <= places"):
        Pool(1, 1, 2, each=3)


@pytest.mark.parametrize(("slots", "jobs"), [(24, 40), (2, 5), (1, 3)])
def test_a_class_that_presses_play_at_once_all_moves_within_a_few_turns(
    monkeypatch: pytest.MonkeyPatch, slots: int, jobs: int
) -> None:
    monkeypatch.setattr(pool_module, "TURN", 0.3)
    monkeypatch.setattr(pool_module, "SWEEP", 0.02)
    pool = Pool(workers=min(2, slots), slots=slots, places=64)
    made = [Counting(0.001) for _ in range(jobs)]
    handles = [pool.submit(job) for job in made]
    assert [h.status().place for h in handles[slots:]] == list(range(1, jobs - slots + 1))
    assert eventually(lambda: all(job.count for job in made), 15)
    assert sum(h.status().state == "running" for h in handles) == slots
    pool.close()


def test_the_wait_that_is_told_is_the_longest_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "TURN", 0.4)
    monkeypatch.setattr(pool_module, "SWEEP", 0.02)
    pool = Pool(workers=1, slots=2, places=9)
    handles = [pool.submit(Counting(0.001)) for _ in range(7)]
    told = [h.status().wait for h in handles]
    assert told[:2] == [None, None]
    assert told[2:] == sorted(told[2:])
    assert told[2:4] == pytest.approx([0.4, 0.4], abs=0.1)
    assert told[4:6] == pytest.approx([0.8, 0.8], abs=0.1)
    start = time.monotonic()
    waited: dict[int, float] = {}
    while len(waited) < 5 and time.monotonic() < start + 10:
        for k, handle in enumerate(handles[2:], 2):
            if k not in waited and handle.status().state == "running":
                waited[k] = time.monotonic() - start
        time.sleep(0.002)
    assert sorted(waited) == [2, 3, 4, 5, 6]
    for k, seconds in waited.items():
        assert seconds == pytest.approx(told[k], abs=0.35), "a worker sees to it after the piece of work it is in"
    pool.close()


def test_a_slot_is_kept_while_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "TURN", 0.05)
    monkeypatch.setattr(pool_module, "SWEEP", 0.01)
    pool = Pool(workers=1, slots=1, places=3)
    handle = pool.submit(Counting(0.001))
    for _ in range(100):
        assert handle.status().state == "running"
        time.sleep(0.003)
    pool.close()


def test_a_job_that_nobody_watches_rests_out_of_the_line_and_goes_on_when_somebody_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool_module, "SWEEP", 0.02)
    pool = Pool(workers=1, slots=1, places=3)
    there = True
    job = Counting(0.001)
    handle = pool.submit(job, watched=lambda: there)
    other = pool.submit(Counting(0.001))
    assert job.began.wait(5)
    there = False
    assert ends(handle, "queued")
    assert handle.status().place is None
    assert other.status().state == "running"
    count = job.count
    time.sleep(0.2)
    assert job.count <= count + 1
    there = True
    handle.touch()
    assert handle.status().place == 1
    other.stop()
    assert eventually(lambda: job.count > count + 5)
    pool.close()


def test_the_place_of_who_is_away_goes_to_who_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "SWEEP", 0.02)
    pool = Pool(workers=1, slots=1, places=2, each=1)
    there = {"a": True, "b": True}
    a = pool.submit(Counting(), watched=lambda: there["a"], visitor="a")
    b = pool.submit(Counting(), watched=lambda: there["b"], visitor="b")
    with pytest.raises(PoolFull, match="2 jobs are open; accepted: at most 2") as full:
        pool.submit(Counting(), visitor="c")
    assert full.value.places == 2
    with pytest.raises(VisitorFull, match="1 jobs are open; accepted: at most 1"):
        pool.submit(Counting(), visitor="b")
    there["a"] = False
    pool.submit(Counting(), visitor="c")
    assert (a.status().state, a.status().limit) == ("expired", "idle_seconds")
    assert b.status().state in {"running", "queued"}
    pool.close()


def test_steps_are_exact_while_slots_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot may be handed on, or its owner go away, during the very piece of work that is the last one."""
    monkeypatch.setattr(pool_module, "TURN", 0.0)
    monkeypatch.setattr(pool_module, "SWEEP", 0.0)
    pool = Pool(workers=2, slots=2, places=8)
    others = [pool.submit(Counting(0.0005)) for _ in range(4)]
    for n in (1, 3, 25):
        job = Counting(0.0005)
        with pool.changed:
            handle = pool.submit(job)
            handle.step(n)
        assert ends(handle, "paused")
        assert job.count == n
        handle.step(n)
        assert ends(handle, "paused")
        assert job.count == 2 * n
        handle.stop()
    for other in others:
        other.stop()
    pool.close()
