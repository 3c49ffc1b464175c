"""What is to be said of the one vector that an encoder hands over: how much of a source is still in it, by its length.

All of it is read from the cards: shares of unseen sources, means over the seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.question import KNOWN, Question

if TYPE_CHECKING:
    from rnnviz.zoo.seq2seq import LengthScore

IN_LAST = "in_last"
WHOLE = 0.9  # of the targets: where so many are right as a whole, nearly all of it is there
HALF = 0.5


def mean(shares: Sequence[float]) -> float:
    """Over the seeds."""
    return sum(shares) / len(shares)


def nearest(scores: Sequence[LengthScore], length: int) -> LengthScore:
    """The score whose length is nearest; of two that are as near, that of the longer one."""
    return min(scores, key=lambda one: (abs(one.length - length), -one.length))


def asked_of_last(scores: Mapping[str, Sequence[LengthScore]], length: int, place: int) -> Question:
    """Is the whole sentence in the last h? Of a network without attention, for sources of about this length.

    scores: by attention.     length: of the reader's source.     place: of the token that a probe reads, from 0.
    """
    none = nearest(scores["none"], length)
    exact, first = mean(none.exact), mean(none.first)
    answer = "whole" if exact >= WHOLE else "part" if first >= none.guess_first + KNOWN else "lost"
    values: Values = {"length": none.length, "place": place + 1, "whole": WHOLE}
    evidence: Values = {
        **values,
        **{f"exact_{attention}": mean(nearest(rows, length).exact) for attention, rows in scores.items()},
        "first": first,
        "guess": none.guess_first,
    }
    reasons = {
        "whole": "is_whole" if answer == "whole" else "not_whole",
        "part": {"whole": "all_of_it", "part": "is_part", "lost": "not_even"}[answer],
        "lost": {"whole": "is_written", "part": "is_read", "lost": "is_lost"}[answer],
    }
    return Question(IN_LAST, values, {option: (reason, evidence) for option, reason in reasons.items()}, answer)


def of_lengths(scores: Mapping[str, Sequence[LengthScore]], longest: int, place: int) -> Iterator[Notice]:
    """From which length on less than half is right without attention, what is read from what is handed over, and what
    is reached beyond the lengths of training.

    longest: source of the training data, in tokens.     place: of the token that a probe reads, from 0.
    """
    none = sorted(scores["none"], key=lambda one: one.length)
    from_here = len(none)
    while from_here and mean(none[from_here - 1].exact) < HALF:
        from_here -= 1
    below = from_here < len(none)
    yield Notice(
        "bottleneck_half" if below else "bottleneck_never", 0, _exact(scores, none[from_here if below else -1])
    )
    ends = (none[0], none[-1])
    probe: Values = {"place": place + 1, "short": ends[0].length, "long": ends[1].length}
    probe = {**probe, "guess_short": ends[0].guess_first, "guess_long": ends[1].guess_first}
    for attention, rows in scores.items():
        for name, end in zip(("short", "long"), ends, strict=True):
            probe = {**probe, f"{name}_{attention}": mean(nearest(rows, end.length).first)}
    yield Notice("bottleneck_probe", 0, probe)
    if ends[1].length > longest:
        yield Notice("bottleneck_beyond", 0, {**_exact(scores, ends[1]), "longest": longest})
    else:
        yield Notice("bottleneck_within", 0, {"longest": longest, "length": ends[1].length})


def _exact(scores: Mapping[str, Sequence[LengthScore]], at: LengthScore) -> Values:
    """What each attention reaches at one length."""
    reached = {attention: mean(nearest(rows, at.length).exact) for attention, rows in scores.items()}
    return {"length": at.length, **reached}
