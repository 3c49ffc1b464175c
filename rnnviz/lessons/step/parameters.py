"""What the URL of the lesson "Step through" holds."""

from rnnviz.ui.url.kinds import Choice, Line, Whole
from rnnviz.ui.url.parameters import DETAILS, LETTER_LIMIT, TEXT_LIMIT, Param, of_a_run, of_a_stage, of_own, page_model
from rnnviz.zoo import CELL_NAMES, catalogue

PARAMETERS = (
    *of_a_run("t", "op", "fine", "picked"),
    *of_own("t", "op", "fine", "picked"),
    Param("model", Choice(tuple(catalogue())), page_model, resets=("text", "t", "op", "fine", "picked"), of="zoo"),
    Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0], resets=("op", "fine"), of="zoo"),
    Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[0], ("model",), ("t",), of="zoo"),
    Param("seed", Whole(0, 9999), lambda _: 0, of="zoo"),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
    *of_a_stage(LETTER_LIMIT, guess="on"),
)
