"""What to notice in what an encoder and decoder wrote: where it parts from the right target, and where it looked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np

from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.question import Question

SPREAD = 0.5  # a step whose largest share is below this looks at several source tokens
STAYS = 3  # written tokens in a row that look at the same source token


def parting(rows: Sequence[int], right: Sequence[int]) -> int | None:
    """The place, from 0, of the first token that is not the right one; None where all are, and no more."""
    places = (k for k, (a, b) in enumerate(zip(rows, right, strict=False)) if a != b)
    short = min(len(rows), len(right))
    return next(places, None if len(rows) == len(right) else short)


def attended(written: Transduction) -> list[int]:
    """Of each written token the source token, from 0, that has the largest share; its end is not counted."""
    assert written.shares is not None
    steps = len(written) - (written.rows[-1] == 0)
    return [int(j) for j in written.shares[:steps].argmax(axis=1)]


def of_writing(written: Transduction, right: Sequence[int] | None, end: str) -> Iterator[Notice]:
    """Whether the target is right, where it parts from it, and where the decoder looked.

    written: fed with its own words.     right: the rows of the right target, with its end; None where none is known.
    end: what stands for the end.
    """
    words = [word or end for word in written.words]
    if right is not None:
        names = [written.vocabulary[row] or end for row in right]
        at = parting(written.rows, right)
        if at is None:
            yield Notice("writing_right", len(words), {"count": len(words) - 1})
        else:
            word, asked = (texts[at] if at < len(texts) else end for texts in (words, names))
            p = float(written.y[at, right[at]]) if at < len(words) and at < len(right) else 0.0
            yield Notice("writing_parts", at + 1, {"word": word, "right": asked, "p": p})
    unsure = int(np.argmin(written.y.max(axis=1)))
    yield Notice("writing_unsure", unsure + 1, {"word": words[unsure], "p": float(written.y[unsure].max())})
    if written.shares is None:
        yield Notice("writing_blind", 0, {"count": written.encoder.hidden_size})
        return
    path = attended(written)
    if len(path) < 2:
        return
    back = [t for t, (a, b) in enumerate(pairwise(path)) if b < a]
    if back:
        t = min(back, key=lambda t: path[t + 1] - path[t]) + 1
        tokens, seen, seen_before = written.encoder.tokens, path[t], path[t - 1]
        values: Values = {
            "count": len(back),
            "word": words[t],
            "token": tokens[seen],
            "token_place": seen + 1,  # the same token may stand in several places
            "before": tokens[seen_before],
            "before_place": seen_before + 1,
        }
        yield Notice("writing_back", t + 1, values)
    elif path[0] < path[-1]:
        yield Notice("writing_onward", 0, {"count": len(path)})
    stays = max(([*steps] for _, steps in groupby(range(len(path)), path.__getitem__)), key=len)
    if len(stays) >= STAYS and len(written.encoder) > 1:
        first, last = stays[0], stays[-1]
        token, texts = written.encoder.tokens[path[first]], " ".join(words[first : last + 1])
        values = {"count": len(stays), "first": first + 1, "last": last + 1, "token": token, "words": texts}
        yield Notice("writing_stays", first + 1, values)
    largest = written.shares[: len(path)].max(axis=1)
    t = int(largest.argmin())
    if largest[t] < SPREAD:
        yield Notice("writing_spread", t + 1, {"word": words[t], "p": float(largest[t])})


def asked_of_order(written: Transduction) -> Question | None:
    """Whether attention looks at the source's tokens in their order; None where there is too little to tell, as where
    it stays at one of them."""
    path = attended(written)
    if len(path) < 3 or len({*path}) == 1:
        return None
    forth = sum(b > a for a, b in pairwise(path))
    back = sum(b < a for a, b in pairwise(path))
    answer = "forward" if not back else "backward" if not forth else "jumps"
    places = ", ".join(str(j + 1) for j in path)
    evidence: Values = {"path": places, "forth": forth, "back": back}
    reasons = {
        option: (option if option == answer else f"not_{option}", evidence)
        for option in ("forward", "backward", "jumps")
    }
    return Question("looking", {}, reasons, answer)


def asked_of_reach(far: Array, tokens: Sequence[str]) -> Question:
    """In which third of a text another word moves the last state most.     far: (T,), by how much, in parts of it."""
    T, place = len(far), int(np.argmax(far))
    answer = ("start", "middle", "end")[3 * place // T if T > 2 else 2 * (place + 1 == T)]
    evidence: Values = {
        "token": tokens[place],
        "place": place + 1,
        "count": T,
        "far": float(far[place]),
        "first": float(far[0]),
        "last": float(far[-1]),
    }
    reasons = {option: ("is" if option == answer else "not", evidence) for option in ("start", "middle", "end")}
    return Question("felt", {"count": T}, reasons, answer)


def of_feeding(own: Transduction, right: Transduction, target: Sequence[int]) -> Iterator[Notice]:
    """What it makes of its own words beside the right ones.     target: the right rows, with the end."""
    own_wrong = sum(a != b for a, b in zip(own.rows, target, strict=False)) + abs(len(own.rows) - len(target))
    right_wrong = sum(a != b for a, b in zip(right.rows, target, strict=True))
    at = parting(own.rows, target)
    if at is None:
        yield Notice("feeding_same", 0, {})
        return
    yield Notice("feeding_parts", at + 1, {"own": own_wrong, "right": right_wrong, "count": len(target)})


def of_change(before: Transduction, after: Transduction, end: str) -> Iterator[Notice]:
    """What taking hold of something did to what is written."""
    at = parting(after.rows, before.rows)
    if at is None:
        t = int(np.argmax(_changes(before.y, after.y)))
        yield Notice("change_none", t + 1, {"change": float(_changes(before.y, after.y).max())})
        return
    words = [[word or end for word in one.words] for one in (before, after)]
    was, now = (texts[at] if at < len(texts) else end for texts in words)
    same = sum(a == b for a, b in zip(*words, strict=False))
    yield Notice("change_first", at + 1, {"was": was, "now": now, "same": same, "count": len(words[0])})


def _changes(before: Array, after: Array) -> Array:
    """Of each step the total variation distance between two distributions, 0 to 1."""
    changes: Array = np.abs(before - after).sum(axis=1) / 2
    return changes
