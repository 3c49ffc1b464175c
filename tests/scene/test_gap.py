"""Chains that meet at a gap, and what a module of PyTorch's returns, as scenes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.scene import meeting, returned
from tests.core.test_batch import CELLS, last, network, sequences

CELL = st.sampled_from(CELLS)


@settings(max_examples=50)
@given(CELL, st.integers(1, 7), st.sampled_from(["forward", "backward", "both"]), st.data())
def test_each_chain_reads_up_to_the_gap_and_the_answer_comes_when_both_are_there(
    cell: str, T: int, reader: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, T - 1))
    module, (x,) = network(cell, both=reader == "both"), sequences([T])
    turned = reader == "backward"
    trace = rnnviz.record(module, x.flip(0) if turned else x)
    scene = meeting(trace, place, "word", "50%", from_right=turned)
    blocks = {block.name: block for block in scene.blocks}
    output = last(module, (x.flip(0) if turned else x)[:, None])[0][:, 0]
    output = output.flip(0) if turned else output
    ahead = range(place) if not turned else range(0)
    back = range(place + 1, T) if turned or reader == "both" else range(0)
    assert {name for name in blocks if name.startswith("h.")} == {f"h.{t}" for t in (*ahead, *back)}
    for t in ahead:
        assert blocks[f"h.{t}"].step == t
        np.testing.assert_allclose(scene.vectors[f"h.{t}"], output[t, :4], atol=1e-12)
    for t in back:
        assert blocks[f"h.{t}"].step == T - 1 - t
        np.testing.assert_allclose(scene.vectors[f"h.{t}"], output[t, -4:], atol=1e-12)
    y = blocks["y"]
    assert (y.column, y.label, y.step) == (place, "word", max(len(ahead), len(back)))
    assert {wire.source for wire in scene.wires if wire.target == "y"} == {
        f"h.{t}" for t in (place - 1, place + 1) if t in (*ahead, *back)
    }
    along = {
        (wire.source, wire.target) for wire in scene.wires if wire.target.startswith("h") and wire.source[:1] != "x"
    }
    chains = [list(ahead), list(reversed(back))]
    pairs = {(f"h.{a}", f"h.{b}") for chain in chains for a, b in pairwise(chain)}
    first = {("", f"h.{chain[0]}") for chain in chains if chain and reader != "both"}
    assert along == pairs | first
    tokens = [blocks[f"x.{t}"].label for t in range(T)]
    assert tokens == [str(T - t if turned else t + 1) for t in range(T)]


@settings(max_examples=50)
@given(CELL, st.integers(1, 7), st.booleans())
def test_the_halves_of_the_output_and_what_is_handed_on_stand_where_pytorch_has_them(
    cell: str, T: int, both: bool
) -> None:
    module, (x,) = network(cell, both=both), sequences([T])
    scene = returned(rnnviz.record(module, x))
    output, h_n = last(module, x[:, None])
    blocks = {block.name: block for block in scene.blocks}
    for part in range(1 + both):
        for t in range(T):
            shown = scene.vectors[blocks[f"h.{part}.{t}"].vector]
            np.testing.assert_allclose(shown, output[t, 0, part * 4 :][:4], atol=1e-12)
        end = blocks[f"last.{part}"]
        np.testing.assert_allclose(scene.vectors[end.vector], h_n[part, 0], atol=1e-12)
        beside = blocks[f"h.{part}.{0 if part else T - 1}"]
        assert abs(end.column - beside.column) == 1, "the reverse chain's is beside the first token"
        assert end.row == beside.row
        np.testing.assert_array_equal(scene.vectors[end.vector], scene.vectors[beside.vector])
    assert scene.columns == T + 2
    if both and T > 1:
        assert not torch.equal(h_n[1, 0], output[-1, 0, 4:]), "which is why output[-1] is not what both know"
