"""The scene of a recurrent network that read one sequence: one column a token, one row a layer and direction.

A layer of one direction reads step by step together with the one below. A layer of two directions needs all of the one
below, since its reverse chain starts at the right: so layer `l` of two directions is computed in the steps `l*T` to
`(l + 1)*T - 1`, and its reverse chain is at token `T - 1 - k` when the forward one is at token `k`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnnviz.core.trace import Readout, Trace
from rnnviz.scene.scene import Block, Row, Scene, Wire
from rnnviz.words.numbers import percent

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def network(trace: Trace, *, notes: Sequence[str] = ()) -> Scene:
    """All layers and directions of a trace, the first layer at the bottom, a reverse chain above its forward one.

    notes: a word for a token that needs one, such as that it is unknown; as many as there are tokens, or none.
    Blocks are called `x.3` (the token) and `h.1.3` (row 1 of the trace's first axis), steps and tokens from 0.
    """
    T, D, parts = len(trace), trace.num_directions, len(trace.weights)
    rows = [_row(trace, part) for part in reversed(range(parts))] + [Row(("xₜ",), ("x",))]
    blocks = [_token(trace, t, parts, notes[t] if t < len(notes) else "") for t in range(T)]
    vectors = {}
    for part in range(parts):
        for t in range(T):
            name = f"h.{part}.{t}"
            vectors[name] = trace["h"][part, t]
            step = _own(t, T, part, D) + (part // D * T if D == 2 else 0)
            label = rows[parts - 1 - part].labels[-1]
            blocks.append(Block(name, "state", t, parts - 1 - part, step, "h", label, vector=name, part=part))
    # By step; a token before the states that read it, a lower layer before a higher one.
    return Scene(
        steps=T * (trace.num_layers if D == 2 else 1),
        columns=T,
        rows=tuple(rows),
        blocks=tuple(sorted(blocks, key=lambda block: (block.step, -block.row))),
        wires=tuple(_wires(trace)),
        vectors=vectors,
    )


def with_head(scene: Scene, trace: Trace, readout: Readout, words: Sequence[str]) -> Scene:
    """The scene of a trace with a head above, which reads the last layer in all its directions: the best word of each
    step and its probability. words: names its V classes."""
    D, top = trace.num_directions, trace.top
    steps = {block.name: block.step for block in scene.blocks}
    outputs, wires = [], []
    for t, distribution in enumerate(readout.y):
        read = [f"h.{part}.{t}" for part in range(top, top + D)]
        best = int(distribution.argmax())
        note = percent(float(distribution[best]))
        step = max(steps[name] for name in read)
        outputs.append(Block(f"y.{t}", "output", t, 0, step, "y", words[best], note))
        wires += [Wire(name, f"y.{t}", "h", "W_hy") for name in read]
    lower = (replace(block, row=block.row + 1) for block in scene.blocks)
    return replace(
        scene,
        rows=(Row(("yₜ",), ("y",)), *scene.rows),
        blocks=tuple(sorted([*lower, *outputs], key=lambda block: (block.step, -block.row))),
        wires=(*scene.wires, *wires),
    )


def _own(t: int, T: int, part: int, D: int) -> int:
    """A token's number in the order in which a layer and direction reads."""
    return T - 1 - t if part % D else t


def _row(trace: Trace, part: int) -> Row:
    """`hₜ`, with its layer's number and its direction where there are several; a memory above it."""
    D = trace.num_directions
    layer = str(part // D + 1).translate(_SUPERSCRIPT) if trace.num_layers > 1 else ""
    carried = ("c", "h") if "c" in trace.cell.states else ("h",)
    arrow = ("" if D == 1 else " ←" if part % D else " →",)
    ends = ("",) * (len(carried) - 1) + arrow
    labels = tuple(f"{symbol}{layer}ₜ{end}" for symbol, end in zip(carried, ends, strict=True))
    return Row(labels, carried, part)


def _token(trace: Trace, t: int, parts: int, note: str) -> Block:
    step = min(_own(t, len(trace), part, trace.num_directions) for part in range(trace.num_directions))
    return Block(f"x.{t}", "token", t, parts, step, "x", trace.tokens[t], f"{t + 1} · {note}" if note else f"{t + 1}")


def _wires(trace: Trace) -> Iterator[Wire]:
    """Along each row every state that the cell carries, the memory first; upward what each layer reads."""
    T, D = len(trace), trace.num_directions
    matrices = [parameter.name for parameter in trace.cell.parameters if parameter.name.startswith("W_")]
    x, h = (", ".join(name for name in matrices if name[2] == read) for read in "xh")
    for part in range(len(trace.weights)):
        for t in range(T):
            this, before = f"h.{part}.{t}", t + 1 if part % D else t - 1
            if 0 <= before < T:
                for symbol in ("c", "h") if "c" in trace.cell.states else ("h",):
                    yield Wire(f"h.{part}.{before}", this, symbol, h if symbol == "h" else "")
            if part < D:
                yield Wire(f"x.{t}", this, "x", x)
            else:
                for below in range((part // D - 1) * D, part // D * D):
                    yield Wire(f"h.{below}.{t}", this, "h", x)
