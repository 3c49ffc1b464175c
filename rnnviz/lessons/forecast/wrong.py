"""What goes wrong, on purpose: each with one knob that makes it right, and one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from rnnviz.charts.plots import horizon as plots
from rnnviz.charts.plots import over_time
from rnnviz.core.forecast import Walk
from rnnviz.facts.forecast import unit_text
from rnnviz.facts.notice import Notice
from rnnviz.facts.questions.forecast import copies, leaks, leaves_range, too_short, untrained
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.forecast import run
from rnnviz.lessons.forecast.parameters import FLAWS, MENDED
from rnnviz.tasks.series.catalogue import series_of, split_of, when
from rnnviz.tasks.series.setup import Setup
from rnnviz.training.config import Config
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.picture.chart import show
from rnnviz.ui.runs.retraining import all_weights
from rnnviz.ui.text.notices import tell
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.words.numbers import percent

UNITS, LONGER = 64, 3  # of the runs that may be no cure: so many units at least, and times the iterations


@dataclass(frozen=True)
class Flaw:
    """What is set so that it goes wrong, and the one thing that mends it."""

    wrong: Setup
    mended: Setup
    ahead: int  # how far ahead the curve over time looks

    def of(self, mended: str) -> Setup:
        return self.mended if mended == MENDED[1] else self.wrong


CO2 = Setup("co2", 24, 12)
SETUPS: Mapping[str, Flaw] = {
    # One step ahead, a network of daily temperatures knows hardly more than today; of a sum of sines it knows all.
    "copy": Flaw(Setup("temperature", 24, 1), Setup("sines", 24, 1), 1),
    # Six values in a row decide how a sum of three sines goes on; no linear forecast does it from four.
    "short": Flaw(Setup("sines", 4, 12), Setup("sines", 32, 12), 6),
    # It rises beyond all that was trained on; differences to the last value do not.
    "trend": Flaw(CO2, replace(CO2, relative="change"), 12),
    "leak": Flaw(replace(CO2, scaled="all"), CO2, 12),
    "horizon": Flaw(Setup("sines", 32, 24, "step"), Setup("sines", 32, 24), 24),
}


def knobs(state: State, say: Say) -> str | None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        choice(say("forecast.flaw"), FLAWS, lambda one: say(f"forecast.flaw_{one}"), "flaw", state, wrap=True)
    return None


def _configs(state: State) -> dict[str, tuple[Config, int]]:
    """The runs of the flaw that is shown, and after how many iterations each has ended."""
    flaw, iterations = SETUPS[state["flaw"]], state["iterations"]
    runs = {name: (run.config(state, flaw.of(name)), iterations) for name in MENDED}
    if state["flaw"] == "short":
        runs["units"] = run.config(state, flaw.wrong, hidden_size=_more_units(state)), iterations
        runs["training"] = run.config(state, flaw.wrong), LONGER * iterations
    return runs


def _more_units(state: State) -> int:
    """More than the network has that is to be mended."""
    return max(UNITS, 2 * int(state["hidden_size"]))


def draw(state: State, say: Say) -> run.Part:
    name, flaw = state["flaw"], SETUPS[state["flaw"]]
    runs = _configs(state)
    found = all_weights([run.ended(*one) for one in runs.values()], state, say)
    if found is None:
        return run.Part(waits=True)
    horizon = flaw.wrong.horizon
    walks = {
        of: run.walk(settings, weights, horizon, settings.length)
        for (of, (settings, _)), weights in zip(runs.items(), found, strict=True)
    }
    told = st.empty()
    seen = ask(_question(name, flaw, walks, state), (name, tuple(runs.values())), state, say)
    drawn = state["mended"] if seen else MENDED[0]
    if drawn == MENDED[0]:  # it tells what is done wrong
        told.markdown(say(f"forecast.flaw_{name}_told", **_values(flaw)))
    if seen:
        choice(
            say(f"forecast.knob_{name}"),
            MENDED,
            lambda one: say(f"forecast.knob_{name}_{one}"),
            "mended",
            state,
            labelled=True,
        )
    shown = walks[drawn]
    series = series_of(flaw.of(drawn).series)
    up = say("forecast.up", unit=unit_text(series.unit)) if series.unit else say("forecast.up_plain")
    # Where its forecasts lie is the question, for a series that leaves its range.
    kinds = ("network", "last") if seen or name != "trend" else ("last",)
    figure = _over_time(shown, flaw, drawn, up, state, kinds)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show(figure, f"{state.page}_over_time", say("forecast.over_time_alt"))
        st.caption(say("forecast.over_time", ahead=flaw.ahead))
    with right:
        if seen:
            _scores(walks, flaw, name, state, say)
    code = run.Drawn(*runs[drawn], int(shown.origins[0]))
    if not seen:
        return run.Part(waits=True, drawn=code)
    tell(_facts(name, flaw, walks), say)
    return run.Part(
        lambda: run.files(figure, {of: walks[of] for of in MENDED}, say(f"forecast.flaw_{name}"), state), drawn=code
    )


def _values(flaw: Flaw) -> dict[str, Any]:
    return {"window": flaw.wrong.window, "longer": flaw.mended.window, "ahead": flaw.wrong.horizon}


def _question(name: str, flaw: Flaw, walks: Mapping[str, Walk], state: State) -> Question:
    wrong, mended = walks["no"], walks["yes"]
    series = series_of(flaw.wrong.series)
    ahead, split = flaw.wrong.horizon, split_of(series)
    if name == "copy":
        return copies(wrong, series.unit)
    if name == "short":
        errors = {"base": wrong, "window": mended, "units": walks["units"], "training": walks["training"]}
        maes = {one: walk.mae("network", ahead) for one, walk in errors.items()}
        return too_short(maes, flaw.wrong.window, flaw.mended.window, _more_units(state), LONGER * state["iterations"])
    if name == "trend":
        most, reached = float(series.values[:split].max()), float(series.values[split:].max())
        return leaves_range(wrong, ahead, most, reached, series.unit)
    if name == "leak":
        return leaks(wrong, mended, ahead, series.unit)
    return untrained(wrong, mended, series.unit)


def _over_time(shown: Walk, flaw: Flaw, drawn: str, up: str, state: State, kinds: Sequence[str]) -> Any:
    """Of each value of the test, what was said of it so many steps before."""
    series, ahead = series_of(flaw.of(drawn).series), flaw.ahead
    places = (shown.origins + ahead - 1).tolist()
    first, last = places[0], places[-1]
    truth = over_time.Said("truth", range(first, last + 1), series.values[first : last + 1])
    said = [over_time.Said(name, places, shown.forecasts[name][:, ahead - 1]) for name in kinds]
    whens = [when(series, place) for place in range(len(series.values))]
    most = float(np.max(series.values[: split_of(series)]))
    return over_time.chart([truth, *said], whens, most, catalogue(state["lang"]), up)


def _scores(walks: Mapping[str, Walk], flaw: Flaw, name: str, state: State, say: Say) -> None:
    """Both runs beside the last value, in the series' own unit."""
    ahead = flaw.wrong.horizon
    rows = []
    for of in MENDED:
        walk, unit = walks[of], unit_text(series_of(flaw.of(of).series).unit)
        errors = [say("forecast.score", error=walk.mae(one, ahead), unit=unit) for one in ("network", "last")]
        rows.append([say(f"forecast.knob_{name}_{of}"), *errors, percent(walk.skill("network", ahead))])
    head = [f"knob_{name}", "by_network", "by_last", "skill_head"]
    table([say(f"forecast.{one}") for one in head], rows)
    if flaw.wrong.series == flaw.mended.series and ahead > 1:
        sides = {"before": walks["no"].forecasts["network"], "after": walks["yes"].forecasts["network"]}
        pair = replace(walks["yes"], forecasts={**sides, "last": walks["yes"].forecasts["last"]})
        names = {"before": f"knob_{name}_no", "after": f"knob_{name}_yes", "last": "by_last"}
        called = {one: say(f"forecast.{key}") for one, key in names.items()}
        plot = plots.chart(pair, called, catalogue(state["lang"]), unit=series_of(flaw.wrong.series).unit)
        show(plot, f"{state.page}_growth", say("forecast.growth_alt"))


def _facts(name: str, flaw: Flaw, walks: Mapping[str, Walk]) -> list[Notice]:
    """What the numbers beside say, in a sentence."""
    ahead = flaw.wrong.horizon
    if name != "short":
        return []
    walk = walks["no"], walks["yes"]
    return [
        Notice(
            "forecast_reads",
            0,
            {
                "window": flaw.wrong.window,
                "longer": flaw.mended.window,
                "short": walk[0].mae("linear", ahead),
                "long": walk[1].mae("linear", ahead),
            },
        )
    ]
