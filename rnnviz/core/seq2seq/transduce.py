"""Runs an encoder, a decoder and what is between them over one source, and keeps every intermediate.

The decoder starts from the encoder's last state, the bridge, and is fed one token after the other: the begin, row 0,
and then either what it has written itself or the right words (teacher forcing). It ends with the end, which is row 0
too, since nothing is written after it and nothing fed before the begin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from rnnviz.core.cell import Cell
from rnnviz.core.network import run
from rnnviz.core.seq2seq.attention import Attention
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.core.trace import Array, Trace
from rnnviz.core.unroll import unroll
from rnnviz.core.weights import Weights

EDGE = 0  # the row that begins and ends what is written
WIDTHS = (1, 8)  # how many texts a beam may hold


@dataclass(frozen=True)
class Seq2Seq:
    """An encoder, a decoder and an attention of H units each, whose cells carry h alone.

    encoder, decoder: their weights by the names of `cell`.
    attention: what follows the decoder's step.     weights: its parameters, by their names.
    source: embeddings of what is read, (rows, E).     target: of what is fed to the decoder, (V, E).
    words: what each row of `target` is called, V of them; that of row 0 is the begin's and the end's.
    """

    cell: Cell
    encoder: Weights
    decoder: Weights
    attention: Attention
    weights: Weights
    source: Tensor
    target: Tensor
    words: tuple[str, ...]

    @property
    def hidden_size(self) -> int:
        return len(self.encoder[self.cell.input_matrix])

    def begin(self) -> Tensor:
        """A state of zeros, (H,)."""
        return self.source.new_zeros(self.hidden_size)


def read(model: Seq2Seq, rows: Sequence[int], tokens: Sequence[str]) -> Trace:
    """What the encoder computes of a source.     rows: of `source`, S of them.     tokens: what is shown for them."""
    if not rows:
        raise ValueError("the source is empty; accepted: at least one token")
    start = {name: model.begin()[None] for name in model.cell.states}
    return unroll(model.cell, [model.encoder], model.source[list(rows)], start, tuple(tokens))


def last_state(source: Trace) -> Array:
    """What an encoder hands over, (H,): its state after the last token."""
    return source["h"][0, -1]


@torch.no_grad()
def write(
    model: Seq2Seq,
    source: Trace,
    *,
    bridge: Array | None = None,
    target: Sequence[int] | None = None,
    held: Mapping[int, Array] | None = None,
    limit: int = 40,
) -> Transduction:
    """What the decoder writes of a source, the likeliest word at each step.

    bridge: the state that it starts from, (H,); the encoder's last one by default.
    target: the right rows, without begin and end; the decoder is fed these instead of what it has written.
    held: by step, from 0: shares (S,) in the place of the attention's own, at least 0 and summing to 1.
    limit: the most tokens that it writes by itself.
    Raises `ValueError` for shares that are none, for a bridge of another size, and for shares without an attention.
    """
    shares = _checked_shares(held or {}, model, len(source))
    start = _checked_bridge(last_state(source) if bridge is None else bridge, model)
    memory = torch.from_numpy(np.array(source["h"][0]))
    state, fed = start, [EDGE]
    written: list[int] = []
    steps: list[dict[str, Tensor]] = []
    while True:
        state = _decode(model, fed[-1], state)
        steps.append(_ask(model, state, memory, shares.get(len(written))))
        written.append(int(steps[-1]["y"].argmax()))
        if target is None and (written[-1] == EDGE or len(written) == limit):
            break
        if target is not None and len(written) > len(target):
            break
        fed.append(written[-1] if target is None else int(target[len(written) - 1]))
    trace = unroll(
        model.cell, [model.decoder], model.target[fed], {"h": start[None]}, tuple(model.words[row] for row in fed)
    )
    values = {op.name: torch.stack([step[op.name] for step in steps]).numpy() for op in model.attention.ops}
    return Transduction(
        encoder=source,
        decoder=trace,
        attention=model.attention,
        weights={name: weight.numpy() for name, weight in model.weights.items()},
        values=values,
        rows=tuple(written),
        vocabulary=model.words,
        fed=tuple(fed),
        held={step: share.numpy() for step, share in shares.items() if step < len(written)},
    )


@dataclass(frozen=True)
class Hypothesis:
    """A text, or the beginning of one, that a beam holds."""

    rows: tuple[int, ...]  # as far as it is written; the last one is `EDGE` where it has ended
    log_probability: float  # in nats, of all of them together


@torch.no_grad()
def beam(
    model: Seq2Seq, source: Trace, width: int, *, bridge: Array | None = None, limit: int = 40
) -> list[list[Hypothesis]]:
    """Beam search: after each step the `width` likeliest texts, best first, and at last none that is not ended, unless
    the limit came before. Of width 1 it is what `write` does. No length is favoured: a longer text is less likely.

    Raises `ValueError` for a width outside `WIDTHS`.
    """
    if not WIDTHS[0] <= width <= WIDTHS[1]:
        raise ValueError(f"width is {width}; accepted: {WIDTHS[0]} to {WIDTHS[1]}")
    start = _checked_bridge(last_state(source) if bridge is None else bridge, model)
    memory = torch.from_numpy(np.array(source["h"][0]))
    live: list[tuple[Hypothesis, Tensor]] = [(Hypothesis((), 0.0), start)]
    steps: list[list[Hypothesis]] = []
    while len(steps) < limit and any(not _ended(one) for one, _ in live):
        grown: list[tuple[Hypothesis, Tensor]] = []
        for one, state in live:
            if _ended(one):
                grown.append((one, state))
                continue
            after = _decode(model, one.rows[-1] if one.rows else EDGE, state)
            log_y = _ask(model, after, memory, None)["logits"].double().log_softmax(0)
            best = log_y.topk(min(width, len(log_y)))
            for p, row in zip(best.values.tolist(), best.indices.tolist(), strict=True):
                grown.append((Hypothesis((*one.rows, row), one.log_probability + p), after))
        live = sorted(grown, key=lambda pair: -pair[0].log_probability)[:width]
        steps.append([one for one, _ in live])
    return steps


@torch.no_grad()
def asked_with(model: Seq2Seq, written: Transduction, step: int, shares: Array) -> Array:
    """The distribution over words, (V,), of one step, from 0, with these shares in the place of its own."""
    checked = _checked_shares({step: shares}, model, len(written.encoder))[step]
    state, memory = (
        torch.from_numpy(np.array(part)) for part in (written.decoder["h"][0, step], written.encoder["h"][0])
    )
    return _ask(model, state, memory, checked)["y"].numpy()


def _ended(one: Hypothesis) -> bool:
    return bool(one.rows) and one.rows[-1] == EDGE


def _decode(model: Seq2Seq, row: int, state: Tensor) -> Tensor:
    """The decoder's state after it was fed a row."""
    return run(model.cell.ops, {**model.decoder, "x": model.target[row], "h_prev": state})["h"]


def _ask(model: Seq2Seq, state: Tensor, memory: Tensor, shares: Tensor | None) -> dict[str, Tensor]:
    """All results of the attention at one step."""
    forcing = None if shares is None else {"alpha": (torch.ones_like(shares, dtype=torch.bool), shares)}
    return run(model.attention.ops, {**model.weights, "s": state, "h_j": memory}, forcing)


def _checked_bridge(bridge: Array, model: Seq2Seq) -> Tensor:
    if bridge.shape != (model.hidden_size,):
        raise ValueError(f"the bridge is {bridge.shape}; accepted: ({model.hidden_size},)")
    return torch.from_numpy(np.array(bridge)).to(model.target.dtype)


def _checked_shares(held: Mapping[int, Array], model: Seq2Seq, S: int) -> dict[int, Tensor]:
    if held and not model.attention.asks:
        raise ValueError("shares are held, and there is no attention; accepted: none")
    for step, share in held.items():
        if step < 0 or share.shape != (S,) or not (share >= 0).all() or abs(float(share.sum()) - 1) > 1e-5:
            raise ValueError(
                f"the shares of step {step} are {share.shape} and sum to {float(share.sum()):.4g}; accepted: a step"
                f" from 0, ({S},), none below 0, their sum 1"
            )
    return {step: torch.from_numpy(np.array(share)).to(model.target.dtype) for step, share in held.items()}
