"""The scene of a network whose steps read and are asked as its taps say, with the way back of the losses; of a network
without a loop; and a sketch of a shape, without numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from rnnviz.core.taps import Taps
from rnnviz.core.trace import Array, Trace
from rnnviz.scene.scene import Block, Row, Scene, Wire
from rnnviz.words.numbers import size

CLOSED = "0"  # what a step reads whose input tap is closed


def tapped(
    trace: Trace, taps: Taps, answers: Sequence[tuple[str, str]], gradient: Array | None = None, *, loop: bool = True
) -> Scene:
    """One layer that reads from the left, what is asked of it, and how far the losses go back.

    answers: of each step the right one and what the loss is, in writing; not read where nothing is asked.
    gradient: (T, H), the derivative of the sum of the losses with respect to each h_t. With it the scene goes on, after
        the last step, to the left again: a step for each state that a loss reaches. Its vectors are drawn in parts of
        their largest number, which stands in the row's name; above each stands its 2-norm.
    loop: whether a state is made of the one before it.
    Blocks are called `x.3`, `h.3`, `y.3`, `g.3` and `n.3`, steps from 0. Raises `ValueError` for other sizes.
    """
    T = len(trace)
    if len(taps) != T or len(answers) != T or (gradient is not None and len(gradient) != T):
        raise ValueError(f"there are {T} steps, {len(taps)} taps and {len(answers)} answers; accepted: as many of each")
    last = max((t for t, asks in enumerate(taps.asks) if asks), default=-1)
    back = range(last, -1, -1) if gradient is not None else range(0)
    rows = [Row(("yₜ",), ("y",)), Row(("hₜ",), ("h",), 0), Row(("xₜ",), ("x",))]
    vectors = {f"h.{t}": trace["h"][0, t] for t in range(T)}
    if gradient is not None and len(back):
        largest = float(np.abs(gradient).max())
        unit = size(largest) if largest else "1"
        rows = [Row(("‖∂L/∂hₜ‖",), ("h",)), Row((f"∂L/∂hₜ ÷ {unit}",), ("h",)), *rows]
        vectors |= {f"g.{t}": gradient[t] / (largest or 1.0) for t in back}
    top = len(rows) - 3
    blocks = []
    for t in range(T):
        token = trace.tokens[t] if taps.inputs[t] else CLOSED
        blocks.append(Block(f"x.{t}", "token", t, top + 2, t, "x", token, f"{t + 1}"))
        blocks.append(Block(f"h.{t}", "state", t, top + 1, t, "h", f"h{t + 1}", vector=f"h.{t}"))
        if taps.asks[t]:
            blocks.append(Block(f"y.{t}", "output", t, top, t, "y", *answers[t]))
    for number, t in enumerate(back):
        assert gradient is not None, "only a gradient goes back"
        norm = float(np.linalg.norm(gradient[t]))
        blocks.append(Block(f"g.{t}", "state", t, 1, T + number, "h", f"∂L/∂h{t + 1}", vector=f"g.{t}"))
        blocks.append(Block(f"n.{t}", "output", t, 0, T + number, "h", size(norm)))
    wires = [Wire("", "h.0", "h", "W_hh")] if loop else []
    wires += [Wire(f"h.{a}", f"h.{b}", "h", "W_hh") for a, b in pairwise(range(T))] if loop else []
    wires += [Wire(f"x.{t}", f"h.{t}", "x", "W_xh") for t in range(T) if taps.inputs[t]]
    wires += [Wire(f"h.{t}", f"y.{t}", "h", "W_hy") for t in range(T) if taps.asks[t]]
    wires += [Wire(f"y.{t}", f"g.{t}", "y", "W_hyᵀ") for t in back if taps.asks[t]]
    wires += [Wire(f"g.{a}", f"g.{b}", "h", "W_hhᵀ") for a, b in pairwise(back)] if loop else []
    return Scene(T + len(back), T, tuple(rows), tuple(blocks), tuple(wires), vectors)


def feed_forward(inputs: Sequence[tuple[str, str]], h: Array, answer: tuple[str, str]) -> Scene:
    """A network without a loop: all that it reads at once, one layer of hidden units, (H,), and an answer.

    inputs: what each number is called, and it.     answer: its name, and how probable it is.
    """
    middle = (len(inputs) - 1) // 2
    blocks = [Block(f"x.{k}", "token", k, 2, 0, "x", value, name) for k, (name, value) in enumerate(inputs)]
    blocks.append(Block("h", "state", middle, 1, 1, "h", "h", vector="h"))
    blocks.append(Block("y", "output", middle, 0, 2, "y", *answer))
    wires = [*(Wire(f"x.{k}", "h", "x", "W_xh") for k in range(len(inputs))), Wire("h", "y", "h", "W_hy")]
    rows = (Row(("y",), ("y",)), Row(("h",), ("h",), 0), Row(("x",), ("x",)))
    return Scene(3, len(inputs), rows, tuple(blocks), tuple(wires), {"h": h})


def sketch(inputs: Sequence[str], answers: Sequence[str]) -> Scene:
    """A shape as books draw it, without numbers: what each step reads and what it answers, both empty where it does
    not. Each state is a sign, h.

    Raises `ValueError` for lists of other lengths, and for none.
    """
    if not inputs or len(inputs) != len(answers):
        raise ValueError(f"{len(inputs)} things are read and {len(answers)} answered; accepted: as many, at least one")
    T = len(inputs)
    blocks: list[Block] = []
    for t in range(T):
        blocks += [Block(f"x.{t}", "token", t, 2, t, "x", inputs[t])] if inputs[t] else []
        blocks.append(Block(f"h.{t}", "operation", t, 1, t, "h", "h"))
        blocks += [Block(f"y.{t}", "output", t, 0, t, "y", answers[t])] if answers[t] else []
    wires = [Wire(f"h.{a}", f"h.{b}", "h") for a, b in pairwise(range(T))]
    wires += [Wire(f"x.{t}", f"h.{t}", "x") for t in range(T) if inputs[t]]
    wires += [Wire(f"h.{t}", f"y.{t}", "y") for t in range(T) if answers[t]]
    rows = (Row(("yₜ",), ("y",)), Row(("hₜ",), ("h",)), Row(("xₜ",), ("x",)))
    return Scene(T, T, rows, tuple(blocks), tuple(wires))
