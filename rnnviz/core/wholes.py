"""What neighbouring tokens are units of: the word of some letters, the syllable of some jamo. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

SIGNS = frozenset("␣↵⇥")  # how a space, a line break and a tab are shown


@dataclass(frozen=True)
class Whole:
    start: int  # its first token, from 0
    stop: int  # the token after its last
    text: str  # all of it
    kind: Literal["cut", "word"]  # cut: what has no row of its own and was cut for that.   word: between two spaces


def is_space(token: str) -> bool:
    """Whether a token parts words where tokens are letters."""
    return token in SIGNS or (token != "" and token.isspace())


def words(tokens: Sequence[str], cut: Sequence[Whole] = ()) -> tuple[Whole, ...]:
    """The words of tokens that are letters or syllables: all that stands between two spaces, its marks too.

    cut: what some of them are parts of, whose text need not be that of its parts in a row, as of jamo.
    """
    by_start = {whole.start: whole for whole in cut}
    wholes = []
    for space, places in groupby(range(len(tokens)), key=lambda t: is_space(tokens[t])):
        if space:
            continue
        run = list(places)
        texts, t = [], run[0]
        while t <= run[-1]:
            whole = by_start.get(t)
            texts.append(whole.text if whole else tokens[t])
            t = whole.stop if whole else t + 1
        wholes.append(Whole(run[0], run[-1] + 1, "".join(texts), "word"))
    return tuple(wholes)


def of_letters(tokens: Sequence[str]) -> tuple[Whole, ...]:
    """The words of tokens of which nothing else is known: those between the spaces among them. Without any there are
    none, since the tokens may be words themselves."""
    return words(tokens) if any(map(is_space, tokens)) else ()
