"""One derivative: where the units of a network made to order stand on their squashing functions."""

from __future__ import annotations

import streamlit as st

from rnnviz.charts.lab import squash as charts
from rnnviz.core.cell import BOUNDS
from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.terms import SLOPE
from rnnviz.core.trace import Array, Trace
from rnnviz.facts.notice import Notice
from rnnviz.facts.questions.lab import left
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.lab.knobs import chosen
from rnnviz.lessons.lab.networks import labels, sequence, settled, show, steps_drawn, told_first
from rnnviz.ui.page.files import Files, drawings
from rnnviz.ui.picture.chart import zoom
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State


def derivative(state: State, say: Say) -> Files:
    from rnnviz.core.gradients.lab import run_recipe
    from rnnviz.core.gradients.pullback import SLOPES
    from rnnviz.core.gradients.squash import saturated

    if not any(op.kind in BOUNDS for op in LAB_CELLS[state["cell"]].ops):
        st.info(say("lab.no_squashing"), icon=":material/trending_flat:")
        return {}
    recipe = chosen(state, spectral_radius=state["radius"])
    whole = run_recipe(recipe, sequence(state))
    answered = settled(_question(whole), f"derivative_{state['cell']}", (recipe, state["steps"]), state, say)
    steps = steps_drawn(answered, len(whole))
    trace = whole if steps == len(whole) else run_recipe(recipe, sequence(state)[:steps])
    flat = saturated(trace)
    parts = [
        charts.Squashed(op.name, op.kind, trace[op.reads[0]][0], flat[op.name][0])
        for op in trace.cell.ops
        if op.kind in SLOPES
    ]
    slope = _slopes(trace)
    t = min(state["t"], steps)
    figure = charts.chart(parts, slope, labels(state), t=t, zoom=zoom(state))
    show(figure, state, say("lab.derivative_alt"), {"t": t}, step=say("lab.axis_t"))
    told_first(answered, len(whole), say)
    if answered and state.shows("notice"):
        worst = max(parts, key=lambda part: part.flat.mean())
        share = float(worst.flat.mean()) / trace.hidden_size
        name = worst.name.removeprefix("tanh_")
        kind = "lab_flat" if share else "lab_steep"
        notices = [Notice(kind, int(worst.flat.argmax()) + 1, {"name": name, "share": share, "slope": SLOPE})]
        if slope is None:
            notices.append(Notice("lab_around", 0, {}))
        else:
            product = float(slope.mean(1).prod())
            notices.append(Notice("lab_slope", 0, {"mean": float(slope.mean()), "steps": len(slope), "left": product}))
        notice(notices, say)
        st.markdown(say("lab.derivative_answer"))
    return drawings(figure, say("lab.part_derivative"), state)


def _slopes(trace: Trace) -> Array | None:
    """(T, H), that a gradient meets from state to state, the last step's first. A cell with gates goes around each of
    its squashings."""
    from rnnviz.core.gradients.pullback import SLOPES

    return None if trace.cell.memory else SLOPES[trace.cell.op("h").kind](trace["h"][0])[::-1]


def _question(trace: Trace) -> Question:
    """What the slopes multiply to; of a cell with gates, what these let through."""
    from rnnviz.core.gradients.factors import step_jacobians

    slope, steps = _slopes(trace), len(trace)
    if slope is not None:
        return left("slopes", float(slope.mean(1).prod()), steps, {"steps": steps})
    memory = step_jacobians(trace).memory
    assert memory is not None  # it has gates
    return left("gates", float(memory[-1, 0]), steps - 1, {"steps": steps})
