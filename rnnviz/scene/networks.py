"""The scene of a recurrent network that read one sequence: one column a token, one row a layer and direction.

A layer of one direction reads step by step together with the one below. A layer of two directions needs all of the one
below, since its reverse chain starts at the right: so layer `l` of two directions is computed in the steps `l*T` to
`(l + 1)*T - 1`, and its reverse chain is at token `T - 1 - k` when the forward one is at token `k`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from rnnviz.core.trace import Readout, Trace
from rnnviz.core.wholes import Whole
from rnnviz.scene.scene import Block, Row, Scene, Span, Wire
from rnnviz.words.numbers import percent, size

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def network(trace: Trace, *, notes: Sequence[str] = (), first: int = 1) -> Scene:
    """All layers and directions of a trace, the first layer at the bottom, a reverse chain above its forward one.

    notes: a word for a token that needs one, such as that it is unknown; as many as there are tokens, or none.
    first: the number of the first token, where the trace is a part of a longer one.
    Blocks are called `x.3` (the token) and `h.1.3` (row 1 of the trace's first axis), steps and tokens from 0. Each row
    begins with a wire from nowhere, its initial state, and ends with one to nowhere, which it hands on.
    """
    T, D, parts = len(trace), trace.num_directions, len(trace.weights)
    rows = [_row(trace, part) for part in reversed(range(parts))] + [Row(("xₜ",), ("x",))]
    steps = [min(_own(t, T, part, D) for part in range(D)) for t in range(T)]
    blocks = [_token(trace, t, parts, steps[t], notes, first) for t in range(T)]
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


def one_row(trace: Trace, part: int, *, notes: Sequence[str] = (), first: int = 1) -> Scene:
    """One layer and direction alone, above what it reads.

    part: the row of the trace's first axis.     notes, first: as those of `network`, whose names the blocks have.
    """
    T, D, layer = len(trace), trace.num_directions, part // trace.num_directions
    steps = [_own(t, T, part, D) for t in range(T)]
    names = [f"h.{part}.{t}" for t in range(T)]
    source = ("xₜ", "x") if layer == 0 else (f"h{str(layer).translate(_SUPERSCRIPT)}ₜ", "h")
    symbols = _carried_states(trace)
    blocks = [_token(trace, t, 1, steps[t], notes, first) for t in range(T)]
    blocks += [
        Block(name, "state", t, 0, steps[t], "h", symbols[-1] + "ₜ", vector=name, part=part)
        for t, name in enumerate(names)
    ]
    x, h = _matrices(trace)
    return Scene(
        steps=T,
        columns=T,
        rows=(Row(tuple(f"{symbol}ₜ" for symbol in symbols), symbols, part), Row(source[:1], source[1:])),
        blocks=tuple(sorted(blocks, key=lambda block: (block.step, -block.row))),
        wires=(*(Wire(f"x.{t}", names[t], source[1], x) for t in range(T)), *_along(trace, part, h)),
        vectors={name: trace["h"][part, t] for t, name in enumerate(names)},
    )


def with_head(scene: Scene, trace: Trace, readout: Readout, words: Sequence[str]) -> Scene:
    """The scene of a trace with a head above, which reads the last layer in all its directions: the best word of each
    step and its probability; of a head that gives numbers the first of them. words: names its V outputs."""
    D, top = trace.num_directions, trace.top
    steps = {block.name: block.step for block in scene.blocks}
    outputs, wires = [], []
    for t, y in enumerate(readout.y):
        sources = [f"h.{part}.{t}" for part in range(top, top + D)]
        best = 0 if readout.meaning == "number" else int(y.argmax())
        note = size(float(y[best])) if readout.meaning == "number" else percent(float(y[best]))
        step = max(steps[name] for name in sources)
        outputs.append(Block(f"y.{t}", "output", t, 0, step, "y", words[best], note))
        wires += [Wire(name, f"y.{t}", "h", "W_hy") for name in sources]
    lower = (replace(block, row=block.row + 1) for block in scene.blocks)
    return replace(
        scene,
        rows=(Row(("yₜ",), ("y",)), *scene.rows),
        blocks=tuple(sorted([*lower, *outputs], key=lambda block: (block.step, -block.row))),
        wires=(*scene.wires, *wires),
    )


def with_spans(scene: Scene, wholes: Sequence[Whole]) -> Scene:
    """A scene whose tokens are called `x.3`, with what they are units of under them: what was cut into some of them
    next to these, words under it."""
    kinds = sorted({whole.kind for whole in wholes})
    spans = (
        Span(tuple(f"x.{t}" for t in range(whole.start, whole.stop)), whole.text, kinds.index(whole.kind))
        for whole in wholes
    )
    return replace(scene, spans=tuple(spans))


def _own(t: int, T: int, part: int, D: int) -> int:
    """A token's number in the order in which a layer and direction reads."""
    return T - 1 - t if part % D else t


def _row(trace: Trace, part: int) -> Row:
    """`hₜ`, with its layer's number and its direction where there are several; a memory above it."""
    D = trace.num_directions
    layer = str(part // D + 1).translate(_SUPERSCRIPT) if trace.num_layers > 1 else ""
    symbols = _carried_states(trace)
    arrow = ("" if D == 1 else " ←" if part % D else " →",)
    ends = ("",) * (len(symbols) - 1) + arrow
    labels = tuple(f"{symbol}{layer}ₜ{end}" for symbol, end in zip(symbols, ends, strict=True))
    return Row(labels, symbols, part)


def _carried_states(trace: Trace) -> tuple[str, ...]:
    """The states that a cell hands on, the memory first."""
    return ("c", "h") if "c" in trace.cell.states else ("h",)


def _token(trace: Trace, t: int, row: int, step: int, notes: Sequence[str], first: int) -> Block:
    note, number = notes[t] if t < len(notes) else "", t + first
    return Block(f"x.{t}", "token", t, row, step, "x", trace.tokens[t], f"{number} · {note}" if note else f"{number}")


def _matrices(trace: Trace) -> tuple[str, str]:
    """The names of the matrices that multiply x, and of those that multiply h."""
    matrices = [parameter.name for parameter in trace.cell.parameters if parameter.name.startswith("W_")]
    x, h = (", ".join(name for name in matrices if name[2] == letter) for letter in "xh")
    return x, h


def _wires(trace: Trace) -> Iterator[Wire]:
    """Along each row every state that the cell carries; upward what each layer reads."""
    D = trace.num_directions
    x, h = _matrices(trace)
    for part in range(len(trace.weights)):
        yield from _along(trace, part, h)
        for t in range(len(trace)):
            if part < D:
                yield Wire(f"x.{t}", f"h.{part}.{t}", "x", x)
            else:
                for below in range((part // D - 1) * D, part // D * D):
                    yield Wire(f"h.{below}.{t}", f"h.{part}.{t}", "h", x)


def _along(trace: Trace, part: int, weight: str) -> Iterator[Wire]:
    """What a row carries from its initial state to the one that it hands on.     weight: the name of what h meets."""
    order = range(len(trace))
    names = [f"h.{part}.{t}" for t in (reversed(order) if part % trace.num_directions else order)]
    for source, target in pairwise(["", *names, ""]):
        for symbol in _carried_states(trace):
            yield Wire(source, target, symbol, weight if symbol == "h" and target else "")
