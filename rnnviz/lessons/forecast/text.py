"""Under the picture: what is computed, as equations and as lines of PyTorch."""

import streamlit as st

from rnnviz.core.forecast import origins
from rnnviz.lessons.forecast import run, wrong
from rnnviz.lessons.forecast.parameters import ORIGINS
from rnnviz.snippets.forecast import forecast_lines
from rnnviz.tasks.series.catalogue import series_of, split_of
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State

_READ = r"x_i = \frac{v_i - \mu}{\sigma}, \qquad h_i = \mathrm{cell}(x_i, h_{i-1})"
_DIRECT = r"(\hat v_{T+1}, \dots, \hat v_{T+H}) = \mu + \sigma\,(W_{hy} h_T + b_y)"
_STEP = r"\hat v_{T+k} = \mu + \sigma\,(W_{hy} h_T + b_y), \quad \text{window } (v_{T-w+k}, \dots, \hat v_{T+k-1})"
_POINT = (
    r"x_1 = \frac{v_T - \mu}{\sigma}, \; x_2 = \dots = x_H = 0, \qquad \hat v_{T+k} = \mu + \sigma\,(W_{hy} h_k + b_y)"
)
_SCORES = (
    r"\mathrm{MAE} = \frac{1}{nH} \sum_{o=1}^{n} \sum_{k=1}^{H} |\hat v_{o+k} - v_{o+k}|, \qquad"
    r" \mathrm{skill} = 1 - \frac{\mathrm{MAE}}{\mathrm{MAE}_{\text{last}}}"
)
EQUATIONS = {
    "look": (_READ, _DIRECT, _SCORES),
    "shapes": (_READ, _DIRECT, _STEP, _POINT),
    "train": (_READ, _DIRECT, _STEP),
    "wrong": (_READ, _SCORES),
}


def equations(state: State, say: Say) -> None:
    for formula in EQUATIONS[state["part"]]:
        st.latex(formula)
    st.caption(say("forecast.equations"))


def lines(state: State, say: Say) -> str:
    """Of the run that is shown, the forecast from the origin that is shown."""
    asked = wrong.SETUPS[state["flaw"]].of(state["mended"]) if state["part"] == "wrong" else run.setup(state)
    series = series_of(asked.series)
    places = origins(len(series.values), split_of(series), run.shown_horizon(asked), ORIGINS)
    origin = int(places[run.first_origin(state, len(places)) - 1])
    st.markdown(say("forecast.pytorch", origin=origin))
    return forecast_lines(run.config(state, asked), state["iterations"], origin)
