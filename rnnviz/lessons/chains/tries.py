"""What there is to try in each part of the lesson "More than one chain"."""

from collections.abc import Mapping
from typing import Any

from rnnviz.lessons.chains.parameters import OTHERS, reads
from rnnviz.ui.controls.experiments import CELLS
from rnnviz.ui.url.state import State


def for_part(state: State) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson that is open."""
    language = reads(state.values())
    return {
        "pads_mask": {"handling": "mask"},
        "pads_packed": {"handling": "packed"},
        "pads_left": {"side": "left"},
        "pads_reverse": {"chain": "reverse"},
        "pads_even": {"text": OTHERS[language][-2]},
        **CELLS,
    }
