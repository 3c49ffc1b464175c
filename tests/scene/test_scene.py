"""A scene says what its trace says, and refuses what cannot be: an end that is not there, a look into the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.core.trace import Trace
from rnnviz.scene import Block, Row, Scene, Wire, network, one_row, with_head
from tests.charts.networks import WORDS, case
from tests.scene.networks import SOURCE, TARGET, encoder_decoder

PAIR = Scene(
    steps=2,
    columns=2,
    rows=(Row(("hₜ",), ("h",)),),
    blocks=(Block("a", "state", 0, 0, 0, vector="v"), Block("b", "operation", 1, 0, 1, label="+")),
    wires=(Wire("a", "b"),),
    vectors={"v": np.ones(3)},
)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    return case(
        draw(st.sampled_from(["rnn", "lstm", "gru"])),
        steps=draw(st.integers(1, 5)),
        hidden=draw(st.integers(1, 3)),
        layers=draw(st.integers(1, 3)),
        both=draw(st.booleans()),
        seed=draw(st.integers(0, 9)),
    ).trace


@settings(max_examples=40)
@given(traces())
def test_every_state_of_a_trace_has_one_block_in_its_tokens_column_and_its_chains_row(trace: Trace) -> None:
    scene = network(trace)
    cells = {(block.part, block.column): block for block in scene.blocks if block.part is not None}
    assert len(cells) == len(trace.weights) * len(trace) == sum(block.kind == "state" for block in scene.blocks)
    for (part, t), block in cells.items():
        assert scene.rows[block.row].part == part
        np.testing.assert_array_equal(scene.vectors[block.vector], trace["h"][part, t])
    tokens = [block for block in scene.blocks if block.kind == "token"]
    assert [block.label for block in sorted(tokens, key=lambda block: block.column)] == list(trace.tokens)


@settings(max_examples=40)
@given(traces())
def test_a_chain_is_computed_in_its_own_reading_order_and_a_layer_after_what_it_reads(trace: Trace) -> None:
    T, D = len(trace), trace.num_directions
    for block in network(trace).blocks:
        if block.part is not None:
            own = T - 1 - block.column if block.part % D else block.column
            assert block.step == own + (block.part // D * T if D == 2 else 0)


@settings(max_examples=40)
@given(traces())
def test_a_state_is_computed_from_its_wires_alone(trace: Trace) -> None:
    """By PyTorch's own cell: a state follows from the blocks that its wires come from, read in their order."""
    scene = network(trace)
    D = trace.num_directions
    for block in scene.blocks:
        if block.part is None:
            continue
        sources = [wire.source for wire in scene.wires if wire.target == block.name]
        before = block.column + (1 if block.part % D else -1)
        carried = f"h.{block.part}.{before}" if 0 <= before < len(trace) else ""  # the initial state, from nowhere
        layer = block.part // D
        below = [f"h.{part}.{block.column}" for part in range((layer - 1) * D, layer * D)]
        assert sorted(sources) == sorted(
            [carried] * len(trace.cell.states) + (below if layer else [f"x.{block.column}"])
        )
        if layer:
            read = np.concatenate([scene.vectors[name] for name in below])
            np.testing.assert_array_equal(read, trace.input(block.part)[block.column])


@settings(max_examples=20)
@given(traces(), st.data())
def test_one_row_alone_is_that_row_of_all_of_them(trace: Trace, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, len(trace.weights) - 1))
    alone, every = one_row(trace, part), network(trace)
    assert {row.part for row in alone.rows} == {part, None}
    order = [block.column for block in alone.blocks if block.part == part]
    assert order == [block.column for block in every.blocks if block.part == part]
    assert [block.step for block in alone.blocks if block.part == part] == list(range(len(trace)))
    for block in alone.blocks:
        if block.kind == "state":
            np.testing.assert_array_equal(alone.vectors[block.vector], every.vectors[block.name])
    own = {f"h.{part}.{t}" for t in range(len(trace))}
    along = [wire for wire in alone.wires if not wire.source.startswith("x.")]
    assert along == [wire for wire in every.wires if {wire.source, wire.target} <= own | {""}]
    assert len([wire for wire in alone.wires if wire.source.startswith("x.")]) == len(trace)


@pytest.mark.parametrize("both", [False, True])
def test_a_head_stands_above_and_reads_the_last_layer_in_all_directions(both: bool) -> None:
    of = case("gru", layers=2, both=both)
    scene = with_head(network(of.trace), of.trace, of.readout, WORDS)
    assert scene.rows[0].labels == ("yₜ",)
    steps = {block.name: block.step for block in scene.blocks}
    for t in range(len(of.trace)):
        (word,) = [block for block in scene.blocks if block.name == f"y.{t}"]
        read = [wire.source for wire in scene.wires if wire.target == word.name]
        assert read == [f"h.{part}.{t}" for part in ((2, 3) if both else (1,))]
        assert (word.column, word.row) == (t, 0)
        assert word.step == max(steps[name] for name in read)
        assert word.label == WORDS[int(of.readout.y[t].argmax())]
        assert word.note == f"{of.readout.y[t].max():.0%}"


def test_rows_say_their_layer_and_direction_where_there_are_several() -> None:
    def labels(**options: object) -> list[tuple[str, ...]]:
        return [row.labels for row in network(case("lstm", **options).trace).rows]

    assert labels() == [("cₜ", "hₜ"), ("xₜ",)]
    assert labels(layers=2) == [("c²ₜ", "h²ₜ"), ("c¹ₜ", "h¹ₜ"), ("xₜ",)]
    assert labels(both=True) == [("cₜ", "hₜ ←"), ("cₜ", "hₜ →"), ("xₜ",)]


def test_an_encoder_and_a_decoder_with_attention_are_a_scene() -> None:
    scene = encoder_decoder()
    assert scene.steps == scene.columns == len(SOURCE) + len(TARGET)
    for k in range(len(TARGET)):
        shares = [wire.amount for wire in scene.wires if wire.target == f"c{k}" and wire.amount is not None]
        assert len(shares) == len(SOURCE)
        assert sum(shares) == pytest.approx(1)
        mixed = sum(share * scene.vectors[f"h{t}"] for t, share in enumerate(shares))
        np.testing.assert_allclose(scene.vectors[f"c{k}"], mixed)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"wires": (Wire("a", "c"),)}, "there is no block 'c'"),
        ({"wires": (Wire("", "c"),)}, "there is no block 'c'"),
        ({"wires": (Wire("", ""),)}, "there is no block ''"),
        ({"wires": (Wire("b", "a"),)}, "'a' of step 0 reads 'b' of step 1"),
        ({"wires": (Wire("a", "a"),)}, "'a' of step 0 reads 'a' of step 0"),
        ({"wires": (Wire("a", "b", amount=1.5),)}, "a share of 1.5 in 'b'; accepted: 0 to 1"),
        ({"columns": 1}, "column of 'b' is 1; accepted: 0 to 0"),
        ({"steps": 1}, "step of 'b' is 1; accepted: 0 to 0"),
        ({"rows": ()}, "row of 'a' is 0"),
        ({"rows": (Row(("h",), ()),)}, "accepted: as many"),
        ({"vectors": {}}, "holds 'v'; accepted: for a state one of no vector"),
        ({"vectors": {"v": np.ones((2, 2))}}, r"vector 'v' is \(2, 2\)"),
        ({"vectors": {"v": np.array([np.nan])}}, "finite numbers"),
    ],
)
def test_parts_that_do_not_fit_are_refused_with_what_is_accepted(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(PAIR, **change)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "a"}, "two blocks have the name 'a'"),
        ({"column": 0}, "'a' and 'b' are both in column 0, row 0"),
        ({"kind": "gate"}, "'b' is a 'gate'; accepted: token, state"),
        ({"kind": "state"}, "'b' is of kind state and holds ''"),
        ({"vector": "v"}, "'b' is of kind operation and holds 'v'"),
    ],
)
def test_blocks_that_do_not_fit_are_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(PAIR, blocks=(PAIR.blocks[0], replace(PAIR.blocks[1], **change)))


def test_a_scene_cannot_be_changed() -> None:
    vector = np.ones(3)
    scene = replace(PAIR, vectors={"v": vector})
    vector[0] = 9
    assert scene.vectors["v"][0] == 1
    with pytest.raises(ValueError, match="read-only"):
        scene.vectors["v"][0] = 2
