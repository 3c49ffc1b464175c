"""What there is to try in each part of the lesson "More than one chain"."""

from collections.abc import Mapping
from typing import Any

from rnnviz.facts.gap import READERS
from rnnviz.lessons.chains.parameters import GAPPED, OTHERS, STACKED, reads
from rnnviz.ui.controls.experiments import CELLS
from rnnviz.ui.url.state import State
from rnnviz.zoo.stacks import DEPTHS


def for_part(state: State) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson that is open."""
    language = reads(state.values())
    if state["part"] == "gap":
        texts = {name: {"gapped": text} for text, name in GAPPED[language].items()}
        readers = {f"gap_{reader}": {"reader": reader} for reader in READERS}
        return {**texts, **readers, "gap_returned": {"view": "returned"}}
    if state["part"] == "stack":
        texts = {name: {"sentence": text} for text, name in STACKED[language].items()}
        silent = {f"stack_silent_{n}": {"silent": n} for n in range(state["layers"] + 1)}
        return {**texts, **{f"stack_{n}": {"layers": n} for n in DEPTHS}, **silent}
    return {
        "pads_mask": {"handling": "mask"},
        "pads_packed": {"handling": "packed"},
        "pads_left": {"side": "left"},
        "pads_reverse": {"chain": "reverse"},
        "pads_even": {"text": OTHERS[language][-2]},
        **CELLS,
    }
