"""What the parts of the lesson share: what a network is to forecast, its run, and what it then forecasts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.charts.forecast.chart import chart
from rnnviz.charts.forecast.data import UNITS, ForecastData
from rnnviz.charts.forecast.look import NAIVE, ForecastLook
from rnnviz.charts.kit.figure import Figure
from rnnviz.core.forecast import Array, Places, Walk, linear, linear_forecast, naive, origins
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.forecast.parameters import ORIGINS, PARAMETERS, reach, room
from rnnviz.tasks.catalogue import SERIES
from rnnviz.tasks.series.catalogue import series_of, split_of, when
from rnnviz.tasks.series.series import Series
from rnnviz.tasks.series.setup import HORIZONS, WINDOWS, Setup
from rnnviz.training.config import Checkpoint, Config
from rnnviz.ui.page.files import Files, drawings, npz, table_csv
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.place.listener import listen, sent
from rnnviz.ui.place.player import player
from rnnviz.ui.runs.checkpoint import RunWeights
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask, waits
from rnnviz.ui.url.state import State

if TYPE_CHECKING:
    from rnnviz.training.forecast import Forecaster, Inside


@dataclass(frozen=True)
class Drawn:
    """What a part has drawn, as far as lines of PyTorch can draw it again.

    origin: the first value (from 0) of the forecast that is shown.
    """

    run: Config
    iterations: int  # after which its network is shown
    origin: int


@dataclass(frozen=True)
class Part:
    """What a part has put on the page.     waits: whether a question does, or a network still learns."""

    files: Callable[[], Files] | None = None  # made when they are asked for
    waits: bool = False
    drawn: Drawn | None = None  # nothing where no network has learned


MEMORY = 200_000  # numbers of states that are sent with a chart


def setup(state: State, **changes: Any) -> Setup:
    """What the page asks for.     changes: of its values."""
    names = ("series", "window", "horizon", "shape", "relative")
    values: dict[str, Any] = {name: state[name] for name in names} | changes
    if values["shape"] == "point":
        values |= {"window": 1, "horizon": max(2, values["horizon"])}
    return Setup(**values)


def config(state: State, asked: Setup, **changes: Any) -> Config:
    """The run of a setup with the page's network.     changes: of its settings."""
    values: dict[str, Any] = {name: state[name] for name in ("cell", "hidden_size", "learning_rate", "seed")}
    fixed = {"task": SERIES, "text": asked.to_text(), "length": max(2, asked.steps), "clipping": "norm"}
    return Config(**{**values, **fixed, **changes})


def ended(run: Config, iterations: int) -> Checkpoint:
    """A run after so many updates."""
    return Checkpoint(run, iterations + 1)


def shown_horizon(asked: Setup) -> int:
    """How far ahead a picture goes: twice as far as was trained for, where the series has room."""
    series = series_of(asked.series)
    return max(asked.horizon, min(2 * asked.horizon, HORIZONS[1], (len(series.values) - split_of(series)) // 3))


@lru_cache(maxsize=32)
def forecaster(run: Config, weights: RunWeights) -> Forecaster:
    from rnnviz.training import forecast

    return forecast.forecaster(run, weights.parameters)


@lru_cache(maxsize=64)
def walk(run: Config, weights: RunWeights, horizon: int, read: int) -> Walk:
    """A run's forecasts from the places of the test, beside those that need no network.

    read: values that the trend and the linear predictor read, for a network that reads one alone.
    """
    return walked(forecaster(run, weights), horizon, read)


def walked(network: Forecaster, horizon: int, read: int, most: int = ORIGINS) -> Walk:
    asked = network.setup
    series = series_of(asked.series)
    split, window = split_of(series), max(asked.window, min(read, WINDOWS[1]), 2)
    starts = places(asked, most)
    free = plain(series, horizon, window, tuple(starts.tolist()))
    forecasts = {"network": network(series.values, starts, horizon), **free}
    return Walk(series.values, split, asked.window, series.period, starts, forecasts)


def places(asked: Setup, most: int = ORIGINS) -> Places:
    """Where forecasts begin: as many places as have the truth of all that was trained for, however far a picture looks
    ahead."""
    series = series_of(asked.series)
    return origins(len(series.values), split_of(series), asked.horizon, most)


@lru_cache(maxsize=64)
def plain(series: Series, horizon: int, window: int, begins: tuple[int, ...]) -> Mapping[str, Array]:
    """The forecasts without a network, by name.     begins: where they do."""
    values, starts = series.values, np.array(begins)
    best = linear_forecast(values, starts, linear(values, split_of(series), window, horizon))
    return {**naive(values, starts, horizon, window, series.period), "linear": best}


def states(network: Forecaster, shown: Walk) -> Inside | None:
    """What the network holds over each window, where that is not too much to send."""
    if len(shown.origins) * shown.window * UNITS > MEMORY or network.setup.shape == "point":
        return None
    return network.inside(shown.values, shown.origins)


def moving(h: Any) -> list[int]:
    """The units (from 0) of states (n, w, H) that change most over a window, in their order."""
    spread = h.std(axis=1).mean(axis=0)
    return sorted(np.argsort(-spread)[:UNITS].tolist())


def names(shown: Walk, say: Say) -> dict[str, str]:
    return {name: say(f"forecast.by_{name}") for name in shown.forecasts}


def data(
    shown: Walk, network: Forecaster, trained: int, say: Say, *, inside: bool = True, main: str = "network"
) -> ForecastData:
    """The picture's data.     trained: steps ahead that the network was trained for.
    inside: with what the network holds over each window.     main: whose forecast stands out."""
    series = series_of(network.setup.series)
    whens = [when(series, place) for place in range(len(series.values) + shown.horizon)]
    plain_data = ForecastData(shown, names(shown, say), whens, main, unit=series.unit, trained=trained)
    held = states(network, shown) if inside else None
    if held is None:
        return plain_data
    units = moving(held.h)
    return replace(plain_data, units=units, hidden=held.h.shape[2], h=held.h[..., units], gates=held.gates)


def first_origin(state: State, count: int) -> int:
    """Which of so many origins is shown, from 1."""
    return min(state["origin"] or 1, count)


def origin_of(starts: Places, state: State) -> int:
    """The first value (from 0) of the forecast that is shown."""
    return int(starts[first_origin(state, len(starts)) - 1])


def stage(
    shown: ForecastData, state: State, say: Say, *, veil: str = "", others: Sequence[str] = NAIVE, moves: bool = True
) -> Figure:
    """Draw the window and the horizon. Where they are is in the link as soon as they rest.

    veil: said in the place of the forecasts while a question waits.
    moves: whether it is stepped through; else all of it is there, and another chart of the page has the keys.
    """
    key = f"{state.page}_{state['part']}_stage"
    walk, steps = shown.walk, shown.walk.window
    ahead = min(state["ahead"] or shown.trained or walk.horizon, walk.horizon)
    origin = first_origin(state, len(walk.origins))
    t = min(state["t"] if moves and state["t"] else steps + ahead + 1, steps + ahead + 1)
    go = sent(key, {"t": t, "origin": origin, "ahead": ahead})
    look = ForecastLook(
        language=state["lang"],
        origin=origin - 1,
        ahead=ahead,
        t=t - 1,
        others=tuple(others),
        go=go,
        zoom=zoom(state),
        placed=True,
        room=moves,
        keys=moves,
        veil=veil,
    )
    figure = chart(shown, look)
    alt = say("forecast.alt")
    if moves:
        player(key, state["lang"], step=say("forecast.chart.step"))
    show(figure, key, alt)
    listen(key, {param.name: param.kind for param in PARAMETERS if param.name in ("t", "origin", "ahead")}, state)
    return figure


def files(figure: Any, walks: Mapping[str, Walk], title: str, state: State) -> Files:
    """A picture, and what is forecast in numbers: a row for each run, origin and step ahead."""
    return {**drawings(figure, title, state), **table_csv(partial(_columns, walks)), **npz(partial(_arrays, walks))}


def _columns(walks: Mapping[str, Walk]) -> Mapping[str, Sequence[object]]:
    names = dict.fromkeys(name for shown in walks.values() for name in shown.forecasts)
    columns: dict[str, list[object]] = {name: [] for name in ("run", "origin", "ahead", "truth", *names)}
    for run, shown in walks.items():
        count = len(shown.origins) * shown.horizon
        columns["run"] += [run] * count
        columns["origin"] += np.repeat(shown.origins, shown.horizon).tolist()
        columns["ahead"] += list(range(1, shown.horizon + 1)) * len(shown.origins)
        columns["truth"] += shown.truth.ravel().tolist()
        for name in names:
            columns[name] += shown.forecasts[name].ravel().tolist() if name in shown.forecasts else [""] * count
    return columns


def _arrays(walks: Mapping[str, Walk], file: Any) -> None:
    arrays = {f"{run}_{name}": forecast for run, shown in walks.items() for name, forecast in shown.forecasts.items()}
    places = {f"{run}_origins": shown.origins for run, shown in walks.items()}
    series = {f"{run}_series": shown.values for run, shown in walks.items()}
    np.savez(file, allow_pickle=False, **series, **places, **arrays)


def asked_of(question: Question, about: Hashable, state: State, say: Say) -> tuple[DeltaGenerator, bool]:
    """Ask above the picture, and tell below it. Returns the picture's place, and whether the answer may be seen."""
    waiting = waits(question, about, state)
    above, place, below = st.container(), st.container(), st.container()
    # On a phone a question that waits stays at the thumb.
    with above if waiting else below, st.container(key=f"{state.page}_question{'_waits_late' * waiting}"):
        return place, ask(question, about, state, say)


def too_much(state: State, say: Say) -> str | None:
    """Why a window and a horizon do not fit the series, if they do not."""
    series = series_of(state["series"])
    most, ahead = room(series), reach(series)
    if state["window"] + state["horizon"] <= most and state["horizon"] <= ahead:
        return None
    return say("forecast.too_much", most=most, ahead=ahead, values=len(series.values))
