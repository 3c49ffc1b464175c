"""One derivative: tanh, the sigmoid and ReLU, how steep they are where the units stand, and what n factors come to."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from rnnviz.core import terms
from rnnviz.core.cell import OpKind
from rnnviz.core.gradients.pullback import SLOPES
from rnnviz.core.network import FUNCTIONS
from rnnviz.core.trace import Array, Trace

LARGEST_SLOPE: Mapping[OpKind, float] = {"tanh": 1.0, "sigmoid": 0.25, "relu": 1.0}


def curve(kind: OpKind, a: Array) -> tuple[Array, Array]:
    """The function and its derivative at pre-activations `a`, both shaped like it. kind: a key of `LARGEST_SLOPE`."""
    if kind not in SLOPES:
        raise ValueError(f"no squashing function {kind!r}; accepted: {', '.join(SLOPES)}")
    y = FUNCTIONS[kind](torch.tensor(a)).numpy()
    return y, SLOPES[kind](y)


def saturated(trace: Trace) -> dict[str, Array]:
    """By result of a squashing function (`h`; `i f g o tanh_c`; `r z n`): how many units are saturated, (L * D, T)."""
    return {op.name: terms.saturated(op.kind, trace[op.name]).sum(-1) for op in trace.cell.ops if op.kind in SLOPES}
