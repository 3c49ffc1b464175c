"""A trained encoder and decoder, read from checked safetensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from rnnviz.core.cell import Cell
from rnnviz.core.cells import CELLS
from rnnviz.core.network import build
from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduce import Seq2Seq
from rnnviz.core.weights import cell_weights
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.model import checked, read_weights
from rnnviz.zoo.seq2seq import EDGE, Seq2SeqCard, Seq2SeqCards, cards
from rnnviz.zoo.vocabulary import Vocabulary


@dataclass(frozen=True)
class Seq2SeqModel:
    """network: what runs.     source, target: as `Seq2SeqCards` has them."""

    card: Seq2SeqCard
    network: Seq2Seq
    source: Vocabulary
    target: Vocabulary

    @property
    def name(self) -> str:
        """As file names have it: `en-ko-additive`."""
        return f"{self.card.model}-{self.card.attention}"


@cache
def load_seq2seq(name: str, attention: str) -> Seq2SeqModel:
    """The shipped model; raises `ValueError` for an unknown name or attention, and for weights that do not fit."""
    shared = cards(name)
    if attention not in shared.by_attention:
        raise ValueError(f"no attention {attention!r} of {name}: {', '.join(shared.by_attention)}")
    tensors = read_weights(WEIGHTS / f"seq2seq-{name}-{attention}.safetensors")
    return assembled(tensors, shared, shared.by_attention[attention])


def shapes(card: Seq2SeqCard, source: Vocabulary, target: Vocabulary) -> dict[str, tuple[int, ...]]:
    """Of every tensor of a file of weights, by its name."""
    E, H, V = card.embedding_size, card.hidden_size, len(target)
    rnn = build(card.cell, E, H).state_dict()
    found: dict[str, tuple[int, ...]] = {"source": (len(source), E), "target": (V, E)}
    found |= {f"{part}.{key}": tuple(value.shape) for part in ("encoder", "decoder") for key, value in rnn.items()}
    return found | {f"attention.{key}": shape(H, V) for key, shape in MECHANISMS[card.attention].shapes.items()}


def assembled(tensors: Mapping[str, Tensor], shared: Seq2SeqCards, card: Seq2SeqCard) -> Seq2SeqModel:
    """A model from tensors, once their names, shapes, types and values are what the card asks for."""
    source, target = shared.source, shared.target
    where = f"weights of {card.model}-{card.attention}"
    tensors = checked(tensors, shapes(card, source, target), where)
    halves = {}
    for part in ("encoder", "decoder"):
        rnn = build(card.cell, card.embedding_size, card.hidden_size)
        rnn.load_state_dict({key: tensors[f"{part}.{key}"] for key in rnn.state_dict()})
        halves[part] = cell_weights(rnn, CELLS[card.cell])
    attention = MECHANISMS[card.attention]
    network = Seq2Seq(
        cell=CELLS[card.cell],
        **halves,
        attention=attention,
        weights={name: tensors[f"attention.{name}"] for name in attention.shapes},
        source=tensors["source"],
        target=tensors["target"],
        words=(EDGE, *target.words[1:]),
    )
    return Seq2SeqModel(card, network, source, target)


def encoder_of(model: Seq2SeqModel) -> nn.RNNBase:
    """The encoder as PyTorch's module, in eval mode."""
    card, network = model.card, model.network
    rnn = build(card.cell, card.embedding_size, card.hidden_size)
    assert isinstance(rnn, nn.RNNBase)
    rnn.load_state_dict(stacked(network.encoder, network.cell))
    return rnn.eval().requires_grad_(False)


def stacked(weights: Mapping[str, Tensor], cell: Cell) -> dict[str, Tensor]:
    """A cell's weights as PyTorch stacks those of one layer, by its names."""
    names = dict.fromkeys(parameter.torch_name for parameter in cell.parameters)
    return {
        f"{name}_l0": torch.cat([weights[p.name] for p in cell.parameters if p.torch_name == name]) for name in names
    }
