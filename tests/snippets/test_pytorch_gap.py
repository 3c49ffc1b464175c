"""The lines that the page shows of a gap, run as they are, give the word and the probability that it shows."""

from __future__ import annotations

import pytest

from rnnviz.snippets.gap import gap_lines
from rnnviz.zoo.gaps import READERS
from rnnviz.zoo.gaps.model import load_gap

TEXTS = ("Between B and _ comes C.", "_ am a \"boy\" \\ 'now'.", "I am a _")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_lines_print_the_word_in_the_gap(reader: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    model = load_gap("gap-en", reader)
    tokens = model.vocabulary.tokenize(text)
    place = next(t for t, token in enumerate(tokens) if token.gap)
    exec(compile(gap_lines("gap-en", reader, text, place), "lines", "exec"), {})
    word, p = capsys.readouterr().out.split(" ", 1)
    y = model.fill([token.index for token in tokens])[place]
    assert word == model.vocabulary.words[int(y.argmax())]
    assert float(p.removeprefix("tensor(").rstrip(")\n")) == pytest.approx(float(y.max()), abs=6e-5)
