"""The files that a visitor opens: weights, a vocabulary, what is to be read; and which entries are whose."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.core.trace import Activation
from rnnviz.training.config import Refused
from rnnviz.ui.controls.file_field import file_field
from rnnviz.ui.controls.popover import lazy_popover
from rnnviz.ui.own.kept import Opened, keep, keep_reading, kept_reading, opened_file, refusal
from rnnviz.ui.text.prose import Say, escape, titled
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import count

if TYPE_CHECKING:
    from rnnviz.zoo.own.file import Weights
    from rnnviz.zoo.own.model import OwnModel

WEIGHTS, VOCABULARY, INPUT = ".safetensors,.pt,.pth,.bin,.ckpt", ".txt,.json", ".csv,.txt,.npy,.npz"
SIZES = {"weights": 4_000_000, "words": 400_000, "read": 400_000}  # bytes, as `rnnviz.zoo.own` has them
SHOWN = 4  # names of entries that are left out
NONE = ""  # of what a network may do without
KINDS: tuple[Activation, ...] = ("softmax", "sigmoid", "identity")  # what a head's outputs can be said to be
_REFUSED = "own.refused"  # in the session's state: why the last file was refused, and what the page showed then


def field(state: State, say: Say) -> None:
    """A field for a file of weights, and what was opened with what belongs to whom."""
    file_field(say("own.file"), "own_weights", WEIGHTS, SIZES["weights"], lambda data, name: _open(data, name, state))
    if opened := opened_file(state["network"]):
        _layout(opened, state, say)
        st.button(
            say("own.close"),
            key="own_close",
            type="tertiary",
            icon=":material/close:",
            on_click=state.choose,
            kwargs={"network": None},
        )


def left_out(opened: Opened, say: Say) -> None:
    """What of a file is of no part of the network, so that nobody takes a part for the whole."""
    from rnnviz.zoo.own.layout import unused

    assert opened.model.layout is not None
    if names := unused(opened.weights, opened.model.layout):
        shown = ", ".join(escape(name) for name in names[:SHOWN]) + ", …" * (len(names) > SHOWN)
        st.caption(say("own.left_out", entries=shown, count=len(names)))


def input_field(model: OwnModel, state: State, say: Say) -> None:
    """A field for a file with what is to be read."""
    popover = lazy_popover(
        say("own.read_file"), "own_read_more", icon=":material/upload_file:", help=say("own.read_file_help")
    )
    if popover.open:
        with popover:
            st.caption(say("own.read_file_help"))
            file_field(
                say("own.read_file"), "own_read_file", INPUT, SIZES["read"], lambda data, _: _take(data, model, state)
            )


def told(state: State, say: Say) -> None:
    """Why the last file was refused, until something else is shown."""
    error, shown = st.session_state.get(_REFUSED, (None, ()))
    if error is not None and shown == _shown(state):
        st.warning(refusal(error, say), icon=":material/error:")


def _shown(state: State) -> tuple[str, ...]:
    return state["network"], state["read"], state["source"]


def _try(work: Callable[[], None], state: State) -> None:
    st.session_state[_REFUSED] = None, ()
    try:
        work()
    except Refused as error:
        st.session_state[_REFUSED] = error, _shown(state)


def _adopt(weights: Weights, made: OwnModel, state: State, before: OwnModel | None = None) -> None:
    """Show a network from now on. What was read, and where, stays where it is the one that a link asked for, and after
    a correction, where it still can be read.

    before: the network that was corrected. Raises `Refused` where nothing finite comes of it.
    """
    from rnnviz.zoo.own.model import run
    from rnnviz.zoo.own.reading import first

    run(made, first(made))
    name = keep(Opened(weights, made))
    if name == state["network"]:
        return
    reads = (before.rnn.input_size, before.embedding is None, before.vocabulary) if before else None
    if before is None or reads != (made.rnn.input_size, made.embedding is None, made.vocabulary):
        state.choose(network=name)
        return
    keep_reading(name, kept_reading(before.name))
    state.choose(network=name, read=state["read"] or None, t=state["t"])


def _too_large(data: bytes | int, most: int) -> bytes:
    from rnnviz.zoo.own.file import refused

    if isinstance(data, int):
        raise refused("bytes", f"the file has {data} bytes; accepted: at most {most}", count=data, most=most)
    return data


def _open(data: bytes | int, name: str, state: State) -> None:
    from rnnviz.zoo.own import file, layout
    from rnnviz.zoo.own.model import put_together

    def work() -> None:
        weights = file.read(_too_large(data, SIZES["weights"]))
        proposed = layout.propose(weights)
        _adopt(weights, put_together(weights, proposed, title=name or "model"), state)

    _try(work, state)


def _take(data: bytes | int, model: OwnModel, state: State) -> None:
    from rnnviz.zoo.own.reading import from_file

    def work() -> None:
        keep_reading(model.name, from_file(model, _too_large(data, SIZES["read"])))
        state.choose(read=None)

    _try(work, state)


def _layout(opened: Opened, state: State, say: Say) -> None:
    """Which entries are whose, to be looked at and corrected."""
    popover = lazy_popover(say("own.layout"), "own_layout", icon=":material/account_tree:", help=say("own.layout_help"))
    if not popover.open:
        return
    from rnnviz.zoo.own import layout

    model, weights = opened.model, opened.weights
    chosen = model.layout
    assert chosen is not None
    found = layout.chains(weights)

    def arrange(part: str) -> Callable[[], None]:
        return lambda: _arrange(opened, part, state)

    def select(part: str, options: tuple[str, ...], now: str, called: Callable[[str], str]) -> None:
        key = f"own_{part}_{model.name}"
        label = say(f"own.layout_{part}")
        st.selectbox(label, options, options.index(now), format_func=called, key=key, on_change=arrange(part))

    with popover:
        st.caption(say("own.layout_help"))

        def plain(name: str) -> str:
            return name or say("own.layout_none")

        if len(found) > 1:
            select(
                "chain",
                tuple(chain.before for chain in found),
                chosen.chain.before,
                lambda name: name or "–",
            )
        if len(chosen.chain.cells) > 1:
            select("cell", chosen.chain.cells, chosen.cell, lambda name: titled(name, say))
        select("embedding", (NONE, *layout.embeddings(weights, chosen.chain)), chosen.embedding, plain)
        select("head", (NONE, *layout.heads(weights, chosen.chain)), chosen.head, plain)
        if chosen.head:
            kinds = KINDS if len(model.words) > 1 else KINDS[1:]
            now = model.activation if model.activation in kinds else kinds[0]
            select("kind", kinds, now, lambda kind: say(f"own.kind_{kind}"))
        st.caption(say("own.vocabulary_help"))
        file_field(
            say("own.vocabulary"),
            "own_words",
            VOCABULARY,
            SIZES["words"],
            lambda data, _: _name_rows(data, opened, state),
        )
        roles = {chosen.embedding: "embedding", chosen.head: "head", chosen.bias: "head"}
        rows = []
        for name, entry in weights.entries.items():
            recurrent = name in {chosen.chain.entry(part) for part, _ in model.rnn.named_parameters()}
            role = "chain" if recurrent else roles.get(name, "none")
            rows.append([escape(name, 60), "×".join(map(str, entry.shape)), say(f"own.role_{role}")])
        table([say("own.entry"), say("own.shape"), say("own.role")], rows)
        st.caption(say("own.entries_count", entries=count(len(weights.entries))))


def _arrange(opened: Opened, part: str, state: State) -> None:
    """Put the network together as is now chosen."""
    from rnnviz.zoo.own import layout
    from rnnviz.zoo.own.model import put_together

    now, weights, model = opened.model.layout, opened.weights, opened.model
    assert now is not None
    value = st.session_state[f"own_{part}_{model.name}"]
    present = {
        "chain": now.chain.before,
        "cell": now.cell,
        "embedding": now.embedding,
        "head": now.head,
        "kind": model.activation if model.activation in KINDS else KINDS[0],
    }
    if value == present[part]:
        return  # a browser that has just been given the field reports what it shows

    def work() -> None:
        activation: Activation | None = model.activation
        vocabulary = model.vocabulary
        if part == "chain":
            arranged, vocabulary, activation = layout.propose(weights, value), (), None
        elif part == "kind":
            arranged, activation = now, value
        else:
            cell, embedding, head = now.cell, now.embedding, now.head
            if part == "cell":
                cell = value
            elif part == "embedding":
                embedding, vocabulary = value, ()
            else:
                head, activation = value, None
            arranged = layout.arrange(weights, now.chain.before, cell, embedding, head)
        made = put_together(weights, arranged, title=model.title, activation=activation, vocabulary=vocabulary)
        _adopt(weights, made, state, model)

    _try(work, state)


def _name_rows(data: bytes | int, opened: Opened, state: State) -> None:
    from rnnviz.zoo.own.model import put_together, vocabulary

    model, layout = opened.model, opened.model.layout
    assert layout is not None

    def work() -> None:
        words = vocabulary(_too_large(data, SIZES["words"]))
        activation = model.activation
        made = put_together(opened.weights, layout, title=model.title, activation=activation, vocabulary=words)
        _adopt(opened.weights, made, state, model)

    _try(work, state)
