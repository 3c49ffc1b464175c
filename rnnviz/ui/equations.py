"""The cell's equations, and the same with the numbers of one unit at the present step."""

from collections.abc import Iterable

import streamlit as st

from rnnviz.cells import LATEX, READOUT
from rnnviz.charts.equation import in_numbers, most_changed
from rnnviz.trace import Trace
from rnnviz.ui.prose import Say

# The output as a textbook writes it, in one line; the cell's own equations come from its declaration.
_PRODUCT, *_, _SOFTMAX = READOUT
_OUTPUT = f"{_SOFTMAX.symbol} = {LATEX.write('softmax', (LATEX.write('add', (_PRODUCT.symbol, 'b_y')),))}"


def equations(trace: Trace, t: int, say: Say) -> None:
    """Two columns: symbols, and numbers of the unit that changed most at step `t` (from 1)."""
    unit = most_changed(trace, t)
    symbols, numbers = st.columns(2, gap="large")
    with symbols:
        st.markdown(say("equations.symbols", cell=trace.cell.title))
        st.latex(_aligned((*trace.cell.equations(), _OUTPUT)))
        st.caption(say("equations.conventions"))
    with numbers:
        st.markdown(say("equations.numbers", t=t, unit=unit))
        st.latex(r"\footnotesize " + _aligned(in_numbers(trace, t, unit)))  # a phone is 360 px wide


def _aligned(equations: Iterable[str]) -> str:
    rows = (equation.replace(" = ", " &= ", 1) for equation in equations)
    return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"
