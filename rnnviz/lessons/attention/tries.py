"""What there is to try in each part of the lesson "Reading, then writing"."""

from collections.abc import Mapping
from typing import Any

from rnnviz.lessons.attention.parameters import SOURCES
from rnnviz.ui.url.state import State
from rnnviz.zoo.seq2seq import ATTENTIONS, NAMES


def for_part(state: State) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson that is open."""
    texts: Mapping[str, Mapping[str, Any]] = {
        f"source_{name}": {"text": text} for text, name in SOURCES[state["model"]].items()
    }
    attentions = {f"attention_{name}": {"attention": name} for name in ATTENTIONS}
    if state["part"] == "hold":
        shares: Mapping[str, Any] = {"what": "shares", "attention": "additive", "step": 1}
        held = {
            "hold_one": {**shares, "shares": "one", "source": 1},
            "hold_uniform": {**shares, "shares": "uniform"},
            "hold_shifted": {**shares, "shares": "shifted"},
            "hold_zero": {"what": "bridge", "bridge": "zero"},
            "hold_exchange": {"what": "exchange", "attention": "additive"},
            "hold_other": {"what": "bridge", "bridge": "other", "attention": "none"},
        }
        return {**held, **texts}
    if state["part"] == "contrast":
        return texts
    models = {f"model_{name}": {"model": name} for name in NAMES}
    if state["part"] == "bottleneck":
        return {**texts, **models}
    if state["part"] == "gradient":
        return {**attentions, **texts, **models}
    return {**texts, **attentions, "by_operation": {"by": "operation"}, "fed_right": {"fed": "right"}, **models}
