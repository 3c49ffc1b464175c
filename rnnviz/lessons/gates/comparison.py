"""RNN, LSTM, GRU and two more on the same text: their states, what they still know, and what they cost."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import streamlit as st

import rnnviz
from rnnviz import zoo
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.plots import side_by_side as charts
from rnnviz.core.cells import CELLS
from rnnviz.lessons.gates.contrast import token_limit
from rnnviz.lessons.gates.parameters import COMPARED
from rnnviz.ui.chart import show
from rnnviz.ui.prose import Say
from rnnviz.ui.question import gate, verdict
from rnnviz.ui.table import table
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.words.numbers import count, fixed, percent
from rnnviz.zoo.catalogue import FirstWord, shipped

ASKED = 12  # tokens since the first word, for the question
REPEATS = 9


def states(state: State, say: Say) -> PortableChart:
    """What every cell makes of the text, one above the other; returns the chart."""
    models = [zoo.load(state["model"], name) for name in COMPARED]
    reads = [model.read(state["text"], token_limit(state)) for model in models]
    tokens = [
        token.text for token in models[0].vocabulary.tokenize(state["text"])
    ]  # each fills a gap with its own word
    traces = [rnnviz.record(model.rnn, read.x, tokens=tokens) for model, read in zip(models, reads, strict=True)]
    st.markdown(say("gates.states"))
    chart = charts.states(traces)
    show(chart, f"{state.page}_states", say("gates.states_alt"))
    return chart


def answers(state: State, say: Say) -> None:
    """Left a question and what the cells cost, right what each still knows of the first word."""
    cards = shipped(state["model"])[1]
    known = {name: probe for name in COMPARED if (probe := cards[name].first_word) is not None}
    left, right = st.columns(2, gap="large")
    asked: str | None = ""
    with left:
        if known:
            asked = _ask(known, state, say)
        _costs(known if asked is not None else {}, state, say)
    with right:
        if not known:
            st.markdown(say("gates.no_probe"))
        elif asked is not None:
            st.markdown(say("gates.probe"))
            distances = {name: probe.distances for name, probe in known.items()}
            accuracies = {name: probe.accuracies for name, probe in known.items()}
            chance = next(iter(known.values())).chance
            chart = charts.first_word(distances, accuracies, chance, catalogue(state["lang"]))
            show(chart, f"{state.page}_probe", say("gates.probe_alt"))


def _at(probe: FirstWord, distance: int) -> float:
    return probe.accuracies[probe.distances.index(distance)]


def _ask(known: dict[str, FirstWord], state: State, say: Say) -> str | None:
    """Which of them has lost the first word?"""
    options = {name: CELLS[name].title for name in known}
    about = f"lost_{state['model']}"
    picked = gate(say("gates.ask_lost", distance=ASKED), options, about, state, say)
    if picked is not None and state.shows("question"):
        worst = min(known, key=lambda name: _at(known[name], ASKED))
        values = {"accuracy": _at(known[worst], ASKED), "chance": known[worst].chance, "distance": ASKED}
        st.markdown(f"{verdict(picked, worst, options, say)} {say('gates.lost_answer', **values)}")
    return picked


def _costs(known: dict[str, FirstWord], state: State, say: Say) -> None:
    """How many numbers each has, how well it predicts, and how long it takes here and now."""
    key = f"{state.page}_measured_{state['model']}_{state['text']}"
    st.markdown(say("gates.costs"))
    if st.button(say("gates.measure"), key=f"{state.page}_measure", icon=":material/timer:"):
        with st.spinner(say("rolled.measuring")):
            st.session_state[key] = {name: _seconds(name, state) for name in COMPARED}
    measured: dict[str, float] = st.session_state.get(key, {})
    cards = shipped(state["model"])[1]
    columns = ["cell", "parameters", "loss", *(["first_word"] if known else []), *(["time"] if measured else [])]
    rows = []
    for name in COMPARED:
        row = [CELLS[name].title, count(cards[name].parameters), fixed(cards[name].loss, 3)]
        row += [percent(_at(known[name], ASKED))] if known else []
        rows.append([*row, *([f"{fixed(1e3 * measured[name])} ms"] if measured else [])])
    table([say(f"gates.column_{column}", distance=ASKED) for column in columns], rows)
    st.caption(say("gates.costs_note"))
    if measured:
        st.caption(say("gates.time_note", rounds=REPEATS))


def _seconds(cell: str, state: State) -> float:
    """The median of some passes over the text, every cell by the same program, one operation after another."""
    import torch

    from rnnviz.core.network import Recurrent

    model = zoo.load(state["model"], cell)
    layer = Recurrent(CELLS[cell], model.card.embedding_size, model.card.hidden_size)
    layer.load_state_dict(model.rnn.state_dict())
    x = model.read(state["text"], token_limit(state)).x
    taken = []
    with torch.inference_mode():
        for _ in range(REPEATS + 1):  # the first one warms up
            start = perf_counter()
            layer(x)
            taken.append(perf_counter() - start)
    return median(taken[1:])
