"""What of a text the network does not know, and the words that it knows, to build sentences with."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.url.parameters import TEXT_LIMIT
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import catalogue, everyday_model, shipped
from rnnviz.zoo.truth import proposals
from rnnviz.zoo.vocabulary import Token, Vocabulary

NAMED = 5  # unknown words that are named


def unknown_words(state: State, say: Say) -> None:
    """Say so beside the text, before anything else is said of it, and offer what the grammar has in their place."""
    vocabulary, tokens = _read(state)
    told = unknown(tokens, vocabulary.kind, state, say)
    if told and state.shows("text"):
        with told:
            _other_model(state, say)
            known_words(state, say, "unknown")


def unknown(tokens: Sequence[Token], kind: str, state: State, say: Say) -> DeltaGenerator | None:
    """A button that says how many of them are unknown, which takes no room from the picture; behind it, which they are
    and what that means. Returns the place below that, for what to do about it; None where all are known.

    kind: as of `Vocabulary`.
    """
    words = [token for token in tokens if not token.gap]
    unread = [escape(token.text) for token in words if not token.known]
    if not unread:
        return None
    listed_words = ", ".join(f"‘{word}’" for word in dict.fromkeys(unread[:NAMED])) + " …" * (len(unread) > NAMED)
    part = "all" if len(unread) == len(words) else "some"
    unit = "word" if kind == "word" else "letter"
    values = {"count": len(unread), "total": len(words), "words": listed_words}
    label = say(f"reading.unknown_count_{unit}", count=len(unread))
    told = st.popover(label, icon=":material/help:", key=f"{state.page}_not_known")
    told.warning(say(f"reading.unknown_{part}_{unit}", **values), icon=":material/help:")
    return told


def instead(
    place: int,
    words: Sequence[str],
    tokens: Sequence[Token],
    vocabulary: Vocabulary,
    name: str,
    state: State,
    say: Say,
) -> None:
    """Chips of words for a place of a text that is no parameter `text`; a press puts one there.

    place: from 0, of one of the tokens.     name: of the text's parameter.
    """
    key = f"{state.page}_known_{name}"

    def put() -> None:
        word = st.session_state[key]
        st.session_state[key] = None
        if word is not None:
            texts = [token.text for token in tokens]
            state.choose(**{name: vocabulary.join([*texts[:place], word, *texts[place + 1 :]])})

    st.pills(
        say("reading.known_instead", token=escape(tokens[place].text, 40)), words, key=key, wrap=True, on_change=put
    )


def _other_model(state: State, say: Say) -> None:
    """A button that has the same text read by a model that was trained on what people write, where there is one."""
    name = everyday_model(catalogue()[state["model"]].language)
    if name and name != state["model"] and state.shows("model"):
        st.button(
            say("reading.everyday", model=say(f"model.{name}.title")),
            key=f"{state.page}_everyday",
            on_click=state.choose,
            kwargs={"model": name, "text": state["text"]},
        )


def known_words(state: State, say: Say, where: str) -> None:
    """The words that the grammar has at the first place where it has not what stands there, or after the text; a press
    puts one there.     where: tells two such rows apart.
    """
    _, tokens = _read(state)
    place, words = proposals(state["model"], tokens)
    if not words:
        return
    key = f"{state.page}_known_{where}"
    if place < len(tokens):
        label = say("reading.known_instead", token=escape(tokens[place].text, 40))
    else:
        label = say("reading.known_next")
    st.pills(label, words, key=key, wrap=True, on_change=_put, args=(state, key, place))


def _read(state: State) -> tuple[Vocabulary, tuple[Token, ...]]:
    vocabulary = shipped(state["model"])[0]
    return vocabulary, vocabulary.tokenize(state["text"])


def _put(state: State, key: str, place: int) -> None:
    """The pressed word at its place in the text."""
    word = st.session_state[key]
    st.session_state[key] = None
    texts = [token.text for token in _read(state)[1]]
    if word is not None and place <= len(texts):  # the text may have changed with the same press
        texts[place : place + 1] = [word]
        write(state, texts)


def write(state: State, texts: Sequence[str]) -> None:
    """Tokens as the text, where they are not too long for it."""
    vocabulary = shipped(state["model"])[0]
    # Letters keep the sign for a space: one at the end is the end of a name, and typed spaces there are nothing.
    text = vocabulary.join(texts) if vocabulary.kind == "word" else "".join(texts)
    if len(text) <= TEXT_LIMIT:
        state.choose(text=text)
