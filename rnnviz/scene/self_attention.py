"""The scene of one layer of self-attention: all tokens are read at once, and at the next step all is computed."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.core.trace import Array
from rnnviz.scene.scene import Asking, Block, Row, Scene, Wire


def self_attention(tokens: Sequence[str], x: Array, out: Array, scores: Array, shares: Array, shown: int) -> Scene:
    """Two steps: the tokens with what stands for them, then what each gets.

    x, out: (T, E).     scores, shares: (T, T), a row for who asks.
    shown: whose shares are drawn as wires, from 0; those of all others are in the grid.
    Blocks are called `t.3`, `x.3` and `o.3`, from 0.
    """
    T = len(tokens)
    blocks = [Block(f"t.{t}", "token", t, 2, 0, "x", token) for t, token in enumerate(tokens)]
    blocks += [Block(f"x.{t}", "state", t, 1, 0, "x", f"x{t + 1}", vector=f"x.{t}") for t in range(T)]
    blocks += [Block(f"o.{t}", "state", t, 0, 1, "h", f"z{t + 1}", vector=f"o.{t}") for t in range(T)]
    wires = [Wire(f"t.{t}", f"x.{t}", "x") for t in range(T)]
    wires += [Wire(f"x.{t}", f"o.{shown}", "h", amount=min(1.0, float(shares[shown, t]))) for t in range(T)]
    grid = (
        Asking(token, tuple(map(float, scores[t])), tuple(map(float, shares[t])), 1, 1, 1)
        for t, token in enumerate(tokens)
    )
    vectors = {f"x.{t}": x[t] for t in range(T)} | {f"o.{t}": out[t] for t in range(T)}
    rows = (Row(("zₜ",), ("h",)), Row(("xₜ",), ("x",)), Row(("",), ("x",)))
    return Scene(2, T, rows, tuple(blocks), tuple(wires), vectors, grid=tuple(grid))
