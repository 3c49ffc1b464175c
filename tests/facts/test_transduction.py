"""The lines beside an encoder and decoder say what the step computed: every number of them is recomputed."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.facts.transduction import ELEMENTS, LISTED, TOP, captions
from rnnviz.scene.transduction import order
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.words.numbers import fixed, percent
from tests.core.seq2seq.transducers import transduced
from tests.scene.test_transduction import transductions


@given(written=transductions, by_operation=st.booleans(), language=st.sampled_from(list(LANGUAGES)))
def test_each_step_is_told_with_its_own_numbers(written: Transduction, by_operation: bool, language: str) -> None:
    texts = catalogue(language)
    found = captions(written, by_operation=by_operation, language=language)
    steps = order(written, by_operation=by_operation)
    assert len(found) == len(steps)
    for caption, (stage, at) in zip(found, steps, strict=True):
        lines = caption.lines
        if stage in ("read", "state", "context", "combination"):
            array = {
                "read": written.encoder["h"][0],
                "state": written.decoder["h"][0],
                "context": written.values.get("context"),
                "combination": written.values.get("combined"),
            }[stage]
            assert array is not None
            numbers = next(line for line in lines if line.startswith("["))
            assert numbers[1:-1].split(", ")[:ELEMENTS] == [fixed(float(v)) for v in array[at][:ELEMENTS]]
        if stage in ("score", "softmax"):
            values = written["e" if stage == "score" else "alpha"][at]
            writer = fixed if stage == "score" else percent
            named = [f"{writer(float(v))}  {token}" for v, token in zip(values, written.encoder.tokens, strict=True)]
            assert list(lines[1:]) == named
        if stage == "output":
            best = np.argsort(-written.y[at], kind="stable")[:TOP]
            words = [written.vocabulary[k] or texts["align.end"] for k in best]
            shown = [f"{percent(float(written.y[at, k]))}  {word}" for k, word in zip(best, words, strict=True)]
            assert list(lines[-TOP:]) == shown
            assert words[0] in caption.name


@pytest.mark.parametrize("attention", MECHANISMS)
def test_formulas_are_those_of_the_declaration(attention: str) -> None:
    written = transduced(attention)
    lines = [line for caption in captions(written, by_operation=True, language="en") for line in caption.lines]
    formulas = {
        "none": ["yₜ = softmax(W_y sₜ + b_y)"],
        "additive": [
            "eₜⱼ = v_e · tanh(W_q sₜ + W_k hⱼ + b_e)",
            "αₜⱼ = exp(eₜⱼ) ÷ Σ exp(eₜⱼ)",
            "h̄ₜ = Σ αₜⱼ hⱼ",
            "s̃ₜ = tanh(W_c [h̄ₜ; sₜ] + b_c)",
            "yₜ = softmax(W_y s̃ₜ + b_y)",
        ],
        "multiplicative": ["eₜⱼ = (W_q sₜ) · hⱼ"],
    }
    for formula in formulas[attention]:
        assert lines.count(formula) == len(written)
    assert not re.search("[a-z]+ₜⱼ?[a-z]", "".join(lines)), "no name of the program stands in a line"


def test_of_many_source_tokens_the_largest_are_listed_in_their_order() -> None:
    written = transduced(rows=tuple(k % 9 for k in range(LISTED + 5)))
    scores = next(m for m in captions(written, by_operation=True, language="en") if m.lines[0].startswith("eₜⱼ"))
    assert len(scores.lines) == LISTED + 2
    assert scores.lines[-1] == "…"
    values = [float(line.split("  ")[0].replace("−", "-")) for line in scores.lines[1:-1]]
    assert sorted(values) == sorted(round(float(v), 2) for v in np.sort(written["e"][0])[-LISTED:])


def test_the_first_state_of_the_decoder_comes_from_the_last_of_the_encoder() -> None:
    written = transduced(rows=(1, 2, 3))
    first = next(m for m in captions(written, by_operation=True, language="en") if m.lines[0].startswith("s₁ ="))
    assert first.lines[0] == "s₁ = GRU(w₁, h₃)"
