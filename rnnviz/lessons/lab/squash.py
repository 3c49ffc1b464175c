"""One derivative: where the units of a network made to order stand on their squashing functions."""

from __future__ import annotations

import streamlit as st

from rnnviz.charts.lab import squash as charts
from rnnviz.core.terms import SLOPE
from rnnviz.facts.notice import Notice
from rnnviz.lessons.lab.knobs import chosen
from rnnviz.lessons.lab.networks import labels, sequence, show
from rnnviz.ui.chart import zoom
from rnnviz.ui.files import Files, drawings
from rnnviz.ui.notices import notice
from rnnviz.ui.prose import Say
from rnnviz.ui.question import gate, verdict
from rnnviz.ui.url.state import State


def derivative(state: State, say: Say) -> Files:
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
        worst = max(parts, key=lambda part: part.flat.mean())
        share = float(worst.flat.mean()) / trace.hidden_size
        name = worst.name.removeprefix("tanh_")
        kind = "lab_flat" if share else "lab_steep"
        told = [Notice(kind, int(worst.flat.argmax()) + 1, {"name": name, "share": share, "slope": SLOPE})]
        if slope is None:
            told.append(Notice("lab_around", 0, {}))
        else:
            left = float(slope.mean(1).prod())
            told.append(Notice("lab_slope", 0, {"mean": float(slope.mean()), "steps": len(slope), "left": left}))
        with noticed:
            notice(told, say)
    return drawings(made, say("lab.part_derivative"), state)
