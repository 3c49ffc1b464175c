"""The run that the page shows: one job of the session, of one trainer or of two side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.training.config import CHANGEABLE, Config
from rnnviz.training.pool import OPEN, Handle, Limits, PoolFull
from rnnviz.training.presets import PAIRS
from rnnviz.ui.jobs import jobs, pool
from rnnviz.ui.state import State

if TYPE_CHECKING:
    from rnnviz.training.trainer import Trainer
    from rnnviz.training.view import View

JOB = "train"
RETRY = {"clipping": "norm", "clip_at": 1.0}
_FULL = "train_full"  # in the session's state: how many jobs were open when there was no place for this one


@dataclass(eq=False)
class SideBySide:
    """One or two runs as one job, in turn an iteration of each.     started: what was asked for when they were made."""

    trainers: tuple[Trainer, ...]
    started: tuple[Config, ...]
    _turn: int = 0

    @property
    def finished(self) -> bool:
        return all(trainer.finished for trainer in self.trainers)

    def advance(self) -> None:
        """One iteration of the run whose turn it is; none where that one has finished."""
        trainer = self.trainers[self._turn]
        self._turn = (self._turn + 1) % len(self.trainers)
        trainer.advance()


def configs(state: State) -> tuple[Config, ...]:
    """What the page asks for: one run, or the two of a pair, which differ in what the pair is about."""
    common = Config(**{part.name: state[part.name] for part in fields(Config)})
    pair = PAIRS.get(state["preset"])
    if pair is None:
        return (common,)
    sides = ({name: getattr(side, name) for name in pair.fixed} for side in (pair.a, pair.b))
    return tuple(replace(common, **side) for side in sides)


def make(state: State) -> SideBySide:
    """The runs at their start. Raises `ValueError` for a length or a text that the task does not take."""
    from rnnviz.training.trainer import Trainer

    asked = configs(state)
    return SideBySide(tuple(Trainer(config, iterations=state["iterations"]) for config in asked), asked)


def present(state: State) -> Handle[SideBySide] | None:
    """The job, if there is one of what the page asks for. Learning rate and clipping are changed in a run that goes
    on; any other change is another run, and ends this one."""
    handle: Handle[SideBySide] | None = jobs().watch(JOB)
    if handle is None:
        return None
    try:
        with handle.reading() as job:
            asked = configs(state)
            changed = [{name: getattr(config, name) for name in CHANGEABLE} for config in asked]
            same = len(asked) == len(job.started) and all(
                replace(started, **change) == config
                for started, config, change in zip(job.started, asked, changed, strict=True)
            )
            if not same or any(trainer.iterations != state["iterations"] for trainer in job.trainers):
                jobs().stop(JOB)
                return None
            if not job.finished:
                for trainer, change in zip(job.trainers, changed, strict=True):
                    trainer.change(**change)
    except LookupError:
        return None
    return handle


def watch() -> Handle[SideBySide] | None:
    """The job, whatever it is of. It counts as watched."""
    return jobs().watch(JOB)


def open_now(handle: Handle[SideBySide] | None) -> bool:
    return handle is not None and handle.status().state in OPEN


def play(state: State) -> None:
    handle = present(state)
    if handle is not None and open_now(handle):
        handle.resume()
    else:
        _start(state, lambda handle: None)


def pause() -> None:
    if handle := watch():
        handle.pause()


def step(state: State, n: int) -> None:
    """`n` iterations more of each run, then rest."""
    n *= len(configs(state))
    handle = present(state)
    if handle is not None and open_now(handle):
        handle.step(n)
    else:
        _start(state, lambda handle: handle.step(n))


def reset() -> None:
    jobs().stop(JOB)


def retry(state: State) -> None:
    """The same run from its start, its gradient clipped."""
    reset()
    state.choose(**RETRY)
    play(state)


def _start(state: State, then: Callable[[Handle[SideBySide]], None]) -> None:
    mine = jobs()  # before the pool's lock: who clears Streamlit's cache takes the two in this order
    import torch

    torch.set_num_threads(1)  # small models: more threads only fight, here with those of the other visitors
    job = make(state)
    st.session_state.pop(_FULL, None)
    try:
        with pool().changed:  # so that no worker has the job before it is told when to rest
            then(mine.start(JOB, job, Limits(iterations=state["iterations"] * len(job.trainers) + 1)))
    except PoolFull:
        st.session_state[_FULL] = pool().places
    except LookupError:
        pass  # the tab was closed meanwhile


def full() -> int | None:
    """How many places there are, where the last press found none free."""
    return st.session_state.get(_FULL)


def views(handle: Handle[SideBySide] | None, state: State) -> tuple[View, ...]:
    """Each run as it is now; before the first press, as it will begin."""
    from rnnviz.training.view import view

    if handle is not None:
        try:
            with handle.reading() as job:
                return tuple(view(trainer) for trainer in job.trainers)
        except LookupError:
            pass
    return tuple(view(trainer) for trainer in make(state).trainers)
