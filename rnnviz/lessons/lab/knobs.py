"""Knobs with causes: what each of them does to the gradient that reaches the first step, everything else held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.charts.lab import knobs as charts
from rnnviz.charts.lab.knobs_places import FARTHEST, STEP
from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.trace import Array
from rnnviz.facts.lab import Knobs, of_knobs
from rnnviz.facts.questions.lab import stretches
from rnnviz.lessons.lab.networks import labels, numbers, recipe, settled, steps_drawn, told_first
from rnnviz.lessons.lab.parameters import CLIPS, INITS, nets
from rnnviz.ui.controls.number import number
from rnnviz.ui.page.files import Files, csv, drawings
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.place.player import player
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.state import State

if TYPE_CHECKING:
    from rnnviz.core.gradients.lab import Recipe

KNOBS = ("cell", "init", "gain", "bias", "radius", "clip", "window")


def network(state: State, say: Say) -> None:
    """The knobs that make a network, in a row that is open."""
    st.selectbox(
        say("lab.cell"),
        nets(),
        format_func=lambda name: titled(name, say),
        width=_px(150, state),
        **state.widget("cell"),
    )
    st.selectbox(
        say("lab.init"),
        INITS,
        format_func=lambda name: say(f"lab.init_{name}"),
        width=_px(170, state),
        **state.widget("init"),
    )
    number(say("lab.gain"), "gain", state, step=0.5, width=100)
    if LAB_CELLS[state["cell"]].has_forget_gate:
        _optional("bias", "as_drawn", state, say)
    numbers(state, say, "steps", "hidden", "seed")


def _px(width: int, state: State) -> int:
    """The width of a field whose text is as large as the page's."""
    return round(width * zoom(state))


def _optional(name: str, empty: str, state: State, say: Say) -> None:
    """A number that may be left out."""
    width = _px(150 if name == "bias" else 130, state)
    text = say(f"lab.{empty}")
    number(say(f"lab.{name}"), name, state, step=type(state.bounds(name)[0])(1), width=width, placeholder=text)


def knobs(state: State, say: Say) -> None:
    """One row above the chart; the spectral radius is dragged on it."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        network(state, say)
        st.selectbox(
            say("lab.clip"),
            CLIPS,
            format_func=lambda name: say("lab.none") if name == "none" else name,
            width=_px(94, state),
            **state.widget("clip"),
        )
        _optional("window", "none", state, say)
        reset(state, say)


def made(state: State, say: Say) -> None:
    """The row of the parts that look at one network."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        network(state, say)
        reset(state, say)


def reset(state: State, say: Say) -> None:
    st.button(
        say("lab.reset"),
        key=f"{state.page}_reset",
        icon=":material/undo:",
        disabled=not turned(state),
        on_click=state.choose,
        kwargs=dict.fromkeys(KNOBS),
    )


def turned(state: State) -> bool:
    return any(state.moved(name) for name in KNOBS)


def chosen(state: State, **more: Any) -> Recipe:
    """The network as the knobs make it."""
    bias = state["bias"] if LAB_CELLS[state["cell"]].has_forget_gate else None
    return recipe(
        state, state["cell"], initialisation=state["init"], input_gain=state["gain"], forget_bias=bias, **more
    )


def turn(state: State, say: Say) -> Files:
    from rnnviz.core.gradients.lab import spectra
    from rnnviz.core.gradients.squash import LARGEST_SLOPE
    from rnnviz.core.gradients.sweep import at_radii, parameter_norms, sweep

    knob_recipe, whole = chosen(state), state["steps"]
    of, cell, radius = spectra(knob_recipe), LAB_CELLS[state["cell"]], state["radius"]
    own = of.radius
    grid = [round(STEP * n, 4) for n in range(round(FARTHEST / STEP) + 1)]
    at_own = min(grid, key=lambda radius: abs(radius - own))
    shown_radius = at_own if abs(at_own - own) < 1e-3 else round(own, 4)
    radii = sorted({*grid, shown_radius} | ({radius} if radius is not None else set()))
    asked_for = [None if radius == shown_radius else radius for radius in radii]
    start = radii.index(shown_radius if radius is None else radius)
    gamma = None if cell.memory else LARGEST_SLOPE.get(cell.op("h").kind, 1.0)  # the bound is for a cell without gates
    (norm,) = sweep(knob_recipe, whole, [asked_for[start]])
    scaled_sigma = of.sigma * (radii[start] / own if own else 0.0)
    question = stretches(scaled_sigma, gamma, float(norm[0]), float(norm[-1]), whole - 1, cell.content[1])
    answered = settled(question, f"knobs_{state['cell']}", (knob_recipe, whole, radius), state, say)
    steps = steps_drawn(answered, whole)
    norms = sweep(knob_recipe, steps, asked_for)
    (plain,) = sweep(recipe(state, _plain(state["cell"])), steps, [None])
    clip = None if state["clip"] == "none" else float(state["clip"])
    shown = Knobs(
        matrices=of.matrices,
        eigenvalues=of.eigenvalues,
        sigma=of.sigma,
        radii=radii,
        drawn=radii.index(shown_radius),
        start=start,
        norms=norms,
        parameters=None if clip is None else parameter_norms(at_radii(knob_recipe, asked_for), steps, state["window"]),
        before=plain,
        gamma=gamma,
        clip=clip,
        window=state["window"],
    )
    chart = charts.chart(shown, labels(state), zoom=zoom(state))
    key = f"{state.page}_knobs_stage"
    chart.tables["bundle"][0] |= {"placed": True}
    player(key, state["lang"], step=say("lab.radius"))
    show(chart, key, say("lab.knobs_alt"), lambda pins: state.accept("radius", pins["radius"]))
    told_first(answered, whole, say)
    if answered and state.shows("notice"):
        notice(of_knobs(shown), say)
    lines = _csv(plain, shown.after)
    return {**drawings(chart, say("lab.part_knobs"), state), **csv(lambda: lines)}


def _plain(cell: str) -> str:
    """What an activation is compared with: the RNN that PyTorch gives without asking; a cell with gates with itself."""
    return cell if LAB_CELLS[cell].memory else "rnn"


def _csv(before: Array, after: Array) -> str:
    rows = enumerate(zip(before.tolist(), after.tolist(), strict=True), 1)
    return "k,before,after\n" + "".join(f"{k},{one!r},{other!r}\n" for k, (one, other) in rows)
