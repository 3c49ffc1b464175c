"""What to notice in a trace: computed, so that what a page says is what it shows. Facts only; a page words them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from rnnviz.core.forward import Pass
from rnnviz.core.terms import BOUNDS, KEEPS, MOVES, SATURATED, WRONG, nearness
from rnnviz.core.trace import Array, Readout, Trace
from rnnviz.facts.truth import fate, known, most_wrong

# A word surprises when another one was this many times as probable.
SURPRISE = 3
# The marks that end a sentence or a name. They often move a state most and are expected most surely, and say least.
CLOSING = frozenset(".!?…。！？␣")

Values = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Notice:
    """One fact. `kind` names the sentence that tells it, `values` fill its placeholders, `t` is its step (from 1)."""

    kind: str
    t: int
    values: Values


def notices(shown: Pass, unknown: Sequence[bool]) -> Iterator[Notice]:
    """The facts worth a glance, of the last layer's forward direction.

    unknown: per step whether the token is not in the vocabulary: of such a one nothing is told.
    """
    trace = shown.trace
    known_tokens = [t for t in range(len(trace)) if not unknown[t]]
    yield from _largest_move(trace, known_tokens)
    longest = _longest_hold(trace)
    if longest.values["count"]:
        yield longest
    if shown.readout is not None:
        yield from _surest(shown.readout, shown.words, shown.tokens, known_tokens)
        surprise = _surprise(shown.readout, shown, known_tokens)
        if surprise:
            yield surprise
        yield from _wrong(shown.readout, shown, skip=surprise.t if surprise else 0)


def seen(facts: Iterable[Notice], until: int) -> Iterator[Notice]:
    """Those that tell of no prediction after step `until` (from 1); what is told of states stays."""
    return (fact for fact in facts if fact.t <= until or fact.kind.startswith(("moved", "held")))


def answers(shown: Pass) -> Iterator[Notice]:
    """How a head answers where a task asks."""
    if shown.readout is not None:
        yield from _of_classes(shown.readout, shown)
    elif shown.outputs is not None and shown.asked is not None:
        yield _of_numbers(shown.outputs, shown.asked)


def _of_classes(readout: Readout, shown: Pass) -> Iterator[Notice]:
    """Of a task that asks for a class; nothing where it never asks."""
    words, places = shown.words, [(t, k) for t, k in enumerate(shown.targets) if k is not None]
    if not places:
        return
    t, k = min(places, key=lambda place: readout.y[place])
    best = int(readout.y[t].argmax())
    values: Values = {
        "asked": words[k],
        "p": float(readout.y[t, k]),
        "word": words[best],
        "best": float(readout.y[t, best]),
    }
    if len(places) == 1:
        yield Notice("class_right" if best == k else "class_wrong", t + 1, values)
        return
    right = sum(int(readout.y[t].argmax()) == k for t, k in places)
    yield Notice("classes", t + 1, {"right": right, "count": len(places), **values})


def _of_numbers(outputs: Array, answer: Array) -> Notice:
    """How near the numbers are to what is asked for."""
    error = np.abs(outputs - answer).max(axis=1)
    t = int(np.nanargmax(error))
    count = int(np.isfinite(error).sum())
    values: Values = {"asked": float(answer[t, 0]), "said": float(outputs[t, 0])}
    if count == 1:
        return Notice("number", t + 1, values)
    return Notice("numbers", t + 1, {**values, "count": count, "mean": float(np.nanmean(error))})


def _largest_move(trace: Trace, among: Sequence[int]) -> Iterator[Notice]:
    """The token that changed the state most, by the 2-norm of h_t - h_{t-1}; a closing mark only among its like.

    One that changed it hardly more than the mean of those is not singled out.     among: steps, from 0.
    """
    change = np.linalg.norm(trace["h"][trace.top] - trace.previous("h")[trace.top], axis=-1)
    words = [t for t in among if trace.tokens[t] not in CLOSING]
    if not among:
        return
    t = max(words or among, key=change.__getitem__)
    first = change[t] == change[among].max()
    those = change[among] if first else change[words]
    mean, least = float(those.mean()), float(those.min())
    if len(those) > 1 and change[t] < MOVES * mean:
        kind = "moved_alike" if first else "moved_word_alike"
    else:
        kind = "moved" if first else "moved_word"
    yield Notice(kind, t + 1, {"token": trace.tokens[t], "change": float(change[t]), "mean": mean, "least": least})


def _longest_hold(trace: Trace) -> Notice:
    """A gated cell: the unit whose keeping gate stays open longest. Any other: the unit longest where it is flat."""
    gate, squash = (trace.cell.memory or ("h", None))[1], trace.cell.op("h").kind
    size = trace[gate][trace.top] if gate else nearness(squash, trace["h"][trace.top])
    stays = size > (KEEPS if gate else SATURATED)
    low, high = (KEEPS, KEEPS) if gate else BOUNDS.get(squash, (0.0, 0.0))
    unit = int(np.lexsort((size.mean(axis=0), stays.sum(axis=0)))[-1])
    t = int(stays[:, unit].argmax()) if stays[:, unit].any() else int(size[:, unit].argmax())
    values: Values = {
        "unit": unit + 1,
        "count": int(stays[:, unit].sum()),
        "steps": len(trace),
        "units": int(stays[t].sum()),
        "size": trace.hidden_size,
        "low": low,
        "high": high,
        "gate": trace.cell.keeping[0] if gate else "",
    }
    if not gate:
        values = {**values, "below": int((stays & (trace["h"][trace.top] < 0))[:, unit].sum())}
    return Notice(f"held_{gate or squash}", t + 1, values)


def _surest(readout: Readout, words: Sequence[str], tokens: Sequence[str], among: Sequence[int]) -> Iterator[Notice]:
    """The step at which one word, no closing mark, got the highest probability; with how many it shares the percent."""
    best, p = readout.y.argmax(axis=1), readout.y.max(axis=1)
    steps = [t for t in among if words[best[t]] not in CLOSING]
    if not steps:
        return
    least = floor(100 * float(p[steps].max())) / 100
    alike = [t for t in steps if p[t] >= least]
    t = alike[0]
    values: Values = {"token": tokens[t], "word": words[best[t]], "p": float(p[t]), "least": least, "count": len(alike)}
    yield Notice("surest" if len(alike) == 1 else "surest_several", t + 1, values)


def _surprise(readout: Readout, shown: Pass, among: Sequence[int]) -> Notice | None:
    """The step at which the word that came was least expected, if another one was expected far more; and where the true
    distribution is known, whether the text left its source, the network is wrong or the sentence was open.
    """
    words, tokens = shown.words, shown.tokens
    came = [(readout.y[t, w], t, w) for t, w in enumerate(shown.targets) if w is not None and t in among]
    if not came:
        return None
    p, t, w = min(came)
    if p > readout.y[t].max() / SURPRISE:
        return None
    guess = int(readout.y[t].argmax())
    p_word = float(readout.y[t, guess])
    values: Values = {"token": tokens[t], "came": words[w], "p": float(p), "word": words[guess], "p_word": p_word}
    if (right := known(shown.truth, t)) is None:
        return Notice("missed", t + 1, values)
    off = most_wrong(readout.y[t], right)
    values = {**values, "q": float(right[w]), "q_word": float(right[guess]), **_off(readout.y[t], right, off, words)}
    return Notice(f"missed_{fate(readout.y[t], right, w)}", t + 1, values)


def _wrong(readout: Readout, shown: Pass, *, skip: int) -> Iterator[Notice]:
    """The step at which the prediction is furthest from the true one, if it is wrong.

    skip: the step (from 1) of which something was said already.
    """
    truth = shown.truth
    if truth is None or np.isnan(truth).all():
        return
    gap = np.nan_to_num(np.abs(readout.y - truth)).max(axis=1)
    t = int(gap.argmax())
    if gap[t] >= WRONG and t + 1 != skip:
        values = _off(readout.y[t], truth[t], most_wrong(readout.y[t], truth[t]), shown.words)
        yield Notice("wrong", t + 1, {"token": shown.tokens[t], **values})


def _off(y: Array, truth: Array, k: int, words: Sequence[str]) -> Values:
    """A word with its probability and the true one."""
    return {"off": words[k], "p_off": float(y[k]), "q_off": float(truth[k])}
