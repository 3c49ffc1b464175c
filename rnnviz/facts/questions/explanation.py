"""The question whether attention explains: two shares are exchanged, and what that does to the output is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Array
from rnnviz.facts.notice import CLOSING
from rnnviz.facts.questions.question import Question

MOVED = 0.2  # of the attention: an exchange that moves less of it is none worth asking about
HARDLY = 0.02  # total variation of the output below which it hardly changes


@dataclass(frozen=True)
class Exchange:
    """Two source tokens that change their shares at one step."""

    step: int  # of the decoder, from 0
    first: int  # the source token, from 0, with the larger share
    second: int  # and the other
    moved: float  # how much of the attention goes elsewhere: the difference of the two shares
    changed: float  # total variation distance of the two outputs, 0 to 1
    word: str  # that is written before
    after: str  # that is written after


def exchanged(shares: Array, first: int, second: int) -> Array:
    """Shares, (S,), of which two are exchanged."""
    swapped = np.array(shares)
    swapped[[first, second]] = shares[[second, first]]
    return swapped


def least_telling(written: Transduction, y: Callable[[int, Array], Array]) -> Exchange | None:
    """Of all exchanges that move at least `MOVED` of a step's attention and hardly change the output, the one that
    moves most; where all change it, the one that changes it least; None where no step has any.

    A closing mark and the end are left out: that they come says little of the source.
    y: the distribution, (V,), at a step, from 0, with these shares, fed with the same words.
    """
    assert written.shares is not None
    found: list[Exchange] = []
    for t, shares in enumerate(written.shares):
        if not written.words[t] or written.words[t] in CLOSING:
            continue
        for a, b in combinations(range(len(shares)), 2):
            if abs(float(shares[a] - shares[b])) < MOVED:
                continue
            first, second = (a, b) if shares[a] > shares[b] else (b, a)
            after = y(t, exchanged(shares, a, b))
            changed = float(np.abs(after - written.y[t]).sum() / 2)
            words = written.words[t], written.vocabulary[int(after.argmax())]
            found.append(Exchange(t, first, second, float(shares[first] - shares[second]), changed, *words))
    quiet = [one for one in found if one.changed < HARDLY]
    if quiet:
        return max(quiet, key=lambda one: one.moved)
    return min(found, key=lambda one: one.changed) if found else None


def asked_of_explanation(one: Exchange, tokens: tuple[str, ...], end: str) -> Question:
    """What the exchange does to the word that is written."""
    same = one.word == one.after
    answer = "other" if not same else "hardly" if one.changed < HARDLY else "shaken"
    values: dict[str, str | int | float] = {
        "step": one.step + 1,
        "word": one.word or end,
        "after": one.after or end,
        "first": tokens[one.first],
        "second": tokens[one.second],
        "moved": one.moved,
        "changed": one.changed,
    }
    reasons = {
        option: (option if option == answer else f"not_{option}", values) for option in ("other", "shaken", "hardly")
    }
    return Question("explanation", values, reasons, answer)
