"""The network that a run trains, `h = cell(x)` in layers and `W_hy h + b_y`, and its first weights from a seed.

PyTorch's fused kernels compute it, and for cells that PyTorch lacks a loop over the cell's program. They are called a
layer at a time, because what flows between layers must be seen to be measured (`rnnviz.training.flow`). `run_layer` is
the only place that knows the kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Generator, Tensor, nn

from rnnviz.core import network
from rnnviz.core.cell import Cell
from rnnviz.core.network import Layer, Recurrent, cell_of
from rnnviz.training.config import Config

# h, and for an LSTM c, each (B, H).
LayerState = tuple[Tensor, ...]
Parameters = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class TaskModel:
    """rnn: one direction, no dropout.     W_hy: (V, H).     b_y: (V,)."""

    rnn: Layer
    W_hy: Tensor
    b_y: Tensor

    @property
    def cell(self) -> Cell:
        return cell_of(self.rnn)

    def named(self) -> Iterator[tuple[str, Tensor]]:
        """Every parameter: PyTorch's names for the recurrent part, `W_hy` and `b_y`."""
        yield from self.rnn.named_parameters()
        yield "W_hy", self.W_hy
        yield "b_y", self.b_y

    def keep(self) -> Parameters:
        """A copy of all weights."""
        return {name: weight.detach().clone() for name, weight in self.named()}

    def load(self, parameters: Parameters) -> None:
        """Put back what `keep` returned."""
        with torch.no_grad():
            for name, weight in self.named():
                weight.copy_(parameters[name])

    def zeros(self, batch_size: int) -> list[LayerState]:
        """The state before the first step, per layer."""
        shape = (batch_size, self.rnn.hidden_size)
        return [tuple(self.b_y.new_zeros(shape) for _ in self.cell.states) for _ in range(self.rnn.num_layers)]

    def read_out(self, h: Tensor) -> Tensor:
        """(..., H) -> (..., V)."""
        return nn.functional.linear(h, self.W_hy, self.b_y)


def build(config: Config, input_size: int, output_size: int) -> TaskModel:
    """A model with its first weights, all from one generator made from the seed: the global one is not used."""
    generator = Generator().manual_seed(config.seed)
    rnn = network.build(config.cell, input_size, config.hidden_size, config.num_layers)
    bound = 1 / sqrt(config.hidden_size)
    W_hy, b_y = torch.empty(output_size, config.hidden_size), torch.empty(output_size)
    with torch.no_grad():
        for parameter in (*rnn.parameters(), W_hy, b_y):
            parameter.uniform_(-bound, bound, generator=generator)
        for layer in range(config.num_layers):
            _initialise(rnn, layer, config, generator)
    return TaskModel(rnn, W_hy.requires_grad_(), b_y.requires_grad_())


def run_layer(rnn: Layer, layer: int, x: Tensor, state: LayerState) -> tuple[Tensor, LayerState]:
    """One layer over x (T, B, width) from a state (B, H): its outputs (T, B, H) and its last state."""
    if isinstance(rnn, Recurrent):
        states = rnn.states(layer, x, state)
        return torch.stack(states["h"]), tuple(values[-1] for values in states.values())
    weights = [getattr(rnn, f"{name}_l{layer}") for name in WEIGHTS]
    # has_biases, num_layers, dropout, train, bidirectional, batch_first
    options = (True, 1, 0.0, rnn.training, False, False)
    h0 = state[0][None]
    if isinstance(rnn, nn.LSTM):
        output, h, c = torch.lstm(x, (h0, state[1][None]), weights, *options)
        return output, (h[0], c[0])
    if isinstance(rnn, nn.GRU):
        output, h = torch.gru(x, h0, weights, *options)
    else:
        output, h = (torch.rnn_relu if rnn.nonlinearity == "relu" else torch.rnn_tanh)(x, h0, weights, *options)
    return output, (h[0],)


WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def blocks(rnn: Layer, layer: int) -> dict[str, Tensor]:
    """The layer's parameters by the cell's own names, `W_xf` (H, width), `W_hf` (H, H), `b_xf` (H,) ..., as views."""
    size = rnn.hidden_size
    return {
        part.name: getattr(rnn, f"{part.torch_name}_l{layer}").detach()[part.block * size : (part.block + 1) * size]
        for part in cell_of(rnn).parameters
    }


def _initialise(rnn: Layer, layer: int, config: Config, generator: Generator) -> None:
    part, cell = blocks(rnn, layer), cell_of(rnn)
    for name, W in part.items():
        if name.startswith("b_") and config.initialisation == "identity":
            W.zero_()
        elif not name.startswith("W_h"):
            continue
        elif config.initialisation == "orthogonal":
            nn.init.orthogonal_(W, generator=generator)
        elif config.initialisation == "identity":
            nn.init.eye_(W)
        elif config.initialisation == "spectral radius":
            W *= config.spectral_radius / spectral_radius(W)
    if config.forget_bias is not None and cell.has_forget_gate:
        biases = [part[name] for name in cell.of_block("f") if name.startswith("b_")]
        for bias, value in zip(biases, (config.forget_bias, 0.0), strict=False):
            bias.fill_(value)


def spectral_radius(W: Tensor) -> float:
    """The largest modulus of an eigenvalue of W (H, H); NaN if W is not finite."""
    return float(torch.linalg.eigvals(W).abs().max()) if W.isfinite().all() else float("nan")
