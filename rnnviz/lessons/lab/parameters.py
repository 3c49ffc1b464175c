"""What the URL of the gradient lab holds."""

from rnnviz.core.cells import LAB_CELLS
from rnnviz.ui.own.kept import cell_of, size_of
from rnnviz.ui.url.kinds import Choice, Current, Decimal, Line, Whole
from rnnviz.ui.url.parameters import DETAILS, TEXT_LIMIT, Param, Values, of_own, page_model
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT, catalogue
from rnnviz.zoo.catalogue import shipped

# One shown at a time, from one factor to the whole product.
PARTS = ("derivative", "knobs", "cliff", "cut", "past", "table", "matrix")
SOURCES = ("made", "text", "own")  # whose matrix: networks made to order, trained ones, or a visitor's own
INITS = ("default", "normal", "orthogonal", "identity")  # how their matrices are drawn
CLIPS = ("none", "0.1", "0.25", "0.5", "1", "5", "10")  # what a norm is clipped to
STEPS, HIDDEN, UPDATES = 100, 64, 60  # at the most
STATES = 3200  # steps times units, of a visitor's network at the most


def nets() -> tuple[str, ...]:
    """Those that are made to order: whose previous state passes a matrix; without gates first."""
    names = (name for name, cell in LAB_CELLS.items() if any(matrix.startswith("W_h") for matrix in cell.matrices))
    return tuple(sorted(names, key=lambda name: LAB_CELLS[name].memory is not None))


def kind_of(cell: str) -> str:
    """Which of the three that are compared a cell is like: one without gates, with a c of its own, or without."""
    declared = LAB_CELLS[cell]
    return "rnn" if declared.memory is None else "lstm" if "c" in declared.states else "gru"


def own_steps(values: Values) -> int:
    """How many steps of a visitor's network are drawn: the Jacobians of more would take too long."""
    steps, units = size_of(values)
    return max(1, min(STEPS, steps, STATES // units))


def _net(values: Values) -> str:
    """The network that is looked at first: a visitor's own, else the first."""
    own = values["source"] == "own" and values["network"]
    return kind_of(cell_of(values["network"])) if own else CELL_NAMES[0]


def _steps(values: Values) -> int:
    """How many steps the part has: those of the network made to order, or the tokens that the matrix reads."""
    if values["part"] != "matrix" or values["source"] == "made":
        return int(values["steps"])
    if values["source"] == "own":
        return own_steps(values) if values["network"] else 1
    return min(max(1, len(shipped(values["model"])[0].tokenize(values["text"]))), TOKEN_LIMIT)


PARAMETERS = (
    Param("part", Choice(PARTS), lambda _: PARTS[0]),
    Param("source", Choice(SOURCES), lambda _: SOURCES[0], resets=("t", "k")),
    *of_own("t", "k"),
    Param("model", Choice(tuple(catalogue())), page_model, resets=("text", "t", "k")),
    Param("text", Line(TEXT_LIMIT), lambda v: catalogue()[v["model"]].examples[-1], ("model",), ("t", "k")),
    Param("float", Choice(("64", "32")), lambda _: "64"),
    Param("scale", Choice(("fit", "fixed")), lambda _: "fit"),
    Param("steps", Whole(2, STEPS), lambda _: 50, resets=("t", "k")),
    Param("hidden", Whole(2, HIDDEN), lambda _: 32),
    Param("seed", Whole(0, 9999), lambda _: 0),
    Param("t", Whole(1, STEPS), _steps, ("part", "source", "steps", "model", "text")),
    Param("k", Whole(1, STEPS), lambda _: 1, ("part", "source", "steps", "model", "text")),
    Param("net", Choice(CELL_NAMES), _net),
    Param("cell", Current(nets), lambda _: nets()[0], resets=("radius",)),
    Param("init", Choice(INITS), lambda _: INITS[0], resets=("radius",)),
    Param("gain", Decimal(0.0, 10.0), lambda _: 1.0),
    Param("bias", Decimal(-5.0, 8.0), lambda _: None),
    Param("radius", Decimal(0.0, 2.0), lambda _: None, ("cell", "init", "hidden", "seed")),
    Param("clip", Choice(CLIPS), lambda _: CLIPS[0]),
    Param("window", Whole(1, STEPS), lambda _: None),
    Param("windows", Choice(("apart", "overlapping")), lambda _: "apart"),
    Param("rate", Decimal(0.01, 5.0), lambda _: 1.0),
    Param("norm", Decimal(0.01, 5.0), lambda _: 0.1),
    Param("update", Whole(0, UPDATES), lambda _: 0),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
)
