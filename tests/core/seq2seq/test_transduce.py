"""Encoder, decoder and attention against a plain PyTorch module of the same weights, and what is taken hold of."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.seq2seq.attention import MECHANISMS, Attention
from rnnviz.core.seq2seq.transduce import EDGE, beam, last_state, read, write
from tests.core.seq2seq.transducers import ROWS, H, V, both, log_probability

every_attention = pytest.mark.parametrize("attention", MECHANISMS.values(), ids=lambda one: one.name)
sources = st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=9)
targets = st.lists(st.integers(0, V - 1), max_size=7)


@every_attention
@given(rows=sources, target=targets, seed=st.integers(0, 50))
def test_every_number_is_a_plain_modules(attention: Attention, rows: list[int], target: list[int], seed: int) -> None:
    plain, model = both(attention, seed)
    source = read(model, rows, [str(row) for row in rows])
    written = write(model, source, target=target)
    y, shares = plain(torch.tensor(rows), torch.tensor([EDGE, *target]))
    np.testing.assert_allclose(written.y, y.numpy(), atol=1e-9)
    assert written.fed == (EDGE, *target)
    assert written.rows == tuple(y.argmax(1).tolist())
    if attention.asks:
        assert written.shares is not None
        np.testing.assert_allclose(written.shares, shares.numpy(), atol=1e-9)
        np.testing.assert_allclose(written["context"], written.shares @ source["h"][0], atol=1e-9)
    else:
        assert written.shares is None


@every_attention
@given(rows=sources, seed=st.integers(0, 50))
def test_what_it_writes_is_fed_to_it(attention: Attention, rows: list[int], seed: int) -> None:
    _, model = both(attention, seed)
    source = read(model, rows, [str(row) for row in rows])
    greedy = write(model, source, limit=8)
    assert greedy.fed == (EDGE, *greedy.rows[:-1])
    assert EDGE not in greedy.rows[:-1]
    assert len(greedy) == 8 or greedy.rows[-1] == EDGE
    again = write(model, source, target=greedy.rows[:-1])
    np.testing.assert_array_equal(greedy.y, again.y)
    np.testing.assert_array_equal(greedy.decoder["h"], again.decoder["h"])


def of_table(attention: Attention, name: str) -> bool:
    """Whether a result has a row, or a number, for each source token."""
    op, names = attention.op(name), {op.name for op in attention.ops}
    if op.kind == "mix":
        return False
    return any(read == "h_j" or (read in names and of_table(attention, read)) for read in op.reads)


@every_attention
@given(rows=sources, seed=st.integers(0, 50))
def test_every_result_is_what_its_operation_makes_of_its_operands(
    attention: Attention, rows: list[int], seed: int
) -> None:
    _, model = both(attention, seed)
    written = write(model, read(model, rows, [str(row) for row in rows]), limit=5)
    make = {
        "matvec": lambda w, x: w @ x,
        "rows": lambda w, m: np.einsum("ah,sh->sa", w, m),
        "add": lambda *terms: sum(terms[1:], terms[0]),
        "tanh": np.tanh,
        "dots": lambda m, v: (m * v).sum(1),
        "softmax": lambda e: np.exp(e - e.max()) / np.exp(e - e.max()).sum(),
        "mix": lambda a, m: sum(share * row for share, row in zip(a, m, strict=True)),
        "concat": lambda a, b: np.concatenate([a, b]),
    }
    for op in attention.ops:
        for step in range(len(written)):
            operands = (written.operand(name, step) for name in op.reads)
            np.testing.assert_allclose(written[op.name][step], make[op.kind](*operands), atol=1e-9, err_msg=op.name)
        shape = written[op.name].shape[1:]
        assert (shape[0] == len(rows)) == of_table(attention, op.name) or len(rows) in (H, V, 2 * H)


@given(rows=sources, seed=st.integers(0, 50), data=st.data())
def test_held_shares_are_in_the_place_of_its_own(rows: list[int], seed: int, data: st.DataObject) -> None:
    _, model = both(MECHANISMS["additive"], seed)
    source = read(model, rows, [str(row) for row in rows])
    free = write(model, source, target=[1, 2])
    one = np.zeros(len(rows))
    one[data.draw(st.integers(0, len(rows) - 1))] = 1
    held = write(model, source, target=[1, 2], held={1: one})
    assert held.shares is not None
    assert free.shares is not None
    np.testing.assert_array_equal(held.shares[1], one)
    np.testing.assert_allclose(held["context"][1], source["h"][0, int(one.argmax())], atol=1e-12)
    for step in (0, 2):  # fed the same words, no other step knows of it
        np.testing.assert_array_equal(held.y[step], free.y[step])
    same = write(model, source, target=[1, 2], held=dict(enumerate(free.shares)))
    np.testing.assert_allclose(same.y, free.y, atol=1e-12)


@every_attention
@given(first=sources, second=sources, seed=st.integers(0, 50))
def test_the_bridge_is_all_that_a_decoder_without_attention_knows(
    attention: Attention, first: list[int], second: list[int], seed: int
) -> None:
    plain, model = both(attention, seed)
    one, other = (read(model, rows, [str(row) for row in rows]) for rows in (first, second))
    bridge = last_state(other)
    written = write(model, one, bridge=bridge, limit=6)
    y, _ = plain(torch.tensor(first), torch.tensor(written.fed), torch.from_numpy(bridge.copy()))
    np.testing.assert_allclose(written.y, y.numpy(), atol=1e-9)
    if not attention.asks:
        assert written.rows == write(model, other, limit=6).rows
        zero = write(model, one, bridge=np.zeros(H), limit=6)
        assert zero.rows == write(model, other, bridge=np.zeros(H), limit=6).rows


@every_attention
@given(rows=sources, seed=st.integers(0, 50), width=st.integers(1, 5))
def test_a_beam_holds_the_likeliest_texts(attention: Attention, rows: list[int], seed: int, width: int) -> None:
    _, model = both(attention, seed)
    source = read(model, rows, [str(row) for row in rows])
    steps = beam(model, source, width, limit=4)
    for held in steps:
        assert 1 <= len(held) <= width
        assert [one.log_probability for one in held] == sorted((one.log_probability for one in held), reverse=True)
        assert len({one.rows for one in held}) == len(held)
        for one in held:
            fed = one.rows[:-1]
            forced = write(model, source, target=fed)
            assert one.log_probability == pytest.approx(log_probability(forced, one.rows), abs=1e-6)
            assert EDGE not in one.rows[:-1]
            assert len(one.rows) <= len(steps)
    if width == 1:
        assert steps[-1][0].rows == write(model, source, limit=4).rows


@given(rows=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=4), seed=st.integers(0, 50))
def test_a_wide_beam_finds_the_likeliest_of_all_short_texts(rows: list[int], seed: int) -> None:
    """Of two steps all V * (V - 1) + 1 texts can be counted; a beam that holds V of them after the first misses none
    that begins with any word."""
    _, model = both(MECHANISMS["multiplicative"], seed)
    source = read(model, rows, [str(row) for row in rows])
    best = beam(model, source, V, limit=2)[-1][0]
    texts = [(EDGE,), *((a, b) for a in range(1, V) for b in range(V))]
    logs = {text: log_probability(write(model, source, target=text[:-1]), text) for text in texts}
    assert best.log_probability == pytest.approx(max(logs.values()), abs=1e-9)


def test_what_cannot_be_is_refused() -> None:
    _, model = both(MECHANISMS["additive"])
    _, blind = both(MECHANISMS["none"])
    source = read(model, [1, 2, 3], "abc")
    with pytest.raises(ValueError, match="the source is empty"):
        read(model, [], [])
    wrong = (np.ones(3), np.array([0.5, 0.5]), np.array([1.5, -0.5, 0.0]), np.array([np.nan, 0.5, 0.5]))
    for shares in wrong:
        with pytest.raises(ValueError, match="shares of step 0"):
            write(model, source, held={0: shares})
    with pytest.raises(ValueError, match="there is no attention"):
        write(blind, source, held={0: np.array([1.0, 0, 0])})
    with pytest.raises(ValueError, match="bridge"):
        write(model, source, bridge=np.zeros(H + 1))
    for width in (0, 9):
        with pytest.raises(ValueError, match="width"):
            beam(model, source, width)
    written = write(model, source, target=[1])
    with pytest.raises(KeyError, match="has no 'f'"):
        written["f"]
    with pytest.raises(ValueError, match="1 rows for 2 steps"):
        log_probability(written, [1])
