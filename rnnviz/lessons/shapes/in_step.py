"""Many to many, in step: a language model reads each word and is asked for the next one after each."""

from __future__ import annotations

import streamlit as st

from rnnviz.charts.stage.chart import Stage
from rnnviz.core.forward import Pass
from rnnviz.facts.questions.shapes import losses
from rnnviz.facts.shapes import of_losses
from rnnviz.lessons.shapes.parameters import TEXTS
from rnnviz.lessons.shapes.shape import told_of
from rnnviz.snippets.step import lines
from rnnviz.ui.controls.experiments import CELLS, experiments
from rnnviz.ui.controls.input_row import controls, count_tokens, examples, problem
from rnnviz.ui.picture import stage
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.ui.place.listener import reached
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import catalogue


def knobs(state: State, say: Say) -> None:
    controls(state, say)


def wrong(state: State, say: Say) -> str | None:
    return problem(count_tokens(state), say)


def refused(state: State, say: Say) -> None:
    examples(state, say)


def length(state: State) -> int:
    return count_tokens(state)


def sizes(state: State) -> tuple[str, int]:
    """The cell and its units."""
    return state["cell"], catalogue()[state["model"]].cards[state["cell"]].hidden_size


def file_name(state: State) -> str:
    """What files of it are called."""
    return str(state["text"])


def show(state: State, say: Say) -> tuple[Stage, Pass]:
    """The stage, and what it shows."""
    _, reading, shown = trained_pass(state["model"], state["cell"], state["text"])
    return stage.show(shown, reading, state), shown


def below(shown: Pass, state: State, say: Say) -> bool:
    """The question, what to notice, and what to try. Whether the question waits."""
    assert shown.readout is not None, "a language model has a head"
    left, right = st.columns(2, gap="large")
    answered = True
    if state.shows("question"):
        with right:
            answered = ask(losses(shown.targets, len(shown.trace)), (state["model"], shown.tokens), state, say)
    if state.shows("notice") and answered:
        with left:
            steps = len(shown.trace)
            told_of(of_losses(shown.readout.y, shown.targets), reached(state, steps), steps, say, whole=True)
    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        text = TEXTS[catalogue()[state["model"]].language]
        experiments({"shapes_short": {"text": text}, **CELLS}, state, say)
    return not answered


def pytorch(state: State) -> str:
    return lines(state["model"], state["cell"], state["text"], state["t"])
