"""The networks of several layers whose weights ship, loaded as every language model of the zoo is."""

from __future__ import annotations

from functools import cache

from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.model import Model, assemble, read_weights
from rnnviz.zoo.stacks import DEPTHS, stacks


@cache
def load_stack(name: str, layers: int) -> Model:
    """The shipped model; raises `ValueError` for an unknown name or number of layers, and for weights that do not fit.

    name: `stack-en` or `stack-ko`.
    """
    cards = stacks(name)
    if layers not in DEPTHS:
        raise ValueError(f"no weights of {layers} layers: {', '.join(map(str, DEPTHS))}")
    return assemble(read_weights(WEIGHTS / f"{name}-{layers}.safetensors"), cards.vocabulary, cards.of(layers).card)
