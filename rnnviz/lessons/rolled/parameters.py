"""What the URL of the lesson "Rolled and unrolled" holds."""

from rnnviz.core.cells import CELLS
from rnnviz.ui.url.kinds import Choice, Decimal, Line, Whole
from rnnviz.ui.url.parameters import DETAILS, FOLDS, TEXT_LIMIT, Param, Values, of_a_stage, page_model
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT, catalogue
from rnnviz.zoo.catalogue import telling_entry

PARTS = ("weight", "length", "gradient", "time")  # one shown at a time
VALUE_LIMIT = 8.0  # of a weight that is typed; the largest that training gave is 6.3
# The matrices of each cell, in the order of its declaration, and the head's: `W_xi W_hi W_xf ... W_hy`.
WEIGHTS = {cell: (*CELLS[cell].matrices, "W_hy") for cell in CELL_NAMES}
_ENTRY = ("weight", "row", "column", "value")
_ENTRY_OF = ("model", "cell", "weight", "row", "column")
_ALL_WEIGHTS = tuple(dict.fromkeys(name for names in WEIGHTS.values() for name in names))


def _entry(values: Values) -> tuple[int, int, int]:
    """Of a weight the entry that a prediction depends on most. A weight that the cell lacks is refused by the page."""
    weight = values["weight"] if values["weight"] in WEIGHTS[values["cell"]] else CELLS[values["cell"]].content[1]
    return telling_entry(values["model"], values["cell"], weight)


def _opened(values: Values) -> int:
    """Where the edit that is offered moves the prediction most; the start where another text or entry is chosen."""
    row, column, step = _entry(values)
    own_entry = (values["row"], values["column"]) == (row + 1, column + 1)
    return step if values["part"] == "weight" and own_entry and values["text"] == _text(values) else 1


def _text(values: Values) -> str:
    return catalogue()[values["model"]].examples[1]


PARAMETERS = (
    Param(
        "model", Choice(tuple(catalogue())), page_model, resets=("text", "t", "op", "fine", "picked", "loss", *_ENTRY)
    ),
    Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0], resets=("op", "fine", *_ENTRY)),
    Param("text", Line(TEXT_LIMIT), _text, ("model",), ("t", "loss")),
    Param("seed", Whole(0, 9999), lambda _: 0),
    Param("part", Choice(PARTS), lambda _: PARTS[0]),
    Param("weight", Choice(_ALL_WEIGHTS), lambda v: CELLS[v["cell"]].content[1], ("model", "cell"), _ENTRY[1:]),
    Param("row", Whole(1, 9999), lambda v: _entry(v)[0] + 1, ("model", "cell", "weight"), ("value",)),
    Param("column", Whole(1, 9999), lambda v: _entry(v)[1] + 1, ("model", "cell", "weight"), ("value",)),
    Param("value", Decimal(-VALUE_LIMIT, VALUE_LIMIT), lambda _: None, _ENTRY_OF),
    Param("loss", Whole(1, TOKEN_LIMIT), lambda _: None, ("model", "text")),
    Param("window", Whole(1, TOKEN_LIMIT), lambda _: 6),
    Param("fold", Choice(FOLDS), lambda v: "loop" if v["part"] == "weight" else "chain"),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
    *of_a_stage(TOKEN_LIMIT, _opened),
)
