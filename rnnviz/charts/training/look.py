"""How the chart of a training run looks: which state of which layer, what can be looked at, what is said around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rnnviz.charts.kit.scale import Span

Losses = Literal["all", "last"]  # what the rows are of, where a loss enters at several steps


@dataclass(frozen=True)
class RunLook:
    """Everything about a chart of runs that is not what they did."""

    language: str = "en"  # of all texts
    layer: int = 0  # the one that is shown, from 0
    state: str = "h"  # the one that is shown, `h` or `c`; a run that has none shows h
    losses: Losses = "all"  # the rows are of all, or of the last of each sequence alone
    live: bool = False  # only the newest row can be looked at, and only it is sent
    number: int = 0  # of this picture, so that the browser sees a new one
    status: str = ""  # how far the runs are, in one line
    notes: Sequence[str] = ()  # a line about each run; by default why it stopped
    zoom: float = 1.0  # the size of all text, 1 for a screen on a desk
    placed: bool = False  # without drawn controls, since a page has real ones around it
    keys: bool = True  # whether the arrow keys move through the kept moments
    # Of the colours, and no less than that of the row's plot; None fits these runs. `FIXED` is of the colours only.
    span: Span | None = None
    spanned: str = ""  # what is said of that beside the scale
    row: int = 0  # the iteration it opens at; 0 is the newest
    replays: bool = False  # whether it plays from the first iteration on as soon as it is there
    veil: str = ""  # what stands in the place of all that tells how the gradient flows; empty where that may be seen
