"""How the grammar's sentences are written: a family draws as it writes, and whoever chooses its draws may stop it.

A family is a generator. It asks its `Dice`, yields words as soon as they are drawn, and returns the rivals of the
probed word, which it yields with a leading star, and the key under which the sentence is held out. `sentences` gives it
drawn dice; `next_word` tries every choice, and drops a sentence at the first word that another text has.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple, Protocol, TypeVar

END = "."
T = TypeVar("T")


class Dice(Protocol):
    """What a family asks."""

    def below(self, n: int) -> int:
        """One of 0 to n - 1, all as likely."""

    def chance(self, p: float) -> bool:
        """True with probability p."""


class Drawn:
    """Draws of a seed. Only `Random.random()` is called, whose sequence Python promises to keep for a given seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random

    def share(self) -> float:
        """A number from 0 to 1, without 1."""
        return self._random()

    def below(self, n: int) -> int:
        return int(self._random() * n)

    def chance(self, p: float) -> bool:
        return self._random() < p


class Decided(NamedTuple):
    """What a family says of the sentence that it wrote."""

    choices: tuple[str, ...]  # the probed word and its rivals
    key: tuple[str, ...] = ()  # held out as a whole; nothing stands for the whole text


Family = Callable[[Dice], Generator[str, None, Decided]]
Clause = Callable[[Dice], Iterator[str]]


def pick(dice: Dice, items: Sequence[T]) -> T:
    return items[dice.below(len(items))]


@dataclass(frozen=True, eq=False)
class Remembered:
    """Sentences whose first word decides the last one, past clauses of `least` to `most` words in all."""

    decides: Mapping[str, str]  # first word -> last word
    opening: str  # what follows the first word
    clause: Clause
    closing: str  # what stands before the last word
    least: int
    most: int

    def __call__(self, dice: Dice) -> Generator[str, None, Decided]:
        first = pick(dice, tuple(self.decides))
        yield f"{first} {self.opening}"
        yield " ".join(self._filler(dice))
        yield f"{self.closing} *{self.decides[first]} {END}"
        return Decided(tuple(self.decides.values()))

    def _filler(self, dice: Dice) -> list[str]:
        """The length is drawn first, so that long ones are as common as short; what comes out longer than `most` is
        drawn again.
        """
        while True:
            count = self.least + dice.below(self.most - self.least + 1)
            words: list[str] = []
            last: list[str] = []
            while len(words) < count:
                while (clause := " ".join(self.clause(dice)).split()) == last:  # none is repeated at once
                    pass
                words += clause
                last = clause
            if len(words) <= self.most:
                return words
