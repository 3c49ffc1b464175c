"""Who owns a training job: one pool for the process, and in it the jobs of each session.

handle = jobs().start("a", trainer)   # in place of what ran under that name before
handle = jobs().watch("a")            # on every run of the page or its fragment; None when nothing runs or ran
"""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

import streamlit as st

from rnnviz.training.pool import Handle, J, Limits, Pool


@cache
def pool() -> Pool:
    """The process's pool. Not in Streamlit's cache, which any visitor's browser may ask the server to clear."""
    made = Pool()
    atexit.register(made.close)  # a thread inside torch while the interpreter ends can crash it
    return made


class Jobs:
    """The jobs of one session, by name."""

    def __init__(self) -> None:
        self._handles: dict[str, Handle[Any]] = {}
        self._closed = False

    def start(self, name: str, job: J, limits: Limits | None = None) -> Handle[J]:
        """Stop what has this name and submit `job` in its place. Raises what `Pool.submit` raises, and
        `LookupError` once the session is closed: nobody would stop it."""
        self.stop(name)
        handle = self._handles[name] = pool().submit(job, limits)
        if self._closed:  # asked last: `close` may come between any two lines
            self.stop(name)
            raise LookupError("the session is closed; accepted: a session whose tab is open")
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
        """Be done with all of them, for good. Never waits: the server calls it from its event loop."""
        self._closed = True
        for name in tuple(self._handles):
            self.stop(name)


@st.cache_resource(scope="session", on_release=Jobs.close, show_spinner=False)
def jobs() -> Jobs:
    """The jobs of the session whose script is running; when its socket closes, they stop at once.

    A tab that connects again, after a break of the network, finds none: what a page wants to show then, it keeps in
    `st.session_state`. Not to be called from another thread than the script's.
    """
    return Jobs()
