"""Two scenes of a sentence that is read from one side or both: how chains meet at a gap, and what PyTorch returns."""

from __future__ import annotations

from itertools import pairwise

from rnnviz.core.trace import Trace
from rnnviz.scene.scene import Block, Row, Scene, Wire


def meeting(trace: Trace, place: int, answer: str, note: str = "", *, from_right: bool = False) -> Scene:
    """The chains that come to a gap, each up to the word beside it, and what a head makes of the states there.

    trace: one layer; of one direction, or of two.     place: the gap's token, from 0.
    answer, note: what the head expects there.
    from_right: whether a trace of one direction is of the text turned around.
    A forward chain has read `k` words when a reverse one has, so both go on at once. Blocks are called `x.3`, `h.3` and
    `y`, by the place in the text.
    """
    T, both = len(trace), trace.num_directions == 2
    ahead = [] if from_right else list(range(place))
    back = list(reversed(range(place + 1, T))) if both or from_right else []
    steps = max(len(ahead), len(back)) + 1
    tokens = trace.tokens[::-1] if from_right else trace.tokens
    step_of = {t: k for chain in (ahead, back) for k, t in enumerate(chain)}
    blocks = [
        Block(
            f"x.{t}", "token", t, 2, step_of.get(t, 0 if t == place else steps - 1), _colour(t, place, step_of), token
        )
        for t, token in enumerate(tokens)
    ]
    wires: list[Wire] = []
    vectors = {}
    for chain, part in ((ahead, 0), (back, 1 if both else 0)):
        for t in chain:
            name = f"h.{t}"
            vectors[name] = trace["h"][part, T - 1 - t if from_right else t]
            blocks.append(Block(name, "state", t, 1, step_of[t], "h", f"h{t + 1}", vector=name))
            wires.append(Wire(f"x.{t}", name, "x"))
        names = [f"h.{t}" for t in chain]
        # Two chains in one row have no side from which a wire could come that begins nowhere.
        wires += [Wire(source, target, "h") for source, target in pairwise(names if both else ["", *names])]
        wires += [Wire(name, "y", "h", "W_hy") for name in names[-1:]]
    blocks.append(Block("y", "output", place, 0, steps - 1, "y", answer, note))
    arrow = "→ hₜ ←" if both else "← hₜ" if from_right else "hₜ →"
    rows = (Row(("y",), ("y",)), Row((arrow,), ("h",)), Row(("xₜ",), ("x",)))
    return Scene(steps, T, rows, _ordered(blocks), tuple(wires), vectors)


def _colour(t: int, place: int, step_of: dict[int, int]) -> str:
    """Of a token: one that is read, the gap, or one that is not read."""
    return "y" if t == place else "x" if t in step_of else ""


def returned(trace: Trace) -> Scene:
    """What a module of PyTorch's returns for a sentence: `output`, a row for each half, and `h_n` at both ends.

    trace: one layer.
    A column more on each side holds what is handed on: the forward chain's after the last token, `h_n[0]`, and the
    reverse chain's after the first one, `h_n[1]`. Blocks are called `x.3`, `h.1.3` (row 1) and `last.1`.
    """
    T, D, H = len(trace), trace.num_directions, trace.hidden_size
    first = [min(t, T - 1 - t) if D == 2 else t for t in range(T)]
    blocks = [Block(f"x.{t}", "token", t + 1, D, first[t], "x", trace.tokens[t]) for t in range(T)]
    rows: list[Row] = []
    wires: list[Wire] = []
    vectors = {}
    for part in reversed(range(D)):
        at = D - 1 - part
        half = f"output[t, {part * H}:{(part + 1) * H}]"
        rows.append(Row((f"{half} {'←' if part else '→'}",), ("h",)))
        order = list(reversed(range(T))) if part else list(range(T))
        names = [f"h.{part}.{t}" for t in order]
        for k, (t, name) in enumerate(zip(order, names, strict=True)):
            vectors[name] = trace["h"][part, t]
            blocks.append(Block(name, "state", t + 1, at, k, "h", f"{half}, t = {t}", vector=name))
            wires.append(Wire(f"x.{t}", name, "x"))
        last, column = f"last.{part}", 0 if part else T + 1
        vectors[last] = trace["h"][part, order[-1]]
        blocks.append(Block(last, "state", column, at, T - 1, "h", f"h_n[{part}]", vector=last))
        blocks.append(Block(f"name.{part}", "token", column, D, T - 1, "h", f"h_n[{part}]"))
        wires += [Wire(source, target, "h") for source, target in pairwise(["", *names, last])]
    rows.append(Row(("t",), ("x",)))
    return Scene(T, T + 2, tuple(rows), _ordered(blocks), tuple(wires), vectors)


def _ordered(blocks: list[Block]) -> tuple[Block, ...]:
    """By step; a token before the states that read it, and those before what is made of them."""
    kinds = ("token", "state", "operation", "output")
    last = {block.name for block in blocks if block.name.startswith("last.")}
    return tuple(sorted(blocks, key=lambda block: (block.step, kinds.index(block.kind), block.name in last)))
