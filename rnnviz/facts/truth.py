"""A prediction beside what the source of the text has come next: what is open, and where the network is wrong."""

from __future__ import annotations

from typing import Literal

import numpy as np

from rnnviz.core.terms import WRONG
from rnnviz.core.trace import Array

Fate = Literal["outside", "wrong", "open"]


def known(truth: Array | None, t: int) -> Array | None:
    """The distribution (V,) after step `t` (from 0), None where it is not known."""
    return None if truth is None or np.isnan(truth[t]).any() else truth[t]


def most_wrong(y: Array, truth: Array) -> int:
    """The word whose probability is furthest from the true one."""
    return int(np.abs(y - truth).argmax())


def fate(y: Array, truth: Array, came: int | None) -> Fate:
    """What a surprise at this step is: the text left its source ("outside"), the network is wrong by `WRONG` or more
    about some word, or the sentence was open and the network knows how open.
    """
    if came is not None and truth[came] == 0:
        return "outside"
    return "wrong" if np.abs(y - truth).max() >= WRONG else "open"
