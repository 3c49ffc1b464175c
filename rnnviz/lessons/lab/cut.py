"""Truncated backpropagation through time on a network made to order, for a few windows at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.charts.lab import cut as charts
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice
from rnnviz.lessons.lab.knobs import chosen
from rnnviz.lessons.lab.networks import INPUT, every_sum, labels, show, steps_drawn, told_first
from rnnviz.ui.chart import zoom
from rnnviz.ui.files import Files, drawings
from rnnviz.ui.notices import notice
from rnnviz.ui.prose import Say
from rnnviz.ui.question import gate, verdict
from rnnviz.ui.url.state import State

if TYPE_CHECKING:
    from rnnviz.core.gradients.lab import Recipe

WINDOWS = (1, 2, 5, 10, 20, 35, 70)
USUAL = 10


@lru_cache(maxsize=32)
def _measured(recipe: Recipe, steps: int, windows: tuple[int, ...]) -> tuple[Array, tuple[tuple[float, float], ...]]:
    """The full matrix, and each window's angle and share: small, and the same whenever they are asked for."""
    from rnnviz.core.gradients.flow import flow_of
    from rnnviz.core.gradients.lab import run_recipe, sample
    from rnnviz.core.gradients.truncation import truncations

    trace = run_recipe(recipe, sample(steps, INPUT, recipe.seed))
    cuts = truncations(trace, every_sum, windows)
    return flow_of(trace, every_sum).matrix[0], tuple((cut.angle, cut.share) for cut in cuts)


def cut(state: State, say: Say) -> Files:
    options = {option: say(f"lab.guess_{option}") for option in ("under_1", "under_30", "over_30")}
    wanted = min(state["window"] or USUAL, state["steps"])
    asked = say("lab.ask_cut", window=wanted, steps=state["steps"])
    answered = gate(asked, options, f"cut_{state['cell']}", state, say)
    steps = steps_drawn(answered, state["steps"])
    window = min(wanted, steps)
    windows = tuple(sorted({*(w for w in WINDOWS if w < steps), window, steps}))
    matrix, cuts = _measured(chosen(state, spectral_radius=state["radius"]), steps, windows)
    angles, shares = zip(*cuts, strict=True)
    here = angles[windows.index(window)]
    if answered is not None and state.shows("question"):
        answer = "under_1" if here < 1 else "under_30" if here < 30 else "over_30"
        st.markdown(f"{verdict(answered, answer, options, say)} {say('lab.cut_answer')}")
    made = charts.chart(
        matrix, windows, angles, shares, labels(state), window=window, fixed=state["scale"] == "fixed", zoom=zoom(state)
    )
    show(made, "cut", state, alt=say("lab.cut_alt"), pins=("window",))
    told_first(answered, state["steps"], say)
    if answered is not None and state.shows("notice"):
        pairs = steps * (steps + 1) // 2
        lost = 1 - int(charts.kept(steps, window).sum()) / pairs
        values = {"window": window, "lost": lost, "angle": here, "share": shares[windows.index(window)]}
        notice([Notice("lab_cut", 0, values)], say)
    return drawings(made, say("lab.part_cut"), state)
