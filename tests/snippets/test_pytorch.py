"""The lines that the page shows, run as a person would run them, give the numbers of the stage."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rnnviz
from rnnviz import zoo
from rnnviz.snippets.step import lines

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
@pytest.mark.parametrize(
    ("model", "text", "t"), [("words-en", "I ___ a \"boy\" \\ 'now'.", 5), ("words-ko", "저는 소년이 ___.", 3)]
)
def test_the_lines_reproduce_the_step(model: str, cell: str, text: str, t: int) -> None:
    run = subprocess.run(
        [sys.executable, "-c", lines(model, cell, text, t)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    printed, last = run.stdout.strip().rsplit("\n", 1)

    loaded = zoo.load(model, cell)
    trace = rnnviz.record(loaded.rnn, loaded.read(text).x)
    y = rnnviz.read_out(trace, loaded.head).y[t - 1]
    h = [float(number) for number in re.findall(r"-?\d+\.\d*(?:e[+-]\d+)?", printed)]
    np.testing.assert_allclose(h, trace["h"][0, t - 1], atol=6e-5)
    word, p = re.fullmatch(r"(\S+) tensor\((.*)\)", last).groups()
    assert word == loaded.vocabulary.words[y.argmax()]
    assert float(p) == pytest.approx(y.max(), abs=6e-5)
