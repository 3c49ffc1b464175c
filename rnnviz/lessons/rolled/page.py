"""Rolled and unrolled: the loop and the chain are one network, and every step reads the same weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz import Rolled
from rnnviz.lessons.rolled import gradient, lengths, weight_edit, weights
from rnnviz.lessons.rolled.parameters import PARTS, WEIGHTS
from rnnviz.lessons.rolled.timing import timing
from rnnviz.lessons.rolled.tries import for_weights
from rnnviz.snippets.step import edit_lines, term_lines
from rnnviz.training.config import Rule
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.input_row import controls, count_tokens, examples, problem
from rnnviz.ui.page.header import header
from rnnviz.ui.picture import stage
from rnnviz.ui.place.listener import Bounds, follow
from rnnviz.ui.text.details import details
from rnnviz.ui.text.equations import equations, sum_over_steps
from rnnviz.ui.text.prose import Say, speaker
from rnnviz.ui.url.kinds import Choice, Whole
from rnnviz.ui.url.state import State, open_page
from rnnviz.zoo.catalogue import shipped

if TYPE_CHECKING:
    from rnnviz.core.sharing import Terms


def page() -> None:
    state = open_page("rolled")
    say = speaker(state["lang"])
    steps = count_tokens(state)
    wrong = problem(steps, say)
    bounds = Bounds(steps, state["cell"], shipped(state["model"])[1][state["cell"]].hidden_size)
    if not wrong:
        bounds.refuse(state)
    _refuse(steps, wrong, state)

    top = st.container(gap="xsmall")

    def begin() -> DeltaGenerator:
        """What stands above the row of parts and knobs; returns the place for sharing and saving."""
        with top:
            tools = header(
                say("rolled.title"), state, say, say(f"rolled.look_{state['part']}", unrolled=say("stage.unrolled"))
            )
            controls(state, say)
        return tools

    # A change is seen on the stage, so that is sent first; but on arrival what stands above it gives it its place.
    tools = begin() if wrong or state.arrived else None
    if wrong:
        st.info(wrong, icon=":material/edit:")
        examples(state, say)
        st.stop()

    part = state["part"]
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        choice(say("rolled.part"), PARTS, lambda name: say(f"rolled.part_{name}"), "part", state)
    at = stage.prepare(state)
    # From here on torch is needed; what is above shows while a fresh process still loads it.
    net = weight_edit.read(state)
    value = weight_edit.value_of(net, state) if state["value"] is None else state["value"]
    weight, loss_at = state["weight"], state["loss"] or net.surprise()
    terms = net.terms(weight, loss_at) if part == "gradient" else None
    visible_terms = terms if terms and not gradient.hidden(terms, loss_at, state) else None
    rolled = Rolled(
        gradient=visible_terms.state_gradient if visible_terms else None,
        loss_at=loss_at if terms else 0,
        entry=(weight, value) if part == "weight" else None,
        folded=state["fold"] == "loop",
        both=state["fold"] == "both",
    )
    # Where the answer is a chart below the stage, the stage makes room for it.
    figure = stage.show(net, net.reading, state, at, panels=part == "weight", every=True, show=rolled)

    tools = tools or begin()
    popover_open = False
    if state.shows("share"):
        with tools:
            title = net.model.vocabulary.join(net.after.tokens)
            name_parts = ("rolled", state["part"], net.after.reader, state["text"])
            popover_open = stage.take_along(figure, net.after, title, name_parts, state, say)
    with row:
        if part != "time":
            with folded(say("knobs.fold"), f"{state.page}_{part}"):
                if part == "weight":
                    weights.knobs(net, state, say)
                elif part == "length":
                    lengths.knobs(net, state, say)
                else:
                    gradient.knobs(net, loss_at, state, say)

    waits = _answers(net, terms, loss_at, state, say)

    def below() -> None:
        if state.shows("lesson"):
            _lesson(net, terms, loss_at, value, state, say, waits=waits)

    follow(below, state, bounds, whole=popover_open)


def _answers(net: weight_edit.WeightContrast, terms: Terms | None, loss_at: int, state: State, say: Say) -> bool:
    """What stands under the stage in each part; whether a question there waits."""
    if terms:
        return gradient.gradient(net, terms, loss_at, state, say)
    if state["part"] == "weight":
        return weights.edit(net, state, say)
    if state["part"] == "length":
        return lengths.lengths(net, state, say)
    timing(state, say)
    return False


def _refuse(steps: int, wrong: str | None, state: State) -> None:
    """What a link asks for and this text or this weight does not have.     wrong: with the text itself."""
    if state["weight"] not in WEIGHTS[state["cell"]]:
        state.refuse("weight", Choice(WEIGHTS[state["cell"]]).accepts)
    for name, most in zip(("row", "column"), weight_edit.shape(state), strict=True):
        if state[name] > most:
            state.refuse(name, Whole(1, most).accepts)
    if other := [refusal.name for refusal in state.refused if refusal.name in ("weight", "row", "column")]:
        state.refuse("value", Rule("with", {"names": other}))  # it was meant for another entry
    if not wrong and (state["loss"] or 1) > steps:
        state.refuse("loss", Whole(1, steps).accepts)


def _lesson(
    net: weight_edit.WeightContrast,
    terms: Terms | None,
    loss_at: int,
    value: float,
    state: State,
    say: Say,
    *,
    waits: bool,
) -> None:
    """What there is to try, and the details.     terms: of the gradient, if shown.     value: of the entry.
    waits: whether a question does."""
    st.subheader(say("try.title"), anchor=False)
    experiments(for_weights(state, loss_at, len(net.after.trace)), state, say)
    weight, row, column = state["weight"], state["row"], state["column"]

    def formulas() -> None:
        equations(net.after, state["t"], say)
        sum_over_steps(weight, terms.terms[:loss_at, row - 1, column - 1] if terms else None)

    def pytorch() -> str:
        inputs = (net.model.name, net.model.cell, state["text"])
        kinds = ("terms", "terms_y") if terms else ("edit", "edit_y")
        st.markdown(say(f"rolled.pytorch_{kinds[weight == 'W_hy']}"))
        if terms:
            target = net.target(loss_at)
            loss_target = (target, net.model.vocabulary.words[target])
            return term_lines(*inputs, loss_at, loss_target, weight, row, column)
        return edit_lines(*inputs, weight, row, column, value)

    why = [say(f"rolled.why_{name}") for name in ("one", "shared", "sum", "waits", "after")]
    details(why, formulas, pytorch, state, say, waits=waits)
