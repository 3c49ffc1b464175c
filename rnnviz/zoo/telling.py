"""Which single entry of a weight the prediction depends on most: the one that a lesson offers to change.

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


def moves(model: Model, weight: str, text: str) -> np.ndarray:
    """How far turning the sign of each entry moves the prediction: the total variation distance, 0 to 1, between the
    prediction before and after it, (T, rows, columns), at each step of the text.
    """
    x = model.read(text).x
    trace = record(model.rnn, x)
    h = torch.tensor(trace["h"][0])
    weights = {name: torch.tensor(value) for name, value in trace.weights[0].items()}
    y = _predicted(model, h)
    if weight == "W_hy":  # one logit changes, so the rest of the prediction only shrinks or grows
        delta = -2 * model.head.weight[None].to(h) * h[:, None]  # (T, V, H)
        now = y[:, :, None] * torch.exp(delta)
        return np.asarray((now / (1 - y[:, :, None] + now) - y[:, :, None]).abs())
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
    for first in range(0, rows * columns, AT_ONCE):
        places = torch.arange(first, min(first + AT_ONCE, rows * columns))
        copies = matrix.expand(len(places), rows, columns).clone()
        copies[torch.arange(len(places)), places // columns, places % columns] *= -1
        there = _predicted(model, torch.vmap(states)(copies))
        shifts.append((there - y).abs().sum(-1).T / 2)
    return np.asarray(torch.cat(shifts, 1).reshape(len(x), rows, columns))


@torch.no_grad()
def _predicted(model: Model, h: Tensor) -> Tensor:
    """Probabilities, (..., V), of states (..., H)."""
    head = model.head
    logits = h @ head.weight.T.to(h)
    return torch.softmax(logits if head.bias is None else logits + head.bias.to(h), -1)


def write() -> None:
    """Row and column, from 0, and the step, from 1, at which a prediction moves most, into the file that ships."""
    entries: dict[str, dict[str, tuple[int, int, int]]] = {}
    for name, info in catalogue().items():
        for cell in CELL_NAMES:
            model = load(name, cell)
            for weight in (*CELLS[cell].matrices, "W_hy"):
                with torch.no_grad():
                    change = moves(model, weight, info.examples[1])
                step, row, column = (int(place) for place in np.unravel_index(change.argmax(), change.shape))
                entries.setdefault(f"{name}-{cell}", {})[weight] = row, column, step + 1
    ENTRIES.write_text(json.dumps(entries) + "\n", encoding="utf-8")
