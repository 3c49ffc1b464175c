"""A source is read and a target written of it, step by step; the decoder fed with its own words or the right ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from rnnviz.charts.stage.scene.aligned import aligned_scene
from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.facts.writing import asked_of_order, of_feeding, of_writing
from rnnviz.lessons.attention import run
from rnnviz.lessons.attention.parameters import FED, STEPPED
from rnnviz.scene import Scene
from rnnviz.snippets.attention import writing_lines
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.page.files import Files, drawings, npz
from rnnviz.ui.picture.scene import stepped
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.words.numbers import count, percent, size, spread
from rnnviz.zoo.seq2seq import LengthScore, cards

CHAINS = r"h_j = \mathrm{GRU}(x_j, h_{j-1}), \quad s_0 = h_S, \quad s_t = \mathrm{GRU}'(w_t, s_{t-1})"


def beside(state: State, say: Say) -> None:
    """In the row of the parts: how one steps, and what the decoder is fed."""
    stepping(state, say)
    if run.right_target(state["model"], state["text"]) is not None:
        choice(say("attention.fed"), FED, lambda one: say(f"attention.fed_{one}"), "fed", state)


def knobs(state: State, say: Say) -> str | None:
    return run.controls(state, say)


def stepping(state: State, say: Say) -> None:
    choice(say("attention.by"), STEPPED, lambda one: say(f"attention.by_{one}"), "by", state)


def scene_of(shown: Transduction, state: State) -> Scene:
    """Its scene, in the words of the page."""
    notes = run.notes(state["model"], state["text"], state["lang"])
    return aligned_scene(shown, state["lang"], by_operation=state["by"] == "operation", notes=notes)


def draw(state: State, say: Say) -> tuple[Files, bool]:
    name, attention, text = state["model"], state["attention"], state["text"]
    end = catalogue(state["lang"])["align.end"]
    shown = run.written(name, attention, text, right=state["fed"] == "right")
    own, target = run.written(name, attention, text), run.right_target(name, text)
    question = asked_of_order(own) if own.attention.asks else None
    ahead = st.container(gap="xsmall")

    def answered() -> bool:
        with ahead:
            return question is None or ask(question, (name, attention, text), state, say, reasons=False)

    # As with what stands above: of a new text the picture is sent before what is asked about it.
    on_arrival = answered() if state.arrived else None
    start = run.kept_step(shown, "write", len(shown.encoder), state)
    figure = stepped(scene_of(shown, state), "write", state, say("attention.alt"), start=start, names=run.names(state))
    seen = answered() if on_arrival is None else on_arrival
    if target is None:
        st.caption(say("attention.no_right"))
    if seen and question is not None:
        run.explain(question, state, say)
    if seen:
        if target is not None:
            _fed_either_way(own, target, state, say)
        left, right = st.columns(2, gap="large")
        with left:
            if state.shows("notice"):
                facts = list(of_writing(own, None if target is None else (*target, 0), end))
                if target is not None:
                    facts += of_feeding(own, run.written(name, attention, text, right=True), (*target, 0))
                notice(facts, say)
        with right:
            _searched(state, say)
    if state.shows("lesson"):
        _card(state, say)
    return {**drawings(figure, f"{name} · {text}", state), **numbers(shown)}, not seen


def _fed_either_way(own: Transduction, target: Sequence[int], state: State, say: Say) -> None:
    """What is right, and what is written by a decoder that is fed its own tokens, and one that is fed the right ones;
    nothing where both write what is right."""
    right = run.written(state["model"], state["attention"], state["text"], right=True)
    words = [own.vocabulary[row] for row in (*target, 0)]
    lines = [
        (say("attention.right"), words, ()),
        (say("attention.fed_own"), own.words, run.chances(own)),
        (say("attention.fed_right"), right.words, run.chances(right)),
    ]
    if list(own.words) != words or list(right.words) != words:
        run.beside(lines, words, catalogue(state["lang"])["align.end"])


def numbers(shown: Transduction) -> Files:
    """All numbers of a transduction."""
    arrays = {"encoder_h": shown.encoder["h"][0], "decoder_h": shown.decoder["h"][0], **shown.values}
    texts = {"read": np.array(shown.encoder.tokens), "fed": np.array(shown.decoder.tokens)}
    words = np.array(shown.words)
    return npz(lambda file: np.savez(file, allow_pickle=False, written=words, **texts, **arrays))


def _searched(state: State, say: Say) -> None:
    """What the decoder writes with the likeliest word at each step, and what a beam of some width finds."""
    name, attention, text = state["model"], state["attention"], state["text"]
    end = catalogue(state["lang"])["align.end"]
    st.subheader(say("attention.search_title"), anchor=False)
    choice(say("attention.beam"), (1, 2, 3, 5), lambda width: say(f"attention.beam_{width}"), "beam", state)
    network = run.model(name, attention).network
    target, right = cards(name).target, run.right_target(name, text)
    rows = []
    for one in run.searched(name, attention, text, state["beam"]):
        words = [network.words[row] for row in one.rows if row]
        mark = "" if right is None else " ✓" if one.rows == (*right, 0) else " ✗"
        line = (target.join(words) or end) + ("" if one.rows[-1] == 0 else " …")
        rows.append([escape(line, 120) + mark, size(one.log_probability), percent(float(np.exp(one.log_probability)))])
    table([say("attention.search_text"), say("attention.search_log"), say("attention.search_p")], rows)
    if right is not None:
        st.caption(
            say("attention.search_right", target=escape(target.join([network.words[row] for row in right]), 200))
        )
    st.caption(say("attention.search_note"))


def _card(state: State, say: Say) -> None:
    """How often each attention is right on unseen sources."""
    found = cards(state["model"])
    any_card = next(iter(found.by_attention.values()))
    with st.expander(say("attention.card_title")):
        head = [
            say("attention.card_length"),
            *(say(f"attention.attention_{one}") for one in found.by_attention),
            say("attention.card_guess"),
        ]
        rows = []
        for at, one in enumerate(any_card.lengths):
            longer = say("attention.card_longer") if one.length > any_card.trained[1] else ""
            scores = [_share(card.lengths[at]) for card in found.by_attention.values()]
            rows.append([f"{one.length}{longer}", *scores, percent(one.guess_exact)])
        table(head, rows)
        weights = {kind: count(card.parameters) for kind, card in found.by_attention.items()}
        parameters = ", ".join(f"{say(f'attention.attention_{kind}')} {many}" for kind, many in weights.items())
        values = {
            "seeds": len(any_card.seeds),
            "count": any_card.lengths[0].count,
            "steps": any_card.steps,
            "seconds": max(card.seconds for card in found.by_attention.values()),
            "hidden": any_card.hidden_size,
            "parameters": parameters,
        }
        st.caption(say("attention.card_note", **values))
        st.caption(say(f"attention.card_data_{state['model']}"))


def _share(one: LengthScore) -> str:
    """The mean over the seeds, and the least and most of them where they differ; then the share of right tokens."""
    return f"{spread(one.exact, percent)} · {percent(sum(one.tokens) / len(one.tokens))}"


def equations(state: State, say: Say) -> None:
    attention = MECHANISMS[state["attention"]]
    for formula in (CHAINS, *attention.equations()):
        st.latex(formula)
    st.caption(say(f"attention.equations_{attention.name}"))


def lines(state: State, say: Say) -> str:
    st.markdown(say("attention.pytorch_write"))
    return writing_lines(state["model"], state["attention"], state["text"])
