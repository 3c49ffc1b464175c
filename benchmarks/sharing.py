"""What the server does for one edited weight, without Streamlit: the copy, its trace, its prediction, its terms."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from benchmarks.row import Row, median_ms
from rnnviz.record import read_out, record
from rnnviz.sharing import weight_terms, with_entry
from rnnviz.zoo import load

TEXT = " ".join(["the", "boy", "you", "see"] * 10)


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    for cell, parameter in (("rnn", "W_hh"), ("lstm", "W_hf"), ("gru", "W_hn")):
        model = load("words-en", cell)
        x = model.read(TEXT).x

        def edit(model=model, x=x, parameter=parameter) -> None:  # type: ignore[no-untyped-def]
            read_out(record(with_entry(model.rnn, parameter, 0, 1, 1.5), x), model.head)

        def terms(model=model, x=x, parameter=parameter) -> None:  # type: ignore[no-untyped-def]
            weight_terms(model.rnn, x, model.head, 1, len(x), parameter=parameter)

        alone = median_ms(lambda model=model, x=x: record(model.rnn, x))  # type: ignore[misc]
        what = f"{cell.upper()}, T = {len(x)}, hidden {model.rnn.hidden_size}"
        yield Row(
            f"an edited weight to its trace and predictions, {what}", median_ms(edit), "ms", "record alone", alone
        )
        yield Row(f"the terms of a weight's gradient, {what}", median_ms(terms), "ms", "record alone", alone)
