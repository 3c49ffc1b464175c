"""How the gradient flows back through time, measured while PyTorch's fused kernels train.

What is measured at step k is the norm of the *total* gradient dL/dh_k, through all later steps, of the mean loss over
the batch. Its unit does not depend on the batch size: `sqrt(B) * ||dL/dH_k||`, the 2-norm of the (B, H) matrix, which
is the root mean square, over sequences, of the 2-norm of each sequence's own loss's gradient. c_k likewise.

How it is had without a loop of cells:
- RNN and GRU: the kernel is a chain of autograd nodes, one per h_k. Autograd runs a node once all that flows into h_k
  is summed, so what a hook before the node is handed is the total. Nothing more is computed but norms.
- LSTM: the kernel (oneDNN) is one node. It reads [x_k, 0] with [W_ih, W_hh], so the gradient with respect to the zeros
  is W_hh^T dL/da_k, all that reaches h_{k-1} but for its direct part, which autograd gives. dL/dc_k follows from
  c_{k+1} = f c_k + i g and h_k = o tanh(c_k), with the gates recomputed from h, all steps in one product. This is
  dear, so a trainer measures an LSTM only every so often.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import torch
from torch import Tensor, nn

from rnnviz.network import cell_of, run
from rnnviz.training.model import WEIGHTS, Model, State, blocks, run_layer


@dataclass(eq=False)
class Tap:
    """One layer over one chunk of steps, as it was run: what is needed to read the gradient after the backward pass.

    totals: dL/dh_k of each step as autograd's hooks give them, the last step first (RNN and GRU).
    direct: dL/dh_k by the paths that leave the layer upwards, (T, B, H).     slot: the zeros beside x (LSTM).
    """

    x: Tensor
    output: Tensor
    state: State
    totals: list[tuple[Tensor]] = field(default_factory=list)
    direct: list[Tensor] = field(default_factory=list)
    slot: Tensor | None = None


def forward(model: Model, x: Tensor, truncation: int = 0, taps: list[list[Tap]] | None = None) -> Tensor:
    """x (T, B, input_size) -> the top layer's h (T, B, H), from zero states.

    truncation: the state is cut off from its past every so many steps, counted from the end; 0 is never.
    taps: filled, per layer, with one tap per chunk; None measures nothing.
    """
    T, B, _ = x.shape
    edges = [0, *range(T % truncation or truncation, T, truncation), T] if truncation else [0, T]
    states, outputs = model.zeros(B), []
    for start, end in pairwise(edges):
        flowing = x[start:end]
        for layer, state in enumerate(states):
            if taps is None:
                flowing, last = run_layer(model.rnn, layer, flowing, state)
            else:
                tap, last = _tapped(model.rnn, layer, flowing, state)
                taps[layer].append(tap)
                flowing = tap.output
            states[layer] = tuple(part.detach() for part in last)
        outputs.append(flowing)
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs)


def _tapped(rnn: nn.RNNBase, layer: int, x: Tensor, state: State) -> tuple[Tap, State]:
    if isinstance(rnn, nn.LSTM):
        slot = x.new_zeros(*x.shape[:2], rnn.hidden_size, requires_grad=True)
        W_ih, W_hh = getattr(rnn, f"weight_ih_l{layer}"), getattr(rnn, f"weight_hh_l{layer}")
        output, last = run_layer(rnn, layer, torch.cat([x, slot], 2), state, torch.cat([W_ih, W_hh.detach()], 1))
        tap = Tap(x, output, state, slot=slot)
        output.register_hook(tap.direct.append)
    else:
        output, last = run_layer(rnn, layer, x, state)
        tap = Tap(x, output, state)
        assert output.grad_fn is not None  # the kernels' weights are trained
        for node, _ in output.grad_fn.next_functions:
            assert node is not None
            node.register_prehook(tap.totals.append)
    return tap, last


def flow(rnn: nn.RNNBase, taps: list[list[Tap]]) -> dict[str, Tensor]:
    """After `backward`: log10 of the norm at each step, by state, each (L, T) in float64. -inf is exact zero."""
    rows: dict[str, list[Tensor]] = {}
    for layer, chunks in enumerate(taps):
        for tap in chunks:
            for name, total in gradients(rnn, layer, tap).items():
                norms = torch.linalg.vector_norm(total, dim=(1, 2), dtype=torch.float64)  # 1e-23 squared is no float32
                rows.setdefault(name, []).append(norms * total.shape[1] ** 0.5)
    parts = {name: torch.cat(found).view(len(taps), -1) for name, found in rows.items()}
    return {name: norms.log10() for name, norms in parts.items()}


@torch.no_grad()
def gradients(rnn: nn.RNNBase, layer: int, tap: Tap) -> dict[str, Tensor]:
    """The total dL/dh_k, and dL/dc_k of an LSTM, of one chunk, each (T, B, H)."""
    if tap.slot is None:
        return {"h": torch.stack([total for (total,) in reversed(tap.totals)])}
    assert tap.slot.grad is not None
    dh = tap.direct[0].clone()
    dh[:-1] += tap.slot.grad[1:]
    i, f, g, o = lstm_gates(rnn, layer, tap.x, tap.output, tap.state[0])
    c = memory(i, f, g, tap.state[1])
    into = (dh * o * (1 - c.tanh().square())).unbind()
    kept, dc = f.unbind(), [into[-1]]
    for k in range(len(into) - 2, -1, -1):
        dc.append(torch.addcmul(into[k], kept[k + 1], dc[-1]))
    return {"h": dh, "c": torch.stack(dc[::-1])}


def lstm_gates(rnn: nn.RNNBase, layer: int, x: Tensor, h: Tensor, h0: Tensor) -> tuple[Tensor, ...]:
    """i, f, g, o of every step at once, each (T, B, H), from the layer's inputs and outputs."""
    W_ih, W_hh, b_ih, b_hh = (getattr(rnn, f"{n}_l{layer}") for n in WEIGHTS)
    read = torch.cat([x, torch.cat([h0[None], h[:-1]])], 2)
    i, f, g, o = nn.functional.linear(read, torch.cat([W_ih, W_hh], 1), b_ih + b_hh).chunk(4, 2)
    return i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()


@torch.no_grad()
def layers(model: Model, x: Tensor) -> list[tuple[Tensor, Tensor]]:
    """What each layer reads, (T, B, width), and its outputs, (T, B, H)."""
    found = []
    for layer, state in enumerate(model.zeros(x.shape[1])):
        h, _ = run_layer(model.rnn, layer, x, state)
        found.append((x, h))
        x = h
    return found


@torch.no_grad()
def saturated(rnn: nn.RNNBase, layer: int, x: Tensor, h: Tensor) -> float:
    """The share of a layer's activations whose derivative is below a tenth of its greatest value, over all steps.

    These are h of an RNN (for ReLU: the share of zeros), the three gates and g of an LSTM, r and z of a GRU.
    """
    before = torch.cat([torch.zeros_like(h[:1]), h[:-1]])
    if isinstance(rnn, nn.LSTM):
        i, f, g, o = lstm_gates(rnn, layer, x, h, before[0])
        slopes = torch.cat([4 * gate * (1 - gate) for gate in (i, f, o)] + [1 - g.square()])
    elif isinstance(rnn, nn.GRU):
        part, linear = blocks(rnn, layer), nn.functional.linear
        sums = [
            linear(x, part[f"W_x{gate}"], part[f"b_x{gate}"]) + linear(before, part[f"W_h{gate}"], part[f"b_h{gate}"])
            for gate in "rz"
        ]
        gates = torch.cat(sums).sigmoid()
        slopes = 4 * gates * (1 - gates)
    else:
        slopes = (h > 0).float() if rnn.nonlinearity == "relu" else 1 - h.square()
    return float((slopes < 0.1).float().mean())


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


STEPS, BOUND_EVERY = 32, 8


def theory(model: Model, x: Tensor) -> tuple[Theory, ...]:
    """Per layer, over the last `STEPS` steps of one sequence x (T, input_size). NaN where a Jacobian is not finite."""
    found = []
    for layer, (read, h) in enumerate(layers(model, x[:, None])):
        J = jacobians(model.rnn, layer, read[:, 0], h[:, 0])[-STEPS:].double()
        if not J.isfinite().all():
            found.append(Theory(float("nan"), float("nan")))
            continue
        bound = torch.linalg.matrix_norm(J.flip(0)[::BOUND_EVERY], 2).log10().mean()
        product, growth = torch.eye(J.shape[1], dtype=J.dtype), torch.tensor(0.0)
        for J_t in J.flip(0):
            product = product @ J_t
            size = product.norm()
            growth = growth + size.log10()
            product = product / size.clamp(min=1e-300)  # what is exactly zero stays so
        growth = growth - torch.tensor(float(J.shape[1])).log10() / 2
        found.append(Theory(float(growth) / len(J), float(bound)))
    return tuple(found)


@torch.no_grad()
def jacobians(rnn: nn.RNNBase, layer: int, x: Tensor, h: Tensor) -> Tensor:
    """d state_t / d state_{t-1}, (T, S, S), of the cell's own program; the state is h, or h then c.

    x, h: what the layer read and gave for one sequence, (T, width) and (T, H).
    """
    cell, known = cell_of(rnn), blocks(rnn, layer)
    before = [torch.cat([torch.zeros_like(h[:1]), h[:-1]])]
    if isinstance(rnn, nn.LSTM):
        zeros = torch.zeros_like(h[:1])
        i, f, g, _ = lstm_gates(rnn, layer, x[:, None], h[:, None], zeros)
        before.append(torch.cat([zeros, memory(i, f, g, zeros)[:-1, 0]]))

    def step(x_t: Tensor, *states: Tensor) -> Tensor:
        previous = {f"{name}_prev": state for name, state in zip(cell.states, states, strict=True)}
        values = run(cell.ops, {**known, "x": x_t, **previous})
        return torch.cat([values[name] for name in cell.states])

    each = torch.func.jacrev(step, argnums=tuple(range(1, 1 + len(before))))
    return torch.cat(torch.func.vmap(each)(x, *before), 2)


def memory(i: Tensor, f: Tensor, g: Tensor, c0: Tensor) -> Tensor:
    """c of every step, (T, B, H)."""
    written, kept, c = (i * g).unbind(), f.unbind(), [c0]
    for k in range(len(written)):
        c.append(torch.addcmul(written[k], kept[k], c[-1]))
    return torch.stack(c[1:])
