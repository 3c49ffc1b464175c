"""What the server does for one edited weight, without Streamlit: the copy, its trace, its prediction, its terms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from benchmarks.row import Row, median_ms
from rnnviz.core.record import read_out, record
from rnnviz.core.sharing import weight_terms, with_entry
from rnnviz.zoo import Model, load

TEXT = " ".join(["the", "boy", "you", "see"] * 10)


def edit(model: Model, x: Tensor, parameter: str) -> None:
    read_out(record(with_entry(model.rnn, parameter, 0, 1, 1.5), x), model.head)


def terms(model: Model, x: Tensor, parameter: str) -> None:
    weight_terms(model.rnn, x, model.head, 1, len(x), parameter=parameter)


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    for cell, parameter in (("rnn", "W_hh"), ("lstm", "W_hf"), ("gru", "W_hn")):
        model = load("words-en", cell)
        x = model.read(TEXT).x
        alone = median_ms(partial(record, model.rnn, x))
        edited, taken = (median_ms(partial(work, model, x, parameter)) for work in (edit, terms))
        what = f"{cell.upper()}, T = {len(x)}, hidden {model.rnn.hidden_size}"
        yield Row(f"an edited weight to its trace and predictions, {what}", edited, "ms", "record alone", alone)
        yield Row(f"the terms of a weight's gradient, {what}", taken, "ms", "record alone", alone)
