"""Questions about what a hidden state is: made of all that was read, and not yet what the network puts out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rnnviz.core.trace import Array, Readout
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question

APART, SPEAKS = "apart", "speaks"
SAME = 0.01  # of how far apart two states were: below it they are about the same
FAINT = 0.1  # below this part of it, hardly apart
CLEAR = 0.1  # by which the term of the unit that speaks most is above every other one that is offered


def apart(before: Array, after: Array, words: tuple[str, str], tokens: Sequence[str]) -> Question:
    """How far apart are two states once both have read the same last word, where only the first word was another?

    before, after: (T, H), the last layer's h of the two readings.     words: the first word, and the one in its place.
    tokens: all T that were read, the first of them either.
    """
    first, last = (float(np.linalg.norm(after[t] - before[t])) for t in (0, -1))
    remainder = last / first
    answer = "same" if remainder < SAME else "faint" if remainder < FAINT else "clear"
    values: Values = {"t": len(before), "old": words[0], "new": words[1], "last": tokens[-1]}
    evidence: Values = {
        **values,
        "first": first,
        "end": last,
        "left": remainder,
        "low": SAME * first,
        "high": FAINT * first,
    }
    reasons = {
        "same": ("forgot" if answer == "same" else "not_only", evidence),
        "faint": ("fades" if answer == "faint" else "not_faint", evidence),
        "clear": ("keeps" if answer == "clear" else "not_clear", evidence),
    }
    return Question(APART, values, reasons, answer)


def speaks(
    h: Array, readout: Readout, words: Sequence[str], t: int, token: str, call: Callable[[int, float], str]
) -> Question | None:
    """Which unit of h speaks most for the first choice after step `t` (from 1), that is, has the largest term
    W_hy[word, unit] h[unit]? Offered are it, the unit with the largest h, the one with the largest weight and the one
    that speaks most against the word, each of them once.

    h: (T, H).     token: read at that step.     call: how a unit (from 1) with its h is called.
    None where the largest term is not `CLEAR` above the others.
    """
    k = int(readout.y[t - 1].argmax())
    state, weights = h[t - 1], readout.W_hy[k]
    term = state * weights
    most = int(term.argmax())
    units = sorted({most, int(np.abs(state).argmax()), int(np.abs(weights).argmax()), int(term.argmin())})
    others = [term[unit] for unit in units if unit != most]
    if not others or term[most] - max(others) < CLEAR:
        return None
    reasons: dict[str, tuple[str, Values]] = {}
    for unit in units:
        why = "most" if unit == most else "less" if term[unit] > 0 else "against"
        evidence: Values = {"h": float(state[unit]), "weight": float(weights[unit]), "term": float(term[unit])}
        reasons[str(unit + 1)] = (why, {**evidence, "word": words[k]})
    name = {str(unit + 1): call(unit + 1, float(state[unit])) for unit in units}
    return Question(SPEAKS, {"t": t, "token": token, "word": words[k]}, reasons, str(most + 1), name)
