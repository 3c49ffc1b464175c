"""Step through: one text, one token at a time, with every number."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from rnnviz.facts.notice import answers, notices, seen
from rnnviz.lessons.step.asked import questions, withheld
from rnnviz.lessons.step.tries import for_text
from rnnviz.snippets.step import lines
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.input_row import controls, count_tokens, examples, gap, problem
from rnnviz.ui.page.header import header
from rnnviz.ui.picture import stage
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.ui.place.listener import Bounds, follow, last_seen_step, where
from rnnviz.ui.runs import guest
from rnnviz.ui.runs.guest import Guest
from rnnviz.ui.text.details import details
from rnnviz.ui.text.equations import equations
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import State, open_page
from rnnviz.zoo.catalogue import catalogue, shipped


def page() -> None:
    state = open_page("step")
    say = speaker(state["lang"])
    visitor = guest.of_page(state)
    steps = visitor.steps if visitor else count_tokens(state)
    wrong = None if visitor else problem(steps, say)
    bounds = Bounds(steps, *_network(visitor, state))
    if not wrong:
        bounds.refuse(state)

    look = [say("step.look"), *([] if visitor else gap(state, say))]
    tools = header(say("step.title"), state, say, " ".join(look))
    if visitor is None:
        controls(state, say)
    if wrong:
        st.info(wrong, icon=":material/edit:")
        examples(state, say)
        st.stop()

    run = visitor.show(state, say) if visitor else None
    if visitor and not run:
        st.stop()
    at = stage.prepare(state)
    # From here on torch is needed; what is above shows while a fresh process still loads it.
    model, reading, shown = (run or trained_pass(state["model"], state["cell"], state["text"]))[:3]
    trace, readout = shown.trace, shown.readout

    figure = stage.show(shown, reading, state, at, texts=run.words(state["lang"]) if run else {})

    def shut() -> list[int]:
        return withheld(shown, reading.tokens, state, say) if not run and state.shows("question") else []

    popover_open = False
    if state.shows("share"):
        with tools:
            name_parts = ("step", shown.reader, "" if run else state["text"])
            title = model.vocabulary.join(trace.tokens)
            popover_open = stage.take_along(figure, shown, title, name_parts, state, say, withheld=shut)

    def below() -> None:
        t = state["t"]
        until = last_seen_step(state)
        left, right = st.columns(2, gap="large")
        waits = False
        if not run and state.shows("question"):
            with right:
                waits = questions(shown, reading.tokens, until, state, say)
        if state.shows("notice"):
            with left:
                unknown = [not token.known for token in reading.tokens]
                # A run's task asks for what need not come next.
                alone = notices(replace(shown, targets=()) if run else shown, unknown)
                facts = [*alone, *answers(shown)] if run else alone
                guessing = readout is not None and where(state)["guess"] == "on"
                # What there is to notice at the present step stands beside its prediction.
                notice(seen(facts, until) if guessing else facts, say, "notice.title_text")
                if not run:
                    st.caption(say(f"reading.reads_{catalogue()[model.name].reads}"))
        if state.shows("lesson"):
            st.subheader(say("try.title"), anchor=False)
            experiments(visitor.tries(state) if visitor else for_text(state), state, say)

            def pytorch() -> str:
                if run:
                    return run.lines(t, say)
                st.markdown(say("details.pytorch_intro", t=t))
                return lines(model.name, model.cell, state["text"], t)

            formulas = partial(equations, shown, t, say)
            why = [say(f"step.why_{name}") for name in ("recurrence", "sharing", "gates")]
            details(why, formulas, pytorch, state, say, waits=waits)

    follow(below, state, bounds, whole=popover_open, withheld=shut)


def _network(visitor: Guest | None, state: State) -> tuple[str, int]:
    """The cell and its units."""
    if visitor:
        return visitor.cell, visitor.hidden_size
    return state["cell"], shipped(state["model"])[1][state["cell"]].hidden_size
