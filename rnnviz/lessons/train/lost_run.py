"""A run that the tab had before the page, or the server, was loaded again: found again, or trained again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from functools import partial
from typing import Any, Literal

import streamlit as st

from rnnviz.training.config import CHANGEABLE, Config, changes
from rnnviz.training.engine import Handle
from rnnviz.training.presets import PAIRS, PRESETS
from rnnviz.ui.runs import jobs, tab, train_run
from rnnviz.ui.runs.train_run import Look, Lost, SideBySide
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.kinds import ITERATIONS, OnTheWay, Run, Setting, Whole
from rnnviz.ui.url.state import State

_LOST, _FOUND = "train_lost", "train_found"  # in the session's state: a `Lost`; that the page has to draw what it found


def remember(run_look: Look, state: State) -> None:
    """Have the tab remember the run that the page shows; what it had before is taken up. Runs the page again where
    that changes what there is to see."""
    if secret := jobs.taken():
        tab.deal(secret)
    tab.remember(f"{state.page}_tab", jobs.jobs().secret, _written(run_look, state), partial(_hear, state))
    if st.session_state.pop(_FOUND, False):
        st.rerun()


def _hear(state: State, secret: str, boot: str, run: object) -> bool:
    """What the tab had before: taken up where it is there and what the page asks for, else to be asked about."""
    try:
        lost = None if run is None else _read(run, secret, "forgotten" if boot == tab.BOOT else "restarted")
    except (AttributeError, KeyError, TypeError, ValueError):
        lost = None  # not what this page has written
    if lost is not None and jobs.kept(secret) and not _asked_for(lost, state):
        lost = replace(lost, why="other")
    elif jobs.adopt(secret):
        st.session_state[_FOUND] = True
        return False
    if lost is None:
        return False
    st.session_state[_LOST], st.session_state[_FOUND] = lost, True
    return True


def _asked_for(lost: Lost, state: State) -> bool:
    """Whether the page asks for this run, but for what can change in one."""
    pairs = {name for name in (lost.preset, state["preset"]) if name in PAIRS}
    if pairs and lost.preset != state["preset"]:
        return False
    changeable = {*CHANGEABLE, *train_run.fixed(state)}
    told_apart = [part.name for part in fields(Config) if part.name not in changeable]
    same = all(state[name] == getattr(lost.started, name) for name in told_apart)
    return same and lost.iterations == state["iterations"]


def _written(run_look: Look, state: State) -> dict[str, Any] | None:
    if run_look.status is None:
        return None
    on_the_way = [OnTheWay().write(changes(view.started, view.changes, view.iteration + 1)) for view in run_look.views]
    before = {n: getattr(run_look.views[0].started, n) for n in CHANGEABLE if n not in train_run.fixed(state)}
    settings = {part.name: state[part.name] for part in fields(Config)} | before
    return {
        "preset": state["preset"],
        "started": Run().write(Config(**settings)),
        "iterations": state["iterations"],
        "at": max(view.iteration for view in run_look.views),
        "done": run_look.status.iterations,
        "changes": on_the_way,
        "now": {name: Setting(name).write(state[name]) for name in CHANGEABLE},
    }


def _read(run: Any, secret: str, why: Literal["restarted", "forgotten"]) -> Lost:
    """What a tab has remembered, checked like what a link says. Raises `ValueError` and its kin for anything else."""
    if run["preset"] not in {*PRESETS, *PAIRS}:
        raise ValueError(run["preset"])
    runs = 1 + (run["preset"] in PAIRS)
    on_the_way = run["changes"]
    if not isinstance(on_the_way, list) or len(on_the_way) != runs:
        raise ValueError(on_the_way)
    return Lost(
        preset=run["preset"],
        started=Run().parse(run["started"]),
        iterations=Whole(1, ITERATIONS).parse(str(run["iterations"])),
        at=Whole(0, ITERATIONS).parse(str(run["at"])),
        done=Whole(0, ITERATIONS * runs + 1).parse(str(run["done"])),
        changes=tuple(OnTheWay().parse(text) if text else () for text in on_the_way),
        now={name: Setting(name).parse(run["now"][name]) for name in CHANGEABLE},
        why=why,
        secret=secret,
    )


def missing() -> Literal["lost", "elsewhere", ""]:
    """Why the page shows no run that its reader had: it is gone, or another tab shows it; empty where there is none."""
    return "lost" if _LOST in st.session_state else "elsewhere" if jobs.taken() else ""


def box(handle: Handle[SideBySide] | None, state: State, say: Say) -> bool:
    """The box that says where the run is, and what can be done; whether there is one."""
    lost: Lost | None = st.session_state.get(_LOST)
    if lost is None:
        return False
    if handle is not None:  # another one has begun since
        forget()
        return False
    with st.container(border=True):
        started = lost.started
        values = {"task": say(f"train.task_{started.task}"), "cell": titled(started.cell, say)}
        st.markdown(say(f"train.lost_{lost.why}", at=lost.at, most=lost.iterations, **values))
        with st.container(horizontal=True, gap="small"):
            st.button(
                say("train.lost_show" if lost.why == "other" else "train.lost_again", at=lost.at),
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
    """The reader does without that run."""
    lost: Lost | None = st.session_state.pop(_LOST, None)
    if lost is not None:
        jobs.drop(lost.secret)
    tab.forget()


def _again(state: State, lost: Lost) -> None:
    """The page as the run's was, and the run; where it is gone, on its way back to where it had been."""
    job = jobs.adopt(lost.secret)
    st.session_state.pop(_LOST, None)
    tab.forget()
    at = state["at"]
    state.choose(preset=lost.preset)
    settings = {part.name: getattr(lost.started, part.name) for part in fields(Config)} | dict(lost.now)
    state.choose(**{name: value for name, value in settings.items() if state[name] != value})
    if state["iterations"] != lost.iterations:
        state.choose(iterations=lost.iterations)
    state.choose(at=at)
    if job:
        return
    with suppress(ValueError):  # a text that is none to learn from, which the page then says
        train_run.repeat(state, lost)
