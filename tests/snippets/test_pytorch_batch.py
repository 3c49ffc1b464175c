"""The lines that the page shows of a batch, run as they are, give what the stage shows that each sentence hands on."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from rnnviz import zoo
from rnnviz.lessons.chains.batch import _read
from rnnviz.snippets.batch import batch_lines

TEXTS = ("You are \"hungry\" \\ 'now'.", "I am a boy.", "The dog chased the cat so the cat ran away.")


@pytest.mark.parametrize("cell", zoo.CELL_NAMES)
@pytest.mark.parametrize(("side", "handling"), [*product(("right", "left"), ("pads", "mask", "packed"))])
@pytest.mark.parametrize("reverse", [False, True])
def test_the_lines_give_what_is_handed_on(cell: str, side: Any, handling: Any, reverse: bool) -> None:
    names: dict[str, Any] = {}
    code = batch_lines("words-en", cell, TEXTS, side=side, handling=handling, reverse=reverse)
    exec(compile(code, "lines", "exec"), names)
    sheets = _read("words-en", cell, TEXTS, side, handling)
    shown = np.stack([sheet.handed_on[int(reverse)] for sheet in sheets])
    np.testing.assert_allclose(names["h"].detach().numpy(), shown, atol=5e-5)
