"""The stage on a page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa  # type: ignore[import-untyped]  # Streamlit brings it
import streamlit as st

from rnnviz.charts.kit import export
from rnnviz.charts.stage.bundle import Rolled
from rnnviz.charts.stage.chart import Stage, stage
from rnnviz.charts.stage.watched import Watched
from rnnviz.core.trace import Readout, Trace
from rnnviz.ui.share import File
from rnnviz.ui.url.parameters import LARGE
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
        zoom=LARGE if state["type"] == "large" else 1.0,
        compact=compact,
        panels=panels,
        linkable=linkable,
        notes=notes,
        rolled=rolled,
        watched=watched,
        texts=texts,
    )


def draw(made: Stage, state: State, *, pin: bool) -> None:
    """Only a press on "link this step" comes back to the server; everything else happens in the browser."""
    key = f"{state.page}_stage"

    def keep() -> None:
        chosen: Any = st.session_state[key]["selection"]["pin"]
        if chosen:
            state.accept("t", chosen[0]["pinned"])

    spec = made.to_dict()
    # As Arrow at once: through pandas, Streamlit takes three times as long.
    spec["datasets"] = {name: pa.Table.from_pylist(rows) for name, rows in spec["datasets"].items()}
    st.vega_lite_chart(
        spec,
        key=key,
        width="stretch",
        on_select=keep if pin else "ignore",
        selection_mode="pin",
        alt=catalogue(state["lang"])["stage.alt"],  # the same for every text: it is part of the specification
    )


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


def files(made: export.PortableChart, title: str, state: State) -> Mapping[str, File]:
    """A stage or another chart as files.

    By their ending, the MIME type and what makes them, in another thread that has no state.
    """
    dark, language = st.context.theme.type == "dark", state["lang"]
    return {
        "html": ("text/html", lambda: export.to_html(made, title=title, language=language, dark=dark)),
        "svg": ("image/svg+xml", lambda: export.to_svg(made, dark=dark)),
        "png": ("image/png", lambda: export.to_png(made, dark=dark)),
    }


def taste(state: State) -> None:
    """A small stage for the home page, from a recorded trace: torch is not needed to look."""
    made = recorded.taste(state["lang"])
    small = build(made.trace, made.readout, made.words, made.targets, state, compact=True)
    draw(small, state, pin=False)
