"""The weights of one iteration of a run, trained again for who has them not: the job, its progress, how to stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.training.config import Checkpoint
from rnnviz.training.engine import Handle, Limits, PoolFull
from rnnviz.ui.runs import train_run
from rnnviz.ui.runs.checkpoint import RunWeights, remember, remembered
from rnnviz.ui.runs.jobs import jobs
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.url.state import State

if TYPE_CHECKING:
    from rnnviz.training.retraining import Retraining

JOB = "opened"
PERIOD = 0.4  # seconds between two looks at a training
_TRAINING, _RESTS = "opened_training", "opened_rests"  # in the session's state


def weights(
    moment: Checkpoint, back: Mapping[str, str], state: State, say: Say, place: tuple[int, int] | None = None
) -> RunWeights | None:
    """Those of the session, else those of a training that has ended; meanwhile its progress, and a way to stop it.

    back: as of `RunWeights`.     place: which network it is, from 1, and of how many; None for a run trained again.
    """
    from rnnviz.training.retraining import Retraining

    if result := remembered(moment):
        if st.session_state.pop(_TRAINING, None):  # of another moment, that nobody looks at now
            jobs().stop(JOB)
        return result
    job: Retraining | None = st.session_state.get(_TRAINING)
    if job is None or job.checkpoint != moment:
        job = Retraining(moment)
        st.session_state.pop(_RESTS, None)
        jobs().stop(JOB)
    st.session_state[_TRAINING] = job
    if job.finished:
        jobs().stop(JOB)
        del st.session_state[_TRAINING]
        result = RunWeights(job.iteration, job.weights(), back)
        remember(moment, result)
        return result
    _train(job, place, state, say)
    return None


def all_weights(moments: Sequence[Checkpoint], state: State, say: Say) -> list[RunWeights] | None:
    """Those of several runs, trained one after the other; None as long as one is missing."""
    every = []
    for n, moment in enumerate(moments, 1):
        found = remembered(moment) or weights(moment, {}, state, say, (n, len(moments)))
        if found is None:
            return None
        every.append(found)
    return every


def _train(job: Retraining, place: tuple[int, int] | None, state: State, say: Say) -> None:
    handle = jobs().watch(JOB)
    if handle is None and not st.session_state.get(_RESTS):
        handle = _start(job, say)
    if handle is not None and handle.status().state in ("queued", "running"):
        st.fragment(_progress, run_every=PERIOD)(job, place, handle, state, say)
        return
    if job.finished:  # since it was asked
        st.rerun()
    if handle is not None:
        error = handle.status().error
        message = say("train.error", message=escape(str(error), 200)) if error else say("opened.ended")
        st.warning(message, icon=":material/error:")
    elif st.session_state.get(_RESTS):
        st.info(say("opened.stopped", done=job.iteration, at=job.checkpoint.at), icon=":material/stop_circle:")
    st.button(say("opened.again"), key=f"{state.page}_again", on_click=_again)


def _start(job: Retraining, say: Say) -> Handle[Retraining] | None:
    try:
        return jobs().start(JOB, job, Limits(iterations=job.checkpoint.at + 1))
    except PoolFull as full:
        st.warning(train_run.told_full(full, say), icon=":material/groups:")
    except LookupError:
        pass  # the tab was closed meanwhile
    return None


def _stop() -> None:
    jobs().stop(JOB)
    st.session_state[_RESTS] = True


def _again() -> None:
    jobs().stop(JOB)
    st.session_state.pop(_RESTS, None)


def _progress(
    job: Retraining, place: tuple[int, int] | None, handle: Handle[Retraining], state: State, say: Say
) -> None:
    status = handle.status()
    handle.touch()
    if job.finished or status.state not in ("queued", "running"):
        st.rerun()
    iteration = job.iteration
    waits = status.state == "queued"
    queue_text = say("opened.queued", place=status.place or 1, wait=ceil(status.wait or 0)) if waits else ""
    if place:
        network, count = place
        values = {"network": network, "count": count, "done": iteration, "at": job.checkpoint.at - 1}
        text = queue_text or say("opened.network", **values)
    else:
        text = queue_text or say("opened.training", done=iteration, at=job.checkpoint.at)
    st.progress(iteration / job.checkpoint.at, text)
    st.button(say("opened.stop"), key=f"{state.page}_stop", icon=":material/stop:", on_click=_stop)


def leave() -> None:
    """Nobody looks at it any more."""
    jobs().stop(JOB)
    st.session_state.pop(_TRAINING, None)
