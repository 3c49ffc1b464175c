"""Reading, then writing: a source is read, a target written of it, with attention and without."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.lessons.attention import bottleneck, contrast, gradient, hold, run, write
from rnnviz.lessons.attention.parameters import PARTS
from rnnviz.lessons.attention.tries import for_part
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.page.files import file_name, save
from rnnviz.ui.page.header import header
from rnnviz.ui.page.share import share
from rnnviz.ui.text.details import details
from rnnviz.ui.text.prose import speaker
from rnnviz.ui.url.state import open_page

# Of each part: the row above the picture, and why it cannot be drawn, if so; the picture and what is said beside it,
# which returns the files and whether a question waits; and below, the reasons, the equations and the lines of PyTorch.
KNOBS = {
    "write": write.knobs,
    "hold": hold.knobs,
    "bottleneck": bottleneck.knobs,
    "gradient": gradient.knobs,
    "contrast": contrast.knobs,
}
BESIDE = {"write": write.beside, "hold": hold.beside}  # what stands in the row of the parts
DRAW = {
    "write": write.draw,
    "hold": hold.draw,
    "bottleneck": bottleneck.draw,
    "gradient": gradient.draw,
    "contrast": contrast.draw,
}
WHY = {
    "write": ("two", "bridge", "asks", "fed", "end"),
    "hold": ("cause", "bridge_cut", "explains"),
    "bottleneck": ("fixed", "measured", "probe", "fetches"),
    "gradient": ("ways", "near", "odds", "learns"),
    "contrast": ("path", "parallel", "blind", "price"),
}
EQUATIONS = {
    "write": write.equations,
    "hold": write.equations,
    "bottleneck": bottleneck.equations,
    "gradient": gradient.equations,
    "contrast": contrast.equations,
}
LINES = {
    "write": write.lines,
    "hold": hold.lines,
    "bottleneck": bottleneck.lines,
    "gradient": gradient.lines,
    "contrast": contrast.lines,
}


def page() -> None:
    state = open_page("attention")
    say = speaker(state["lang"])
    part = state["part"]
    if part == "hold":
        hold.refuse(state)
    top, body = st.container(gap="xsmall"), st.container(gap="xsmall")

    def begin() -> DeltaGenerator:
        """What stands above the picture; returns the place for sharing and saving. Ends the run where there is none."""
        with top:
            tools = header(say("attention.title"), state, say, say(f"attention.look_{part}"))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                with st.container(width="content"):
                    choice(
                        say("attention.part"),
                        PARTS,
                        lambda name: say(f"attention.part_{name}"),
                        "part",
                        state,
                        wrap=True,
                    )
                if part in BESIDE:
                    BESIDE[part](state, say)
            wrong = KNOBS[part](state, say)
        if wrong:
            with body:
                st.info(wrong, icon=":material/edit:")
                run.start_over(state, say)
            st.stop()
        return tools

    # A new text is seen in the picture, so that is sent first; but on arrival what stands above it gives it its place.
    first = part == "write" and not state.arrived and run.refused("text", state, say) is None
    tools = None if first else begin()
    # From here on torch is needed; what is above shows while a fresh process still loads it.
    with body:
        files, waits = DRAW[part](state, say)
    tools = tools or begin()

    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        experiments(for_part(state), state, say)
        told = (*WHY[part], "counts") if part == "write" and state["model"] == "numbers" else WHY[part]
        why = [say(f"attention.why_{name}") for name in told]
        details(why, lambda: EQUATIONS[part](state, say), lambda: LINES[part](state, say), state, say, waits=waits)
    if state.shows("share"):
        with tools:
            share(state, say)
            save(lambda: (files, file_name("attention", part, state["model"], state["text"])), state, say)
