"""Networks that read a text and then write another: an encoder, a decoder, and attention or none. No torch.

Here are their cards and vocabularies; `model` loads them, `training` makes them. `rnnviz.tasks.pairs` has their data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.vocabulary import Vocabulary

NAMES = ("en-ko", "ko-en", "dates", "numbers", "copying")  # as `rnnviz.tasks.pairs` calls its tasks
ATTENTIONS = tuple(MECHANISMS)
SEEDS = (0, 1, 2)  # the first one's weights ship
EDGE = ""  # what begins and ends a written text, in the place of the word of row 0


@dataclass(frozen=True)
class LengthScore:
    """How sources of one length went that training did not hold.

    length: S, how many tokens each of them has.     count: how many there were.
    exact: share of targets that are right as a whole, for each seed.     tokens: of tokens in their right place.
    first: share of sources whose token in the place `probed` a linear probe reads from the state that is handed over,
        for each seed.
    guess_exact, guess_tokens: of the guess that needs no network (`rnnviz.tasks.pairs.guess`).
    guess_first: of the token that is commonest there in these sources.
    """

    length: int
    count: int
    exact: tuple[float, ...]
    tokens: tuple[float, ...]
    first: tuple[float, ...]
    guess_exact: float
    guess_tokens: float
    guess_first: float


@dataclass(frozen=True)
class Seq2SeqCard:
    """Where the weights of one model and attention come from, and what they reached.

    losses: mean cross-entropy on unseen pairs, nats a written token, for each seed.     seconds: to train one seed.
    trained: the shortest and the longest source of the training data, in tokens.
    probed: the place, from 0, of the source token that `LengthScore.first` is about.
    """

    model: str
    attention: str
    data: str
    licence: str
    cell: str
    embedding_size: int
    hidden_size: int
    parameters: int
    seeds: tuple[int, ...]
    steps: int
    batch_size: int
    learning_rate: float
    torch: str
    command: str
    seconds: float
    trained: tuple[int, int]
    probed: int
    losses: tuple[float, ...]
    lengths: tuple[LengthScore, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Seq2SeqCard:
        lengths = tuple(
            LengthScore(**{**one, **{name: tuple(one[name]) for name in ("exact", "tokens", "first")}})
            for one in data["lengths"]
        )
        tuples = {name: tuple(data[name]) for name in ("seeds", "trained", "losses")}
        return cls(**{**data, **tuples, "lengths": lengths})


@dataclass(frozen=True)
class Seq2SeqCards:
    """What all attentions of one model share, and the card of each."""

    source: Vocabulary  # of what is read
    target: Vocabulary  # of what is written; row 0 begins and ends it
    by_attention: Mapping[str, Seq2SeqCard]


@cache
def cards(name: str) -> Seq2SeqCards:
    """Raises `ValueError` for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"no model {name!r}: {', '.join(NAMES)}")
    data = json.loads((WEIGHTS / f"seq2seq-{name}.json").read_text("utf-8"))
    by_attention = {attention: Seq2SeqCard.from_json(card) for attention, card in data["cards"].items()}
    source, target = (Vocabulary(tuple(data[side]["words"]), data[side]["kind"]) for side in ("source", "target"))
    return Seq2SeqCards(source, target, MappingProxyType(by_attention))


def describe_seq2seq(card: Seq2SeqCard) -> str:
    """A card as lines of text."""
    lines = [
        f"{card.model} {card.attention}: {card.parameters} parameters ({card.cell}, embedding {card.embedding_size},"
        f" hidden {card.hidden_size})",
        f"  data      {card.data}; licence: {card.licence}",
        f"  training  seeds {', '.join(map(str, card.seeds))}, {card.steps} steps of {card.batch_size}, Adam"
        f" {card.learning_rate}, {card.seconds:.0f} s a seed, torch {card.torch}",
        f"  again     {card.command}",
        f"  unseen    {', '.join(f'{loss:.4f}' for loss in card.losses)} nats a token",
    ]
    for one in card.lengths:
        exact, tokens, first = (
            ", ".join(f"{share:.1%}" for share in shares) for shares in (one.exact, one.tokens, one.first)
        )
        lines.append(
            f"  {one.length:2} tokens  exact {exact} (guess {one.guess_exact:.1%}); tokens {tokens} (guess"
            f" {one.guess_tokens:.1%}); word {card.probed + 1} read from the bridge {first} (guess"
            f" {one.guess_first:.1%}); {one.count} sources"
        )
    return "\n".join(lines)
