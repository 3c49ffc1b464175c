"""What Train live asks of one run's end before it begins: whether a gradient that arrives is learned from, and whether
one that is small means that the network is as good as it gets.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.gradients.paths import fit_of
from rnnviz.core.terms import LEARNED, NO_MEMORY, progress
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.training import Asked, learned_at
from rnnviz.facts.training import FAR

if TYPE_CHECKING:
    from rnnviz.training.config import Config
    from rnnviz.training.view import RunView

ARRIVES, NORM = "arrives", "norm"  # the names of the questions
_OPEN = 1.0  # a forget bias from which on the path is called open: the gate starts at 0.73


def outcome_asked(view: RunView) -> Asked:
    """Of a start that is chosen so that the gradient arrives, whether it is learned from; of any other, how good the
    network is where its gradient is smallest."""
    if _opens(view.started):
        return Asked(ARRIVES, {"most": view.iterations, "learned": LEARNED}, ("learns", "still", "closes", "stops"))
    return Asked(NORM, {"most": view.iterations}, ("learned", "learning", "stuck", "worse"))


def outcome(view: RunView) -> Question | None:
    """The same with its answer; None before the run has given it."""
    before = outcome_asked(view)
    if not view.rows:
        return None
    return _arrives(view, before) if before.name == ARRIVES else _norm(view, before)


def _opens(config: Config) -> bool:
    """Whether a run starts as one starts it for a gradient to arrive."""
    return config.initialisation in ("orthogonal", "identity") or (config.forget_bias or 0.0) >= _OPEN


def _ended(view: RunView) -> bool:
    return bool(view.stopped) or view.iteration >= view.iterations


def _arrives(view: RunView, before: Asked) -> Question | None:
    """As soon as it has learned, or at its end. A gradient arrives that shrinks less than a thousandfold."""
    at = learned_at(view)
    if at is None and not _ended(view):
        return None
    rows, evaluations = view.rows.last["h"][:, -1], view.evaluations
    first, last = (fit_of(rows[place]) for place in (0, -1))
    still = bool(np.isfinite(rows[-1, : last.last + 1]).all()) and last.decades > -FAR
    answer = "learns" if at is not None else "stops" if view.stopped else "still" if still else "closes"
    place = len(evaluations) - 1 if at is None else int(np.searchsorted(evaluations.iteration, at))
    evidence: Values = {
        "at": int(evaluations.iteration[place]),
        "part": float(evaluations.loss[place]) / view.baseline,
        "score": float(evaluations.score[place]),
        "chance": view.chance,
        "learned": LEARNED,
        "row": int(view.rows.iteration[-1]),
        "first": -first.decades if isfinite(first.decades) else 0.0,
        "last": -last.decades if isfinite(last.decades) else 0.0,
        "end": view.iteration,
        "norm": float(view.curves.norm[-1]),
    }
    is_so = {"learns": "learned", "still": "still", "closes": "closed", "stops": "stopped"}[answer]
    reasons = {
        "learns": (is_so if answer in ("learns", "stops") else "not_learned", evidence),
        "still": (is_so, evidence),
        "closes": (is_so, evidence),
        "stops": (is_so if answer == "stops" else "ran_on", evidence),
    }
    return Question(ARRIVES, before.values, reasons, answer)


def _norm(view: RunView, before: Asked) -> Question | None:
    """At its end, of the kept iterations at which it was evaluated after an update."""
    if not _ended(view):
        return None
    evaluations = view.evaluations
    norms = dict(zip(view.curves.iteration.tolist(), view.curves.norm.tolist(), strict=True))
    places = [
        place
        for place, at in enumerate(evaluations.iteration.tolist())
        if at > 1 and isfinite(norms[at]) and isfinite(evaluations.loss[place])
    ]
    evidence: Values = {"end": view.iteration, "count": len(places), "learned": LEARNED}
    if not places:
        return Question(NORM, before.values, dict.fromkeys(before.options, ("stopped", evidence)), "worse")
    place = min(places, key=lambda one: norms[int(evaluations.iteration[one])])
    at, loss, score = int(evaluations.iteration[place]), float(evaluations.loss[place]), float(evaluations.score[place])
    answer: str = progress(loss, view.baseline, score, view.chance)
    evidence = {
        **evidence,
        "at": at,
        "norm": norms[at],
        "first": float(view.curves.norm[0]),  # of iteration 1, which is always kept
        "part": loss / view.baseline,
        "score": score,
        "chance": view.chance,
        "low": NO_MEMORY[0],
        "high": NO_MEMORY[1],
    }
    reasons = {option: ("right" if option == answer else f"is_{answer}", evidence) for option in before.options}
    if answer != "learned":
        reasons["learned"] = ("flat", evidence)
    return Question(NORM, before.values, reasons, answer)
