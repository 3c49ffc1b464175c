"""What a batch costs, measured here and now, so that it is in no link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.charts.plots import cost as charts
from rnnviz.ui.picture.chart import show
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State

if TYPE_CHECKING:
    from rnnviz.core.batch import BatchCost

SIZES, LENGTH = (1, 4, 16, 64), 50  # sentences in a batch, of so many tokens
LENGTHS, SIZE = (25, 50, 100, 200), 8  # tokens, of so many sentences
HIDDEN, REPEATS = 64, 4


def measure(state: State, say: Say) -> None:
    """Time and memory of a step of training, against the size of the batch and the length of its sentences."""
    from rnnviz.core.batch import batch_cost

    st.subheader(say("chains.cost_title"), anchor=False)
    key = f"{state.page}_cost"
    st.markdown(say("chains.cost", hidden=HIDDEN))
    if st.button(say("chains.measure"), key=f"{state.page}_measure", icon=":material/timer:"):
        shapes = [*((LENGTH, B) for B in SIZES), *((T, SIZE) for T in LENGTHS)]
        with st.spinner(say("chains.measuring")):
            st.session_state[key] = batch_cost(shapes, HIDDEN, REPEATS)
    cost: BatchCost | None = st.session_state.get(key)
    if cost is None:
        return
    by_size = [cost.seconds[LENGTH, B] for B in SIZES]
    by_length = [cost.seconds[T, SIZE] for T in LENGTHS]
    kept_bytes = [cost.kept[T, SIZE] for T in LENGTHS]
    values = {"more": SIZES[-1] // SIZES[0], "sizes": by_size[-1] / by_size[0], "longer": LENGTHS[-1] // LENGTHS[0]}
    values |= {"lengths": by_length[-1] / by_length[0], "kept": kept_bytes[-1] / kept_bytes[0]}
    st.markdown(say("chains.cost_result", **values))
    size, length = say("chains.axis_size", steps=LENGTH), say("chains.axis_length", size=SIZE)
    charts_by_name = {
        "size": charts.line(SIZES, [1e3 * s for s in by_size], size, say("chains.axis_time")),
        "length": charts.line(LENGTHS, [1e3 * s for s in by_length], length, say("chains.axis_time")),
        "kept": charts.line(LENGTHS, [n / 1024 for n in kept_bytes], length, say("chains.axis_kept")),
    }
    for column, (name, chart) in zip(st.columns(3), charts_by_name.items(), strict=True):
        with column:
            show(chart, f"{state.page}_cost_{name}", say(f"chains.cost_{name}_alt"))
    st.caption(say("chains.cost_note", rounds=cost.rounds, threads=cost.threads))
