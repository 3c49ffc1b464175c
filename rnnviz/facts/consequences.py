"""What follows from a change, and from gates: facts computed from traces and terms, as in `notice`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from rnnviz.core import terms
from rnnviz.core.forward import Contrast, Pass
from rnnviz.core.gates import (
    Separation,
    extremes,
    half_life,
    measured_half_life,
    memory_age,
    separating_units,
    share_of_new,
)
from rnnviz.core.trace import Array, Readout, Trace
from rnnviz.facts.notice import CLOSING, Notice

LEFT = 0.9  # of the terms' sizes: above it hardly anything cancels
UNITS_SHOWN = 8  # of a list of units
GONE = 0.001  # of the largest change: less is not worth a number
SHOWN = 0.001  # of a probability: less is not seen in a percentage with one decimal
SAME = 0.1  # of a memory's untouched size: what differs by less is about the same
FADED = 0.1  # of the largest change: what is left at the last step of an edit that dies out


def first_changed(before: Trace, after: Trace) -> int:
    """The first step, from 1, whose state differs; 0 where none does."""
    steps = np.flatnonzero((before["h"][-1] != after["h"][-1]).any(axis=-1))
    return int(steps[0]) + 1 if len(steps) else 0


def of_edit(pair: Contrast, unknown: Sequence[bool] = ()) -> Iterator[Notice]:
    """What an edited weight changed in the last layer's states, and in the predictions where there are any.

    unknown: per step whether the token is not in the vocabulary: of such a one nothing is told.
    """
    before, after, readouts = pair.before.trace, pair.after.trace, _readouts(pair)
    if first_changed(before, after):
        yield from _states(before, after)
        yield from _fade(before, after)
    else:
        read_later = any((was.W_hy != now.W_hy).any() for was, now in readouts)
        yield Notice("no_state" if read_later else "no_change", 1, {"steps": len(after)})
    for both in readouts:
        yield from _choices(*both, pair.after, unknown)


def of_hold(pair: Contrast, unknown: Sequence[bool] = ()) -> Iterator[Notice]:
    """What a gate that was taken hold of, or another bias, changed in the memory, the states and the predictions.

    unknown: per step whether the token is not in the vocabulary: of such a one nothing is told.
    """
    before, after = pair.before.trace, pair.after.trace
    state, _ = after.cell.required_memory
    now, was = after[state][-1], before[state][-1]
    if (now == was).all() and not first_changed(before, after):
        yield Notice("held_same", 1, {"steps": len(after)})
        return
    sizes: dict[str, str | int | float] = {"old": float(np.abs(was[-1]).mean()), "new": float(np.abs(now[-1]).mean())}
    yield Notice("memory_end", len(after), {"state": state, **sizes})
    if first_changed(before, after):
        yield from _states(before, after)
        ended = [force.steps is not None and force.steps[1] < len(after) for force in after.forced]
        if ended and all(ended) and _same_weights(before, after):
            yield from _fade(before, after)
    for both in _readouts(pair):
        yield from _choices(*both, pair.after, unknown)


def _readouts(pair: Contrast) -> list[tuple[Readout, Readout]]:
    """Before and after; none where no head chooses."""
    was, now = pair.before.readout, pair.after.readout
    return [] if was is None or now is None else [(was, now)]


def memory_fate(before: Trace, after: Trace) -> str:
    """What became of the memory's mean size at the last step: "grow", "stay" (within `SAME`) or "shrink"."""
    state, _ = after.cell.required_memory
    was, now = (float(np.abs(trace[state][-1, -1]).mean()) for trace in (before, after))
    return "grow" if now > (1 + SAME) * was else "shrink" if now < (1 - SAME) * was else "stay"


@dataclass(frozen=True)
class Life:
    """How long the memory lasts.

    gate: a value of the keeping gate.     closed: the half-life in steps if it stayed there, infinite at 1.
    measured: the measured one, or None where it is longer than the text.
    """

    gate: float
    closed: float
    measured: float | None


def life(trace: Trace, gate: float, unit: int | None = None) -> Life:
    """The half-life at a value of the keeping gate, beside the measured one of all units or of `unit` (from 0)."""
    return Life(gate, float(half_life(gate)), measured_life(trace, unit))


def measured_life(trace: Trace, unit: int | None = None) -> float | None:
    """The measured half-life in steps, the median over all units or that of `unit` (from 0).

    None where it is longer than the text, which cannot tell how much longer.
    """
    lives = measured_half_life(trace).steps
    steps = float(np.median(lives) if unit is None else lives[unit])
    return steps if steps <= len(trace) else None


def keeping_bias(trace: Trace, unit: int | None = None) -> float:
    """The biases of the keeping gate together, as it keeps: the median over units, or that of `unit` (from 0)."""
    name, sign = trace.cell.keeping
    own = [trace.weights[-1][weight] for weight in trace.cell.of_block(name) if weight.startswith("b_")]
    biases = sign * sum(own, start=np.zeros(trace.hidden_size, trace.x.dtype))
    return float(np.median(biases) if unit is None else biases[unit])


def closing_step(trace: Trace, unknown: Sequence[bool] = ()) -> int | None:
    """The step (from 1) at which a gate closes most, in its mean over units; of a cell with one gate, at which it moves
    most.

    Steps that read the mark at the end of a sentence or an unknown token are left out, and so is the first; None where
    none is left.

    unknown: per step whether the token is not in the vocabulary.
    """
    row, gates = trace.top, trace.cell.gates
    change = np.diff([trace[gate][row].mean(axis=-1) for gate in gates], axis=1)  # (gates, T - 1)
    left_out = {t for t, is_unknown in enumerate(unknown) if is_unknown}
    steps = [t for t in range(1, len(trace)) if trace.tokens[t] not in CLOSING and t not in left_out]
    if not steps:
        return None
    movement = -change.min(axis=0) if len(gates) > 1 else np.abs(change[0])
    return max(steps, key=lambda step: float(movement[step - 1])) + 1


def of_extremes(trace: Trace) -> Iterator[Notice]:
    """Gates that stay open or shut over this text, squashings that are saturated and states that stay still.

    Of the gate that keeps the memory it is said what that does to it.
    """
    keeper, sign = trace.cell.keeping if trace.cell.memory else ("", 1)
    for extreme in extremes(trace):
        units = [unit + 1 for unit in extreme.units]
        unit_list = ", ".join(map(str, units[:UNITS_SHOWN])) + " …" * (len(units) > UNITS_SHOWN)
        q = "tanh c" if extreme.quantity == "tanh_c" else extreme.quantity
        values: dict[str, str | int | float] = {
            "q": q,
            "count": len(units),
            "size": trace.hidden_size,
            "units": unit_list,
        }
        values |= {"open": terms.OPEN, "shut": terms.SHUT, "saturated": terms.SATURATED, "still": terms.STILL}
        if extreme.quantity == keeper and extreme.kind in ("open", "shut"):
            fate = "keeps" if (extreme.kind == "open") == (sign > 0) else "replaces"
            yield Notice(f"extreme_{extreme.kind}_{fate}", 1, values)
        else:
            yield Notice(f"extreme_{extreme.kind}", 1, values)


def of_memory(trace: Trace, t: int, unit: int) -> Iterator[Notice]:
    """What the memory after step `t` (from 1) is made of, in `unit` (from 1) and in all, and how long it lasts."""
    state, _ = trace.cell.required_memory
    yield _memory_of(trace, t, unit)
    yield Notice("memory_new", t, {"state": state, "new": new_at(trace, t)})
    age = memory_age(trace)[t - 1]
    if np.nanmax(age, initial=0) > 0:
        oldest = int(np.nanargmax(age))
        mean = float(np.nanmean(age))
        yield Notice("memory_age", t, {"state": state, "unit": oldest + 1, "age": float(age[oldest]), "mean": mean})
    steps, median = len(trace), measured_life(trace)
    if median is not None:
        yield Notice("memory_life", t, {"life": median})
    if longer := int((measured_half_life(trace).steps > steps).sum()):
        yield Notice("memory_lasts", t, {"steps": steps, "count": longer, "size": trace.hidden_size})


def _memory_of(trace: Trace, t: int, unit: int) -> Notice:
    """What its gate keeps of a unit's memory at a step, and what is written to it."""
    (state, _), (gate, sign) = trace.cell.required_memory, trace.cell.keeping
    old = trace.previous(state)[trace.top]
    parts = {"value": trace[gate], "kept": trace["keep"], "written": trace["write"], "now": trace[state]}
    numbers = {name: float(of[trace.top, t - 1, unit - 1]) for name, of in parts.items()}
    kind = "memory_unit" if sign > 0 else "memory_unit_rest"
    return Notice(kind, t, {"state": state, "q": gate, "unit": unit, "old": float(old[t - 1, unit - 1]), **numbers})


def new_at(trace: Trace, t: int) -> float:
    """The mean over units of how much of the memory is new at step `t` (from 1)."""
    return float(np.nanmean(share_of_new(trace)[t - 1]))


@dataclass(frozen=True)
class Match:
    """A unit of a quantity, and how well its value tells the marked steps from the others."""

    quantity: str
    found: Separation


def matches(trace: Trace, marks: Sequence[int]) -> tuple[Match, ...]:
    """Every unit of every quantity, the best one first, states before gates where two are equally good.

    marks: steps from 1. Raises `ValueError` where nothing or everything is marked.
    """
    marked = [t in marks for t in range(1, len(trace) + 1)]
    names = (*trace.cell.states, *(name for name in trace.quantities if name not in trace.cell.states))
    separations = [Match(name, one) for name in names for one in separating_units(trace, name, marked)]
    return tuple(sorted(separations, key=lambda match: -match.found.auc))


def chance_of_perfect(count: int, steps: int) -> float:
    """How often one candidate separates all pairs by chance: where every order of its values is as likely, the `count`
    ones are all the highest or all the lowest in 2 of the "steps choose `count`" ways.
    """
    return 2 / comb(steps, count)


def _same_weights(before: Trace, after: Trace) -> bool:
    return all((before.weights[-1][name] == value).all() for name, value in after.weights[-1].items())


def _states(before: Trace, after: Trace) -> Iterator[Notice]:
    """From where on the states differ, and which unit most."""
    change = np.abs(after["h"][-1] - before["h"][-1])
    t, unit = np.unravel_index(change.argmax(), change.shape)
    old, new = (float(trace["h"][-1][t, unit]) + 0.0 for trace in (before, after))  # + 0.0: o = 0 gives -0.0
    first, states = first_changed(before, after), int((change > 0).any(axis=-1).sum())
    yield Notice("spread", first, {"first": first, "states": states, "steps": len(after)})
    yield Notice("largest", int(t) + 1, {"unit": int(unit) + 1, "old": old, "new": new})


def _fade(before: Trace, after: Trace) -> Iterator[Notice]:
    """How much of the largest difference is left at the end."""
    sizes = np.linalg.norm(after["h"][-1] - before["h"][-1], axis=-1)
    peak = int(sizes.argmax())
    remainder = float(sizes[-1] / sizes[peak])
    if peak < len(after) - 1:
        kind = "gone" if remainder < GONE else "faded" if remainder < FADED else "stayed"
        yield Notice(kind, peak + 1, {"left": remainder})


def _choices(y_before: Readout, y_after: Readout, shown: Pass, unknown: Sequence[bool]) -> Iterator[Notice]:
    """The first step of a known token at which another word is the first choice, or the last one where none is."""
    words, tokens = shown.words, shown.tokens
    best = [readout.y.argmax(axis=-1) for readout in (y_before, y_after)]
    moved = best[0] != best[1]
    places = [t for t in np.flatnonzero(moved).tolist() if not any(unknown[t : t + 1])]
    if moved.any() and not places:
        return
    t = places[0] if places else len(tokens) - 1
    old_word, new_word = int(best[0][t]), int(best[1][t])
    values: dict[str, str | int | float] = {
        "token": tokens[t],
        "old": words[old_word],
        "new": words[new_word],
        "p_old": float(y_before.y[t, old_word]),
        "p_new": float(y_after.y[t, new_word]),
        "count": int(moved.sum()),
    }
    if moved.any():
        yield Notice("other_word", t + 1, values)
        return
    alike = abs(float(values["p_new"]) - float(values["p_old"])) < SHOWN
    yield Notice("same_words_alike" if alike else "same_words", t + 1, values)


def of_terms(
    terms: Array, loss_at: int, row: int, column: int, tokens: Sequence[str], unknown: Sequence[bool] = ()
) -> Iterator[Notice]:
    """What the copies contribute to one entry's gradient.

    terms: (T, rows, columns).     loss_at: the step of the loss, from 1.     row, column: from 0.
    unknown: per step whether the token is not in the vocabulary: of such a one nothing is told.
    """
    entry = terms[:loss_at, row, column]
    total = float(np.abs(entry).sum())
    if total == 0:
        yield Notice("no_term", loss_at, {"count": loss_at})
        return
    k = int(np.abs(entry).argmax())
    share = float(abs(entry[k]) / total)
    if not any(unknown[k : k + 1]):
        yield Notice("top_term", k + 1, {"token": tokens[k], "term": float(entry[k]), "share": share})
    up, down = int((entry > 0).sum()), int((entry < 0).sum())
    remainder = float(abs(entry.sum()) / total)
    if remainder < LEFT:
        yield Notice("cancel", loss_at, {"up": up, "down": down, "zero": loss_at - up - down, "left": remainder})
    sizes = np.linalg.norm(terms[:loss_at].reshape(loss_at, -1), axis=-1)
    (copies,) = np.nonzero(sizes)
    if len(copies) > 1:
        early, late = int(copies[0]), int(copies[-1])
        times = float(sizes[late] / sizes[early])
        kind = "smaller" if times >= 1 else "larger"
        yield Notice(kind, early + 1, {"early": early + 1, "late": late + 1, "times": max(times, 1 / times)})
