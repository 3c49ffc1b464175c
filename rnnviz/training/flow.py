"""How the gradient flows back through time, measured while PyTorch's fused kernels train.

What is measured at step k is the norm of the *total* gradient dL/dh_k, through all later steps, of the mean loss over
the batch. Its unit does not depend on the batch size: the root mean square, over sequences, of the 2-norm of the
gradient of each sequence's share of the loss, times their number. Over the first `SAMPLE` sequences of the batch, that
is: reading all of them would cost more than a tenth of the speed. c_k likewise.

How it is had without a loop of cells:
- RNN: the kernel computes a_k = W_xh x_k + b of all steps at once, in one autograd node, so what flows into that node
  is dL/da_k of every step. dL/dh_k is W_hh^T dL/da_{k+1} and the direct part, the gradient of what leaves the layer
  upwards.
- GRU: the kernel is a chain of autograd nodes, one per h_k, and autograd gives the gradient at any edge of its graph:
  the total, of all that flows into h_k. The same holds for the states of a `rnnviz.Recurrent`.
- LSTM: the kernel (oneDNN) is one node and shows nothing inside. Autograd gives the direct part of dL/dh_k; the rest
  follows backwards from h and the weights (`rnnviz.training.backwards`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import GradientEdge, Node

from rnnviz.core import terms
from rnnviz.core.cell import Role
from rnnviz.core.network import Layer, Recurrent, cell_of, run
from rnnviz.training.model import WEIGHTS, LayerState, TaskModel, blocks, run_layer

SAMPLE = 4


# Where autograd is asked for the gradient, beside the weights.
Edge = Tensor | GradientEdge


@dataclass(eq=False)
class Tap:
    """One layer over one chunk of steps, as it was run: what is needed to read the gradient after the backward pass.

    edges: of an RNN its output (the direct part) and all a_k, of an LSTM its output, of a GRU h_k and of a `Recurrent`
        each of its states at each step.     gradients: at the edges, once `gradient` has been called.
    """

    x: Tensor
    output: Tensor
    state: LayerState
    edges: Sequence[Edge]
    gradients: Sequence[Tensor] = ()


def gradient(loss: Tensor, weights: Sequence[Tensor], taps: list[list[Tap]] | None = None) -> Sequence[Tensor]:
    """Of the loss with respect to the weights; the taps get theirs."""
    flat = [tap for chunks in taps or () for tap in chunks]
    sources: Any = [*weights, *(edge for tap in flat for edge in tap.edges)]  # PyTorch's stubs take no mixture
    gradients = torch.autograd.grad(loss, sources)
    place = len(weights)
    for tap in flat:
        tap.gradients = gradients[place : place + len(tap.edges)]
        place += len(tap.edges)
    return gradients[: len(weights)]


def forward(model: TaskModel, x: Tensor, truncation: int = 0, taps: list[list[Tap]] | None = None) -> Tensor:
    """x (T, B, input_size) -> the top layer's h (T, B, H), from zero states.

    truncation: the state is cut off from its past every so many steps, counted from the end; 0 is never.
    taps: filled, per layer, with one tap per chunk; None measures nothing.
    """
    T, B, _ = x.shape
    edges = [0, *range(T % truncation or truncation, T, truncation), T] if truncation else [0, T]
    states, outputs = model.zeros(B), []
    for start, end in pairwise(edges):
        chunk = x[start:end]
        for layer, state in enumerate(states):
            if taps is None:
                chunk, last = run_layer(model.rnn, layer, chunk, state)
            else:
                tap, last = _run_with_tap(model.rnn, layer, chunk, state)
                taps[layer].append(tap)
                chunk = tap.output
            states[layer] = tuple(part.detach() for part in last)
        outputs.append(chunk)
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs)


def _run_with_tap(rnn: Layer, layer: int, x: Tensor, state: LayerState) -> tuple[Tap, LayerState]:
    if isinstance(rnn, Recurrent):
        states = rnn.states(layer, x, state)
        edges = [step for steps in states.values() for step in steps]
        return Tap(x, torch.stack(states["h"]), state, edges), tuple(steps[-1] for steps in states.values())
    output, last = run_layer(rnn, layer, x, state)
    assert output.grad_fn is not None  # the kernels' weights are trained
    if isinstance(rnn, nn.GRU):
        return Tap(x, output, state, [_edge(*step) for step in output.grad_fn.next_functions]), last
    return Tap(x, output, state, [output] if isinstance(rnn, nn.LSTM) else [output, _sums(output.grad_fn)]), last


def _edge(node: Node | None, number: int) -> GradientEdge:
    assert node is not None
    return GradientEdge(node, number)


def _sums(stack: Node) -> GradientEdge:
    """From the node that stacks an RNN's outputs to where all a_k come from: h_k is tanh of a sum with a_k."""
    (tanh, _), *_ = stack.next_functions
    assert tanh is not None
    ((addition, _),) = tanh.next_functions
    assert addition is not None
    _, (unbound, _) = addition.next_functions
    assert unbound is not None
    return _edge(*unbound.next_functions[0])


def unit(tap: Tap) -> float:
    """What turns the 2-norm over the first sequences into the unit of a row."""
    B = tap.x.shape[1]
    return float(B / min(B, SAMPLE) ** 0.5)


@torch.no_grad()
def flowed(rnn: Layer, layer: int, tap: Tap) -> dict[str, Tensor]:
    """What `total` needs of the first sequences, copies; not of an LSTM. Of an RNN the direct part and dL/da, each
    (T, S, H), and W_hh; of another cell the total already."""
    if isinstance(rnn, nn.RNN):
        direct, da = (part.view_as(tap.output)[:, :SAMPLE].clone() for part in tap.gradients)
        return {"direct": direct, "da": da, "W_hh": getattr(rnn, f"weight_hh_l{layer}").clone()}
    T, cell = len(tap.x), cell_of(rnn)
    steps = (tap.gradients[T * n : T * (n + 1)] for n in range(len(cell.states)))
    return {name: torch.stack(list(each))[:, :SAMPLE].clone() for name, each in zip(cell.states, steps, strict=True)}


@torch.no_grad()
def total(pieces: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The total gradient with respect to each state, (..., T, S, H), from what has `flowed`, of one row or several."""
    if "da" not in pieces:
        return pieces
    dh = pieces["direct"].clone()
    dh[..., :-1, :, :] += pieces["da"][..., 1:, :, :] @ pieces["W_hh"][..., None, :, :]
    return {"h": dh}


@torch.no_grad()
def affine(rnn: nn.LSTM, layer: int) -> tuple[Tensor, Tensor]:
    """Of a layer: W (4 H, width + H), which multiplies x and h, and b (4 H,); copies."""
    W_ih, W_hh, b_ih, b_hh = (getattr(rnn, f"{name}_l{layer}") for name in WEIGHTS)
    return torch.cat([W_ih, W_hh], 1), b_ih + b_hh


def memory(i: Tensor, f: Tensor, g: Tensor, c0: Tensor, time: int) -> Tensor:
    """c of every step; `time` is their axis."""
    writes, keeps, c = (i * g).unbind(time), f.unbind(time), [c0]
    for k in range(len(writes)):
        c.append(torch.addcmul(writes[k], keeps[k], c[-1]))
    return torch.stack(c[1:], time)


@torch.no_grad()
def layers(model: TaskModel, x: Tensor) -> list[tuple[Tensor, dict[str, Tensor]]]:
    """Of each layer over x (T, B, input_size): what it reads, (T, B, width), and its states, each (T, B, H)."""
    by_layer = []
    for layer, before in enumerate(model.zeros(x.shape[1])):
        states = _states(model.rnn, layer, x, before)
        by_layer.append((x, states))
        x = states["h"]
    return by_layer


def _states(rnn: Layer, layer: int, x: Tensor, before: LayerState) -> dict[str, Tensor]:
    if isinstance(rnn, Recurrent):
        return {name: torch.stack(steps) for name, steps in rnn.states(layer, x, before).items()}
    h, _ = run_layer(rnn, layer, x, before)
    if not isinstance(rnn, nn.LSTM):
        return {"h": h}
    W, b = affine(rnn, layer)
    a = nn.functional.linear(torch.cat([x, one_earlier(h)], 2), W, b)
    i, f, g, _ = a.chunk(4, 2)
    return {"h": h, "c": memory(i.sigmoid(), f.sigmoid(), g.tanh(), before[1], 0)}


def one_earlier(state: Tensor) -> Tensor:
    """A state that starts from zero, one step earlier."""
    return torch.cat([torch.zeros_like(state[:1]), state[:-1]])


@torch.no_grad()
def saturated(rnn: Layer, layer: int, x: Tensor, states: Mapping[str, Tensor]) -> float:
    """The share of a layer's activations that are saturated, over all steps.

    Activations of weighted sums, that is: h of an RNN (for ReLU: the share of zeros), the gates and g of an LSTM, ...
    """
    cell = cell_of(rnn)
    before = {f"{name}_prev": one_earlier(state) for name, state in states.items()}
    values = run(cell.ops, {**blocks(rnn, layer), "x": x, **before})
    shares = [
        terms.saturated(op.kind, values[op.name])
        for op in cell.ops
        if op.kind in terms.BOUNDS and cell.op(op.reads[0]).role is Role.SUM
    ]
    return float(torch.cat(shares).float().mean())


@dataclass(frozen=True)
class Theory:
    """How steep the flow must be, from the Jacobians J_t of one step of a layer, in decades per step.

    growth: (1 / n) log10(||J_T ... J_{T-n+1}||_F / sqrt(S)), the root mean square, over all directions of the state (S
        numbers: h, or h and c), of how much n steps back change the length of a gradient. What the heatmap shows is
        one direction; its slope comes near this one.
    bound: mean of log10 of the largest singular value of J_t, at every `BOUND_EVERY`-th step: no direction shrinks
        less, or grows more, in one step (Pascanu, Mikolov & Bengio 2013, section 2.1).
    """

    growth: float
    bound: float


# Steps that it is taken over; of a state of more than 128 numbers fewer, so that a page need not wait for it.
STEPS, BOUND_EVERY, MOST = 32, 8, 4096


def theory(model: TaskModel, x: Tensor) -> tuple[Theory, ...]:
    """Per layer, over the last steps of one sequence x (T, input_size). NaN where a Jacobian is not finite."""
    growths = []
    for layer, (inputs, states) in enumerate(layers(model, x[:, None])):
        alone = {name: state[:, 0] for name, state in states.items()}
        steps = min(STEPS, MOST // sum(state.shape[1] for state in alone.values()))
        J = jacobians(model.rnn, layer, inputs[:, 0], alone, steps).double()
        if not J.isfinite().all():
            growths.append(Theory(float("nan"), float("nan")))
            continue
        bound = torch.linalg.matrix_norm(J.flip(0)[::BOUND_EVERY], 2).log10().mean()
        product, growth = torch.eye(J.shape[1], dtype=J.dtype), torch.tensor(0.0)
        for J_t in J.flip(0):
            product = product @ J_t
            size = product.norm()
            growth = growth + size.log10()
            product = product / size.clamp(min=1e-300)  # what is exactly zero stays so
        growth = growth - torch.tensor(float(J.shape[1])).log10() / 2
        growths.append(Theory(float(growth) / len(J), float(bound)))
    return tuple(growths)


@torch.no_grad()
def jacobians(rnn: Layer, layer: int, x: Tensor, states: Mapping[str, Tensor], last: int = 0) -> Tensor:
    """d state_t / d state_{t-1}, (T, S, S), of the cell's own program; the state is h, or h then c.

    x, states: what the layer read in one sequence, (T, width), and each of its states, (T, H).
    last: of so many last steps; 0 is all.
    """
    cell, weights = cell_of(rnn), blocks(rnn, layer)

    def step(x_t: Tensor, *before: Tensor) -> Tensor:
        previous = {f"{name}_prev": state for name, state in zip(cell.states, before, strict=True)}
        values = run(cell.ops, {**weights, "x": x_t, **previous})
        return torch.cat([values[name] for name in cell.states])

    each = torch.func.jacrev(step, argnums=tuple(range(1, 1 + len(states))))
    before = (one_earlier(states[name])[-last:] for name in cell.states)
    return torch.cat(torch.func.vmap(each)(x[-last:], *before), 2)
