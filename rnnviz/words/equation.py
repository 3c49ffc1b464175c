"""A cell's equations with the numbers of one unit at one step in place of the symbols."""

from collections.abc import Iterator

import numpy as np

from rnnviz.core.cell import LATEX
from rnnviz.core.trace import Trace
from rnnviz.words.numbers import fixed, latex


def most_changed(trace: Trace, t: int) -> int:
    """The unit (from 1) whose state changes most at step `t` (from 1), of the row that `in_numbers` writes out."""
    change = np.abs(trace["h"][trace.top] - trace.previous("h")[trace.top])
    return int(change[t - 1].argmax()) + 1


def in_numbers(trace: Trace, t: int, unit: int) -> Iterator[str]:
    """LaTeX of every operation of the last layer's forward direction but the matrix products, step and unit from 1.

    The products' results are the first numbers that are added; their own sums stand on the stage.
    """
    row = trace.top
    for op in trace.cell.ops:
        if op.kind == "matvec":
            continue
        reads = (trace.operand(name, row) for name in op.reads)
        values = [float(operand[t - 1, unit - 1] if operand.ndim == 2 else operand[unit - 1]) for operand in reads]
        # After an operator a negative number stands in brackets.
        texts = [latex(fixed(value)) for value in values]
        numbers = [f"({number})" if place and number[0] == "-" else number for place, number in enumerate(texts)]
        result = trace[op.name][row, t - 1, unit - 1]
        yield f"{op.symbol} = {LATEX.write(op.kind, tuple(numbers))} = {latex(fixed(result))}"
