"""Networks of one, two and three layers, trained on the same sentences: what a further layer costs and brings.

Here are their cards, without torch; `model` loads those whose weights ship, `training` makes and measures them all.
They are compared in two ways: with layers of one width, where each further layer adds weights, and with one wide layer
that has about as many weights as the deepest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from rnnviz.zoo.catalogue import WEIGHTS, Card, FirstWord, shipped
from rnnviz.zoo.vocabulary import Vocabulary

LANGUAGES = ("en", "ko")
NAMES = tuple(f"stack-{language}" for language in LANGUAGES)
CELL = "gru"  # the best of the three at one size in either language, by the cards of `words-en` and `words-ko`
DEPTHS = (1, 2, 3)
WIDTH = 24  # units in each layer of the networks that ship
WIDE = 45  # units of one layer that has about as many weights as the deepest network that ships
SIZES = (*((depth, WIDTH) for depth in DEPTHS), (1, WIDE))  # layers, and units in each
FAMILIES = ("agreement", "order", "memory")  # of probes that are asked (`rnnviz.zoo.data.probes`)
SEEDS = (0, 1, 2)  # the first one's weights ship


@dataclass(frozen=True)
class Stack:
    """What one size of network costs and reaches. Tuples have an entry for each seed, unless said otherwise.

    card: of the first seed's weights.     seconds: of one core, to train.
    losses: mean cross-entropy on unseen sentences, nats a word.
    right: by family of probes the share at which the right word is put above its rivals.
    before, after: what training has to work with at the bottom, before its first step and after its last one: the
        2-norm of the gradient that an unseen sentence's summed loss sends into its embeddings, mean over sentences.
    silent: the first seed's loss while all that a layer gives is 0, for each layer.
    first_word: what each layer's states know of the first word, of the first seed; empty where no weights ship.
    """

    card: Card
    seeds: tuple[int, ...]
    seconds: tuple[float, ...]
    losses: tuple[float, ...]
    right: Mapping[str, tuple[float, ...]]
    before: tuple[float, ...]
    after: tuple[float, ...]
    silent: tuple[float, ...]
    first_word: tuple[FirstWord, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Stack:
        fields: dict[str, Any] = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
        fields["card"] = Card.from_json(data["card"])
        fields["right"] = MappingProxyType({family: tuple(scores) for family, scores in data["right"].items()})
        fields["first_word"] = tuple(map(FirstWord.from_json, data["first_word"]))
        return cls(**fields)

    @property
    def size(self) -> tuple[int, int]:
        """Layers, and units in each."""
        return self.card.num_layers, self.card.hidden_size


@dataclass(frozen=True)
class Stacks:
    """Networks of all sizes that read the same sentences.

    vocabulary: that of the words' models.     by_size: in the order of `SIZES`.
    unigram, bigram: the loss of a guess by how common a word is, and by the word before too, on the same sentences.
    tokens: how many words are predicted there.
    """

    vocabulary: Vocabulary
    by_size: Mapping[tuple[int, int], Stack]
    unigram: float
    bigram: float
    tokens: int

    def of(self, layers: int) -> Stack:
        """The one whose weights ship, by its number of layers."""
        return self.by_size[layers, WIDTH]


def words_model(name: str) -> str:
    """The model of one layer whose vocabulary and sentences are the same: `words-en` for `stack-en`."""
    return f"words-{name.partition('-')[2]}"


@cache
def stacks(name: str) -> Stacks:
    """The cards of `stack-en` or `stack-ko`; raises `ValueError` for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"no model {name!r}: {', '.join(NAMES)}")
    data = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    members = [Stack.from_json(one) for one in data.pop("stacks")]
    return Stacks(shipped(words_model(name))[0], MappingProxyType({one.size: one for one in members}), **data)


def describe_stacks(name: str) -> str:
    """The cards of one model as lines of text."""
    cards = stacks(name)
    card = cards.of(1).card
    lines = [
        f"{name} {card.cell}: {card.task}; layers x units, each trained with the seeds"
        f" {', '.join(map(str, cards.of(1).seeds))}",
        f"  data      {card.data}; licence: {card.licence}",
        f"  training  {card.steps} steps of {card.batch_size}, Adam {card.learning_rate}, {card.initialisation},"
        f" torch {card.torch}",
        f"  again     {card.command}",
        f"  beside    {cards.unigram:.3f} nats a word by how common it is, {cards.bigram:.3f} by the one before",
    ]
    for (layers, units), one in cards.by_size.items():
        lines.append(
            f"  {layers} x {units:<5} {one.card.parameters} parameters, {max(one.seconds):.0f} s a seed,"
            f" {', '.join(f'{loss:.3f}' for loss in one.losses)} nats a word unseen"
        )
    return "\n".join(lines)
