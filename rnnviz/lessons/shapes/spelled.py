"""One to many: a drawing is read once, as the first state, and a word comes out letter by letter; each letter is what
the next step reads.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from rnnviz.charts.stage.chart import Stage
from rnnviz.core.forward import Pass
from rnnviz.core.trace import Array
from rnnviz.facts.questions.shapes import drawn
from rnnviz.facts.shapes import of_spelling
from rnnviz.lessons.shapes.parameters import DRAWINGS
from rnnviz.lessons.shapes.shape import card
from rnnviz.snippets.shapes import spelling_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.picture import stage
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.state import State
from rnnviz.words import LANGUAGES, catalogue
from rnnviz.zoo.shapes.catalogue import shipped
from rnnviz.zoo.vocabulary import Token

if TYPE_CHECKING:  # torch is imported late
    from rnnviz.zoo.model import Reading

SIDE = 28  # pixels of a drawing's side
PIXEL = 3  # px on the page
STAGE = ("prediction", "quiz_ask", "name_y")  # what the stage says otherwise than where words are expected


class Spelled(NamedTuple):
    """A drawing, and what the network writes of it."""

    drawing: str  # SIDE * SIDE shades from 0 to 9, row by row
    word: str  # what was drawn
    said: str  # what was written
    shown: Pass
    reading: Reading


@lru_cache(maxsize=64)
def run(language: str, number: int) -> Spelled:
    """number: of the drawing among those that ship, from 1."""
    import torch

    from rnnviz.zoo.model import Reading
    from rnnviz.zoo.shapes.model import load

    model = load(f"drawing-{language}")
    word, drawing = model.shipped.samples["drawings"][number - 1]
    seen = torch.tensor([int(shade) / 9 for shade in drawing])
    letters = model.spell(seen)
    outputs, inputs = model.shipped.outputs, model.shipped.inputs
    # The first step reads the sign that a word begins; each further one the letter before.
    rows = [1, *(inputs.index(outputs[k]) for k in letters)]
    tokens = tuple(Token(inputs[row], row, known=True) for row in rows)
    shown = model.read(rows, [token.text for token in tokens], seen)
    reading = Reading(tokens, torch.from_numpy(np.array(shown.trace.x)), ())
    return Spelled(drawing, word, "".join(outputs[k] for k in letters), shown, reading)


@lru_cache(maxsize=64)
def redrawn(language: str, number: int, other: int) -> Array:
    """(T, K): what is expected after each step where the letters are those of one drawing and the first state is made
    of the other one."""
    import torch

    from rnnviz.zoo.shapes.model import load

    model, shown = load(f"drawing-{language}"), run(language, number).shown
    seen = torch.tensor([int(shade) / 9 for shade in model.shipped.samples["drawings"][other - 1][1]])
    readout = model.read(shown.rows, shown.tokens, seen).readout
    assert readout is not None, "it has a head"
    return readout.y


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_picture(run(state["writer"], state["drawing"]).drawing, say("shapes.drawing_is", k=state["drawing"])))
        st.selectbox(
            say("shapes.drawing"),
            range(1, DRAWINGS + 1),
            format_func=lambda k: say("shapes.drawing_is", k=k),
            width=200,
            **state.widget("drawing"),
        )
        choice(say("shapes.writer"), tuple(LANGUAGES), LANGUAGES.__getitem__, "writer", state, labelled=True)


def _picture(drawing: str, alt: str) -> str:
    """A drawing as HTML: black on white in either theme.     alt: what it is called, from the catalogue."""
    dots = (
        f'<rect x="{place % SIDE}" y="{place // SIDE}" width="1" height="1" fill-opacity="{int(shade) / 9:.2f}"/>'
        for place, shade in enumerate(drawing)
        if shade != "0"
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" shape-rendering="crispEdges">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="white"/>{"".join(dots)}</svg>'
    )
    data, size = b64encode(svg.encode()).decode(), SIDE * PIXEL
    return f'<img alt="{escape(alt)}" width="{size}" height="{size}" src="data:image/svg+xml;base64,{data}">'


def model(state: State) -> str:
    return f"drawing-{state['writer']}"


def length(state: State) -> int:
    """Of what is read, in steps."""
    return len(run(state["writer"], state["drawing"]).shown.trace)


def sizes(state: State) -> tuple[str, int]:
    """The cell and its units."""
    known = shipped(model(state)).card
    return known.cell, known.hidden_size


def called(state: State) -> str:
    """What files of it are called."""
    return f"drawing {state['drawing']}"


def show(state: State, say: Say) -> tuple[Stage, Pass]:
    """The stage, and what it shows."""
    found = run(state["writer"], state["drawing"])
    texts = {f"stage.{key}": catalogue(state["lang"])[f"shapes.letters.{key}"] for key in STAGE}
    return stage.show(found.shown, found.reading, state, texts=texts), found.shown


def below(shown: Pass, state: State, say: Say) -> bool:
    """The question, what to notice, what to try, and the card. Whether the question waits."""
    found = run(state["writer"], state["drawing"])
    after = state["drawing"] % DRAWINGS + 1
    left, right = st.columns(2, gap="large")
    asked = True
    if state.shows("question") and shown.readout is not None:
        with right:
            y, other = shown.readout.y, redrawn(state["writer"], state["drawing"], after)
            asked = ask(drawn(y, other, shown.words), (state["writer"], state["drawing"]), state, say)
    if state.shows("notice") and asked and shown.readout is not None:
        with left:
            notice(of_spelling(shown.readout.y, found.said, found.word), say)
    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        language = next(name for name in LANGUAGES if name != state["writer"])
        offered = {"shapes_next_drawing": {"drawing": after}, "shapes_other_language": {"writer": language}}
        experiments(offered, state, say)
        card(model(state), state, say)
    return not asked


def pytorch(state: State) -> str:
    return spelling_lines(model(state), state["drawing"] - 1)
