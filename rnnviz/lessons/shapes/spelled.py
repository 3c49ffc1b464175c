"""One to many: a drawing, one that ships or one made on the page, is read once, as the first state, and a word comes
out letter by letter; each letter is what the next step reads.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from rnnviz.charts.stage.chart import Stage
from rnnviz.core.forward import Pass
from rnnviz.core.trace import Array
from rnnviz.facts.questions.shapes import other_drawing
from rnnviz.facts.shapes import of_spelling
from rnnviz.lessons.shapes.parameters import DRAWINGS
from rnnviz.lessons.shapes.shape import card, told_of
from rnnviz.lessons.shapes.stage_texts import stage_texts
from rnnviz.snippets.shapes import own_lines, spelling_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.experiments import experiments
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.sketch import sketch
from rnnviz.ui.picture import stage
from rnnviz.ui.place.listener import reached
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.state import State
from rnnviz.words import LANGUAGES
from rnnviz.zoo.shapes.catalogue import shipped
from rnnviz.zoo.shapes.drawing import SIDE, Strokes, parsed, pixels
from rnnviz.zoo.vocabulary import Token

if TYPE_CHECKING:  # torch is imported late
    from rnnviz.zoo.model import Reading

PIXEL = 3  # px on the page
SCRIBBLE = parsed("D4CAAGmGjkf_ALMcaQDyAI9NAFacAFpij0jkeIT_pg")  # one line to and fro, which means nothing


class Spelled(NamedTuple):
    """A drawing, and what the network writes of it."""

    drawing: Sequence[float]  # SIDE * SIDE shades from 0 to 1, row by row
    word: str | None  # what was drawn; None where nobody has said it
    said: str  # what was written
    shown: Pass
    reading: Reading


def words(language: str) -> tuple[str, ...]:
    """All that the network of a language has learned to write."""
    return tuple(word for word, _ in shipped(f"drawing-{language}").samples["drawings"])


def _ships(language: str, number: int) -> list[float]:
    """The shades of a drawing that ships."""
    return [int(shade) / 9 for shade in shipped(f"drawing-{language}").samples["drawings"][number - 1][1]]


@lru_cache(maxsize=64)
def run(language: str, number: int, own: Strokes | None = None) -> Spelled:
    """number: of the drawing among those that ship, from 1.     own: one made on the page, read in its place."""
    import torch

    from rnnviz.zoo.model import Reading
    from rnnviz.zoo.shapes.model import load

    model = load(f"drawing-{language}")
    drawing = _ships(language, number) if own is None else pixels(own)
    shades = torch.tensor(drawing)
    letters = model.spell(shades)
    outputs, inputs = model.shipped.outputs, model.shipped.inputs
    # The first step reads the sign that a word begins; each further one the letter before.
    rows = [1, *(inputs.index(outputs[k]) for k in letters)]
    tokens = tuple(Token(inputs[row], row, known=True) for row in rows)
    shown = model.read(rows, [token.text for token in tokens], shades)
    reading = Reading(tokens, torch.from_numpy(np.array(shown.trace.x)), ())
    word = words(language)[number - 1] if own is None else None
    return Spelled(drawing, word, "".join(outputs[k] for k in letters), shown, reading)


@lru_cache(maxsize=64)
def redrawn(language: str, number: int, other: int, own: Strokes | None = None) -> Array:
    """(T, K): what is expected after each step where the letters are those of one drawing, as `run` has it, and the
    first state is made of the other one, which ships."""
    import torch

    from rnnviz.zoo.shapes.model import load

    model, shown = load(f"drawing-{language}"), run(language, number, own).shown
    readout = model.read(shown.rows, shown.tokens, torch.tensor(_ships(language, other))).readout
    assert readout is not None, "it has a head"
    return readout.y


def knobs(state: State, say: Say) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        refused = sketch("own", say("shapes.drawing_back", k=state["drawing"]), state, say)
        alt = say("shapes.drawing_is", k=state["drawing"]) if state["own"] is None else say("shapes.drawing_own")
        st.html(_picture(_run(state).drawing, alt), width="content")
        with st.container(
            key="shapes_drawings_wide", horizontal=True, vertical_alignment="center", gap="small", width=330
        ):
            st.selectbox(
                say("shapes.drawing"),
                range(1, DRAWINGS + 1),
                format_func=lambda k: say("shapes.drawing_is", k=k),
                width=160,
                **state.widget("drawing"),
            )
            choice(say("shapes.writer"), tuple(LANGUAGES), LANGUAGES.__getitem__, "writer", state, labelled=True)
        with st.container(key="shapes_words_look"):
            vocabulary = words(state["writer"])
            with folded(say("shapes.words", count=len(vocabulary)), "shapes_words", horizontal=False):
                st.markdown(say("shapes.words_known", count=len(vocabulary), words=", ".join(vocabulary)))
    if refused is not None:
        text = say("shapes.drawing_read", k=state["drawing"])
        st.info(f"{say(f'sketch.{refused.reason}', most=refused.most)} {text}", icon=":material/draw:")


def _picture(drawing: Sequence[float], alt: str) -> str:
    """A drawing as HTML: black on white in either theme.     alt: what it is called, from the catalogue."""
    dots = (
        f'<rect x="{place % SIDE}" y="{place // SIDE}" width="1" height="1" fill-opacity="{shade:.2f}"/>'
        for place, shade in enumerate(drawing)
        if shade
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" shape-rendering="crispEdges">'
        f'<rect width="{SIDE}" height="{SIDE}" fill="white"/>{"".join(dots)}</svg>'
    )
    data, size = b64encode(svg.encode()).decode(), SIDE * PIXEL
    attributes = f'alt="{escape(alt)}" title="{escape(alt)}"'
    return f'<img {attributes} width="{size}" height="{size}" src="data:image/svg+xml;base64,{data}">'


def _run(state: State) -> Spelled:
    return run(state["writer"], state["drawing"], state["own"])


def model(state: State) -> str:
    return f"drawing-{state['writer']}"


def length(state: State) -> int:
    """Of what is read, in steps."""
    return len(_run(state).shown.trace)


def sizes(state: State) -> tuple[str, int]:
    """The cell and its units."""
    model_card = shipped(model(state)).card
    return model_card.cell, model_card.hidden_size


def file_name(state: State) -> str:
    """What files of it are called."""
    return f"drawing {state['drawing']}" if state["own"] is None else "own drawing"


def show(state: State, say: Say) -> tuple[Stage, Pass]:
    """The stage, and what it shows."""
    spelling = _run(state)
    return stage.show(
        spelling.shown, spelling.reading, state, texts=stage_texts("letters", state["lang"])
    ), spelling.shown


def below(shown: Pass, state: State, say: Say) -> bool:
    """The question, what to notice, what to try, and the card. Whether the question waits."""
    spelling, own = _run(state), state["own"]
    after = state["drawing"] % DRAWINGS + 1
    other = after if own is None else state["drawing"]
    left, right = st.columns(2, gap="large")
    steps = len(shown.trace)
    until = reached(state, steps)
    answered = True
    if state.shows("question") and shown.readout is not None:
        answered = until == steps  # its reasons tell of every letter
    if state.shows("question") and shown.readout is not None and answered:
        with right:
            again = redrawn(state["writer"], state["drawing"], other, own)
            about = (state["writer"], state["drawing"], state.written("own"))
            answered = ask(other_drawing(shown.readout.y, again, shown.words, other), about, state, say)
    if state.shows("notice") and answered and shown.readout is not None:
        with left:
            facts = of_spelling(shown.readout.y, spelling.said, spelling.word, words(state["writer"]))
            told_of(facts, until, steps, say, whole=True)
    elif state.shows("notice") and until < steps:
        with left:
            st.caption(say("shapes.told_later"))
    if state.shows("lesson"):
        st.subheader(say("try.title"), anchor=False)
        language = next(name for name in LANGUAGES if name != state["writer"])
        next_drawing = {"shapes_next_drawing": {"drawing": after}} if own is None else {}
        tries = {**next_drawing, "shapes_other_language": {"writer": language}, "shapes_scribble": {"own": SCRIBBLE}}
        experiments(tries, state, say)
        card(model(state), state, say)
    return not answered


def pytorch(state: State) -> str:
    if state["own"] is not None:
        return own_lines(model(state), state["own"])
    return spelling_lines(model(state), state["drawing"] - 1)
