"""What there is to try in the lesson "Rolled and unrolled"."""

from collections.abc import Mapping
from typing import Any

from rnnviz.lessons.rolled.parameters import WEIGHTS
from rnnviz.ui.controls.experiments import CELLS
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import catalogue, shipped


def for_weights(state: State, loss_at: int, steps: int) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson that is open.

    loss_at: the step of the loss.     steps: tokens in the text.
    """
    names = WEIGHTS[state["cell"]]
    tries: dict[str, dict[str, Any]] = {}
    if state["part"] == "weight":
        tries = {"entry_zero": {"value": 0.0}, "entry_large": {"value": 5.0}}
    if state["part"] == "gradient":
        places = {"loss_first": 1, "loss_last": steps}
        tries = {name: {"loss": t} for name, t in places.items() if t != loss_at}
    if state["part"] in ("weight", "gradient"):
        tries |= {"weight_x": {"weight": names[0]}, "weight_y": {"weight": names[-1]}}
    longest = catalogue()[state["model"]].examples[-1]
    if state["part"] == "length" and len(shipped(state["model"])[0].tokenize(longest)) > steps:
        tries["longer"] = {"text": longest}
    return {**tries, **CELLS}
