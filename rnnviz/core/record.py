"""Runs a recurrent network over one sequence, or over a batch, and keeps every intermediate.

    trace = rnnviz.record(torch.nn.LSTM(8, 16), x)      # x: (T, 8)
    trace["f"][0, 3]                                    # the forget gate after the fourth token, (16,)
    traces = rnnviz.record(torch.nn.LSTM(8, 16), xs)    # xs: (T, B, 8)
    traces[5]["f"]                                      # of the sixth sequence

The cell's own program is run (`rnnviz.core.cells`): the fused kernel hides what is inside a step. That both agree is a
test. Of a batch the kernel gives h, and the program the rest (`rnnviz.core.batched`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, overload

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnnviz.core.batched import run_batch
from rnnviz.core.cell import Cell
from rnnviz.core.cells import READOUT
from rnnviz.core.forced import Forced, checked_forcing
from rnnviz.core.inputs import Input, Numbers, State, initial_state, read_sequences, token_names
from rnnviz.core.modules import layers_of
from rnnviz.core.network import run
from rnnviz.core.refusal import TRACE, required, type_name
from rnnviz.core.saved import check_activation
from rnnviz.core.short import short_repr
from rnnviz.core.tensors import as_array, values
from rnnviz.core.trace import Activation, Readout, Trace
from rnnviz.core.traces import Traces
from rnnviz.core.unroll import unroll
from rnnviz.core.weights import Layers, Weights, given_layers


@overload
def record(
    module: nn.Module | Cell,
    x: PackedSequence | Sequence[Tensor] | Sequence[NDArray[Any]],
    *,
    weights: Weights | Sequence[Weights] | None = None,
    bidirectional: bool = False,
    h0: State | None = None,
    tokens: Sequence[Sequence[str]] | None = None,
    lengths: Numbers | None = None,
    mask: Tensor | NDArray[Any] | None = None,
    forced: Sequence[Forced] = (),
    dtype: torch.dtype | None = None,
) -> Traces: ...


@overload
def record(
    module: nn.Module | Cell,
    x: Tensor | NDArray[Any],
    *,
    weights: Weights | Sequence[Weights] | None = None,
    bidirectional: bool = False,
    h0: State | None = None,
    tokens: Sequence[str] | Sequence[Sequence[str]] | None = None,
    lengths: Numbers | None = None,
    mask: Tensor | NDArray[Any] | None = None,
    forced: Sequence[Forced] = (),
    dtype: torch.dtype | None = None,
) -> Trace | Any: ...  # a `Trace` or, for three axes, `Traces`: which of them, no type says


def record(
    module: nn.Module | Cell,
    x: Input,
    *,
    weights: Weights | Sequence[Weights] | None = None,
    bidirectional: bool = False,
    h0: State | None = None,
    tokens: Sequence[str] | Sequence[Sequence[str]] | None = None,
    lengths: Numbers | None = None,
    mask: Tensor | NDArray[Any] | None = None,
    forced: Sequence[Forced] = (),
    dtype: torch.dtype | None = None,
) -> Trace | Traces:
    """Run `module` over one sequence, or over a batch in one pass, and keep every intermediate.

    module: `torch.nn.RNN`, `nn.LSTM` or `nn.GRU`; any layers, directions, bias, projection and nonlinearity; float32 or
        float64, or float16 or bfloat16, which are computed in float32 with a note on the trace.
        It is only read. Dropout between layers is not applied, as in evaluation; forward hooks are not called.
        Or an `nn.RNNCell`, `nn.LSTMCell` or `nn.GRUCell`, run as a loop of it would; one of all these as TorchScript,
        or dynamically quantized, which is computed in float32 from its weights, with a note.
        Or a `rnnviz.Recurrent`; or a declared cell, `rnnviz.CELLS["peephole"]`, with its `weights`.
    x: (T, input_size), one sequence, whatever `batch_first` says: gives a `Trace`. Or a batch, which gives `Traces`:
        (B, T, input_size) or (T, B, input_size) as the module's `batch_first` says, a `PackedSequence`, or a list of
        sequences. Tensors of the module's dtype, or NumPy arrays, which are converted to it.
    weights: for a cell, its parameters by their names: `W_xi` (H, input_size), `W_hi` (H, H), `b_xi`, `b_hi`, `p_i`
        (H,) ... as `cell.parameters` lists them. One mapping, or one for each row of the trace's first axis.
    bidirectional: for a cell, whether every second mapping reads from the right.
    h0: as the module takes it: (L * D, H), of a batch (L * D, B, H); for a cell with c a pair (h0, c0). Else zeros.
        Of an `nn.LSTMCell` and its like without the first axis.
    tokens: T strings to show for the steps, of a batch for each sequence; by default their numbers from 1.
    lengths: for a batch, how many steps of each sequence are real; each ends there, in both directions, as after
        `pack_padded_sequence`.
    mask: or which steps are real, 1 or true, of the shape of x without its last axis; the others are passed over.
    forced: quantities to be replaced by a value before anything reads them, a later entry after an earlier one. The
        trace keeps them as `forced`.
    dtype: what to compute in, torch.float32 or torch.float64; the module's by default.

    All may be on any device: it is computed on the CPU.
    Raises `TypeError` for something of the wrong kind, `ValueError` for a wrong shape or an option not recorded.
    """
    if isinstance(module, Cell):
        layers = given_layers(module, weights, bidirectional)
    elif weights is not None or bidirectional:
        raise TypeError("weights and bidirectional are for a cell of rnnviz.CELLS; accepted: a module alone")
    else:
        layers = layers_of(module)
    return record_layers(layers, x, h0=h0, tokens=tokens, lengths=lengths, mask=mask, forced=forced, dtype=dtype)


@torch.no_grad()
def record_layers(
    layers: Layers,
    x: Input,
    *,
    h0: State | None = None,
    tokens: Sequence[str] | Sequence[Sequence[str]] | None = None,
    lengths: Numbers | None = None,
    mask: Tensor | NDArray[Any] | None = None,
    forced: Sequence[Forced] = (),
    dtype: torch.dtype | None = None,
) -> Trace | Traces:
    """`record` of a network that has been read."""
    sequences = read_sequences(layers, x, lengths, mask)
    state = initial_state(layers, sequences, h0)
    names = token_names(tokens, sequences)
    if dtype not in (None, torch.float32, torch.float64):
        raise TypeError(f"dtype is {dtype}; accepted: torch.float32 or torch.float64")
    if dtype not in (None, layers.dtype):
        layers = layers.to(dtype)
        sequences = replace(sequences, x=sequences.x.to(dtype))
        state = {name: value.to(dtype) for name, value in state.items()}
    forced = checked_forcing(
        layers.cell,
        forced,
        steps=max(sequences.lengths),
        rows=len(layers.rows),
        hidden_size=layers.hidden_size,
        most=torch.finfo(layers.dtype).max,
    )
    if forced and layers.cell.projection:
        size = layers.state_sizes["h"]
        raise ValueError(f"forced is given and the module has proj_size={size}; accepted: a module without")
    if sequences.batched:
        return Traces(run_batch(layers, sequences, names, state, forced), tuple(range(len(sequences))))
    first, read = {name: value[:, 0] for name, value in state.items()}, sequences.x[:, 0]
    return unroll(layers.cell, layers.rows, read, first, names[0], layers.directions, forced, layers.notes)


# What turns one step's logits, (V,), into its output.
_FUNCTIONS: Mapping[Activation, Callable[[Tensor], Tensor]] = {
    "softmax": lambda logits: torch.softmax(logits, -1),
    "sigmoid": torch.sigmoid,
    "identity": lambda logits: logits,
    "log-softmax": lambda logits: torch.log_softmax(logits, -1),
}

# What a head may say; PyTorch's own spelling is taken too.
Said: TypeAlias = Activation | Literal["log_softmax"] | Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Head:
    """What turns a state into an output: `y_t = activation(W_hy h_t + b_y)`.

    weight: (V, D * H).     bias: (V,), zeros if left out.
    activation: what the output is. "softmax": the probabilities of V classes; "log-softmax" or "log_softmax": their
        logarithms; "sigmoid": V probabilities, each by itself; "identity": V numbers; or a function of logits,
        (T, V) -> (T, V). What any function puts out is taken for numbers (`Readout.meaning`), also what
        `torch.nn.Softmax(-1)` does: say "softmax" where it is a choice among classes.
        None guesses: of several outputs softmax, of one, where that would be 1 at every step, identity.
    """

    __repr__ = short_repr

    weight: Tensor
    bias: Tensor | None = None
    activation: Said | None = None


def read_out(trace: Trace, head: Head | nn.Linear, activation: Said | None = None) -> Readout:
    """The head's output at every step of a trace.

    head: a `Head` or a `torch.nn.Linear(D * H, V)`, with or without a bias; anything with such a `weight` and `bias`.
        On any device; it is computed on the CPU, in the trace's dtype.
    activation: as a `Head` has it, for a head that does not say.
    Raises `TypeError` for something of the wrong kind, `ValueError` for a shape that does not fit the trace and for an
    activation that does not fit the head.
    """
    required(trace, Trace, "trace", TRACE, projected=True)
    output = torch.from_numpy(trace.output)
    width = output.shape[1]
    if not hasattr(head, "weight"):
        raise TypeError(f"head is a {type_name(head)}; accepted: a rnnviz.Head or a torch.nn.Linear({width}, V)")
    weight = _head_part("weight", head.weight, f"(V, {width})").to(output.dtype)
    if weight.ndim != 2 or weight.shape[1] != width or len(weight) == 0:
        raise ValueError(
            f"the head's weight has shape {tuple(weight.shape)}; accepted: (V, {width}) with V at least 1, "
            "since that many numbers, D * H, are in a step of this trace"
        )
    vector = getattr(head, "bias", None)
    bias = weight.new_zeros(len(weight)) if vector is None else _head_part("bias", vector, f"({len(weight)},)")
    if bias.shape != weight.shape[:1]:
        raise ValueError(f"the head's bias has shape {tuple(bias.shape)}; accepted: ({len(weight)},), one per output")
    said = activation if activation is not None else head.activation if isinstance(head, Head) else None
    kind = said if said is not None else "softmax" if len(weight) > 1 else "identity"
    kind = "log-softmax" if kind == "log_softmax" else kind
    if not callable(kind) and not (isinstance(kind, str) and kind in _FUNCTIONS):
        raise ValueError(f"activation is {kind!r:.40}; accepted: {', '.join(_FUNCTIONS)}, or a function of the logits")
    weights = {"W_hy": weight, "b_y": bias.to(output.dtype)}
    logits = torch.stack([run(READOUT[:2], {**weights, "h": h_t})["logits"] for h_t in output])
    parts = as_array(weight), as_array(weights["b_y"])
    if callable(kind):
        return Readout(as_array(logits), as_array(_of_function(kind, logits)), *parts, "custom")
    check_activation(kind, len(weight))
    y = torch.stack([_FUNCTIONS[kind](row) for row in logits])
    return Readout(as_array(logits), as_array(y), *parts, kind)


def _of_function(function: Callable[[Tensor], Tensor], logits: Tensor) -> Tensor:
    with torch.no_grad():
        y = function(logits.clone())
    shape = tuple(logits.shape)
    if not isinstance(y, Tensor) or not y.is_floating_point():
        kind = y.dtype if isinstance(y, Tensor) else type_name(y)
        raise TypeError(f"activation returned {kind}; accepted: a floating-point torch.Tensor of shape {shape}")
    if y.shape != shape:
        raise ValueError(f"activation returned shape {tuple(y.shape)}; accepted: {shape}, that of the logits")
    return values("what the activation returned", y).to(logits.dtype)


def _head_part(name: str, tensor: object, shape: str) -> Tensor:
    hint = f"accepted: a dense floating-point torch.Tensor of shape {shape}"
    if not isinstance(tensor, Tensor):
        raise TypeError(f"the head's {name} is a {type_name(tensor)}; {hint}")
    if tensor.is_nested or tensor.layout is not torch.strided or not tensor.is_floating_point():
        kind = "nested" if tensor.is_nested else f"{tensor.layout}, {tensor.dtype}"
        raise TypeError(f"the head's {name} is a {kind} tensor; {hint}")
    return values(f"the head's {name}", tensor)
