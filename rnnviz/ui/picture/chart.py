"""The one way in which a chart of `rnnviz.charts` gets onto a page: new numbers change its marks and build nothing."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # Streamlit brings it
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.charts.kit.export import PortableChart
from rnnviz.ui.first.place import filled, place
from rnnviz.ui.url.parameters import LARGE
from rnnviz.ui.url.state import State

# Seconds that the rest of a page waits, so that the browser paints the stage before it is given more to lay out: from a
# new text to the painted stage it takes 140 ms with the wait and 167 ms without (median at T = 40).
HEAD_START = 0.05
Pinned = Mapping[str, Any]  # the values of a chart's selection `pin`, by their names


def painted_first() -> None:
    """Have the rest of the page wait until a stage that was just drawn is painted."""
    time.sleep(HEAD_START)


def zoom(state: State) -> float:
    """The size of a chart's text, 1 for a screen on a desk."""
    return LARGE if state["type"] == "large" else 1.0


def show(
    figure: PortableChart,
    key: str,
    alt: str,
    on_pin: Callable[[Pinned], object] | None = None,
    at: DeltaGenerator | None = None,
) -> None:
    """Draw a chart. Only its selection `pin`, if it has one, comes back to the server; all else happens in the browser.

    key: of the page's chart; one that ends in `_stage` has no toolbar and is dragged by a finger (`ui.page.header`).
    alt: what a screen reader says; the same for all numbers, as it is part of the specification.
    on_pin: gets what is selected, before the page runs again.     at: its place, where the page has that already.
    """

    def keep() -> None:
        pins = st.session_state[key]["selection"]["pin"]
        if on_pin and pins:
            on_pin(pins[0])

    spec = figure.to_dict()
    # As Arrow at once: through pandas, Streamlit takes three times as long.
    spec["datasets"] = {name: pa.Table.from_pylist(rows) for name, rows in spec["datasets"].items()}
    listens: dict[str, Any] = {"on_select": keep, "selection_mode": "pin"} if on_pin else {}
    with at or place(key):
        st.vega_lite_chart(spec, key=key, width="stretch", alt=alt, **listens)
    filled(key)
