"""Trains small models and measures how the gradient flows through time. Runs without Streamlit.

`Config` needs no torch; `Trainer` imports it on first use.
"""

from typing import TYPE_CHECKING, Any

from rnnviz.training.config import Config

if TYPE_CHECKING:
    from rnnviz.training.trainer import Trainer

__all__ = ["Config", "Trainer"]


def __getattr__(name: str) -> Any:
    if name != "Trainer":
        raise AttributeError(f"module 'rnnviz.training' has no attribute {name!r}")
    from rnnviz.training.trainer import Trainer

    return Trainer
