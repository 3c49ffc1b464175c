"""The cell's equations, and the same with the numbers of one unit at the present step."""

from collections.abc import Iterable, Mapping

import streamlit as st

from rnnviz.core.cell import LATEX, latex_symbol
from rnnviz.core.cells import READOUT
from rnnviz.core.forward import HeadKind, Pass
from rnnviz.core.trace import Array
from rnnviz.ui.text.prose import Say, titled
from rnnviz.words.equation import in_numbers, most_changed
from rnnviz.words.numbers import latex, size

# The output as a textbook writes it, in one line; the cell's own equations come from its declaration.
_PRODUCT, *_, _SOFTMAX = READOUT
_SUM = LATEX.write("add", (_PRODUCT.symbol, "b_y"))
# By what a layer is followed by: a choice among classes, numbers, or another layer.
_OUTPUTS: Mapping[HeadKind, tuple[str, ...]] = {
    "classes": (f"{_SOFTMAX.symbol} = {LATEX.write('softmax', (_SUM,))}",),
    "numbers": (f"{_SOFTMAX.symbol} = {_SUM}",),
    "nothing": (),
}

TERMS_SHOWN = 6  # a phone is 360 px wide


def equations(shown: Pass, t: int, say: Say) -> None:
    """Two columns: symbols, and numbers of the unit that changed most at step `t` (from 1)."""
    trace = shown.trace
    unit = most_changed(trace, t)
    symbols, numbers = st.columns(2, gap="large")
    with symbols:
        st.markdown(say("equations.symbols", cell=titled(trace.cell.name, say)))
        st.latex(_aligned((*trace.cell.equations(), *_OUTPUTS[shown.head])))
        ours = not trace.cell.module
        origin = say("equations.further", source=trace.cell.source) if ours else say("equations.pytorch")
        st.caption(f"{origin} {say('equations.conventions')}")
    with numbers:
        st.markdown(say("equations.numbers", t=t, unit=unit))
        st.latex(r"\footnotesize " + _aligned(in_numbers(trace, t, unit)))  # a phone is 360 px wide


def sum_over_steps(weight: str, terms: Array | None) -> None:
    """The gradient of a shared weight is a sum of one term a step; with the numbers of one entry, `terms` (t,), of the
    loss at step t.
    """
    t = "t" if terms is None else f"{{{len(terms)}}}"
    gradient = rf"\frac{{\partial L_{t}}}{{\partial {latex_symbol(weight)}}}"
    one = rf"\frac{{\partial L_{t}}}{{\partial {latex_symbol(weight)}^{{(k)}}}}"
    lines = [rf"{gradient} = \sum_{{k=1}}^{t} {one}"]
    if terms is not None:
        numbers = [_number(term) for term in terms[:TERMS_SHOWN]] + [r"\dots"] * (len(terms) > TERMS_SHOWN)
        lines.append(rf"{' + '.join(numbers)} = {_number(terms.sum())}".replace("+ -", "- "))
    for line in lines:
        st.latex(line)


def _number(value: float) -> str:
    return latex(size(value))


def _aligned(equations: Iterable[str]) -> str:
    rows = (equation.replace(" = ", " &= ", 1) for equation in equations)
    return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"
