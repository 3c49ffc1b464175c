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
    from rnnviz.record import Head, read_out, record
    from rnnviz.sharing import weight_terms, with_entry
    from rnnviz.trace import Readout, Trace

_HOME = {
    "CELLS": "rnnviz.cells",
    "Cell": "rnnviz.cells",
    "Op": "rnnviz.cells",
    "Readout": "rnnviz.trace",
    "Trace": "rnnviz.trace",
    "Head": "rnnviz.record",
    "read_out": "rnnviz.record",
    "record": "rnnviz.record",
    "weight_terms": "rnnviz.sharing",
    "with_entry": "rnnviz.sharing",
    "Rolled": "rnnviz.charts.bundle",
    "Stage": "rnnviz.charts.stage",
    "stage": "rnnviz.charts.stage",
}
__all__ = [
    "CELLS",
    "Cell",
    "Head",
    "Op",
    "Readout",
    "Rolled",
    "Stage",
    "Trace",
    "read_out",
    "record",
    "stage",
    "weight_terms",
    "with_entry",
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
