"""rnnviz: see what a recurrent neural network computes.

    import torch, rnnviz

    lstm = torch.nn.LSTM(8, 16, num_layers=2, bidirectional=True)
    x = torch.randn(12, 8)  # one sequence: (T, input_size)

    trace = rnnviz.record(lstm, x)  # changes nothing in the module
    trace["f"]  # forget gates, (layers * directions, T, hidden_size)
    rnnviz.stage(trace)  # the same stage, in the notebook

The public names load on first use, so `import rnnviz` costs nothing: a page that only draws never imports torch.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.cells import CELLS, Cell, Op
    from rnnviz.charts.bundle import Rolled
    from rnnviz.charts.stage import Stage, stage
    from rnnviz.charts.training import training_chart
    from rnnviz.gates import (
        extremes,
        half_life,
        measured_half_life,
        memory_age,
        memory_shares,
        order,
        separating_units,
        share_of_new,
    )
    from rnnviz.gradients.factors import step_jacobians
    from rnnviz.gradients.flow import GradientFlow, gradient_flow
    from rnnviz.network import Recurrent, with_forget_bias
    from rnnviz.record import Head, read_out, record
    from rnnviz.sharing import weight_terms, with_entry
    from rnnviz.trace import Forced, Readout, Trace

_HOME = {
    "CELLS": "rnnviz.cells",
    "Cell": "rnnviz.cells",
    "Op": "rnnviz.cells",
    "Forced": "rnnviz.trace",
    "Readout": "rnnviz.trace",
    "Trace": "rnnviz.trace",
    "Recurrent": "rnnviz.network",
    "with_forget_bias": "rnnviz.network",
    "GradientFlow": "rnnviz.gradients.flow",
    "gradient_flow": "rnnviz.gradients.flow",
    "step_jacobians": "rnnviz.gradients.factors",
    "Head": "rnnviz.record",
    "read_out": "rnnviz.record",
    "record": "rnnviz.record",
    "extremes": "rnnviz.gates",
    "half_life": "rnnviz.gates",
    "measured_half_life": "rnnviz.gates",
    "memory_age": "rnnviz.gates",
    "memory_shares": "rnnviz.gates",
    "order": "rnnviz.gates",
    "separating_units": "rnnviz.gates",
    "share_of_new": "rnnviz.gates",
    "weight_terms": "rnnviz.sharing",
    "with_entry": "rnnviz.sharing",
    "Rolled": "rnnviz.charts.bundle",
    "Stage": "rnnviz.charts.stage",
    "stage": "rnnviz.charts.stage",
    "training_chart": "rnnviz.charts.training",
}
__all__ = [
    "CELLS",
    "Cell",
    "Forced",
    "GradientFlow",
    "Head",
    "Op",
    "Readout",
    "Recurrent",
    "Rolled",
    "Stage",
    "Trace",
    "extremes",
    "gradient_flow",
    "half_life",
    "measured_half_life",
    "memory_age",
    "memory_shares",
    "order",
    "read_out",
    "record",
    "separating_units",
    "share_of_new",
    "stage",
    "step_jacobians",
    "training_chart",
    "weight_terms",
    "with_entry",
    "with_forget_bias",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """Importing `rnnviz.record` the submodule would otherwise hide `rnnviz.record` the function."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, getattr(value, name) if name in _HOME and isinstance(value, ModuleType) else value)


sys.modules[__name__].__class__ = _Package
