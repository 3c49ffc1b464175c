"""How a stage opens: which row of the trace, in which language, at which step, with what around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rnnviz.core.wholes import Whole


@dataclass(frozen=True)
class Look:
    """Everything about a stage that is not what the network computed."""

    layer: int | None = None  # counted from the input, from 0; -1 the last; None with `reverse` None for all rows
    reverse: bool | None = None  # whether the direction that reads from the right
    opened: int | None = (
        None  # of a stage with all rows, the one that is open at first, from 0; None for the last layer
    )
    language: str = "en"  # of all texts
    start: int = 0  # the token to open at, from 1; 0 the first that is read
    op: int = 0  # the operation to open at, from 1; 0 the whole step
    # Whether a press goes by operation, so that what a step computes after `op` is hidden; None where `op` is above 0.
    fine: bool | None = None
    depth: int = 0  # how deep it opens: 0 the chain, 1 one cell, 2 one unit
    unit: int = 0  # the one picked at first, from 0
    candidate: int = 0  # whose score is taken apart at first, from 0 the likeliest; 5 the right one
    go: int = 0  # how often its page has sent it elsewhere; when it is another number, it goes where this says
    zoom: float = 1.0  # the size of all text, 1 for a screen on a desk
    quiz: bool = False  # whether predictions are to be guessed first
    answered: bool = False  # whether the one that it opens at was
    withheld: Sequence[int] = ()  # the steps, from 1, whose scores are not taken apart, since a question asks for them
    all_units: bool = False  # whether the numbers of all units are shown, not only of those that change most
    every: bool = False  # whether what the network computes only later is shown from the start
    notes: Sequence[str] = ()  # a word for each token that needs one, such as that it is unknown; "" for the others
    # What the tokens are units of, as letters of words; None for the words between the spaces among the tokens, if any.
    wholes: Sequence[Whole] | None = None
    compact: bool = False  # without the panels, and with fewer controls
    panels: bool = True  # with the panels under the region that is looked at
    placed: bool = False  # without drawn controls, since a page has real ones around it
    # What it says in place of its own words, by their keys in the catalogue: `stage.prediction` ...
    texts: Mapping[str, str] = field(default_factory=dict)
