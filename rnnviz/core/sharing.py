"""One set of weights, read again at every step: what an edit of it changes, and its gradient as a sum over the steps.

    edited = with_entry(rnn, "W_hh", 0, 2, 1.5)          # every copy along the unrolled chain: they are one
    parts = weight_terms(rnn, x, head, target, t, parameter="W_hh")
    parts.terms.sum(0)                                   # parts.total, what `loss.backward()` leaves in `.grad`

And what sharing is compared with: a feed-forward network on a window of tokens, whose weights grow with the window, and
a matrix product of as many multiply-adds, whose rows do not wait for one another.

Parameters are named as in `rnnviz.core.cells` (`W_xh`, `W_hf`, `b_hn` ...), and `W_hy` and `b_y` are the head's. Rows
and columns count from 0 as in PyTorch, time steps from 1 as in h_1 ... h_T.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from statistics import median
from typing import TypeGuard, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import parametrize

from rnnviz.core.cells import READOUT
from rnnviz.core.forced import Forced
from rnnviz.core.gradients.flow import LossFunction, at_the_output, into_row, recorded, through_time
from rnnviz.core.gradients.pullback import norm
from rnnviz.core.gradients.weights import terms_of
from rnnviz.core.inputs import State
from rnnviz.core.network import Layer, build, cell_of, run, unset
from rnnviz.core.record import Head, read_out
from rnnviz.core.trace import Array, Trace

Network = TypeVar("Network", nn.Module, Head)
TIME_BUDGET = 0.7  # seconds, after which no further round of measuring starts
MOST_STEPS, MOST_UNITS = 2000, 256  # keep one round near 0.1 s


def with_entry(
    network: Network, parameter: str, row: int, column: int, value: float, *, layer: int = 0, reverse: bool = False
) -> Network:
    """A copy of a recurrent module, or of a head, in which one entry of one parameter is `value`.

    parameter: `W_xh`, `b_hf` ... of a module, `W_hy` or `b_y` of a head.
    row, column: from 0; a bias has column 0 only.
    layer, reverse: which of a module's layers, from 0, and which direction.

    Raises `TypeError` for something that is neither; `ValueError`, naming what is accepted, for a parameter, layer,
    direction or entry that is not there, for a parametrised weight, and for a value not finite in the network's dtype.
    """
    copy = deepcopy(network)
    with torch.no_grad():
        matrices = _matrices(copy, layer, reverse)
        if parameter not in matrices:
            raise ValueError(f"no parameter {parameter!r}; accepted: {', '.join(matrices)}")
        matrix = matrices[parameter]
        for name, index, size in zip(("row", "column"), (row, column), matrix.shape, strict=True):
            if not 0 <= index < size:
                raise ValueError(f"{name} {index} is not in {parameter}; accepted: 0 to {size - 1}")
        number = torch.tensor(float(value), dtype=matrix.dtype, device="cpu")
        if not number.isfinite():
            raise ValueError(f"value is {value}; accepted: a number that is finite in {matrix.dtype}")
        matrix[row, column] = number
    return copy


def _matrices(network: nn.Module | Head, layer: int, reverse: bool) -> dict[str, Tensor]:
    """The parameters of one layer and direction by our names, as writable views with two axes."""
    layers, directions, tensors = 1, 1, {}
    if isinstance(network, Head):
        tensors = {"W_hy": network.weight} | ({} if network.bias is None else {"b_y": network.bias})
    else:
        cell = cell_of(network)
        assert isinstance(network, Layer)
        layers, directions = network.num_layers, 2 if network.bidirectional else 1
    if not 0 <= layer < layers:
        raise ValueError(f"no layer {layer}; accepted: 0 to {layers - 1}")
    if reverse and directions == 1:
        raise ValueError("no reverse direction; accepted: reverse=False")
    if not isinstance(network, Head):
        for part in cell.parameters:
            name = f"{part.torch_name}_l{layer}" + ("_reverse" if reverse else "")
            if parametrize.is_parametrized(network, name):
                raise ValueError(
                    f"{name} is computed by a parametrization, so no entry of it can be set; accepted: a module "
                    "after torch.nn.utils.parametrize.remove_parametrizations"
                )
            if network.bias or part.torch_name.startswith("weight"):
                size = network.hidden_size
                tensors[part.name] = getattr(network, name)[part.block * size : (part.block + 1) * size]
    return {name: tensor if tensor.ndim == 2 else tensor[:, None] for name, tensor in tensors.items()}


@dataclass(frozen=True, eq=False)
class Terms:
    """The gradient of one loss with respect to one shared parameter, copy by copy. float64.

    terms: (T, *shape), what the copy read at each step contributes; zero where no path leads from it to the loss.
    total: (*shape), their sum, which autograd accumulates for the one parameter that all copies are.
    loss: as the loss function gives it; of a head's class in nats.
    state_gradient: (T, H), dL/dh_k of that layer and direction, along every path that leaves h_k. (What an LSTM carries
        past h_k in c_k is not in it.)
    """

    terms: Array
    total: Array
    loss: float
    state_gradient: Array

    @property
    def norms(self) -> Array:
        """(T,), the Frobenius norm of each copy's contribution."""
        return norm(self.terms.reshape(len(self.terms), -1))


def weight_terms(
    module: nn.Module,
    x: Tensor,
    head: Head | nn.Linear | LossFunction,
    target: int | None = None,
    t: int | None = None,
    *,
    parameter: str,
    layer: int = 0,
    reverse: bool = False,
    h0: State | None = None,
    forced: Sequence[Forced] = (),
) -> Terms:
    """Backpropagation through time, taken apart: the gradient of a loss, each step with its own copy of a weight.

    module, x, h0, forced: as `rnnviz.record` takes them, x (T, input_size).
    head: (V, D * H), with L = -log softmax(W_hy h_t + b_y)[target]: the target a class, 0 to V - 1, and t the step of
        the loss, 1 to T. Or any loss without these two, a function `output (T, D * H) -> ()`, given the output in x's
        dtype.
    parameter: any of the cell's, of that layer (from 0) and direction; or the head's `W_hy` or `b_y`, of which only the
        copy at step t is read.

    The sum is Werbos 1990, Backpropagation through time: dL/dW = sum over k of dL/dW^(k), W^(k) being step k's copy.
    All in float64. Raises what `record`, `read_out` and `gradient_flow` raise, and `ValueError` for what is not named
    above and for T times the size of the parameter above 2**27.
    """
    trace = recorded(module, x, h0=h0, forced=forced)
    if not 0 <= layer < trace.num_layers:
        raise ValueError(f"no layer {layer}; accepted: 0 to {trace.num_layers - 1}")
    if reverse and trace.num_directions == 1:
        raise ValueError("no reverse direction; accepted: reverse=False")
    has_bias = getattr(module, "bias", True)
    names = [p.name for p in trace.cell.parameters if has_bias or not p.torch_name.startswith("bias")]
    of_head = () if _is_loss(head) else ("W_hy", "b_y")
    if parameter not in (*names, *of_head):
        raise ValueError(f"no parameter {parameter!r}; accepted: {', '.join((*names, *of_head))}")
    if _is_loss(head):
        if target is not None or t is not None:
            raise ValueError("target and t are given beside a loss function, which knows them; accepted: with a head")
        loss_fn, dtype = head, x.dtype if isinstance(x, Tensor) else None
    else:
        loss_fn, of_weight = _class_loss(trace, cast("Head", head), target, t, parameter)
        dtype = torch.float64
    losses, into_output = at_the_output(trace, loss_fn, dtype)
    if len(losses) > 1:
        raise ValueError(f"the loss has shape {losses.shape}; accepted: (), one loss, such as their sum")
    row = layer * trace.num_directions + reverse
    if parameter in of_head:
        terms = np.zeros((len(trace), *of_weight.shape))
        terms[(t or 1) - 1] = of_weight
        state_gradient = through_time(trace, row, into_row(trace, into_output, row)).states["h"][0]
    else:
        terms, state_gradient = terms_of(trace, into_output[0], row, parameter)
    return Terms(terms=terms, total=terms.sum(0), loss=float(losses[0]), state_gradient=state_gradient)


def _is_loss(head: object) -> TypeGuard[LossFunction]:
    return callable(head) and not hasattr(head, "weight")


def _class_loss(
    trace: Trace, head: Head | nn.Linear, target: int | None, t: int | None, parameter: str
) -> tuple[LossFunction, Array]:
    """-log softmax(W_hy h_t + b_y)[target], and its gradient by `W_hy` or, else, by `b_y`."""
    readout = read_out(trace, head, "identity")
    if target is None or not 0 <= target < len(readout.b_y):
        raise ValueError(f"target is {target}; accepted: 0 to {len(readout.b_y) - 1}")
    if t is None or not 1 <= t <= len(trace):
        raise ValueError(f"t is {t}; accepted: 1 to {len(trace)}")
    one_hot = np.eye(len(readout.b_y))[target]
    into_logits = torch.softmax(torch.tensor(readout.logits[t - 1]), 0).numpy() - one_hot
    by = np.outer(into_logits, trace.output[t - 1]) if parameter == "W_hy" else into_logits

    def loss(output: Tensor) -> Tensor:
        weights = {"W_hy": torch.tensor(readout.W_hy), "b_y": torch.tensor(readout.b_y)}
        logits = run(READOUT[:2], {**weights, "h": output[t - 1]})["logits"]
        return cross_entropy(logits, torch.tensor(target))

    return loss, by


@dataclass(frozen=True)
class FeedForward:
    """A network without a loop: W_2 tanh(W_1 [x_1; ...; x_window] + b_1) + b_2, each place in W_1 with its own columns.

    The window, in tokens, is set when the network is built (Bengio et al. 2003, A neural probabilistic language model).
    """

    window: int
    input_size: int
    hidden_size: int
    num_classes: int

    def network(self) -> nn.Sequential:
        """The module, its parameters unset, so that no number is drawn from the global generator."""
        hidden_layer = nn.Linear(self.window * self.input_size, self.hidden_size, device="meta")
        output = nn.Linear(self.hidden_size, self.num_classes, device="meta")
        return nn.Sequential(hidden_layer, nn.Tanh(), output).to_empty(device="cpu")

    @torch.no_grad()
    def refusal(self, x: Tensor) -> str | None:
        """What PyTorch says when the network is given x, (T, input_size), as it is; None if T is the window."""
        try:
            self.network()(x.detach().float().flatten())
        except RuntimeError as error:
            return str(error)
        return None


@dataclass(frozen=True)
class Counts:
    """Numbers that training would set; the embedding, the same for both, is not counted.

    recurrent: for every length the same.     feed_forward: one count for each of `lengths`, its window.
    """

    lengths: tuple[int, ...]
    recurrent: int
    feed_forward: tuple[int, ...]


def parameter_counts(
    input_size: int, hidden_size: int, num_classes: int, lengths: Sequence[int], *, cell: str = "rnn"
) -> Counts:
    """Counted in real modules: a recurrent layer and its head, and a feed-forward network as wide for each length.

    cell: "rnn", "lstm" or "gru"; `ValueError` for another.
    """
    head = nn.Linear(hidden_size, num_classes, device="meta")
    windows = [FeedForward(length, input_size, hidden_size, num_classes).network() for length in lengths]
    return Counts(
        tuple(lengths), _count(build(cell, input_size, hidden_size)) + _count(head), tuple(map(_count, windows))
    )


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@dataclass(frozen=True)
class TimeCost:
    """Least seconds for each of `lengths`, and what they were measured with.

    recurrence: `nn.RNN` with as many inputs as units, H, one sequence: T steps, each waiting for the one before.
    product: (T, 2H) times (2H, H), which has the same 2 T H^2 multiply-adds.
    rounds: how often each was measured.     threads: that PyTorch may use.
    """

    lengths: tuple[int, ...]
    recurrence: tuple[float, ...]
    product: tuple[float, ...]
    rounds: int
    threads: int


def time_cost(lengths: Sequence[int], hidden_size: int, repeats: int) -> TimeCost:
    """Measure, here and now, what it costs that a step waits for the one before; under a second in all.

    Every length is measured once in each round, so that a slow moment of the machine falls on all alike. After a
    round to warm up there are `repeats` rounds, or fewer where they would take too long. The fastest counts, since
    other work on the machine only ever adds.
    Raises `ValueError` unless there are lengths, each at least 1, of at most 2000 steps together; 1 to 256 units; and
    at least one repeat.
    """
    if not lengths or min(lengths) < 1 or sum(lengths) > MOST_STEPS:
        raise ValueError(f"lengths are {list(lengths)}; accepted: each at least 1, together at most {MOST_STEPS}")
    if not 1 <= hidden_size <= MOST_UNITS:
        raise ValueError(f"hidden_size is {hidden_size}; accepted: 1 to {MOST_UNITS}")
    if repeats < 1:
        raise ValueError(f"repeats is {repeats}; accepted: at least 1")
    start = time.perf_counter()
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator) / hidden_size**0.5

    with torch.no_grad():
        rnn = build("rnn", hidden_size, hidden_size)
        for weight in rnn.parameters():
            weight.copy_(normal(*weight.shape))
        both = normal(2 * hidden_size, hidden_size)
        inputs = [(normal(length, hidden_size), normal(length, 2 * hidden_size)) for length in lengths]
        rounds: list[list[tuple[float, float]]] = []
        while len(rounds) <= repeats and (len(rounds) < 2 or time.perf_counter() - start < TIME_BUDGET):
            rounds.append(
                [(_seconds(lambda x=x: rnn(x)), _seconds(lambda wide=wide: wide @ both)) for x, wide in inputs]
            )
    recurrence, product = np.min(rounds[1:], axis=0).T.tolist()
    return TimeCost(tuple(lengths), tuple(recurrence), tuple(product), len(rounds) - 1, torch.get_num_threads())


@torch.inference_mode()
def pass_seconds(module: Layer, x: Tensor, repeats: int) -> float:
    """The median of `repeats` passes over x, (T, input_size), after one to warm up.

    The cell's operations run one after another, as `Recurrent` has them, so that cells are compared by one program.
    module: of one layer and one direction.
    """
    layer = unset(cell_of(module), module.input_size, module.hidden_size, dtype=x.dtype)
    layer.load_state_dict(module.state_dict())
    _seconds(layer, x)
    return median(_seconds(layer, x) for _ in range(repeats))


def _seconds(call: Callable[..., object], *arguments: object) -> float:
    start = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - start
