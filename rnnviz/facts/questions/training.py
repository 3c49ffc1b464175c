"""What Train live asks before a run, and what the run answers: how the gradient's size changes on its way back, and of
a pair which one learns first. How a run ends is asked about in `rnnviz.facts.questions.outcomes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.core.cells import CELLS
from rnnviz.core.gradients.paths import fit_of
from rnnviz.core.terms import progress
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question
from rnnviz.facts.training import ARRIVES, FAR

if TYPE_CHECKING:
    from rnnviz.training.view import RunView

ROW, EVERY, FIRST = "row", "every", "first"  # the names of the questions


@dataclass(frozen=True)
class Asked:
    """A question before it has an answer: its name, what fills it, and its options in order."""

    name: str
    values: Values
    options: tuple[str, ...]


def open_question(views: Sequence[RunView], names: Sequence[str]) -> Asked:
    """Of one run how its gradient flows back, from one loss or from one at every step; of two which learns first. Where
    gradients are clipped one may believe that this helps them on their way.

    names: what each run is called.
    """
    if len(views) > 1:
        values: Values = {"a": names[0], "b": names[1], "most": views[0].iterations}
        return Asked(FIRST, values, ("a", "b", "both", "neither"))
    (view,) = views
    if view.loss_from == 0:
        return Asked(EVERY, {"steps": view.steps}, ("shrinks", "stays", "grows"))
    clip_option = ("clipped",) if view.config.clipping != "none" else ()
    return Asked(ROW, {"steps": view.steps}, ("shrinks", _stays(view), "grows", *clip_option))


def answered_question(views: Sequence[RunView], names: Sequence[str]) -> Question | None:
    """The same with its answer; None before the runs have given it."""
    before = open_question(views, names)
    return _first(views, names, before) if before.name == FIRST else _row(views[0], before)


def _stays(view: RunView) -> str:
    """The option that the size stays; of a cell with gates, that the memory carries it from the end."""
    return "carried" if CELLS[view.config.cell].memory and view.loss_from > 0 else "stays"


def _row(view: RunView, before: Asked) -> Question | None:
    """From the line through the first row, of the last layer's h, up to where its sequences have ended; an exact zero
    at step 1 is less than any size."""
    if not view.rows:
        return None
    row = view.rows.flow["h"][0, -1]
    fit = fit_of(row)
    decades = fit.decades if row[0] > -inf else -inf
    if np.isnan(row[0]) or np.isnan(decades):
        return None
    back = fit.last - fit.first if before.name == EVERY and isfinite(decades) else view.steps - 1
    answer = "shrinks" if decades <= -FAR else "grows" if decades >= FAR else _stays(view)
    limit = 10.0 ** (FAR / back)
    evidence: Values = {
        "back": back,
        "factor": 10.0 ** (decades / back),
        "decades": abs(decades) if isfinite(decades) else 0.0,
        "low": 1 / limit,
        "high": limit,
        "window": view.config.truncation,
    }
    zero_reason = "nothing_cut" if view.config.truncation else "nothing"
    right = "right" if isfinite(decades) else zero_reason
    alone = fit_of(view.rows.last["h"][0, -1]).slope
    if before.name == EVERY and right == "right" and isfinite(alone):
        right, evidence = "right_last", {**evidence, "alone": 10.0**alone}
    shrinks = (right if answer == "shrinks" else "shrinks", evidence)
    stays = (right if answer == _stays(view) else "carried" if _stays(view) == "carried" else "stays", evidence)
    grows = (right if answer == "grows" else "grows", evidence)
    reasons = {"shrinks": shrinks, _stays(view): stays, "grows": grows, "clipped": ("clipped", evidence)}
    return Question(before.name, before.values, {option: reasons[option] for option in before.options}, answer)


def learned_at(view: RunView) -> int | None:
    """The first evaluation that is kept at which it had learned."""
    iteration = view.evaluations
    for at, loss, score in zip(
        iteration.iteration.tolist(), iteration.loss.tolist(), iteration.score.tolist(), strict=True
    ):
        if isfinite(loss) and progress(loss, view.baseline, score, view.chance, updates=at - 1) == "learned":
            return int(at)
    return None


def _first(views: Sequence[RunView], names: Sequence[str], before: Asked) -> Question | None:
    """As soon as one has learned and the other was evaluated at that iteration too, or both have ended."""
    learning_times = [learned_at(view) for view in views]
    times = [at for at in learning_times if at is not None]
    ended = [bool(view.stopped) or view.iteration >= view.iterations for view in views]
    if times:
        at = min(times)
        if not all(over or view.evaluations.iteration[-1] >= at for view, over in zip(views, ended, strict=True)):
            return None
        answer = "both" if learning_times[0] == learning_times[1] else "ab"[learning_times.index(at)]
    elif all(ended):
        at, answer = max(view.iteration for view in views), "neither"
    else:
        return None
    who: Values = {"at": at, "name": names["ab".index(answer)] if answer in ("a", "b") else ""}
    reasons: dict[str, tuple[str, Values]] = {
        side: _of_run(view, name, at, learned=time == at)
        for side, view, name, time in zip("ab", views, names, learning_times, strict=True)
    }
    both = {"both": "both", "neither": "none"}.get(answer, "one")  # the same says why not the one and not the other
    return Question(FIRST, before.values, {**reasons, "both": (both, who), "neither": (both, who)}, answer)


def _of_run(view: RunView, name: str, at: int, *, learned: bool) -> tuple[str, Values]:
    """Why a run had learned at that iteration, or had not."""
    kind = view.evaluations
    place = max(int(np.searchsorted(kind.iteration, at, side="right")) - 1, 0)
    row = view.rows.flow["h"][0, -1]
    decades = fit_of(row).decades
    evidence: Values = {
        "name": name,
        "at": int(kind.iteration[place]),
        "part": float(kind.loss[place]) / view.baseline,
        "score": float(kind.score[place]),
        "chance": view.chance,
        "decades": abs(decades) if isfinite(decades) else 0.0,
        "cut": max(view.steps - view.config.truncation, 0),
        "window": view.config.truncation,
    }
    if learned:
        return "learned", evidence
    if view.stopped and view.iteration <= at:
        return "stopped", {**evidence, "at": view.iteration, "norm": float(view.curves.norm[-1])}
    if view.config.truncation and view.loss_from > 0:
        return "cut", evidence
    if view.loss_from > 0 and np.isfinite(row).all():
        return ("arrived" if decades > -ARRIVES else "faded"), evidence
    return "not_yet", evidence
