"""Under the picture: what is computed, as equations and as lines of PyTorch."""

from __future__ import annotations

import streamlit as st

from rnnviz.lessons.forecast.run import Drawn
from rnnviz.snippets.forecast import forecast_lines
from rnnviz.tasks.series.setup import Setup
from rnnviz.ui.text.prose import Say

# Of each shape, what is read and what is put out; in place of `BASE` the last value, where differences to it are read.
READ = r"x_i = \frac{v_i - BASE}{\sigma}, \qquad h_i = \mathrm{cell}(x_i, h_{i-1}), \quad i = 1, \dots, w"
WRITTEN = {
    "direct": r"(\hat v_{w+1}, \dots, \hat v_{w+H}) = BASE + \sigma\,(W_{hy} h_w + b_y)",
    "step": r"\hat v_{w+1} = BASE + \sigma\,(W_{hy} h_w + b_y), \quad \text{then } (v_2, \dots, v_w, \hat v_{w+1})",
    "point": r"x_1 = \frac{v_w - \mu}{\sigma}, \; x_2 = \dots = x_H = 0, \qquad"
    r" \hat v_{w+k} = BASE + \sigma\,(W_{hy} h_k + b_y)",
}
SCORES = (
    r"\mathrm{MAE} = \frac{1}{nH} \sum_{o} \sum_{k=1}^{H} |\hat v_{o+k-1} - v_{o+k-1}|, \qquad"
    r" \mathrm{skill} = 1 - \frac{\mathrm{MAE}}{\mathrm{MAE}_{\text{last}}}"
)


def equations(drawn: Drawn | None, say: Say) -> None:
    """Of the network that is shown."""
    if drawn is None:
        st.markdown(say("forecast.nothing_yet"))
        return
    setup = Setup.from_text(drawn.run.text)
    base = "v_w" if setup.relative == "change" else r"\mu"
    for formula in [*([] if setup.shape == "point" else [READ]), WRITTEN[setup.shape], SCORES]:
        st.latex(formula.replace("BASE", base))
    st.caption(say(f"forecast.equations_{setup.scaled}"))


def lines(drawn: Drawn | None, say: Say) -> str:
    """Of the network that is shown, its forecast that is shown."""
    if drawn is None:
        st.markdown(say("forecast.nothing_yet"))
        return ""
    st.markdown(say("forecast.pytorch", origin=drawn.origin))
    return forecast_lines(drawn.run, drawn.iterations, drawn.origin)
