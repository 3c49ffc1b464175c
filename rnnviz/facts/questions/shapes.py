"""Questions about the shapes: how far back a loss reaches, which word decides, how long a first state is felt, where
another word changes a tag, and how many losses a text gives.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rnnviz.core.taps import Taps
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question
from rnnviz.facts.shapes import steps_of

REACHED, TURNED, DRAWN, AHEAD, LOSSES = "reached", "turned", "drawn", "ahead", "losses"
CLEAR = 0.1  # by which the token that decides is above every other one that is offered
OFFERED = 4


def states_reached(taps: Taps) -> Question | None:
    """How many of the states does the gradient of the asked losses reach? None where nothing is asked.

    Offered are the states that are asked, those that read something, those up to the last question and all; each
    number once.
    """
    if not any(taps.asks):
        return None
    until = 1 + max(t for t, asks in enumerate(taps.asks) if asks)
    counts = {"until": until, "asked": sum(taps.asks), "open": sum(taps.inputs), "every": len(taps), "none": 0}
    values: Values = {**{name: count for name, count in counts.items() if name != "none"}, "t": until}
    options: dict[str, tuple[str, Values]] = {}
    numbers: set[int] = set()
    for name, count in counts.items():
        if count not in numbers:
            numbers.add(count)
            options[name] = (name if name != "until" or until > 1 else "here", values)
    order = sorted(options, key=lambda name: counts[name])
    return Question(REACHED, values, {name: options[name] for name in order}, "until")


def turning_token(
    y: Array, prior: Array, tokens: Sequence[str], answers: Sequence[str], unknown: Sequence[bool]
) -> Question | None:
    """Which token moves the verdict furthest towards what it is in the end? None where none is clearly the one, and
    where it is one that is not in the vocabulary.

    Offered are it and those that move it most in either direction.     y, prior: as `steps_of` has them.
    unknown: per step whether the token is not in the vocabulary: such a one is not offered.
    """
    by, final = steps_of(y, prior), int(y[-1].argmax())
    most = int(by.argmax())
    candidates = [t for t in np.argsort(-np.abs(by), kind="stable").tolist() if t != most and not unknown[t]]
    others = candidates[: OFFERED - 1]
    if unknown[most] or not others or by[most] - max(by[t] for t in others) < CLEAR:
        return None
    before = np.concatenate([prior[final : final + 1], y[:-1, final]])
    reasons: dict[str, tuple[str, Values]] = {}
    for t in sorted([most, *others]):
        evidence: Values = {"answer": answers[final], "before": float(before[t]), "after": float(y[t, final])}
        reasons[str(t + 1)] = ("most" if t == most else "less" if by[t] > 0 else "against", evidence)
    labels = {str(t + 1): f"{t + 1} · {tokens[t]}" for t in sorted([most, *others])}
    return Question(TURNED, {"answer": answers[final]}, reasons, str(most + 1), labels)


def other_drawing(y: Array, other: Array, outputs: Sequence[str], number: int) -> Question:
    """From which step on is another letter the first choice, where the first state is made of another drawing and the
    same letters are read?

    y, other: (T, K), the distributions after each step with the one drawing and with the other.     outputs: the K
    letters.     number: what the other drawing is called.
    """
    was, now = y.argmax(axis=1), other.argmax(axis=1)
    differs = np.flatnonzero(was != now)
    at = int(differs[0]) if len(differs) else 0
    answer = "never" if not len(differs) else "later" if at else "first"
    values: Values = {
        "t": at + 1,
        "before": outputs[was[at]],
        "after": outputs[now[at]],
        "start": outputs[was[0]],
        "steps": len(y),
        "most": float(np.abs(other - y).max()),
    }
    reasons = {
        "first": "at_first" if answer == "first" else "same_first",
        "later": {"first": "already", "later": "felt", "never": "nowhere"}[answer],
        "never": "all_same" if answer == "never" else "differs",
    }
    return Question(DRAWN, {"k": number}, {option: (reason, values) for option, reason in reasons.items()}, answer)


def ahead(y: Array, other: Array, tokens: Sequence[str], place: int, word: str, tags: Sequence[str]) -> Question:
    """Which is the first step that answers with another tag, where another word stands after one of them?

    y, other: (T, K), the distributions after each step with the text and with the other word.     place: of the step
    before that word, from 0.     tags: what the K answers are called.
    """
    was, now = y.argmax(axis=1), other.argmax(axis=1)
    differs = np.flatnonzero(was != now)
    at = int(differs[0]) if len(differs) else place + 1
    answer = "never" if not len(differs) else "here" if at == place + 1 else "later"
    values: Values = {
        "t": place + 1,
        "next": place + 2,
        "at": at + 1,
        "token": tokens[place],
        "old": tokens[place + 1],
        "word": word,
        "tag": tags[was[place]],
        "p": float(y[place].max()),
        "same": tags[was[place + 1]],
        "before": tags[was[at]],
        "after": tags[now[at]],
        "steps": len(y),
        "most": float(np.abs(other[place + 1] - y[place + 1]).max()),
    }
    reasons = {
        "before": "before",
        "here": "read" if answer == "here" else "alike",
        "later": {"here": "already", "later": "felt", "never": "nowhere"}[answer],
        "never": "all_same" if answer == "never" else "differs",
    }
    if place + 2 == len(y):
        del reasons["later"]  # there is none
    return Question(AHEAD, values, {option: (reason, values) for option, reason in reasons.items()}, answer)


def losses(targets: Sequence[int | None], steps: int) -> Question:
    """How many losses does a text of so many steps give a network that is asked after each of them?

    targets: the right class after each step, None where none is known, as after the last.
    """
    target_count = sum(k is not None for k in targets)
    counts = {"known": target_count, "one": 1, "every": steps, "none": 0}
    values: Values = {"known": target_count, "every": steps, "missing": steps - target_count}
    options: dict[str, tuple[str, Values]] = {}
    numbers: set[int] = set()
    for name, count in counts.items():
        if count not in numbers:
            numbers.add(count)
            options[name] = ("none_known" if name == "known" and not target_count else name, values)
    order = sorted(options, key=lambda name: counts[name])
    return Question(LOSSES, values, {name: options[name] for name in order}, "known")
