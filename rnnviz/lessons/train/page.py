"""Train live: watch a small model learn, or fail to, and the gradient on its way back through time."""

import streamlit as st

from rnnviz.lessons.train import controls as train_controls
from rnnviz.lessons.train import lesson as train_lesson
from rnnviz.lessons.train import live as train_live
from rnnviz.lessons.train import lost_run as train_lost
from rnnviz.lessons.train import moment as train_moment
from rnnviz.ui.page.header import header
from rnnviz.ui.page.share import share
from rnnviz.ui.runs import train_run
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import open_page


def page() -> None:
    state = open_page("train")
    say = speaker(state["lang"])
    task = train_controls.settle(state)
    tools = header(say("train.title"), state, say, say("train.look"))
    row = train_controls.choose(task, state, say)
    if task is None or not train_controls.fits(state, say):
        st.stop()
    train_run.follow(state)
    run_look = train_live.look(state)
    handle, views = run_look.handle, run_look.views
    names = train_live.names(views, state, say)
    going = train_live.moving(run_look.status)
    # What comes and goes above the chart, so that the chart keeps its place and is not built again.
    with st.container():
        train_controls.transport(row, going, handle is not None, views[0].several_losses, state, say)
        if not train_lost.box(handle, state, say):
            train_moment.linked(run_look, state, say)
        if not going:
            train_lesson.exploded(run_look, state, say)
    veiled = train_lesson.ask(run_look, names, state, say)
    train_live.live(going, veiled, state, say)
    if not veiled:
        train_lesson.reasons(run_look, names, state, say)
    if not going:
        train_moment.opened(run_look, state, say)
    if state.shows("lesson"):
        left, right = st.columns(2, gap="large")
        with left:
            if not (going or veiled):
                train_lesson.notice(views, state, say)
            train_lesson.tries(state, say)
        if not (going or veiled):
            with right:
                train_moment.whole(run_look, names, state, say)
        train_lesson.explain(views, veiled, state, say)
    if state.shows("share"):
        with tools:
            share(
                state,
                say,
                labels={"text": say("train.settings"), "model": say("train.preset"), "cell": say("train.cell")},
            )
            if not going:
                train_lesson.save(run_look, state, say)
