"""A row of options, one of which is always chosen."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from rnnviz.ui.url.state import State


def choice(
    label: str,
    options: Sequence[Any],
    label_of: Callable[[Any], str],
    name: str,
    state: State,
    *,
    labelled: bool = False,
    wrap: bool | None = None,
) -> None:
    """Choose the state's value `name`.

    label_of: what an option is called.     labelled: whether the label is seen, not only heard.
    wrap: in more than one row where the page is narrow.
    """
    st.segmented_control(
        label,
        options,
        format_func=label_of,
        required=True,
        label_visibility="visible" if labelled else "collapsed",
        wrap=wrap,
        **state.widget(name),
    )
