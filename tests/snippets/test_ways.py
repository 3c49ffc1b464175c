"""The lines that the page shows of the way back, run as they are, give the norms that it shows."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.core.gradients.attention import ways_back
from rnnviz.snippets.ways import ways_lines
from rnnviz.zoo.seq2seq import ATTENTIONS
from rnnviz.zoo.seq2seq.model import load_seq2seq


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("step", [1, 4, 5])
def test_the_lines_print_what_comes_back_to_each_token(
    attention: str, step: int, capsys: pytest.CaptureFixture[str]
) -> None:
    model, text = load_seq2seq("copying", attention), "<ab'\\c"
    rows = [token.index for token in model.source.tokenize(text)]
    target = [model.target.row(letter) for letter in "cbab"]
    word = (*target, 0)[step - 1]
    exec(compile(ways_lines("copying", attention, text, (0, *target)[:step], word), "lines", "exec"), {})
    ways = ways_back(model.network, rows, target, step, word)
    printed = [line.split(" ") for line in capsys.readouterr().out.splitlines()]
    whole = [float(line[0]) for line in printed]
    np.testing.assert_allclose(whole, np.linalg.norm(ways.total, axis=1), rtol=2e-3)
    if ways.asks:
        np.testing.assert_allclose([float(line[1]) for line in printed], ways.norms("alpha"), rtol=2e-3)
    assert [line[-1] for line in printed] == [*text]
