"""A field for a number, of which there is one kind on all pages."""

from typing import Any

import streamlit as st

from rnnviz.ui.url.state import State


def number(
    label: str,
    name: str,
    state: State,
    bounds: tuple[float, float] | None = None,
    *,
    empty: float | None = None,
    **options: Any,
) -> None:
    """A field for the value `name`.

    A field that is emptied goes back to what Streamlit knows as its default, which without a word is the least number.
    Here that is the number it has, so that nothing changes; where the page decides what nothing means, it is nothing.

    bounds: both whole or both not, as the value is; where none are given, those that a link has to keep.
    empty: what it shows while nothing is chosen.     options: as of `st.number_input`.
    """
    least, most = bounds or state.bounds(name)
    value = None if state.decides(name) else state[name]
    within = value is None or least <= value <= most
    st.number_input(label, least, most, value if within else "min", **options, **state.widget(name, empty=empty))
