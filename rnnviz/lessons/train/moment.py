"""The model as it was at one iteration: its stage, step by step; and the whole matrix of the model as it is now."""

from __future__ import annotations

import streamlit as st

from rnnviz.charts.training.matrix import matrix_chart
from rnnviz.lessons.train import live as train_live
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.picture import stage
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.place.arrival import arrival
from rnnviz.ui.place.listener import Bounds, follow
from rnnviz.ui.runs import checkpoint, checkpoint_row, train_run
from rnnviz.ui.runs.checkpoint_row import MOST
from rnnviz.ui.runs.train_run import Look
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue


def opened(run_look: Look, state: State, say: Say) -> None:
    """The stage of the iteration that was opened, if one was."""
    if state["at"] is None or run_look.reading is None:
        return
    from rnnviz.training.moment import moment

    top = f"{state.page}_moment_arrival"
    heading = st.container(key=top, horizontal=True, vertical_alignment="center", gap="small")
    at = state["at"]
    try:
        with run_look.reading() as job:
            trainer = job.trainers[min("ab".index(state["run"]), len(job.trainers) - 1)]
            if len(trainer.unseen.x) * trainer.config.hidden_size > MOST:
                st.info(say("train.moment_large", most=MOST))
                return
            this_moment = moment(trainer, at)
            at = this_moment.iteration
            kept_checkpoint = checkpoint.keep(trainer, at, state)
    except (LookupError, ValueError):
        st.info(say("train.moment_none"))
        return
    finally:
        with heading:
            st.subheader(say("train.moment", iteration=at), anchor=False)
            st.button(say("train.close"), key=f"{state.page}_close", on_click=state.choose, kwargs={"at": None})
    with st.container(horizontal=True, gap="small"):
        checkpoint_row.links(kept_checkpoint, state, say)
    st.caption(say("train.moment_is", iteration=this_moment.iteration))
    texts = checkpoint.words(state["lang"], this_moment.shown.head)
    trace = this_moment.shown.trace
    bounds = Bounds(len(trace), trace.cell.name, trace.hidden_size)
    bounds.refuse(state)
    stage.show(this_moment.shown, None, state, texts=texts)
    arrival(f"{state.page}_stage", top, st.session_state.get(train_live.PRESSES, 0))
    follow(lambda: None, state, bounds, whole=False)


def linked(run_look: Look, state: State, say: Say) -> None:
    """A link holds the moment and not the run: who follows it can make that again, up to there."""
    at = state["at"] or state["row"]
    if not at or run_look.reading is not None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(say("train.linked", iteration=at), width="content")
        st.button(
            say("train.linked_run", iteration=at),
            key=f"{state.page}_linked",
            icon=":material/fast_forward:",
            on_click=train_run.step,
            args=(state, at),
        )


def _which(names: list[str], state: State, say: Say) -> None:
    """Of a pair, the run whose model is shown, here and step by step."""
    if len(names) > 1:
        choice(say("train.run"), ("a", "b"), lambda run: names["ab".index(run)], "run", state)


def whole(run_look: Look, names: list[str], state: State, say: Say) -> None:
    """Every loss and every state of the present model, on the sample's first sequence."""
    if run_look.reading is None:
        return
    from rnnviz.training.moment import matrix

    try:
        with run_look.reading() as job:
            trainer = job.trainers[min("ab".index(state["run"]), len(job.trainers) - 1)]
            if trainer.iteration == 0:
                return
            layer = min(state["layer"], trainer.config.num_layers) - 1
            norms = matrix(trainer, layer)
            at_end = trainer.task.loss_from(trainer.config.length) > 0
    except LookupError:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(say("train.matrix"), anchor=False)
        _which(names, state, say)
    if norms is None:
        return
    st.caption(say("train.matrix_as_if" if at_end else "train.matrix_each"))
    span, _ = train_live.scale(run_look, state, say)
    figure = matrix_chart(norms, catalogue(state["lang"]), span, zoom=zoom(state))
    show(figure, f"{state.page}_matrix_stage", say("train.matrix_alt"))
