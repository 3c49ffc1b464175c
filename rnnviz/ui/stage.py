"""The stage on a page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rnnviz.charts.stage.bundle import Rolled
from rnnviz.charts.stage.chart import Stage, stage
from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.charts.stage.look import Look
from rnnviz.core.forward import Contrast, Pass
from rnnviz.ui import chart
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo import home_pass as recorded

# Seconds that the rest of a page waits, so that the browser paints the stage before it is given more to lay out: from a
# new text to the painted stage it takes 140 ms with the wait and 167 ms without (median at T = 40).
HEAD_START = 0.05

if TYPE_CHECKING:
    from rnnviz.zoo import Reading


def build(of: Pass | Contrast, state: State, show: Rolled | Watched | None = None, **look: Any) -> Stage:
    """look: fields of `Look` beside the language and the zoom, which are the page's."""
    return stage(of, show=show, look=Look(language=state["lang"], zoom=chart.zoom(state), **look))


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
    of: Pass | Contrast,
    reading: Reading,
    state: State,
    *,
    panels: bool = True,
    every: bool = False,
    show: Rolled | Watched | None = None,
    texts: Mapping[str, str] | None = None,
) -> Stage:
    """Draw the stage of a reading, open at the step `state["t"]`, and return it.

    panels: with the numbers and the prediction under it.     every: with what is computed only later.
    show: in the place of the chain alone, or on it.
    texts: what it says in place of its own words.
    """
    notes = _notes(reading, state["lang"])
    made = build(
        of, state, show, start=state["t"], panels=panels, every=every, linkable=True, notes=notes, texts=texts or {}
    )
    draw(made, state, pin=True)
    time.sleep(HEAD_START)
    return made


def taste(state: State) -> None:
    """A small stage for the home page, from a recorded trace: torch is not needed to look."""
    draw(build(recorded.taste(state["lang"]), state, compact=True), state, pin=False)
