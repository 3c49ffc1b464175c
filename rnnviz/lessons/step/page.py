"""Step through: one text, one token at a time, with every number."""

from dataclasses import replace
from functools import partial

import streamlit as st

from rnnviz.facts.notice import answers, notices
from rnnviz.lessons.step.decided import decided, decided_step
from rnnviz.lessons.step.question import question
from rnnviz.lessons.step.tries import for_text
from rnnviz.snippets.step import lines
from rnnviz.ui import files, stage
from rnnviz.ui.controls.experiments import experiments, for_moment
from rnnviz.ui.controls.input_row import controls, count_tokens, examples, problem
from rnnviz.ui.details import details
from rnnviz.ui.equations import equations
from rnnviz.ui.header import header
from rnnviz.ui.notices import notice
from rnnviz.ui.prose import speaker
from rnnviz.ui.runs import checkpoint, checkpoint_row
from rnnviz.ui.share import share
from rnnviz.ui.trained_pass import trained_pass
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import open_page


def page() -> None:
    state = open_page("step")
    say = speaker(state["lang"])
    moment = checkpoint.asked(state)
    steps = checkpoint.steps(moment.config) if moment else count_tokens(state)
    wrong = None if moment else problem(steps, say)
    if not wrong and state["t"] > steps:
        state.refuse("t", Whole(1, steps).accepts)

    tools = header(say("step.title"), state, say, say("step.look"))
    if moment is None:
        controls(state, say)
    if wrong:
        st.info(wrong, icon=":material/edit:")
        examples(state, say)
        st.stop()

    # From here on torch is needed; what is above shows while a fresh process still loads it.
    run = checkpoint_row.show(moment, state, say) if moment else None
    if moment and not run:
        st.stop()
    model, reading, shown = run or trained_pass(state["model"], state["cell"], state["text"])
    trace, readout = shown.trace, shown.readout

    made = stage.show(shown, reading, state, texts=checkpoint.words(state["lang"], shown.head) if run else {})
    t = state["t"]

    left, right = st.columns(2, gap="large")
    if state.shows("question") and readout is not None:
        with left:
            q = None if run else decided_step(model.name, reading.tokens, t)
            if q:
                decided(shown, reading.tokens, q, state, say)
            else:
                question(shown, model.vocabulary, run.model.about if run else (model.name, model.cell), state, say)
    if state.shows("notice"):
        with right if readout is not None else left:
            unknown = [not token.known for token in reading.tokens]
            # A run's task asks for what need not come next.
            facts = [*notices(replace(shown, targets=()), unknown), *answers(shown)] if run else notices(shown, unknown)
            notice(facts, say)
    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        experiments(for_moment(state, steps) if moment else for_text(state), state, say)

        def pytorch() -> str:
            if run:
                return checkpoint.lines(run, t, say)
            st.markdown(say("details.pytorch_intro", t=t))
            return lines(model.name, model.cell, state["text"], t)

        formulas = partial(equations, shown, t, say)
        why = [say(f"step.why_{name}") for name in ("recurrence", "sharing", "gates")]
        details(why, formulas, pytorch, state, say)
    if state.shows("share"):
        with tools:
            share(state, say, len(trace))
            drawings = files.drawings(made, model.vocabulary.join(trace.tokens), state)
            name = files.called("step", shown.reader, "" if run else state["text"], f"t{t}")
            files.save({**drawings, **files.numbers(shown)}, name, say)
