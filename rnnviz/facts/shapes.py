"""What to notice in the shapes in which recurrent networks come: what taps let through, and where a verdict turns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnviz.core.taps import Taps
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice, Values

TURNED = 0.05  # by which a word must move a verdict to be named


def of_taps(taps: Taps, norms: Array | None, loss: float) -> Iterator[Notice]:
    """What the shape is called and means, which taps let nothing through, and how far back the losses go.

    norms: (T,), of the gradient of the losses' sum with respect to each h_t; None while it may not be seen.
    loss: that sum.
    """
    ask_count, input_count = sum(taps.asks), sum(taps.inputs)
    yield Notice(f"taps_{taps.shape}", 0, {"read": len(taps.read), "asked": len(taps.answered)})
    if taps.shape == "nothing":
        return
    if unread := input_count - len(taps.read):
        yield Notice("taps_unread", 0, {"count": unread})
    if taps.shape != "blind" and (unanswered_count := ask_count - len(taps.answered)):
        yield Notice("taps_unknowing", 0, {"count": unanswered_count})
    if zero_count := len(taps) - input_count:
        yield Notice("taps_zeros", 0, {"count": zero_count})
    yield Notice("taps_loss", 0, {"count": ask_count, "loss": loss})
    if norms is None:
        return
    last = max(t for t, open_ in enumerate(taps.asks) if open_)
    values: Values = {"last": float(norms[last]), "first": float(norms[0])}
    if last == 0:
        yield Notice("taps_here", 1, values)
    else:
        yield Notice("taps_back", last + 1, values)
    if after := len(taps) - 1 - last:
        yield Notice("taps_after", last + 1, {"count": after})


def steps_of(y: Array, prior: Array) -> Array:
    """(T,): by how much each step raised the probability of the answer that is first in the end.

    y: (T, K), the distributions after each step.     prior: (K,), before the first.
    """
    final = int(y[-1].argmax())
    return np.diff(np.concatenate([prior[final : final + 1], y[:, final]]))


def of_verdict(
    y: Array, prior: Array, tokens: Sequence[str], answers: Sequence[str], unknown: Sequence[bool]
) -> Iterator[Notice]:
    """How a verdict comes about: which token raised it most, which spoke most against it, and how often another answer
    was first.

    y, prior: as `steps_of` has them.     unknown: per step whether the token is not in the vocabulary: of such a one
    nothing is told.
    """
    final, by = int(y[-1].argmax()), steps_of(y, prior)
    before = np.concatenate([prior[final : final + 1], y[:-1, final]])
    answer = answers[final]
    for kind, t in (("turned", int(by.argmax())), ("against", int(by.argmin()))):
        size = by[t] if kind == "turned" else -by[t]
        if size >= TURNED and not unknown[t]:
            values: Values = {
                "token": tokens[t],
                "answer": answer,
                "before": float(before[t]),
                "after": float(y[t, final]),
            }
            yield Notice(f"verdict_{kind}", t + 1, values)
    first = y.argmax(axis=1)
    changes = int((first[1:] != first[:-1]).sum())
    values = {"answer": answer, "p": float(y[-1, final]), "count": changes, "steps": len(y)}
    yield Notice("verdict_end" if changes else "verdict_same", len(y), values)


def of_spelling(y: Array, spelling: str, word: str | None, vocabulary: Sequence[str]) -> Iterator[Notice]:
    """Whether what was written is the word for what was drawn, or where nobody has said that how sure the network is of
    the whole; and of which letter it was least sure.

    y: (T, K), the distributions after each step: of the letters of `spelling` in turn, and of the end.
    word: what was drawn; None where that is not known.     vocabulary: the words that the network has learned.
    """
    p = y.max(axis=1)
    if word is None:
        values: Values = {"said": spelling, "p": float(p.prod()), "count": len(vocabulary)}
        yield Notice("spelled_own" if spelling in vocabulary else "spelled_own_other", len(y), values)
    else:
        yield Notice("spelled_right" if spelling == word else "spelled_wrong", len(y), {"said": spelling, "word": word})
    t = int(p.argmin())
    kind = "spelled_end" if t == len(spelling) else "spelled_letter"
    yield Notice(kind, t + 1, {"letter": spelling[t : t + 1], "p": float(p[t])})


def of_tags(y: Array, tokens: Sequence[str], unknown: Sequence[bool], tags: Sequence[str]) -> Iterator[Notice]:
    """At which known token a tagger is least sure, and how many tokens it does not know.

    y: (T, K), the distributions after each step.     unknown: per step whether the token is not in the vocabulary.
    """
    if known := [t for t in range(len(y)) if not unknown[t]]:
        t = min(known, key=lambda t: float(y[t].max()))
        second, first = np.argsort(y[t], kind="stable")[-2:].tolist()
        p, q = float(y[t, first]), float(y[t, second])
        values: Values = {"token": tokens[t], "tag": tags[first], "second": tags[second], "p": p, "q": q}
        yield Notice("tags_unsure", t + 1, values)
    if count := len(y) - len(known):
        yield Notice("tags_unknown", 0, {"count": count})


def of_losses(y: Array, targets: Sequence[int | None]) -> Iterator[Notice]:
    """How many losses a text gives a network that is asked after each step, their sum, and where the largest is.

    y: (T, K), the distributions after each step.     targets: the right class after each, None where none is known.
    """
    every = [(float(-np.log(max(y[t, k], 1e-12))), t) for t, k in enumerate(targets) if k is not None]
    if not every:
        yield Notice("losses_none", 0, {"steps": len(y)})
        return
    largest, t = max(every)
    values: Values = {"count": len(every), "steps": len(y), "total": sum(loss for loss, _ in every), "largest": largest}
    yield Notice("losses", t + 1, values)
