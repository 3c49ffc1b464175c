"""The stage on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.trace import Readout, Trace
from rnnviz.ui.share import File
from rnnviz.ui.state import State

if TYPE_CHECKING:
    from rnnviz.zoo import Reading


def show(trace: Trace, readout: Readout, reading: Reading, words: tuple[str, ...], state: State) -> int | None:
    """Draw the stage at the step `state["t"]`. Returns the step that the reader pinned on it (from 1), if any."""
    st.container(height=420, key=f"{state.page}_stage")
    return None


def files(trace: Trace, readout: Readout, reading: Reading, words: tuple[str, ...], state: State) -> Mapping[str, File]:
    """The stage as files: by their ending, the MIME type and what makes them."""
    return {}


def taste(state: State) -> None:
    """A small stage for the home page, from a recorded trace: torch is not needed to look."""
