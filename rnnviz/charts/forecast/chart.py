"""The forecast of a series as one chart: the whole series with the window that is dragged, the window and the horizon
that is pulled, the truth beside every forecast, what the network holds and how its gates are while it reads, and how
far off each forecaster is.

It is drawn in pixels by expressions (`draw`) and its specification never changes: what is dragged, pulled, stepped and
hovered is answered in the browser from the rows of all origins, and a network that trains only swaps the tables.
"""

from __future__ import annotations

from functools import cache

from rnnviz.charts.forecast import detail, errors, inside, layout, stepping, strip
from rnnviz.charts.forecast.data import ForecastData
from rnnviz.charts.forecast.look import ForecastLook
from rnnviz.charts.forecast.names import FORECAST
from rnnviz.charts.forecast.tables import tables
from rnnviz.charts.kit import palette
from rnnviz.charts.kit.draw import FORECASTS, Signal, derived
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme

PLAIN = ForecastLook()
_PARTS = (stepping, layout, strip, detail, inside, errors)
NAMES = (FORECAST, *(part.NAMES for part in _PARTS))  # all that the chart has


def chart(shown: ForecastData, look: ForecastLook = PLAIN) -> Figure:
    """The chart of a walk through a series."""
    return Figure(tables(shown, look), _spec, look.language)


def _signals() -> list[Signal]:
    lists = {"HIDDEN": "h", "GATE": "gates", "AHEAD": "forecasts", "ERROR": "errors", "LABEL": "labels"}
    return [
        {"name": "SEP", "update": "'\\u2063'"},
        {"name": "B", "update": "data('bundle')[0]"},
        *theme(
            now=palette.NOW,
            hColour=palette.SYMBOLS["h"],
            yColour=palette.SYMBOLS["y"],
        ),
        {"name": "ramp", "update": f"dark ? {palette.ramp(True)} : {palette.ramp(False)}"},
        *(signal for names in NAMES for signal in names.lists()),
        *SCALED,
        *derived(
            W="B.window",
            H="B.H",
            F="B.F",
            U="B.U",
            G="B.G",
            count="B.count",
            tints="dark ? DARKS : LIGHTS",
            gateTints="dark ? GATEDARKS : GATELIGHTS",
        ),
        *stepping.signals(),
        {"name": "O", "update": "data('origins')[min(origin, count - 1)]"},
        *derived(**{name: f"split(O.{column}, ',')" for name, column in lists.items()}, TICK="split(O.ticks, SEP)"),
        *layout.signals(),
        *strip.signals(),
        *detail.signals(),
        *inside.signals(),
        *errors.signals(),
    ]


@cache
def _spec() -> str:
    """The constant part: Vega-Lite, as JSON."""
    parts = [strip, detail, inside, errors, stepping]
    layers = [layer for part in parts for layer in part.layers()]
    return specification(_signals(), [*layers, *stepping.grips()], "end + 4", FORECASTS)
