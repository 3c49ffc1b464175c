"""The row of a lesson that says which network of a visitor's it shows, with the ways back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.core.cells import CELLS
from rnnviz.training.config import Refused, Rule
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.own.kept import OwnPass, model_of, reading_of, refusal, row_pass
from rnnviz.ui.page.lessons import LESSONS
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.parameters import LETTER_LIMIT, READ_LIMIT
from rnnviz.ui.url.state import State
from rnnviz.zoo.own.made import UNITS, Made, named


@dataclass(frozen=True)
class OwnGuest:
    """A network that is in the place of a trained model that ships."""

    name: str  # as the link has it
    steps: int  # that it reads; where it or what it reads is not there, as many as there can be
    cell: str  # by its name in `CELLS`
    hidden_size: int

    def show(self, state: State, say: Say) -> OwnPass | None:
        """The row, and the network; None where the row says why there is none."""
        model = model_of(self.name)
        if model is None:
            st.info(say("own.open_first", name=self.name), icon=":material/upload_file:")
            _ways(state, say)
            return None
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            what = escape(model.title) if model.title else say("own.made_is", seed=seed_of(model.name))
            st.markdown(
                say("own.is", what=what, cell=titled(model.cell, say), hidden=model.rnn.hidden_size), width="content"
            )
            if state.shows("text"):
                st.text_input(
                    say("own.read"),
                    max_chars=READ_LIMIT,
                    placeholder=say("own.read_placeholder"),
                    label_visibility="collapsed",
                    **state.widget("read"),
                )
            if model.rows > 1 and state.shows("cell"):
                choice(
                    say("own.row"),
                    range(1, model.rows + 1),
                    lambda n: row_title(n, model.directions, say),
                    "row",
                    state,
                )
        _ways(state, say)
        try:
            found = row_pass(model, reading_of(model, state), (state["row"] or model.rows) - 1)
        except Refused as error:
            st.warning(refusal(error, say), icon=":material/edit:")
            return None
        if found.shown.head == "nothing" and model.head is not None:
            st.caption(say("own.below"))
        return found

    def tries(self, state: State) -> Mapping[str, Mapping[str, Any]]:
        """What there is to try: the last step."""
        return {"step_last": {"t": self.steps}}


def row_title(number: int, directions: int, say: Say) -> str:
    """What a row (from 1) is called."""
    layer, reverse = divmod(number - 1, directions)
    if directions == 1:
        return say("train.layer_is", layer=layer + 1)
    return say("own.row_back" if reverse else "own.row_forth", layer=layer + 1)


def seed_of(name: str) -> int:
    """The seed of a network that was made; 0 for another."""
    what = named(name)
    return what.seed if isinstance(what, Made) else 0


def of_page(state: State, *, gated: bool = False) -> OwnGuest | None:
    """The visitor's network that the page is to show, if it is to show one. Refuses what cannot be: a layer that it
    has not, and where the page is about gates a cell without."""
    name = state["network"]
    if name is None:
        return None
    model = model_of(name)
    if model is None:
        return OwnGuest(name, LETTER_LIMIT, "lstm", UNITS)
    if gated and not CELLS[model.cell].memory:
        options = tuple(cell for cell in CELLS if CELLS[cell].memory)
        state.refuse("network", Rule("choice", {"options": options}), "cell", model.cell)
        return None
    if state["row"] is not None and state["row"] > model.rows:
        state.refuse("row", Whole(1, model.rows).accepts)
    try:
        steps = len(reading_of(model, state).tokens)
    except Refused:
        steps = LETTER_LIMIT
    return OwnGuest(name, steps, model.cell, model.rnn.hidden_size)


def _ways(state: State, say: Say) -> None:
    """Back to where it was opened, to the other lesson, and to the trained models."""
    if not state.shows("model"):
        return
    name = state["network"]
    model = model_of(name)
    query = link_to(name, state) | ({"t": str(state["t"])} if state.page != "lab" else {})  # there it is a loss's
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(LESSONS["own"].file, label=say("own.back"), icon=":material/arrow_back:", query_params=query)
        other = "gates" if state.page == "step" else "step"
        away = {"network": None} | ({"source": "made"} if state.page == "lab" else {})
        if model is not None and (other == "step" or CELLS[model.cell].memory):
            st.page_link(
                LESSONS[other].file,
                label=say(f"opened.in_{other}"),
                icon=":material/arrow_forward:",
                query_params=query,
            )
        st.button(
            say("opened.shipped"),
            key=f"{state.page}_shipped",
            type="tertiary",
            icon=":material/close:",
            on_click=state.choose,
            kwargs=away,
        )


def link_to(name: str, state: State) -> dict[str, str]:
    """What the link of a lesson holds that shows a network, and what is typed for it to read."""
    read = {"read": state["read"]} if state["read"] else {}
    return {**State("").query(), "network": name, **read, "lang": state["lang"]}
