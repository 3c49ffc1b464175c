"""rnnviz: see what a recurrent neural network computes.

    import torch, rnnviz

    lstm = torch.nn.LSTM(8, 16, num_layers=2, bidirectional=True)
    x = torch.randn(12, 8)  # one sequence: (T, input_size)

    trace = rnnviz.record(lstm, x)  # changes nothing in the module
    trace["f"]  # forget gates, (layers * directions, T, hidden_size)
    rnnviz.stage(trace)  # the same stage, in the notebook: all layers and directions, a row each, opened by a click

Run a network    record, capture, read_out
  what they give     Trace, Traces, Captured, Readout; Pass, Contrast
  what they take     Recurrent, Head, Forced, with_entry, with_forget_bias
Draw it          stage, and how: Look, Rolled, Watched; what it gives: Stage
  all at once        gates_chart, memory_chart
  gradients          flow_chart, attribution_chart, factors_chart
  other shapes       aligned (an encoder and a decoder: Transduction), scene_chart (rnnviz.scene)
Gradients        gradient_flow (GradientFlow), step_jacobians, weight_terms
Gates            memory_shares, memory_age, share_of_new, half_life, measured_half_life
  which units        order, separating_units, extremes
Training         watch (a loop of your own: Log); rnnviz.training: Config, Trainer; training_chart
Cells            CELLS, and what declares one of your own: Cell, Op
Shipped          rnnviz.zoo: trained models; rnnviz.tasks: what they were trained on

help(rnnviz.record) and so on say what each takes, gives and refuses. Units, layers and rows count from 0, as arrays do;
steps from 1, as in h_1 ... h_T. All names load on first use: `import rnnviz` alone never imports torch or altair.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz import scene, tasks, training, zoo
    from rnnviz.charts.plots.traces import attribution_chart, factors_chart, gates_chart, memory_chart
    from rnnviz.charts.stage.bundle import Rolled
    from rnnviz.charts.stage.chart import Stage, stage
    from rnnviz.charts.stage.gates.heatmap_tables import Watched
    from rnnviz.charts.stage.look import Look
    from rnnviz.charts.stage.scene.chart import scene_chart
    from rnnviz.charts.training.chart import training_chart
    from rnnviz.charts.training.flow import flow_chart
    from rnnviz.core.capture import Captured, capture
    from rnnviz.core.cell import Cell, Op
    from rnnviz.core.cells import CELLS
    from rnnviz.core.forced import Forced
    from rnnviz.core.forward import Contrast, Pass
    from rnnviz.core.gates import (
        extremes,
        half_life,
        measured_half_life,
        memory_age,
        memory_shares,
        order,
        separating_units,
        share_of_new,
    )
    from rnnviz.core.gradients.factors import step_jacobians
    from rnnviz.core.gradients.flow import GradientFlow, gradient_flow
    from rnnviz.core.network import Recurrent, with_forget_bias
    from rnnviz.core.record import Head, read_out, record
    from rnnviz.core.seq2seq.transduction import Transduction, aligned
    from rnnviz.core.sharing import weight_terms, with_entry
    from rnnviz.core.trace import Readout, Trace
    from rnnviz.core.traces import Traces
    from rnnviz.training.watch import Log, watch

    # Not there when it runs: `help(rnnviz)` would document each of them in full, on thirty screens.
    __all__ = [
        "CELLS",
        "Captured",
        "Cell",
        "Contrast",
        "Forced",
        "GradientFlow",
        "Head",
        "Log",
        "Look",
        "Op",
        "Pass",
        "Readout",
        "Recurrent",
        "Rolled",
        "Stage",
        "Trace",
        "Traces",
        "Transduction",
        "Watched",
        "aligned",
        "attribution_chart",
        "capture",
        "extremes",
        "factors_chart",
        "flow_chart",
        "gates_chart",
        "gradient_flow",
        "half_life",
        "measured_half_life",
        "memory_age",
        "memory_chart",
        "memory_shares",
        "order",
        "read_out",
        "record",
        "scene",
        "scene_chart",
        "separating_units",
        "share_of_new",
        "stage",
        "step_jacobians",
        "tasks",
        "training",
        "training_chart",
        "watch",
        "weight_terms",
        "with_entry",
        "with_forget_bias",
        "zoo",
    ]

_HOME = {
    "Captured": "rnnviz.core.capture",
    "capture": "rnnviz.core.capture",
    "CELLS": "rnnviz.core.cells",
    "Cell": "rnnviz.core.cell",
    "Op": "rnnviz.core.cell",
    "Contrast": "rnnviz.core.forward",
    "Pass": "rnnviz.core.forward",
    "Forced": "rnnviz.core.forced",
    "Readout": "rnnviz.core.trace",
    "Trace": "rnnviz.core.trace",
    "Traces": "rnnviz.core.traces",
    "Transduction": "rnnviz.core.seq2seq.transduction",
    "aligned": "rnnviz.core.seq2seq.transduction",
    "Recurrent": "rnnviz.core.network",
    "with_forget_bias": "rnnviz.core.network",
    "GradientFlow": "rnnviz.core.gradients.flow",
    "gradient_flow": "rnnviz.core.gradients.flow",
    "step_jacobians": "rnnviz.core.gradients.factors",
    "Head": "rnnviz.core.record",
    "read_out": "rnnviz.core.record",
    "record": "rnnviz.core.record",
    "extremes": "rnnviz.core.gates",
    "half_life": "rnnviz.core.gates",
    "measured_half_life": "rnnviz.core.gates",
    "memory_age": "rnnviz.core.gates",
    "memory_shares": "rnnviz.core.gates",
    "order": "rnnviz.core.gates",
    "separating_units": "rnnviz.core.gates",
    "share_of_new": "rnnviz.core.gates",
    "weight_terms": "rnnviz.core.sharing",
    "with_entry": "rnnviz.core.sharing",
    "Look": "rnnviz.charts.stage.look",
    "Rolled": "rnnviz.charts.stage.bundle",
    "Stage": "rnnviz.charts.stage.chart",
    "stage": "rnnviz.charts.stage.chart",
    "Watched": "rnnviz.charts.stage.gates.heatmap_tables",
    "scene_chart": "rnnviz.charts.stage.scene.chart",
    "Log": "rnnviz.training.watch",
    "watch": "rnnviz.training.watch",
    "training_chart": "rnnviz.charts.training.chart",
    "flow_chart": "rnnviz.charts.training.flow",
    "factors_chart": "rnnviz.charts.plots.traces",
    "gates_chart": "rnnviz.charts.plots.traces",
    "memory_chart": "rnnviz.charts.plots.traces",
    "attribution_chart": "rnnviz.charts.plots.traces",
}
_ROOMS = ("scene", "tasks", "training", "zoo")  # those of the package that have names of their own for who uses it
__version__ = "0.1.0"


if not TYPE_CHECKING:  # else no wrong name would be found by a type checker

    def __getattr__(name: str) -> Any:
        if name in _ROOMS:
            return import_module(f"rnnviz.{name}")
        if name not in _HOME:
            raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")
        return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*_HOME, *_ROOMS])


class _Package(ModuleType):
    """Importing `rnnviz.record` the submodule would otherwise hide `rnnviz.record` the function."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, getattr(value, name) if name in _HOME and isinstance(value, ModuleType) else value)


sys.modules[__name__].__class__ = _Package
