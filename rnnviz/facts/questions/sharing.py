"""Questions about the copies of a shared weight: which states an edit reaches and which copies a gradient does, and
whether each has weights of its own.
"""

from __future__ import annotations

import numpy as np

from rnnviz.core.trace import Array, Trace
from rnnviz.facts.consequences import first_changed
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question

EDIT, COPIES, UNROLLED = "edit_reaches", "copies", "unrolled"


def edit_reaches(weight: str, before: Trace, after: Trace) -> Question:
    """From which step on do the states differ when one entry of `weight` is changed?

    before, after: the same text, as trained and with the entry changed. Each option is held against the size of what
    the edit changed in the last layer's states.
    """
    sizes = np.abs(after["h"][-1] - before["h"][-1]).max(axis=-1)
    first = first_changed(before, after)
    values: Values = {"weight": weight, "steps": len(after)}
    evidence: Values = {**values, "size": float(sizes[0]), "first": first, "largest": float(sizes.max())}
    if weight == "W_hy":
        reasons = {"first": "after_loop", "second": "after_loop", "later": "after_loop", "never": "only_y"}
    else:
        state = weight[2] == "h"
        reasons = {
            "first": "token" if first == 1 else "zero_state" if state else "blocked",
            "second": "every_copy"
            if first == 1
            else "state"
            if first == 2 and state
            else "from"
            if first == 2
            else "still",
            "later": "from" if first > 2 else "already" if first else "nowhere",
            "never": "differs" if first else "nowhere",
        }
    answer = {0: "never", 1: "first", 2: "second"}.get(first, "later")
    return Question(EDIT, values, {option: (reason, evidence) for option, reason in reasons.items()}, answer)


def copies_reached(weight: str, norms: Array, steps: int) -> Question | None:
    """How many copies of `weight` does the gradient of one loss reach?

    norms: the size of each copy's term over the whole weight, up to the step of the loss.     steps: of the text.
    None where fewer than three copies could be reached, and where a term within them is zero for another reason.
    """
    loss_at, copies = len(norms), np.flatnonzero(norms)
    if loss_at < 3:
        return None
    last = len(copies) > 0 and copies[-1] == loss_at - 1
    whole = last and len(copies) == copies[-1] - copies[0] + 1
    answer = {1: "one", loss_at - 1: "rest", loss_at: "all"}.get(len(copies)) if whole else None
    if answer is None:
        return None
    values: Values = {"weight": weight, "t": loss_at, "before": loss_at - 1, "steps": steps}
    evidence: Values = {
        **values,
        "early": float(norms[copies[0]]),
        "late": float(norms[-1]),
        "first": int(copies[0]) + 1,
    }
    zero = ("zero_before", "first_zero") if weight[2] == "h" else ("zero_memory", "first_memory")
    reasons = {
        "one": "read_once" if answer == "one" else "goes_on",
        "rest": {"one": "read_once_only", "rest": zero[0], "all": "first_too"}[answer],
        "all": {"one": "read_once_only", "rest": zero[1], "all": "every_copy"}[answer],
        "future": "not_ahead",
    }
    return Question(COPIES, values, {option: (reason, evidence) for option, reason in reasons.items()}, answer)


def more_weights(cell: str, steps: int, recurrent: int, window: int) -> Question:
    """Which has more weights: a network that is drawn once for each of `steps` tokens, or a feed-forward one as wide?

    cell: as it is called.     recurrent: weights of the one, counted once.     window: of the other, for as many.
    """
    answer = "recurrent" if recurrent > window else "window" if window > recurrent else "alike"
    values: Values = {"cell": cell, "steps": steps}
    evidence: Values = {**values, "recurrent": recurrent, "window": window}
    reasons = {
        "recurrent": ("once_more" if answer == "recurrent" else "once", evidence),
        "window": ("every_place" if answer == "window" else "few_places", evidence),
        "alike": ("equal" if answer == "alike" else "not_equal", evidence),
    }
    return Question(UNROLLED, values, reasons, answer)
