"""What every named shape has beside its model: its stage, its question and what to notice, what it is used for, drawn,
and its model's card."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

import numpy as np
import streamlit as st

from rnnviz.charts.stage.chart import Stage
from rnnviz.core.forward import Pass
from rnnviz.facts.notice import Notice, seen
from rnnviz.facts.questions.question import Question
from rnnviz.lessons.shapes.stage_texts import stage_texts
from rnnviz.scene import sketch
from rnnviz.ui.picture import stage
from rnnviz.ui.picture.scene import still
from rnnviz.ui.place.listener import reached
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.state import State
from rnnviz.zoo.shapes.catalogue import Shipped, shipped
from rnnviz.zoo.vocabulary import Token

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
LICENCE = 600  # characters of a licence with its attribution


def told_of(facts: Iterable[Notice], until: int, steps: int, say: Say, *, whole: bool) -> None:
    """What is to be noticed in the whole text, and while each step is guessed only what is told of those up to `until`.

    whole: whether each of them is about all steps, whichever it names.
    """
    shown = list(seen(facts, until if not whole or until == steps else 0))
    if shown:
        notice(shown, say, "notice.title_text")
    if until < steps:
        st.caption(say("shapes.told_later"))


def ask_then_tell(
    question: Question | None,
    told_by: int,
    facts: Callable[[], Iterable[Notice]],
    about: tuple[Hashable, ...],
    shown: Pass,
    state: State,
    say: Say,
    *,
    whole: bool,
    note: str,
) -> bool:
    """The question, and what there is to notice once it was answered. Whether it waits no more.

    told_by: the last step of which the question or its reasons tell.     about: tells what is shown from all else.
    whole: as in `told_of`.     note: what is said below.
    """
    left, right = st.columns(2, gap="large")
    steps = len(shown.tokens)
    until = reached(state, steps)
    answered = True
    if question and state.shows("question"):
        answered = until >= told_by
        if answered:
            with right:
                answered = ask(question, about, state, say)
    if state.shows("notice"):
        with left:
            if answered:
                told_of(facts(), until, steps, say, whole=whole)
            elif until < steps:
                st.caption(say("shapes.told_later"))
            st.caption(note)
    return answered


def examples(texts: Iterable[str], parameter: str, state: State) -> None:
    """The texts from which one may start.     parameter: of the link, which has the text."""
    with st.container(horizontal=True, gap="xsmall"):
        for number, text in enumerate(texts):
            st.button(
                text,
                key=f"{state.page}_{parameter}_{number}",
                on_click=state.choose,
                kwargs={parameter: text},
                wrap=True,
            )


def staged(shown: Pass, tokens: tuple[Token, ...], section: str, state: State) -> Stage:
    """The stage of what was read.     section: of the texts, as in `stage_texts`."""
    import torch

    from rnnviz.zoo.model import Reading

    reading = Reading(tokens, torch.from_numpy(np.array(shown.trace.x)), ())
    return stage.show(shown, reading, state, texts=stage_texts(section, state["lang"]))


def uses(shape: str, state: State, say: Say) -> None:
    """What the shape is used for in language and with time series, each with an example as a drawing."""
    st.subheader(say("shapes.uses"), anchor=False)
    for column, kind in zip(st.columns(2, gap="large"), DRAWN[shape], strict=True):
        with column:
            st.markdown(say(f"shapes.use_{shape}_{kind}"))
            texts = say(f"shapes.read_{shape}_{kind}"), say(f"shapes.answered_{shape}_{kind}")
            inputs, answers = (["" if part == NOTHING else part for part in text.split()] for text in texts)
            still(sketch(inputs, answers), f"{shape}_{kind}", state, say("shapes.sketch_alt"))


def card(name: str, state: State, say: Say) -> None:
    """Where the model is from and how well it does, beside what knows less; and one case that it gets wrong."""
    model_card = shipped(name).card
    task, kind = "-".join(name.split("-")[:2]), name.split("-")[0]  # "tags-en" of "tags-en-gru", and "tags"
    tags = kind == "tags"
    st.subheader(say("shapes.card"), anchor=False)
    values = {
        "cell": titled(model_card.cell, say),
        "parameters": model_card.parameters,
        "hidden": model_card.hidden_size,
    }
    lines = [
        say(
            "shapes.card_size_pressure" if kind == "pressure" else "shapes.card_size",
            **values,
            seconds=model_card.seconds,
        ),
        say(
            "shapes.card_score" if not tags else f"shapes.card_score_{task}",
            score=model_card.score,
            count=model_card.count,
            least=min(model_card.scores),
            most=max(model_card.scores),
        ),
        say(f"shapes.card_blind_{task if tags else kind}", share=model_card.blind),
    ]
    if model_card.without_order is not None:
        lines.append(say("shapes.card_order", share=model_card.without_order))
    if any(model_card.failure):
        lines.append(_failure(shipped(name), say))
    lines.append(say("shapes.card_data", data=say(f"shapes.data_{task}"), licence=escape(model_card.licence, LICENCE)))
    lines.append(say("shapes.card_command", command=model_card.command))
    st.markdown("\n".join(f"- {line}" for line in lines))


ANSWERS = ("negative", "positive", "below", "above")


def _failure(shipped_model: Shipped, say: Say) -> str:
    """The one example that a model gets wrong, as a sentence."""
    text, right, answer = (escape(_named(part, say), 120) for part in shipped_model.card.failure)
    if at := shipped_model.card.failed_at:
        token = shipped_model.vocabulary.tokenize(shipped_model.card.failure[0])[at - 1].text
        right, answer = (tag_called(tag, say) for tag in shipped_model.card.failure[1:])
        return say("shapes.card_failure_tags", text=text, t=at, token=escape(token), right=right, said=answer)
    if text == right:  # a drawing has no text
        return say("shapes.card_failure_drawn", right=right, said=answer)
    beyond = shipped_model.card.score == 1  # of what is held out nothing is answered wrongly
    return say("shapes.card_failure_beyond" if beyond else "shapes.card_failure", text=text, right=right, said=answer)


def _named(text: str, say: Say) -> str:
    """An answer of a model in the reader's language; any other text as it is."""
    return say(f"shapes.answer_{text}") if text in ANSWERS else text


def tag_called(tag: str, say: Say) -> str:
    """A part of speech in the reader's language."""
    return say(f"shapes.tag_{tag}")
