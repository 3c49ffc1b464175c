"""What there is to try in the lesson "Train live"."""

from collections.abc import Mapping
from typing import Any

from rnnviz.core.cells import CELLS

_TRIES: Mapping[str, Mapping[str, Any]] = {
    "orthogonal": {"initialisation": "orthogonal"},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "shorter": {"length": 20},
    "unclipped": {"clipping": "none"},
    "other_seed": {"seed": 1},
}


def for_run(cell: str) -> Mapping[str, Mapping[str, Any]]:
    """What each button changes, one setting and nothing else; first what helps the gradient of this cell most."""
    return ({"forget_bias": {"forget_bias": 3.0}} if CELLS[cell].has_forget_gate else {}) | dict(_TRIES)
