"""RNN, LSTM, GRU and two more on the same text: their states, what they still know, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

import rnnviz
from rnnviz import zoo
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots import side_by_side as charts
from rnnviz.core.cells import CELLS
from rnnviz.facts.questions.question import where_first_word
from rnnviz.lessons.gates.contrast import token_limit
from rnnviz.lessons.gates.parameters import compared
from rnnviz.ui.picture.chart import show
from rnnviz.ui.place.listener import forget_stage
from rnnviz.ui.text.prose import Say, titled
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.words.numbers import count, fixed, percent
from rnnviz.zoo.catalogue import Card, FirstWord, shipped

ASKED = 16  # tokens since the first word, for the question
NEAR = 2  # tokens since the first word, which are drawn before the question is answered
ASKED_OF = ("lstm", "gru", "rnn")  # it is in another place in each
REPEATS = 9


def states(state: State, say: Say) -> PortableChart:
    """What every cell makes of the text, one above the other, in the place of the stage; returns the chart."""
    models = [zoo.load(state["model"], name) for name in compared(state["model"])]
    reads = [model.read(state["text"], token_limit(state)) for model in models]
    tokens = [
        token.text for token in models[0].vocabulary.tokenize(state["text"])
    ]  # each fills a gap with its own word
    traces = [rnnviz.record(model.rnn, reading.x, tokens=tokens) for model, reading in zip(models, reads, strict=True)]
    st.markdown(say("gates.states"))
    chart = charts.states(traces, catalogue(state["lang"]))
    show(chart, f"{state.page}_states", say("gates.states_alt"))
    forget_stage(state)
    return chart


def answers(state: State, say: Say) -> tuple[Mapping[str, FirstWord], bool]:
    """Left a question about one cell after the other, right what each still knows of the first word; returns what of
    that may be shown, and whether a question waits."""
    cards = shipped(state["model"])[1]
    probes = {name: probe for name in compared(state["model"]) if (probe := cards[name].first_word) is not None}
    left, right = st.columns(2, gap="large")
    shown: Mapping[str, FirstWord] = probes
    with left:
        if probes:
            shown = _ask(cards, probes, state, say)
    with right:
        if not probes:
            st.markdown(say("gates.no_probe"))
        else:
            drawn_probes = {name: probe if name in shown else _near(probe) for name, probe in probes.items()}
            one = probes[ASKED_OF[0]]
            chart = charts.first_word(
                _lines(drawn_probes), one.chance, catalogue(state["lang"]), reach=one.distances[-1]
            )
            show(chart, f"{state.page}_probe", say("gates.probe_alt"))
            st.markdown(say("gates.probe"))
            if shown == probes:
                st.markdown(say("gates.probe_c"))
    return shown, shown != probes


def _near(probe: FirstWord) -> FirstWord:
    """What may be seen before it is asked: the first few tokens."""
    few = sum(distance <= NEAR for distance in probe.distances)
    parts = {name: getattr(probe, name)[:few] for name in ("distances", "accuracies", "carried", "counts")}
    return replace(probe, **parts)


def _lines(probes: Mapping[str, FirstWord]) -> list[charts.Line]:
    """From h of each cell; from all that it carries where that is more than h."""
    lines = [charts.Line(name, "gates.from_h", probe.distances, probe.accuracies) for name, probe in probes.items()]
    more = {name: probe for name, probe in probes.items() if "c" in CELLS[name].states}
    return lines + [charts.Line(name, "gates.from_all", probe.distances, probe.carried) for name, probe in more.items()]


def _at(accuracies: Sequence[float], probe: FirstWord) -> float:
    return accuracies[probe.distances.index(ASKED)]


def _ask(cards: Mapping[str, Card], probes: Mapping[str, FirstWord], state: State, say: Say) -> Mapping[str, FirstWord]:
    """Where is the first word now? Of one cell after the other; returns those of which it may be seen."""
    names: list[str] = []
    for name in ASKED_OF:
        probe = probes[name]
        question = where_first_word(
            titled(name, say),
            has_c="c" in CELLS[name].states,
            distance=ASKED,
            h=_at(probe.accuracies, probe),
            carried=_at(probe.carried, probe),
            chance=probe.chance,
            last=cards[name].scores["memory"].accuracy,
            chosen=cards[name].scores["memory"].first,
        )
        if not ask(question, (state["model"], name), state, say):
            return {name: probes[name] for name in names}
        names.append(name)
    return probes


def costs(probes: Mapping[str, FirstWord], state: State, say: Say) -> None:
    """How many numbers each has, how well it predicts, and how long it takes here and now.

    known: what may be shown of the first word.
    """
    key = f"{state.page}_measured_{state['model']}_{state['text']}"
    st.markdown(say("gates.costs"))
    if st.button(say("gates.measure"), key=f"{state.page}_measure", icon=":material/timer:"):
        with st.spinner(say("rolled.measuring")):
            st.session_state[key] = {name: _seconds(name, state) for name in compared(state["model"])}
    times: dict[str, float] = st.session_state.get(key, {})
    cards = shipped(state["model"])[1]
    columns = ["cell", "parameters", "loss", *["from_h", "from_all"] * bool(probes), *["time"] * bool(times)]
    rows = []
    for name in compared(state["model"]):
        row = [titled(name, say), count(cards[name].parameters), fixed(cards[name].loss, 3)]
        if name in probes:
            row += [
                percent(_at(accuracies, probes[name])) for accuracies in (probes[name].accuracies, probes[name].carried)
            ]
        elif probes:
            row += ["", ""]
        rows.append([*row, *([f"{fixed(1e3 * times[name])} ms"] if times else [])])
    table([say(f"gates.column_{column}", distance=ASKED) for column in columns], rows)
    st.caption(say("gates.costs_note"))
    if times:
        st.caption(say("gates.time_note", rounds=REPEATS))


def _seconds(cell: str, state: State) -> float:
    from rnnviz.core.sharing import pass_seconds

    model = zoo.load(state["model"], cell)
    return pass_seconds(model.rnn, model.read(state["text"], token_limit(state)).x, REPEATS)
