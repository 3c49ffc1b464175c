"""Who owns a training job: one engine for the process, and in it the jobs of each visitor's tab.

handle = jobs().start("a", trainer)   # in place of what ran under that name before
handle = jobs().watch("a")            # on every run of the page or its fragment; None when nothing runs or ran

They are kept in the session's own state, which no message from elsewhere reaches (Streamlit's caches can be cleared by
any visitor's browser), and outlive a connection that breaks. A tab that is loaded again is a new session; it finds its
jobs by a secret that the tab keeps (`adopt`). While no tab is there to see them the jobs rest. Every `LOOK` seconds,
and at every start, it is noticed who is away; `KEEP` seconds later they are forgotten, earlier where they are kept for
more than `MOST_AWAY` tabs that are not there.
"""

from __future__ import annotations

import atexit
import secrets
import time
from functools import cache
from threading import Lock, Thread
from typing import Any

import streamlit as st

from rnnviz.training.engine import Engine, Handle, J, Limits
from rnnviz.training.pool import Pool
from rnnviz.ui.host.internals import connected, session_id, whole_answers

EACH = 48  # places of one address, behind which a whole class may sit; the others are for everybody else
KEEP = 900.0
LOOK = 60.0
MOST_AWAY = 32
_JOBS, _TAKEN = "jobs", "jobs_taken"  # in the session's state


def engine() -> Engine:
    """The process's. From when it is made, somebody looks after the tabs that do not come back."""
    with _making:
        return _engine()


_making = Lock()  # two threads that ask at once would each make one


@cache
def _engine() -> Engine:
    whole_answers()  # pages with jobs ask by themselves
    pool = Pool(each=EACH)
    Thread(target=_look, name="rnnviz-jobs", daemon=True).start()
    atexit.register(pool.close)  # a thread inside torch while the interpreter ends can crash it
    return pool


class Jobs:
    """The jobs of one tab, by name.

    session: of the tab that has them, one at a time.     secret: by which it finds them when it is loaded again.
    away: since when no tab is there, as `_forget` noticed.     closed: done with, for good.
    """

    def __init__(self, session: str, *, visitor: str = "") -> None:
        self.session = session
        self.secret = secrets.token_urlsafe(24)
        self.away: float | None = None
        self.closed = False
        self._visitor = visitor
        self._handles: dict[str, Handle[Any]] = {}

    def watched(self) -> bool:
        """Whether the tab is there."""
        return connected(self.session)

    def start(self, name: str, job: J, limits: Limits | None = None, steps: int | None = None) -> Handle[J]:
        """Stop what has this name and submit `job` in its place. steps: as `Engine.submit` has it. Raises what that
        raises, and
        `LookupError` once they are closed: nobody would stop it."""
        self.stop(name)
        handle = self._handles[name] = engine().submit(
            job, limits, steps=steps, watched=self.watched, visitor=self._visitor
        )
        with _lock:
            _kept[self.secret] = self
        _forget()
        if self.closed:  # asked last: `close` may come between any two lines
            self.stop(name)
            raise LookupError("the tab's jobs are closed; accepted: those of a tab that is open")
        return handle

    def watch(self, name: str) -> Handle[Any] | None:
        """The job of this name, if there is one, in whatever state it is; it counts as watched."""
        handle = self._handles.get(name)
        if handle:
            handle.touch()
        return handle

    def stop(self, name: str) -> None:
        """Be done with the job of this name, if there is one."""
        if handle := self._handles.pop(name, None):
            handle.stop()

    def close(self) -> None:
        """Be done with all of them, for good."""
        self.closed = True
        for name in tuple(self._handles):
            self.stop(name)


_lock = Lock()  # of the next line
_kept: dict[str, Jobs] = {}  # by secret


def _look() -> None:
    while True:
        time.sleep(LOOK)
        _forget()


def _forget() -> None:
    """Be done with the jobs of tabs that will not come back."""
    now = time.monotonic()
    with _lock:
        for other in _kept.values():
            other.away = None if other.watched() else other.away or now
        away = sorted((other.away, secret) for secret, other in _kept.items() if other.away is not None)
        secrets = [secret for since, secret in away if since < now - KEEP]
        secrets += [secret for _, secret in away[: max(0, len(away) - MOST_AWAY)] if secret not in secrets]
        jobs = [_kept.pop(secret) for secret in secrets]
    for other in jobs:
        other.close()


def jobs() -> Jobs:
    """The jobs of the tab whose script is running. Not to be called from another thread than the script's.

    A tab that was copied has the secret of the one it was copied from, and the one that asked last has the jobs; the
    other begins anew (`taken`).
    """
    mine: Jobs | None = st.session_state.get(_JOBS)
    session = session_id()
    if mine is not None and mine.session != session:
        st.session_state[_TAKEN] = mine.secret
    if mine is None or mine.closed or mine.session != session:
        mine = st.session_state[_JOBS] = Jobs(session, visitor=st.context.ip_address or "this machine")
    return mine


def taken() -> str:
    """The secret of what another tab has taken over from this one; empty if there is nothing like that."""
    jobs()
    return str(st.session_state.get(_TAKEN, ""))


def kept(secret: str) -> bool:
    """Whether the jobs of this secret are still there."""
    with _lock:
        jobs = _kept.get(secret)
    return jobs is not None and not jobs.closed


def drop(secret: str) -> None:
    """Be done with the jobs of this secret, if they are there."""
    with _lock:
        jobs = _kept.pop(secret, None)
    if jobs is not None:
        jobs.close()


def adopt(secret: str) -> bool:
    """Take over what the tab had before it was loaded again; whether it is still there. What this session has started
    meanwhile is stopped."""
    with _lock:
        earlier = _kept.get(secret)
    if earlier is None or earlier.closed:
        return False
    mine = jobs()
    if mine is not earlier:
        mine.close()
        earlier.session = session_id()
        st.session_state[_JOBS] = earlier
    st.session_state.pop(_TAKEN, None)
    return True
