"""The gradient of each parameter while somebody else trains a model: its norm as it is complete, and as it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log2, nan

import numpy as np
import torch
from torch import Tensor, nn

from rnnviz.training.rows import Array

TOGETHER = (
    2**20
)  # numbers that are copied to be measured at once; of larger models each parameter is measured by itself
MOST_WAITING = 16  # copies of a gradient, measured together: that costs little more than one
EXACT = 1e-6  # of a ratio, which is a power of two if it differs by less
FLOATS = (torch.float32, torch.float64)


class GradientNorms:
    """Measures the gradient of a model, block by block.

    model: whose parameters.     blocks: of how many blocks of rows a parameter is made; 1 where it is not named.
    names: of each block the parameter's name and which of its blocks it is.
    """

    def __init__(self, model: nn.Module, blocks: Mapping[str, int]) -> None:
        named = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self._weights = list(named.values())
        self._counts = [blocks.get(name, 1) for name in named]
        self.names = [(name, k) for name, count in zip(named, self._counts, strict=True) for k in range(count)]
        sizes = [
            weight.numel() // count
            for weight, count in zip(self._weights, self._counts, strict=True)
            for _ in range(count)
        ]
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._small = sum(sizes) <= TOGETHER and 0 not in sizes
        self._nothing = Measured(np.full(len(sizes), nan))
        self._before = self._after = self._nothing
        self._waiting: list[tuple[Measured, Tensor]] = []

    def complete(self) -> None:
        """A backward pass has ended."""
        gradients = [weight.grad for weight in self._weights]
        self._before = self._after = self._taken(gradients)

    def use(self) -> None:
        """An optimiser is about to use it."""
        # Whatever the versions say: a GradScaler's division does not count as a change.
        self._after = self._taken([weight.grad for weight in self._weights])

    def take(self) -> tuple[Measured, Measured]:
        """As it was complete and as it was used: the same where nothing changed between."""
        taken = self._before, self._after
        self._before = self._after = self._nothing
        return taken

    def measure(self) -> None:
        """All that has been copied and waits."""
        waiting, self._waiting = self._waiting, []
        by_type: dict[torch.dtype, list[tuple[Measured, Tensor]]] = {}
        for entry in waiting:
            by_type.setdefault(entry[1].dtype, []).append(entry)
        for entries in by_type.values():
            # In float64: neither 1e-23 nor 1e20, squared, is a float32.
            squares = np.square(torch.stack([flat for _, flat in entries]).numpy(), dtype=np.float64)
            norms = np.sqrt(np.add.reduceat(squares, self._starts, axis=1))
            for (measured, _), own in zip(entries, norms, strict=True):
                measured.norms = own.copy()

    def _taken(self, gradients: list[Tensor | None]) -> Measured:
        plain = [gradient for gradient in gradients if gradient is not None and _is_plain(gradient)]
        if self._small and len(plain) == len(gradients):
            measured = Measured(None)
            self._waiting.append((measured, torch.cat([gradient.reshape(-1) for gradient in plain]).detach()))
            if len(self._waiting) >= MOST_WAITING:
                self.measure()
            return measured
        norms: list[float] = []
        for gradient, count in zip(gradients, self._counts, strict=True):
            if gradient is None:
                norms += [nan] * count
                continue
            dense = gradient.detach().coalesce().values() if gradient.is_sparse else gradient.detach()
            norms += torch.linalg.vector_norm(dense.reshape(count, -1), dim=1, dtype=torch.float64).tolist()
        return Measured(np.array(norms))


@dataclass(eq=False)
class Measured:
    """The norm of each of `GradientNorms.names`; NaN where there was no gradient, None as long as it waits."""

    norms: Array | None


def _is_plain(gradient: Tensor) -> bool:
    return gradient.dtype in FLOATS and gradient.layout is torch.strided and gradient.device.type == "cpu"


def total(norms: Array) -> float:
    """Of the whole gradient, as far as there is one."""
    there = norms[~np.isnan(norms)] if np.isnan(norms).any() else norms
    return float(np.sqrt(there @ there)) if len(there) else nan


def scale_of(before: Array, after: Array) -> float:
    """By what power of two, from 2, the gradient was divided before it was used, as torch.amp.GradScaler does; or 1.

    before, after: the norm of each block.
    """
    norm, used = total(before), total(after)
    if not (isfinite(norm) and 0 < 2 * used < 3 * norm):
        return 1.0
    power = 2.0 ** round(log2(norm / used))
    return power if power >= 2 and abs(norm / used / power - 1) <= EXACT else 1.0
