"""The equations of the taps, and of the network without a loop."""

import streamlit as st

FORMULAS = {
    "taps": (
        r"h_t = f(h_{t-1},\; a_t x_t)",
        r"L = \sum_{t=1}^{T} b_t L_t, \qquad a_t, b_t \in \{0, 1\}",
        r"\frac{\partial L}{\partial h_k} = \sum_{t \ge k} b_t \frac{\partial L_t}{\partial h_k}",
    ),
    "one_to_one": (r"h = \tanh(W_{xh}\, x + b)", r"y = \mathrm{softmax}(W_{hy}\, h + b_y)"),
}


def formulas(part: str) -> None:
    for formula in FORMULAS[part]:
        st.latex(formula)
