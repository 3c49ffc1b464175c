"""What the URL of the lesson "Train live" holds."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, get_args

from rnnviz.charts.training.look import Losses
from rnnviz.tasks.catalogue import TASK_NAMES
from rnnviz.training.config import Config
from rnnviz.training.presets import PAIRS, PRESETS, settings_of
from rnnviz.ui.url.kinds import ITERATIONS, Choice, Setting, Whole
from rnnviz.ui.url.parameters import DETAILS, LETTER_LIMIT, Param, Values, place_on_a_stage

SETTINGS = tuple(part.name for part in fields(Config))
_PLACE = ("t", "op", "fine", "depth", "picked", "candidate")  # on the stage of the moment that is opened


def _preset(name: str) -> Callable[[Values], Any]:
    """What the chosen preset says of a setting."""
    return lambda v: getattr(settings_of(v["preset"]), name)


PARAMETERS = (
    Param(
        "preset",
        Choice((*PRESETS, *PAIRS)),
        lambda _: next(iter(PRESETS)),
        resets=(*SETTINGS, "layer", "at", "row", "run", *_PLACE),
    ),
    *(
        Param(
            name,
            Choice(TASK_NAMES) if name == "task" else Setting(name),
            _preset(name),
            ("preset",),
            ("at", "row", *_PLACE),
        )
        for name in SETTINGS
    ),
    Param("iterations", Whole(1, ITERATIONS), lambda _: 2000),
    Param("steps", Whole(1, 1000), lambda _: 25),
    Param("layer", Whole(1, 3), lambda _: 1),
    Param("state", Choice(("h", "c")), lambda _: "h"),
    Param("losses", Choice(get_args(Losses)), lambda _: get_args(Losses)[0]),
    Param("scale", Choice(("fit", "fixed")), lambda _: "fit"),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
    Param("at", Whole(1, 100_000), lambda _: None, ("preset",), _PLACE),  # the iteration whose model is opened
    Param("row", Whole(0, 100_000), lambda _: 0, ("preset",)),  # the one that is looked at; 0 is the newest
    Param("run", Choice(("a", "b")), lambda _: "a", ("preset",), _PLACE),
    *place_on_a_stage(LETTER_LIMIT, text=("preset", "at"), cell=("preset", "at")),
)
