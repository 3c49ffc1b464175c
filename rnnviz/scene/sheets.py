"""The scene of a batch: one sheet a sequence, behind each other, and a column for all of them at once.

A step computes one column of every sheet. A reverse chain begins at the right, so its step `k` is column `T - 1 - k`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rnnviz.core.sheet import Sheet
from rnnviz.scene.scene import Block, Row, Scene, Wire

HELD = "="  # the sign of a column in which the state before is kept


def sheets(batch: Sequence[Sheet], row: int, *, reverse: bool = False, pad: str = "pad", states: bool = True) -> Scene:
    """The first sequence in front, that is lowest, and the others behind it.

    row: of the states' first axis.     reverse: whether that chain begins at the right.     pad: what a pad is called.
    states: whether they are there, or only what is read.
    Blocks are called `x.2.5` (the token) and `h.2.5` (the state), sheet and column from 0. A column in which the state
    before is kept has the sign `=`, a pad that is packed away has no block.
    """
    columns = len(batch[0].real)
    each = 2 if states else 1
    rows: list[Row] = []
    blocks: list[Block] = []
    wires: list[Wire] = []
    vectors = {}
    for number, sheet in reversed(list(enumerate(batch))):
        top = len(rows)
        arrow = " ←" if reverse else ""
        if states:
            rows.append(Row((f"{number + 1}: hₜ{arrow}",), ("h",)))
        rows.append(Row((f"{number + 1}: xₜ",), ("x",)))
        chain = [""]
        for k in range(columns):
            t = columns - 1 - k if reverse else k
            real = sheet.real[t]
            if not real and sheet.handling == "packed":
                continue
            token = sheet.tokens[t] if real else pad
            blocks.append(Block(f"x.{number}.{t}", "token", t, top + each - 1, k, "x" if real else "", token))
            if not states:
                continue
            name = f"h.{number}.{t}"
            if real or sheet.handling == "pads":
                vectors[name] = sheet.states[row, t]
                blocks.append(Block(name, "state", t, top, k, "h", f"h{t + 1}", vector=name))
                wires.append(Wire(f"x.{number}.{t}", name, "x"))
            else:
                blocks.append(Block(name, "operation", t, top, k, "h", HELD))
            chain.append(name)
        wires += [Wire(source, target, "h") for source, target in pairwise([*chain, ""]) if states]
    # By step; of each sheet the token before the state that reads it.
    in_order = sorted(blocks, key=lambda block: (block.step, -block.row))
    return Scene(columns, columns, tuple(rows), tuple(in_order), tuple(wires), vectors)
