"""What a network reads, and which network: the row of controls above a stage."""

import streamlit as st

from rnnviz import zoo
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.controls.folded import folded
from rnnviz.ui.controls.known_words import known_words, unknown_words
from rnnviz.ui.controls.number import number
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.url.parameters import TEXT_LIMIT
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue as said
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT, Card, catalogue
from rnnviz.zoo.catalogue import shipped


def count_tokens(state: State) -> int:
    """How many tokens the chosen model sees in the chosen text. Needs no torch."""
    return len(shipped(state["model"])[0].tokenize(state["text"]))


def gap(state: State, say: Say) -> list[str]:
    """What a gap in the text is, once in words, where there is one."""
    gaps = [token.text for token in shipped(state["model"])[0].tokenize(state["text"]) if token.gap]
    return [say("reading.gap", gap=escape(gaps[0]))] if gaps else []


def problem(count: int, say: Say, limit: int = TOKEN_LIMIT) -> str | None:
    """Why a text of `count` tokens cannot be read, in the reader's language; None when it can."""
    if count == 0:
        return say("reading.empty")
    if count > limit:
        return say("reading.too_long", count=count, limit=limit)
    return None


def text_field(label: str, name: str, state: State, say: Say, help: str | None = None) -> None:
    """The line that a network reads, unless the link hides it. name: of the value in the link."""
    if state.shows("text"):
        st.text_input(
            label,
            max_chars=TEXT_LIMIT,
            placeholder=say("reading.placeholder", example=state.default(name)),
            help=help,
            label_visibility="collapsed",
            **state.widget(name),
        )


def first_example(name: str, state: State) -> None:
    """A button for the text that is there until one is typed.     name: of the value in the link."""
    text = state.default(name)
    st.button(escape(text, 60), key=f"{state.page}_first_example", on_click=state.choose, kwargs={name: text})


def controls(
    state: State, say: Say, cells: tuple[str, ...] = CELL_NAMES, limit: int = TOKEN_LIMIT, *, one_cell: bool = True
) -> None:
    """One row: the text, how much of it is unknown, the cell, the model, and the rest folded away. What the link hides
    is left out.

    cells: those that are offered.     limit: in tokens.     one_cell: whether a cell is chosen at all.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text_field(say("reading.text"), "text", state, say, say("reading.text_help", limit=limit))
        unknown_words(state, say)
        label = titled(state["cell"], say) if state.shows("cell") and one_cell else say("reading.model")
        with (
            st.container(horizontal=True, width="content", vertical_alignment="center", gap="small"),
            folded(label, f"{state.page}_reader"),
        ):
            if state.shows("cell") and one_cell:
                choice(say("reading.cell"), cells, lambda name: titled(name, say), "cell", state)
            if state.shows("model"):
                st.selectbox(
                    say("reading.model"),
                    tuple(catalogue()),
                    format_func=lambda name: say(f"model.{name}.title"),
                    label_visibility="collapsed",
                    width=180,
                    **state.widget("model"),
                )
            if state.shows("text"):
                popover = lazy_popover(say("reading.more"), f"{state.page}_more", help=say("reading.more_help"))
                if popover.open:
                    with popover:
                        _more(state, say, limit)


def examples(state: State, say: Say, place: str = "example") -> None:
    """A button for each example text of the model, which says what it shows. `place` tells two such rows apart."""
    with st.container(horizontal=True, gap="xsmall"):
        for number, (text, shows) in enumerate(catalogue()[state["model"]].shows.items()):
            st.button(
                escape(text, 60),
                key=f"{state.page}_{place}_{number}",
                help=say(f"model.{state['model']}.{shows}"),
                on_click=state.choose,
                kwargs={"text": text},
                wrap=True,
            )


def _more(state: State, say: Say, limit: int) -> None:
    st.caption(say("reading.text_help", limit=limit))
    st.markdown(say("reading.examples"))
    examples(state, say, "more")
    st.markdown(say("reading.build"))
    known_words(state, say, "more")
    st.markdown(say("reading.generate"))
    full = count_tokens(state) >= limit
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number(say("reading.seed"), "seed", state, width=120)
        st.button(
            say("reading.continue"),
            key=f"{state.page}_generate",
            help=say("reading.full", limit=limit) if full else None,
            on_click=_continue,
            args=(state, limit),
            disabled=full,
        )
    info = catalogue()[state["model"]]
    st.markdown(say("reading.card"))
    facts = _facts(info.cards[state["cell"]], say)
    # Of a model of letters or syllables a unit that tells something may be known.
    if (units := f"model.{info.name}.units_{state['cell']}") in said(state["lang"]):
        facts.append(say(units))
    st.caption("\n".join(f"- {fact}" for fact in [*facts, say(f"reading.reads_{info.reads}")]))


def _facts(card: Card, say: Say) -> list[str]:
    """What a card says of how its network learned, as sentences."""
    facts = [say("reading.sizes", parameters=card.parameters, hidden=card.hidden_size, loss=card.loss)]
    for family, score in card.scores.items():
        facts.append(say(f"reading.score_{family}", accuracy=score.accuracy, first=score.first, chance=score.chance))
    if (beside := card.everyday) is not None:
        losses = list(beside.losses.values())
        values = {"unigram": beside.unigram, "bigram": beside.bigram, "accuracy": beside.accuracy}
        values |= {"guessed": beside.bigram_accuracy, "tokens": beside.tokens}
        facts.append(say("reading.beside", **values))
        if len(losses) > 1:
            facts.append(say("reading.seeds", count=len(losses), least=min(losses), most=max(losses)))
        facts.append(say("reading.known", known=beside.known, seconds=beside.seconds))
        facts += [say(f"model.{card.model}.{name}") for name in ("failure", "source")]
    return facts


def _continue(state: State, limit: int) -> None:
    """Let the network write on from the text, as far as the stage can show; the seed decides every draw."""
    model = zoo.load(state["model"], state["cell"])
    room = limit - count_tokens(state)
    if room > 0:
        state.choose(text=model.generate(state["text"], room, seed=state["seed"], limit=limit)[:TEXT_LIMIT])
