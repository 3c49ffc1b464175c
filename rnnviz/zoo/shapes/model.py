"""A model of one shape: what it reads step by step, what its first state is made of, and what its head answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from rnnviz.core.cell import Cell
from rnnviz.core.cells import CELLS
from rnnviz.core.forward import Pass
from rnnviz.core.network import Layer, build
from rnnviz.core.record import Head, read_out, record
from rnnviz.zoo.model import read_weights
from rnnviz.zoo.shapes.catalogue import WEIGHTS, ShapeCard, Shipped, shipped

LOOPLESS = ("weight_hh_l0", "bias_hh_l0")  # what a feed-forward network lacks: they are zero, and not in its file
WITHOUT_LOOP = ("pressure",)


@dataclass(frozen=True)
class ShapeModel:
    """rnn: one layer, in eval mode. head: (V, H). Shapes: E numbers a step, S of what the first state is made of."""

    shipped: Shipped
    rnn: Layer
    head: Head
    embedding: Tensor | None = None  # (words, E); None where numbers are read
    start: Head | None = None  # (H, S): h_0 = tanh(W s + b); None where h_0 is zero

    @property
    def card(self) -> ShapeCard:
        return self.shipped.card

    @property
    def cell(self) -> Cell:
        return CELLS[self.card.cell]

    def first_state(self, seen: Tensor | None) -> Tensor | None:
        """h_0, (H,), made of what is seen, (S,); None where it is zero."""
        if self.start is None or seen is None:
            return None
        return torch.tanh(F.linear(seen, self.start.weight, self.start.bias))

    def read(self, x: Sequence[int] | Tensor, tokens: Sequence[str], seen: Tensor | None = None) -> Pass:
        """The pass over a sequence: rows of the embedding, or (T, E) numbers, with the words shown for them.

        seen: what the first state is made of.
        """
        rows = tuple(int(row) for row in x) if self.embedding is not None else ()
        numbers = self.embedding[list(rows)] if self.embedding is not None else torch.as_tensor(x)
        state = self.first_state(seen)
        h0 = None if state is None else state[None] if len(self.cell.states) == 1 else (state[None], state[None])
        trace = record(self.rnn, numbers, h0=h0, tokens=tokens)
        readout = read_out(trace, self.head)
        return Pass(trace, readout, self.shipped.outputs, reader=self.card.name, rows=rows)

    @torch.no_grad()
    def spell(self, seen: Tensor, most: int = 20) -> list[int]:
        """The word that it writes from what is seen: each letter the likeliest, read in the next step; rows of its
        outputs, the end left out."""
        state = self.first_state(seen)
        assert state is not None, "a model that spells starts from what it sees"
        assert self.embedding is not None, "a model that spells reads letters"
        h, row, rows = state[None, None], 1, []
        for _ in range(most):
            output, h = self.rnn(self.embedding[[row]][:, None], h)
            best = int(F.linear(output[0, 0], self.head.weight, self.head.bias).argmax())
            if best == 0:
                break
            rows.append(best)
            row = self.shipped.inputs.index(self.shipped.outputs[best])
        return rows


@cache
def load(name: str) -> ShapeModel:
    """The shipped model; raises `ValueError` for an unknown name and for weights that do not fit the card."""
    about = shipped(name)
    return assemble(read_weights(WEIGHTS / f"{name}.safetensors"), about)


def shapes(about: Shipped) -> dict[str, tuple[int, ...]]:
    """What the tensors of a model are called, and their shapes; of the first state's, (H, S), S is not known: 0."""
    card = about.card
    rnn = build(card.cell, card.width, card.hidden_size).state_dict()
    sizes = {f"rnn.{key}": tuple(value.shape) for key, value in rnn.items()}
    if card.name in WITHOUT_LOOP:
        sizes = {key: shape for key, shape in sizes.items() if key.removeprefix("rnn.") not in LOOPLESS}
    V = len(about.outputs)
    sizes |= {"head.weight": (V, card.hidden_size), "head.bias": (V,)}
    if about.inputs:
        sizes |= {"embedding": (len(about.inputs), card.width)}
    if "drawings" in about.samples:
        sizes |= {"start.weight": (card.hidden_size, 0), "start.bias": (card.hidden_size,)}
    return sizes


def assemble(tensors: Mapping[str, Tensor], about: Shipped) -> ShapeModel:
    """A model from tensors, once their names, shapes, types and values are what the card asks for."""
    card, sizes = about.card, shapes(about)
    if tensors.keys() != sizes.keys():
        raise ValueError(f"weights of {card.name} are {sorted(tensors)}; accepted: {sorted(sizes)}")
    for key, shape in sizes.items():
        tensor = tensors[key]
        fits = len(tensor.shape) == len(shape) and all(b in (0, a) for a, b in zip(tensor.shape, shape, strict=True))
        if not fits or tensor.dtype not in (torch.float32, torch.float16) or not tensor.isfinite().all():
            raise ValueError(
                f"weights of {card.name}: {key} is {tuple(tensor.shape)} {tensor.dtype}; accepted: {shape} of finite"
                " torch.float32 or torch.float16"
            )
    tensors = {key: tensor.float() for key, tensor in tensors.items()}
    rnn = build(card.cell, card.width, card.hidden_size)
    with torch.no_grad():
        for key, parameter in rnn.named_parameters():
            parameter.copy_(tensors.get(f"rnn.{key}", torch.zeros_like(parameter)))
    start = Head(tensors["start.weight"], tensors["start.bias"]) if "start.weight" in tensors else None
    head = Head(tensors["head.weight"], tensors["head.bias"])
    return ShapeModel(about, rnn.eval().requires_grad_(False), head, tensors.get("embedding"), start)
