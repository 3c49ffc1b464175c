"""The cliff: one unit's loss, and two descents that meet its wall."""

from __future__ import annotations

from functools import cache

import streamlit as st

from rnnviz.charts.lab import cliff as charts
from rnnviz.core.gradients.cliff import EXAMPLE_B, EXAMPLE_W, descend, surface
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice
from rnnviz.facts.questions.lab import descends, farthest
from rnnviz.lessons.lab.networks import labels, settled, show
from rnnviz.lessons.lab.parameters import UPDATES
from rnnviz.ui.controls.number import number
from rnnviz.ui.page.files import Files, drawings
from rnnviz.ui.picture.chart import zoom
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State

FIRST = 5  # updates that are drawn before the question is answered


@cache
def _loss() -> Array:
    """The wall itself, which no knob moves."""
    w, b = charts.grid()
    return surface(w[None], b[:, None]).loss


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        number(say("lab.rate"), "rate", state, step=0.1, width=150)
        number(say("lab.norm"), "norm", state, step=0.05, width=150)


def cliff(state: State, say: Say) -> Files:
    plain_path, clipped_path = (
        descend(EXAMPLE_W, EXAMPLE_B, learning_rate=state["rate"], updates=UPDATES, max_norm=norm)
        for norm in (None, state["norm"])
    )
    answered = settled(descends(plain_path, state["rate"]), "cliff", state["rate"], state, say)
    updates = UPDATES if answered else FIRST
    if not answered:
        st.caption(say("lab.first_updates", updates=FIRST, all=UPDATES))
    paths = [
        (path.w[: updates + 1], path.b[: updates + 1], path.loss[: updates + 1], path.slope[: updates + 1])
        for path in (plain_path, clipped_path)
    ]
    update = min(state["update"], updates)
    figure = charts.chart(_loss(), paths, labels(state), update=update, zoom=zoom(state))
    show(figure, state, say("lab.cliff_alt"), {"update": update}, step=say("lab.axis_update"))
    if answered and state.shows("notice"):
        steepest = int(plain_path.slope.argmax())
        values = {"update": steepest, "slope": float(plain_path.slope[steepest]), "start": float(plain_path.slope[0])}
        count = int(clipped_path.clipped.sum())
        ends = {"plain": float(plain_path.loss[-1]), "clipped": float(clipped_path.loss[-1])}
        end_values = {"count": count, "updates": UPDATES, **ends}
        thrown = farthest(plain_path, state["norm"], state["rate"])
        notices = [Notice("lab_steepest", 0, values), thrown, Notice("lab_ends", 0, end_values)]
        notice([one for one in notices if one], say)
    return drawings(figure, say("lab.part_cliff"), state)
