"""The stage on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.trace import Readout, Trace
from rnnviz.ui.share import File

if TYPE_CHECKING:
    from rnnviz.zoo import Reading


def show(
    trace: Trace, readout: Readout, reading: Reading, words: tuple[str, ...], language: str, *, key: str, t: int
) -> int | None:
    """Draw the stage at step `t` (from 1). Returns the step that the reader pinned on it, if any."""
    st.container(height=420, key=key)
    return None


def files(
    trace: Trace, readout: Readout, reading: Reading, words: tuple[str, ...], language: str, *, t: int
) -> Mapping[str, File]:
    """The stage as files: by their ending, the MIME type and what makes them."""
    return {}


def taste(language: str) -> None:
    """A small stage for the home page, from a recorded trace: torch is not needed to look."""
