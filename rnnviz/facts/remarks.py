"""What to notice at each step, computed from the trace: two or three short lines in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.core import terms
from rnnviz.core.forward import Pass
from rnnviz.core.trace import Array, Readout, Trace
from rnnviz.facts.truth import fate, known, most_wrong
from rnnviz.words.numbers import fixed, percent, size

OUTPUTS = 3  # of a head that does not choose, so many are written out
SURE = 0.5  # another first choice than what came is a surprise from this probability on


def step_lines(shown: Pass, row: int, labels: Mapping[str, str]) -> list[str]:
    """One text per step, its lines separated by a newline. row: of the trace.     labels: the texts of a language."""
    trace, readout = shown.trace, shown.readout
    before, after = trace.previous("h")[row], trace["h"][row]
    change = after - before
    return [
        "\n".join(
            [
                _largest_change(before[t], after[t], change[t], labels),
                _openness(trace, row, t, labels),
                *([] if readout is None else [_said(shown, readout, t, labels)]),
            ]
        )
        for t in range(len(trace))
    ]


def _said(shown: Pass, readout: Readout, t: int, labels: Mapping[str, str]) -> str:
    """What the head says after a step: which class, or which numbers, and whether they are probabilities."""
    y, words = readout.y[t], shown.words
    if readout.meaning == "class":
        return _outcome(y, known(shown.truth, t), words, _at(shown.targets, t), labels)
    written = percent if readout.meaning == "probability" else size
    parts = [f"‘{word}’ {written(float(value))}" for word, value in zip(words, y, strict=True)]
    more = " …" * (len(parts) > OUTPUTS)
    return labels[f"stage.remark.{readout.meaning}"].format(outputs=", ".join(parts[:OUTPUTS]) + more)


def _at(targets: Sequence[int | None], t: int) -> int | None:
    return targets[t] if t < len(targets) else None


def _largest_change(before: np.ndarray, after: np.ndarray, change: np.ndarray, labels: Mapping[str, str]) -> str:
    unit = int(np.argmax(np.abs(change)))
    return labels["stage.remark.change"].format(unit=unit + 1, old=before[unit], new=after[unit])


def _openness(trace: Trace, row: int, t: int, labels: Mapping[str, str]) -> str:
    """Gated cells: how open each gate is on average, and how one keeps that is no forget gate.

    Else: how many units learn little, by how their cell squashes.
    """
    if trace.cell.gates:
        means = ", ".join(f"{gate} {fixed(trace[gate][row, t].mean())}" for gate in trace.cell.gates)
        if trace.cell.memory is None or trace.cell.has_forget_gate:
            return labels["stage.remark.gates"].format(means=means)
        keeper, sign = trace.cell.keeping
        return labels["stage.remark.gates_keep"].format(means=means, gate=keeper, value=int(sign > 0))
    h, squash = trace["h"][row, t], trace.cell.op("h").kind
    if squash not in terms.BOUNDS:
        return ""
    stuck, (low, high) = int(terms.saturated(squash, h).sum()), terms.BOUNDS[squash]
    return labels[f"stage.remark.stuck_{squash}"].format(count=stuck, total=trace.hidden_size, low=low, high=high)


def _outcome(y: Array, truth: Array | None, words: Sequence[str], target: int | None, labels: Mapping[str, str]) -> str:
    best = int(np.argmax(y))
    if truth is not None:
        return _verdict(y, truth, words, target, labels)
    if target is None or target == best:
        entropy = float(-(y * np.log(np.maximum(y, 1e-12))).sum())
        return labels["stage.remark.certain"].format(word=words[best], percent=y[best], nats=entropy)
    key = "stage.remark.surprised" if y[best] >= SURE else "stage.remark.unsure"
    return labels[key].format(word=words[best], percent=y[best], right=words[target], share=y[target])


def _verdict(y: Array, truth: Array, words: Sequence[str], target: int | None, labels: Mapping[str, str]) -> str:
    """The prediction beside what the source of the text has come next."""
    best = int(y.argmax())
    kind = fate(y, truth, target)
    if kind == "open" and target in (None, best):
        return labels["stage.remark.agreed"].format(word=words[best], percent=y[best], truth=truth[best])
    k = most_wrong(y, truth) if kind == "wrong" or target is None else target
    values = {"word": words[k], "percent": y[k], "truth": truth[k], "count": int((truth > 0).sum())}
    return labels[f"stage.remark.{kind}"].format(**values)
