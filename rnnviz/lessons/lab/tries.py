"""What there is to try in each part of the gradient lab."""

from collections.abc import Mapping
from typing import Any

from rnnviz.ui.url.state import State


def for_lab(state: State) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson that is open."""
    if state["part"] == "knobs":
        return {
            "lab_big": {"cell": "rnn", "init": "default", "radius": 2.0, "hidden": 64, "gain": 1.0, "window": None},
            "lab_linear": {"cell": "rnn_linear", "radius": 1.0},
            "lab_sigmoid": {"cell": "rnn_sigmoid"},
            "lab_orthogonal": {"init": "orthogonal"},
            "lab_relu": {"cell": "rnn_relu", "init": "identity"},
            "lab_forget": {"cell": "lstm", "bias": 5.0},
            "lab_gain": {"gain": 5.0},
            "lab_clip": {"clip": "0.5"},
            "lab_truncate": {"window": 10},
        }
    tries_of_parts: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
        "matrix": {
            "lab_float": {"source": "made", "float": "32", "hidden": 2, "steps": 100},
            "lab_text": {"source": "text"},
            "lab_seed": {"seed": 1},
        },
        "derivative": {
            "lab_gain": {"gain": 5.0},
            "lab_sigmoid": {"cell": "rnn_sigmoid"},
            "lab_lstm": {"cell": "lstm"},
            "lab_relu": {"cell": "rnn_relu", "init": "identity"},
        },
        "cliff": {"lab_slow": {"rate": 0.3}, "lab_loose": {"norm": 1.0}, "lab_thrown": {"update": 25}},
        "cut": {
            "lab_forget": {"cell": "lstm", "bias": 5.0},
            "lab_orthogonal": {"init": "orthogonal"},
            "lab_truncate": {"window": 10},
        },
        "past": {"lab_seed": {"seed": 1}},
        "table": {"lab_seed": {"seed": 1}},
    }
    longer = state["part"] in ("past", "cut") or (state["part"] == "matrix" and state["source"] == "made")
    return {**({"lab_long": {"steps": 100}} if longer else {}), **tries_of_parts[state["part"]]}
