"""A bounded pool of worker threads that serves the jobs of all sessions in short, fair slices.

    pool = Pool()
    handle = pool.submit(job, Limits(iterations=5000))
    handle.touch()                     # whoever watches says so now and then; a job that nobody watches expires
    with handle.reading() as job:      # no worker is inside it meanwhile
        rows = job.rows
    handle.stop()

A job is any object that does one small piece of work at a time (`Job`). Of all open jobs at most `slots` share the
workers, the others wait in line; a paused job gives up its slot and goes to the end of the line when it is resumed.
Among those with a slot the one that has had the least time goes next (start-time fair queueing, Goyal et al. 1996), so
each gets the same share of time, however long its pieces are, and a newcomer has no claim to what it missed.

A job must not start threads of its own: with torch, `torch.set_num_threads(1)`, which holds for the whole process and
therefore is left to the app.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, Generic, Literal, Protocol, TypeVar

SLICE = 0.05  # seconds of one job before the next one's turn
CLAIM = 4 * SLICE  # what a job may have missed, while a page held it, and still make up for
LINGER = 5.0  # seconds after which a worker without any open job ends
State = Literal["queued", "running", "paused", "finished", "failed", "expired", "stopped"]
OPEN: tuple[State, ...] = ("queued", "running", "paused")
_LOG = logging.getLogger(__name__)


class Job(Protocol):
    """What the pool can run: `advance` does one piece of work, well under 0.3 s; `finished` is read after each."""

    @property
    def finished(self) -> bool: ...
    def advance(self) -> None: ...


J = TypeVar("J", bound=Job)


class PoolFull(RuntimeError):  # noqa: N818  # a state of affairs, like queue.Full
    """No place is left for another job."""


@dataclass(frozen=True)
class Limits:
    """When a job expires, whatever it still has to do.

    iterations: calls of `advance`.     idle_seconds: since it was last touched.
    lifetime_seconds: since it was submitted, waiting and pauses included.
    """

    iterations: int = 100_000
    idle_seconds: float = 300.0
    lifetime_seconds: float = 3600.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise ValueError(f"{field.name} is {getattr(self, field.name)}; accepted: more than 0")


@dataclass(frozen=True)
class Status:
    """A job at one moment.

    place: in the line, from 1; None unless queued.     iterations: how often it advanced.
    age: seconds since it was submitted, up to its end.
    limit: the field of `Limits` that ended it; None unless expired.
    error: what it raised; None unless failed, and after `stop`.
    """

    state: State
    place: int | None
    iterations: int
    age: float
    limit: str | None
    error: BaseException | None


class Handle(Generic[J]):
    """What `Pool.submit` returns: a job's owner asks and decides with it, from any thread.

    No method but `reading` waits for a worker. On a job that has ended, `pause`, `resume` and `step` do nothing.
    """

    def __init__(self, pool: Pool, job: J, limits: Limits) -> None:
        self.limits = limits
        self._pool = pool
        self._job: J | None = job
        # All of this is read and written under the pool's lock.
        self._state: State = "queued"
        self._iterations = 0
        self._pause_at: int | None = None  # a number of iterations
        self._born = self._touched = time.monotonic()
        self._ended: float | None = None
        self._limit: str | None = None
        self._error: BaseException | None = None  # its traceback's frames hold the job too
        self._served = 0.0  # seconds, on the pool's fair clock
        self._advancing = self._read = False  # a worker, or a page, has the job
        self._asked = 0  # pages that wait for it

    def status(self) -> Status:
        with self._pool.changed:
            line = [handle for handle in self._pool.opened if handle._state == "queued"]
            place = line.index(self) + 1 if self in line else None
            age = (self._ended or time.monotonic()) - self._born
            return Status(self._state, place, self._iterations, age, self._limit, self._error)

    def touch(self) -> None:
        """Say that somebody still watches."""
        self._touched = time.monotonic()

    def pause(self) -> None:
        """No piece of work begins after this; one that has begun is completed."""
        with self._pool.changed:
            if self._state in OPEN:
                self._state = "paused"
                self._pool.fill()

    def resume(self) -> None:
        """Run on, from the end of the line if all slots are taken."""
        with self._pool.changed:
            self._run_until(None)

    def step(self, n: int = 1) -> None:
        """Advance `n` times more, not counting a piece of work that has begun, then pause. `ValueError` if n < 1."""
        if n < 1:
            raise ValueError(f"n is {n}; accepted: at least 1")
        with self._pool.changed:
            self._run_until(self._iterations + self._advancing + n)

    def _run_until(self, pause_at: int | None) -> None:
        if self._state in OPEN:
            self._pause_at = pause_at
            if self._state == "paused":
                self._state = "queued"
                self._pool.opened.remove(self)
                self._pool.opened.append(self)
                self._pool.fill()

    def stop(self) -> None:
        """Be done with the job and let go of it; one that ended otherwise keeps its state."""
        with self._pool.changed:
            self._job = self._error = None
            self._pool.end(self, "stopped")

    @contextmanager
    def reading(self) -> Iterator[J]:
        """The job, while no worker is in it; waits for the end of one piece of work at the most. Not re-entrant.

        Only this job stands still meanwhile: take a copy of what is needed and draw afterwards.
        Works in every state until `stop`, then raises `LookupError`.
        """
        changed = self._pool.changed
        with changed:
            self._asked += 1
            changed.wait_for(lambda: not (self._advancing or self._read))
            self._asked -= 1
            if self._job is None:
                raise LookupError("the job was stopped and is no longer kept; accepted: a job that was not stopped")
            self._read = True
            job = self._job
        try:
            yield job
        finally:
            with changed:
                self._read = False
                self._served = max(self._served, self._pool.served - CLAIM)
                changed.notify_all()


class Pool:
    """Daemon threads, started when there is work and ended when there is none, and the jobs they serve.

    workers: threads.     slots: jobs that share them.
    places: open jobs (running, queued or paused) of all sessions together.
    """

    def __init__(self, workers: int = 2, slots: int = 24, places: int = 64) -> None:
        if not 1 <= workers <= slots <= places:
            raise ValueError(f"{workers=}, {slots=}, {places=}; accepted: 1 <= workers <= slots <= places")
        self.workers, self.slots, self.places = workers, slots, places
        self.changed = threading.Condition()
        # Under its lock; for `Handle`. Who waits longest comes first.
        self.opened: list[Handle[Any]] = []
        self.served = 0.0  # what the job whose turn came last had had by then
        self._threads: set[threading.Thread] = set()
        self._closed = False

    def submit(self, job: J, limits: Limits | None = None) -> Handle[J]:
        """Take a job in; it runs as soon as a slot is free.

        Raises `PoolFull` when all places are taken, `ValueError` for a job that is finished already, and
        `RuntimeError` after `close`.
        """
        if job.finished:
            raise ValueError("the job is finished; accepted: a job with something left to do")
        with self.changed:
            if self._closed:
                raise RuntimeError("the pool is closed; accepted: jobs before `close`")
            self._expire()
            if len(self.opened) >= self.places:
                raise PoolFull(f"{len(self.opened)} jobs are open; accepted: at most {self.places} at a time")
            handle = Handle(self, job, limits or Limits())
            self.opened.append(handle)
            self.fill()
            while len(self._threads) < self.workers:
                thread = threading.Thread(target=self._work, name="rnnviz-pool", daemon=True)
                self._threads.add(thread)
                thread.start()
        return handle

    def close(self) -> None:
        """Stop every job and wait for the workers to end."""
        with self.changed:
            self._closed = True
            for handle in tuple(self.opened):
                handle.stop()
            self.changed.notify_all()
            threads = tuple(self._threads)
        for thread in threads:
            thread.join()

    def fill(self) -> None:
        """Give free slots to those that waited longest, and wake the workers. Under the lock."""
        free = self.slots - sum(handle._state == "running" for handle in self.opened)
        for handle in [handle for handle in self.opened if handle._state == "queued"][:free]:
            handle._state = "running"
            handle._served = max(handle._served, self.served)
        self.changed.notify_all()

    def end(
        self, handle: Handle[J], state: State, *, limit: str | None = None, error: BaseException | None = None
    ) -> None:
        """Serve a job no more, if it is open. Under the lock."""
        if handle._state in OPEN:
            handle._state, handle._limit, handle._error = state, limit, error
            handle._ended = time.monotonic()
            self.opened.remove(handle)
            self.fill()

    def _expire(self) -> None:
        now = time.monotonic()
        for handle in tuple(self.opened):
            if now >= handle._touched + handle.limits.idle_seconds:
                self.end(handle, "expired", limit="idle_seconds")
            elif now >= handle._born + handle.limits.lifetime_seconds:
                self.end(handle, "expired", limit="lifetime_seconds")

    def _work(self) -> None:
        while (handle := self._take()) is not None:
            self._serve(handle)
            del handle  # while this thread waits, it must not keep a forgotten job alive

    def _take(self) -> Handle[Any] | None:
        """The job whose turn it is; None when this thread should end."""
        with self.changed:
            while not self._closed:
                self._expire()
                free = [h for h in self.opened if h._state == "running" and not (h._advancing or h._read or h._asked)]
                if free:
                    handle = min(free, key=lambda h: h._served)
                    self.served = max(self.served, handle._served)
                    handle._advancing = True
                    return handle
                if not self.changed.wait(self._patience()) and not self.opened:
                    break
            self._threads.discard(threading.current_thread())
            return None

    def _patience(self) -> float:
        """Seconds until a limit of an open job is reached, or until a thread without one should end."""
        now = time.monotonic()
        ends = (min(h._touched + h.limits.idle_seconds, h._born + h.limits.lifetime_seconds) - now for h in self.opened)
        return max(0.0, min(ends, default=LINGER))

    def _serve(self, handle: Handle[Any]) -> None:
        """One slice, cut short when the job's state changes or a page wants to read it."""
        start = time.monotonic()
        job, more = handle._job, True
        while more:
            error, finished = None, False
            try:
                if job is not None:  # not stopped before its turn began
                    job.advance()
                    finished = job.finished
            except BaseException as caught:  # SystemExit too would end a worker that others need
                _LOG.exception("a job failed")
                error = caught
            with self.changed:
                handle._iterations += job is not None and error is None
                if error is not None:
                    self.end(handle, "failed", error=error)
                elif finished:
                    self.end(handle, "finished")
                elif handle._iterations >= handle.limits.iterations:
                    self.end(handle, "expired", limit="iterations")
                elif handle._state == "running" and handle._iterations == handle._pause_at:
                    handle._state = "paused"
                    self.fill()
                now = time.monotonic()
                more = handle._state == "running" and not handle._asked and now - start < SLICE
                if not more:
                    handle._served += now - start
                    handle._advancing = False
                    self.changed.notify_all()
