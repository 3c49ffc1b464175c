"""What the library computes of a trace, as charts: every gate and state over all steps, where one unit's memory was
written, what a loss owes to each step, and why its gradient is as large as it is.

    rnnviz.gates_chart(trace)  # of any size
    rnnviz.memory_chart(trace, unit=3)
    rnnviz.factors_chart(rnnviz.step_jacobians(trace))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from rnnviz.charts.kit import numbers, palette
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.kit.tables import clean
from rnnviz.charts.plots import maps
from rnnviz.charts.plots.sharing import either
from rnnviz.core.cell import Role, plain_symbol
from rnnviz.core.gates import memory_shares
from rnnviz.core.refusal import TRACE, required
from rnnviz.core.trace import Array, Trace
from rnnviz.words import catalogue
from rnnviz.words.numbers import size

if TYPE_CHECKING:
    from rnnviz.core.gradients.factors import Factors
    from rnnviz.core.gradients.flow import GradientFlow

LEAST_TOKEN = 28  # px of a column whose token can be read
HEIGHT = 260  # px
Rows = list[dict[str, Any]]


def gates_chart(
    trace: Trace, row: int | None = None, *, order: Sequence[int] = (), language: str = "en"
) -> PortableChart:
    """Every gate and state of one row of a trace as a picture, steps across and units down; of any size.

    row: of the trace's first axis, from 0; the last layer's forward direction by default.
    order: the units from the top, from 0, such as `rnnviz.order(trace)`; their own by default.
    Of more than 1,000 steps or 128 units a pixel is the mean of several, and the chart says of how many.
    Raises `ValueError` for a row or units that are not there, or numbers that are not finite; `TypeError` for no trace.
    """
    row = _row(trace, row)
    units = [*order] or list(range(trace.hidden_size))
    if sorted(units) != list(range(trace.hidden_size)):
        raise ValueError(f"order is {units!s:.60}; accepted: every unit once, 0 to {trace.hidden_size - 1}")
    ends, drawn = (str(units[0] + 1), str(units[-1] + 1)), []
    for name in trace.cell.quantities:
        gate = name if trace.cell.op(name).role is Role.GATE else ""
        drawn.append(maps.Map(plain_symbol(name), _finite(trace[name][row], name)[:, units].T, name, gate, ends))
    labels = catalogue(language)
    return maps.chart(drawn, labels["maps.units"], labels)


def memory_chart(trace: Trace, unit: int, row: int | None = None, *, language: str = "en") -> PortableChart:
    """Where one unit's memory was written: over each step, how much of it each earlier step's writing still is.

    unit: from 0, as arrays count.     row: as in `gates_chart`.     Down: the step that wrote, 0 the initial state.
    The parts of a column add up to the memory, which stands above; what they are is said at `rnnviz.memory_shares`.
    Raises `ValueError` for a unit or row that is not there, and what `memory_shares` raises.
    """
    row = _row(trace, row)
    if not 0 <= unit < trace.hidden_size:
        raise ValueError(f"unit is {unit}; accepted: 0 to {trace.hidden_size - 1}")
    state, gate = trace.cell.required_memory
    alone = slice(unit, unit + 1)
    kept = {name: trace[name][..., alone] for name in {*trace.values}}
    initial = {name: values[..., alone] for name, values in trace.initial.items()}
    shares = _finite(memory_shares(replace(trace, values=kept, initial=initial), row)[..., 0], state)
    labels = catalogue(language)
    return maps.chart(
        [
            maps.Map(plain_symbol(gate), trace[gate][row, :, alone].T, gate, gate),
            maps.Map(plain_symbol(state), trace[state][row, :, alone].T, state),
            maps.Map(labels["maps.parts"], shares.T, state, ends=("0", str(len(trace)))),
        ],
        labels["maps.writers"].format(unit=unit + 1),
        labels,
    )


def attribution_chart(flow: GradientFlow, *, language: str = "en") -> PortableChart:
    """What the loss owes to each step, over the tokens: x_t * dL/dx_t, and how long dL/dx_t is; of several losses, of
    their sum.

    flow: as `rnnviz.gradient_flow` gives it.     Raises `TypeError` for anything else.
    """
    from rnnviz.core.gradients.flow import GradientFlow

    required(flow, GradientFlow, "flow", "what rnnviz.gradient_flow gives")
    labels, tokens = catalogue(language), flow.trace.tokens
    norms = np.linalg.norm(flow.whole.x, axis=1)
    rows = [
        {
            "x": t + 1,
            "token": clean(tokens[t]),
            "y": float(owed) if np.isfinite(owed) else None,
            "norm": size(float(norms[t])),
        }
        for t, owed in enumerate(flow.attribution)
    ]
    base = alt.Chart(alt.NamedData(name="rows")).transform_calculate(value=numbers.size("datum.y"))
    # Each token under its bar, while all have room.
    named = f"width > {LEAST_TOKEN * len(tokens)} ? data('rows')[datum.value - 1].token : datum.value"
    across = alt.Axis(title=labels["factors.steps"], labelExpr=named, labelLimit=60, labelAngle=0, labelOverlap=True)
    up = alt.Axis(title="xₜ · dL/dxₜ", tickCount=5, labelExpr=numbers.size("datum.value"))
    negative, positive = either(palette.NEGATIVE), either(palette.POSITIVE)
    bars = base.mark_bar().encode(
        x=alt.X("x:O", axis=across),
        y=alt.Y("y:Q", axis=up),
        color=alt.condition("datum.y < 0", alt.value(negative), alt.value(positive)),
        tooltip=[
            alt.Tooltip("x:Q", title="t"),
            alt.Tooltip("token:N", title=labels["factors.token"]),
            alt.Tooltip("value:N", title="xₜ · dL/dxₜ"),
            alt.Tooltip("norm:N", title="‖dL/dxₜ‖"),
        ],
    )
    return PortableChart(layer=[bars], datasets={"rows": rows}, width="container", height=HEIGHT)


def factors_chart(factors: Factors, *, language: str = "en") -> PortableChart:
    """How large the gradient of the last step's loss is on its way back, and why: the norm of each step's Jacobian,
    their product, which is the bound, and what is measured of it; with gates, what passes the memory alone.

    factors: as `rnnviz.step_jacobians` gives them.     Raises `TypeError` for anything else.
    """
    from rnnviz.core.gradients.factors import Factors

    required(factors, Factors, "factors", "what rnnviz.step_jacobians gives")
    steps, labels = len(factors.jacobians), catalogue(language)
    last, first = (0, steps - 1) if factors.reverse else (steps - 1, 0)
    chain = factors.chain(last, first)
    lines = {
        "factor": (range(1, steps + 1), factors.norms),
        "bound": ([k + 1 for k in chain.reached], chain.bound),
        "measured": ([k + 1 for k in chain.reached], chain.norms),
    }
    if chain.memory is not None:
        lines["gate"] = ([k + 1 for k in chain.reached], chain.memory.max(1))
    names = {kind: labels[f"factors.{kind}"] for kind in lines}
    rows = [
        {"name": names[kind], "x": x, "y": float(y)}
        for kind, (xs, ys) in lines.items()
        for x, y in zip(xs, ys, strict=True)
        if np.isfinite(y) and y > 0
    ]
    return _log_lines(rows, list(names.values()), labels["factors.steps"], labels["factors.norm"])


_COLOURS = (palette.SOFT, palette.SYMBOLS["x"], palette.SYMBOLS["h"], palette.SYMBOLS["f"])
_DASHES = ([2, 3], [6, 3], [1, 0], [1, 0])


def _log_lines(rows: Rows, names: Sequence[str], across: str, up: str) -> PortableChart:
    """Lines of norms on a log10 axis, each with its own dash; their numbers where one points."""
    base = alt.Chart(alt.NamedData(name="rows")).transform_calculate(
        log="log(datum.y)/LN10", value=numbers.size("datum.y")
    )
    legend = alt.Legend(title=None, orient="top", labelLimit=340, symbolOpacity=1, columns=2)

    def scale(values: Sequence[Any]) -> alt.Scale:
        return alt.Scale(domain=[*names], range=list(values)[: len(names)])

    steps = alt.Axis(title=across, grid=False, tickMinStep=1, labelFlush=True)
    x = alt.X("x:Q", scale=alt.Scale(zero=False, nice=False), axis=steps)
    written = alt.Axis(title=up, tickCount=6, labelExpr=numbers.size("pow(10, datum.value)", 2))
    y = alt.Y("log:Q", scale=alt.Scale(zero=False), axis=written)
    drawn = base.mark_line(strokeWidth=2).encode(
        x=x,
        y=y,
        color=alt.Color("name:N", scale=scale([either(pair) for pair in _COLOURS]), legend=legend),
        strokeDash=alt.StrokeDash("name:N", scale=scale(_DASHES), legend=legend),
        order="x:Q",
    )
    touched = base.mark_point(opacity=0, size=100, filled=True).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("x:Q", title=across),
            alt.Tooltip("value:N", title=up),
        ],
    )
    return PortableChart(layer=[drawn, touched], datasets={"rows": rows}, width="container", height=HEIGHT)


def _row(trace: Trace, row: int | None) -> int:
    required(trace, Trace, "trace", TRACE)
    rows = len(trace.weights)
    if row is not None and not 0 <= row < rows:
        raise ValueError(f"row is {row}; accepted: 0 to {rows - 1}, None for the last layer's forward direction")
    return trace.top if row is None else row


def _finite(values: Array, name: str) -> Array:
    if not np.isfinite(values).all():
        step = int(np.argmin(np.isfinite(values).all(axis=1))) + 1
        raise ValueError(f"{name} is not finite at step {step}; accepted: finite numbers, as of the steps before")
    return values
