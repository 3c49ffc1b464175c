"""What there is to try in the lesson "Train live": each is the preset with what the button names changed, whatever was
tried before it."""

from collections.abc import Mapping
from typing import Any

from rnnviz.core.cells import CELLS
from rnnviz.training.config import Config

_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "orthogonal": {"initialisation": "orthogonal"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "shorter": {"length": 20},
    "unclipped": {"clipping": "none"},
    "other_seed": {"seed": 1},
}
SET = ("cell", "length", "initialisation", "forget_bias", "clipping", "seed")  # by each of them, so that none adds up


def for_run(preset: Config, cell: str) -> Mapping[str, Mapping[str, Any]]:
    """What each button sets, all of `SET`: what it names, and the rest as the preset has it; first what helps the
    gradient of this cell most. None of them is the preset itself.

    cell: the one that is shown.
    """
    first = {"forget_bias": {"cell": cell, "forget_bias": 3.0}} if CELLS[cell].has_forget_gate else {}
    as_there = {name: getattr(preset, name) for name in SET}
    whole = {name: {**as_there, **changes} for name, changes in {**first, **_CHANGES}.items()}
    return {name: values for name, values in whole.items() if values != as_there}
