"""Truncated backpropagation through time on a network made to order, for a few windows at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.charts.lab import cut as charts
from rnnviz.core.gradients.paths import kept
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice
from rnnviz.facts.questions.lab import turns
from rnnviz.lessons.lab.knobs import chosen, network, reset
from rnnviz.lessons.lab.networks import INPUT, labels, segmented, settled, show, steps_drawn, told_first
from rnnviz.ui.page.files import Files, drawings
from rnnviz.ui.picture.chart import zoom
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State

if TYPE_CHECKING:
    from rnnviz.core.gradients.lab import Recipe

WINDOWS = (1, 2, 5, 10, 20, 35, 70)
USUAL = 10


@lru_cache(maxsize=32)
def _measured(
    recipe: Recipe, steps: int, windows: tuple[int, ...], overlapping: bool
) -> tuple[Array, tuple[tuple[float, float], ...]]:
    """The full matrix, and each window's angle and share: small, and the same whenever they are asked for."""
    from rnnviz.core.gradients.flow import flow_of
    from rnnviz.core.gradients.lab import every_sum, run_recipe, sample
    from rnnviz.core.gradients.truncation import truncations

    trace = run_recipe(recipe, sample(steps, INPUT, recipe.seed))
    cuts = truncations(trace, every_sum, windows, overlapping=overlapping)
    return flow_of(trace, every_sum).matrix[0], tuple((cut.angle, cut.share) for cut in cuts)


def knobs(state: State, say: Say) -> None:
    """What makes the network, and how it is cut."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        network(state, say)
        segmented("windows", ("apart", "overlapping"), state, say)
        reset(state, say)


def cut(state: State, say: Say) -> Files:
    overlapping, recipe = state["windows"] == "overlapping", chosen(state, spectral_radius=state["radius"])
    whole = state["steps"]
    window_size = min(state["window"] or USUAL, whole)
    (_, ((angle, _),)), (_, ((far, _),)) = (
        _measured(recipe, whole, (window_size,), way) for way in (overlapping, True)
    )
    question = turns(window_size, whole, angle, far, overlapping=overlapping)
    answered = settled(question, f"cut_{state['windows']}", (recipe, whole, window_size), state, say)
    steps = steps_drawn(answered, whole)
    window = min(window_size, steps)
    windows = tuple(sorted({*(w for w in WINDOWS if w < steps), window, steps}))
    matrix, cuts = _measured(recipe, steps, windows, overlapping)
    angles, shares = zip(*cuts, strict=True)
    figure = charts.chart(
        matrix,
        windows,
        angles,
        shares,
        labels(state),
        window=window,
        overlapping=overlapping,
        fixed=state["scale"] == "fixed",
        zoom=zoom(state),
    )
    show(figure, state, say("lab.cut_alt"), {"window": window}, step=say("lab.axis_window"))
    told_first(answered, whole, say)
    if answered and state.shows("notice"):
        pairs = steps * (steps + 1) // 2
        lost_share = 1 - int(kept(steps, window, overlapping=overlapping).sum()) / pairs
        values = {
            "window": window,
            "lost": lost_share,
            "angle": angle,
            "share": shares[windows.index(window)],
            "far": far,
        }
        notice([Notice("lab_cut_overlapping" if overlapping else "lab_cut", 0, values)], say)
    return drawings(figure, say("lab.part_cut"), state)
