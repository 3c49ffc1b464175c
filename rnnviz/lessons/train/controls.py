"""What can be set before a run, few things at first and the rest folded; and the buttons that move it."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.charts.training.look import Losses
from rnnviz.charts.training.task import task_chart
from rnnviz.core.cells import CELLS
from rnnviz.lessons.train.parameters import SETTINGS
from rnnviz.tasks.catalogue import TASK_NAMES
from rnnviz.training.config import LOOP_LIMIT, SIZE_LIMIT, TEXT_LIMIT, bounds, choices
from rnnviz.training.presets import PAIRS, PRESETS, settings_of
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.number import number
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.host.internals import Popover
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.runs import train_run
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

if TYPE_CHECKING:
    from rnnviz.tasks.task import Task

HELPED = ("length", "truncation", "initialisation", "forget_bias", "clipping", "learning_rate", "seed")


def settle(state: State) -> Task | None:
    """The task, its length brought within what the task takes; None where its text is no text to learn from."""
    from rnnviz.tasks.catalogue import task_of

    try:
        task = task_of(state["task"], train_run.text_of(state))
    except ValueError:
        return None
    length = min(max(state["length"], task.shortest), task.longest)
    if length != state["length"]:
        state.replace("length", length, Whole(task.shortest, task.longest).accepts)
    return task


def fits(state: State, say: Say) -> bool:
    """Whether a model of these sizes can share the machine with others; if not, a word about it."""
    try:
        train_run.configs(state)
    except ValueError:
        train_run.reset()
        if not CELLS[state["cell"]].module and state["num_layers"] * state["length"] > LOOP_LIMIT:
            st.info(say("train.too_long", most=LOOP_LIMIT), icon=":material/tune:")
        else:
            st.info(say("train.too_large", most=SIZE_LIMIT), icon=":material/tune:")
        return False
    return True


def choose(task: Task | None, state: State, say: Say) -> DeltaGenerator:
    """What to train: a preset, then its task and cell, then everything else behind a button. Returns the row.

    task: None where its text is no text to learn from, which is said.
    """
    if task is None:
        st.info(say("train.text_short", count=len(state["text"])), icon=":material/edit:")
    fixed_settings = train_run.fixed(state)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall")
    with row:
        if state.shows("model"):
            presets = {name: _called(name, state, say) for name in (*PRESETS, *PAIRS)}
            with st.container(key=f"{state.page}_preset_wide"):
                st.selectbox(
                    say("train.preset"), tuple(presets), format_func=presets.__getitem__, **state.widget("preset")
                )
        with folded(say("knobs.fold"), f"{state.page}_run"):
            popover = _run_of(fixed_settings, state, say)
    if state.shows("model"):
        _about(task, state, say)
        _changed(state, say)
    if state["task"] == "characters" and state.shows("text"):
        st.text_area(
            say("train.text"),
            max_chars=TEXT_LIMIT,
            height=90,
            placeholder=say("train.text_placeholder"),
            **state.widget("text"),
        )
    if popover and popover.open and task is not None:
        with popover:
            _settings(task, fixed_settings, state, say)
    return row


def _run_of(fixed_settings: tuple[str, ...], state: State, say: Say) -> Popover | None:
    """In the row: task and cell, and the button of everything else, which is returned where there is one.

    fixed_settings: what the two runs of a pair differ in.
    """
    if state.shows("model"):
        st.selectbox(
            say("train.task"),
            TASK_NAMES,
            format_func=lambda name: say(f"train.task_{name}"),
            width=150,
            **state.widget("task"),
        )
    if "cell" not in fixed_settings and state.shows("cell"):
        st.selectbox(
            say("train.cell"),
            tuple(CELLS),
            format_func=lambda name: titled(name, say),
            width=135,
            **state.widget("cell"),
        )
    if not state.shows("text"):
        return None
    help_text = say("train.settings_help")
    return lazy_popover(say("train.settings"), f"{state.page}_settings", help=help_text)


def _about(task: Task | None, state: State, say: Say) -> None:
    """What the task is, beside one sequence of it; on a phone under the picture."""
    text = say(f"train.about_{state['task'].partition('-')[0]}")
    if task is None:
        st.caption(text)
        return
    from rnnviz.tasks.picture import picture

    with st.container(key=f"{state.page}_about_late"):
        left, right = st.columns(2, vertical_alignment="center")
    with left:
        st.caption(text)
    with right:
        figure = task_chart(picture(task, state["seed"]), catalogue(state["lang"]), zoom=zoom(state))
        show(figure, f"{state.page}_task", say("train.picture_alt"))


def _called(preset: str, state: State, say: Say) -> str:
    """A preset in the list; the chosen one, where it is changed, by what it has become."""
    if preset != state["preset"] or not _moved(state):
        return say(f"train.preset_{preset}")
    if preset in PAIRS:
        return say("train.preset_changed", preset=say(f"train.preset_{preset}"))
    return say("train.preset_own", cell=titled(state["cell"], say), steps=state["length"])


def _moved(state: State) -> list[str]:
    """The settings that are no longer as the preset has them."""
    preset = settings_of(state["preset"])
    return [name for name in SETTINGS if state[name] != getattr(preset, name)]


def _changed(state: State, say: Say) -> None:
    """What is no longer as the preset has it, and a way back to it."""
    changed = _moved(state)
    if changed:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            names = ", ".join(say(f"train.{name}") for name in changed)
            st.caption(say("train.changed", names=names), width="content")
            st.button(
                say("train.back"),
                key=f"{state.page}_back",
                type="tertiary",
                icon=":material/undo:",
                on_click=state.choose,
                kwargs=dict.fromkeys(changed),
            )


def _settings(task: Task, fixed_settings: tuple[str, ...], state: State, say: Say) -> None:
    """Everything else, two columns of it. What the two runs of a pair differ in is not for both to be set."""

    def whole(name: str, least: float | None = None, most: float | None = None) -> None:
        low, high = bounds(name)
        number(say(f"train.{name}"), name, state, (int(least or low), int(most or high)), help=_help(name, say))

    def decimal(name: str) -> None:
        low, high = bounds(name)
        number(
            say(f"train.{name}"),
            name,
            state,
            (float(low), float(high)),
            step=None if state[name] is None else abs(state[name]) / 2 or 0.1,
            format="%.6g",
            help=_help(name, say),
        )

    def listed(name: str) -> None:
        st.selectbox(
            say(f"train.{name}"),
            choices(name),
            format_func=lambda value: say(f"train.{name}_{value}"),
            help=_help(name, say),
            **state.widget(name),
        )

    left, right = st.columns(2)
    with left:
        whole("hidden_size")
        whole("num_layers")
        whole("length", task.shortest, task.longest)
        whole("batch_size")
        if "truncation" not in fixed_settings:
            whole("truncation")
        whole("seed")
        number(say("train.iterations"), "iterations", state)
    with right:
        listed("optimiser")
        decimal("learning_rate")
        if "clipping" not in fixed_settings:
            listed("clipping")
        if state["clipping"] != "none":
            decimal("clip_at")
        if "initialisation" not in fixed_settings:
            listed("initialisation")
        if state["initialisation"] == "spectral radius":
            decimal("spectral_radius")
        if "forget_bias" not in fixed_settings and CELLS[state["cell"]].has_forget_gate:
            decimal("forget_bias")
        number(say("train.steps"), "steps", state)
        choice(
            say("train.scale"), ("fit", "fixed"), lambda one: say(f"train.scale_{one}"), "scale", state, labelled=True
        )


def _help(name: str, say: Say) -> str | None:
    return say(f"train.{name}_help") if name in HELPED else None


def transport(row: DeltaGenerator, going: bool, begun: bool, several_losses: bool, state: State, say: Say) -> None:
    """In the same row: play or pause, one step, some steps, all of them, reset; and which layer and state is shown, and
    of which losses where there are several."""
    page = state.page
    with row:
        act = "pause" if going else "play"
        st.button(
            say(f"train.{act}"),
            key=f"{page}_go",  # one button, named anew: another in its place would shift the row while both stand in it
            icon=f":material/{'pause' if going else 'play_arrow'}:",
            on_click=train_run.pause if going else train_run.play,
            args=() if going else (state,),
        )
        for name, n in (("one", 1), ("some", state["steps"])):
            st.button(
                say("train.step_by", n=n),
                key=f"{page}_{name}",
                help=say("train.step_help", n=n),
                disabled=going,
                on_click=train_run.step,
                args=(state, n),
            )
        st.button(
            say("train.to_end"),
            key=f"{page}_end",
            help=say("train.to_end_help"),
            disabled=going,
            on_click=train_run.finish,
            args=(state,),
        )
        st.button(
            say("train.reset"),
            key=f"{page}_reset",
            help=say("train.reset_help"),
            disabled=not begun,
            on_click=train_run.reset,
        )
        configs = train_run.configs(state)
        layers = min(config.num_layers for config in configs)
        if layers > 1:
            every = range(1, layers + 1)
            choice(say("train.layer"), every, lambda layer: say("train.layer_is", layer=layer), "layer", state)
        if any("c" in CELLS[config.cell].states for config in configs):
            choice(say("train.state"), ("h", "c"), lambda name: say(f"train.state_{name}"), "state", state)
        if several_losses:
            choice(say("train.losses"), get_args(Losses), lambda one: say(f"train.losses_{one}"), "losses", state)
    if full := train_run.full():
        st.warning(train_run.told_full(full, say), icon=":material/groups:")
