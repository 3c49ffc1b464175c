"""What the grammar itself has come next: the exact distribution of the word after the beginning of a sentence.

A family is run once for every way its draws may fall, and dropped at the first word that the beginning does not have.
The long sentences, whose clauses are drawn again where they come out too long, have a sum in closed form instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from rnnviz.core.trace import Array
from rnnviz.tasks.grammar.sentences import GRAMMARS, SHARES
from rnnviz.tasks.grammar.writing import END, Clause, Decided, Dice, Family, Remembered

Words = tuple[str, ...]
SURE = 0.99  # of the sentences that begin so: a word that comes in fewer is not decided


@lru_cache(maxsize=4096)
def next_words(language: str, beginning: Words) -> Mapping[str, float]:
    """The probability of each word that may follow in the grammar's sentences that begin so; empty where none does, and
    after a whole sentence. Words are spelled as the grammar spells them. Raises `KeyError` for another language.
    """
    weights: dict[str, float] = defaultdict(float)
    for one in _continuations(language, beginning):
        weights[one.word] += one.weight
    total = sum(weights.values())
    return MappingProxyType({word: weight / total for word, weight in weights.items()})


@lru_cache(maxsize=4096)
def rivals(language: str, beginning: Words) -> Words:
    """Where the beginning decides the next word, that word and those that would be right after another beginning, as
    `Sentence.choices` has them; empty where it does not.
    """
    every = list(_continuations(language, beginning))
    total = sum(one.weight for one in every)
    by_word: dict[str, list[_Next]] = defaultdict(list)
    for one in every:
        if one.rivals:
            by_word[one.word].append(one)
    for ways in by_word.values():
        if sum(one.weight for one in ways) >= SURE * total:
            return max(ways, key=lambda one: one.weight).rivals
    return ()


class _Next(NamedTuple):
    """A word that may follow."""

    word: str
    weight: float  # the probability of the beginning with this word after it
    rivals: Words = ()  # where it is the probed word: it and its rivals


def _continuations(language: str, beginning: Words) -> Iterator[_Next]:
    for family, ways in GRAMMARS[language].items():
        for share, way in ways:
            steps = _of_clauses(way, beginning) if isinstance(way, Remembered) else _of_family(way, beginning)
            for one in steps:
                yield one._replace(weight=one.weight * share * SHARES[family])


class _UntoldError(Exception):
    """A draw that the tape does not hold."""

    def __init__(self, options: Sequence[tuple[int, float]]) -> None:
        self.options = options


class _Tape(Dice):
    """Draws that are given; one more is asked for by a `_UntoldError`."""

    def __init__(self, values: Sequence[int]) -> None:
        self._values = iter(values)

    def below(self, n: int) -> int:
        return self._next([(value, 1 / n) for value in range(n)])

    def chance(self, p: float) -> bool:
        return bool(self._next([(1, p), (0, 1 - p)]))

    def _next(self, options: Sequence[tuple[int, float]]) -> int:
        if (value := next(self._values, None)) is None:
            raise _UntoldError(options)
        return value


def _of_family(family: Family, beginning: Words) -> Iterator[_Next]:
    """Each way in which the family's sentences that begin so go on, with its probability."""
    tapes: list[tuple[tuple[int, ...], float]] = [((), 1.0)]
    while tapes:
        tape, weight = tapes.pop()
        try:
            word = _after(family, tape, beginning)
        except _UntoldError as fork:
            tapes += [((*tape, value), weight * share) for value, share in fork.options]
            continue
        if word:
            yield _Next(word.lstrip("*"), weight, _rivals(family, tape) if word.startswith("*") else ())


def _after(family: Family, tape: tuple[int, ...], beginning: Words) -> str:
    """The word after the beginning, with its star; empty where the sentence has another beginning, or has ended."""
    place = 0
    for piece in family(_Tape(tape)):
        for word in piece.split():
            if place == len(beginning):
                return word
            if word.lstrip("*") != beginning[place]:
                return ""
            place += 1
    return ""


def _rivals(family: Family, tape: tuple[int, ...]) -> Words:
    """What the family says of the first sentence that goes on after these draws."""
    pieces = family(_Tape(tape))
    try:
        while True:
            next(pieces)
    except _UntoldError as fork:
        return _rivals(family, (*tape, fork.options[0][0]))
    except StopIteration as end:
        decision: Decided = end.value
        return decision.choices


class _Clauses(NamedTuple):
    """All clauses, n of them."""

    words: tuple[Words, ...]
    lengths: Array  # (n,), in words
    shares: Array  # (n,), how often each is drawn


@cache
def _clauses(clause: Clause) -> _Clauses:
    weights: dict[Words, float] = defaultdict(float)
    tapes: list[tuple[tuple[int, ...], float]] = [((), 1.0)]
    while tapes:
        tape, weight = tapes.pop()
        try:
            weights[tuple(" ".join(clause(_Tape(tape))).split())] += weight
        except _UntoldError as fork:
            tapes += [((*tape, value), weight * share) for value, share in fork.options]
    return _Clauses(tuple(weights), np.array([len(words) for words in weights]), np.array(list(weights.values())))


@cache
def _endings(way: Remembered) -> Array:
    """How the clauses may still end, (most + 1, n + 1): in how many of the wanted lengths that are not reached yet,
    times the probability, after so many words of which the last clause is this one; in the last column, of none.

    Only ends of at most `most` words count: what would come out longer is drawn again.
    """
    words, lengths, shares = _clauses(way.clause)
    sums = np.zeros((way.most + 1, len(words) + 1))
    for length in range(way.most, -1, -1):
        ends = length + lengths
        fit = ends <= way.most
        after = np.where(fit, [_length_count(way, length, end) for end in ends], 0.0)
        after[fit] += sums[ends[fit], np.flatnonzero(fit)]
        every = float(shares @ after)
        sums[length, -1] = every
        sums[length, :-1] = (every - shares * after) / (1 - shares)  # the last clause is not repeated
    return sums


def _length_count(way: Remembered, before: int, after: int) -> int:
    """How many of the wanted lengths are reached by a clause that ends at `after` words, and were not at `before`."""
    return max(0, min(after, way.most) - max(before, way.least - 1))


def _of_clauses(way: Remembered, beginning: Words) -> Iterator[_Next]:
    for first, last in way.decides.items():
        head = (first, *way.opening.split())
        if len(beginning) < len(head):
            if head[: len(beginning)] == beginning:
                yield _Next(head[len(beginning)], 1 / len(way.decides))
        elif beginning[: len(head)] == head:
            tail = (*way.closing.split(), f"*{last}", END)
            for one in _in_clauses(way, beginning[len(head) :], tail):
                yield one._replace(weight=one.weight / len(way.decides))


def _in_clauses(way: Remembered, prefix: Words, tail: Words) -> Iterator[_Next]:
    """How the sentence goes on after these words of clauses and, at their end, of the tail."""
    words, lengths, shares = _clauses(way.clause)
    endings = _endings(way)
    total, none = float(endings[0, -1]), len(words)
    # The probability of each beginning of whole clauses, by its number of words and its last clause; and that it ends.
    open_: dict[int, dict[int, float]] = defaultdict(dict, {0: {none: 1.0}})
    ends: dict[int, float] = defaultdict(float)
    for at in range(len(prefix) + 1):
        for last, weight in open_[at].items():
            free = 1 - (shares[last] if last < none else 0)
            for k, clause in enumerate(words):
                end = at + int(lengths[k])
                if k == last or end > way.most or clause[: len(prefix) - at] != prefix[at:end]:
                    continue
                here, stops = weight * float(shares[k]) / free, _length_count(way, at, end)
                if end > len(prefix):
                    yield _Next(clause[len(prefix) - at], here * (stops + float(endings[end, k])) / total)
                else:
                    open_[end][k] = open_[end].get(k, 0.0) + here
                    ends[end] += here * stops
    for at, weight in ends.items():
        rest = prefix[at:]
        if weight and len(rest) < len(tail) and tuple(w.lstrip("*") for w in tail[: len(rest)]) == rest:
            word = tail[len(rest)]
            is_probe = word.startswith("*")
            yield _Next(word.lstrip("*"), weight / total, tuple(way.decides.values()) if is_probe else ())
