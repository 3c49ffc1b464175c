"""Small trained models that ship with the project: their weights, their cards, and how to use them.

`catalogue()` and `Vocabulary` need no torch; `load` and what it returns import it on first use.
"""

from typing import TYPE_CHECKING, Any

from rnnviz.zoo.catalogue import CELL_NAMES, FURTHER_CELLS, Card, FirstWord, ModelInfo, Score, catalogue
from rnnviz.zoo.vocabulary import TOKEN_LIMIT, Token, Vocabulary

if TYPE_CHECKING:
    from rnnviz.zoo.model import Model, Reading, load

__all__ = [
    "CELL_NAMES",
    "FURTHER_CELLS",
    "TOKEN_LIMIT",
    "Card",
    "FirstWord",
    "Model",
    "ModelInfo",
    "Reading",
    "Score",
    "Token",
    "Vocabulary",
    "catalogue",
    "load",
]


if not TYPE_CHECKING:  # else no wrong name would be found by a type checker

    def __getattr__(name: str) -> Any:
        if name not in ("Model", "Reading", "load"):
            raise AttributeError(f"module 'rnnviz.zoo' has no attribute {name!r}")
        from rnnviz.zoo import model

        return getattr(model, name)
