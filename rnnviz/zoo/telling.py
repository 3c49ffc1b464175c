"""Which single entry of a weight the prediction depends on most: the one that a lesson offers to change. One that makes
another word the first choice at some step comes before any that only moves the probabilities.

For every shipped model, cell and matrix the sign of each entry is turned, one at a time, and the model's second example
is read again. The answer is written beside the weights (`entries.json`) by `python -m rnnviz.zoo entries`, so that a
page opens on it without torch.
"""

from __future__ import annotations

import json

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.cells import CELLS
from rnnviz.core.network import run
from rnnviz.core.record import record
from rnnviz.zoo.catalogue import CELL_NAMES, ENTRIES, catalogue
from rnnviz.zoo.model import Model, load

AT_ONCE = 512  # networks that are run as one batch


def moves(model: Model, weight: str, text: str) -> tuple[np.ndarray, np.ndarray]:
    """How far turning the sign of each entry moves the prediction: the total variation distance, 0 to 1, between the
    prediction before and after it, (T, rows, columns), at each step of the text; and whether its first choice becomes
    another, of the same shape.
    """
    x = model.read(text).x
    trace = record(model.rnn, x)
    h = torch.tensor(trace["h"][0])
    weights = {name: torch.tensor(value) for name, value in trace.weights[0].items()}
    y = _predictions(model, h)
    if weight == "W_hy":  # one logit changes, so the rest of the prediction only shrinks or grows
        delta = -2 * model.head.weight[None].to(h) * h[:, None]  # (T, V, H)
        now = y[:, :, None] * torch.exp(delta)
        distance = (now / (1 - y[:, :, None] + now) - y[:, :, None]).abs()
        best, second = y.topk(2, dim=1).values.T[:, :, None, None]
        is_best = (y == y.amax(1, keepdim=True))[:, :, None]
        return np.asarray(distance), np.asarray(torch.where(is_best, now < second, now > best))
    matrix = weights[weight]
    rows, columns = matrix.shape
    cell, size = trace.cell, h.shape[1]

    def states(value: Tensor) -> Tensor:
        state = {f"{name}_prev": x.new_zeros(size) for name in cell.states}
        outputs = []
        for x_t in x:
            values = run(cell.ops, {**weights, weight: value, "x": x_t, **state})
            state = {f"{name}_prev": values[name] for name in cell.states}
            outputs.append(values["h"])
        return torch.stack(outputs)

    shifts: list[Tensor] = []
    flips: list[Tensor] = []
    for first in range(0, rows * columns, AT_ONCE):
        places = torch.arange(first, min(first + AT_ONCE, rows * columns))
        copies = matrix.expand(len(places), rows, columns).clone()
        copies[torch.arange(len(places)), places // columns, places % columns] *= -1
        there = _predictions(model, torch.vmap(states)(copies))
        shifts.append((there - y).abs().sum(-1).T / 2)
        flips.append((there.argmax(-1) != y.argmax(-1)).T)
    shape = len(x), rows, columns
    return np.asarray(torch.cat(shifts, 1).reshape(shape)), np.asarray(torch.cat(flips, 1).reshape(shape))


def most_telling(model: Model, weight: str, text: str) -> tuple[int, int, int]:
    """Row and column, from 0, and the step, from 1, at which the prediction moves most."""
    with torch.no_grad():
        shifts, flips = moves(model, weight, text)
    if flips.any():
        shifts = shifts * flips.any(axis=0)
    step, row, column = (int(place) for place in np.unravel_index(shifts.argmax(), shifts.shape))
    return row, column, step + 1


@torch.no_grad()
def _predictions(model: Model, h: Tensor) -> Tensor:
    """Probabilities, (..., V), of states (..., H)."""
    head = model.head
    logits = h @ head.weight.T.to(h)
    return torch.softmax(logits if head.bias is None else logits + head.bias.to(h), -1)


def write() -> None:
    """The most telling entry of every weight, into the file that ships."""
    entries: dict[str, dict[str, tuple[int, int, int]]] = {}
    for name, info in catalogue().items():
        for cell in CELL_NAMES:
            model, text = load(name, cell), info.examples[1]
            weights = (*CELLS[cell].matrices, "W_hy")
            entries[f"{name}-{cell}"] = {weight: most_telling(model, weight, text) for weight in weights}
    ENTRIES.write_text(json.dumps(entries) + "\n", encoding="utf-8")
