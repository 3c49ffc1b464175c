"""What there is to try in each part of the lesson "Forecast"."""

from collections.abc import Mapping
from typing import Any

from rnnviz.ui.url.state import State


def for_part(state: State) -> Mapping[str, Mapping[str, Any]]:
    tries: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
        "look": {
            "forecast_sunspots": {"series": "sunspots"},
            "forecast_days": {"series": "temperature"},
            "forecast_rnn": {"cell": "rnn"},
            "forecast_own_output": {"shape": "step"},
        },
        "shapes": {
            "forecast_sines": {"series": "sines"},
            "forecast_sunspots": {"series": "sunspots"},
            "forecast_longer": {"horizon": 24},
        },
        "train": {
            "forecast_own_output": {"shape": "step"},
            "forecast_sine": {"series": "sine"},
            "forecast_rnn": {"cell": "rnn"},
        },
        "wrong": {"forecast_again": {"seed": state["seed"] + 1 if state["seed"] < 9999 else 0}},
    }
    return tries[state["part"]]
