"""What is to be said of layers above each other: whose weights are whose, what each keeps, what a silent one leaves,
and whether more of them help.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from rnnviz.core.gates import measured_half_life
from rnnviz.core.trace import Readout, Trace
from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.question import Question

WEIGHTS, READS, LARGER = "stack_weights", "stack_reads", "stack_larger"


class Apart(NamedTuple):
    """How far the layers' weights are from each other, of a trace of one direction.

    name: the matrix from h that is compared, which every layer has in one shape.
    least: the largest difference between two layers' entries, of the two layers that are nearest each other.
    size: the largest entry of any layer.     widths: how many numbers each layer reads a step.
    numbers: how many each layer's weights have.
    """

    name: str
    least: float
    size: float
    widths: tuple[int, ...]
    numbers: tuple[int, ...]


def apart(trace: Trace) -> Apart:
    """Of two layers or more. Raises `ValueError` for one."""
    if trace.num_layers < 2:
        raise ValueError("the trace has 1 layer; accepted: two or more, of which weights are compared")
    name = next(part.name for part in trace.cell.parameters if part.name.startswith("W_h"))
    matrices = [row[name] for row in trace.weights]
    least = min(float(np.abs(a - b).max()) for a, b in combinations(matrices, 2))
    widths = tuple(int(row[trace.cell.input_matrix].shape[1]) for row in trace.weights)
    numbers = tuple(sum(weight.size for weight in row.values()) for row in trace.weights)
    return Apart(name, least, max(float(np.abs(matrix).max()) for matrix in matrices), widths, numbers)


def of_weights(trace: Trace) -> Iterator[Notice]:
    """That each layer has weights of its own, where there are several layers and it has."""
    if trace.num_layers > 1 and (distance := apart(trace)).least > 0:
        values: Values = {
            "layers": trace.num_layers,
            "name": distance.name,
            "least": distance.least,
            "size": distance.size,
        }
        yield Notice("stack_apart", 0, {**values, "first": distance.widths[0], "higher": distance.widths[1]})


def asked_of_weights(trace: Trace) -> Question | None:
    """How many sets of weights do the cells of the picture have? None for one cell, and where layers share theirs.

    Offered are one for all, one for each layer, for each step and for each cell; each number once.
    """
    layers, steps = trace.num_layers, len(trace)
    values: Values = {"layers": layers, "steps": steps, "cells": layers * steps}
    if layers > 1:
        distance = apart(trace)
        if distance.least == 0:
            return None
        values = {**values, "name": distance.name, "least": distance.least, "first": distance.widths[0]}
        values = {**values, "higher": distance.widths[1]}
    counts = {"layers": layers, "one": 1, "steps": steps, "cells": layers * steps}
    return _counted(WEIGHTS, counts, "layers", values)


def _counted(name: str, counts: Mapping[str, int], answer: str, values: Values) -> Question | None:
    """A question whose options are numbers, each offered once, the least first; None where only one is left.

    counts: by option, the answer first.
    """
    options: dict[str, int] = {}
    for option, count in counts.items():
        if count not in options.values():
            options[option] = count
    if len(options) < 2:
        return None
    order = sorted(options, key=options.__getitem__)
    reasons = {option: (f"of_{option}", values) for option in order}
    return Question(name, values, reasons, answer, {option: str(options[option]) for option in order})


def lives(trace: Trace) -> list[float]:
    """The half-life in steps of the unit of each layer that keeps longest; infinite where nothing in it halved."""
    return [float(measured_half_life(trace, row).steps.max()) for row in range(len(trace.weights))]


def of_lives(trace: Trace) -> Iterator[Notice]:
    """Which layer keeps longest and which shortest, by the unit of each that keeps longest, where they differ."""
    half_lives = lives(trace)
    if not np.isfinite(min(half_lives)) or round(min(half_lives), 1) == round(max(half_lives), 1):
        return
    longest, shortest = int(np.argmax(half_lives)), int(np.argmin(half_lives))
    values: Values = {"longest": longest + 1, "shortest": shortest + 1, "short": half_lives[shortest]}
    if np.isfinite(half_lives[longest]):
        yield Notice("stack_lives", 0, {**values, "long": half_lives[longest]})
    else:
        yield Notice("stack_outlasts", 0, values)


def surprise(readout: Readout, targets: Sequence[int | None]) -> tuple[float, int, int]:
    """The mean loss in nats of the words that came, how many of them were expected most, and how many there are.

    targets: as a `Pass` has them; NaN where none is known.
    """
    places = [(t, k) for t, k in enumerate(targets) if k is not None and t < len(readout.y)]
    losses = [-float(np.log(readout.y[t, k])) for t, k in places]
    right = sum(int(readout.y[t].argmax()) == k for t, k in places)
    return float(np.mean(losses)) if losses else float("nan"), right, len(losses)


def of_score(readout: Readout, targets: Sequence[int | None]) -> Iterator[Notice]:
    """How the words that came were expected."""
    loss, right, count = surprise(readout, targets)
    if count:
        yield Notice("stack_score", 0, {"loss": loss, "right": right, "count": count})


def of_silence(
    before: Readout, after: Readout, targets: Sequence[int | None], words: Sequence[str], layer: int
) -> Iterator[Notice]:
    """What is expected at the end while a layer gives zeros, and what that costs.

    before, after: without and with the silent layer, from 1.
    """
    best, other = (int(readout.y[-1].argmax()) for readout in (before, after))
    values: Values = {"layer": layer, "word": words[other], "p": float(after.y[-1, other])}
    yield Notice("stack_silent", 0, {**values, "before": words[best], "q": float(before.y[-1, best])})
    was, _, count = surprise(before, targets)
    if count:
        now = surprise(after, targets)[0]
        yield Notice("stack_cost" if now > was else "stack_no_cost", 0, {"layer": layer, "was": was, "now": now})


def asked_of_silence(trace: Trace, other: Trace, layer: int) -> Question | None:
    """How many rows of states still depend on the words while a layer, from 1, gives zeros?

    other: the same network, with the same layer silent, that reads other words.     None where none of them is felt.
    Offered are those below the layer, all but that one, all and none; each number once.
    """
    shifts = np.abs(trace["h"] - other["h"]).max(axis=(1, 2))
    felt = int((shifts > 0).sum())
    if felt != layer - 1:  # other words that a layer below does not feel show nothing
        return None
    values: Values = {"layer": layer, "layers": trace.num_layers, "felt": felt, "above": trace.num_layers - felt}
    values = {**values, "moved": float(shifts[layer - 1 :].max()), "least": float(shifts[:felt].min()) if felt else 0.0}
    counts = {"below": felt, "others": trace.num_layers - 1, "all": trace.num_layers, "none": 0}
    return _counted(READS, counts, "below", values)


def clearly(better: Sequence[float], worse: Sequence[float]) -> bool:
    """Whether every seed of one has a lower loss than every seed of the other."""
    return max(better) < min(worse)


def asked_of_size(
    large: Sequence[float], small: Sequence[float], size: tuple[int, int], other: tuple[int, int]
) -> Question:
    """Does the larger of two networks do better on unseen sentences?

    large, small: the loss of each seed, nats a word.     size, other: layers, and units in each, of the two.
    It does where every seed of it is better than every seed of the other.
    """
    values: Values = {"layers": size[0], "units": size[1], "fewer": other[0], "narrow": other[1], "seeds": len(large)}
    values = {**values, "best": min(large), "worst": max(large), "least": min(small), "most": max(small)}
    values = {**values, "large": float(np.mean(large)), "small": float(np.mean(small))}
    answer = "lower" if clearly(large, small) else "higher" if clearly(small, large) else "alike"
    reasons = {
        option: (f"{'is' if option == answer else 'not'}_{option}", values) for option in ("lower", "alike", "higher")
    }
    return Question(LARGER, values, reasons, answer)
