"""What every named shape has beside its model: what it is used for, drawn, and its model's card."""

from __future__ import annotations

import streamlit as st

from rnnviz.scene import sketch
from rnnviz.ui.picture.scene import still
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.url.state import State
from rnnviz.zoo.shapes.catalogue import shipped

# Of each shape the examples that are drawn: of language, and of a time series. In the texts a space parts the steps,
# and a hyphen alone stands where nothing is read or answered.
DRAWN = {
    "one_to_one": ("language", "series"),
    "one_to_many": ("language", "series"),
    "many_to_one": ("language", "series"),
    "in_step": ("language", "series"),
    "after_reading": ("language", "series"),
}
NOTHING = "-"


def uses(shape: str, state: State, say: Say) -> None:
    """What the shape is used for in language and with time series, each with an example as a drawing."""
    st.subheader(say("shapes.uses"), anchor=False)
    for column, kind in zip(st.columns(2, gap="large"), DRAWN[shape], strict=True):
        with column:
            st.markdown(say(f"shapes.use_{shape}_{kind}"))
            texts = say(f"shapes.read_{shape}_{kind}"), say(f"shapes.answered_{shape}_{kind}")
            read, answered = (["" if part == NOTHING else part for part in text.split()] for text in texts)
            still(sketch(read, answered), f"{shape}_{kind}", state, say("shapes.sketch_alt"))


def card(name: str, state: State, say: Say) -> None:
    """Where the model is from and how well it does, beside what knows less; and one case that it gets wrong."""
    known = shipped(name).card
    st.subheader(say("shapes.card"), anchor=False)
    values = {"cell": titled(known.cell, say), "parameters": known.parameters, "hidden": known.hidden_size}
    lines = [
        say("shapes.card_size", **values, seconds=known.seconds),
        say("shapes.card_score", score=known.score, count=known.count, least=min(known.scores), most=max(known.scores)),
        say(f"shapes.card_blind_{name.split('-')[0]}", share=known.blind),
    ]
    if known.without_order is not None:
        lines.append(say("shapes.card_order", share=known.without_order))
    if any(known.failure):
        text, right, said = (escape(_named(part, say), 120) for part in known.failure)
        failure = "shapes.card_failure_drawn" if text == right else "shapes.card_failure"  # a drawing has no text
        lines.append(say(failure, text=text, right=right, said=said))
    lines.append(say("shapes.card_data", data=say(f"shapes.data_{name}"), licence=escape(known.licence, 240)))
    lines.append(say("shapes.card_command", command=known.command))
    st.markdown("\n".join(f"- {line}" for line in lines))


ANSWERS = ("negative", "positive", "below", "above")


def _named(text: str, say: Say) -> str:
    """An answer of a model in the reader's language; any other text as it is."""
    return say(f"shapes.answer_{text}") if text in ANSWERS else text
