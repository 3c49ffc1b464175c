"""What gates do to a memory, read from a trace: how old its content is, how long it lasts, and which units to look at.

The memory is c where a cell has one (LSTM, peephole LSTM), else h of a cell with gates (GRU, minimal gated unit). In
each, m_t = keep_t + write_t, and keep_t is a gate times m_{t-1}: f, z, or 1 - f in the minimal gated unit.

Units count from 0, as arrays do; steps from 1, as in h_1 ... h_T. `row` is a row of the trace's first axis, the last
layer's forward direction by default; in a reverse direction "before" and "ago" follow the order of reading, and every
result is aligned to the tokens, as the trace is. What is given in the place of a trace is refused with a `TypeError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rnnviz.core import terms
from rnnviz.core.forced import places
from rnnviz.core.refusal import TRACE, required, whole_numbers
from rnnviz.core.short import short_repr
from rnnviz.core.trace import Array, Trace

MOST_BYTES = 2**30  # of the shares of a memory
Sorting = Literal["half_life", "change", "token"]


def memory_shares(trace: Trace, row: int | None = None, *, units: Sequence[int] | None = None) -> Array:
    """How much of the memory after step t was written at step k: `[t - 1, k]` of (T, T + 1, H).

    units: from 0, of which alone it is asked, in the place of all H.

    k = 0 is the initial state. What step k wrote, times the product of the keeping gates of the steps since. Over k the
    shares add up to m_t, and those of steps not yet read are 0.
    Raises `ValueError` for a cell without gates, where the memory itself was forced (its content came from nowhere),
    and before anything is computed for more than 2**30 bytes.
    """
    row = _row(trace, row)
    _check_free(trace, row)
    accepted = f"at least one of 0 to {trace.hidden_size - 1}"
    units = None if units is None else whole_numbers("units", units, accepted)
    if units is not None and not (units and all(0 <= unit < trace.hidden_size for unit in units)):
        raise ValueError(f"units are {list(units)!s:.60}; accepted: {accepted}")
    steps, chosen = len(trace), slice(None) if units is None else list(units)
    count, itemsize = trace.hidden_size if units is None else len(units), trace.x.dtype.itemsize
    if steps * (steps + 1) * count * itemsize > MOST_BYTES:
        fits = MOST_BYTES // (steps * (steps + 1) * itemsize)
        instead = f"here {fits} units at once, as units=range({fits})" if fits else "a part of so many steps"
        raise ValueError(
            f"{steps} * {steps + 1} * {count} shares, T * (T + 1) * H; accepted: at most {MOST_BYTES} bytes, {instead}"
            "; rnnviz.memory_age takes any number"
        )
    first, keep, write = (part[..., chosen] for part in _memory(trace, row))
    shares = np.zeros((steps, steps + 1, count), keep.dtype)
    before = np.concatenate([first[None], np.zeros((steps, count), keep.dtype)])
    for t in range(steps):
        before *= keep[t]
        before[t + 1] = write[t]
        if row % trace.num_directions:
            shares[steps - 1 - t, 0], shares[steps - 1 - t, 1:] = before[0], before[:0:-1]
        else:
            shares[t] = before
    return shares


def memory_age(trace: Trace, row: int | None = None) -> Array:
    """How many steps ago the memory's content was written, on average, (T, H).

    The mean of the steps since k, weighted by the size of the shares of `memory_shares`: 0 for what this step wrote.
    The initial state was there one step before the first. NaN where the memory is empty. In closed form, in memory for
    T * H numbers: every step multiplies all shares by one gate and makes them a step older.
    Raises `ValueError` for a cell without gates, and where the memory itself was forced.
    """
    row = _row(trace, row)
    _check_free(trace, row)
    first, keep, write = _memory(trace, row)
    age = np.full(keep.shape, np.nan, keep.dtype)
    total, steps_of = np.abs(first), np.zeros_like(first)  # of all shares the size, and that times the steps since
    for t in range(len(trace)):
        steps_of = np.abs(keep[t]) * (steps_of + total)
        total = np.abs(keep[t]) * total + np.abs(write[t])
        np.divide(steps_of, total, out=age[t], where=total > 0)
    return _in_order(trace, row, age)


def _check_free(trace: Trace, row: int) -> None:
    state, _ = trace.cell.required_memory
    if any(force.name == state and force.row in (None, row) for force in trace.forced):
        raise ValueError(
            f"{state} was forced, so what it holds was not all written; accepted: a trace with free {state}"
        )


def _memory(trace: Trace, row: int) -> tuple[Array, Array, Array]:
    """What a row begins with, (H,), and in the order in which it reads the keeping gate and what is written, (T, H)."""
    state, gate = trace.cell.required_memory
    return (
        trace.initial[state][row],
        _in_order(trace, row, trace[gate][row]),
        _in_order(trace, row, trace["write"][row]),
    )


def share_of_new(trace: Trace, row: int | None = None) -> Array:
    """How much of the memory is new at each step, (T, H): |write| / (|keep| + |write|); NaN where both are 0, and where
    the memory was forced, which is then neither old nor written.

    Raises `ValueError` for a cell without gates. Old and new themselves are `trace["keep"]` and `trace["write"]`.
    """
    row = _row(trace, row)
    state, _ = trace.cell.required_memory  # refuses a cell without
    old, new = (np.abs(trace[name][row]) for name in ("keep", "write"))
    is_known = (old + new > 0) & ~_forced(trace, row, state)
    return np.divide(new, old + new, out=np.full_like(new, np.nan), where=is_known)


def half_life(gate: float | Array) -> Array:
    """Steps after which a keeping gate that stays at this value has halved the memory: ln(1/2) / ln f.

    0 at f = 0, infinite at f = 1. Raises `ValueError` outside 0 to 1.
    """
    f = np.asarray(gate, float)
    if not ((f >= 0) & (f <= 1)).all():
        raise ValueError(f"gate is {gate}; accepted: 0 to 1")
    with np.errstate(divide="ignore"):
        return np.divide(np.log(2), np.abs(np.log(f)))


def gate_at_rest(bias: float | Array) -> Array:
    """What a gate is while nothing but its bias reaches it: sigmoid(b)."""
    return 0.5 + 0.5 * np.tanh(np.asarray(bias, float) / 2)  # no exponential to overflow


@dataclass(frozen=True, eq=False)
class HalfLife:
    """Measured half-lives of a memory, per unit, (H,).

    steps: see `measured_half_life`; infinite where nothing halved within the trace, NaN where a gate is NaN.
    halved: how many contents did.
    """

    __repr__ = short_repr

    steps: Array
    halved: NDArray[np.integer]


def measured_half_life(trace: Trace, row: int | None = None) -> HalfLife:
    """How long what is written lasts until half of it is left.

    What each step writes (and the initial state, where it is not 0) is watched until the product of the later keeping
    gates has fallen to 1/2, or else until the trace ends. `steps` is all the steps watched by all the halvings seen in
    them, where content that the end cut short counts for the part of a halving that it went through. Within a step the
    product is taken to fall evenly in the logarithm.

    So it is the mean life where everything halved; a constant gate gives `half_life`; and a gate that opens never
    lowers it, as it would the mean over what halved. Where lives end by chance, one by one, this ratio is the
    maximum-likelihood mean of lives that were cut short (Epstein & Sobel 1953, Life testing); here they fall bit by
    bit, and the bits are known.

    A step at which the memory was forced ends the life of all that was in it, as a gate of 0 does.
    Raises `ValueError` for a cell without gates.
    """
    row = _row(trace, row)
    state, gate = trace.cell.required_memory
    gates = _in_order(trace, row, np.where(_forced(trace, row, state), 0, trace[gate][row])).astype(float)
    with np.errstate(divide="ignore"):
        fall = -np.log(gates) / np.log(2)  # in halvings, at each step
    steps, halvings = np.zeros((2, trace.hidden_size))
    counts, units = np.zeros(trace.hidden_size, int), np.arange(trace.hidden_size)
    there = trace.initial[state][row] != 0
    for k in range(len(trace)):  # what was there before the first step, what the first one wrote ...
        so_far = np.cumsum(fall[k:], axis=0)
        is_half = so_far >= 1
        half, n = is_half.any(0), is_half.argmax(0)
        after, last = so_far[n, units], fall[k:][n, units]
        # The last step fell from `after - last` halvings to `after`, all at once if its gate was 0.
        part = np.where(np.isinf(last), 0.0, 1 - (after - 1) / np.where(half & np.isfinite(last), last, 1.0))
        steps += np.where(half, n + part, len(so_far)) * there
        halvings += np.where(half, 1.0, so_far[-1]) * there
        counts += half & there
        there = np.ones_like(there)
    lives = np.divide(steps, halvings, out=np.full_like(steps, np.inf), where=counts > 0)
    return HalfLife(np.where(np.isnan(gates).any(0), np.nan, lives), counts)


def order(
    trace: Trace, quantity: str, by: Sorting, *, row: int | None = None, t: int | None = None
) -> NDArray[np.intp]:
    """The units, most telling first, (H,), to index the last axis of `trace[quantity]`; equal ones keep their order.
    Those of which nothing can be told, since it is NaN, come last.

    by: "half_life", the longest `measured_half_life` first, then the most open keeping gate.
        "change", by the step at which the quantity changes most, the earliest first.
        "token", by how much the quantity changes at step `t`, most first.
    A change is from the step before; a state changes at the first one too, from the initial state, other results not.
    Raises `KeyError` for a quantity that the cell has not, `ValueError` for another `by`, for "half_life" in a cell
    without gates and for a `t` outside 1 to T.
    """
    if by not in get_args(Sorting):
        raise ValueError(f"by is {by!r}; accepted: {', '.join(get_args(Sorting))}")
    row, values = _row(trace, row), trace[quantity]
    if by == "half_life":
        return np.lexsort((-trace[trace.cell.required_memory[1]][row].mean(0), -measured_half_life(trace, row).steps))
    change = np.abs(_in_order(trace, row, values[row] - _before(trace, quantity, row)))
    if by == "change":
        change = np.where(np.isnan(change), -1, change)
        return np.argsort(np.where((change < 0).all(0), len(change), change.argmax(0)), kind="stable")
    if t is None or not 1 <= t <= len(trace):
        raise ValueError(f"t is {t}; accepted: 1 to {len(trace)}")
    return np.argsort(-_in_order(trace, row, change)[t - 1], kind="stable")


@dataclass(frozen=True)
class Separation:
    """How well one unit's value tells marked steps from the others.

    unit: from 0.
    auc: the share of pairs of a marked and another step whose values stand the right way round, ties counted half:
        the area under the ROC curve (Mann & Whitney 1947), 0.5 for guessing, 1 for a perfect split. A pair with a NaN
        stands no way round; so it is below 0.5 only where there is NaN, and 0 where there is nothing else.
    sign: 1 where marked steps have the higher values, -1 where they have the lower ones.
    """

    unit: int
    auc: float
    sign: int


def separating_units(
    trace: Trace, quantity: str, marked: Sequence[bool] | NDArray[np.bool_], *, row: int | None = None
) -> tuple[Separation, ...]:
    """Every unit, the one whose value best separates the marked steps from the others first.

    marked: T truth values, one per token.
    Raises `KeyError` for a quantity that the cell has not, `ValueError` for another number of marks, and where nothing
    or everything is marked.
    """
    row = _row(trace, row)
    marks, values = np.asarray(marked, bool), trace[quantity][row]
    if marks.shape != (len(trace),):
        raise ValueError(f"marked has shape {marks.shape}; accepted: ({len(trace)},), one truth value per step")
    if marks.all() or not marks.any():
        which = "everything" if marks.all() else "nothing"
        raise ValueError(f"{which} is marked; accepted: at least one step that is and one that is not")
    separations = []
    pairs = int(marks.sum()) * int((~marks).sum())
    for unit, (marked_values, other_values) in enumerate(zip(values[marks].T, values[~marks].T, strict=True)):
        high, low = (np.sort(part[~np.isnan(part)]) for part in (marked_values, other_values))
        below, up_to = (np.searchsorted(low, high, side) for side in ("left", "right"))
        right, wrong = float((below + up_to).sum()) / 2, float((2 * len(low) - below - up_to).sum()) / 2
        separations.append(Separation(unit, max(right, wrong) / pairs, 1 if right >= wrong else -1))
    return tuple(sorted(separations, key=lambda separation: -separation.auc))


@dataclass(frozen=True)
class Extreme:
    """Units of one quantity at an extreme.

    kind: "open" or "shut", a gate that is so at every step; "saturated", a tanh that is so at half of the steps or
        more; "still", a state whose values over all steps lie close together. In numbers: `core.terms`.
    units: from 0.
    """

    kind: Literal["open", "shut", "saturated", "still"]
    quantity: str
    units: tuple[int, ...]


def extremes(trace: Trace, row: int | None = None) -> tuple[Extreme, ...]:
    """What is stuck, saturated or still, in the order of computing; nothing is said of what has no such unit.

    Of the LSTM's two tanh, that of the candidate is `g` and that of the memory `tanh_c`.
    """
    row, stuck = _row(trace, row), []
    for op in trace.cell.ops:
        values, kinds = trace[op.name][row], []
        if op.name in trace.cell.gates:
            kinds += [("open", (values > terms.OPEN).all(0)), ("shut", (values < terms.SHUT).all(0))]
        if op.kind == "tanh":
            kinds.append(("saturated", terms.saturated(op.kind, values).mean(0) >= 0.5))
        if op.name in trace.cell.states and len(trace) > 1:
            kinds.append(("still", np.ptp(values, axis=0) < terms.STILL))
        stuck += [
            Extreme(kind, op.name, tuple(np.flatnonzero(units).tolist()))  # type: ignore[arg-type]  # a kind is a literal
            for kind, units in kinds
            if units.any()
        ]
    return tuple(stuck)


def _forced(trace: Trace, row: int, name: str) -> NDArray[np.bool_]:
    """(T, H), where a quantity of this row was forced."""
    found = places(trace.forced, row, len(trace), trace.hidden_size)
    return found[name].mask if name in found else np.zeros((len(trace), trace.hidden_size), bool)


def _row(trace: Trace, row: int | None) -> int:
    required(trace, Trace, "trace", TRACE)
    if row is not None and not 0 <= row < len(trace.weights):
        raise ValueError(f"row is {row}; accepted: 0 to {len(trace.weights) - 1}")
    return trace.top if row is None else row


def _in_order(trace: Trace, row: int, values: Array) -> Array:
    """(T, ...) in the order in which this row reads, and back again."""
    return values[::-1] if row % trace.num_directions else values


def _before(trace: Trace, quantity: str, row: int) -> Array:
    """The quantity at the step read before, (T, H); a result that is no state has none at the first, and stays."""
    if quantity in trace.initial:
        return trace.previous(quantity)[row]
    values = _in_order(trace, row, trace[quantity][row])
    return _in_order(trace, row, np.concatenate([values[:1], values[:-1]]))
