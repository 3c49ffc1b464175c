"""The same source through one layer of self-attention: what came after recurrent networks, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st

from rnnviz.charts.plots import cost as plots
from rnnviz.core.trace import Array
from rnnviz.facts.writing import asked_of_reach
from rnnviz.lessons.attention import run
from rnnviz.scene import Caption, self_attention
from rnnviz.snippets.attention import self_attention_lines
from rnnviz.ui.page.files import Files, drawings, npz
from rnnviz.ui.picture.chart import show
from rnnviz.ui.picture.scene import stepped
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.text.question import ask
from rnnviz.ui.text.table import table
from rnnviz.ui.url.state import State
from rnnviz.words.numbers import percent

if TYPE_CHECKING:
    from rnnviz.core.batch import Cost

SEED = 0  # of the layer's weights, which are drawn and not trained
LENGTHS, SIZE, REPEATS = (64, 128, 256, 512), 64, 3  # tokens that are measured, of so many numbers
FORMULAS = (
    r"q_t = W_q x_t, \quad k_t = W_k x_t, \quad v_t = W_v x_t",
    r"z_t = \textstyle\sum_j \mathrm{softmax}_j\!\left(q_t^\top k_j / \sqrt{E}\right) v_j",
)


class Compared(NamedTuple):
    """A source in one layer of self-attention, and beside it in the trained encoder."""

    x: Array  # (T, E), embeddings with positions
    out: Array  # (T, E)
    scores: Array  # (T, T)
    shares: Array  # (T, T)
    chain: Array  # (T,), how far the encoder's last state moves when a token is another one
    attention: Array  # (T,), how far the layer's last output does
    moved: dict[str, float]  # how far each moves when the tokens before the last are turned around


@lru_cache(maxsize=64)
def compared(name: str, text: str) -> Compared:
    import torch

    from rnnviz.core.seq2seq.self_attention import SelfAttention, positions, reach, shuffled
    from rnnviz.zoo.seq2seq.model import encoder_of

    model = run.model(name, "none")
    rows = [token.index for token in run.tokens(name, text)]
    x = model.network.source[rows]
    # In the place of each token another that the model knows: the next one of its list.
    other = model.network.source[[row % (len(model.source) - 1) + 1 for row in rows]]
    layer = SelfAttention(x.shape[1], torch.Generator().manual_seed(SEED))
    chain = encoder_of(model)
    read = x + positions(*x.shape)
    with torch.no_grad():
        out, shares = layer(read)
        scores = (read @ layer.W_q.T) @ (read @ layer.W_k.T).T / x.shape[1] ** 0.5
    far = reach(chain, layer, x, other)
    moved = shuffled(chain, layer, x, list(reversed(range(len(rows) - 1))))
    return Compared(read.numpy(), out.numpy(), scores.numpy(), shares.numpy(), far.chain, far.attention, moved)


def knobs(state: State, say: Say) -> str | None:
    return run.controls(state, say, choose_attention=False)


def draw(state: State, say: Say) -> tuple[Files, bool]:
    name, text = state["model"], state["text"]
    tokens = [token.text for token in run.tokens(name, text)]
    found = compared(name, text)
    question, last = asked_of_reach(found.chain, tokens), len(tokens) - 1
    seen = ask(question, (name, text), state, say, reasons=False)
    # Vectors are drawn on a scale from -1 to 1: in parts of their largest number.
    x, out = (array / max(float(np.abs(array).max()), 1e-9) for array in (found.x, found.out))
    scene = self_attention(tokens, x, out, found.scores, found.shares, last)
    names = (say("attention.contrast_step_read"), say("attention.contrast_step_asked"))
    scene = replace(scene, captions=tuple(map(Caption, names)))
    figure = stepped(scene, "contrast", state, say("attention.contrast_alt"), whole=seen)
    st.caption(say("attention.contrast_drawn", seed=SEED))
    if seen:
        run.explain(question, state, say)
        left, right = st.columns(2, gap="large")
        with left:
            _reach(tokens, found, say)
        with right:
            _order(found, say)
        _cost(state, say)
    arrays = {key: value for key, value in found._asdict().items() if key != "moved"}
    return {**drawings(figure, f"{name} · {text}", state), **npz(lambda file: np.savez(file, **arrays))}, not seen


def _reach(tokens: list[str], found: Compared, say: Say) -> None:
    """Steps from each token to the last output, and how far that moves when the token is another one."""
    st.subheader(say("attention.contrast_reach"), anchor=False)
    T = len(tokens)
    head = ["", *(say(f"attention.contrast_{one}") for one in ("steps_chain", "steps_attention", "chain", "attention"))]
    rows = [
        [
            f"{t + 1} · {escape(token)}",
            f"{T - t}",
            "1",
            percent(float(found.chain[t])),
            percent(float(found.attention[t])),
        ]
        for t, token in enumerate(tokens)
    ]
    table(head, rows)
    st.caption(say("attention.contrast_reach_note"))


def _order(found: Compared, say: Say) -> None:
    """What turning the tokens around does."""
    st.subheader(say("attention.contrast_order"), anchor=False)
    rows = [[say(f"attention.contrast_order_{one}"), percent(moved)] for one, moved in found.moved.items()]
    table(["", say("attention.contrast_moved")], rows)
    st.caption(say("attention.contrast_order_note"))


def _cost(state: State, say: Say) -> None:
    """Time and memory against the length, measured here and now, so that it is in no link."""
    from rnnviz.core.seq2seq.self_attention import length_cost

    st.subheader(say("attention.contrast_cost"), anchor=False)
    st.markdown(say("attention.contrast_cost_told", size=SIZE))
    key = f"{state.page}_cost"
    if st.button(say("attention.contrast_measure"), key=f"{state.page}_measure", icon=":material/timer:"):
        with st.spinner(say("attention.contrast_measuring")):
            st.session_state[key] = length_cost(LENGTHS, SIZE, REPEATS)
    cost: Cost[tuple[str, int]] | None = st.session_state.get(key)
    if cost is None:
        return
    kinds = ("chain", "attention")
    times = {kind: [cost.seconds[kind, T] for T in LENGTHS] for kind in kinds}
    kept = {kind: [cost.kept[kind, T] for T in LENGTHS] for kind in kinds}
    values: dict[str, float] = {"longer": LENGTHS[-1] // LENGTHS[0], "rounds": cost.rounds, "threads": cost.threads}
    values |= {f"{kind}_time": times[kind][-1] / times[kind][0] for kind in kinds}
    values |= {f"{kind}_kept": kept[kind][-1] / kept[kind][0] for kind in kinds}
    st.markdown(say("attention.contrast_cost_result", **values))
    across = say("attention.contrast_axis_length")
    for column, kind in zip(st.columns(2), kinds, strict=True):
        with column:
            named = say(f"attention.contrast_{kind}")
            time_axis = say("attention.contrast_axis_time", kind=named)
            kept_axis = say("attention.contrast_axis_kept", kind=named)
            show(
                plots.line(LENGTHS, [1e3 * s for s in times[kind]], across, time_axis),
                f"{state.page}_cost_time_{kind}",
                say("attention.contrast_cost_alt"),
            )
            show(
                plots.line(LENGTHS, [n / 1024 for n in kept[kind]], across, kept_axis),
                f"{state.page}_cost_kept_{kind}",
                say("attention.contrast_kept_alt"),
            )
    st.caption(say("attention.contrast_cost_note", **values))


def equations(state: State, say: Say) -> None:
    for formula in FORMULAS:
        st.latex(formula)
    st.caption(say("attention.equations_contrast"))


def lines(state: State, say: Say) -> str:
    st.markdown(say("attention.pytorch_contrast"))
    return self_attention_lines(state["model"], state["text"], SEED)
