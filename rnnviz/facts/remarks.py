"""What to notice at each step, computed from the trace: two or three short lines in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.core import terms
from rnnviz.core.trace import Readout, Trace
from rnnviz.words.numbers import fixed

SURE = 0.5  # another first choice than what came is a surprise from this probability on


def step_lines(
    trace: Trace,
    readout: Readout | None,
    *,
    row: int,
    words: Sequence[str],
    targets: Sequence[int | None],
    labels: Mapping[str, str],
) -> list[str]:
    """One text per step, its lines separated by a newline."""
    before, after = trace.previous("h")[row], trace["h"][row]
    change = after - before
    return [
        "\n".join(
            [
                _largest_change(before[t], after[t], change[t], labels),
                _openness(trace, row, t, labels),
                *([_outcome(readout.y[t], words, _at(targets, t), labels)] if readout is not None else []),
            ]
        )
        for t in range(len(trace))
    ]


def _at(targets: Sequence[int | None], t: int) -> int | None:
    return targets[t] if t < len(targets) else None


def _largest_change(before: np.ndarray, after: np.ndarray, change: np.ndarray, labels: Mapping[str, str]) -> str:
    unit = int(np.argmax(np.abs(change)))
    return labels["stage.remark.change"].format(unit=unit + 1, old=before[unit], new=after[unit])


def _openness(trace: Trace, row: int, t: int, labels: Mapping[str, str]) -> str:
    """Gated cells: how open each gate is on average. Else: how many units learn little, by how their cell squashes."""
    if trace.cell.gates:
        means = ", ".join(f"{gate} {fixed(trace[gate][row, t].mean())}" for gate in trace.cell.gates)
        return labels["stage.remark.gates_z" if "z" in trace.cell.gates else "stage.remark.gates"].format(means=means)
    h, squash = trace["h"][row, t], trace.cell.op("h").kind
    if squash not in terms.BOUNDS:
        return ""
    stuck, (low, high) = int(terms.saturated(squash, h).sum()), terms.BOUNDS[squash]
    return labels[f"stage.remark.stuck_{squash}"].format(count=stuck, total=trace.hidden_size, low=low, high=high)


def _outcome(y: np.ndarray, words: Sequence[str], target: int | None, labels: Mapping[str, str]) -> str:
    best = int(np.argmax(y))
    if target is None or target == best:
        entropy = float(-(y * np.log(np.maximum(y, 1e-12))).sum())
        return labels["stage.remark.certain"].format(word=words[best], percent=y[best], nats=entropy)
    key = "stage.remark.surprised" if y[best] >= SURE else "stage.remark.unsure"
    return labels[key].format(word=words[best], percent=y[best], right=words[target], share=y[target])
