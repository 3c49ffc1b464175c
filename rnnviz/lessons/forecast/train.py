"""Train it live: the forecast moves with each picture, the gradient's way back through the window beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.charts.plots import horizon as plots
from rnnviz.charts.training.chart import chart
from rnnviz.charts.training.look import RunLook
from rnnviz.charts.training.tables import span_of
from rnnviz.core.forecast import Walk
from rnnviz.lessons.forecast import run
from rnnviz.lessons.forecast.parameters import ORIGINS
from rnnviz.tasks.series.catalogue import series_of
from rnnviz.training.config import Config
from rnnviz.training.engine import MOVING, OPEN
from rnnviz.ui.page.files import Files
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.place.listener import listen, sent
from rnnviz.ui.place.player import player
from rnnviz.ui.runs import train_run
from rnnviz.ui.runs.train_run import Look
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

if TYPE_CHECKING:
    from rnnviz.training.forecast import Forecaster

PERIOD = 0.4  # seconds between pictures: two charts, and a walk through the test
WATCH = 60.0  # seconds between two looks at a run that rests
SOME = 25  # iterations of a short run
MOST = 60  # origins of a walk that goes on step by step and is made for each picture


def configs(state: State) -> tuple[Config, ...]:
    return (run.config(state, run.setup(state)),)


train_run.ASKED["forecast"] = configs


def draw(state: State, say: Say) -> run.Part:
    train_run.follow(state)
    seen = train_run.look(state, opens=False)
    going = _moving(seen)
    _transport(going, seen, state, say)
    st.fragment(_picture, run_every=PERIOD if going else None)(going, state, say)
    if not going and train_run.open_now(seen.handle):
        st.fragment(train_run.watch, run_every=WATCH)(state.page)
    if going:
        return run.Part()
    network, updates = _network(seen, state)

    def files() -> Files:
        shown = run.walked(network, run.shown_horizon(network.setup), state["window"])
        figure = chart(seen.views, [titled(state["cell"], say)], _look(seen, going, state, say))
        return run.files(figure, {network.setup.shape: shown}, say("forecast.part_train"), state)

    (settings,) = configs(state)
    origin = run.origin_of(run.places(network.setup), state)
    return run.Part(files, drawn=run.Drawn(settings, updates, origin) if updates else None)


def _moving(seen: Look) -> bool:
    return seen.status is not None and seen.status.state in MOVING


def _transport(going: bool, seen: Look, state: State, say: Say) -> None:
    ended = seen.status is not None and seen.status.state not in OPEN
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.button(
            say("forecast.pause" if going else "forecast.play"),
            key=f"{state.page}_go",
            icon=f":material/{'pause' if going else 'play_arrow'}:",
            on_click=_act,
            args=(state, train_run.pause, state.page) if going else (state, train_run.play, state),
        )
        for n in (1, SOME):
            st.button(
                say("forecast.step_by", n=n),
                key=f"{state.page}_by_{n}",
                disabled=going or ended,
                on_click=_act,
                args=(state, train_run.step, state, n),
            )
        st.button(
            say("forecast.reset"),
            key=f"{state.page}_reset",
            disabled=seen.handle is None,
            on_click=_act,
            args=(state, train_run.reset, state.page),
        )
    if full := train_run.full(state.page):
        st.warning(train_run.told_full(full, say), icon=":material/groups:")


def _act(state: State, act: Callable[..., None], *what: Any) -> None:
    """Do it, and look at the newest moment again."""
    state.choose(row=None)
    act(*what)


def _picture(going: bool, state: State, say: Say) -> None:
    seen = train_run.look(state, opens=False)
    if going and not _moving(seen):
        st.rerun()
    network, updates = _network(seen, state)
    asked = network.setup
    most = MOST if going and asked.shape == "step" else ORIGINS
    shown = run.walked(network, run.shown_horizon(asked), state["window"], most)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        run.stage(run.data(shown, network, asked.horizon, say, inside=False), state, say, moves=False)
        _growth(network, shown, state, say)
    with right:
        _run(seen, going, updates, state, say)


def _network(seen: Look, state: State) -> tuple[Forecaster, int]:
    """The network as it is, or as it was at the moment that is looked at; and after how many updates."""
    from rnnviz.training.forecast import forecaster
    from rnnviz.training.model import build

    (settings,) = configs(state)
    if seen.reading is not None:
        with suppress(LookupError), seen.reading() as job:
            (trainer,) = job.trainers
            if state["row"]:
                at, weights = trainer.history.nearest(state["row"])
                updates = at - 1  # kept are those before the update of a row's iteration
            else:
                updates, weights = trainer.iteration, trainer.model.keep()
            return forecaster(settings, weights), updates
    return forecaster(settings, build(settings, 1, run.setup(state).outputs).keep()), 0


def _growth(network: Forecaster, shown: Walk, state: State, say: Say) -> None:
    """How the error grows with the horizon; of a network that reads its own output, beside what it would be if it were
    told the truth after each step."""
    names = run.names(shown, say)
    if network.setup.shape == "step":
        told = network(shown.values, shown.origins, shown.horizon, told=True)
        shown = replace(shown, forecasts={**shown.forecasts, "told": told})
        names |= {"network": say("forecast.by_free"), "told": say("forecast.by_told")}
    unit = series_of(network.setup.series).unit
    plot = plots.chart(shown, names, catalogue(state["lang"]), unit=unit, trained=network.setup.horizon)
    show(plot, f"{state.page}_growth", say("forecast.growth_alt"))


def _run(seen: Look, going: bool, updates: int, state: State, say: Say) -> None:
    key = f"{state.page}_run_stage"
    player(key, state["lang"], step=say("train.iteration"))
    figure = chart(seen.views, [titled(state["cell"], say)], _look(seen, going, state, say))
    show(figure, key, say("train.alt"))
    sent(key, {"row": state["row"]})
    listen(key, {"row": Whole(0, state["iterations"])}, state, whole=True)
    st.caption(say("forecast.at", updates=updates))


def _look(seen: Look, going: bool, state: State, say: Say) -> RunLook:
    number = st.session_state[f"{state.page}_number"] = st.session_state.get(f"{state.page}_number", 0) + 1
    (view,) = seen.views
    values = {
        "done": view.iteration,
        "most": view.iterations,
        "loss": float(view.curves.loss[-1]) if view.curves else 0.0,
    }
    return RunLook(
        language=state["lang"],
        layer=0,
        state="h",
        losses="all",
        live=going,
        number=number,
        status=say("forecast.status" if view.iteration else "forecast.ready", **values),
        notes=[say("train.note_stopped", iteration=view.iteration) if view.stopped else ""],
        zoom=zoom(state),
        placed=True,
        span=span_of(seen.views, 0, "h", "all"),
        row=state["row"],
    )
