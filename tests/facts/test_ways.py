"""What is said of the ways back from a written word, counted again from the vectors that come along them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.gradients.attention import WAYS, ways_back
from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduce import read, write
from rnnviz.facts.notice import Notice
from rnnviz.facts.ways import Back, asked_of_way, of_ways
from rnnviz.zoo.seq2seq.model import load_seq2seq
from tests.core.seq2seq.transducers import ROWS, V, both

sources = st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=8)
targets = st.lists(st.integers(1, V - 1), min_size=1, max_size=5)


def back(rows: list[int], target: list[int], seed: int, attention: str = "additive", scale: float = 1.0) -> Back:
    """scale: of what the network without attention gets."""
    alone = ways_back(both(MECHANISMS["none"], seed)[1], rows, target, len(target), target[-1])
    _, model = both(MECHANISMS[attention], seed)
    ways = ways_back(model, rows, target, len(target), target[-1])
    shares = write(model, read(model, rows, [""] * len(rows)), target=target).shares
    assert shares is not None
    return Back(
        word="w",
        step=len(target),
        tokens=tuple(f"{j}:{row}" for j, row in enumerate(rows)),
        alone=scale * alone.norms("bridge"),
        ways={way: ways.norms(way) for way in WAYS},
        whole=np.linalg.norm(ways.alpha + ways.along + ways.bridge, axis=1),
        shares=shares[len(target) - 1],
    )


@given(rows=sources, target=targets, seed=st.integers(0, 50))
def test_the_way_that_brings_most_to_the_first_token_is_found_again(
    rows: list[int], target: list[int], seed: int
) -> None:
    shown = back(rows, target, seed)
    question = asked_of_way(shown)
    assert shown.shares is not None
    sizes = {way: float(shown.ways[way][0]) for way in WAYS}
    assert sizes[question.answer] == max(sizes.values())
    for way, (reason, values) in question.reasons.items():
        assert reason == f"{'is' if way == question.answer else 'not'}_{way}"
        assert {name: values[name] for name in WAYS} == sizes
        assert values["share"] == shown.shares[0]
        assert values["chain"] == len(rows) - 1 + len(target)
        assert values["token"] == shown.tokens[0]


def test_which_way_brings_most_is_not_always_the_same() -> None:
    """Over the written letters of a reversed string."""
    model = load_seq2seq("copying", "additive")
    rows = [model.source.row(letter) for letter in "<abcdefgh"]
    target = [model.target.row(letter) for letter in "hgfedcba"]
    answers = set()
    for step in range(1, len(target) + 1):
        ways = ways_back(model.network, rows, target, step, target[step - 1])
        shares = np.full(len(rows), 1 / len(rows))
        norms = {way: ways.norms(way) for way in WAYS}
        shown = Back("w", step, ("",) * len(rows), norms["bridge"], norms, norms["bridge"], shares)
        answers.add(asked_of_way(shown).answer)
    assert len(answers) > 1


@given(rows=sources, target=targets, seed=st.integers(0, 50), scale=st.sampled_from([1e-9, 1.0, 1e9]))
def test_what_is_said_of_the_ways_is_counted_again(rows: list[int], target: list[int], seed: int, scale: float) -> None:
    shown = back(rows, target, seed, scale=scale)
    chain, little, gain, looked = of_ways(shown)
    check_alone(shown, chain, little)
    assert shown.whole is not None
    assert shown.shares is not None
    times = [whole / alone for whole, alone in zip(shown.whole, shown.alone, strict=True)]
    j = int(gain.values["j"]) - 1
    assert gain.values["times"] == pytest.approx(max(times)) == pytest.approx(times[j])
    assert gain.kind == ("ways_gain" if max(times) > 1 else "ways_no_gain")
    assert (gain.values["with"], gain.values["alone"]) == (shown.whole[j], shown.alone[j])
    assert gain.values["chain"] == len(rows[j + 1 :]) + len(target)
    most = int(looked.values["j"]) - 1
    assert shown.ways["alpha"][most] == max(shown.ways["alpha"])
    assert looked.values["share"] == max(shown.shares)
    there = looked.values["token"] == looked.values["looked"]
    assert (looked.kind == "ways_looked") == there == (shown.shares[most] == max(shown.shares))
    assert (looked.values["own"], looked.values["norm"]) == (shown.shares[most], shown.ways["alpha"][most])


def check_alone(shown: Back, chain: Notice, little: Notice) -> None:
    first, last, S = shown.alone[0], shown.alone[-1], len(shown.tokens)
    assert (chain.values["first"], chain.values["last"]) == (first, last)
    assert (chain.values["least"], chain.values["chain"]) == (shown.step, shown.step + S - 1)
    if S == 1:
        assert chain.kind == "ways_ends"
    else:
        assert last * float(chain.values["factor"]) ** (S - 1) == pytest.approx(first)
        assert chain.kind == ("ways_fades" if first < last else "ways_grows")
    few = sum(norm < max(shown.alone) / 1000 for norm in shown.alone)
    assert little.kind == ("ways_vanishes" if few else "ways_reaches")
    assert (little.values["count"], little.values["tokens"]) == (few, S)
    if not few:
        assert little.values["part"] == pytest.approx(min(shown.alone) / max(shown.alone))


def test_without_attention_only_the_chain_is_spoken_of_and_where_hardly_anything_arrives_it_is_counted() -> None:
    shown = Back("w", 2, ("a", "b", "c"), np.array([1e-9, 1e-4, 1.0]), {})
    chain, little = of_ways(shown)
    check_alone(shown, chain, little)
    assert (little.kind, little.values["count"]) == ("ways_vanishes", 2)
    ends, _ = of_ways(Back("w", 2, ("a", "b"), np.array([0.0, 1.0]), {}))
    assert ends.kind == "ways_ends"
