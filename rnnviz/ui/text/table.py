"""A small table on a page, as Markdown: it needs no widget, and a screen reader reads it."""

from collections.abc import Iterable, Sequence

import streamlit as st


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The first column is read from the left, the others from the right. Cells are Markdown."""
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    st.markdown("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
