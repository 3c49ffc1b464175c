"""The run that a page shows: one job of the session, of one trainer or of two side by side.

`look` reads it and never changes it, however often a page asks. Everything else acts: callbacks, and `follow`, once in
each full run of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

import streamlit as st

from rnnviz.training.config import CHANGEABLE, Changes, Config
from rnnviz.training.engine import OPEN, Handle, Limits, PoolFull, Status, VisitorFull
from rnnviz.training.presets import PAIRS, PRESETS
from rnnviz.ui.runs.jobs import jobs
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State

if TYPE_CHECKING:
    from rnnviz.training.trainer import Trainer
    from rnnviz.training.view import RunView

JOB = "train"  # the lesson Train live, which has a job of its own like every page that trains
RETRY = {"clipping": "norm", "clip_at": 1.0}
OPENING = 150  # iterations of the run that the page opens with
# In the session's state, each behind the name of the page: what `until` and `unseen` say, and the `PoolFull` that the
# last press met.
_UNTIL, _UNSEEN, _FULL = "_until", "_unseen", "_full"
ASKED: dict[str, Callable[[State], tuple[Config, ...]]] = {}
"""By page what it asks for, of a page that does not hold each setting of a run."""


@dataclass(eq=False)
class SideBySide:
    """One or two runs as one job, in turn an iteration of each.

    again: a run that was lost, where these repeat it: what was changed in each on the way, which they change too.
    """

    trainers: tuple[Trainer, ...]
    again: tuple[Changes, ...] = ()
    _turn: int = 0  # the trainer that advances next
    _later: tuple[Config, ...] = ()  # what `change` was given while the runs repeat another

    def change(self, configs: Sequence[Config]) -> None:
        """Take over the learning rate and the clipping of each; of runs that repeat a lost one, after its changes."""
        if self.repeats:
            self._later = tuple(configs)
            return
        self._later = ()
        for trainer, config in zip(self.trainers, configs, strict=True):
            trainer.change(**{name: getattr(config, name) for name in CHANGEABLE})

    @property
    def repeats(self) -> bool:
        """Whether changes of the run that is repeated are still to come."""
        last = (changes[-1][0] if changes else 0 for changes in self.again)
        return any(trainer.iteration < first for trainer, first in zip(self.trainers, last, strict=False))

    @property
    def finished(self) -> bool:
        return all(trainer.finished for trainer in self.trainers)

    def advance(self) -> None:
        """One iteration of the run whose turn it is; none where that one has finished."""
        trainer = self.trainers[self._turn]
        if self.again:
            trainer.change(**dict(dict(self.again[self._turn]).get(trainer.iteration + 1, ())))
        self._turn = (self._turn + 1) % len(self.trainers)
        trainer.advance()
        if self._later and not self.repeats:
            self.change(self._later)


@dataclass(frozen=True)
class Lost:
    """A run that is gone, with what it takes to train it again.

    started: its settings at its start, or what the two of a pair have in common.     iterations: how far it was to go.
    at: the iteration it had reached.     done: how often the job had advanced, for a pair the sum of both.
    changes: per run, of its settings on the way.     now: the settings that can change in a run, as they were last.
    why: "restarted", gone since the server was started again; "forgotten", gone since its tab was away for long;
        "other", still there, but not what the address asks for.
    secret: of the tab's jobs.
    """

    preset: str
    started: Config
    iterations: int
    at: int
    done: int
    changes: tuple[Changes, ...]
    now: Mapping[str, float | str]
    why: Literal["restarted", "forgotten", "other"]
    secret: str


def fixed(state: State) -> tuple[str, ...]:
    """The settings in which the two runs of a pair differ, and which are not for the reader to set."""
    pair = PAIRS.get(state["preset"]) if state.uses("preset") else None
    return pair.fixed if pair else ()


def text_of(state: State) -> str:
    """The text that is learned; where it is left empty, the name of the page's language, whose sentences are then."""
    own = state["task"] == "characters" and not state["text"] and state["lang"] != "en"
    return str(state["lang"] if own else state["text"])


def configs(state: State) -> tuple[Config, ...]:
    """What the page asks for: one run, or the two of a pair, which differ in what the pair is about."""
    if state.page in ASKED:
        return ASKED[state.page](state)
    common = Config(**{part.name: state[part.name] for part in fields(Config)} | {"text": text_of(state)})
    pair = PAIRS.get(state["preset"])
    if pair is None:
        return (common,)
    sides = ({name: getattr(side, name) for name in pair.fixed} for side in (pair.a, pair.b))
    return tuple(replace(common, **side) for side in sides)


def make(state: State, lost: Lost | None = None) -> SideBySide:
    """The runs at their start, those that are lost too. Raises `ValueError` for a length or a text that the task does
    not take."""
    from rnnviz.training.trainer import Trainer

    settings, again = configs(state), lost.changes if lost else ()
    if lost:
        before = {name: getattr(lost.started, name) for name in CHANGEABLE if name not in fixed(state)}
        settings = tuple(replace(config, **before) for config in settings)
    return SideBySide(tuple(Trainer(config, iterations=state["iterations"]) for config in settings), again)


@dataclass(frozen=True)
class Look:
    """The run that a page asks for, at one moment.

    handle, status: of its job; None where there is none yet.
    views: each run as it is now; before the first press, as it will begin.
    reading: the runs themselves, while none of them moves; None where none has begun.
    opening: whether it is the finished run that the page opens with, of which there is no job.
    """

    handle: Handle[SideBySide] | None
    status: Status | None
    views: tuple[RunView, ...]
    reading: Callable[[], AbstractContextManager[SideBySide]] | None = None
    opening: bool = False


def look(state: State, *, opens: bool = True) -> Look:
    """What there is of the run that the page asks for. It counts as watched, and nothing changes.

    opens: whether, where there is none, the page may open with a finished one.
    """
    from rnnviz.training.view import capture

    handle, snapshot = watch(state.page), None
    if handle is not None:
        with suppress(LookupError), handle.reading() as job:
            if _is_of(job, state):
                snapshot = handle.status(), [capture(trainer) for trainer in job.trainers]
    if snapshot is None:
        settings = configs(state)
        if opens and settings == (next(iter(PRESETS.values())),) and max(state["at"] or 0, state["row"]) <= OPENING:
            job, views = _opening()
            return Look(None, None, views, lambda: nullcontext(job), opening=True)
        return Look(None, None, _beginning(settings, state["iterations"]))
    status, makers = snapshot
    views = tuple(make_view() for make_view in makers)  # while the run goes on
    return Look(handle, status, views, handle.reading if handle else None)


@lru_cache(maxsize=32)
def _beginning(settings: tuple[Config, ...], iterations: int) -> tuple[RunView, ...]:
    """The runs before their first iteration: the same for all who open the page, and it takes a sample to evaluate."""
    from rnnviz.training.trainer import Trainer
    from rnnviz.training.view import view

    return tuple(view(Trainer(config, iterations=iterations)) for config in settings)


@cache
def _opening() -> tuple[SideBySide, tuple[RunView, ...]]:
    """The first `OPENING` iterations of the first preset, trained once in a process; nobody advances it further."""
    from rnnviz.training.trainer import Trainer
    from rnnviz.training.view import view

    job = SideBySide((Trainer(next(iter(PRESETS.values())), iterations=OPENING),))
    while not job.finished:
        job.advance()
    return job, tuple(view(trainer) for trainer in job.trainers)


def follow(state: State) -> None:
    """Have the job do what the page asks for: learning rate and clipping are changed in a run that goes on; any other
    change is another run, and ends this one."""
    handle = watch(state.page)
    if handle is None:
        return
    with suppress(LookupError), handle.reading() as job:
        if _is_of(job, state):
            if not job.finished:
                job.change(configs(state))
            return
    jobs().stop(state.page)


def _is_of(job: SideBySide, state: State) -> bool:
    """Whether the page asks for this job, but for what can change in it."""
    settings = configs(state)
    return len(settings) == len(job.trainers) and all(
        trainer.iterations == state["iterations"]
        and replace(config, **{name: getattr(trainer.started, name) for name in CHANGEABLE}) == trainer.started
        for trainer, config in zip(job.trainers, settings, strict=True)
    )


def watch(page: str = JOB) -> Handle[SideBySide] | None:
    """The job of a page, whatever it is of. It counts as watched."""
    return jobs().watch(page)


def open_now(handle: Handle[SideBySide] | None) -> bool:
    return handle is not None and handle.status().state in OPEN


def play(state: State) -> None:
    st.session_state.pop(state.page + _UNSEEN, None)
    follow(state)
    handle = watch(state.page)
    if handle is not None and open_now(handle):
        handle.resume()
    else:
        _start(state)


def finish(state: State) -> None:
    """To the last iteration, without a picture on the way."""
    play(state)
    st.session_state[state.page + _UNSEEN] = True


def unseen() -> bool:
    """Whether a run of Train live that goes on does so without pictures."""
    return bool(st.session_state.get(JOB + _UNSEEN, False))


def pause(page: str = JOB) -> None:
    if handle := watch(page):
        handle.pause()


def step(state: State, n: int) -> None:
    """`n` iterations more of each run, then rest."""
    n *= len(configs(state))
    st.session_state.pop(state.page + _UNSEEN, None)
    follow(state)
    handle = watch(state.page)
    if handle is not None and open_now(handle):
        handle.step(n)
    else:
        _start(state, n)


def reset(page: str = JOB) -> None:
    jobs().stop(page)


def retry(state: State) -> None:
    """The same run from its start, its gradient clipped."""
    reset()
    state.choose(**RETRY)
    play(state)


def repeat(state: State, lost: Lost) -> None:
    """A run that was lost, from its start to where it was. The page asks for what it was by then."""
    reset()
    _start(state, lost.done or None, lost)
    st.session_state[JOB + _UNTIL] = lost.at


def until() -> int:
    """Where a run that repeats a lost one is going; 0 if it is none."""
    return int(st.session_state.get(JOB + _UNTIL, 0))


def _start(state: State, steps: int | None = None, lost: Lost | None = None) -> None:
    try:
        job = make(state, lost)
    except ValueError:
        return  # what cannot be trained is said by the page, which runs next
    st.session_state.pop(state.page + _FULL, None)
    st.session_state.pop(state.page + _UNTIL, None)
    try:
        jobs().start(state.page, job, Limits(iterations=state["iterations"] * len(job.trainers) + 1), steps)
    except PoolFull as full:
        st.session_state[state.page + _FULL] = full
    except LookupError:
        pass  # the tab was closed meanwhile


def full(page: str = JOB) -> PoolFull | None:
    """Why there was no place, where the last press on a page found none free."""
    return st.session_state.get(page + _FULL)


def told_full(full: PoolFull, say: Say) -> str:
    """Why a run found no place, and what to do."""
    return say("train.full_visitor" if isinstance(full, VisitorFull) else "train.full", places=full.places)
