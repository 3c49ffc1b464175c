"""What is to be said of a gap: what decides the missing word, what readers make of it, and what writing on takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.question import Question

DECIDES = "gap_decides"
READERS = ("forward", "backward", "both")


class Known(NamedTuple):
    """The words that the grammar allows at a gap, with their probabilities."""

    before: Mapping[str, float]  # from the words before it: each word's probability
    both: Mapping[str, float]  # from all of them; at least one word

    @property
    def decides(self) -> str:
        """before: the words before it leave one.     after: those after it are needed, too.     open: several stay."""
        if len(self.before) == 1:
            return "before"
        return "after" if len(self.both) == 1 else "open"


def asked_of_gap(truth: Known) -> Question:
    """What decides the missing word?"""
    values: Values = {
        "before": len(truth.before),
        "both": len(truth.both),
        "word": max(truth.both, key=truth.both.__getitem__),
    }
    answer = truth.decides
    reasons = {
        "before": "one_before" if answer == "before" else "many_before",
        "after": {"before": "not_needed", "after": "needed", "open": "not_enough"}[answer],
        "open": "stays_open" if answer == "open" else "one_left",
    }
    return Question(DECIDES, values, {option: (reason, values) for option, reason in reasons.items()}, answer)


def of_gap(guesses: Mapping[str, tuple[str, float]], truth: Known | None) -> Iterator[Notice]:
    """What each reader expects, and what it is held against.

    guesses: by reader the word that it expects, and with which probability.     truth: None outside the grammar.
    """
    words: Values = {}
    for reader in READERS:
        word, p = guesses[reader]
        words = {**words, reader: word, f"p_{reader}": p}
    yield Notice("gap_filled", 0, words)
    if truth is None:
        yield Notice("gap_outside", 0, {})
        return
    right = [reader for reader in READERS if truth.both.get(guesses[reader][0], 0.0) > 0]
    fits: Values = {"count": len(truth.both), "before": len(truth.before), "fitting": len(right)}
    if len(truth.both) == 1:
        yield Notice("gap_one", 0, {**fits, "word": next(iter(truth.both))})
    else:
        yield Notice("gap_several", 0, fits)


def of_writing(before: Array, after: Array) -> Notice:
    """Why a network that reads both ways cannot write on: a further word changes every state of the reverse chain.

    before: (2, T, H), the states of the words so far.     after: (2, T + 1, H), those with a word more.
    """
    shifts = np.abs(after[:, : before.shape[1]] - before).max(axis=-1)
    values: Values = {
        "count": before.shape[1],
        "forward": float(shifts[0].max()),
        "changed": int((shifts[1] > 0).sum()),
        "reverse": float(shifts[1].max()),
    }
    return Notice("gap_writing", 0, values)
