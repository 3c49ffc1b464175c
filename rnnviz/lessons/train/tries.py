"""What there is to try in the lesson "Train live"."""

from collections.abc import Mapping
from typing import Any

# What each button changes, and nothing else.
TRIES: Mapping[str, Mapping[str, Any]] = {
    "forget_bias": {"cell": "lstm", "forget_bias": 3.0},
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "shorter": {"length": 20},
    "orthogonal": {"initialisation": "orthogonal"},
    "unclipped": {"clipping": "none"},
    "other_seed": {"seed": 1},
}
