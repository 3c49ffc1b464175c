"""The lines that the page shows of one vector for all, run as they are, give the share that its card has."""

from __future__ import annotations

import pytest

from rnnviz.snippets.bottleneck import bottleneck_lines
from rnnviz.zoo.seq2seq import NAMES, cards


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_print_the_share_of_right_targets_of_the_seed_that_ships(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lengths = cards(name).by_attention["none"].lengths
    for one in (lengths[0], lengths[len(lengths) // 2]):
        exec(compile(bottleneck_lines(name, one.length), "lines", "exec"), {})
        assert float(capsys.readouterr().out) == pytest.approx(one.exact[0], abs=0.02), one.length
