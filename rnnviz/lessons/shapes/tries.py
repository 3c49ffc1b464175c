"""What there is to try in the parts of the lesson "Shapes" that show a scene."""

from collections.abc import Mapping
from typing import Any

from rnnviz.core.taps import Shape, Taps, example
from rnnviz.ui.controls.experiments import CELLS
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import shipped

LEAST = 3  # steps of which one can be read before another is asked


def for_part(state: State) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part that is open."""
    if state["part"] == "one_to_one":
        other = "one" if state["fed"] == "sequence" else "sequence"
        return {"shapes_older": {"age": 75}, "shapes_lighter": {"bmi": 19.0}, f"shapes_{other}": {"fed": other}}
    if state["part"] != "taps":
        return {}
    steps = len(shipped(state["model"])[0].tokenize(state["text"]))
    on, off = "1" * steps, "0" * (steps - 1)
    tries: dict[str, Mapping[str, Any]] = {
        "shapes_first_loss": {"asks": f"1{off}", "reads": on},
        "shapes_first_word": {"asks": f"{off}1", "reads": f"1{off}"},
        "shapes_every": {"asks": on, "reads": on},
    }
    if steps >= LEAST:
        shapes: tuple[Shape, ...] = ("one_to_many", "many_to_one", "after_reading")
        tries |= {f"shapes_{shape}": _written(example(shape, steps)) for shape in shapes}
    return {**tries, "shapes_none": {"asks": f"0{off}", "reads": on}, **CELLS}


def _written(taps: Taps) -> Mapping[str, str]:
    """As a link has them."""
    return {name: "".join("01"[open_] for open_ in row) for name, row in (("reads", taps.inputs), ("asks", taps.asks))}
