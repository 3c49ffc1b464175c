"""The stage on a page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from rnnviz.charts.stage.bundle import Rolled
from rnnviz.charts.stage.chart import Stage, stage
from rnnviz.charts.stage.watched import Watched
from rnnviz.core.trace import Readout, Trace
from rnnviz.ui import chart
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo import taste as recorded

# Seconds that the rest of a page waits, so that the browser paints the stage before it is given more to lay out: from a
# new text to the painted stage it takes 140 ms with the wait and 167 ms without (median at T = 40).
HEAD_START = 0.05

if TYPE_CHECKING:
    from rnnviz.zoo import Reading


def build(
    trace: Trace,
    readout: Readout | None,
    words: tuple[str, ...],
    targets: tuple[int | None, ...],
    state: State,
    *,
    start: int = 0,
    compact: bool = False,
    panels: bool = True,
    linkable: bool = False,
    notes: tuple[str, ...] = (),
    rolled: Rolled | None = None,
    watched: Watched | None = None,
    texts: Mapping[str, str] = MappingProxyType({}),
) -> Stage:
    return stage(
        trace,
        readout,
        words=words,
        targets=targets,
        language=state["lang"],
        start=start,
        zoom=chart.zoom(state),
        compact=compact,
        panels=panels,
        linkable=linkable,
        notes=notes,
        rolled=rolled,
        watched=watched,
        texts=texts,
    )


def draw(made: Stage, state: State, *, pin: bool) -> None:
    """pin: whether a press on "link this step" comes back."""
    alt = catalogue(state["lang"])["stage.alt"]
    chart.show(made, f"{state.page}_stage", alt, (lambda sent: state.accept("t", sent["pinned"])) if pin else None)


def _notes(reading: Reading, language: str) -> tuple[str, ...]:
    """What has to be said of a token: that the model does not know it, or that it filled the gap itself."""
    say = catalogue(language)
    kinds = (
        (say["stage.filled"] if token.gap else "" if token.known else say["stage.unknown"]) for token in reading.tokens
    )
    return tuple(kinds)


def show(
    trace: Trace,
    readout: Readout | None,
    reading: Reading,
    words: tuple[str, ...],
    state: State,
    *,
    panels: bool = True,
    rolled: Rolled | None = None,
    watched: Watched | None = None,
    texts: Mapping[str, str] = MappingProxyType({}),
) -> Stage:
    """Draw the stage of a reading, open at the step `state["t"]`, and return it.

    panels: with the numbers and the prediction under it.
    rolled: with the fold between chain and loop, and this on it.
    watched: with the gates as heatmaps in the place of the chain.
    texts: what it says in place of its own words.
    """
    made = build(
        trace,
        readout,
        words,
        reading.targets,
        state,
        start=state["t"],
        panels=panels,
        linkable=True,
        notes=_notes(reading, state["lang"]),
        rolled=rolled,
        watched=watched,
        texts=texts,
    )
    draw(made, state, pin=True)
    time.sleep(HEAD_START)
    return made


def taste(state: State) -> None:
    """A small stage for the home page, from a recorded trace: torch is not needed to look."""
    made = recorded.taste(state["lang"])
    small = build(made.trace, made.readout, made.words, made.targets, state, compact=True)
    draw(small, state, pin=False)
