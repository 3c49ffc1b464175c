"""From a written word back to the words that were read: along the chains, and through attention in one step."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from rnnviz.charts.lab import ways as charts
from rnnviz.facts.ways import Back, asked_of_way, of_ways
from rnnviz.lessons.attention import run
from rnnviz.snippets.ways import ways_lines
from rnnviz.ui.page.files import Files, csv, drawings, npz
from rnnviz.ui.picture.chart import show, zoom
from rnnviz.ui.text.notices import notice
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask
from rnnviz.ui.url.kinds import Whole
from rnnviz.ui.url.state import State
from rnnviz.words import catalogue
from rnnviz.zoo.seq2seq import cards

if TYPE_CHECKING:
    from rnnviz.core.gradients.attention import Ways

FORMULAS = (
    r"L = \log \frac{y_t[w]}{y_t[r]}, \qquad \frac{\partial h_k}{\partial h_j} = \prod_{i=j+1}^{k}"
    r" \frac{\partial h_i}{\partial h_{i-1}}, \qquad \frac{\partial s_t}{\partial h_S} = \prod_{i=1}^{t}"
    r" \frac{\partial s_i}{\partial s_{i-1}}",
    r"\frac{dL}{dh_j} = \underbrace{\frac{\partial L}{\partial h_j}}_{\alpha_{tj},\ \bar h_t}"
    r" + \underbrace{\sum_{k=j+1}^{S} \frac{\partial L}{\partial h_k}"
    r" \frac{\partial h_k}{\partial h_j}}_{\text{chain},\ \alpha_{tk}}"
    r" + \underbrace{\frac{\partial L}{\partial s_t} \frac{\partial s_t}{\partial h_S}"
    r" \frac{\partial h_S}{\partial h_j}}_{\text{chains}}",
)
SHOWN = ("bridge", "along", "alpha")  # of the ways with attention, the longest first


def _target(name: str, attention: str, text: str) -> tuple[int, ...]:
    """The rows that both networks are fed after the begin: the right ones, or where none are known what is written."""
    right = run.right_target(name, text)
    if right is not None:
        return right
    return tuple(row for row in run.written(name, attention, text).rows if row)


def _words(state: State) -> list[str]:
    """What can be asked about: the words of the target, and its end."""
    name, end = state["model"], catalogue(state["lang"])["align.end"]
    rows = _target(name, state["attention"], state["text"])
    return [*(cards(name).target.words[row] for row in rows), end]


@lru_cache(maxsize=128)
def _opened(name: str, attention: str, text: str) -> int:
    """The step, from 1, whose most attended token is the farthest from the encoder's end; without attention the last
    before the end."""
    target = _target(name, attention, text)
    steps = max(1, len(target))
    shares = run.rewritten(name, attention, text, target=target).shares
    if shares is None:
        return steps
    return min(range(1, steps + 1), key=lambda t: (int(shares[t - 1].argmax()), -float(shares[t - 1].max())))


def _step(state: State) -> int:
    return state["word"] or _opened(state["model"], state["attention"], state["text"])


def knobs(state: State, say: Say) -> str | None:
    if wrong := run.controls(state, say):
        return wrong
    words = _words(state)
    if (state["word"] or 1) > len(words):
        state.refuse("word", Whole(1, len(words)).accepts)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(say("attention.gradient_word"), width="content")
        st.selectbox(
            say("attention.gradient_word"),
            range(1, len(words) + 1),
            format_func=lambda t: f"{t} · {words[t - 1]}",
            label_visibility="collapsed",
            width=180,
            **state.widget("word", empty=_step(state), called=tuple(words)),
        )
    return None


@lru_cache(maxsize=128)
def _ways(name: str, attention: str, text: str, target: tuple[int, ...], step: int) -> Ways:
    from rnnviz.core.gradients.attention import ways_back

    rows = [token.index for token in run.tokens(name, text)]
    return ways_back(run.model(name, attention).network, rows, target, step, (*target, 0)[step - 1])


def _back(state: State, alone: Ways, ways: Ways | None) -> Back:
    name, attention, text = state["model"], state["attention"], state["text"]
    step = _step(state)
    tokens = tuple(token.text for token in run.tokens(name, text))
    word = _words(state)[step - 1]
    if ways is None:
        return Back(word, step, tokens, alone.norms("bridge"), {})
    shares = run.rewritten(name, attention, text, target=_target(name, attention, text)).shares
    assert shares is not None
    return Back(
        word,
        step,
        tokens,
        alone.norms("bridge"),
        {way: ways.norms(way) for way in SHOWN},
        np.linalg.norm(ways.total, axis=1),
        shares[step - 1],
    )


def draw(state: State, say: Say) -> tuple[Files, bool]:
    name, attention, text = state["model"], state["attention"], state["text"]
    target, step = _target(name, attention, text), _step(state)
    alone = _ways(name, "none", text, target, step)
    ways = None if attention == "none" else _ways(name, attention, text, target, step)
    back = _back(state, alone, ways)
    place = st.container()
    seen = ways is None or ask(asked_of_way(back), (name, attention, text, step), state, say)
    rows = [charts.Way(say("attention.gradient_alone"), back.alone, alone.steps("bridge"))]
    if ways is not None and seen:
        called = say(f"attention.attention_{attention}")
        rows += [
            charts.Way(say(f"attention.gradient_{way}", attention=called), back.ways[way], ways.steps(way))
            for way in SHOWN
        ]
    figure = charts.chart(
        rows,
        back.tokens,
        say("attention.gradient_heading", word=back.word, step=step),
        say("attention.gradient_counted"),
        catalogue(state["lang"]),
        zoom=zoom(state),
    )
    with place:
        show(figure, f"{state.page}_gradient_stage", say("attention.gradient_alt"))
        if not seen:
            st.caption(say("attention.gradient_waits"))
    if seen:
        _sure(name, alone, ways, back.word, say)
        if state.shows("notice"):
            notice(of_ways(back), say)
    files = drawings(figure, say("attention.gradient_heading", word=back.word, step=step), state)
    return {**files, **(_numbers(back, alone, ways) if seen else {})}, not seen


def _sure(name: str, alone: Ways, ways: Ways | None, word: str, say: Say) -> None:
    """How likely each network finds the word, and which other one it was held against."""
    rivals = [cards(name).target.words[one.rival] if one.rival else say("align.end") for one in (alone, ways or alone)]
    values = {"word": escape(word), "p": alone.p, "rival": escape(rivals[0])}
    if ways is None:
        st.caption(say("attention.gradient_sure_alone", **values))
    else:
        st.caption(say("attention.gradient_sure", **values, p_with=ways.p, rival_with=escape(rivals[1])))


def _numbers(back: Back, alone: Ways, ways: Ways | None) -> Files:
    """The norms, a row for each way and token; and the vectors."""
    vectors = {"alone_bridge": alone.bridge}
    counts = {"alone_bridge": alone.steps("bridge")}
    if ways is not None:
        vectors |= {way: getattr(ways, way) for way in SHOWN}
        counts |= {way: ways.steps(way) for way in SHOWN}

    def lines() -> str:
        rows = ["way,j,token,steps,norm"]
        for way, vector in vectors.items():
            for j, token in enumerate(back.tokens):
                quoted = '"' + token.replace('"', '""') + '"'
                rows.append(f"{way},{j + 1},{quoted},{counts[way][j]},{float(np.linalg.norm(vector[j]))!r}")
        return "\n".join(rows) + "\n"

    return {**csv(lines), **npz(lambda file: np.savez_compressed(file, allow_pickle=False, **vectors))}


def equations(state: State, say: Say) -> None:
    for formula in FORMULAS:
        st.latex(formula)
    st.caption(say("attention.gradient_equations"))


def lines(state: State, say: Say) -> str:
    name, attention, text = state["model"], state["attention"], state["text"]
    target, step = _target(name, attention, text), _step(state)
    st.markdown(say("attention.gradient_pytorch"))
    return ways_lines(name, attention, text, (0, *target)[:step], (*target, 0)[step - 1])
