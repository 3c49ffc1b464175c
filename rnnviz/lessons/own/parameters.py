"""What the URL of the lesson "Your own" holds: the sizes of a network that is made, or the checksum of a file's."""

from rnnviz.core.cells import CELLS
from rnnviz.ui.own.kept import last_row
from rnnviz.ui.url.kinds import Choice, Current, Line, OwnNetwork, Whole
from rnnviz.ui.url.parameters import (
    DETAILS,
    LETTER_LIMIT,
    OWN_ROWS,
    READ_LIMIT,
    Param,
    Values,
    place_on_a_stage,
)
from rnnviz.zoo.own.made import INPUTS, LAYERS, MADE, SEEDS, UNITS, Made, named

SOURCES = ("file", "made")  # where the network is from
FIRST = named(MADE)
assert isinstance(FIRST, Made)
_FIRST: Made = FIRST


def _made(values: Values) -> str:
    """The network of the sizes that are chosen."""
    names = ("cell", "inputs", "units_made", "layers", "seed")
    return Made(*(values[name] for name in names)).name


_PLACE = ("network", "read", "opened", "picked", "t", "op", "fine")
PARAMETERS = (
    Param("source", Choice(SOURCES), lambda _: SOURCES[0]),
    Param("cell", Current(lambda: tuple(CELLS)), lambda _: _FIRST.cell, resets=_PLACE),
    Param("inputs", Whole(1, INPUTS), lambda _: _FIRST.inputs, resets=_PLACE),
    Param("units_made", Whole(1, UNITS), lambda _: _FIRST.units, resets=_PLACE),
    Param("layers", Whole(1, LAYERS), lambda _: _FIRST.layers, resets=_PLACE),
    Param("seed", Whole(0, SEEDS), lambda _: _FIRST.seed, resets=("network",)),
    Param("network", OwnNetwork(), _made, resets=("read", "opened", "picked", "t", "op", "fine")),
    Param("read", Line(READ_LIMIT), lambda _: "", ("network",), ("t",)),
    Param("opened", Whole(1, OWN_ROWS), lambda v: last_row(v["network"]), ("network",)),
    *place_on_a_stage(LETTER_LIMIT, text=("network", "read"), cell=("network",)),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
)
