"""Predict, then reveal: the one way in which a page asks. What was guessed is kept for the session."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz.facts.questions.question import Question
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.url.state import State


def guess(
    options: Sequence[str],
    guesses: dict[Any, str],
    about: object,
    state: State,
    say: Say,
    *,
    label: Callable[[str], str] = escape,
) -> str | None:
    """What was guessed `about` this, once it was revealed; until then None, and the options to choose from."""
    if about in guesses:
        return guesses[about]
    choice = st.pills(
        say("question.guess"),
        options,
        format_func=label,
        label_visibility="collapsed",
        wrap=True,
        width="content",
        key=f"{state.page}_guess_{about}",
    )
    st.button(
        say("question.reveal"),
        key=f"{state.page}_reveal",
        disabled=choice is None,
        on_click=guesses.__setitem__,
        args=(about, choice),
    )
    return None


def skip(guesses: dict[Any, str], about: object, state: State, say: Say) -> None:
    """A button that leaves a question without a guess."""
    st.button(
        say("guess.skip"), key=f"{state.page}_skip", type="tertiary", on_click=guesses.__setitem__, args=(about, "")
    )


def gate(question: str, options: Mapping[str, str], about: Hashable, state: State, say: Say) -> str | None:
    """Ask one of the lesson's own questions before the answer is shown. options: what each is called.

    None until something was guessed or skipped; empty for what was skipped, and where the link leaves questions out.
    """
    if not state.shows("question"):
        return ""
    guesses = st.session_state.setdefault(f"{state.page}_guesses", {})
    # In one row where there is room, so that the picture beside it or below it stays in view.
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(
            key=f"{state.page}_ask_{about}_look"
        ):  # as the sentence beside the title: what the row has left
            st.markdown(f"**{say('question.title')}:** {question}")
        choice = guess(tuple(options), guesses, about, state, say, label=options.__getitem__)
        if choice is None:
            skip(guesses, about, state, say)
    return choice


def verdict(choice: str, answer: str, options: Mapping[str, str], say: Say) -> str:
    """The guess beside the answer, both of them options of `gate`; the answer alone where nothing was guessed."""
    if not choice:
        return say("guess.answer", answer=options[answer])
    return say("guess.right" if choice == answer else "guess.wrong", guess=options[choice], answer=options[answer])


def waits(question: Question, about: Hashable, state: State) -> bool:
    """Whether a question that `ask` asks still waits for its guess, so that nothing may show the answer."""
    return state.shows("question") and (question.name, about) not in st.session_state.get(f"{state.page}_guesses", {})


def ask(question: Question, about: Hashable, state: State, say: Say, *, reasons: bool = True) -> bool:
    """Ask before the answer is shown, then say of each option why it is right or wrong. Whether the answer may be seen.

    about: tells what is shown from all else.     reasons: whether they are said, or only the verdict.
    """
    options = _options(question, say)
    choice = gate(_worded(f"ask.{question.name}", question.values, say), options, (question.name, about), state, say)
    if choice is None or not state.shows("question"):
        return choice is not None
    reveal(question, choice, say, reasons=reasons)
    return True


def reveal(question: Question, choice: str, say: Say, *, reasons: bool = True) -> None:
    """The guess beside the answer, and of each option why."""
    lines = [verdict(choice, question.answer, _options(question, say), say)]
    st.markdown("\n".join([*lines, *(reason_lines(question, say) if reasons else ())]))


def reason_lines(question: Question, say: Say) -> list[str]:
    """Of each option why it is right or wrong, as a list in Markdown."""
    lines, options = [], _options(question, say)
    for option, (reason, values) in question.reasons.items():
        mark = "✓" if option == question.answer else "✗"
        lines.append(f"- {mark} **{options[option]}**: {_worded(f'ask.{question.name}_why_{reason}', values, say)}")
    return lines


def _options(question: Question, say: Say) -> dict[str, str]:
    if question.labels:
        return {option: escape(label) for option, label in question.labels.items()}
    return {option: _worded(f"ask.{question.name}_{option}", question.values, say) for option in question.options}


def _worded(key: str, values: Mapping[str, Any], say: Say) -> str:
    return say(key, **{name: escape(v) if isinstance(v, str) else v for name, v in values.items()})
