"""The lines of an encoder and decoder run, and print what the project's own run writes."""

from __future__ import annotations

import contextlib
import io
import re

import numpy as np
import pytest

from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduce import last_state
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.lessons.attention import run
from rnnviz.lessons.attention.hold import shares_of
from rnnviz.lessons.attention.parameters import BRIDGES, SHARES, SOURCES
from rnnviz.snippets.attention import LIMIT, held_lines, writing_lines
from rnnviz.zoo.seq2seq import ATTENTIONS, NAMES


def printed(code: str) -> list[str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    return out.getvalue().splitlines()


def expected(written: Transduction) -> list[str]:
    """A line a written word, but for the end: the word, the token that has the largest share, and that share."""
    lines = []
    for t, word in enumerate(written.words):
        if word:
            where = "" if written.shares is None else f"{int(written.shares[t].argmax()) + 1} "
            largest = written.y[t] if written.shares is None else written.shares[t]
            lines.append(f"{word} {where}{float(largest.max()):.4f}")
    return lines


def rounded(lines: list[str]) -> list[str]:
    return [re.sub(r"tensor\(([\d.e-]+)\)", lambda match: f"{float(match[1]):.4f}", line) for line in lines]


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_the_lines_write_what_the_page_shows(name: str, attention: str) -> None:
    for text in [*SOURCES[name]][:2]:
        written = run.written(name, attention, text)
        assert len(written) <= LIMIT
        assert rounded(printed(writing_lines(name, attention, text))) == expected(written)


@pytest.mark.parametrize("kind", SHARES)
def test_the_lines_hold_shares(kind: str) -> None:
    text = next(iter(SOURCES["en-ko"]))
    before = run.written("en-ko", "additive", text)
    assert before.shares is not None
    shares = shares_of(kind, before.shares[1].astype(float), 2)
    after = run.rewritten("en-ko", "additive", text, held={1: shares / shares.sum()})
    code = held_lines("en-ko", "additive", text, "shares", kind, step=1, source=2, other="")
    assert rounded(printed(code)) == expected(after)


@pytest.mark.parametrize("attention", MECHANISMS)
@pytest.mark.parametrize("kind", BRIDGES)
def test_the_lines_hand_over_something_else(kind: str, attention: str) -> None:
    first, second = [*SOURCES["en-ko"]][:2]
    other = last_state(run.source("en-ko", attention, second))
    bridge = np.zeros_like(other) if kind == "zero" else other
    after = run.rewritten("en-ko", attention, first, bridge=bridge)
    code = held_lines("en-ko", attention, first, "bridge", kind, step=0, source=0, other=second)
    assert rounded(printed(code)) == expected(after)
