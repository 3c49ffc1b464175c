"""What one set of weights for every step brings with it: facts computed from traces and terms, as in `notice`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnviz.charts.notice import Notice
from rnnviz.trace import Array, Readout, Trace

LEFT = 0.9  # of the terms' sizes: above it hardly anything cancels
GONE = 0.001  # of the largest change: less is not worth a number
FADED = 0.1  # of the largest change: what is left at the last step of an edit that dies out


def first_changed(before: Trace, after: Trace) -> int:
    """The first step, from 1, whose state differs; 0 where none does."""
    steps = np.flatnonzero((before["h"][-1] != after["h"][-1]).any(axis=-1))
    return int(steps[0]) + 1 if len(steps) else 0


def of_edit(before: Trace, after: Trace, y_before: Readout, y_after: Readout, words: Sequence[str]) -> Iterator[Notice]:
    """What an edited weight changed in the last layer's states, and in the predictions."""
    change = np.abs(after["h"][-1] - before["h"][-1])
    first = first_changed(before, after)
    if first:
        t, unit = np.unravel_index(change.argmax(), change.shape)
        old, new = float(before["h"][-1][t, unit]), float(after["h"][-1][t, unit])
        states = int((change > 0).any(axis=-1).sum())
        yield Notice("spread", first, {"first": first, "states": states, "steps": len(after)})
        yield Notice("largest", int(t) + 1, {"unit": int(unit) + 1, "old": old, "new": new})
        sizes = np.linalg.norm(change, axis=-1)
        peak = int(sizes.argmax())
        left = float(sizes[-1] / sizes[peak])
        if peak < len(after) - 1:
            kind = "gone" if left < GONE else "faded" if left < FADED else "stayed"
            yield Notice(kind, peak + 1, {"left": left})
    else:
        read_later = (y_before.W_hy != y_after.W_hy).any()
        yield Notice("no_state" if read_later else "no_change", 1, {"steps": len(after)})
    best = [readout.y.argmax(axis=-1) for readout in (y_before, y_after)]
    moved = best[0] != best[1]
    t = int(np.flatnonzero(moved)[0]) if moved.any() else len(after) - 1
    old_word, new_word = int(best[0][t]), int(best[1][t])
    values: dict[str, str | int | float] = {
        "token": after.tokens[t],
        "old": words[old_word],
        "new": words[new_word],
        "p_old": float(y_before.y[t, old_word]),
        "p_new": float(y_after.y[t, new_word]),
        "count": int(moved.sum()),
    }
    yield Notice("other_word" if moved.any() else "same_words", t + 1, values)


def of_terms(terms: Array, loss_at: int, row: int, column: int, tokens: Sequence[str]) -> Iterator[Notice]:
    """What the copies contribute to one entry's gradient.

    terms: (T, rows, columns).     loss_at: the step of the loss, from 1.     row, column: from 0.
    """
    chosen = terms[:loss_at, row, column]
    total = float(np.abs(chosen).sum())
    if total == 0:
        yield Notice("no_term", loss_at, {"count": loss_at})
        return
    k = int(np.abs(chosen).argmax())
    share = float(abs(chosen[k]) / total)
    yield Notice("top_term", k + 1, {"token": tokens[k], "term": float(chosen[k]), "share": share})
    up, down = int((chosen > 0).sum()), int((chosen < 0).sum())
    left = float(abs(chosen.sum()) / total)
    if left < LEFT:
        yield Notice("cancel", loss_at, {"up": up, "down": down, "zero": loss_at - up - down, "left": left})
    sizes = np.linalg.norm(terms[:loss_at].reshape(loss_at, -1), axis=-1)
    (reached,) = np.nonzero(sizes)
    if len(reached) > 1:
        early, late = int(reached[0]), int(reached[-1])
        times = float(sizes[late] / sizes[early])
        kind = "smaller" if times >= 1 else "larger"
        yield Notice(kind, early + 1, {"early": early + 1, "late": late + 1, "times": max(times, 1 / times)})


def third_of(parts: Array) -> int:
    """Where the largest of an entry's terms, one per step up to the loss, stands: 0 in the first third, 1 in the
    middle, 2 in the last.
    """
    return 3 * int(np.abs(parts).argmax()) // len(parts)
