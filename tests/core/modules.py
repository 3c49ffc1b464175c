"""Small networks with weights drawn from a seed: PyTorch's own modules, and the declared cells as modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz import CELLS, Recurrent

KINDS: dict[str, Callable[..., nn.RNNBase]] = {
    "rnn": nn.RNN,
    "rnn_relu": lambda *sizes, **options: nn.RNN(*sizes, nonlinearity="relu", **options),
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
INPUT, HIDDEN = 3, 4
GATED = [name for name, cell in CELLS.items() if cell.memory]


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def network(kind: str, seed: int = 0, hidden: int = HIDDEN, **options: Any) -> nn.RNNBase:
    """A module of PyTorch's, with the weights that it begins with."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return KINDS[kind](INPUT, hidden, **{"dtype": torch.float64, **options})


def declared(name: str, seed: int = 0, layers: int = 1) -> Recurrent:
    """A declared cell, with larger weights than a network begins with."""
    module = Recurrent(CELLS[name], INPUT, HIDDEN, layers, dtype=torch.float64)
    with torch.no_grad():
        for number, parameter in enumerate(module.parameters()):
            parameter.copy_(normal(*parameter.shape, seed=seed + number))
    return module
