"""The scene of a network with taps holds what it read, what it was asked and the way back of the losses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from rnnviz.core.record import record
from rnnviz.core.taps import Taps
from rnnviz.scene import Scene, sketch, tapped

MODULE = nn.GRU(3, 4)
bits = st.integers(1, 6).flatmap(
    lambda steps: st.tuples(*(st.lists(st.booleans(), min_size=steps, max_size=steps).map(tuple) for _ in range(2)))
)


def drawn(taps: Taps, seed: int = 0) -> tuple[Scene, np.ndarray]:
    T = len(taps)
    rng = np.random.default_rng(seed)
    trace = record(
        MODULE, torch.tensor(rng.normal(size=(T, 3)), dtype=torch.float32), tokens=[f"w{t}" for t in range(T)]
    )
    gradient = rng.normal(size=(T, 4))
    return tapped(trace, taps, [(f"a{t}", f"L{t}") for t in range(T)], gradient), gradient


@given(bits)
def test_open_taps_have_their_wires_and_closed_ones_none(found: tuple[tuple[bool, ...], tuple[bool, ...]]) -> None:
    taps = Taps(*found)
    scene, gradient = drawn(taps)
    wires = {(wire.source, wire.target) for wire in scene.wires}
    blocks = {block.name: block for block in scene.blocks}
    last = max((t for t, asks in enumerate(taps.asks) if asks), default=-1)
    for t in range(len(taps)):
        assert ((f"x.{t}", f"h.{t}") in wires) == taps.inputs[t]
        assert blocks[f"x.{t}"].label == (f"w{t}" if taps.inputs[t] else "0")
        assert (f"y.{t}" in blocks) == ((f"h.{t}", f"y.{t}") in wires) == taps.asks[t]
        assert ((f"y.{t}", f"g.{t}") in wires) == taps.asks[t]
        assert (f"g.{t}" in blocks) == (t <= last)
        if t <= last:
            assert blocks[f"g.{t}"].step == len(taps) + last - t
            assert float(blocks[f"n.{t}"].label) == pytest.approx(np.linalg.norm(gradient[t]), rel=5e-3)
    assert scene.steps == len(taps) + last + 1


@given(bits)
def test_the_vectors_are_the_gradient_in_the_unit_that_the_row_names(
    found: tuple[tuple[bool, ...], tuple[bool, ...]],
) -> None:
    taps = Taps(*found)
    scene, gradient = drawn(taps)
    units = [float(row.labels[0].partition("÷")[2]) for row in scene.rows if "÷" in row.labels[0]]
    assert bool(units) == any(taps.asks)
    for block in scene.blocks:
        if block.name.startswith("g."):
            vector = scene.vectors[block.vector] * units[0]
            np.testing.assert_allclose(vector, gradient[block.column], rtol=5e-3, atol=5e-3)


def test_without_a_gradient_it_ends_with_the_last_step() -> None:
    trace = record(MODULE, torch.zeros(3, 3))
    scene = tapped(trace, Taps.of([1], [3], 3), [("a", "")] * 3)
    assert (scene.steps, len(scene.rows)) == (3, 3)
    with pytest.raises(ValueError, match="as many"):
        tapped(trace, Taps.of([1], [2], 2), [("a", "")] * 3)


def test_a_sketch_has_what_is_read_and_what_is_answered() -> None:
    scene = sketch(("a", "b", ""), ("", "", "c"))
    assert [block.label for block in scene.blocks] == ["a", "h", "b", "h", "h", "c"]
    assert {(wire.source, wire.target) for wire in scene.wires} == {
        ("x.0", "h.0"),
        ("x.1", "h.1"),
        ("h.0", "h.1"),
        ("h.1", "h.2"),
        ("h.2", "y.2"),
    }
    with pytest.raises(ValueError, match="at least one"):
        sketch((), ())
