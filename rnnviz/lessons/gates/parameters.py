"""What the URL of the lesson "Watch the gates" holds."""

from rnnviz.core.cells import CELLS
from rnnviz.ui.own.kept import cell_of
from rnnviz.ui.url.kinds import Choice, Current, Decimal, Line, Whole, Wholes
from rnnviz.ui.url.parameters import (
    DETAILS,
    LETTER_LIMIT,
    TEXT_LIMIT,
    Param,
    Values,
    of_a_run,
    of_a_stage,
    of_own,
    page_model,
)
from rnnviz.zoo import CELL_NAMES, FURTHER_CELLS, catalogue
from rnnviz.zoo.catalogue import shipped

PARTS = ("maps", "step", "hold", "compare")  # one shown at a time
RUN_PARTS = PARTS[:-1]  # of the model of a run, which has nothing beside it
COMPARED = (*CELL_NAMES, *FURTHER_CELLS)
GATED = tuple(name for name in COMPARED if CELLS[name].memory)
SORTINGS = ("own", "half_life", "change", "token")  # of the units
NEGATIONS = ("not", "않아서")  # of the models' words
BIAS_LIMIT = 5.0
_PLACES = ("t", "about", "marks", "first", "last")  # steps of a text

# What is another network's.
_OTHERS = (*_PLACES, "op", "fine", "picked", "strip", "gate", "force", "unit", "bias")


def compared(model: str) -> tuple[str, ...]:
    """The cells of which a model has weights."""
    return tuple(name for name in COMPARED if name in shipped(model)[1])


def gated(model: str) -> tuple[str, ...]:
    """Those of them that have gates."""
    return tuple(name for name in compared(model) if name in GATED)


def all_gates() -> tuple[str, ...]:
    """Of every cell that is declared, each letter once."""
    return tuple(dict.fromkeys(gate for cell in CELLS.values() for gate in cell.gates))


def all_quantities() -> tuple[str, ...]:
    """What the heatmaps show, of every cell that is declared, each once."""
    return tuple(dict.fromkeys(name for cell in CELLS.values() for name in cell.quantities))


def opened_at(values: Values) -> int:
    """The step at which every part opens: the word that turns the sentence, where there is one. Else the middle of the
    text: inside a step there is something to see once there is something to keep.
    """
    if values["run"]:
        return (int(values["run"].length) + 1) // 2
    if values["network"]:
        return 1  # what it reads is not in the link
    tokens = [token.text for token in shipped(values["model"])[0].tokenize(values["text"])]
    turns = (t for t, token in enumerate(tokens, 1) if token in NEGATIONS)
    return next(turns, (len(tokens) + 1) // 2 or 1)


def _first_gate(values: Values) -> str:
    """The gate that keeps."""
    own = values["network"]
    cell = CELLS[values["run"].cell if values["run"] else cell_of(own) if own else values["cell"]]
    return cell.keeping[0] if cell.memory else all_gates()[0]  # a run without gates is refused by the page


PARAMETERS = (
    *of_a_run(*_OTHERS),
    *of_own(*_OTHERS),
    Param(
        "model",
        Choice(tuple(catalogue())),
        page_model,
        resets=("text", *_PLACES, "op", "fine", "picked", "unit"),
        of="zoo",
    ),
    Param("cell", Choice(GATED), lambda _: GATED[0], resets=("op", "fine", "strip", "gate", "force", "bias"), of="zoo"),
    Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[3], ("model",), _PLACES, of="zoo"),
    Param("seed", Whole(0, 9999), lambda _: 0, of="zoo"),
    Param("part", Choice(PARTS), lambda _: PARTS[0], resets=("depth", "strip")),
    Param("sort", Choice(SORTINGS), lambda _: SORTINGS[0]),
    Param("about", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
    Param("marks", Wholes(1, LETTER_LIMIT), lambda _: (), ("model", "text"), ("picked", "strip")),
    Param("gate", Current(all_gates), _first_gate, ("cell",)),
    Param("force", Decimal(0.0, 1.0), lambda _: None, ("model", "text", "cell", "gate")),
    Param("unit", Whole(0, 9999), lambda _: 0, ("model",), ("picked",)),
    Param("first", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
    Param("last", Whole(1, LETTER_LIMIT), lambda _: None, ("model", "text")),
    Param("bias", Decimal(-BIAS_LIMIT, BIAS_LIMIT), lambda _: None, ("model", "text", "cell")),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
    Param("strip", Current(all_quantities), lambda _: None, ("model", "cell")),  # the heatmap that colours the text
    *of_a_stage(LETTER_LIMIT, opened_at),
)
