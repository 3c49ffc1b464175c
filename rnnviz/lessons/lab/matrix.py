"""The whole matrix: three networks side by side, made to order or trained, on the same data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from rnnviz import zoo
from rnnviz.charts.lab import matrix as charts
from rnnviz.core.trace import Array
from rnnviz.facts.lab import of_matrix
from rnnviz.facts.questions.lab import left
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.lab.networks import (
    labels,
    numbers,
    own_row,
    segmented,
    settled,
    show,
    steps_drawn,
    told_first,
    traces,
)
from rnnviz.lessons.lab.parameters import SOURCES, own_steps
from rnnviz.ui.controls.input_row import count_tokens
from rnnviz.ui.page.files import Files, csv, drawings, npz
from rnnviz.ui.picture.chart import zoom
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.parameters import TEXT_LIMIT
from rnnviz.ui.url.state import State
from rnnviz.zoo import CELL_NAMES

if TYPE_CHECKING:
    from rnnviz.core.gradients.flow import LossFunction
    from rnnviz.core.trace import Trace


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        segmented("source", SOURCES if state["network"] else SOURCES[:2], state, say)
        if state["source"] == "made":
            numbers(state, say, "steps", "hidden", "seed")
        elif state["source"] == "text" and state.shows("text"):
            st.text_input(say("reading.text"), max_chars=TEXT_LIMIT, width=420, **state.widget("text"))
            if state.shows("model"):
                st.selectbox(
                    say("reading.model"),
                    tuple(zoo.catalogue()),
                    format_func=lambda name: say(f"model.{name}.title"),
                    width=180,
                    **state.widget("model"),
                )
        segmented("float", ("64", "32"), state, say)
        segmented("scale", ("fit", "fixed"), state, say)


def network(title: str, trace: Trace, loss: LossFunction) -> charts.Network:
    from rnnviz.core.gradients.factors import singular_values, step_jacobians
    from rnnviz.core.gradients.flow import flow_of

    flow, factors = flow_of(trace, loss), step_jacobians(trace)
    activation, weight = trace.cell.content
    values = factors.singular_values
    return charts.Network(
        title=title,
        matrix=flow.matrix[0],
        turned=flow.turned[0],
        largest=values[:, 0],
        smallest=values[:, -1],
        slope=factors.slopes[activation].mean(-1),
        recurrent=float(singular_values(factors.recurrent[weight])[0]),
        memory=factors.memory,
    )


def matrix(state: State, say: Say) -> Files:
    """A question, the chart, of the first steps until that is answered, and then what to notice."""
    own = own_row(state) if state["source"] == "own" else None
    if own is not None:
        whole = own_steps(state.values())
    else:
        whole = state["steps"] if state["source"] == "made" else count_tokens(state)
    every = traces(state, whole, say)
    networks = {cell: network(*network_of) for cell, network_of in every.items()}
    # It is about the LSTM: beside a network of one's own of another cell it would be about a stranger.
    asks = whole > 1 and (own is None or own.model.cell == "lstm")
    answered = not asks or settled(
        _question(networks["lstm"].matrix),
        f"matrix_{state['source']}",
        _shown(state),
        state,
        say,
    )
    steps = steps_drawn(answered, whole)
    if steps < whole:
        every = traces(state, steps, say)
        networks = {cell: network(*network_of) for cell, network_of in every.items()}
    t, k = (min(state[name], steps) for name in "tk")
    figure = charts.chart(
        tuple(networks.values()),
        next(iter(every.values()))[1].tokens,
        labels(state),
        t=t,
        k=k,
        net=CELL_NAMES.index(state["net"]),
        words=state["source"] != "made",
        fixed=state["scale"] == "fixed",
        zoom=zoom(state),
    )
    matrices = {cell: one.matrix for cell, one in networks.items()}
    axes = {"t": say("lab.axis_t"), "k": say("lab.axis_k")}
    show(figure, state, say("lab.matrix_alt"), {"t": t, "k": k, "net": state["net"]}, axes=axes)
    told_first(answered, whole, say)
    if own is not None and whole < len(own.shown.trace):
        st.caption(say("lab.own_first", steps=whole, all=len(own.shown.trace)))
    if answered and state.shows("notice"):
        notice(of_matrix(matrices, {cell: every[cell][0] for cell in CELL_NAMES}), say)
    return {**drawings(figure, "‖dL/dh‖", state), **_numbers(matrices)}


def _question(matrix: Array) -> Question:
    steps = len(matrix)
    return left("matrix", float(matrix[-1, 0] / matrix[-1, -1]), steps - 1, {"steps": steps})


def _shown(state: State) -> tuple[object, ...]:
    names = ("source", "steps", "hidden", "seed", "float", "model", "text")
    own = ("network", "read", "row") if state["source"] == "own" else ()
    return tuple(state[name] for name in (*names, *own))


def _numbers(matrices: Mapping[str, Array]) -> Files:
    def lines() -> str:
        rows = ["network,t,k,norm"]
        for cell, matrix in matrices.items():
            for t, k in zip(*np.tril_indices(len(matrix)), strict=True):
                rows.append(f"{cell},{t + 1},{k + 1},{float(matrix[t, k])!r}")
        return "\n".join(rows) + "\n"

    return {**csv(lines), **npz(lambda file: np.savez_compressed(file, allow_pickle=False, **matrices))}
