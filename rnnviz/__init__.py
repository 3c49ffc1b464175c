"""rnnviz: see what a recurrent neural network computes.

The public names load on first use, so `import rnnviz` costs nothing: a page that only draws never imports torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.cells import CELLS, Cell, Op
    from rnnviz.charts.stage import Stage, stage
    from rnnviz.record import Head, read_out, record
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
    "Stage": "rnnviz.charts.stage",
    "stage": "rnnviz.charts.stage",
}
__all__ = [
    "CELLS",
    "Cell",
    "Head",
    "Op",
    "Readout",
    "Stage",
    "Trace",
    "read_out",
    "record",
    "stage",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'rnnviz' has no attribute {name!r}")
    # Stored, since importing `rnnviz.record` would otherwise leave the submodule where its function belongs.
    for public, home in _HOME.items():
        if home == _HOME[name]:
            globals()[public] = getattr(import_module(home), public)
    return globals()[name]
