"""A run that the tab had before the page, or the server, was loaded again: found again, or trained again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from typing import Any

import streamlit as st

from rnnviz.training.config import CHANGEABLE, Config, changes
from rnnviz.training.pool import Handle
from rnnviz.training.presets import PAIRS, PRESETS
from rnnviz.ui import jobs, tab, train_run
from rnnviz.ui.prose import Say
from rnnviz.ui.train_run import Look, Lost, SideBySide
from rnnviz.ui.url.kinds import ITERATIONS, OnTheWay, Run, Whole
from rnnviz.ui.url.state import State

_LOST, _FOUND = "train_lost", "train_found"  # in the session's state: a `Lost`; that the page has to draw what it found


def remember(seen: Look, state: State) -> None:
    """Have the tab remember the run that the page shows; what it had before is taken up. Runs the page again where
    that changes what there is to see."""
    tab.remember(f"{state.page}_tab", jobs.jobs().secret, _written(seen, state), _hear)
    if st.session_state.pop(_FOUND, False):
        st.rerun()


def _hear(secret: str, boot: str, run: object) -> bool:
    st.session_state[_FOUND] = True
    if jobs.adopt(secret):
        return False
    try:
        st.session_state[_LOST] = _read(run, restarted=boot != tab.BOOT)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # not what this page has written
    return True


def _written(seen: Look, state: State) -> dict[str, Any] | None:
    if seen.status is None:
        return None
    on_the_way = [OnTheWay().write(changes(view.started, view.changes, view.iteration + 1)) for view in seen.views]
    before = {n: getattr(seen.views[0].started, n) for n in CHANGEABLE if n not in train_run.fixed(state)}
    settings = {part.name: state[part.name] for part in fields(Config)} | before
    return {
        "preset": state["preset"],
        "started": Run().write(Config(**settings)),
        "iterations": state["iterations"],
        "at": max(view.iteration for view in seen.views),
        "done": seen.status.iterations,
        "changes": on_the_way,
    }


def _read(run: Any, *, restarted: bool) -> Lost:
    """What a tab has remembered, checked like what a link says. Raises `ValueError` and its kin for anything else."""
    if run["preset"] not in {*PRESETS, *PAIRS}:
        raise ValueError(run["preset"])
    runs = 1 + (run["preset"] in PAIRS)
    changes = run["changes"]
    if not isinstance(changes, list) or len(changes) != runs:
        raise ValueError(changes)
    iterations, at = (Whole(1, ITERATIONS).parse(str(run[name])) for name in ("iterations", "at"))
    return Lost(
        run["preset"],
        Run().parse(run["started"]),
        iterations,
        at,
        Whole(1, ITERATIONS * runs + 1).parse(str(run["done"])),
        tuple(OnTheWay().parse(text) if text else () for text in changes),
        restarted,
    )


def pending() -> bool:
    """Whether a run is gone and the reader has not said what to do about it."""
    return _LOST in st.session_state


def told(handle: Handle[SideBySide] | None, state: State, say: Say) -> bool:
    """The box that says that the run is gone, and what can be done; whether there is one."""
    lost: Lost | None = st.session_state.get(_LOST)
    if lost is None:
        return False
    if handle is not None:  # another one has begun since
        forget()
        return False
    with st.container(border=True):
        why = "restarted" if lost.restarted else "forgotten"
        started = lost.started
        values = {"task": say(f"train.task_{started.task}"), "cell": say(f"train.cell_{started.cell}")}
        st.markdown(say(f"train.lost_{why}", at=lost.at, most=lost.iterations, **values))
        with st.container(horizontal=True, gap="small"):
            st.button(
                say("train.lost_again", at=lost.at),
                key=f"{state.page}_lost_again",
                icon=":material/replay:",
                on_click=_again,
                args=(state, lost),
            )
            st.button(
                say("train.lost_forget"),
                key=f"{state.page}_lost_forget",
                type="tertiary",
                icon=":material/close:",
                on_click=forget,
            )
    return True


def forget() -> None:
    """The reader does without the run that is gone."""
    st.session_state.pop(_LOST, None)
    tab.forget()


def _again(state: State, lost: Lost) -> None:
    """The page as the run's was, and the run on its way back to where it had been."""
    forget()
    at = state["at"]
    state.choose(preset=lost.preset)
    last: Mapping[str, Any] = {name: value for _, settings in (lost.changes or ((),))[0] for name, value in settings}
    wanted = {part.name: getattr(lost.started, part.name) for part in fields(Config)} | dict(last)
    state.choose(**{name: value for name, value in wanted.items() if state[name] != value})
    if state["iterations"] != lost.iterations:
        state.choose(iterations=lost.iterations)
    state.choose(at=at)
    with suppress(ValueError):  # a text that is none to learn from, which the page then says
        train_run.repeat(state, lost)
