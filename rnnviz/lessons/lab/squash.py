"""One derivative: where the units of a network made to order stand on their squashing functions."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from rnnviz.charts.lab import squash as charts
from rnnviz.lessons.lab.knobs import chosen
from rnnviz.lessons.lab.networks import drawings, labels, sequence, show, zoom
from rnnviz.ui.guess import gate, verdict
from rnnviz.ui.prose import Say
from rnnviz.ui.share import File
from rnnviz.ui.url.state import State


def derivative(state: State, say: Say) -> Mapping[str, File]:
    from rnnviz.core.gradients.lab import run_recipe
    from rnnviz.core.gradients.pullback import SLOPES
    from rnnviz.core.gradients.squash import saturated

    if state["cell"] == "rnn_linear":
        st.info(say("lab.no_squashing"), icon=":material/trending_flat:")
        return {}
    trace = run_recipe(chosen(state, spectral_radius=state["radius"]), sequence(state))
    flat = saturated(trace)
    parts = [
        charts.Squashed(op.name, op.kind, trace[op.reads[0]][0], flat[op.name][0])
        for op in trace.cell.ops
        if op.kind in SLOPES
    ]
    # From state to state a cell with gates goes around each of its squashings.
    slope = None if trace.cell.memory else SLOPES[trace.cell.op("h").kind](trace["h"][0])[::-1]
    made = charts.chart(parts, slope, labels(state), t=state["t"], zoom=zoom(state))
    show(made, "derivative", state, alt=say("lab.derivative_alt"), pins=("t",))
    options = {option: say(f"lab.guess_{option}") for option in ("tenth", "millionth", "trillionth")}
    asked, noticed = st.columns(2, gap="large")
    with asked:
        answered = gate(say("lab.ask_derivative"), options, "derivative", state, say)
        if answered is not None and state.shows("question"):
            st.markdown(f"{verdict(answered, 'trillionth', options, say)} {say('lab.derivative_answer')}")
    if state.shows("notice"):
        noticed.subheader(say("notice.title"), anchor=False)
        worst = max(parts, key=lambda part: part.flat.mean())
        share = float(worst.flat.mean()) / trace.hidden_size
        name = worst.name.removeprefix("tanh_")
        kind = "lab_flat" if share else "lab_steep"
        noticed.markdown(say(f"notice.{kind}", name=name, share=share, t=int(worst.flat.argmax()) + 1))
        if slope is None:
            noticed.markdown(say("notice.lab_around"))
        else:
            left = float(slope.mean(1).prod())
            noticed.markdown(say("notice.lab_slope", mean=float(slope.mean()), steps=len(slope), left=left))
    return drawings(made, say("lab.part_derivative"), state)
