"""What there is to try in the lesson "Your own"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnviz.ui.url.state import State
from rnnviz.zoo.own.made import SEEDS


def for_network(state: State, made: bool) -> Mapping[str, Mapping[str, Any]]:
    """made: whether the network that is shown was made of a few sizes; a file's has nothing to be tried but its own."""
    if not made:
        return {}
    return {
        "own_deep": {"layers": 2 if state["layers"] == 1 else 1},
        "own_lstm": {"cell": "lstm"},
        "own_seed": {"seed": (state["seed"] + 1) % (SEEDS + 1)},
        "own_one": {"inputs": 1, "read": "1 0 0 0 0 0 0 0"},
    }
