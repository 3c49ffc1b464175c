"""Networks that fill a missing word: from the words before it, from those after it, or from both. No torch.

Here are their cards and vocabularies; `model` loads them, `training` makes them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.vocabulary import Vocabulary

# How a reader comes to the gap, and in how many directions it reads.
READERS: Mapping[str, int] = {"forward": 1, "backward": 1, "both": 2}
LANGUAGES = ("en", "ko")
NAMES = tuple(f"gap-{language}" for language in LANGUAGES)
SEEDS = (0, 1, 2)  # the first one's weights ship
TEXTS = WEIGHTS / "gap-texts.json"  # by language, which sentence a lesson opens with


@dataclass(frozen=True)
class GapScore:
    """How one kind of question went on sentences that training did not hold.

    accuracies: share of right first choices, for each seed.     guess: of the best guess that reads nothing.
    ceiling: of who knows the grammar and reads what this network reads, None where it is not known.
    count: how many questions.
    """

    accuracies: tuple[float, ...]
    guess: float
    ceiling: float | None
    count: int

    @property
    def accuracy(self) -> float:
        """The mean over the seeds."""
        return sum(self.accuracies) / len(self.accuracies)


@dataclass(frozen=True)
class GapCard:
    """Where the weights of one model and reader come from, and what they reached.

    losses: mean cross-entropy on unseen sentences, nats a question, for each seed.     seconds: to train one seed.
    """

    model: str
    reader: str
    task: str
    data: str
    licence: str
    cell: str
    embedding_size: int
    hidden_size: int
    num_directions: int
    parameters: int
    seeds: tuple[int, ...]
    steps: int
    batch_size: int
    learning_rate: float
    torch: str
    command: str
    seconds: float
    losses: tuple[float, ...]
    scores: Mapping[str, GapScore]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> GapCard:
        scores = {
            kind: GapScore(**{**score, "accuracies": tuple(score["accuracies"])})
            for kind, score in data["scores"].items()
        }
        tuples = {name: tuple(data[name]) for name in ("seeds", "losses")}
        return cls(**{**data, **tuples, "scores": MappingProxyType(scores)})


@cache
def cards(name: str) -> tuple[Vocabulary, Mapping[str, GapCard]]:
    """A model's vocabulary, and the card of each reader; raises `ValueError` for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"no model {name!r}: {', '.join(NAMES)}")
    data = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    by_reader = {reader: GapCard.from_json(card) for reader, card in data["cards"].items()}
    return Vocabulary(tuple(data["words"]), "word"), MappingProxyType(by_reader)


@cache
def telling_text(language: str) -> str:
    """The sentence with a gap that neither side fills rightly alone (`zoo.gaps.telling`), read without torch."""
    return str(json.loads(TEXTS.read_text("utf-8"))[language])


def describe_gap(card: GapCard) -> str:
    """A card as lines of text."""
    lines = [
        f"{card.model} {card.reader}: {card.task}; {card.parameters} parameters ({card.num_directions} directions,"
        f" embedding {card.embedding_size}, hidden {card.hidden_size})",
        f"  data      {card.data}; licence: {card.licence}",
        f"  training  seeds {', '.join(map(str, card.seeds))}, {card.steps} steps of {card.batch_size}, Adam"
        f" {card.learning_rate}, {card.seconds:.0f} s a seed, torch {card.torch}",
        f"  again     {card.command}",
        f"  unseen    {', '.join(f'{loss:.3f}' for loss in card.losses)} nats a question",
    ]
    for kind, score in card.scores.items():
        accuracies = ", ".join(f"{accuracy:.1%}" for accuracy in score.accuracies)
        ceiling = "" if score.ceiling is None else f", who knows the grammar {score.ceiling:.1%}"
        lines.append(f"  {kind:15}{accuracies} (best guess {score.guess:.1%}{ceiling}), {score.count} questions")
    return "\n".join(lines)
