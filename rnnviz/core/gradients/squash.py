"""One derivative: how steep tanh, the sigmoid and ReLU are at most, and how many units stand where they are flat."""

from __future__ import annotations

from collections.abc import Mapping

from rnnviz.core import terms
from rnnviz.core.cell import OpKind
from rnnviz.core.gradients.pullback import SLOPES
from rnnviz.core.trace import Array, Trace

LARGEST_SLOPE: Mapping[OpKind, float] = {"tanh": 1.0, "sigmoid": 0.25, "relu": 1.0}


def saturated(trace: Trace) -> dict[str, Array]:
    """By result of a squashing function (`h`; `i f g o tanh_c`; `r z n`): how many units are saturated, (L * D, T)."""
    return {op.name: terms.saturated(op.kind, trace[op.name]).sum(-1) for op in trace.cell.ops if op.kind in SLOPES}
