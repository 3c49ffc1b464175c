"""A trained network that fills a gap: an embedding, a GRU of one or two directions and a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from rnnviz.core.network import build
from rnnviz.core.record import Head
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.gaps import GapCard, cards
from rnnviz.zoo.model import checked, read_weights
from rnnviz.zoo.vocabulary import Vocabulary


@dataclass(frozen=True)
class GapModel:
    """embedding: (V, E). rnn: one layer of D directions over (T, E), in eval mode. head: (V, D * H)."""

    card: GapCard
    rnn: nn.RNNBase
    embedding: Tensor
    head: Head
    vocabulary: Vocabulary

    @property
    def name(self) -> str:
        """As file names have it: `gap-en-both`."""
        return f"{self.card.model}-{self.card.reader}"

    @property
    def from_right(self) -> bool:
        """Whether what it reads has to be turned around, since its one chain begins at the end."""
        return self.card.reader == "backward"

    def read(self, indices: Sequence[int]) -> Tensor:
        """Embeddings of tokens in the order of the text, (T, E), in the order in which they are read."""
        x = self.embedding[list(indices)]
        return x.flip(0) if self.from_right else x

    @torch.no_grad()
    def fill(self, indices: Sequence[int]) -> Tensor:
        """The distribution of the word at each place of a text, (T, V), from the words that its chains read before they
        come to that place: those before it, those after it, or both. What stands there is not read."""
        h = around(self.rnn(self.read(indices))[0], self.card.num_directions)
        y = torch.softmax(nn.functional.linear(h, self.head.weight, self.head.bias), -1)
        return y.flip(0) if self.from_right else y


def around(output: Tensor, directions: int) -> Tensor:
    """What is known of each place without the word there, (T, ..., D * H): the state that each chain brings to it.

    output: (T, ..., D * H), as a module returns it: row t holds the states that have read the word t. At the ends,
    where a chain has read nothing, its state is zero.
    """
    ahead, back = output.chunk(directions, -1) if directions == 2 else (output, None)
    zeros = torch.zeros_like(ahead[:1])
    parts = [torch.cat([zeros, ahead[:-1]])]
    return torch.cat(parts + ([] if back is None else [torch.cat([back[1:], zeros])]), -1)


@cache
def load_gap(name: str, reader: str) -> GapModel:
    """The shipped model; raises `ValueError` for an unknown name or reader, and for weights that do not fit."""
    vocabulary, by_reader = cards(name)
    if reader not in by_reader:
        raise ValueError(f"no reader {reader!r} of {name}: {', '.join(by_reader)}")
    return assembled(read_weights(WEIGHTS / f"{name}-{reader}.safetensors"), vocabulary, by_reader[reader])


def assembled(tensors: Mapping[str, Tensor], vocabulary: Vocabulary, card: GapCard) -> GapModel:
    """A model from tensors, once their names, shapes, types and values are what the card asks for."""
    bidirectional = card.num_directions == 2
    rnn = build(card.cell, card.embedding_size, card.hidden_size, bidirectional=bidirectional)
    assert isinstance(rnn, nn.RNNBase)
    V, E, width = len(vocabulary), card.embedding_size, card.num_directions * card.hidden_size
    shapes = {"embedding": (V, E), "head.weight": (V, width), "head.bias": (V,)}
    shapes |= {f"rnn.{key}": tuple(value.shape) for key, value in rnn.state_dict().items()}
    tensors = checked(tensors, shapes, f"weights of {card.model}-{card.reader}")
    rnn.load_state_dict({key.removeprefix("rnn."): tensors[key] for key in shapes if key.startswith("rnn.")})
    head = Head(tensors["head.weight"], tensors["head.bias"])
    return GapModel(card, rnn.eval().requires_grad_(False), tensors["embedding"], head, vocabulary)
