"""Window and horizon: what a network reads, what it forecasts, and what came."""

from __future__ import annotations

from rnnviz.facts.forecast import outcomes
from rnnviz.facts.questions.forecast import nearest
from rnnviz.lessons.forecast import run
from rnnviz.tasks.series.catalogue import series_of
from rnnviz.ui.runs.retraining import all_weights
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State


def draw(state: State, say: Say) -> run.Part:
    asked = run.setup(state)
    settings = run.config(state, asked)
    found = all_weights([run.ended(settings, state["iterations"])], state, say)
    if found is None:
        return run.Part(waits=True)
    shown = run.walk(settings, found[0], run.shown_horizon(asked), state["window"])
    unit = series_of(asked.series).unit
    question = nearest(shown, asked.horizon, unit)
    place, seen = run.asked_of(question, (settings, state["iterations"]), state, say)
    network = run.forecaster(settings, found[0])
    data = run.data(shown, network, asked.horizon, say)
    with place:
        figure = run.stage(data, state, say, veil="" if seen else say("forecast.veil"))
    drawn = run.Drawn(settings, state["iterations"], run.origin_of(shown.origins, state))
    if seen and state.shows("notice"):
        notice(outcomes(shown, "network", asked.horizon, unit), say)
    if not seen:
        return run.Part(waits=True, drawn=drawn)
    return run.Part(lambda: run.files(figure, {asked.shape: shown}, say("forecast.part_look"), state), drawn=drawn)
