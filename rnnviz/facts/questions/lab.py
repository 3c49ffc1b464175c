"""What the gradient lab asks before a part is drawn, with the answer as it was computed for the network that is shown.

The options aim at what one may wrongly believe: that gates keep everything, that a matrix that can stretch must, that
truncation resets the state, that more units remember longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, log10

import numpy as np

from rnnviz.core.gradients.cliff import Path
from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.question import Question

MOST, SOME = 0.1, 1e-6  # of a whole, above which most and some of it is left
APART = 3.0  # decades between two sizes that are not alike
GROWS = 10.0  # times, from which on a gradient has grown or, downwards, shrunk
SMALL, LARGE = 1.0, 30.0  # degrees
FAR, DOWN = 1.0, 0.01  # a step of a descent that throws it, and the loss of one that has come down


def left(name: str, part: float, back: int, values: Values) -> Question:
    """How much is left of a size that is multiplied `back` times, at least once. part: of the whole."""
    answer = "most" if part > MOST else "some" if part > SOME else "none"
    evidence: Values = {
        **values,
        "part": part,
        "back": back,
        "factor": part ** (1 / back) if part > 0 else 0.0,
        "most": MOST ** (1 / back),
        "some": SOME ** (1 / back),
    }
    reasons = {option: ("right" if option == answer else option, evidence) for option in ("most", "some", "none")}
    return Question(name, {**values, "back": back}, reasons, answer)


def stretches(sigma: float, gamma: float | None, first: float, last: float, back: int, matrix: str) -> Question:
    """What becomes of a gradient from the last step to the first. sigma: the largest singular value of `matrix`.
    gamma: the activation's largest slope; None for a cell with gates.     first, last: norms there."""
    grown = first / last
    answer = "grows" if grown > GROWS else "shrinks" if grown < 1 / GROWS else "alike"
    evidence: Values = {
        "matrix": matrix,
        "sigma": sigma,
        "back": back,
        "grown": grown,
        "factor": grown ** (1 / back) if grown > 0 and isfinite(grown) else grown,
        "high": GROWS ** (1 / back),
        "low": GROWS ** (-1 / back),
    }
    above = gamma is not None and gamma * sigma > 1
    wrong = {"grows": "stretch" if above else "grows", "shrinks": "shrinks", "alike": "alike"}
    reasons = {option: ("right" if option == answer else reason, evidence) for option, reason in wrong.items()}
    return Question("sigma", {"matrix": matrix, "sigma": sigma, "steps": back + 1}, reasons, answer)


def turns(window: int, steps: int, angle: float, far: float, *, overlapping: bool) -> Question:
    """By how much truncation turns the gradient. angle: degrees.     far: where only pairs at least `window` steps
    apart are cut."""
    answer = "little" if angle < SMALL else "some" if angle < LARGE else "much"
    evidence: Values = {"window": window, "steps": steps, "angle": angle, "far": far, "near": window - 1}
    edges = "far" if overlapping else "edges"
    reasons = {option: ("right" if option == answer else edges, evidence) for option in ("little", "some", "much")}
    name = "turns_overlapping" if overlapping else "turns"
    return Question(name, {"window": window, "steps": steps}, {**reasons, "forgets": ("forgets", evidence)}, answer)


def descends(path: Path, rate: float) -> Question:
    """What became of a descent: `thrown` where a step is longer than `FAR`, `back` where it has come down again all the
    same, `settles` where it has come down without such a step, else `yet`. Down is a loss below `DOWN`."""
    lengths = np.hypot(np.diff(path.w), np.diff(path.b))
    at, loss = int(np.nanargmax(lengths)), float(path.loss[-1])
    far, down = bool(lengths[at] > FAR), loss < DOWN
    answer = ("back" if down else "thrown") if far else "settles" if down else "yet"
    evidence: Values = {
        "updates": len(lengths),
        "rate": rate,
        "loss": loss,
        "longest": float(lengths[at]),
        "slope": float(path.slope[at]),
        "far": FAR,
        "down": DOWN,
    }
    reasons = {
        "settles": "settles_right" if answer == "settles" else "no_settling",
        "thrown": "thrown_right" if answer == "thrown" else "came_back" if far else "no_throw",
        "back": "back_right" if answer == "back" else "no_way_back",
        "yet": "yet_right" if answer == "yet" else "decided",
    }
    values: Values = {"updates": len(lengths)}
    return Question("cliff", values, {option: (reason, evidence) for option, reason in reasons.items()}, answer)


def farthest(path: Path, max_norm: float, rate: float) -> Notice | None:
    """How much longer the longest step of a descent is than those before it were, in the median; None where it is not
    longer than `FAR`, and where it is the first."""
    lengths = np.hypot(np.diff(path.w), np.diff(path.b))
    at = int(np.nanargmax(lengths))
    if lengths[at] <= FAR or at == 0:
        return None
    times = float(lengths[at] / np.median(lengths[:at]))
    return Notice(
        "lab_thrown", 0, {"update": at + 1, "longest": float(lengths[at]), "times": times, "most": rate * max_norm}
    )


def remembers(cell: str, units: Mapping[int, float], steps: int) -> Question:
    """Whether more units remember longer. units: of two numbers of them, the smaller first, the part of a gradient that
    is left at the first of `steps` steps."""
    (few, one), (many, other) = units.items()
    if one > 0 and other > 0:
        apart = log10(other) - log10(one)
    else:
        apart = 0.0 if one == other else APART if other > one else -APART
    answer = "more" if apart >= APART else "less" if apart <= -APART else "alike"
    evidence: Values = {
        "few": few,
        "many": many,
        "one": one,
        "other": other,
        "factor_few": one ** (1 / (steps - 1)),
        "factor_many": other ** (1 / (steps - 1)),
    }
    reasons = {option: ("right" if option == answer else "wrong", evidence) for option in ("more", "alike", "less")}
    return Question("units", {"few": few, "many": many, "steps": steps, "cell": cell}, reasons, answer)
