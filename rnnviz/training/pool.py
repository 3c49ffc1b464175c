"""A bounded pool of worker threads that serves the jobs of all sessions in short, fair slices.

    pool = Pool()
    handle = pool.submit(job, Limits(iterations=5000))
    handle.touch()                     # whoever watches says so now and then; a job that nobody watches expires
    with handle.reading() as job:      # no worker is inside it meanwhile
        rows = job.rows
    handle.stop()

A job is any object that does one small piece of work at a time (`Job`). Of all open jobs at most `slots` share the
workers, the others wait in line; a paused job gives up its slot and goes to the end of the line when it is resumed.
While somebody waits, a slot is held for one `TURN` and then handed on: everybody's run moves, nobody's blocks another.
Among those with a slot the one that has had the least time goes next (start-time fair queueing, Goyal et al. 1996), so
each gets the same share of time, however long its pieces are, and a newcomer has no claim to what it missed.

A job whose owner is away (`watched` says no: a tab that was closed, or a connection that broke) rests where it is, out
of the line, until somebody looks at it again or its place is needed.

A job must not start threads of its own: with torch, `torch.set_num_threads(1)`, which holds for the whole process and
therefore is left to the app.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic

from rnnviz.training.engine import MOVING, OPEN, J, JobState, Limits, PoolFull, Status, VisitorFull, always

SLICE = 0.05  # seconds of one job before the next one's turn
CLAIM = 4 * SLICE  # what a job may have missed, while a page held it, and still make up for
TURN = 5.0  # seconds that a job keeps its slot while others wait for one
SWEEP = 0.25  # seconds between two looks at who is away, whose turn is over and what has expired
NICE = 10  # of the workers, so that a page's answer goes before a training's next piece
LINGER = 5.0  # seconds after which a worker without any open job ends
_LOG = logging.getLogger(__name__)


def _give_way() -> None:
    """Let whoever answers a visitor have the processor first: on Linux a thread has a niceness of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


class PoolHandle(Generic[J]):
    """What `Pool.submit` returns."""

    def __init__(self, pool: Pool, job: J, limits: Limits, watched: Callable[[], bool], visitor: str) -> None:
        self.limits, self.watched, self.visitor = limits, watched, visitor
        self._pool = pool
        self._job: J | None = job
        # All of this is read and written under the pool's lock.
        self._state: JobState = "queued"
        self._iterations = 0
        self._pause_at: int | None = None  # a number of iterations
        self._born = self._touched = time.monotonic()
        self._ended: float | None = None
        self._limit: str | None = None
        self._error: BaseException | None = None  # its traceback's frames hold the job too
        self._served = 0.0  # seconds, on the pool's fair clock
        self._since = 0.0  # when it got its slot
        self._away = False  # nobody watches it, so it rests
        self._advancing = self._read = False  # a worker, or a page, has the job
        self._asked = 0  # pages that wait for it

    def status(self) -> Status:
        with self._pool.changed:
            line = self._pool.line()
            place = line.index(self) + 1 if self in line else None
            wait = None if place is None else self._pool.wait(place)
            age = (self._ended or time.monotonic()) - self._born
            return Status(self._state, place, wait, self._iterations, age, self._limit, self._error)

    def touch(self) -> None:
        self._touched = time.monotonic()
        if self._away:
            with self._pool.changed:
                self._away = False
                self._pool.fill()

    def pause(self) -> None:
        with self._pool.changed:
            if self._state in OPEN:
                self._state = "paused"
                self._pool.fill()

    def resume(self) -> None:
        with self._pool.changed:
            self._run_until(None)

    def step(self, n: int = 1) -> None:
        if n < 1:
            raise ValueError(f"n is {n}; accepted: at least 1")
        with self._pool.changed:
            self._run_until(self._iterations + self._advancing + n)

    def _run_until(self, pause_at: int | None) -> None:
        if self._state in OPEN:
            self._pause_at = pause_at
            if self._state == "paused":
                self._pool.queue(self)
                self._pool.fill()

    def stop(self) -> None:
        with self._pool.changed:
            self._job = self._error = None
            self._pool.end(self, "stopped")

    @contextmanager
    def reading(self) -> Iterator[J]:
        condition = self._pool.changed
        with condition:
            self._asked += 1
            condition.wait_for(lambda: not (self._advancing or self._read))
            self._asked -= 1
            if self._job is None:
                raise LookupError("the job was stopped and is no longer kept; accepted: a job that was not stopped")
            self._read = True
            job = self._job
        try:
            yield job
        finally:
            with condition:
                self._read = False
                self._served = max(self._served, self._pool.served - CLAIM)
                condition.notify_all()


class Pool:
    """Daemon threads, started when there is work and ended when there is none, and the jobs they serve.

    workers: threads.     slots: jobs that share them.
    places: open jobs (running, queued or paused) of all sessions together.     each: of them, those of one visitor.
    """

    def __init__(self, workers: int = 2, slots: int = 24, places: int = 64, each: int | None = None) -> None:
        each = places if each is None else each
        if not (1 <= workers <= slots <= places and 1 <= each <= places):
            raise ValueError(
                f"{workers=}, {slots=}, {places=}, {each=}; accepted: 1 <= workers <= slots <= places and "
                f"1 <= each <= places"
            )
        self.workers, self.slots, self.places, self.each = workers, slots, places, each
        self.changed = threading.Condition()
        # Under its lock; for `PoolHandle`. Who waits longest comes first.
        self.opened: list[PoolHandle[Any]] = []
        self.served = 0.0  # what the job whose turn came last had had by then
        self._threads: set[threading.Thread] = set()
        self._swept = 0.0
        self._closed = False

    def submit(
        self,
        job: J,
        limits: Limits | None = None,
        *,
        steps: int | None = None,
        watched: Callable[[], bool] = always,
        visitor: str = "",
    ) -> PoolHandle[J]:
        """It runs as soon as a slot is free. `watched` is asked under the pool's lock."""
        if job.finished:
            raise ValueError("the job is finished; accepted: a job with something left to do")
        with self.changed:
            if self._closed:
                raise RuntimeError("the pool is closed; accepted: jobs before `close`")
            self._sweep()
            for handles, most, kind in (
                ([h for h in self.opened if visitor and h.visitor == visitor], self.each, VisitorFull),
                (self.opened, self.places, PoolFull),
            ):
                if len(handles) >= most and not self._make_room(handles):
                    raise kind(f"{len(handles)} jobs are open; accepted: at most {most} at a time", most)
            handle = PoolHandle(self, job, limits or Limits(), watched, visitor)
            handle._pause_at = steps
            self.opened.append(handle)
            self.fill()
            while len(self._threads) < self.workers:
                thread = threading.Thread(target=self._work, name="rnnviz-pool", daemon=True)
                self._threads.add(thread)
                thread.start()
        return handle

    def moving(self) -> int:
        return sum(handle._state in MOVING for handle in tuple(self.opened))

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

    def line(self) -> list[PoolHandle[Any]]:
        """Who waits for a slot, the first in the line first. Under the lock."""
        return [handle for handle in self.opened if handle._state == "queued" and not handle._away]

    def wait(self, place: int) -> float:
        """Seconds until the one at this place in the line, from 1, has a slot at the latest. Under the lock."""
        now = time.monotonic()
        turns = sorted(max(0.0, h._since + TURN - now) for h in self.opened if h._state == "running")
        rounds, ahead = divmod(place - 1, self.slots)
        return (turns[ahead] if ahead < len(turns) else 0.0) + TURN * rounds

    def queue(self, handle: PoolHandle[Any]) -> None:
        """To the end of the line. Under the lock."""
        handle._state = "queued"
        self.opened.remove(handle)
        self.opened.append(handle)

    def fill(self) -> None:
        """Give free slots to those that waited longest, and wake the workers. Under the lock."""
        free = self.slots - sum(handle._state == "running" for handle in self.opened)
        for handle in self.line()[:free]:
            handle._state, handle._since = "running", time.monotonic()
            handle._served = max(handle._served, self.served)
        self.changed.notify_all()

    def end(
        self, handle: PoolHandle[J], state: JobState, *, limit: str | None = None, error: BaseException | None = None
    ) -> None:
        """Serve a job no more, if it is open. Under the lock."""
        if handle._state in OPEN:
            handle._state, handle._limit, handle._error = state, limit, error
            handle._ended = time.monotonic()
            self.opened.remove(handle)
            self.fill()

    def _sweep(self) -> None:
        """End what has expired, let rest what nobody watches, and hand the slots on. Under the lock."""
        now = self._swept = time.monotonic()
        for handle in tuple(self.opened):
            if now >= handle._touched + handle.limits.idle_seconds:
                self.end(handle, "expired", limit="idle_seconds")
            elif now >= handle._born + handle.limits.lifetime_seconds:
                self.end(handle, "expired", limit="lifetime_seconds")
            else:
                handle._away = not handle.watched()
                if handle._away and handle._state == "running":
                    self.queue(handle)
        queue_length = len(self.line())
        over = (h for h in tuple(self.opened) if h._state == "running" and now >= h._since + TURN)
        for handle in sorted(over, key=lambda h: h._since)[:queue_length]:
            self.queue(handle)
        self.fill()

    def _make_room(self, handles: list[PoolHandle[Any]]) -> bool:
        """End that one of these jobs which nobody has watched for longest, if there is one. Under the lock."""
        away = min((h for h in handles if h._away), key=lambda h: h._touched, default=None)
        if away is not None:
            self.end(away, "expired", limit="idle_seconds")
        return away is not None

    def _work(self) -> None:
        _give_way()
        while (handle := self._take()) is not None:
            self._serve(handle)
            del handle  # while this thread waits, it must not keep a forgotten job alive

    def _take(self) -> PoolHandle[Any] | None:
        """The job whose turn it is; None when this thread should end."""
        with self.changed:
            while not self._closed:
                if time.monotonic() >= self._swept + SWEEP:
                    self._sweep()
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
        """Seconds until the next look or the next limit; where no job is open, until a thread should end."""
        now = time.monotonic()
        ends = (min(h._touched + h.limits.idle_seconds, h._born + h.limits.lifetime_seconds) - now for h in self.opened)
        sweep = self._swept + SWEEP - now
        return max(0.0, min(sweep, *ends)) if self.opened else LINGER

    def _serve(self, handle: PoolHandle[Any]) -> None:
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
                elif handle._state in ("running", "queued") and handle._iterations == handle._pause_at:
                    handle._state = "paused"  # also where its slot was handed on during this piece of work
                    self.fill()
                now = time.monotonic()
                more = handle._state == "running" and not handle._asked and now - start < SLICE
                if not more:
                    handle._served += now - start
                    handle._advancing = False
                    self.changed.notify_all()
