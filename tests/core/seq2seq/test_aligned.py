"""An encoder and decoder of one's own, with shares that are given: what is shown of them is what they were."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.core.network import build
from rnnviz.core.seq2seq.transduction import GIVEN, Transduction
from rnnviz.scene import transduction
from rnnviz.words.numbers import percent


def made(
    S: int, U: int, seed: int, *, cell: str = "gru", both: bool = False, handed_over: bool = False
) -> Transduction:
    generator = torch.Generator().manual_seed(seed)
    encoder, decoder = build(cell, 3, 4, bidirectional=both), build(cell, 2, 4)
    with torch.no_grad():
        for parameter in (*encoder.parameters(), *decoder.parameters()):
            parameter.uniform_(-1, 1, generator=generator)
    read = rnnviz.record(encoder, torch.randn(S, 3, generator=generator), tokens=[f"x{j}" for j in range(S)])
    h0 = torch.from_numpy(read["h"][:1, -1].copy()) if handed_over else None
    x = torch.randn(U, 2, generator=generator)
    written = rnnviz.record(decoder, x, h0=h0, tokens=["<s>", *(f"y{t}" for t in range(U - 1))])
    shares = torch.softmax(torch.randn(U, S, generator=generator), 1).numpy()
    return rnnviz.aligned(read, written, shares, [f"y{t}" for t in range(U)])


@given(S=st.integers(1, 6), U=st.integers(1, 6), seed=st.integers(0, 20), both=st.booleans())
def test_the_context_is_the_sum_of_the_encoders_outputs(S: int, U: int, seed: int, both: bool) -> None:
    written = made(S, U, seed, both=both)
    assert written.shares is not None
    for t in range(U):
        context = sum(written.shares[t, j] * written.encoder.output[j] for j in range(S))
        np.testing.assert_allclose(written["context"][t], context, atol=1e-5)
    assert written.attention is GIVEN
    assert all(written.probability(t) is None for t in range(U))
    scene = transduction(written, begin="<", end=">")
    wires = {(wire.source, wire.target) for wire in scene.wires}
    for j in range(S):
        np.testing.assert_array_equal(scene.vectors[f"h.{j}"], written.encoder.output[j])
    assert {(f"h.{j}", f"h.{j + 1}") for j in range(S - 1)} <= wires or both
    assert {(f"y.{t}", f"w.{t + 1}") for t in range(U - 1)} <= wires
    np.testing.assert_allclose([row.shares for row in scene.grid], written.shares, atol=1e-6)


@pytest.mark.parametrize("handed_over", [False, True])
@pytest.mark.parametrize("cell", ["gru", "rnn"])
def test_the_bridge_is_drawn_where_the_last_state_is_handed_over(cell: str, handed_over: bool) -> None:
    scene = transduction(made(3, 2, 0, cell=cell, handed_over=handed_over), begin="<", end=">")
    assert any(wire.main for wire in scene.wires) == handed_over


def test_shares_as_the_attention_gave_them_are_taken() -> None:
    """A tensor that still requires a gradient, an array or a list."""
    written = made(3, 2, 0)
    shares = torch.tensor(np.array(written.shares), requires_grad=True)
    for given_ in (shares, shares.detach().numpy(), shares.tolist()):
        again = rnnviz.aligned(written.encoder, written.decoder, given_, ["a", "b"])
        np.testing.assert_array_equal(again["alpha"], written["alpha"])


def test_a_stage_shows_it() -> None:
    figure = rnnviz.stage(made(3, 4, 0, both=True), look=rnnviz.Look(language="ko"))
    assert isinstance(figure, Figure)
    cells = figure.to_dict()["datasets"]["grid"]
    assert len(cells) == 12
    assert {cell["sum"] for cell in cells} == {""}


@pytest.mark.parametrize(
    ("language", "read", "wrote"), [("en", "reads ‘x1’", "writes ‘y0’"), ("ko", "‘x1’을", "‘y0’을")]
)
def test_its_steps_are_told_in_words_and_not_by_the_names_of_blocks(language: str, read: str, wrote: str) -> None:
    written = made(3, 2, 0)
    (row,) = rnnviz.stage(written, look=rnnviz.Look(language=language)).to_dict()["datasets"]["picture"]
    names = row["names"].split(SEPARATOR)
    assert len(names) == 5
    assert read in names[1]
    assert wrote in names[3]
    lines = row["lines"].split(SEPARATOR)
    assert written.shares is not None
    most = int(np.argmax(written.shares[0]))
    assert f"x{most} {percent(float(written.shares[0, most]))}" in lines[3]


def test_what_does_not_fit_is_refused() -> None:
    written = made(3, 2, 0)
    shares = np.array(written.shares)
    for wrong, words, message in (
        (shares.T, ["a", "b"], "shares are"),
        (shares, ["a"], "1 words"),
        (shares * 2, ["a", "b"], "do not sum to 1"),
        (shares - 1, ["a", "b"], "do not sum to 1"),
    ):
        with pytest.raises(ValueError, match=message):
            rnnviz.aligned(written.encoder, written.decoder, wrong, words)
    with pytest.raises(ValueError, match="by_operation"):
        transduction(written, begin="<", end=">", by_operation=True)
