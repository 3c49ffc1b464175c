"""Questions about the shapes: how far back a loss reaches, which word decides, what a network without a loop keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnviz.core.taps import Taps
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question
from rnnviz.facts.shapes import steps_of

REACHED, TURNED, KEEPS, SEEN_ONCE, LOSSES = "reached", "turned", "keeps", "seen_once", "losses"
CLEAR = 0.1  # by which the token that decides is above every other one that is offered
OFFERED = 4


def reached(taps: Taps) -> Question | None:
    """How many of the states does the gradient of the asked losses reach? None where nothing is asked.

    Offered are the states that are asked, those that read something, those up to the last question and all; each
    number once.
    """
    if not any(taps.asks):
        return None
    until = 1 + max(t for t, asks in enumerate(taps.asks) if asks)
    counts = {"until": until, "asked": sum(taps.asks), "open": sum(taps.inputs), "every": len(taps), "none": 0}
    values: Values = {**{name: count for name, count in counts.items() if name != "none"}, "t": until}
    offered: dict[str, tuple[str, Values]] = {}
    taken: set[int] = set()
    for name, count in counts.items():
        if count not in taken:
            taken.add(count)
            offered[name] = (name if name != "until" or until > 1 else "here", values)
    order = sorted(offered, key=lambda name: counts[name])
    return Question(REACHED, values, {name: offered[name] for name in order}, "until")


def turned(y: Array, prior: Array, tokens: Sequence[str], answers: Sequence[str]) -> Question | None:
    """Which token moves the verdict furthest towards what it is in the end? None where none is clearly the one.

    Offered are it and those that move it most in either direction.     y, prior: as `steps_of` has them.
    """
    by, final = steps_of(y, prior), int(y[-1].argmax())
    most = int(by.argmax())
    others = [t for t in np.argsort(-np.abs(by), kind="stable").tolist() if t != most][: OFFERED - 1]
    if not others or by[most] - max(by[t] for t in others) < CLEAR:
        return None
    before = np.concatenate([prior[final : final + 1], y[:-1, final]])
    reasons: dict[str, tuple[str, Values]] = {}
    for t in sorted([most, *others]):
        told: Values = {"answer": answers[final], "before": float(before[t]), "after": float(y[t, final])}
        reasons[str(t + 1)] = ("most" if t == most else "less" if by[t] > 0 else "against", told)
    called = {str(t + 1): f"{t + 1} · {tokens[t]}" for t in sorted([most, *others])}
    return Question(TURNED, {"answer": answers[final]}, reasons, str(most + 1), called)


def keeps(share: float, steps: int) -> Question:
    """What of the first of several inputs is in the answer to the last, in a network without a loop?

    share: by how much that answer changes where the first input is another one, as a probability.
    """
    values: Values = {"steps": steps, "share": share}
    reasons = {
        "nothing": ("no_way", values),
        "little": ("not_fading", values),
        "mean": ("not_mean", values),
    }
    if share != 0:
        raise ValueError(f"the answer changes by {share}; accepted: 0, since no way leads from one step to the next")
    return Question(KEEPS, values, reasons, "nothing")


def seen_once(size: float, said: str, other: str) -> Question:
    """When does a network that spells what is drawn see the drawing?

    size: of h_0, which is made of it.     said: what it writes.     other: what it writes where h_0 is made of another
    drawing, and all else is the same.
    """
    values: Values = {"size": size, "said": said, "other": other}
    reasons = {
        "once": ("h0", values),
        "every": ("letters" if said != other else "letters_same", values),
        "last": ("too_late", values),
    }
    return Question(SEEN_ONCE, values, reasons, "once")


def losses(targets: Sequence[int | None], steps: int) -> Question:
    """How many losses does a text of so many steps give a network that is asked after each of them?

    targets: the right class after each step, None where none is known, as after the last.
    """
    known = sum(k is not None for k in targets)
    counts = {"known": known, "one": 1, "every": steps, "none": 0}
    values: Values = {"known": known, "every": steps, "missing": steps - known}
    offered: dict[str, tuple[str, Values]] = {}
    taken: set[int] = set()
    for name, count in counts.items():
        if count not in taken:
            taken.add(count)
            offered[name] = ("none_known" if name == "known" and not known else name, values)
    order = sorted(offered, key=lambda name: counts[name])
    return Question(LOSSES, values, {name: offered[name] for name in order}, "known")
