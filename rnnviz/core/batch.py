"""A batch of sequences of different lengths: what pads do to states, losses and gradients, and what a batch costs.

    sheets = batch(rnn, [x_1, x_2, x_3], side="right", handling="pads")
    sheets[0].drift(0)          # how far the pads have moved what is handed on after the first sequence

`record` runs each sequence; that PyTorch's kernels give the same for the whole batch, padded or packed, is a test.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.core.cell import Cell
from rnnviz.core.network import Layer, build
from rnnviz.core.record import Head, record
from rnnviz.core.sheet import Handling, Sheet, Side
from rnnviz.core.trace import Array, Trace

TIME_BUDGET = 1.2  # seconds, after which no further round of measuring starts
MOST_NUMBERS = 2**20  # T * B * H of what is measured: one pass takes some tens of milliseconds


def batch(
    module: nn.Module | Cell,
    xs: Sequence[Tensor],
    *,
    side: Side = "right",
    handling: Handling = "pads",
    tokens: Sequence[Sequence[str]] | None = None,
    **options: Any,
) -> tuple[Sheet, ...]:
    """Each sequence as the network reads it in a batch as wide as the longest one.

    module, options: as `record` takes them.     xs: each (T, input_size).     tokens: their texts, by default numbers.
    side: where shorter ones are filled up, with zeros. What is packed is filled up at the right, as PyTorch has it.

    Raises what `record` raises, and `ValueError` where there is no sequence.
    """
    if not xs:
        raise ValueError("there is no sequence; accepted: at least one")
    widest = max(len(x) for x in xs)
    texts = tokens or [[str(step + 1) for step in range(len(x))] for x in xs]
    at_left = side == "left" and handling != "packed"
    sheets = []
    for x, text in zip(xs, texts, strict=True):
        pads = widest - len(x)
        before, after = (pads, 0) if at_left else (0, pads)
        real = (False,) * before + (True,) * len(x) + (False,) * after
        alone = record(module, x, **options)
        if handling == "pads":
            trace = record(module, _with_pads(x, before, after), **options)
            states, handed_on = trace["h"], trace.final["h"]
        else:
            states = np.full((len(alone.weights), widest, alone.hidden_size), np.nan, alone.x.dtype)
            states[:, np.array(real)] = alone["h"]
            if handling == "mask":
                _hold(states, alone)
            handed_on = alone.final["h"]
        words = ("",) * before + tuple(text) + ("",) * after
        cells = len(x) if handling == "packed" else widest
        sheets.append(Sheet(handling, words, real, states, handed_on, alone.final["h"], cells))
    return tuple(sheets)


def _with_pads(x: Tensor, before: int, after: int) -> Tensor:
    return torch.cat([x.new_zeros(before, x.shape[1]), x, x.new_zeros(after, x.shape[1])])


def _hold(states: Array, alone: Trace) -> None:
    """Put in the place of each pad the state that the chain has before it."""
    for row, h in enumerate(states):
        state = alone.initial["h"][row]
        order = range(len(h)) if row % alone.num_directions == 0 else reversed(range(len(h)))
        for t in order:
            if np.isnan(h[t]).any():
                h[t] = state
            state = h[t]


@dataclass(frozen=True)
class PadLoss:
    """The mean loss of a batch, and what it sends back into the pads.

    loss: nats.     count: how many columns it is the mean of.
    into_pads, into_words: the 2-norm of dL/dx over all pads, and over all tokens.
    """

    loss: float
    count: int
    into_pads: float
    into_words: float


def pad_loss(
    module: Layer,
    head: Head,
    xs: Sequence[Tensor],
    targets: Sequence[Sequence[int | None]],
    *,
    side: Side,
    handling: Handling,
    over_pads: bool,
) -> PadLoss:
    """Mean cross-entropy of the next token, and its gradient into what is read: by autograd through PyTorch's kernels.

    module: one layer, one direction.     xs: each (T, input_size).
    targets: of each column of a sequence the class that follows, None where none is asked.
    over_pads: whether the columns of pads count too, class 0 the right one, as in a loss without `ignore_index`.

    With a mask the state is kept by `torch.where`; where packed sequences end, PyTorch returns zeros, which the head
    reads. Raises `ValueError` where nothing is asked.
    """
    widest, at_left = max(len(x) for x in xs), side == "left" and handling != "packed"
    pads = [widest - len(x) for x in xs]
    columns = [_with_pads(x, pad if at_left else 0, 0 if at_left else pad) for x, pad in zip(xs, pads, strict=True)]
    real = torch.tensor([[at_left != (t < (pad if at_left else widest - pad)) for pad in pads] for t in range(widest)])
    no_class = -1
    answers = torch.full(real.shape, 0 if over_pads else no_class)
    for column, (classes, pad) in enumerate(zip(targets, pads, strict=True)):
        first = pad if at_left else 0
        for t, k in enumerate(classes):
            answers[first + t, column] = no_class if k is None else k
    count = int((answers != no_class).sum())
    if not count:
        raise ValueError("nothing is asked; accepted: at least one target")
    with torch.enable_grad(), torch.inference_mode(False):
        x = torch.stack(columns, 1).clone().requires_grad_()
        h = _outputs(module, x, real, handling)
        bias = head.bias if head.bias is not None else head.weight.new_zeros(len(head.weight))
        logits = h @ head.weight.T + bias
        loss = cross_entropy(logits.flatten(0, 1), answers.flatten(), ignore_index=no_class)
        (into,) = torch.autograd.grad(loss, x)
    return PadLoss(loss.item(), count, into[~real].norm().item(), into[real].norm().item())


def _outputs(module: Layer, x: Tensor, real: Tensor, handling: Handling) -> Tensor:
    """The states of a batch, (T, B, H).     x: (T, B, input_size).     real: (T, B)."""
    if handling == "packed":
        packed = pack_padded_sequence(x, real.sum(0), enforce_sorted=False)
        return pad_packed_sequence(module(packed)[0], total_length=len(x))[0]
    if handling == "pads":
        return torch.as_tensor(module(x)[0])
    before: tuple[Tensor, ...] = ()
    outputs = []
    for x_t, here in zip(x, real[:, :, None], strict=True):
        state = () if not before else (before if len(before) > 1 else before[0],)
        after = module(x_t[None], *state)[1]
        states = after if isinstance(after, tuple) else (after,)
        previous = before or tuple(map(torch.zeros_like, states))
        before = tuple(torch.where(here, new, old) for new, old in zip(states, previous, strict=True))
        outputs.append(before[0][0])
    return torch.stack(outputs)


Shape = TypeVar("Shape", bound=Hashable)


@dataclass(frozen=True)
class Cost(Generic[Shape]):
    """Of one training step, forward and back: least seconds, and bytes that are kept for the way back.

    seconds, kept: by case.     rounds: how often each was measured.     threads: that PyTorch may use.
    """

    seconds: Mapping[Shape, float]
    kept: Mapping[Shape, int]
    rounds: int
    threads: int


BatchCost = Cost[tuple[int, int]]  # by (T, B)


def batch_cost(shapes: Sequence[tuple[int, int]], hidden_size: int, repeats: int) -> BatchCost:
    """Measure, here and now, what a step of training costs for each (T, B): an `nn.GRU` with as many inputs as units.

    Raises `ValueError` for no shape, one below 1, or one with T * B * H above 2**20.
    """
    if not shapes or min(map(min, shapes)) < 1 or max(T * B for T, B in shapes) * hidden_size > MOST_NUMBERS:
        raise ValueError(f"shapes are {list(shapes)}; accepted: each (T, B) from 1, T * B * H at most {MOST_NUMBERS}")
    generator = torch.Generator().manual_seed(0)
    gru = drawn_gru(hidden_size, generator)
    inputs = {(T, B): (gru, torch.randn(T, B, hidden_size, generator=generator)) for T, B in shapes}
    return cost(inputs, repeats)


def drawn_gru(size: int, generator: torch.Generator) -> nn.Module:
    """A GRU with as many inputs as units, its weights drawn as PyTorch draws them."""
    gru = build("gru", size, size)
    with torch.no_grad():
        for weight in gru.parameters():
            weight.uniform_(-(size**-0.5), size**-0.5, generator=generator)
    return gru


def cost(cases: Mapping[Shape, tuple[nn.Module, Tensor]], repeats: int) -> Cost[Shape]:
    """Measure, here and now, a training step of each module on its input; its output is the first that it returns.

    Every case is measured once in each round, so that a slow moment of the machine falls on all alike; the fastest
    counts. After a round to warm up there are `repeats` rounds, or fewer where they would take too long.
    """
    start = time.perf_counter()
    rounds: list[dict[Shape, float]] = []
    with torch.enable_grad(), torch.inference_mode(False):
        while len(rounds) <= repeats and (len(rounds) < 2 or time.perf_counter() - start < TIME_BUDGET):
            rounds.append({case: _step_seconds(module, x) for case, (module, x) in cases.items()})
        sizes = {case: kept_bytes(module, x) for case, (module, x) in cases.items()}
    seconds = {case: min(one[case] for one in rounds[1:]) for case in cases}
    return Cost(seconds, sizes, len(rounds) - 1, torch.get_num_threads())


def _step_seconds(module: nn.Module, x: Tensor) -> float:
    start = time.perf_counter()
    module(x)[0].sum().backward()
    return time.perf_counter() - start


def kept_bytes(module: nn.Module, x: Tensor) -> int:
    """How many bytes autograd keeps between the way there and the way back, without the weights and what is read."""
    outside = {tensor.untyped_storage().data_ptr() for tensor in (x, *module.parameters())}
    sizes: dict[int, int] = {}
    alive: list[Tensor] = []  # a freed storage's place may be given to the next one

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in outside:
            sizes[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        module(x)
    return sum(sizes.values())
