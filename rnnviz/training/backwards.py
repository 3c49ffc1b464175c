"""What a row is measured from: the gradient on its way back, worked out from what was tapped, several rows at once.

Two rows are measured of an iteration. The first is of all losses, as `rnnviz.training.flow` says. The other, where a
loss enters at several steps, is of the last loss of each sequence alone: in the sum of all a near loss hides that what
a far one sends has vanished. Both are in the same unit, and meet where the last loss enters.

Nothing is run again for the second. A loss after which no other comes is all that its own state gets, so what it sends
into h there is known; the rest follows backwards from the states and the weights, through the cell's program
(`rnnviz.core.gradients.pullback`), of an LSTM through equations of its own, which take a quarter of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnnviz.core.cell import Cell, Op
from rnnviz.core.gradients.pullback import leading_from, pull_back
from rnnviz.core.network import Layer, Recurrent, cell_of, run
from rnnviz.training.flow import SAMPLE, Tap, affine, flowed, memory, total, unit
from rnnviz.training.model import blocks

Array = NDArray[np.float64]
# Of a layer over a chunk of T steps and S sequences, by name. Of an LSTM x (T, S, width), h (T, S, H), direct
# (T, S, H), what leaves upwards gets, in the unit of a row, h0 and c0 before the chunk, (S, H), W (4 H, width + H),
# which multiplies x and h, and b (4 H,). Of another cell what its program knows: x, the previous states, weights.
Part = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Raw:
    """What one iteration's rows are measured from.

    parts: by layer and chunk.     pieces: by layer and chunk, what the gradient of all losses is made of, as of
        `flow.total`; empty for an LSTM.     scale: what turns its norms into the unit of a row.
    ends: (S,), the step at which the last loss of each sequence enters; None where there is no other loss.
    seed: (S, H), what h of the top layer gets there, in the unit of a row; None for an LSTM and without ends.
    """

    cell: Cell
    parts: list[list[Part]]
    pieces: Sequence[Sequence[Mapping[str, Tensor]]]
    scale: float
    ends: Tensor | None
    seed: Tensor | None

    @property
    def tensors(self) -> Iterator[Tensor]:
        yield from (tensor for chunks in self.pieces for part in chunks for tensor in part.values())
        if self.seed is not None:
            yield self.seed
        yield from (tensor for chunks in self.parts for part in chunks for tensor in part.values())


class Measured(NamedTuple):
    """log10 of the norm at each step, by state, (n, L, T); -inf is exact zero.     last: None where it is `every`."""

    every: dict[str, Array]
    last: dict[str, Array] | None


@torch.no_grad()
def raw(rnn: Layer, taps: list[list[Tap]], ends: Tensor | None = None) -> Raw:
    """What was tapped, after `flow.gradient` and before the update.

    ends: (B,), the step at which the last loss of each sequence enters; None where there is no other loss.
    """
    cell, ends = cell_of(rnn), None if ends is None else ends[:SAMPLE]
    if isinstance(rnn, nn.LSTM):
        weights = [affine(rnn, layer) for layer in range(rnn.num_layers)]
        parts = [[_lstm_part(tap, *own) for tap in chunks] for chunks, own in zip(taps, weights, strict=True)]
        return Raw(cell, parts, [], 1.0, ends, None)
    pieces = [[flowed(rnn, layer, tap) for tap in chunks] for layer, chunks in enumerate(taps)]
    scale = unit(taps[0][0])
    if ends is None:
        return Raw(cell, [], pieces, scale, None, None)
    # Where no later loss sends anything the direct part of an RNN's gradient is all of it.
    top = [chunk["direct" if "direct" in chunk else "h"] for chunk in pieces[-1]]
    seed = (top[0] if len(top) == 1 else torch.cat(top))[ends, torch.arange(len(ends))] * scale
    parts = [_program_parts(rnn, layer, chunks) for layer, chunks in enumerate(taps)]
    return Raw(cell, parts, pieces, scale, ends, seed)


def _of_all(raws: Sequence[Raw]) -> dict[str, Tensor]:
    """By state, (n, L, T), the norms of all losses; not of an LSTM."""
    gradients = []
    for layer, chunks in enumerate(raws[0].pieces):
        parts = [[row.pieces[layer][chunk] for row in raws] for chunk in range(len(chunks))]
        gradients.append(
            [total({name: torch.stack([one[name] for one in part]) for name in part[0]}) for part in parts]
        )
    scale, of = raws[0].scale, raws[0].cell.states
    return {name: _norms([[part[name] for part in chunks] for chunks in gradients]) * scale for name in of}


@torch.no_grad()
def _lstm_part(tap: Tap, W: Tensor, b: Tensor) -> Part:
    """A copy for the first sequences. W, b: of the layer, as they are now."""
    x, h, direct = (whole[:, :SAMPLE].clone() for whole in (tap.x, tap.output, tap.gradients[0]))
    h0, c0 = (state[:SAMPLE].clone() for state in tap.state)
    return {"x": x, "h": h, "direct": direct.mul_(unit(tap)), "h0": h0, "c0": c0, "W": W, "b": b}


def _program_parts(rnn: Layer, layer: int, chunks: Sequence[Tap]) -> list[Part]:
    """The same of another cell."""
    cell = cell_of(rnn)
    weights = {name: weight.clone() for name, weight in blocks(rnn, layer).items()}
    parts: list[Part] = []
    for tap in chunks:
        steps, states = len(tap.x), [tap.output]
        if isinstance(rnn, Recurrent):
            edges = [edge for edge in tap.edges if isinstance(edge, Tensor)]
            states = [torch.stack(edges[n * steps : (n + 1) * steps]) for n in range(len(cell.states))]
        before = {
            f"{name}_prev": torch.cat([first[None, :SAMPLE], state[:-1, :SAMPLE]])
            for name, first, state in zip(cell.states, tap.state, states, strict=True)
        }
        parts.append({"x": tap.x[:, :SAMPLE].clone(), **before, **weights})
    return parts


@torch.no_grad()
def log_norms(raws: Sequence[Raw]) -> Measured:
    """Rows of one run, measured together."""
    cell, rows = raws[0].cell, [row.parts for row in raws]
    last = None if raws[0].ends is None else _one_hot([row.ends for row in raws if row.ends is not None], rows[0])
    if raws[0].pieces:
        every = _of_all(raws)
        seeds = [row.seed for row in raws if row.seed is not None]
        alone = {} if last is None else _through_program(cell, rows, torch.stack(seeds)[:, None] * last)
    else:
        every, alone = _through_lstm(rows, last)
    logs = [{name: norms.log10().numpy() for name, norms in tables.items()} for tables in (every, alone)]
    return Measured(logs[0], None if last is None else logs[1])


def _one_hot(ends: Sequence[Tensor], chunks: Sequence[Sequence[Part]]) -> Tensor:
    """(n, T, S, 1): 1 where the last loss of a sequence enters, else 0."""
    steps = torch.arange(sum(len(part["x"]) for part in chunks[-1]))
    return (torch.stack(list(ends))[:, None] == steps[:, None]).float()[..., None]


def _norms(layers: Sequence[Sequence[Tensor]]) -> Tensor:
    """By layer and chunk, (..., T, S, H) -> (..., L, T). In float64: 1e-23 squared is no float32."""
    norms = [
        [torch.linalg.vector_norm(part, dim=(-2, -1), dtype=torch.float64) for part in chunks] for chunks in layers
    ]
    return torch.stack([torch.cat(parts, -1) for parts in norms], -2)


# By layer and chunk, what flows into a state: (n, T, S, H), or (n, T, m, S, H) of m losses.
Gradients = list[list[Tensor]]


def _chunks(rows: Sequence[list[list[Part]]]) -> Iterator[tuple[int, list[list[Part]]]]:
    """Chunk by chunk, its first step and, from the top layer down, its part in each row."""
    start = 0
    for chunk, part in enumerate(rows[0][-1]):
        yield start, [[row[layer][chunk] for row in rows] for layer in reversed(range(len(rows[0])))]
        start += len(part["x"])


def _through_program(cell: Cell, rows: Sequence[list[list[Part]]], alone: Tensor) -> dict[str, Tensor]:
    """The last loss alone, of a cell other than an LSTM. alone: (n, T, S, H), what it sends into h of the top layer."""
    gradients: dict[str, Gradients] = {name: [[] for _ in rows[0]] for name in cell.states}
    for start, layers in _chunks(rows):
        direct = alone[:, start : start + len(layers[0][0]["x"])].numpy()
        for layer, parts in zip(reversed(range(len(layers))), layers, strict=True):
            into_states, direct = _pull_back_chunk(cell, parts, direct, below=layer > 0)
            for name, into in into_states.items():
                gradients[name][layer].append(torch.from_numpy(into))
    return {name: _norms(chunks) for name, chunks in gradients.items()}


def _pull_back_chunk(
    cell: Cell, parts: Sequence[Part], direct: NDArray[np.float32], *, below: bool
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.float32]]:
    """What flows into each state of a layer over a chunk, (n, T, S, H), and, if asked, into what it reads."""
    sources = {f"{name}_prev" for name in cell.states} | ({"x"} if below else set())
    ops = leading_from(cell.ops, sources)
    names = {name for op in ops for name in (op.name, *op.reads)}
    values = [run(cell.ops, part) for part in parts]
    operands = {name: np.stack([row[name].numpy() for row in values]) for name in names}
    # A weight is the same at every step: a matrix (n, H, width), a vector (n, 1, H). The rest is (n, T, S, width).
    weights = {name: value if value.ndim == 3 else value[:, None] for name, value in operands.items() if value.ndim < 4}
    steps = {name: value for name, value in operands.items() if value.ndim == 4}
    into = {name: np.empty_like(direct) for name in cell.states}
    into_x = np.empty((*direct.shape[:3], parts[0]["x"].shape[-1] if below else 0), direct.dtype)
    gradients = {name: np.zeros_like(direct[:, 0]) for name in cell.states}
    by_state = _by_state(cell, ops)
    with np.errstate(over="ignore", invalid="ignore"):  # what explodes is infinite, or no number, and is drawn as that
        for k in reversed(range(direct.shape[1])):
            now = weights | {name: value[:, k] for name, value in steps.items()}
            grads: dict[str, NDArray[np.float32]] = {**gradients, "h": gradients["h"] + direct[:, k]}
            for name, state_ops in by_state:
                into[name][:, k] = grads[name]
                grads = pull_back(state_ops, now, grads)
            gradients = {name: grads[f"{name}_prev"] for name in cell.states}
            if below:
                into_x[:, k] = grads["x"]
    return into, into_x


def _by_state(cell: Cell, ops: Sequence[Op]) -> list[tuple[str, Sequence[Op]]]:
    """The operations from each state down to the one computed before it, the last state first: what flows into c is
    whole only once what flows into h has gone on to it."""
    names = [op.name for op in ops]
    ends = sorted((names.index(name) + 1 for name in cell.states), reverse=True)
    return [(names[end - 1], ops[start:end]) for end, start in pairwise([*ends, 0])]


def _through_lstm(rows: Sequence[list[list[Part]]], last: Tensor | None) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Of all losses and, where `last` (n, T, S, 1) says where they enter, of the last ones alone."""
    gradients: dict[str, Gradients] = {name: [[] for _ in rows[0]] for name in "hc"}
    for start, layers in _chunks(rows):
        alone = None
        for layer, parts in zip(reversed(range(len(layers))), layers, strict=True):
            part = {name: torch.stack([row[name] for row in parts]) for name in parts[0]}
            direct = part["direct"][:, :, None]
            if last is not None:
                if alone is None:
                    alone = direct * last[:, start : start + direct.shape[1], None]
                direct = torch.cat([direct, alone], 2)
            dh, dc, into_x = backwards(**{**part, "direct": direct}, below=layer > 0)
            alone = None if into_x is None else into_x[:, :, 1:]
            gradients["h"][layer].append(dh)
            gradients["c"][layer].append(dc)
    both = [
        {name: _norms([[part[:, :, loss] for part in chunks] for chunks in of]) for name, of in gradients.items()}
        for loss in ((0,) if last is None else (0, 1))
    ]
    return both[0], both[-1]


@torch.no_grad()
def backwards(
    x: Tensor, h: Tensor, direct: Tensor, h0: Tensor, c0: Tensor, W: Tensor, b: Tensor, *, below: bool = False
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Of m losses of n LSTMs over a chunk: dL/dh_k and dL/dc_k, each (n, T, m, S, H), and if asked what the layer below
    gets, (n, T, m, S, width).

    direct: (n, T, m, S, H), what leaves h upwards gets of each loss.     The others as in `Part`, stacked.
    """
    n, T, m, S, H = direct.shape
    inputs = torch.cat([x, torch.cat([h0[:, None], h[:, :-1]], 1)], 3)
    sums = torch.baddbmm(b[:, None], inputs.view(n, T * S, -1), W.mT).view(n, T, 1, S, 4, H)
    sums[..., 2, :] *= 2
    i, f, half, o = sums.sigmoid_().unbind(4)
    g = 2 * half - 1  # tanh x = 2 sigmoid(2 x) - 1, in a fifth of the time
    c = memory(i, f, g, c0[:, None], 1)
    tanh_c, before = (2 * c).sigmoid_().mul_(2).sub_(1), torch.cat([c0[:, None, None], c[:, :-1]], 1)
    # How much of dL/dh_k goes to c_k and to the sum of o_k, and of dL/dc_k to those of i_k, f_k and g_k.
    to_c, to_o = (o * (1 - tanh_c.square())).unbind(1), (tanh_c * o * (1 - o)).unbind(1)
    to_igf = torch.stack([g * i * (1 - i), before * f * (1 - f), i * (1 - g.square())], 4).unbind(1)
    forget, upwards, W_hh = f.unbind(1), direct.unbind(1), W[:, :, -H:].contiguous()
    dh, dc = [upwards[-1]], [upwards[-1] * to_c[-1]]
    down = x.new_empty(T if below else 1, n, m, S, 4, H)  # into the sums, kept only where they are asked for
    for k in range(T - 1, -1 if below else 0, -1):
        into = down[k if below else 0]
        torch.mul(dc[-1][..., None, :], to_igf[k], out=into[..., :3, :])
        torch.mul(dh[-1], to_o[k], out=into[..., 3, :])
        if k:
            dh.append(upwards[k - 1] + (into.view(n, m * S, 4 * H) @ W_hh).view(n, m, S, H))
            dc.append((dc[-1] * forget[k]).addcmul_(dh[-1], to_c[k - 1]))
    into_x = None
    if below:
        into_x = (down.transpose(0, 1).reshape(n, T * m * S, 4 * H) @ W[:, :, :-H]).view(n, T, m, S, -1)
    return torch.stack(dh[::-1], 1), torch.stack(dc[::-1], 1), into_x
