"""What is to be said of the ways from a written word back to the words that were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.question import Question

WAY_BACK = "way_back"
LITTLE = 1e-3  # of the largest norm, below which hardly anything arrives


@dataclass(frozen=True, eq=False)
class Back:
    """Of one word that is written at a step, from 1, the norms of dL/dh_j at each source token, (S,).

    alone: of a network without attention.     ways: of one with attention, by `core.gradients.attention.WAYS`; empty
    where none is shown.     whole: of these together as vectors, so no sum of norms.     shares: α.
    """

    word: str
    step: int
    tokens: tuple[str, ...]
    alone: Array
    ways: Mapping[str, Array]
    whole: Array | None = None
    shares: Array | None = None


def asked_of_way(back: Back) -> Question:
    """Along which way most of the gradient comes to the first token; with attention."""
    assert back.shares is not None
    norms = {way: float(norms[0]) for way, norms in back.ways.items()}
    answer = max(norms, key=norms.__getitem__)
    S = len(back.tokens)
    values: Values = {"word": back.word, "step": back.step, "token": back.tokens[0]}
    evidence: Values = {
        **values,
        **norms,
        "share": float(back.shares[0]),
        "chain": S - 1 + back.step,
    }
    reasons = {way: (f"{'is' if way == answer else 'not'}_{way}", evidence) for way in norms}
    return Question(WAY_BACK, values, reasons, answer)


def of_ways(back: Back) -> Iterator[Notice]:
    """How the gradient fades along the chain, where hardly any arrives, and what attention does for the token that
    gains most from it."""
    yield _along_the_chain(back)
    yield _little(back)
    if back.whole is None or back.shares is None:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = back.whole / back.alone
    there = np.flatnonzero(np.isfinite(gain))
    if len(there):
        j = int(there[gain[there].argmax()])
        kind = "ways_gain" if gain[j] > 1 else "ways_no_gain"
        yield Notice(
            kind,
            back.step,
            {
                **_at(back, j),
                "with": float(back.whole[j]),
                "alone": float(back.alone[j]),
                "times": float(gain[j]),
                "chain": len(back.tokens) - 1 - j + back.step,
            },
        )
    most, looked = int(back.ways["alpha"].argmax()), int(back.shares.argmax())
    same = most == looked
    yield Notice(
        "ways_looked" if same else "ways_elsewhere",
        back.step,
        {
            **_at(back, most),
            "looked": back.tokens[looked],
            "share": float(back.shares[looked]),
            "own": float(back.shares[most]),
            "norm": float(back.ways["alpha"][most]),
        },
    )


def _at(back: Back, j: int) -> Values:
    return {"word": back.word, "token": back.tokens[j], "j": j + 1}


def _along_the_chain(back: Back) -> Notice:
    """Without attention, from the last token back to the first."""
    first, last, S = float(back.alone[0]), float(back.alone[-1]), len(back.tokens)
    values: Values = {"word": back.word, "first": first, "last": last, "chain": S - 1 + back.step, "least": back.step}
    if S == 1 or not (first > 0 and last > 0):
        return Notice("ways_ends", back.step, values)
    factor = (first / last) ** (1 / (S - 1))
    return Notice("ways_fades" if factor < 1 else "ways_grows", back.step, {**values, "factor": factor})


def _little(back: Back) -> Notice:
    """Without attention, how many tokens get hardly anything of what the best reached one gets."""
    few = back.alone < LITTLE * back.alone.max()
    values: Values = {"count": int(few.sum()), "tokens": len(back.tokens), "little": LITTLE}
    if not few.any():
        part = float(back.alone.min() / back.alone.max()) if back.alone.max() > 0 else 0.0
        return Notice("ways_reaches", back.step, {**values, "part": part})
    return Notice("ways_vanishes", back.step, values)
