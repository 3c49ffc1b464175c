"""Watch the gates: what gates do over a text and inside a step, and what becomes of the memory when one is held."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.core.cells import CELLS
from rnnviz.lessons.gates import comparison, contrast, hold, maps, memory
from rnnviz.lessons.gates.parameters import GATED, PARTS, RUN_PARTS, gated
from rnnviz.lessons.gates.tries import for_gates
from rnnviz.snippets.step import hold_lines, lines
from rnnviz.training.config import Rule
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.input_row import controls, count_tokens, examples, problem
from rnnviz.ui.page.header import header
from rnnviz.ui.picture import stage
from rnnviz.ui.place.listener import Bounds, follow
from rnnviz.ui.runs import guest
from rnnviz.ui.text.details import details
from rnnviz.ui.text.equations import equations
from rnnviz.ui.text.prose import Say, speaker
from rnnviz.ui.url.kinds import Choice, Whole, Wholes
from rnnviz.ui.url.parameters import LETTER_LIMIT
from rnnviz.ui.url.state import State, open_page
from rnnviz.zoo.catalogue import shipped


def page() -> None:
    state = open_page("gates")
    say = speaker(state["lang"])
    visitor = guest.of_page(state, gated=True)
    parts = RUN_PARTS if visitor else PARTS
    if visitor:
        steps, limit, wrong = visitor.steps, LETTER_LIMIT, None
        cell, size = visitor.cell, visitor.hidden_size
    else:
        steps, limit = count_tokens(state), contrast.token_limit(state)
        if state["cell"] not in gated(state["model"]):  # another model had it
            state.replace("cell", GATED[0], Choice(gated(state["model"])).accepts)
        wrong, cell = problem(steps, say, limit), state["cell"]
        size = shipped(state["model"])[1][cell].hidden_size
    bounds = Bounds(steps, cell, size, CELLS[cell].quantities)
    if not wrong:
        bounds.refuse(state)
    _refuse(parts, cell, size, steps, wrong, state)

    top = st.container(gap="xsmall")

    def begin() -> DeltaGenerator:
        """What stands above the row of parts and knobs; returns the place for sharing and saving."""
        with top:
            tools = header(say("gates.title"), state, say, say(f"gates.look_{state['part']}"))
            if visitor is None:
                controls(state, say, gated(state["model"]), limit, one_cell=state["part"] != "compare")
        return tools

    # A change is seen on the stage, so that is sent first; but on arrival what stands above it gives it its place.
    tools = begin() if wrong or visitor or state.arrived else None
    if wrong:
        st.info(wrong, icon=":material/edit:")
        examples(state, say)
        st.stop()

    run = visitor.show(state, say) if visitor else None
    if visitor and not run:
        st.stop()
    part = state["part"]
    row = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with row:
        choice(say("gates.part"), parts, lambda name: say(f"gates.part_{name}"), "part", state, wrap=True)
    at, waits_beside = None if part == "compare" else stage.prepare(state, rows=part != "step"), False
    # From here on torch is needed; what is above shows while a fresh process still loads it.
    net = contrast.read(state, run)
    if at is None:
        tools = tools or begin()
        probes, waits_beside = comparison.answers(state, say)
        figure = comparison.states(state, say)
        comparison.costs(probes, state, say)
    else:
        shown = {"maps": maps.watched, "step": memory.watched, "hold": hold.watched}[part](net, state)
        texts = run.words(state["lang"]) if run else {}
        every = part != "step"
        figure = stage.show(net, net.reading, state, at, panels=False, every=every, show=shown, texts=texts)
        tools = tools or begin()
    popover_open = False
    if state.shows("share"):
        with tools:
            title = net.model.vocabulary.join(net.after.tokens)
            numbers = None if part == "compare" else net.after
            reader = numbers.reader if numbers else net.model.name
            name_parts = ("gates", part, reader, "" if run else state["text"])
            popover_open = stage.take_along(figure, numbers, title, name_parts, state, say)
    with row:
        if knobs := {"maps": maps.knobs, "hold": hold.knobs}.get(part):
            with folded(say("knobs.fold"), f"{state.page}_{part}"):
                knobs(net, state, say)

    def below() -> None:
        answers_of = {"maps": maps.answers, "step": memory.answers, "hold": hold.answers}
        waits = answers_of[part](net, state, say) if part in answers_of else waits_beside
        if state.shows("lesson"):
            _lesson(net, run, limit, state, say, waits=waits)

    if part == "compare":
        below()
    else:
        follow(below, state, bounds, whole=popover_open)


def _refuse(parts: tuple[str, ...], cell: str, size: int, steps: int, wrong: str | None, state: State) -> None:
    """What a link asks for and is not there.     size: in units.     steps: of the text.     wrong: with the text."""
    if state["part"] not in parts:
        state.refuse("part", Choice(parts).accepts)
    if state["gate"] not in CELLS[cell].gates:
        state.refuse("gate", Choice(CELLS[cell].gates).accepts)
    if any(refusal.name == "gate" for refusal in state.refused):
        state.refuse("force", Rule("with", {"names": ["gate"]}))  # it was meant for another gate
    if state["unit"] > size:
        state.refuse("unit", Whole(0, size).accepts)
    for name in ("about", "first", "last"):
        if not wrong and (state[name] or 1) > steps:
            state.refuse(name, Whole(1, steps).accepts)
    if not wrong and max(state["marks"], default=1) > steps:
        state.refuse("marks", Wholes(1, steps).accepts)
    if not wrong and (state["first"] or 1) > (state["last"] or steps):
        for name in ("first", "last"):
            state.refuse(name, Rule("order", {}))


def _lesson(
    net: contrast.GateContrast,
    run: guest.GuestPass | None,
    limit: int,
    state: State,
    say: Say,
    *,
    waits: bool,
) -> None:
    """What there is to try, and the details.     run: whose model it is.     limit: of the text, in tokens.
    waits: whether a question does."""
    st.subheader(say("try.title"), anchor=False)
    gates = net.after.trace.cell.gates
    hold_names = {f"hold_{gate}": say("try.hold", gate=say(f"stage.op.{gate}")) for gate in gates}
    experiments(for_gates(state, gates, len(net.after.trace)), state, say, hold_names)

    def formulas() -> None:
        if net.after.trace.forced:
            st.markdown(say("gates.equations_untouched"))
        equations(net.before if net.after.trace.forced else net.after, state["t"], say)

    def pytorch() -> str:
        force = net.after.trace.forced[0] if net.after.trace.forced else None
        if run:
            return run.lines(state["t"], say, (force, state["bias"]) if net.changed else None)
        if net.changed:
            st.markdown(say("gates.pytorch_held"))
            return hold_lines(net.model.name, net.model.cell, state["text"], force, state["bias"], limit)
        st.markdown(say("details.pytorch_intro", t=state["t"]))
        return lines(net.model.name, net.model.cell, state["text"], state["t"], limit)

    why = [say(f"gates.why_{name}") for name in ("keep", "forget", "bias", "cells")]
    details(why, formulas, pytorch, state, say, waits=waits)
