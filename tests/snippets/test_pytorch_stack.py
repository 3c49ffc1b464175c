"""The lines that the page shows of layers, run as they are, give the word and the probability that it shows."""

from __future__ import annotations

import pytest

from rnnviz.core.forced import Forced
from rnnviz.core.record import read_out, record
from rnnviz.snippets.stack import stack_lines
from rnnviz.zoo.stacks import DEPTHS
from rnnviz.zoo.stacks.model import load_stack

TEXTS = ("The keys near the door are", "I am a \"boy\" \\ 'now'.", "cat")


@pytest.mark.parametrize(("layers", "silent"), [(layers, k) for layers in DEPTHS for k in range(layers + 1)])
@pytest.mark.parametrize("text", TEXTS)
def test_the_lines_print_the_word_that_is_expected(
    layers: int, silent: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = load_stack("stack-en", layers)
    card = model.card
    lines = stack_lines(
        "stack-en", layers, text, inputs=card.embedding_size, hidden_size=card.hidden_size, silent=silent
    )
    exec(compile(lines, "lines", "exec"), {})
    word, p = capsys.readouterr().out.split(" ", 1)
    forced = [Forced("h", 0.0, row=silent - 1)] if silent else []
    y = read_out(record(model.rnn, model.read(text).x, forced=forced), model.head).y[-1]
    assert word == model.vocabulary.words[int(y.argmax())]
    assert float(p.removeprefix("tensor(").rstrip(")\n")) == pytest.approx(float(y.max()), abs=6e-5)
