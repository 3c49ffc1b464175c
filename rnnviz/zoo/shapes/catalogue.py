"""The cards of the shapes' models, what they read and what they answer. No torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rnnviz.zoo.catalogue import CELL_NAMES
from rnnviz.zoo.vocabulary import BOUNDARY, Vocabulary

WEIGHTS = Path(__file__).parent / "weights"
TAGGERS = tuple(f"tags-{language}-{cell}" for language in ("en", "ko") for cell in CELL_NAMES)
NAMES = ("sentiment-en", "sentiment-ko", "pressure", "vowels", "drawing-en", "drawing-ko", *TAGGERS)


@dataclass(frozen=True)
class ShapeCard:
    """Where the weights of a model come from and what they reached on data that training did not hold."""

    name: str
    cell: str  # by its name in `CELLS`
    task: str
    data: str  # where from, and how cleaned and split
    licence: str  # with attribution
    width: int  # numbers that a step reads
    hidden_size: int
    parameters: int  # numbers in all tensors
    seed: int  # of the weights that ship
    steps: int  # updates
    batch_size: int
    learning_rate: float
    dropout: float  # of what a step reads and of what the head reads
    decay: float  # of weights, as AdamW takes it
    seconds: float  # that training took, one thread
    torch: str
    command: str
    count: int  # of held-out sequences, or, where each step is an answer of its own, of such steps in them
    score: float  # share of those that were answered rightly, a sequence as a whole
    scores: tuple[float, ...]  # the same for seeds 0, 1, 2
    blind: float  # the same for the best guess without memory
    without_order: float | None  # the same for one that reads all and knows no order; None where there is none
    # One held-out example that it gets wrong, or where there is none one beyond the data: what it read, what is right,
    # what it said.
    failure: tuple[str, str, str]
    failed_at: int = 0  # the step of that, from 1, where each step is an answer of its own; else 0

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ShapeCard:
        return cls(**{**data, "scores": tuple(data["scores"]), "failure": tuple(data["failure"])})


@dataclass(frozen=True)
class Shipped:
    """What ships of a model beside its weights."""

    card: ShapeCard
    inputs: tuple[str, ...]  # what it reads, `<unk>` first; none where it reads numbers
    outputs: tuple[str, ...]  # what it answers
    scale: tuple[tuple[float, ...], tuple[float, ...]] | None  # mean and deviation of the numbers that it reads
    samples: Mapping[str, Any]  # a few held-out examples to read

    @property
    def vocabulary(self) -> Vocabulary:
        """Of characters where a space is one of the things that are read, else of words."""
        return Vocabulary(self.inputs, "char" if BOUNDARY in self.inputs else "word")


@cache
def shipped(name: str) -> Shipped:
    """Raises `ValueError` for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"no model {name!r}: {', '.join(NAMES)}")
    data = json.loads((WEIGHTS / f"{name}.json").read_text("utf-8"))
    scale = data["scale"] and (tuple(data["scale"][0]), tuple(data["scale"][1]))
    return Shipped(
        ShapeCard.from_json(data["card"]), tuple(data["inputs"]), tuple(data["outputs"]), scale, data["samples"]
    )


def describe(card: ShapeCard) -> str:
    """A card as lines of text."""
    scores = ", ".join(f"{score:.1%}" for score in card.scores)
    order = "" if card.without_order is None else f", without order {card.without_order:.1%}"
    return "\n".join(
        [
            f"{card.name} {card.cell}: {card.task}; {card.parameters} parameters (reads {card.width}, hidden"
            f" {card.hidden_size})",
            f"  data      {card.data}",
            f"  licence   {card.licence}",
            f"  training  seed {card.seed}, {card.steps} steps of {card.batch_size}, AdamW {card.learning_rate},"
            f" dropout {card.dropout}, decay {card.decay}, {card.seconds:.0f} s, torch {card.torch}",
            f"  again     {card.command}",
            f"  unseen    {card.score:.1%} of {card.count} (seeds: {scores}); blind {card.blind:.1%}{order}",
            f"  wrong at  {card.failure[0]!r}: right {card.failure[1]!r}, says {card.failure[2]!r}",
        ]
    )
