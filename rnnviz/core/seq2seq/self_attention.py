"""One layer of self-attention, beside which a recurrent chain may be put: what came after recurrent networks.

Every token asks every other one at once (Vaswani et al. 2017, Attention is all you need, section 3.2.1, one head):
out = softmax(q kᵀ / √E) v. What stands where is told by sinusoids that are added to the embeddings (section 3.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.core.batch import Cost, cost, drawn_gru
from rnnviz.core.trace import Array

BASE = 10_000.0  # of the wave lengths of the positions


class SelfAttention(nn.Module):
    """One head over x, (T, B, E) or (T, E): gives what each token gets, of x's shape, and the shares, (T, T) for each
    sequence, a row for who asks.

    Weights are drawn from the generator as PyTorch draws those of a linear layer; the global random state stays put.
    """

    def __init__(self, size: int, generator: torch.Generator) -> None:
        super().__init__()
        weights = ((torch.rand(size, size, generator=generator) * 2 - 1) / sqrt(size) for _ in range(3))
        self.W_q, self.W_k, self.W_v = (nn.Parameter(weight) for weight in weights)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        rows = x if x.ndim == 2 else x.transpose(0, 1)  # (B, T, E): a matrix for each sequence
        q, k, v = (rows @ weight.T for weight in (self.W_q, self.W_k, self.W_v))
        shares = torch.softmax(q @ k.transpose(-1, -2) / sqrt(x.shape[-1]), -1)
        out = shares @ v
        return out if x.ndim == 2 else out.transpose(0, 1), shares


def positions(steps: int, size: int) -> Tensor:
    """What is added to the embedding of each step, (T, E): sines in the even places, cosines in the odd ones."""
    t = torch.arange(steps, dtype=torch.float32)[:, None]
    angles = t / BASE ** (torch.arange(0, size, 2, dtype=torch.float32) / size)
    table = torch.zeros(steps, size)
    table[:, 0::2], table[:, 1::2] = angles.sin(), angles.cos()[:, : size // 2]
    return table


@dataclass(frozen=True, eq=False)
class Reach:
    """What one token has to do with the last output, in a chain and in self-attention.

    chain, attention: (T,), for each token the 2-norm of the change of the last output when another token stands there,
        as a part of that output's own norm.
    """

    chain: Array
    attention: Array


@torch.no_grad()
def reach(chain: nn.Module, layer: SelfAttention, x: Tensor, other: Tensor) -> Reach:
    """How far the last output moves when each token in turn is another one.

    chain: gives states (T, H) first.     x: embeddings (T, E).     other: what stands in each place instead, (T, E).
    The positions stay where they are.
    """
    at = positions(*x.shape)
    changed = []
    for module, extra in ((chain, torch.zeros_like(at)), (layer, at)):
        before = module(x + extra)[0][-1]
        moves = []
        for t in range(len(x)):
            y = x.clone()
            y[t] = other[t]
            moves.append(float((module(y + extra)[0][-1] - before).norm() / before.norm()))
        changed.append(np.array(moves))
    return Reach(*changed)


@torch.no_grad()
def shuffled(chain: nn.Module, layer: SelfAttention, x: Tensor, order: Sequence[int]) -> dict[str, float]:
    """How far the last output moves, as a part of its norm, when the tokens before it stand in another order.

    order: of all but the last token, from 0. By `chain`, and by the layer `with` positions and `without`.
    """
    y = x[[*order, len(x) - 1]]
    at = positions(*x.shape)
    found = {}
    for name, module, extra in (("chain", chain, 0 * at), ("with", layer, at), ("without", layer, 0 * at)):
        before, after = (module(z + extra)[0][-1] for z in (x, y))
        found[name] = float((after - before).norm() / before.norm())
    return found


def length_cost(lengths: Sequence[int], size: int, repeats: int) -> Cost[tuple[str, int]]:
    """What a training step costs by (`chain` or `attention`, T): a GRU and one head of `size` units, one sequence."""
    generator = torch.Generator().manual_seed(0)
    modules = {"chain": drawn_gru(size, generator), "attention": SelfAttention(size, generator)}
    inputs = {T: torch.randn(T, 1, size, generator=generator) for T in lengths}
    return cost({(name, T): (module, x) for name, module in modules.items() for T, x in inputs.items()}, repeats)
