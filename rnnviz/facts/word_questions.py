"""Where the sentence decides the next word: which of its words did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rnnviz.facts.notice import Values
from rnnviz.facts.question import Question

DECIDER = "decider"
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


def decider(beginning: Sequence[str], choice: str, swaps: Sequence[Swapped], read: Values) -> Question | None:
    """Which word of the beginning decided the network's first choice?

    The one whose swap lowers it most; beside it the last ones whose swap leaves it the first choice. None where every
    swap does, or none.
    """
    changing = [swap for swap in swaps if swap.best != choice]
    staying = [swap for swap in swaps if swap.best == choice][-OTHERS:]
    if not changing or not staying:
        return None
    most = min(changing, key=lambda swap: swap.p_before)
    shown = sorted([most, *staying], key=lambda swap: swap.place)
    reasons: dict[str, tuple[str, Values]] = {}
    called: dict[str, str] = {}
    for swap in shown:
        key = str(swap.place + 1)
        values: Mapping[str, str | float] = {
            "old": beginning[swap.place],
            "new": swap.word,
            "best": swap.best,
            "p": swap.p,
        }
        reasons[key] = ("stays" if swap.best == choice else "changes", values)
        called[key] = f"{beginning[swap.place]} ({key})"
    return Question(DECIDER, {**read, "choice": choice}, reasons, str(most.place + 1), called)
