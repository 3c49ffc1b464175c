"""What one reaches in a task of pairs without a network, to be put beside its score."""

from collections.abc import Collection, Mapping
from functools import cache

from rnnviz.tasks.pairs import TASKS
from rnnviz.tasks.pairs.numbers import TIMES, tokens, worth
from rnnviz.tasks.pairs.pair import Words
from rnnviz.tasks.pairs.sentences import LANGUAGES, grammar


def guess(name: str, source: Words) -> Words:
    """The target that the task's own short cut gives. Raises `ValueError` for an unknown task."""
    if name not in TASKS:
        raise ValueError(f"task {name!r}: one of {', '.join(TASKS)} is accepted")
    if name in ("dates", "numbers"):
        return _digits(source) if name == "dates" else _named(source)
    return _letters(source) if name == "copying" else _glossed(LANGUAGES.index(name[:2]), source)


def _digits(source: Words) -> Words:
    """The digits and dashes of a date, as they stand: what names a month is lost, and so is the order."""
    return tuple(character for character in source if character in "0123456789-")


def _letters(source: Words) -> Words:
    """The letters, copied whatever the sign says."""
    return source[1:]


def _translated(source: Words, entries: Mapping[Words, Words], kept: Collection[str]) -> Words:
    """Each word, or the longest run of words that a dictionary has, by what it has there, in the order of the source.

    kept: what stays as it stands where the dictionary has nothing; all else is lost.
    """
    target: list[str] = []
    at = 0
    while at < len(source):
        ends = range(len(source), at, -1)
        end = next((end for end in ends if source[at:end] in entries), at + 1)
        target += entries.get(source[at:end], source[at:end] if source[at] in kept else ())
        at = end
    return tuple(target)


def _glossed(side: int, source: Words) -> Words:
    """By the first translation. A word that only the rules write ("the", "because") is lost, and one that both
    languages have (".") stays."""
    return _translated(source, _dictionary(side), grammar().words(1 - side))


@cache
def _dictionary(side: int) -> Mapping[Words, Words]:
    """Of the rules that have words alone: what is written in one language, and the first that it is in the other."""
    found: dict[Words, Words] = {}
    for rule in grammar().rules:
        if not rule.parts:
            written, other = (tuple(str(item) for item in rule.sides[k]) for k in (side, 1 - side))
            found.setdefault(written, other)
    return found


def _named(source: Words) -> Words:
    """Digits as they stand, each name of a number by its digits, and of what is counted ("thousand") the zeros: those
    are too many wherever more follows."""
    return _translated(source, _numerals(), "0123456789")


@cache
def _numerals() -> Mapping[Words, Words]:
    return {tokens(name): tuple(str(n)[1:] if name in TIMES else str(n)) for name, n in worth().items()}
