"""The gradient of one weight, copy by copy: what the copy that each step read contributes to it."""

from __future__ import annotations

from math import prod

import numpy as np

from rnnviz.core.gradients.flow import into_row, through_time
from rnnviz.core.gradients.pullback import constants_of, operand_gradients
from rnnviz.core.trace import Array, Trace

MOST_NUMBERS = 2**27  # in the terms of one weight: 1 GiB


def terms_of(trace: Trace, into_output: Array, row: int, parameter: str) -> tuple[Array, Array]:
    """dL/dW^(k) for every step k, (T, *shape), and dL/dh_k of that row, (T, H).

    into_output: (T, D * H), what the loss sends into the top layer's output.     parameter: of the cell, by its name.
    Raises `ValueError` for more than 2**27 numbers.
    """
    shape = trace.weights[row][parameter].shape
    if len(trace) * prod(shape) > MOST_NUMBERS:
        raise ValueError(
            f"{parameter} has shape {shape} and there are {len(trace)} steps; accepted: at most {MOST_NUMBERS} numbers "
            f"in all terms, here {MOST_NUMBERS // prod(shape)} steps, recorded with h0, the state before them"
        )
    readers = [op for op in trace.cell.ops if parameter in op.reads]
    constants = constants_of(trace, row)
    terms = np.zeros((len(trace), *shape), trace.x.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        direct = into_row(trace, into_output[None], row)
        found = through_time(trace, row, direct, states=("h", *(op.name for op in readers))).states
        for op in readers:
            g = found[op.name][0]
            if op.name in constants:
                g = np.where(constants[op.name][:, 0], 0, g)
            read = [trace.operand(name, row) for name in op.reads]
            if op.kind == "matvec":
                terms += g[:, :, None] * read[1][:, None, :]
                continue
            for name, part in zip(op.reads, operand_gradients(op, g, trace[op.name][row], read), strict=True):
                if name == parameter:
                    terms += part
    return terms, found["h"][0]
