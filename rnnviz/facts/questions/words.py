"""Questions about the next word: which word decided it where the sentence does, and whose a surprise is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from rnnviz.core.forward import Pass
from rnnviz.core.terms import WRONG
from rnnviz.facts.notice import SURPRISE, Values
from rnnviz.facts.questions.question import Question
from rnnviz.facts.truth import fate, known, most_wrong

DECIDER, SURPRISED = "decider", "surprised"
OTHERS = 3  # words offered beside the one that decided


class Swapped(Protocol):
    """One word of what was read replaced by another, as `zoo.swaps` has it."""

    @property
    def place(self) -> int: ...
    @property
    def word(self) -> str: ...
    @property
    def best(self) -> str: ...
    @property
    def p(self) -> float: ...
    @property
    def p_before(self) -> float: ...


def decider(beginning: Sequence[str], choice: str, swaps: Sequence[Swapped], text: Values) -> Question | None:
    """Which word of the beginning decided the network's first choice?

    The one whose swap lowers it most; beside it the last ones whose swap leaves it the first choice. None where every
    swap does, or none.
    """
    deciders = [swap for swap in swaps if swap.best != choice]
    others = [swap for swap in swaps if swap.best == choice][-OTHERS:]
    if not deciders or not others:
        return None
    most = min(deciders, key=lambda swap: swap.p_before)
    options = sorted([most, *others], key=lambda swap: swap.place)
    reasons: dict[str, tuple[str, Values]] = {}
    name: dict[str, str] = {}
    for swap in options:
        key = str(swap.place + 1)
        values: Mapping[str, str | float] = {
            "old": beginning[swap.place],
            "new": swap.word,
            "best": swap.best,
            "p": swap.p,
        }
        reasons[key] = ("stays" if swap.best == choice else "changes", values)
        name[key] = f"{beginning[swap.place]} ({key})"
    return Question(DECIDER, {**text, "choice": choice}, reasons, str(most.place + 1), name)


def surprised(shown: Pass, t: int) -> Question | None:
    """Is the network wrong where the word that came after step `t` (from 1) is a surprise?

    None where it is none, and where the true distribution is not known.
    """
    came = shown.targets[t - 1] if t <= len(shown.targets) else None
    truth = known(shown.truth, t - 1)
    if came is None or truth is None or shown.readout is None:
        return None
    y = shown.readout.y[t - 1]
    if y[came] > y.max() / SURPRISE:
        return None
    answer, off = fate(y, truth, came), most_wrong(y, truth)
    values: Values = {"t": t, "token": shown.tokens[t - 1], "came": shown.words[came], "p": float(y[came])}
    evidence: Values = {
        **values,
        "q": float(truth[came]),
        "count": int(np.count_nonzero(truth)),
        "off": shown.words[off],
        "p_off": float(y[off]),
        "q_off": float(truth[off]),
        "far": round(100 * WRONG),
    }
    reasons = {
        "wrong": ("is_wrong" if answer == "wrong" else "never" if answer == "outside" else "knows", evidence),
        "open": ("is_open" if answer == "open" else "too_far" if answer == "wrong" else "not_open", evidence),
        "outside": ("is_outside" if answer == "outside" else "inside", evidence),
    }
    return Question(SURPRISED, values, reasons, answer)
