"""Your own network: opened from a file or made of a few sizes, and read here and in the other lessons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.core.cells import CELLS
from rnnviz.core.forward import Pass
from rnnviz.lessons.own import open_file
from rnnviz.lessons.own.parameters import SOURCES
from rnnviz.lessons.own.tries import for_network
from rnnviz.snippets.own import record_lines
from rnnviz.training.config import Refused
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.number import number
from rnnviz.ui.own.guest import link_to, seed_of
from rnnviz.ui.own.kept import model_of, opened_file, reading_of, refusal, stage_words, tokens_of
from rnnviz.ui.page.header import header
from rnnviz.ui.page.lessons import LESSONS
from rnnviz.ui.picture import stage
from rnnviz.ui.place.listener import Bounds, follow
from rnnviz.ui.text.details import details
from rnnviz.ui.text.equations import equations
from rnnviz.ui.text.prose import Say, escape, speaker, titled
from rnnviz.ui.text.table import table
from rnnviz.ui.url.parameters import READ_LIMIT
from rnnviz.ui.url.state import State, open_page
from rnnviz.words.numbers import percent, size
from rnnviz.zoo.own.made import Made, named

OUTPUTS = 3  # of a step that are told

if TYPE_CHECKING:
    from rnnviz.zoo.own.model import OwnModel, OwnReading


def page() -> None:
    state = open_page("own")
    say = speaker(state["lang"])
    _sizes_of_link(state)
    model = model_of(state["network"])
    tools = header(say("own.title"), state, say, say("own.look"))
    is_file = state["source"] == "file"
    with st.container(horizontal=True, vertical_alignment="center" if is_file else "bottom", gap="small"):
        choice(say("own.source"), SOURCES, lambda name: say(f"own.source_{name}"), "source", state)
        if is_file:
            open_file.field(state, say)
        else:
            with folded(say("knobs.fold"), f"{state.page}_made"):
                _sizes(state, say)
    open_file.told(state, say)
    if model is None:
        st.info(say("own.open_here", name=state["network"]), icon=":material/upload_file:")
        st.button(say("own.made_instead"), key="own_instead", on_click=state.choose, kwargs={"network": None})
        st.stop()
    _reads(model, state, say)
    try:
        reading = reading_of(model, state)
    except Refused as error:
        st.warning(refusal(error, say), icon=":material/edit:")
        fits = {"read": None}
        st.button(say("own.read_first"), key="own_read_first", on_click=state.choose, kwargs=fits)
        reading = reading_of(model, state, typed=False)
    _show(model, reading, state, say, tools)


def _sizes_of_link(state: State) -> None:
    """A link that names a network that is made sets the fields of its sizes."""
    what = named(state["network"])
    if isinstance(what, Made) and state.moved("network"):
        read, t = state["read"] or None, state["t"]
        sizes = {"cell": what.cell, "inputs": what.inputs, "units_made": what.units, "layers": what.layers}
        state.learn(source="made", **sizes, seed=what.seed, read=read, t=t)


def _sizes(state: State, say: Say) -> None:
    """Of a network that is made."""
    st.selectbox(
        say("reading.cell"),
        tuple(CELLS),
        format_func=lambda name: titled(name, say),
        label_visibility="collapsed",
        width=150,
        **state.widget("cell"),
    )
    for name in ("inputs", "units_made", "layers", "seed"):
        number(say(f"own.{name}"), name, state, width=110)


def _reads(model: OwnModel, state: State, say: Say) -> None:
    """Which network it is, and what it reads."""
    what = escape(model.title, 60) if model.title else say("own.made_is", seed=seed_of(model.name))
    sizes = {"inputs": model.rnn.input_size, "hidden": model.rnn.hidden_size, "layers": model.rnn.num_layers}
    both = "_both" if model.directions == 2 else ""
    st.markdown(say(f"own.shown{both}", what=what, cell=titled(model.cell, say), **sizes))
    if opened := opened_file(model.name):
        open_file.left_out(opened, say)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        kind = "numbers" if model.embedding is None else "words" if model.vocabulary else "rows"
        rows = 0 if model.embedding is None else len(model.embedding) - 1
        if state.shows("text"):
            st.text_input(
                say("own.read"),
                max_chars=READ_LIMIT,
                placeholder=say(f"own.read_{kind}", count=model.rnn.input_size, most=rows),
                label_visibility="collapsed",
                help=say(f"own.read_{kind}_help", count=model.rnn.input_size, most=rows),
                **state.widget("read"),
            )
            open_file.input_field(model, state, say)


def _show(model: OwnModel, reading: OwnReading, state: State, say: Say, tools: DeltaGenerator) -> None:
    """The stage, the lessons that read the network too, and the details."""
    from rnnviz.zoo import Reading
    from rnnviz.zoo.own.model import run

    bounds = Bounds(len(reading.tokens), model.cell, model.rnn.hidden_size, rows=model.rows)
    bounds.refuse(state)
    at = stage.prepare(state)
    try:
        whole = run(model, reading)
    except Refused as error:
        st.warning(refusal(error, say), icon=":material/error:")
        st.stop()
    # A head over both directions is of no row of the picture: what it gives stands in a table.
    both = model.directions == 2 and model.head is not None
    shown = replace(whole, readout=None, words=()) if both else whole
    tokens = Reading(tokens_of(reading, reading.tokens), reading.x, ())
    figure = stage.show(shown, tokens, state, at, texts=stage_words(model, shown, state["lang"]))
    popover_open = False
    if state.shows("share"):
        with tools:
            title = " ".join(shown.tokens)
            popover_open = stage.take_along(figure, whole, title, ("own", model.title or model.name), state, say)

    def below() -> None:
        if both:
            _outputs(whole, say)
        st.caption(say("own.stays" if model.title else "own.in_link"))
        st.subheader(say("own.go_on"), anchor=False)
        _lessons(model, state, say)
        if not state.shows("lesson"):
            return
        if tries := for_network(state, not model.title):
            st.subheader(say("try.title"), anchor=False)
            experiments(tries, state, say)

        def pytorch() -> str:
            st.markdown(say("own.pytorch"))
            return record_lines(model, reading)

        why = [say(f"own.why_{name}") for name in ("same", "entries", "safe")]
        details(why, lambda: equations(shown, state["t"], say), pytorch, state, say)

    follow(below, state, bounds, whole=popover_open)


def _outputs(shown: Pass, say: Say) -> None:
    """What a head over both directions gives at each step: the likeliest classes, or its numbers."""
    st.subheader(say("own.outputs"), anchor=False)
    st.caption(say("own.outputs_both"))
    assert shown.readout is not None
    rows = []
    for t, (token, given) in enumerate(zip(shown.tokens, shown.readout.y, strict=True), 1):
        if shown.readout.meaning == "class":
            best = given.argsort()[::-1][:OUTPUTS]
            told = [f"{escape(shown.words[k], 24)} {percent(float(given[k]))}" for k in best]
        else:
            told = [size(float(value)) for value in given[:OUTPUTS]] + ["…"] * (len(given) > OUTPUTS)
        rows.append([str(t), escape(token, 24), " · ".join(told)])
    table(["t", say("own.read"), say("own.outputs")], rows)


def _lessons(model: OwnModel, state: State, say: Say) -> None:
    """Links to the lessons that read the network as they read one that ships."""
    place = link_to(model.name, state)
    with st.container(horizontal=True, gap="small"):
        for name, icon in (("step", "footprint"), ("gates", "tune"), ("lab", "ssid_chart")):
            if name == "gates" and not CELLS[model.cell].memory:
                continue
            # There a step is that of a loss.
            query = place | {"part": "matrix", "source": "own"} if name == "lab" else place | {"t": str(state["t"])}
            st.page_link(
                LESSONS[name].file,
                label=say(f"own.in_{name}"),
                icon=f":material/{icon}:",
                query_params=query,
            )
