"""Walks through series that are drawn here, for tests of the pictures of forecasts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from rnnviz.charts.forecast.data import ForecastData
from rnnviz.core.forecast import Walk

SHAPES = ("iterated", "direct", "point")
CALLED = {
    "en": {
        "network": "GRU",
        "iterated": "fed back",
        "direct": "direct",
        "point": "one step",
        "last": "last value",
        "season": "same season",
        "trend": "linear trend",
        "linear": "linear model",
    },
    "ko": {
        "network": "GRU",
        "iterated": "되먹임",
        "direct": "직접",
        "point": "한 단계",
        "last": "마지막 값",
        "season": "지난 계절의 값",
        "trend": "선형 추세",
        "linear": "선형 모델",
    },
}


def walk(
    count: int = 400, *, window: int = 24, horizon: int = 12, origins: int = 10, shapes: bool = False, seed: int = 0
) -> Walk:
    """A season of 12 with a wandering level. Each network's forecast is the truth with an error that grows."""
    random = np.random.default_rng(seed)
    values = 8 * np.sin(2 * np.pi * np.arange(count) / 12) + 20 + np.cumsum(random.normal(0, 0.5, count))
    split = max(window, round(0.75 * count))
    at = np.unique(np.linspace(split, count - horizon, origins).astype(int))
    steps = np.arange(1, horizon + 1)
    made = {}
    for place, name in enumerate(SHAPES if shapes else ("network",)):
        made[name] = np.stack(
            [values[i : i + horizon] + np.cumsum(random.normal(0, 0.4 + 0.2 * place, horizon)) for i in at]
        )
        if name == "point":
            made[name][:, 1:] = np.nan
    made["last"] = np.repeat(values[at - 1, None], horizon, 1)
    made["season"] = values[at[:, None] - 12 + (steps - 1) % 12]
    slope = (values[at - 1] - values[at - window]) / (window - 1)
    made["trend"] = values[at - 1, None] + slope[:, None] * steps
    made["linear"] = (made["season"] + made["last"]) / 2
    return Walk(values, split, window, 12, at, made)


def shown(
    of: Walk, language: str = "en", *, units: int = 8, gates: tuple[str, ...] = ("r", "z"), **more: Any
) -> ForecastData:
    """What a network might hold, drawn."""
    random = np.random.default_rng(len(of.values))
    shape = len(of.origins), of.window
    months = [f"{1950 + k // 12}-{1 + k % 12:02d}" for k in range(len(of.values) + of.horizon)]
    made = ForecastData(
        of,
        {name: CALLED[language][name] for name in of.forecasts},
        months,
        main=next(iter(of.forecasts)),
        unit="°C",
        units=tuple(range(0, 2 * units, 2)),
        h=np.tanh(np.cumsum(random.normal(0, 0.4, (*shape, units)), 1)) if units else np.zeros((0, 0, 0)),
        gates={symbol: 1 / (1 + np.exp(-np.cumsum(random.normal(0, 0.3, shape), 1))) for symbol in gates},
        trained=max(1, of.horizon // 2),
    )
    return replace(made, **more)
