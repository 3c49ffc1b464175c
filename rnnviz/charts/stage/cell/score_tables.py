"""What the scores of words are sums of, as columns of the stage: `score` draws them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnnviz.charts.kit.tables import Row, joined
from rnnviz.core.trace import Array, Readout

FEW = 3  # units whose terms of a score are written out
NONE: Row = {
    "words": 0,
    **dict.fromkeys(("scoreRow", "scoreFew", "scoreWeights", "scoreBias", "scoreFull", "log_sum", "right_z"), ""),
}


def steps(numbers: Sequence[int]) -> str:
    """Steps, from 1, as the stage looks for one of them: `,1,4,`; empty for none."""
    return "".join(f",{t}" for t in numbers) + "," * bool(numbers)


def scores(readout: Readout, h: Array, best: NDArray[np.intp], right: Sequence[int | None]) -> Row:
    """Of each word that is a candidate at any step or the right one: its row of W_hy, its bias, its largest term; and
    of each at its step the `FEW` units whose terms are largest, or all of so few.

    h: what the head reads, (T, H).     best: the candidates of each step, (T, candidates).     right: of each step.
    """
    known = np.array([row[0] if word is None else word for row, word in zip(best, right, strict=True)])
    asked = np.concatenate([best, known[:, None]], axis=1)  # where the right word is not known, the best once more
    words, places = np.unique(asked, return_inverse=True)
    weights, bias = readout.W_hy[words], readout.b_y[words]
    largest = np.maximum((np.abs(weights) * np.abs(h).max(0)).max(1), np.abs(bias))
    top = readout.logits.max(1)
    terms = np.abs(weights[places.reshape(asked.shape)] * h[:, None])  # (T, candidates + 1, H)
    few = np.argsort(-terms, axis=2, kind="stable")[:, :, :FEW]
    sums = top + np.log(np.exp(readout.logits - top[:, None]).sum(1))
    return {
        "words": len(readout.b_y),
        "scoreRow": ",".join(map(str, places.ravel().tolist())),
        "scoreFew": ",".join(map(str, few.ravel().tolist())),
        "scoreWeights": joined([weights.reshape(-1)]),
        "scoreBias": joined([bias]),
        "scoreFull": joined([largest]),
        "log_sum": joined([sums]),
        "right_z": joined([readout.logits[np.arange(len(h)), known]]),
    }
