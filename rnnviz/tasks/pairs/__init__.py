"""Pairs of a source and a target sequence, for networks that read the one and then write the other.

task          source                                      target                          tokens
en-ko, ko-en  a sentence of a small grammar               what it says in the other       words
dates         a date as people write it, English, Korean  YYYY-MM-DD                      characters
numbers       a number as people write it, likewise       its digits                      words and characters
copying       = or <, and letters                         the letters, as is or reversed  characters

One key in five is held out: who does what to whom; a date; a
number; a string of letters.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rnnviz.tasks.grammar.writing import Drawn
from rnnviz.tasks.pairs import sentences
from rnnviz.tasks.pairs.copying import COPYING
from rnnviz.tasks.pairs.dates import DATES
from rnnviz.tasks.pairs.numbers import NUMBERS
from rnnviz.tasks.pairs.pair import SPACE, Pair, PairTask

__all__ = ["SPACE", "TASKS", "Pair", "PairTask", "pairs"]

_EVERY = (
    sentences.task(0, range(4, 19), range(4, 25)),
    sentences.task(1, range(3, 17), range(3, 21)),
    DATES,
    NUMBERS,
    COPYING,
)
TASKS: Mapping[str, PairTask] = MappingProxyType({task.name: task for task in _EVERY})


def pairs(name: str, count: int, *, seed: int, unseen: bool = False, length: int | None = None) -> list[Pair]:
    """`count` pairs of a task, either only of seen keys or only of unseen ones.

    length: of every source, in tokens; without it they are as long as in training. Raises `ValueError` for a task or a
    length that there is not.
    """
    if name not in TASKS:
        raise ValueError(f"task {name!r}: one of {', '.join(TASKS)} is accepted")
    task = TASKS[name]
    if length is not None and length not in task.measured:
        raise ValueError(f"length {length}: {task.measured[0]} to {task.measured[-1]} is accepted")
    dice = Drawn(seed)
    sample: list[Pair] = []
    while len(sample) < count:
        pair = task.draw(dice, length)
        if pair.unseen == unseen:
            sample.append(pair)
    return sample
