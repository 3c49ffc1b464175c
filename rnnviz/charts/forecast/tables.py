"""What a forecast's picture is sent: `bundle`, one row for all of it, and `origins`, one row for each origin, so that
the window is dragged without asking anybody. Numbers travel as text, in no more digits than can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, log10

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.forecast.axis import ValueAxis, label_places, value_axis
from rnnviz.charts.forecast.data import ForecastData, errors, mean_errors
from rnnviz.charts.forecast.look import NAIVE, ForecastLook
from rnnviz.charts.kit import palette
from rnnviz.charts.kit.tables import SEPARATOR, Row, Tables, clean, joined
from rnnviz.charts.kit.wrap import BREAK, breakable, width
from rnnviz.core.trace import Array
from rnnviz.words import catalogue

TEXTS = (
    "trained_on",
    "tested_on",
    "window",
    "horizon",
    "untrained",
    "truth",
    "hint_window",
    "hint_ahead",
    "hidden",
    "gates",
    "errors",
    "from_here",
    "from_all",
    "least",
    "at_read",
    "at_ahead",
    "from_when",
    "step",
    "keys",
    "unit_is",
)
DASHES = {
    "direct": (9, 3, 9, 3),
    "point": (9, 3, 2, 3),
    "last": (2, 3, 2, 3),
    "season": (6, 3, 6, 3),
    "trend": (6, 3, 2, 3),
    "linear": (1, 2, 5, 2),
}  # px, of dash, gap, dash and gap, by forecaster; the others have a line without
SOLID = (1, 0, 1, 0)
VEIL = 13.0  # widths of a Hangul syllable, of a line of what stands in the place of the forecasts
STRIP_POINTS = 600  # of the strip's line, at the most
NEAREST = 512  # places of the strip for which the nearest origin is known
FAR = 1e6  # spans of an axis, beyond which a value is written in another way
FINE = 2000  # parts of an axis that a value's digits can tell apart


def tables(shown: ForecastData, look: ForecastLook) -> Tables:
    """Both tables. Of a walk that is asked about (`look.veil`), forecasts and their errors are left out."""
    walk = shown.walk
    forecasts = {
        name: np.full_like(forecast, np.nan) if look.veil else forecast for name, forecast in walk.forecasts.items()
    }
    axis = value_axis(walk, list(forecasts.values()))
    return {
        "bundle": [_bundle(shown, look, axis)],
        "origins": _origins(shown, look, axis, forecasts),
    }


def _bundle(shown: ForecastData, look: ForecastLook, axis: ValueAxis) -> Row:
    walk, names = shown.walk, list(shown.walk.forecasts)
    last, horizon = len(walk.origins) - 1, walk.horizon
    ahead = min(max(look.ahead, 1), horizon) if look.ahead else horizon
    means = {} if look.veil else mean_errors(walk)
    colours = [palette.FORECASTERS.get(name, palette.SOFT) for name in names]
    gates = [palette.symbol(symbol) for symbol in shown.gates]
    texts = catalogue(look.language)
    trained_for = clean(f"{shown.whens[0]} – {shown.whens[max(walk.split, 1) - 1]}")
    veil = breakable(clean(look.veil), VEIL).split(BREAK)
    return {
        "zoom": look.zoom,
        "placed": look.placed,
        "room": look.room,
        "keys": look.keys,
        "go": look.go,
        "origin": min(max(look.origin, 0), last),
        "ahead": ahead,
        "start": min(max(look.t, 0), walk.window + ahead),
        "veil": SEPARATOR.join(veil),
        "veilW": max(map(width, veil)),
        "N": len(walk.values),
        "window": walk.window,
        "H": horizon,
        "F": len(names),
        "U": len(shown.units),
        "hidden": shown.hidden or len(shown.units),
        "G": len(gates),
        "count": last + 1,
        "trained": shown.trained or horizon,
        "split": walk.split,
        "trainedFor": trained_for,
        "trainedW": width(f"{texts['forecast.chart.trained_on']}  {trained_for}"),
        "testedW": width(texts["forecast.chart.tested_on"]),
        "windowW": width(texts["forecast.chart.window"]),
        "untrainedW": width(texts["forecast.chart.untrained"]),
        "horizonW": width(texts["forecast.chart.horizon"]),
        **_strip(walk.values),
        **_near(walk.origins),
        "values": _written(walk.values, axis.span),
        "whens": SEPARATOR.join(map(clean, shown.whens)),
        "unit": clean(shown.unit),
        "names": SEPARATOR.join(clean(shown.names[name]) for name in names),
        "nameW": max(width(clean(shown.names[name])) for name in names),
        "whenW": max(map(width, map(clean, shown.whens))),
        "lights": ",".join(pair.light for pair in colours),
        "darks": ",".join(pair.dark for pair in colours),
        "dashes": ",".join(str(px) for name in names for px in _dash(name, shown.main)),
        "on": ",".join(str(int(drawn)) for drawn in _drawn(names, look)),
        "main": names.index(shown.main),
        "units": ",".join(str(unit + 1) for unit in shown.units),
        "gates": SEPARATOR.join(shown.gates),
        "gateLights": ",".join(pair.light for pair in gates),
        "gateDarks": ",".join(pair.dark for pair in gates),
        "means": _rounded(np.array([means[name] for name in names]) if means else np.full((1, 1), np.nan)),
        "leastMean": _least(np.array([means[name] for name in names])[None])[0] if means else "",
        "intervals": axis.intervals,
        "tickW": max(len(said) for i in range(last + 1) for said in axis.texts(i)),
        "said": SEPARATOR.join(map(clean, shown.said)),
        **{f"s_{name}": texts[f"forecast.chart.{name}"] for name in TEXTS},
    }


def _origins(shown: ForecastData, look: ForecastLook, axis: ValueAxis, forecasts: Mapping[str, Array]) -> list[Row]:
    walk, names = shown.walk, list(forecasts)
    every = np.stack([forecasts[name] for name in names], 1)  # (n, F, H)
    mean = np.stack([errors(walk)[name] for name in names], 1)
    if look.veil:
        mean = np.full_like(mean, np.nan)
    labels = label_places(axis.parts(every), np.array(_drawn(names, look)))
    h = np.rint(100 * shown.h).transpose(0, 2, 1) if len(shown.units) else np.zeros((len(walk.origins), 0))
    gates = np.stack([np.rint(100 * means) for means in shown.gates.values()], 1) if shown.gates else h[:, :0]
    least = _least(mean)
    return [
        {
            "at": at,
            "low": axis.low[i],
            "high": axis.low[i] + axis.intervals * axis.step,
            "ticks": SEPARATOR.join(axis.texts(i)),
            "h": _whole(h[i]),
            "gates": _whole(gates[i]),
            "forecasts": _written(every[i], axis.span),
            "errors": _rounded(mean[i]),
            "least": least[i],
            "labels": joined([labels[i].ravel()], 2),
        }
        for i, at in enumerate(walk.origins.tolist())
    ]


def _dash(name: str, main: str) -> Sequence[int]:
    return SOLID if name == main else DASHES.get(name, SOLID)


def _drawn(names: Sequence[str], look: ForecastLook) -> list[bool]:
    """Whether each has a line."""
    return [name not in NAIVE or name in look.others for name in names]


def _strip(values: Array) -> Row:
    """The line of the whole series: all its points, or of a long one the least and the most of each stretch."""
    places = np.arange(len(values))
    if len(values) > STRIP_POINTS:
        parts = np.array_split(places, STRIP_POINTS // 2)
        places = np.unique([part[pick(values[part])] for part in parts for pick in (np.argmin, np.argmax)])
    low, span = float(values.min()), float(np.ptp(values)) or 1.0
    return {
        "stripX": joined([(places + 0.5) / len(values)], 4),
        "stripY": joined([(values[places] - low) / span], 3),
    }


def _near(at: NDArray[np.int_]) -> Row:
    """Where the origins lie, and of even places from the first to the last which is the nearest."""
    places = np.linspace(at[0], at[-1], min(NEAREST, int(at[-1] - at[0]) + 1))
    nearest = np.abs(places[:, None] - at).argmin(1)
    return {"at": _whole(at), "near": _whole(nearest)}


def _whole(numbers: Array | NDArray[np.int_]) -> str:
    return ",".join(map(str, numbers.ravel().astype(int).tolist()))


def _written(values: Array, span: float) -> str:
    """Values of an axis, in as many decimals as can be told apart on it; what is far off it in six digits."""
    decimals = max(0, ceil(log10(FINE / span)))
    return ",".join(
        f"{value:z.{decimals}f}" if not abs(value) > FAR * span else f"{value:.6g}" for value in values.ravel().tolist()
    )


def _rounded(values: Array) -> str:
    """Numbers in four digits."""
    return ",".join(f"{value:.4g}" for value in values.ravel().tolist())


def _least(mean: Array) -> list[str]:
    """Of each origin and step ahead which forecaster errs least, -1 where none does. mean: (n, F, H)."""
    known = np.isfinite(mean)
    least = np.where(known.any(1), np.where(known, mean, np.inf).argmin(1), -1)
    return [_whole(row) for row in least]
