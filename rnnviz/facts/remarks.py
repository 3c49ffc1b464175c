"""What to notice at each step, computed from the trace: two or three short lines in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.core.cells import BOUNDS
from rnnviz.core.trace import Readout, Trace
from rnnviz.facts.notice import nearness

SATURATED = 0.95  # of the way to its bounds: there the derivative of tanh is below a tenth
WRONG = 0.5  # a wrong first choice is worth a word from this probability on


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


def _number(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _largest_change(before: np.ndarray, after: np.ndarray, change: np.ndarray, labels: Mapping[str, str]) -> str:
    unit = int(np.argmax(np.abs(change)))
    return labels["stage.remark.change"].format(unit=unit + 1, old=_number(before[unit]), new=_number(after[unit]))


def _openness(trace: Trace, row: int, t: int, labels: Mapping[str, str]) -> str:
    """Gated cells: how open each gate is on average. Else: how many units learn little, by how their cell squashes."""
    if trace.cell.gates:
        means = ", ".join(f"{gate} {trace[gate][row, t].mean():.2f}" for gate in trace.cell.gates)
        return labels["stage.remark.gates"].format(means=means)
    squash = trace.cell.op("h").kind
    if squash not in BOUNDS:
        return ""
    stuck = nearness(squash, trace["h"][row, t]) > SATURATED
    return labels[f"stage.remark.stuck_{squash}"].format(count=int(stuck.sum()), total=trace.hidden_size)


def _outcome(y: np.ndarray, words: Sequence[str], target: int | None, labels: Mapping[str, str]) -> str:
    best = int(np.argmax(y))
    if target is None or target == best:
        entropy = float(-(y * np.log2(np.maximum(y, 1e-12))).sum())
        return labels["stage.remark.certain"].format(word=words[best], percent=f"{y[best]:.0%}", bits=f"{entropy:.1f}")
    key = "stage.remark.wrong" if y[best] >= WRONG else "stage.remark.unsure"
    return labels[key].format(word=words[best], percent=f"{y[best]:.0%}", right=words[target], share=f"{y[target]:.0%}")
