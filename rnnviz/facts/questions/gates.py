"""Questions about what gates do to a memory: what one step leaves of it, and what holding a gate does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from rnnviz.core.cell import Cell
from rnnviz.core.trace import Array, Trace
from rnnviz.facts.consequences import SAME, memory_fate
from rnnviz.facts.notice import Values
from rnnviz.facts.questions.question import Question

STEP, FATE, CLOSES = "memory", "fate", "closes"
APART = 0.15  # of two answers at most_closed, or they cannot be told apart


def memory_after(trace: Trace, t: int, looked_at: int) -> Question | None:
    """What one unit's memory is after step `t` (from 1), from what it held, its keeping gate and what is written.

    looked_at: the unit (from 0) that is asked of where its four answers are `APART`: the right one, what a gate that
        forgets when it is high would leave, what a switch would, and no change; without the switch where its answer is
        about the right one. Else it is the unit whose answers lie furthest apart; None where they are `APART` in none.

    The answers stand in order of size.
    """
    row, (state, gate) = trace.top, trace.cell.required_memory
    old, keep = trace.previous(state)[row, t - 1], trace[gate][row, t - 1]
    write = trace["write"][row, t - 1]
    after = {
        "sum": keep * old + write,
        "flipped": (1 - keep) * old + write,
        "switch": np.round(keep) * old + write,
        "same": old,
    }
    # A gate near 0 or 1 is about what a switch would be.
    offered = [[option for option in after if option != left_out] for left_out in ("", "switch")]
    gaps = [_least_gap([after[option] for option in options]) for options in offered]
    tried = [(options, looked_at, gap) for options, gap in zip(offered, gaps, strict=True)]
    tried += [(options, int(gap.argmax()), gap) for options, gap in zip(offered, gaps, strict=True)]
    telling = ((options, unit) for options, unit, gap in tried if gap[unit] >= APART)
    options, unit = next(telling, ([], 0))
    if not options:
        return None
    name, sign = trace.cell.keeping
    values: Values = {
        "t": t,
        "unit": unit + 1,
        "memory": state,
        "gate": name if sign > 0 else f"1 − {name}",
        "k": float(keep[unit]),
        "rest": float(1 - keep[unit]),
        "old": float(old[unit]),
        "kept": float(keep[unit] * old[unit]),
        "written": float(write[unit]),
        **{option: float(value[unit]) for option, value in after.items()},
    }
    by_size = sorted(options, key=lambda option: float(after[option][unit]))
    return Question(STEP, values, {option: (option, values) for option in by_size}, "sum")


def _least_gap(values: Sequence[Array]) -> Array:
    """Of each unit how near two of its values, each (H,), come."""
    return np.min([np.abs(one - other) for one, other in combinations(values, 2)], axis=0)


def telling_value(cell: Cell, gate: str) -> float:
    """Where a gate is held when the fate of the memory is asked: the one that keeps as it keeps all, another shut."""
    return 1.0 if cell.keeping == (gate, 1) else 0.0


def fate_of_memory(before: Trace, after: Trace, gate: str) -> Question:
    """How large is the memory at the end when `gate` is held at its `telling_value` at every step?

    before, after: the untouched run and the held one. Each option is held against the two sizes.
    """
    value = telling_value(after.cell, gate)
    state, _ = after.cell.required_memory
    was, now = (float(np.abs(trace[state][-1, -1]).mean()) for trace in (before, after))
    answer = memory_fate(before, after)
    low, high = (1 - SAME) * was, (1 + SAME) * was
    values: Values = {"gate": gate, "value": value, "memory": state}
    evidence: Values = {**values, "was": was, "now": now, "low": low, "high": high}
    why = _effect(after.cell, gate)
    reasons = {}
    for option in ("grow", "stay", "shrink"):
        reasons[option] = (why if option == answer else f"not_{option}", evidence)
    return Question(FATE, values, reasons, answer)


def _effect(cell: Cell, gate: str) -> str:
    """What a gate held at its `telling_value` does, by what the operations read: the name of a reason."""
    zero = {op.name for op in cell.ops if op.kind == "one_minus" and gate in op.reads}  # 1 - gate
    if telling_value(cell, gate) == 0:
        zero = {gate}
    if zero & set(cell.op("write").reads):
        return "frozen" if gate == cell.keeping[0] else "unwritten"
    if gate == cell.keeping[0]:
        return "adds"
    if cell.required_memory[0] != "h" and [op.name for op in cell.ops if gate in op.reads] == ["h"]:
        return "unseen"
    sees = set(cell.states)  # what holds something of the past while the gate is shut
    for op in cell.ops:
        if gate not in op.reads and sees & {name.removesuffix("_prev") for name in op.reads}:
            sees.add(op.name)
    return "multiplied" if cell.content[0] in sees else "blind"


def closes_most(trace: Trace, t: int, labels: Mapping[str, str]) -> Question:
    """Which gate closes most at step `t` (from 1, not the first), in its mean over units, or does none?

    labels: the gates and "none", as they are called.
    """
    means = {name: trace[name][trace.top, t - 2 : t].mean(axis=-1) for name in trace.cell.gates}
    falls = {name: float(before - after) for name, (before, after) in means.items()}
    most_closed = max(falls, key=falls.__getitem__)
    answer = most_closed if falls[most_closed] > 0 else "none"
    reasons: dict[str, tuple[str, Values]] = {}
    for name, (before, after) in means.items():
        why = "most" if name == answer else "closes" if after < before else "opens"
        reasons[name] = (why, {"before": float(before), "after": float(after)})
    reasons["none"] = (
        "all_open" if answer == "none" else "one_closes",
        {"gate": most_closed, "fall": falls[most_closed]},
    )
    return Question(CLOSES, {"t": t, "token": trace.tokens[t - 1]}, reasons, answer, labels)
