"""More than one chain: a batch of sentences, both directions, several layers."""

import streamlit as st

from rnnviz.lessons.chains import batch, gap, stack
from rnnviz.lessons.chains.parameters import PARTS
from rnnviz.lessons.chains.tries import for_part
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.input_row import first_example
from rnnviz.ui.page.files import file_name, save
from rnnviz.ui.page.header import header
from rnnviz.ui.page.share import share
from rnnviz.ui.text.details import details
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import open_page

# Of each part: what of its link cannot be had; the row above the picture, and why it cannot be drawn, if so; the
# picture and what is said beside it, which returns the files and whether a question waits; and below, the reasons, the
# equations in LaTeX and the lines of PyTorch.
REFUSE = {"gap": gap.refuse, "batch": batch.refuse, "stack": stack.refuse}
KNOBS = {"gap": gap.knobs, "batch": batch.knobs, "stack": stack.knobs}
DRAW = {"gap": gap.draw, "batch": batch.draw, "stack": stack.draw}
WHY = {
    "gap": ("sides", "halves", "write", "uses"),
    "batch": ("waste", "state", "mask", "loss", "cost"),
    "stack": ("layers", "own", "silent", "price"),
}
FORMULAS = {"gap": gap.FORMULAS, "batch": batch.FORMULAS, "stack": stack.FORMULAS}
LINES = {"gap": gap.lines, "batch": batch.lines, "stack": stack.lines}
TEXTS = {"gap": "gapped", "batch": "text", "stack": "sentence"}  # what is read, as the link has it


def page() -> None:
    state = open_page("chains")
    say = speaker(state["lang"])
    part = state["part"]
    REFUSE[part](state, say)
    tools = header(say("chains.title"), state, say, say(f"chains.look_{part}"))
    choice(say("chains.part"), PARTS, lambda name: say(f"chains.part_{name}"), "part", state)
    if wrong := KNOBS[part](state, say):
        st.info(wrong, icon=":material/edit:")
        first_example(TEXTS[part], state)
        st.stop()

    # From here on torch is needed; what is above shows while a fresh process still loads it.
    files, waits = DRAW[part](state, say)

    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        experiments(for_part(state), state, say)

        def equations() -> None:
            for formula in FORMULAS[part]:
                st.latex(formula)
            st.caption(say(f"chains.equations_{part}"))

        def pytorch() -> str:
            st.markdown(say(f"chains.pytorch_{part}"))
            return LINES[part](state)

        why = [say(f"chains.why_{name}") for name in WHY[part]]
        details(why, equations, pytorch, state, say, waits=waits)
    if state.shows("share"):
        with tools:
            share(state, say)
            save(lambda: (files, file_name("chains", part, state[TEXTS[part]])), state, say)
