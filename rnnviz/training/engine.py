"""What runs jobs: the contract that pages rely on, whichever engine is behind it. The pool in the process is one.

handle = engine.submit(job, Limits(iterations=5000))
handle.touch()                     # whoever watches says so now and then; a job that nobody watches expires
with handle.reading() as job:      # no worker is inside it meanwhile
    rows = job.rows
handle.stop()
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from typing import Literal, Protocol, TypeVar

JobState = Literal["queued", "running", "paused", "finished", "failed", "expired", "stopped"]
MOVING: tuple[JobState, ...] = ("queued", "running")
OPEN: tuple[JobState, ...] = ("queued", "running", "paused")


class Job(Protocol):
    """What an engine can run: `advance` does one piece of work, well under 0.3 s; `finished` is read after each."""

    @property
    def finished(self) -> bool: ...
    def advance(self) -> None: ...


J = TypeVar("J", bound=Job)
J_co = TypeVar("J_co", bound=Job, covariant=True)


class PoolFull(RuntimeError):  # noqa: N818  # a state of affairs, like queue.Full
    """No place is left for another job.     places: how many there are, for all or for this visitor."""

    def __init__(self, message: str, places: int) -> None:
        super().__init__(message)
        self.places = places


class VisitorFull(PoolFull):
    """This visitor holds as many places as one may."""


def always() -> bool:
    return True


@dataclass(frozen=True)
class Limits:
    """When a job expires, whatever it still has to do.

    iterations: calls of `advance`.     idle_seconds: since it was last touched.
    lifetime_seconds: since it was submitted, waiting and pauses included.
    """

    iterations: int = 100_000
    idle_seconds: float = 900.0
    lifetime_seconds: float = 3600.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise ValueError(f"{field.name} is {getattr(self, field.name)}; accepted: more than 0")


@dataclass(frozen=True)
class Status:
    """A job at one moment.

    place: in the line, from 1; None unless queued.     wait: seconds until its turn at the latest, if nobody resumes or
        pauses; None unless it has a place.     iterations: how often it advanced.
    age: seconds since it was submitted, up to its end.
    limit: the field of `Limits` that ended it; None unless expired.
    error: what it raised; None unless failed, and after `stop`.
    """

    state: JobState
    place: int | None
    wait: float | None
    iterations: int
    age: float
    limit: str | None
    error: BaseException | None


class Handle(Protocol[J_co]):
    """A job's owner asks and decides with it, from any thread.

    No method but `reading` waits for a worker. On a job that has ended, `pause`, `resume` and `step` do nothing.
    """

    def status(self) -> Status: ...
    def touch(self) -> None:
        """Say that somebody still watches; one that rested because nobody did is in the line again."""

    def pause(self) -> None:
        """No piece of work begins after this; one that has begun is completed."""

    def resume(self) -> None:
        """Run on, from the end of the line if all slots are taken."""

    def step(self, n: int = 1) -> None:
        """Advance `n` times more, not counting a piece of work that has begun, then pause. `ValueError` if n < 1."""

    def stop(self) -> None:
        """Be done with the job and let go of it; one that ended otherwise keeps its state."""

    def reading(self) -> AbstractContextManager[J_co]:
        """The job, while no worker is in it; waits for the end of one piece of work at the most. Not re-entrant.

        Only this job stands still meanwhile: take a copy of what is needed and draw afterwards.
        Works in every state until `stop`, then raises `LookupError`.
        """


class Engine(Protocol):
    """Runs the jobs of all sessions in short, fair slices."""

    def submit(
        self,
        job: J,
        limits: Limits | None = None,
        *,
        steps: int | None = None,
        watched: Callable[[], bool] = always,
        visitor: str = "",
    ) -> Handle[J]:
        """Take a job in.

        steps: how often it advances until it pauses; None until it ends.
        watched: whether anybody is there to see it; answers at once and waits for nothing.
        visitor: whose it is, by any name; "" is nobody's in particular.

        Raises `PoolFull` when all places are taken by jobs that are watched, `VisitorFull` when this visitor has as
        many as one may hold, `ValueError` for a job that is finished already, and `RuntimeError` after `close`.
        """

    def moving(self) -> int:
        """How many jobs run or wait for their turn."""

    def close(self) -> None:
        """Stop every job and wait for the workers to end."""
