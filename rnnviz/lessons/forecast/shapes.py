"""Three shapes on one series: a window to many, a window to one that reads its own output, one value to many."""

from __future__ import annotations

from dataclasses import replace

from rnnviz.charts.plots import horizon as plots
from rnnviz.core.forecast import Walk
from rnnviz.facts.forecast import growth
from rnnviz.facts.questions.forecast import SHAPES, farthest_ahead
from rnnviz.lessons.forecast import run
from rnnviz.tasks.series.catalogue import series_of
from rnnviz.ui.picture.chart import show
from rnnviz.ui.runs.retraining import all_weights
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue

DRAWN = {"direct": "direct", "step": "iterated", "point": "point"}  # of each shape, what its line is called


def draw(state: State, say: Say) -> run.Part:
    # Each is asked for the same horizon, from the same places.
    setups = {shape: run.setup(state, shape=shape, horizon=max(2, state["horizon"])) for shape in SHAPES}
    configs = {shape: run.config(state, asked) for shape, asked in setups.items()}
    found = all_weights([run.ended(settings, state["iterations"]) for settings in configs.values()], state, say)
    if found is None:
        return run.Part(waits=True)
    ahead = setups["direct"].horizon
    weights = dict(zip(configs, found, strict=True))
    walks = {shape: run.walk(configs[shape], weights[shape], ahead, state["window"]) for shape in SHAPES}
    unit = series_of(state["series"]).unit
    question = farthest_ahead(walks, unit)
    place, seen = run.asked_of(question, (tuple(configs.values()), state["iterations"]), state, say)
    together = _together(walks)
    data = run.data(
        together, run.forecaster(configs["direct"], weights["direct"]), ahead, say, inside=False, main="direct"
    )
    with place:
        figure = run.stage(data, state, say, veil="" if seen else say("forecast.veil"), others=("last", "season"))
    drawn = run.Drawn(configs["direct"], state["iterations"], run.origin_of(together.origins, state))
    if not seen:
        return run.Part(waits=True, drawn=drawn)
    plot = plots.chart(together, run.names(together, say), catalogue(state["lang"]), unit=unit)
    show(plot, f"{state.page}_growth", say("forecast.growth_alt"))
    if state.shows("notice"):
        called = {name: say(f"forecast.by_{name}") for name in DRAWN.values()}
        notice(growth(together, called, unit), say)
    return run.Part(lambda: run.files(figure, walks, say("forecast.part_shapes"), state), drawn=drawn)


def _together(walks: dict[str, Walk]) -> Walk:
    """One walk with the forecasts of all three, and those without a network."""
    first = walks["direct"]
    plain = {name: forecast for name, forecast in first.forecasts.items() if name != "network"}
    return replace(first, forecasts={DRAWN[shape]: walks[shape].forecasts["network"] for shape in SHAPES} | plain)
