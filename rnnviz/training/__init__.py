"""Trains small models and measures how the gradient flows through time. Runs without Streamlit.

    from rnnviz.training import PRESETS, Config, Trainer

    trainer = Trainer(Config(task="adding", cell="lstm", forget_bias=1.0), iterations=500)
    for snapshot in trainer:
        print(snapshot.iteration, snapshot.loss, snapshot.flow["h"][0, 0])
    rnnviz.training_chart(trainer)

`PRESETS` and `PAIRS` are configs named for what they show; `load` reads what `trainer.history.save`
wrote. `Trainer` and `load` import torch on first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rnnviz.training.config import Config
from rnnviz.training.presets import PAIRS, PRESETS

if TYPE_CHECKING:
    from rnnviz.training.saved import load
    from rnnviz.training.trainer import Trainer

__all__ = ["PAIRS", "PRESETS", "Config", "Trainer", "load"]
_LAZY = {"Trainer": "rnnviz.training.trainer", "load": "rnnviz.training.saved"}


if not TYPE_CHECKING:  # else no wrong name would be found by a type checker

    def __getattr__(name: str) -> Any:
        if name not in _LAZY:
            raise AttributeError(f"module 'rnnviz.training' has no attribute {name!r}")
        return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return __all__
