"""A text as the trained network reads it. Kept, since what is changed on a page is compared with it at every change."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import rnnviz
from rnnviz import zoo
from rnnviz.core.forward import Pass
from rnnviz.zoo.truth import truth


class TrainedPass(NamedTuple):
    model: zoo.Model
    reading: zoo.Reading
    shown: Pass


@lru_cache(maxsize=32)
def trained_pass(name: str, cell: str, text: str, limit: int = zoo.TOKEN_LIMIT) -> TrainedPass:
    model = zoo.load(name, cell)
    reading = model.read(text, limit)
    trace = rnnviz.record(model.rnn, reading.x, tokens=[token.text for token in reading.tokens])
    readout = rnnviz.read_out(trace, model.head)
    words = model.vocabulary.words
    rows = tuple(token.index for token in reading.tokens)
    shown = Pass(trace, readout, words, reading.targets, f"{name}-{cell}", truth(name, reading.tokens), rows=rows)
    return TrainedPass(model, reading, shown)
