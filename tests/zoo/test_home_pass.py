"""What the home page shows without torch is what the shipped weights compute."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnnviz.zoo import home_pass


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_recorded_reading_equals_a_new_one(language: str) -> None:
    """`python -m rnnviz.zoo.home_pass` makes it so again."""
    kept, made = home_pass.taste(language), home_pass.record(language)
    assert (kept.words, kept.targets) == (made.words, made.targets)
    assert (kept.trace.cell, kept.trace.tokens) == (made.trace.cell, made.trace.tokens)
    arrays = [
        (kept.trace.x, made.trace.x),
        (kept.readout.W_hy, made.readout.W_hy),
        (kept.readout.b_y, made.readout.b_y),
    ]
    arrays += [(kept.trace[name], made.trace[name]) for name in made.trace.operations]
    arrays += [(kept.readout.logits, made.readout.logits), (kept.readout.y, made.readout.y)]
    for one, other in arrays:
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5 * max(1, np.abs(other).max()))


def test_a_page_in_a_language_without_a_model_shows_the_first_one() -> None:
    assert home_pass.taste("fr").words == home_pass.taste("en").words


def test_it_needs_no_torch() -> None:
    code = "import sys; from rnnviz.zoo.home_pass import taste; taste('ko'); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
