"""Which entry a lesson offers to change: what is computed for all at once is what one edit after another gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz import zoo
from rnnviz.core.cells import CELLS
from rnnviz.zoo.catalogue import telling_entry
from rnnviz.zoo.telling import moves

MODELS = [(model, cell) for model in zoo.catalogue() for cell in zoo.CELL_NAMES]


@pytest.mark.parametrize(("model", "cell"), MODELS)
def test_the_file_holds_the_entry_that_moves_a_prediction_most(model: str, cell: str) -> None:
    loaded, text = zoo.load(model, cell), zoo.catalogue()[model].examples[1]
    for weight in (CELLS[cell].content[1], "W_hy"):
        with torch.no_grad():
            moved, turned = moves(loaded, weight, text)
        row, column, step = telling_entry(model, cell, weight)
        assert turned[:, row, column].any(), "another first choice"
        assert moved[step - 1, row, column] == moved[:, turned.any(axis=0)].max()


@pytest.mark.parametrize(("model", "cell"), MODELS)
def test_each_number_is_that_of_one_edited_network(model: str, cell: str) -> None:
    loaded, text = zoo.load(model, cell), zoo.catalogue()[model].examples[1]
    x, rng = loaded.read(text).x, np.random.default_rng(0)
    before = rnnviz.record(loaded.rnn, x)
    for weight in (CELLS[cell].content[1], "W_hy"):
        with torch.no_grad():
            moved, turned = moves(loaded, weight, text)
        for row, column in zip(*(rng.integers(0, n, 4).tolist() for n in moved.shape[1:]), strict=True):
            head, rnn = loaded.head, loaded.rnn
            if weight == "W_hy":
                head = rnnviz.with_entry(head, weight, row, column, -float(head.weight[row, column]))
            else:
                value = float(before.weights[0][weight][row, column])
                rnn = rnnviz.with_entry(rnn, weight, row, column, -value)
            y, other = (rnnviz.read_out(*pair).y for pair in ((before, loaded.head), (rnnviz.record(rnn, x), head)))
            np.testing.assert_allclose(moved[:, row, column], np.abs(y - other).sum(1) / 2, atol=1e-5)
            np.testing.assert_array_equal(turned[:, row, column], y.argmax(1) != other.argmax(1))
