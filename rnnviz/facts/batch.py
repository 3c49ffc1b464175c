"""What is to be said of a batch: the work that pads cost, and what they do to the state that is handed on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnviz.core.sheet import Sheet
from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.question import Question

STATE, FIRST = "pads_state", "pads_first"


def most_padded(batch: Sequence[Sheet]) -> int:
    """The sequence with the most pads, from 0; the first of several."""
    return max(range(len(batch)), key=lambda number: batch[number].pads)


def pads_come_first(sheet: Sheet, *, reverse: bool) -> bool:
    """Whether a chain reads the pads of a sequence before its tokens."""
    return not sheet.real[-1 if reverse else 0]


def of_batch(batch: Sequence[Sheet], row: int, *, reverse: bool) -> Iterator[Notice]:
    """The work, then the sequence with the most pads.

    row: of the states' first axis.     reverse: whether that chain begins at the right.
    """
    cells, words = sum(sheet.cells for sheet in batch), sum(sheet.words for sheet in batch)
    work: Values = {"cells": cells, "words": words, "count": len(batch), "columns": len(batch[0].real)}
    if cells == words:
        yield Notice("batch_no_waste", 0, work)
    else:
        yield Notice("batch_waste", 0, {**work, "wasted": (cells - words) / cells})
    number = most_padded(batch)
    sheet = batch[number]
    if not sheet.pads:
        return
    ends = (sheet.last, sheet.first) if not reverse else (sheet.first, sheet.last)
    values: Values = {
        "n": number + 1,
        "pads": sheet.pads,
        "last": sheet.tokens[ends[0]],
        "first": sheet.tokens[ends[1]],
        "drift": sheet.drift(row),
        "size": float(np.linalg.norm(sheet.alone[row])),
    }
    if not values["drift"]:
        yield Notice("batch_kept" if sheet.handling == "mask" else "batch_packed", 0, values)
    else:
        yield Notice("batch_before" if pads_come_first(sheet, reverse=reverse) else "batch_after", 0, values)


def of_choice(before: str, p: float, after: str, q: float, n: int) -> Iterator[Notice]:
    """What the head makes of the state that is handed on, where pads have changed it.

    before, p: its first word and the probability of the sequence alone.     after, q: the same with pads.
    n: which sequence, from 1.
    """
    if before != after:
        yield Notice("batch_choice", 0, {"before": before, "p": p, "after": after, "q": q, "n": n})


def asked_of_pads(batch: Sequence[Sheet], row: int, *, reverse: bool) -> Question | None:
    """What a chain that reads pads begins with where they stand at the left or it comes from the right, else what pads
    do to the state; of the sequence with the most. None where there are none, and where they are packed away.

    row, reverse: as of `of_batch`.
    """
    number = most_padded(batch)
    sheet = batch[number]
    if not sheet.pads or sheet.handling == "packed":
        return None
    start, end = sheet.tokens[sheet.first], sheet.tokens[sheet.last]
    values: Values = {"n": number + 1, "pads": sheet.pads, "start": start, "end": end}
    if reverse or not sheet.real[0]:
        pads_come = pads_come_first(sheet, reverse=reverse)
        return _first(values, pads_come=pads_come) if sheet.handling == "pads" else None
    zero = not sheet.handed_on[row].any()
    answer = "moved" if sheet.drift(row) and not zero else "zero" if zero else "same"
    evidence: Values = {
        **values,
        "drift": sheet.drift(row),
        "before": float(np.linalg.norm(sheet.alone[row])),
        "after": float(np.linalg.norm(sheet.handed_on[row])),
    }
    stays = "masked" if sheet.handling == "mask" else "stays"
    reasons = {
        "same": stays if answer == "same" else "still_computes",
        "zero": "is_zero" if zero else "not_zero",
        "moved": "moves" if answer == "moved" else "does_not_move",
    }
    return Question(STATE, values, {option: (reason, evidence) for option, reason in reasons.items()}, answer)


def _first(values: Values, *, pads_come: bool) -> Question:
    """Of a chain that reads the pads first, or from the right begins with the last token."""
    answer = "pad" if pads_come else "end"
    reasons = {
        "start": "not_start" if pads_come else "comes_last",
        "end": "not_end" if pads_come else "begins_there",
        "pad": "pads_come" if pads_come else "pads_after",
    }
    return Question(FIRST, values, {option: (reason, values) for option, reason in reasons.items()}, answer)
