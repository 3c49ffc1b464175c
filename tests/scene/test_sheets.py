"""A batch as a scene: a column for all sentences at once, what is read in each, and what a pad is to the network."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.batch import batch
from rnnviz.core.sheet import Handling, Side
from rnnviz.scene import sheets
from tests.core.test_batch import CELLS, LENGTHS, network, sequences


@settings(max_examples=50)
@given(
    LENGTHS,
    st.sampled_from(CELLS),
    st.sampled_from(["right", "left"]),
    st.sampled_from(["pads", "mask", "packed"]),
    st.booleans(),
)
def test_every_state_stands_over_its_token_and_all_of_a_column_are_one_step(
    lengths: list[int], cell: str, side: Side, handling: Handling, reverse: bool
) -> None:
    read = batch(network(cell, both=True), sequences(lengths), side=side, handling=handling)
    scene = sheets(read, int(reverse), reverse=reverse, pad="∅")
    assert scene.steps == scene.columns == max(lengths)
    blocks = {block.name: block for block in scene.blocks}
    for number, sheet in enumerate(read):
        for t, real in enumerate(sheet.real):
            token, state = blocks.get(f"x.{number}.{t}"), blocks.get(f"h.{number}.{t}")
            if not real and handling == "packed":
                assert token is state is None
                continue
            assert token is not None
            assert state is not None
            assert token.label == (sheet.tokens[t] if real else "∅")
            assert token.step == state.step == (scene.columns - 1 - t if reverse else t)
            assert token.row == state.row + 1
            if not real and handling == "mask":
                assert (state.kind, state.label) == ("operation", "=")
            else:
                np.testing.assert_array_equal(scene.vectors[state.vector], sheet.states[int(reverse), t])
    front = [block.row for name, block in blocks.items() if name.startswith("x.0.")]
    assert set(front) == {len(scene.rows) - 1}, "the first sentence is in front"


@settings(max_examples=30)
@given(LENGTHS, st.booleans())
def test_a_chain_goes_from_step_to_step_and_what_is_read_goes_up(lengths: list[int], reverse: bool) -> None:
    read = batch(network("gru", both=True), sequences(lengths), handling="mask")
    scene = sheets(read, int(reverse), reverse=reverse)
    step = {block.name: block.step for block in scene.blocks}
    along = [wire for wire in scene.wires if wire.source.startswith("h") and wire.target]
    assert all(step[wire.target] == step[wire.source] + 1 for wire in along)
    assert len(along) == len(read) * (scene.columns - 1)
    up = {(wire.source[1:], wire.target[1:]) for wire in scene.wires if wire.source.startswith("x")}
    assert up == {(name[1:], name[1:]) for name in step if name in scene.vectors}


def test_before_a_guess_only_what_is_read_is_there() -> None:
    scene = sheets(batch(network("rnn"), sequences([2, 4])), 0, states=False)
    assert {block.kind for block in scene.blocks} == {"token"}
    assert not scene.vectors
    assert not scene.wires
