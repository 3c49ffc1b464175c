"""The scene of an encoder and a decoder: everything that was computed is in it once, at its step, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.scene import transduction
from rnnviz.scene.transduction import HAIR, order, stages
from tests.core.seq2seq.transducers import ROWS, V, transduced

transductions = st.builds(
    transduced,
    st.sampled_from(list(MECHANISMS)),
    st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=6).map(tuple),
    st.none() | st.lists(st.integers(1, V - 1), max_size=5).map(tuple),
    st.integers(0, 20),
)


@given(written=transductions, by_operation=st.booleans())
def test_every_vector_stands_in_its_column_at_its_step(written: Transduction, by_operation: bool) -> None:
    scene = transduction(written, begin="<", end=">", by_operation=by_operation)
    blocks = {block.name: block for block in scene.blocks}
    S, U, asks = len(written.encoder), len(written), written.attention.asks
    assert scene.columns == max(S, U)
    assert scene.steps == S + U * (len(stages(written)) if by_operation else 1)
    states = {"h": (written.encoder["h"][0], "read"), "s": (written.decoder["h"][0], "state")}
    states |= {"context": (written["context"], "context")} if asks else {}
    states |= {"combined": (written["combined"], "combination")} if asks and by_operation else {}
    steps = {what: step for step, what in enumerate(order(written, by_operation=by_operation))}
    for name, (array, stage) in states.items():
        for at, vector in enumerate(array):
            block = blocks.pop(f"{name}.{at}")
            np.testing.assert_array_equal(scene.vectors[block.vector], vector)
            assert block.column == at
            assert block.step == steps[(stage if by_operation or stage == "read" else "output", at)]
    for j, token in enumerate(written.encoder.tokens):
        assert blocks.pop(f"x.{j}").label == token
    for t in range(U):
        fed = "<" if t == 0 else written.vocabulary[written.fed[t]]
        assert blocks.pop(f"w.{t}").label == fed
        assert blocks.pop(f"y.{t}").label == (written.vocabulary[int(written.y[t].argmax())] or ">")
    assert not blocks


@given(written=transductions, by_operation=st.booleans())
def test_wires_join_what_is_computed_from_what(written: Transduction, by_operation: bool) -> None:
    scene = transduction(written, begin="<", end=">", by_operation=by_operation)
    pairs = [(wire.source, wire.target) for wire in scene.wires]
    assert len(pairs) == len(set(pairs))
    S, U, asks = len(written.encoder), len(written), written.attention.asks
    assert (f"h.{S - 1}", "s.0") in pairs
    assert [wire for wire in scene.wires if wire.main] == [wire for wire in scene.wires if wire.target == "s.0"][:1]
    for t in range(1, U):
        assert (f"s.{t - 1}", f"s.{t}") in pairs
        assert ((f"y.{t - 1}", f"w.{t}") in pairs) == (written.fed[t] == written.rows[t - 1])
    shares = {(wire.source, wire.target): wire.amount for wire in scene.wires if wire.amount is not None}
    expected = {
        (f"h.{j}", f"context.{t}"): float(share)
        for t in range(U if asks else 0)
        for j, share in enumerate(written["alpha"][t])
        if share >= HAIR
    }
    assert shares == pytest.approx(expected)


@given(written=transductions, by_operation=st.booleans())
def test_the_grid_has_every_share_and_score(written: Transduction, by_operation: bool) -> None:
    scene = transduction(written, begin="<", end=">", by_operation=by_operation)
    if not written.attention.asks:
        assert not scene.grid
        return
    np.testing.assert_allclose([row.shares for row in scene.grid], written["alpha"])
    np.testing.assert_allclose([row.scores for row in scene.grid], written["e"])
    for t, row in enumerate(scene.grid):
        word = next(block for block in scene.blocks if block.name == f"y.{t}")
        assert (row.label, row.told) == (word.label, word.step)
        assert row.told - row.scored == (4 if by_operation else 0)
        assert row.shared - row.scored == by_operation
        assert not row.held


def test_notes_stand_under_their_tokens() -> None:
    scene = transduction(transduced(rows=(1, 2)), begin="<", end=">", notes=("", "unknown"))
    assert [block.note for block in scene.blocks if block.name.startswith("x.")] == ["", "unknown"]
