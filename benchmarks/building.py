"""What the server does for a new text, without Streamlit: read, record, build the stage's specification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import torch

from benchmarks.row import Row, median_ms
from rnnviz.charts.stage.chart import stage
from rnnviz.core.record import read_out, record
from rnnviz.core.trace import Trace
from rnnviz.zoo import load

TEXT = " ".join(["the", "boy", "you", "see"] * 10)


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    model = load("words-en", "lstm")
    reading = model.read(TEXT)

    def keep() -> Trace:
        return record(model.rnn, reading.x, tokens=[token.text for token in reading.tokens])

    def build() -> dict[str, Any]:
        trace = keep()
        words = model.vocabulary.words
        made = stage(trace, read_out(trace, model.head), words=words, targets=reading.targets)
        return made.to_dict()

    what = f"specification of a stage, LSTM, T = 40, hidden {model.rnn.hidden_size}"
    yield Row(f"{what}: time", median_ms(build), "ms", "recording alone", median_ms(keep))
    trace = keep()
    numbers = sum(trace[name].nbytes for name in trace.operations)
    size = len(json.dumps(build(), ensure_ascii=False).encode())
    yield Row(f"{what}: size", size / 1000, "kB", "the numbers alone, float32", numbers / 1000)
