"""The honest table, for the chosen seed at once, and for twenty behind a button."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from rnnviz.charts.lab import table as charts
from rnnviz.core.trace import Array
from rnnviz.facts.notice import Notice, Values
from rnnviz.facts.questions.lab import remembers
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.lab.networks import labels, numbers, settled, steps_drawn, told_first
from rnnviz.ui.page.files import Files, csv, drawings
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State

# What the rows of `rnnviz.core.gradients.table` are called in the catalogue.
ORDER = ("rnn", "gru", "lstm", "lstm_1", "lstm_3", "lstm_5", "orthogonal", "relu")
SEEDS, AT_ONCE = 20, 4
CELLS_ASKED = ("lstm", "rnn", "gru", "lstm_3")
FEW, MANY = 4, 64  # units


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        numbers(state, say, "seed", "hidden")


def table(state: State, say: Say) -> Files:
    from rnnviz.core.gradients.table import ROWS, STEPS, honest_table

    rows = {name: replace(one, hidden_size=state["hidden"]) for name, one in ROWS.items()}
    names = [say(f"lab.row_{name}") for name in ORDER]
    answered = settled(_question(state, say), "table", (state["seed"], state["hidden"]), state, say)
    norms = honest_table([state["seed"]], rows, steps_drawn(answered, STEPS)).norms[:, 0, 0]
    key = f"{state.page}_spread_{state['hidden']}"
    if (
        answered
        and key not in st.session_state
        and st.button(say("lab.spread", count=SEEDS), key=f"{state.page}_spread", icon=":material/scatter_plot:")
    ):
        bar, parts = st.progress(0.0, text=say("lab.spreading")), []
        for first in range(0, SEEDS, AT_ONCE):
            parts.append(honest_table(range(first, first + AT_ONCE), rows).norms[:, :, 0])
            bar.progress((first + AT_ONCE) / SEEDS, text=say("lab.spreading"))
        st.session_state[key] = np.concatenate(parts, axis=1)
        st.rerun()
    spread: Array | None = st.session_state.get(key) if answered else None
    figure = charts.chart(names, norms, spread, labels(state), zoom=zoom(state))
    show(figure, f"{state.page}_table_stage", say("lab.table_alt"))
    told_first(answered, STEPS, say)
    if answered and state.shows("notice"):
        st.markdown(say("lab.table_answer"))
        most, least = int(norms.argmax()), int(norms.argmin())
        values: Values = {
            "best": names[most],
            "most": float(norms[most]),
            "worst": names[least],
            "least": float(norms[least]),
        }
        notice([Notice("lab_table", 0, values)], say)

    def lines() -> str:
        many = np.empty((len(names), 0)) if spread is None else spread
        head = ",".join(["network", f"chosen_{state_seed}", *(f"seed_{n}" for n in range(many.shape[1]))])
        body = (
            ",".join([f'"{name}"', repr(float(one)), *(repr(float(v)) for v in rest)])
            for name, one, rest in zip(rows, norms, many, strict=True)
        )
        return "\n".join([head, *body]) + "\n"

    state_seed = state["seed"]  # the file is made in a thread that has no state
    return {**drawings(figure, say("lab.part_table"), state), **csv(lines)}


def _question(state: State, say: Say) -> Question:
    """Of a cell that the seed chooses, so that not every class is asked about the same one: the chosen number of units
    beside one that is far from it."""
    from rnnviz.core.gradients.table import ROWS, STEPS, honest_table

    name = CELLS_ASKED[state["seed"] % len(CELLS_ASKED)]
    recipe = list(ROWS.values())[ORDER.index(name)]
    sizes = sorted({state["hidden"], FEW if state["hidden"] > 4 * FEW else MANY})
    left = {}
    for hidden in sizes:
        norms = honest_table([state["seed"]], {name: replace(recipe, hidden_size=hidden)}).norms[0, 0]
        left[hidden] = float(norms[0] / norms[-1])
    return remembers(say(f"lab.row_{name}"), left, STEPS)
